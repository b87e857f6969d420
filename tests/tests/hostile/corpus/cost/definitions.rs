//! Components of many definitions, wide ones and deep ones.

use std::fmt::Write as _;

use wellhead_tests::guest::Guest;
use wellhead_tests::nest::nested;

use super::{Shape, hold};

#[test]
fn the_host_spends_little_on_wide_deep_and_many_definitions() {
    let shapes = types().into_iter().chain(interfaces()).chain(core());
    hold(shapes.map(|(what, text)| {
        let inner = wat::parse_str(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
        let plugin = nested(&Guest::new().build(), &inner);
        Shape { what: what.to_owned(), plugin, config: "{}".to_owned() }
    }));
}

/// Text for each of some numbers, in a row.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, at| {
        let _ = write!(all, "{}", text(at));
        all
    })
}

fn component(text: &str) -> String {
    format!("(component {text})")
}

fn module(fields: &str) -> String {
    component(&format!("(core module {fields})"))
}

/// A component in which another one is instantiated some times.
fn instances(inner: &str, count: usize) -> String {
    let instances = each(count, |_| "(instance (instantiate $c))".into());
    component(&format!("(component $c {inner}){instances}"))
}

/// A module with a memory and what allocates in it, and some definitions that use both.
fn with_memory(function: &str, definitions: &str) -> String {
    format!(
        "(core module $m (memory (export \"m\") 1) (func (export \"f\") {function})
           (func (export \"r\") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
         (core instance $i (instantiate $m)) {definitions}"
    )
}

/// An imported function, made callable from a module some times.
fn lowered(parameters: &str, count: usize) -> String {
    let lower = "(core func (canon lower (func $f) (memory (core memory $i \"m\")) \
                 (realloc (core func $i \"r\"))))";
    let import = format!("(import \"f\" (func $f{parameters}))");
    // What is imported is never given: it is validated, and not instantiated.
    component(&format!("(component {import} {})", with_memory("", &lower.repeat(count))))
}

/// A function of a module, exported under some names.
fn lifted(ty: &str, parameters: &str, count: usize) -> String {
    component(&with_memory(
        ty,
        &each(count, |at| {
            format!(
                "(func (export \"x{at}\"){parameters} (canon lift (core func $i \"f\") \
                 (memory (core memory $i \"m\")) (realloc (core func $i \"r\"))))"
            )
        }),
    ))
}

/// Types, each of which names the one before it.
fn chain(count: usize, of: impl Fn(usize) -> String) -> String {
    let types = each(count, |at| format!("(type $t{} {})", at + 1, of(at)));
    component(&format!("(type $t0 (list string)){types}"))
}

/// Types of components.
fn types() -> Vec<(&'static str, String)> {
    let fields = |ty: &str| each(250, |at| format!(" (field \"f{at}\" {ty})"));
    vec![
        ("wide records", component(&each(190, |_| format!("(type (record{}))", fields("string"))))),
        (
            "records of records",
            component(&format!(
                "(type $a (record{})) (type (record{}))",
                fields("u8"),
                fields("$a")
            )),
        ),
        (
            "wide variants",
            component(&each(190, |_| {
                format!("(type (variant{}))", each(250, |at| format!(" (case \"c{at}\" string)")))
            })),
        ),
        (
            "wide flags and enums",
            component(&each(900, |_| {
                format!("(type (enum{}))", each(30, |at| format!(" \"e{at}\"")))
            })),
        ),
        ("resources", component(&each(9_000, |_| "(type (resource (rep i32)))".into()))),
        (
            "resources times instances",
            instances(&each(190, |_| "(type (resource (rep i32)))".into()), 250),
        ),
        ("lists of lists", chain(5_000, |at| format!("(list $t{at})"))),
        (
            "options of results",
            chain(5_000, |at| format!("(result $t{at} (error (option $t{at})))")),
        ),
        ("tuples that double", chain(30, |at| format!("(tuple $t{at} $t{at})"))),
        (
            "declared types in types",
            component(&(0..14).fold("(type (func))".to_owned(), |inner, _| {
                format!("(type (component {inner} {inner}))")
            })),
        ),
    ]
}

/// Instances, imports and exports of components, and functions between them and modules.
fn interfaces() -> Vec<(&'static str, String)> {
    let many_lists = |count| each(count, |at| format!(" (param \"p{at}\" (list string))"));
    vec![
        ("components in components", instances("(component) (component)", 250)),
        (
            "instances that export instances",
            instances(
                "(component $d (core module $m) (export \"m\" (core module $m))) (instance $d (instantiate $d)) (export \"d\" (instance $d))",
                240,
            ),
        ),
        (
            "imports",
            component(&format!(
                "(component {})",
                each(15_000, |at| format!("(import \"i{at}\" (func))"))
            )),
        ),
        (
            "imports with long names",
            component(&format!(
                "(component {})",
                each(800, |at| { format!("(import \"{}{at}\" (func))", "a-".repeat(500) + "b") })
            )),
        ),
        (
            "exports",
            component(&format!(
                "(type $t (tuple u8)){}",
                each(15_000, |at| format!("(export \"e{at}\" (type $t))"))
            )),
        ),
        ("lowered functions of texts", lowered(&many_lists(8), 4_000)),
        ("lowered functions of a hundred lists", lowered(&many_lists(100), 400)),
        (
            "lifted functions of texts",
            lifted("(param i32 i32)", " (param \"p\" (list (list string)))", 4_000),
        ),
        (
            "lifted functions of many numbers",
            lifted(
                &format!("(param{})", " i64".repeat(16)),
                &each(16, |at| format!(" (param \"p{at}\" u64)")),
                3_000,
            ),
        ),
        (
            "aliases",
            component(&format!(
                "(type $t (list u8)) (component {})",
                each(9_000, |_| "(alias outer 1 $t (type))".into())
            )),
        ),
    ]
}

/// What core modules define.
fn core() -> Vec<(&'static str, String)> {
    vec![
        (
            "core types of many values",
            module(&each(4_000, |_| format!("(type (func (param{})))", " i64".repeat(120)))),
        ),
        (
            "data segments",
            module(&format!("(memory 1) {}", each(100_000, |_| "(data \"\")".into()))),
        ),
        (
            "element segments",
            module(&format!("(table 1 funcref) {}", each(100_000, |_| "(elem func)".into()))),
        ),
        ("several memories with much space", module(&"(memory 65536)".repeat(15))),
        (
            "tables with many elements",
            component(&format!(
                "(core module $m {}) (core instance (instantiate $m))",
                "(table 10000000 funcref)".repeat(15)
            )),
        ),
        ("large memories of 64 bits", module("(memory i64 0x1000000000000)")),
        ("tags of exceptions", module(&"(tag (param i32 i64))".repeat(20_000))),
        (
            "structures of the garbage collector",
            module(&format!(
                "(rec {})",
                each(9_000, |at| format!(
                    "(type $s{at} (struct (field (ref null $s{}))))",
                    (at + 1) % 9_000
                ))
            )),
        ),
        (
            "subtypes of subtypes",
            module(&format!(
                "(type $s0 (sub (struct))){}",
                each(60, |at| format!("(type $s{} (sub $s{at} (struct)))", at + 1))
            )),
        ),
        (
            "continuations",
            module(&format!("(type $f (func)){}", each(9_000, |_| "(type (cont $f))".into()))),
        ),
        (
            "functions with many results",
            module(&format!(
                "(type $t (func (result{}))) {}",
                " i32".repeat(250),
                each(8_000, |_| "(func (type $t) unreachable)".into())
            )),
        ),
        (
            "start functions",
            instances(
                "(core module $m (func $s (loop $l (br $l))) (start $s)) (core instance (instantiate $m))",
                200,
            ),
        ),
        (
            "globals of globals",
            module(&format!(
                "(global $g0 i32 (i32.const 0)){}",
                each(9_000, |at| format!(
                    "(global $g{} i32 (i32.add (global.get $g{at}) (global.get $g{at})))",
                    at + 1
                ))
            )),
        ),
    ]
}
