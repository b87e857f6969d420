//! The pre-check: plugins that pass it, and bombs that it refuses before they cost anything.
//!
//! What a bomb would cost without it stands over the budgets
//! (`host/spec/src/model/limits.rs`).

use std::fs;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wasm_encoder::{
    CodeSection, Component, ComponentAliasSection, ComponentInstanceSection,
    ComponentOuterAliasKind, Function, FunctionSection, InstanceSection, Module, ModuleSection,
    NestedComponentSection, TypeSection, ValType,
};
use wellhead_chain::Structure;

/// A component of one core module with these functions.
fn with_functions(functions: impl IntoIterator<Item = Function>) -> Vec<u8> {
    let (mut types, mut indices, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for function in functions {
        indices.function(0);
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&indices).section(&code);
    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    component.finish()
}

/// A function of instructions in their binary form.
fn function(locals: u32, code: &[u8]) -> Function {
    let mut function = Function::new([(locals, ValType::I32)]);
    function.raw(code.iter().copied());
    function.instructions().end();
    function
}

/// Components of which each instantiates the one before it twice.
fn doubling(levels: u32) -> Vec<u8> {
    let mut innermost = Component::new();
    innermost.section(&ModuleSection(&Module::new()));
    let mut instances = InstanceSection::new();
    instances.instantiate::<_, &str>(0, []);
    innermost.section(&instances);
    let mut component = Component::new();
    component.section(&NestedComponentSection(&innermost));
    for below in 0..levels {
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(wasm_encoder::Alias::Outer {
            kind: ComponentOuterAliasKind::Component,
            count: 1,
            index: below,
        });
        let mut instances = ComponentInstanceSection::new();
        instances.instantiate::<[(&str, _, _); 0], _>(0, []);
        instances.instantiate::<[(&str, _, _); 0], _>(0, []);
        let mut level = Component::new();
        level.section(&aliases).section(&instances);
        component.section(&NestedComponentSection(&level));
    }
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate::<[(&str, _, _); 0], _>(levels, []);
    component.section(&instances);
    component.finish()
}

/// Components in each other.
fn nested(levels: usize) -> Vec<u8> {
    let header = Component::HEADER;
    // From the inside: what stands before the content of each level.
    let (mut length, mut heads) = (header.len(), Vec::with_capacity(levels));
    for _ in 0..levels {
        let mut head = header.to_vec();
        head.push(4);
        leb(&mut head, length);
        length += head.len();
        heads.push(head);
    }
    let mut bytes: Vec<u8> = heads.into_iter().rev().flatten().collect();
    bytes.extend(header);
    bytes
}

fn leb(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

/// The compile bombs that were measured on wasmtime 48.0.8.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let block = [0x02, 0x40, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x0b];
    let mut calls = Vec::new();
    for local in 0..2_000 {
        calls.push(0x20);
        leb(&mut calls, local);
        calls.push(0x1a);
    }
    calls.extend([0x10, 0x00].repeat(20_000));
    let deep: Vec<u8> = [[0x02, 0x40].repeat(1_000_000), vec![0x0b; 1_000_000]].concat();
    vec![
        ("20,000 nested components", nested(20_000)),
        ("20 levels of doubling", doubling(20)),
        ("60,000 blocks in one function", with_functions([function(0, &block.repeat(60_000))])),
        ("1,000,000 nested blocks", with_functions([function(0, &deep)])),
        ("200,000 functions", with_functions(vec![function(0, &[]); 200_000])),
        ("2,000 locals and 20,000 calls", with_functions([function(2_000, &calls)])),
    ]
}

fn precheck(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pre-check, refused");
    for (name, bytes) in bombs() {
        assert!(Structure::check(&bytes, &Structure::BUDGETS).is_err(), "{name} is refused");
        group.bench_function(name, |bencher| {
            bencher.iter(|| Structure::check(black_box(&bytes), &Structure::BUDGETS).is_err());
        });
    }
    group.finish();

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/seven-edits.wasm");
    let guest = fs::read(path).expect("`cargo xtask guests` built the plugin");
    let mut group = criterion.benchmark_group("pre-check, passed");
    group.throughput(Throughput::Bytes(guest.len() as u64));
    group.bench_function("counted", |bencher| {
        bencher.iter(|| Structure::of(black_box(&guest)));
    });
    group.bench_function("counted and validated", |bencher| {
        let check = || Structure::check(black_box(&guest), &Structure::BUDGETS).expect("it passes");
        bencher.iter(check);
    });
    group.finish();
}

criterion_group!(benches, precheck);
criterion_main!(benches);
