//! C. Parsing and compiling: small files that are large inside, and files that are something else.
//!
//! Most bombs are hidden in an honest plugin, which has an instance of them.

use wasm_encoder::{
    BlockType, CodeSection, ComponentInstanceSection, ComponentTypeSection, Function,
    FunctionSection, Instruction, MemArg, MemorySection, MemoryType, Module, ModuleSection,
    NestedComponentSection, PrimitiveValType, TypeSection, ValType,
};
use wellhead_chain::{Cache, CompileLimit, LoadOptions, Plugin};
use wellhead_tests::guest::Guest;
use wellhead_tests::nest::nested;

use super::{Attack, Expect, cases};
use crate::support::engine;

cases! {
    23 case_23_doubling_components: doubling_components;
    24 case_24_deeply_nested_components: deeply_nested_components;
    25 case_25_many_empty_functions: many_empty_functions;
    26 case_26_many_blocks: many_blocks;
    27 case_27_deeply_nested_blocks: deeply_nested_blocks;
    28 case_28_register_pressure: register_pressure;
    29 case_29_table_of_million_branches: table_of_million_branches;
    30 case_30_many_locals: many_locals;
    31 case_31_many_parameters: many_parameters;
    32 case_32_damaged_files: damaged_files;
    33 case_33_text_instead_of_binary: text_instead_of_binary;
    34 case_34_core_module: core_module;
    35 case_35_compiled_code: compiled_code;
    36 case_36_large_types: large_types;
}

/// An honest plugin that has an instance of a component.
fn hides(inner: &[u8]) -> Vec<u8> {
    nested(&Guest::new().build(), inner)
}

/// A component that holds a core module.
fn component_of(module: &Module) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    component.section(&ModuleSection(module));
    component.finish()
}

/// A plugin that hides a module with one function `() -> ()`.
fn one_function(function: &Function) -> Vec<u8> {
    let mut code = CodeSection::new();
    code.function(function);
    hides(&component_of(&module_of(1, &code)))
}

/// A module of functions `() -> ()` and an empty memory.
fn module_of(functions: u32, code: &CodeSection) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut section = FunctionSection::new();
    for _ in 0..functions {
        section.function(0);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&section).section(&memories).section(code);
    module
}

/// A function of instructions that are repeated.
fn repeated(locals: u32, times: usize, instructions: &[Instruction<'_>]) -> Function {
    let mut function = Function::new([(locals, ValType::I32)]);
    for _ in 0..times {
        for instruction in instructions {
            function.instruction(instruction);
        }
    }
    function.instruction(&Instruction::End);
    function
}

/// Each level has two instances of the one below it: 64 bytes double what is made.
fn doubling_components() -> Vec<Attack> {
    let doubled = |levels: u32| {
        let mut outer = wasm_encoder::Component::new();
        let mut lowest = wasm_encoder::Component::new();
        lowest.section(&ModuleSection(&Module::new()));
        let mut instances = wasm_encoder::InstanceSection::new();
        instances.instantiate(0, std::iter::empty::<(&str, _)>());
        lowest.section(&instances);
        outer.section(&NestedComponentSection(&lowest));
        for level in 0..levels {
            // A component that finds the one below it outside of itself.
            let mut next = wasm_encoder::Component::new();
            let mut alias = wasm_encoder::ComponentAliasSection::new();
            alias.alias(wasm_encoder::Alias::Outer {
                kind: wasm_encoder::ComponentOuterAliasKind::Component,
                count: 1,
                index: level,
            });
            next.section(&alias);
            let mut twice = ComponentInstanceSection::new();
            twice.instantiate(0, std::iter::empty::<(&str, _, _)>());
            twice.instantiate(0, std::iter::empty::<(&str, _, _)>());
            next.section(&twice);
            outer.section(&NestedComponentSection(&next));
        }
        let mut top = ComponentInstanceSection::new();
        top.instantiate(levels, std::iter::empty::<(&str, _, _)>());
        outer.section(&top);
        outer.finish()
    };
    let attack = |levels| {
        let plugin = hides(&doubled(levels));
        Attack::file(format!("{levels} levels"), plugin, Expect::Refused("coreInstances"))
    };
    vec![attack(10), attack(20), attack(60)]
}

fn deeply_nested_components() -> Vec<Attack> {
    let nest = |depth| {
        let mut inner = wasm_encoder::Component::new().finish();
        for _ in 0..depth {
            let mut outer = wasm_encoder::Component::HEADER.to_vec();
            outer.push(wasm_encoder::ComponentSectionId::Component.into());
            wasm_encoder::Encode::encode(&inner[..], &mut outer);
            inner = outer;
        }
        inner
    };
    let attack =
        |depth| Attack::file(format!("{depth} levels"), nest(depth), Expect::Refused("nesting"));
    vec![attack(17), attack(20_000)]
}

fn many_empty_functions() -> Vec<Attack> {
    const COUNT: u32 = 200_000;
    let mut code = CodeSection::new();
    let empty = repeated(0, 0, &[]);
    for _ in 0..COUNT {
        code.function(&empty);
    }
    let plugin = hides(&component_of(&module_of(COUNT, &code)));
    vec![Attack::file("200,000 functions", plugin, Expect::Refused("functions"))]
}

fn many_blocks() -> Vec<Attack> {
    let block = [Instruction::Block(BlockType::Empty), Instruction::End];
    let plugin = one_function(&repeated(0, 30_000, &block));
    vec![Attack::file("30,000 blocks", plugin, Expect::Refused("blocks"))]
}

fn deeply_nested_blocks() -> Vec<Attack> {
    let attack = |depth: usize, expect| {
        let mut function = Function::new([]);
        for _ in 0..depth {
            function.instruction(&Instruction::Block(BlockType::Empty));
        }
        for _ in 0..=depth {
            function.instruction(&Instruction::End);
        }
        Attack::file(format!("{depth} levels"), one_function(&function), expect)
    };
    vec![
        attack(20_000, Expect::Refused("blockDepth")),
        attack(1_000_000, Expect::Refused("bodyBytes")),
    ]
}

/// Every value lives across every call, and the register allocator keeps track of all of them. As
/// locals they are counted before; on the operand stack they look like honest code, and the limits of
/// the compilation end it. That limit is lowered here, so that the test takes less long.
fn register_pressure() -> Vec<Attack> {
    const VALUES: u32 = 2_000;
    const CALLS: u32 = 20_000;
    let mut locals = Function::new([(VALUES, ValType::I32)]);
    for _ in 0..CALLS {
        locals.instruction(&Instruction::Call(0));
    }
    for local in 0..VALUES {
        locals.instruction(&Instruction::LocalGet(local)).instruction(&Instruction::Drop);
    }
    locals.instruction(&Instruction::End);
    let mut stack = Function::new([]);
    let at = |value: u32| MemArg { offset: u64::from(value) * 4, align: 2, memory_index: 0 };
    stack.instruction(&Instruction::I32Const(0));
    for value in 0..VALUES {
        stack.instruction(&Instruction::I32Const(0)).instruction(&Instruction::I32Load(at(value)));
    }
    for _ in 0..CALLS {
        stack.instruction(&Instruction::Call(0));
    }
    for _ in 1..VALUES {
        stack.instruction(&Instruction::I32Add);
    }
    stack.instruction(&Instruction::I32Store(at(0))).instruction(&Instruction::End);
    let values = one_function(&stack);
    vec![
        Attack::file("as locals", one_function(&locals), Expect::Refused("pressure")),
        Attack {
            compile_seconds: Some(1),
            ..Attack::file("as values", values, Expect::Killed(CompileLimit::Cpu))
        },
    ]
}

fn table_of_million_branches() -> Vec<Attack> {
    let targets = vec![0; 1_000_000];
    let mut function = Function::new([]);
    function
        .instruction(&Instruction::I32Const(0))
        .instruction(&Instruction::BrTable(targets.into(), 0))
        .instruction(&Instruction::End);
    let plugin = one_function(&function);
    vec![Attack::file("10^6 targets", plugin, Expect::Refused("branchTargets"))]
}

fn many_locals() -> Vec<Attack> {
    let attack = |locals: u32, expect| {
        Attack::file(format!("{locals} locals"), one_function(&repeated(locals, 0, &[])), expect)
    };
    vec![attack(50_000, Expect::Refused("locals")), attack(u32::MAX, Expect::Refused("locals"))]
}

fn many_parameters() -> Vec<Attack> {
    let attack = |what, parameters, results| {
        let mut types = TypeSection::new();
        let values = |count| std::iter::repeat_n(ValType::I32, count);
        types.ty().function(values(parameters), values(results));
        let mut module = Module::new();
        module.section(&types);
        Attack::file(what, hides(&component_of(&module)), Expect::Refused("typeMembers"))
    };
    vec![attack("1,000 parameters", 1_000, 0), attack("1,000 results", 0, 1_000)]
}

/// `mutants` damages ten thousand files; these are the plain ways.
fn damaged_files() -> Vec<Attack> {
    let whole = Guest::new().build();
    let cut = |length: usize| whole[..length].to_vec();
    let mut flipped = whole.clone();
    flipped[8] ^= 0x80;
    let mut longer = whole.clone();
    longer.extend([0x7f; 100]);
    let damaged = Expect::Malformed("");
    vec![
        Attack::file("the header alone, cut", cut(6), Expect::NotWebAssembly("of an unknown kind")),
        Attack::file("an empty file", Vec::new(), Expect::NotWebAssembly("empty")),
        Attack::file("half of it", cut(whole.len() / 2), damaged),
        Attack::file("all but a byte", cut(whole.len() - 1), damaged),
        Attack::file("a section of another kind", flipped, damaged),
        Attack::file("bytes behind it", longer, damaged),
        Attack::file("nothing in it", cut(8), Expect::WrongWorld(&["describe", "neither"])),
    ]
}

fn text_instead_of_binary() -> Vec<Attack> {
    let text = Expect::NotWebAssembly("WebAssembly text, not its binary form");
    vec![
        Attack::file("a component", b"(component)".to_vec(), text),
        Attack::file("a module", Guest::new().wat().into_bytes(), text),
        Attack::file("blanks before it", b"\n\t (module)".to_vec(), text),
    ]
}

fn core_module() -> Vec<Attack> {
    let module = wat::parse_str(Guest::new().wat()).unwrap();
    vec![
        Attack::file("a plugin before it became one", module, Expect::CoreModule),
        Attack::file("an empty one", Module::new().finish(), Expect::CoreModule),
    ]
}

/// Machine code is loaded from the host's own cache, never because a file holds it.
fn compiled_code() -> Vec<Attack> {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::new(directory.path());
    let options = LoadOptions { cache: Some(&cache), ..LoadOptions::default() };
    Plugin::from_bytes(&engine(), "honest", &Guest::new().build(), &options).unwrap();
    let entries = std::fs::read_dir(directory.path()).unwrap().map(|it| it.unwrap().path());
    let entry = entries.into_iter().find(|it| it.is_file()).expect("the cache has an entry");
    let elf = Expect::NotWebAssembly("an ELF file, perhaps compiled code");
    vec![
        Attack::file("an entry of the cache", std::fs::read(entry).unwrap(), elf),
        Attack::file("this program", std::fs::read("/proc/self/exe").unwrap()[..4_096].into(), elf),
    ]
}

fn large_types() -> Vec<Attack> {
    let attack = |what, types: &ComponentTypeSection, expect| {
        let mut component = wasm_encoder::Component::new();
        component.section(types);
        Attack::file(what, hides(&component.finish()), expect)
    };
    let mut variant = ComponentTypeSection::new();
    let names: Vec<_> = (0..1_001).map(|it| format!("c{it}")).collect();
    let cases = names.iter().map(|it| (it.as_str(), None));
    variant.defined_type().variant(cases.collect::<Vec<_>>());
    let mut deep = ComponentTypeSection::new();
    deep.defined_type().primitive(PrimitiveValType::U8);
    for level in 0..101 {
        deep.defined_type().list(wasm_encoder::ComponentValType::Type(level));
    }
    let mut wide = ComponentTypeSection::new();
    wide.defined_type().primitive(PrimitiveValType::U8);
    for level in 0..39 {
        wide.defined_type().tuple([wasm_encoder::ComponentValType::Type(level); 2]);
    }
    vec![
        attack("a variant of 1,001 cases", &variant, Expect::Refused("typeMembers")),
        attack("lists in lists", &deep, Expect::Malformed("nesting is too deep")),
        attack("tuples of 2^39 numbers", &wide, Expect::Refused("typeSize")),
        Attack::file("types of types", nested_types(100_000), Expect::Refused("typeNesting")),
    ]
}

/// Types of components inside of types of components: a parser that recurses runs out of stack.
fn nested_types(depth: usize) -> Vec<u8> {
    let mut inner: Vec<u8> = vec![0x41, 0];
    // Each level is `component type with one declaration, a type`; it is built from behind.
    let head = [0x41_u8, 1, 1];
    let mut bytes = head.repeat(depth);
    bytes.append(&mut inner);
    let mut section = vec![1_u8];
    section.extend(bytes);
    let mut component = wasm_encoder::Component::HEADER.to_vec();
    component.push(wasm_encoder::ComponentSectionId::Type.into());
    wasm_encoder::Encode::encode(&section[..], &mut component);
    component
}
