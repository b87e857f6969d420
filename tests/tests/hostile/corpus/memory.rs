//! B. Memory: more than the budget, in one piece or in many.

use wasm_encoder::{ConstExpr, GlobalSection, GlobalType, ValType};
use wellhead_chain::{Budget, Outcome};
use wellhead_tests::guest::Guest;
use wellhead_tests::nest::{nested, nested_times};

use super::{Attack, Expect, cases};

cases! {
    13 case_13_memory_grow_bomb: memory_grow_bomb;
    14 case_14_ninety_memories: ninety_memories;
    15 case_15_memory_of_4_gib_declared: memory_of_4_gib_declared;
    16 case_16_table_grow_bomb: table_grow_bomb;
    17 case_17_table_of_ten_million_declared: table_of_ten_million_declared;
    18 case_18_memory_of_64_bits: memory_of_64_bits;
    19 case_19_data_that_is_copied_again_and_again: data_that_is_copied_again_and_again;
    20 case_20_thousand_instances_with_a_memory: thousand_instances_with_a_memory;
    21 case_21_million_globals: million_globals;
    22 case_22_full_memory: full_memory;
}

/// Growth over the budget returns -1, as the standard says; what the plugin does then is its own
/// fault, and the budget is what it is told.
fn memory_grow_bomb() -> Vec<Attack> {
    let gives_up =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (unreachable)";
    let goes_on = "(loop $l (drop (memory.grow (i32.const 16))) (br $l)) (unreachable)";
    let content =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (i32.const 256)";
    let attack = |what, body, expect| Attack::new(what, &Guest::new().transform(body), expect);
    vec![
        attack("until it fails, then a trap", gives_up, Expect::Over(Budget::Memory)),
        attack("for ever", goes_on, Expect::Over(Budget::Fuel)).with_little_fuel(),
        attack("until it fails, then an end", content, Expect::Ends(within_64_mib)),
    ]
}

fn within_64_mib(outcome: &Outcome) {
    let memory = outcome.runs[1].usage.memory;
    assert!((63 << 20..=64 << 20).contains(&memory), "{memory}");
}

fn ninety_memories() -> Vec<Attack> {
    let attack = |memories: usize, expect| {
        let guest = Guest::new().fields(&"(memory 1000)".repeat(memories - 1));
        Attack::new(format!("{memories} memories"), &guest, expect)
    };
    vec![
        attack(2, Expect::Unsupported("several memories")),
        attack(90, Expect::Refused("memories")),
    ]
}

fn memory_of_4_gib_declared() -> Vec<Attack> {
    let guest = Guest::new().memory("65536");
    vec![Attack::new("4 GiB", &guest, Expect::Over(Budget::Memory))]
}

/// What a growth costs is paid before it is tried; one that can be paid has a budget of its own.
fn table_grow_bomb() -> Vec<Attack> {
    let attack = |what, elements: u32, expect| {
        let guest = Guest::new().fields("(table $t 1 funcref)").transform(&format!(
            "(if (i32.eq (table.grow $t (ref.null func) (i32.const {elements})) (i32.const -1))
              (then (unreachable))) (i32.const 256)"
        ));
        Attack::new(what, &guest, expect)
    };
    vec![
        attack("10^9 elements", 1_000_000_000, Expect::Over(Budget::Fuel)),
        attack("20,000 elements", 20_000, Expect::Over(Budget::TableElements)),
    ]
}

fn table_of_ten_million_declared() -> Vec<Attack> {
    let guest = Guest::new().fields("(table $t 10000000 funcref)");
    vec![Attack::new("10^7 elements", &guest, Expect::Over(Budget::TableElements))]
}

/// The main memory of a plugin of the contract has 32 bits; another module of it need not.
fn memory_of_64_bits() -> Vec<Attack> {
    let module = "(component (core module $m (memory i64 1)) (core instance (instantiate $m)))";
    let plugin = nested(&Guest::new().build(), &wat::parse_str(module).unwrap());
    vec![Attack::file("another module", plugin, Expect::Unsupported("64-bit memories"))]
}

/// The file holds 1 MiB, and 40 copies of it are made: allowed, and paid for byte by byte.
fn data_that_is_copied_again_and_again() -> Vec<Attack> {
    let copies = Guest::new()
        .memory("17")
        .fields(&format!("(data $d \"{}\")", "x".repeat(1 << 20)))
        .transform(
            "(local $left i32) (local.set $left (i32.const 40))
            (loop $l (memory.init $d (i32.const 65536) (i32.const 0) (i32.const 1048576))
              (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
            (i32.const 256)",
        );
    let paid: fn(&Outcome) = |outcome| {
        let fuel = outcome.runs[1].usage.fuel;
        assert!((40 << 20..41 << 20).contains(&fuel), "{fuel}");
    };
    vec![Attack::new("40 copies of 1 MiB", &copies, Expect::Ends(paid))]
}

fn thousand_instances_with_a_memory() -> Vec<Attack> {
    let instance = "(component (core module $m (memory 1)) (core instance (instantiate $m)))";
    let instance = wat::parse_str(instance).unwrap();
    let plugin = nested_times(&Guest::new().build(), &instance, 1_000);
    vec![Attack::file("1000 instances", plugin, Expect::Refused("coreInstances"))]
}

fn million_globals() -> Vec<Attack> {
    let mut globals = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
    for _ in 0..1_000_000 {
        globals.global(ty, &ConstExpr::i32_const(0));
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&globals);
    let mut component = wasm_encoder::Component::new();
    component.section(&wasm_encoder::ModuleSection(&module));
    let plugin = nested(&Guest::new().build(), &component.finish());
    vec![Attack::file("10^6 globals", plugin, Expect::Refused("globals"))]
}

/// The memory is the plugin's until it ends; `isolation` runs ten thousand of them.
fn full_memory() -> Vec<Attack> {
    let guest = Guest::new().transform(
        "(drop (memory.grow (i32.const 1000)))
        (memory.fill (i32.const 65536) (i32.const 170) (i32.const 65536000)) (i32.const 256)",
    );
    vec![Attack::new("1000 pages are written", &guest, Expect::Ends(|_| {}))]
}
