//! A. Time: code that never ends, wherever it stands, and work that costs more than it seems to.

use wellhead_chain::{Budget, Outcome};
use wellhead_tests::guest::{Guest, World};

use super::{Attack, Expect, cases};

cases! {
    1 case_01_loop_in_start: loop_in_start;
    2 case_02_loop_in_transform: loop_in_transform;
    3 case_03_loop_in_describe: loop_in_describe;
    4 case_04_loop_in_post_return: loop_in_post_return;
    5 case_05_loop_in_realloc: loop_in_realloc;
    6 case_06_loop_in_destructor: loop_in_destructor;
    7 case_07_memory_fill_in_a_loop: memory_fill_in_a_loop;
    8 case_08_memory_copy_in_a_loop: memory_copy_in_a_loop;
    9 case_09_table_work_in_a_loop: table_work_in_a_loop;
    10 case_10_slow_but_finite: slow_but_finite;
    11 case_11_loop_inside_of_unmetered_instructions: loop_inside_of_unmetered_instructions;
    12 case_12_growth_that_does_nothing: growth_that_does_nothing;
}

const FOREVER: &str = "(loop $forever (br $forever)) (unreachable)";
const OUT_OF_FUEL: Expect = Expect::Over(Budget::Fuel);

/// A body that does something again and again.
fn forever(work: &str) -> String {
    format!("(loop $forever {work} (br $forever)) (unreachable)")
}

/// The first code of a component that runs is its start function; it is metered, too.
fn loop_in_start() -> Vec<Attack> {
    let guest = Guest::new().fields("(func $start (loop $l (br $l))) (start $start)");
    vec![Attack::new("a start function", &guest, OUT_OF_FUEL)]
}

fn loop_in_transform() -> Vec<Attack> {
    let guest = Guest::new().transform(FOREVER);
    vec![Attack::new("a loop", &guest, OUT_OF_FUEL).with_little_fuel()]
}

/// Asking a plugin about itself has a budget of its own, which no entry of a chain sets.
fn loop_in_describe() -> Vec<Attack> {
    vec![Attack::new("a loop", &Guest::new().describe(FOREVER), OUT_OF_FUEL)]
}

/// The result is there and every edit is made when post-return runs; both are discarded.
fn loop_in_post_return() -> Vec<Attack> {
    let after = |export: &str| {
        format!(
            "(func (export \"cabi_post_wellhead:plugin/{export}\") (param i32) (loop $l (br $l)))"
        )
    };
    let transform = Guest::sets_replicas(9).fields(&after("transform@0.1.0#transform"));
    let describe = Guest::new().fields(&after("describe@0.1.0#describe"));
    vec![
        Attack::new("after transform", &transform, OUT_OF_FUEL).with_little_fuel(),
        Attack::new("after describe", &describe, OUT_OF_FUEL),
    ]
}

/// The host calls the plugin's allocator when it passes a text: the config, or what a getter returns.
fn loop_in_realloc() -> Vec<Attack> {
    let guest = Guest::new().realloc(FOREVER);
    vec![Attack::new("the config", &guest, OUT_OF_FUEL).with_little_fuel()]
}

/// The contract's resources are the host's, and their destructors are the host's code. A component
/// may still define a resource of its own, here exported beside the contract, and drop it.
fn loop_in_destructor() -> Vec<Attack> {
    let world = World::of(
        &["package evil:evil; interface evil { resource r { constructor(); } }"],
        "include wellhead:plugin/transformer@0.1.0; export evil:evil/evil;",
    );
    let guest = Guest::new()
        .world(world)
        .imports(
            r#"(import "[export]evil:evil/evil" "[resource-new]r" (func $new (param i32) (result i32)))
            (import "[export]evil:evil/evil" "[resource-drop]r" (func $drop (param i32)))"#,
        )
        .fields(
            r#"(func (export "evil:evil/evil#[constructor]r") (result i32) (call $new (i32.const 1)))
            (func (export "evil:evil/evil#[dtor]r") (param i32) (loop $l (br $l)))"#,
        )
        .transform("(call $drop (call $new (i32.const 1))) (i32.const 256)");
    vec![Attack::new("a resource of its own", &guest, OUT_OF_FUEL).with_little_fuel()]
}

/// One instruction that writes 64 MiB costs what it writes.
fn memory_fill_in_a_loop() -> Vec<Attack> {
    let fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000))";
    let guest = Guest::new().memory("1000").transform(&forever(fill));
    vec![Attack::new("1000 pages", &guest, OUT_OF_FUEL)]
}

fn memory_copy_in_a_loop() -> Vec<Attack> {
    let copy = "(memory.copy (i32.const 1) (i32.const 0) (i32.const 65535999))";
    let guest = Guest::new().memory("1000").transform(&forever(copy));
    vec![Attack::new("1000 pages that overlap", &guest, OUT_OF_FUEL)]
}

fn table_work_in_a_loop() -> Vec<Attack> {
    let attack = |what, work| {
        let guest = Guest::new().fields("(table $t 9000 funcref)").transform(&forever(work));
        Attack::new(what, &guest, OUT_OF_FUEL).with_little_fuel()
    };
    vec![
        attack("fill", "(table.fill $t (i32.const 0) (ref.null func) (i32.const 9000))"),
        attack("copy", "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 8999))"),
    ]
}

/// Fuel is a contract: the count is the same number on every machine and for every allocator, so a
/// plugin that fits its budget here fits everywhere.
fn slow_but_finite() -> Vec<Attack> {
    /// What the loop and the rest of the plugin use.
    const FUEL: u64 = 6_000_018;
    const USES: fn(&Outcome) = |outcome| assert_eq!(outcome.runs[1].usage.fuel, FUEL);
    let guest = Guest::new().transform(
        "(local $left i32) (local.set $left (i32.const 1000000))
        (loop $l (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $l (local.get $left)))
        (i32.const 256)",
    );
    let with = |what, fuel: u64, expect| {
        let settings = serde_json::json!({"grants": [], "limits": {"fuel": fuel}});
        Attack::new(what, &guest, expect).with(settings)
    };
    vec![
        with("0.99 of its fuel", FUEL * 100 / 99 + 1, Expect::Ends(USES)),
        with("all of its fuel", FUEL, Expect::Ends(USES)),
        with("1.01 of its fuel", FUEL * 100 / 101, OUT_OF_FUEL),
    ]
}

/// A loop around these instructions was not metered in wasmtime 48.0.0. Both belong to proposals that
/// no plugin needs.
fn loop_inside_of_unmetered_instructions() -> Vec<Attack> {
    let caught = Guest::new().transform(
        "(loop $forever (block $caught (try_table (catch_all $caught) (br $forever)))) (unreachable)",
    );
    let called = Guest::new()
        .fields("(type $f (func)) (func $nothing (type $f)) (elem declare func $nothing)")
        .transform(&forever("(call_ref $f (ref.func $nothing))"));
    vec![
        Attack::new("try_table", &caught, Expect::Unsupported("exceptions")),
        Attack::new("call_ref", &called, Expect::Unsupported("typed function references")),
    ]
}

/// Growth is a call of the host: it costs like one even when it grows by nothing or fails.
fn growth_that_does_nothing() -> Vec<Attack> {
    let attack = |what, pages: &str| {
        let grow = format!("(drop (memory.grow (i32.const {pages})))");
        Attack::new(what, &Guest::new().transform(&forever(&grow)), OUT_OF_FUEL).with_little_fuel()
    };
    vec![attack("by nothing", "0"), attack("by more than there may be", "65535")]
}
