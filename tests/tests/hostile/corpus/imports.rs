//! E. Imports, isolation, determinism: what a plugin may not reach, and what it may not remember.

use serde_json::{Value, json};
use wellhead_chain::{Allocation, Budget, Chain, Engine, Entry, LoadOptions, Outcome, Plugin};
use wellhead_tests::guest::{Guest, World};

use super::{Attack, Expect, cases};
use crate::support::{compiler, entry, pipeline};

cases! {
    51 case_51_wasi: wasi;
    52 case_52_another_version_of_the_contract: another_version_of_the_contract;
    53 case_53_flood_of_messages: flood_of_messages;
    54 case_54_bits_of_nan: bits_of_nan;
    55 case_55_relaxed_simd: relaxed_simd;
    56 case_56_memory_of_an_earlier_call: memory_of_an_earlier_call;
    57 case_57_limits_as_an_input: limits_as_an_input;
    58 case_58_leftovers_of_another_plugin: leftovers_of_another_plugin;
}

/// Sets the label `seen` to the eight hexadecimal digits of a number.
const SETS_SEEN: &str = "
    (func $set_seen (param $target i32) (param $number i32)
      (local $i i32) (local $digit i32)
      (local.set $i (i32.const 7))
      (loop $l
        (local.set $digit (i32.and (local.get $number) (i32.const 15)))
        (i32.store8 offset=8200 (local.get $i)
          (i32.add (local.get $digit)
            (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
        (local.set $number (i32.shr_u (local.get $number) (i32.const 4)))
        (br_if $l (i32.ge_s (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 0))))
      (call $pipeline_set_label (local.get $target) (i32.const 8192) (i32.const 4)
        (i32.const 8200) (i32.const 8) (i32.const 512)))";

/// A plugin that computes a number, and leaves it as eight hexadecimal digits in the label `seen`.
fn sees(number: &str) -> Guest {
    Guest::new()
        .imports_method("pipeline.set-label", "(param i32 i32 i32 i32 i32 i32)")
        .data(8_192, "seen")
        .fields(SETS_SEEN)
        .transform(&format!("(call $set_seen (local.get $target) {number}) (i32.const 256)"))
}

fn seen(outcome: &Outcome) -> Value {
    serde_json::to_value(&outcome.pipeline).unwrap()["metadata"]["labels"]["seen"].clone()
}

fn wasi() -> Vec<Attack> {
    let attack = |package: &str, interface: &str, expect| {
        let world = World::of(
            &[&format!(
                "package wasi:{package}@0.2.0; interface {interface} {{ f: func() -> u32; }}"
            )],
            &format!(
                "include wellhead:plugin/transformer@0.1.0; import wasi:{package}/{interface}@0.2.0;"
            ),
        );
        let import =
            format!("(import \"wasi:{package}/{interface}@0.2.0\" \"f\" (func (result i32)))");
        Attack::new(
            package,
            &Guest::new().imports(&import).world(world),
            Expect::WrongWorld(expect),
        )
    };
    vec![
        attack("filesystem", "types", &["wasi:filesystem/types@0.2.0, which no plugin gets"]),
        attack("sockets", "tcp", &["wasi:sockets/tcp@0.2.0, which no plugin gets"]),
        attack("clocks", "wall-clock", &["wasi:clocks/wall-clock@0.2.0, which no plugin gets"]),
        attack("random", "random", &["wasi:random/random@0.2.0, which no plugin gets"]),
        attack("http", "types", &["wasi:http/types@0.2.0, which no plugin gets"]),
        attack("cli", "environment", &["wasi:cli/environment@0.2.0, which no plugin gets"]),
    ]
}

fn another_version_of_the_contract() -> Vec<Attack> {
    let attack = |version: &str, expect| {
        let package =
            format!("package wellhead:plugin@{version}; interface log {{ log: func(); }}");
        let world = World::of(
            &[&package],
            &format!(
                "include wellhead:plugin/transformer@0.1.0; import wellhead:plugin/log@{version};"
            ),
        );
        let import = format!("(import \"wellhead:plugin/log@{version}\" \"log\" (func))");
        Attack::new(
            version,
            &Guest::new().imports(&import).world(world),
            Expect::WrongWorld(expect),
        )
    };
    vec![
        attack("0.2.0", &["imports wellhead:plugin/log@0.2.0, and exports describe of 0.1"]),
        attack("1.0.0", &["imports wellhead:plugin/log@1.0.0, and this host has version 0.2.0"]),
        attack("0.1.0-evil", &["imports wellhead:plugin/log@0.1.0-evil, and this host has"]),
    ]
}

/// Messages over a number are dropped, and their bytes have a budget, so that the host's work has an
/// end that does not depend on the clock.
fn flood_of_messages() -> Vec<Attack> {
    let guest = Guest::new().imports_log().transform(
        "(local $left i32) (local.set $left (i32.const 1000000))
        (loop $l (call $log (i32.const 1) (i32.const 16384) (i32.const 4096))
          (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (i32.const 256)",
    );
    vec![Attack::new("10^6 messages of 4 KiB", &guest, Expect::Over(Budget::LogBytes))]
}

/// The bits of a NaN are the machine's choice, unless the engine makes them the same.
fn bits_of_nan() -> Vec<Attack> {
    let attack = |what: &str, float: &str| {
        let guest = sees(&format!("(i32.reinterpret_f32 {float})"));
        let canonical = |outcome: &Outcome| assert_eq!(seen(outcome), "7fc00000");
        Attack::new(what, &guest, Expect::Ends(canonical))
    };
    vec![
        attack("0/0", "(f32.div (f32.const 0) (f32.const 0))"),
        attack(
            "-(0/0) + 1",
            "(f32.add (f32.neg (f32.div (f32.const 0) (f32.const 0))) (f32.const 1))",
        ),
        attack("a payload", "(f32.mul (f32.reinterpret_i32 (i32.const 0xffa12345)) (f32.const 1))"),
        attack("infinity - infinity", "(f32.sub (f32.const inf) (f32.const inf))"),
        attack("the root of -1", "(f32.sqrt (f32.const -1))"),
    ]
}

/// Its results differ between processors by design.
fn relaxed_simd() -> Vec<Attack> {
    let guest = Guest::new().transform(
        "(drop (i32x4.relaxed_trunc_f32x4_s (v128.const i32x4 0 0 0 0))) (i32.const 256)",
    );
    vec![Attack::new("relaxed_trunc", &guest, Expect::Unsupported("relaxed SIMD"))]
}

/// Every call has an instance of its own: neither `describe` nor the run before leaves anything.
fn memory_of_an_earlier_call() -> Vec<Attack> {
    let count = "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))";
    let guest = |number: &str| {
        sees(&format!("{number} {count}"))
            .fields("(global $calls (mut i32) (i32.const 0))")
            .describe(&format!(
                "{count} (i32.store (i32.const 60000) (i32.const 7)) (i32.const 64)"
            ))
    };
    let first = |outcome: &Outcome| assert_eq!(seen(outcome), "00000000");
    vec![
        Attack::new("a global", &guest("(global.get $calls)"), Expect::Ends(first)),
        Attack::new("memory", &guest("(i32.load (i32.const 60000))"), Expect::Ends(first)),
    ]
}

/// Where memory ends, and where the stack does, are numbers of the host and not of the machine; how
/// many calls fit the stack is compared below.
fn limits_as_an_input() -> Vec<Attack> {
    let grows = sees(
        "(block (result i32)
          (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
          (memory.size))",
    );
    // 64 MiB, of which the tables of the component use a part.
    let pages = |outcome: &Outcome| assert_eq!(seen(outcome), "000003ff");
    let deep = Guest::new()
        .fields("(func $deeper (call $deeper))")
        .transform("(call $deeper) (i32.const 256)");
    vec![
        Attack::new("the end of memory", &grows, Expect::Ends(pages)),
        Attack::new("the end of the stack", &deep, Expect::Over(Budget::Stack)),
    ]
}

/// Looks for a byte that is not zero where nothing was written, then fills all of its memory. Each
/// attack runs several times on one engine, whose pool hands the same memory out again.
fn leftovers_of_another_plugin() -> Vec<Attack> {
    let guest = sees(
        "(block (result i32)
          (drop (memory.grow (i32.const 31)))
          (local.set $at (i32.const 65536))
          (loop $l
            (local.set $sum (i64.or (local.get $sum) (i64.load (local.get $at))))
            (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8)))
              (i32.const 2097152))))
          (memory.fill (i32.const 65536) (i32.const 170) (i32.const 2031616))
          (i64.ne (local.get $sum) (i64.const 0)))",
    );
    let wat = guest.wat().replacen(
        "(param $length i32) (result i32)",
        "(param $length i32) (result i32) (local $at i32) (local $sum i64)",
        1,
    );
    let nothing = |outcome: &Outcome| assert_eq!(seen(outcome), "00000000");
    let plugin = World::of_contract("transformer").encode(&wat);
    vec![Attack::file("2 MiB", plugin, Expect::Ends(nothing))]
}

/// Whether a plugin that calls itself as often as the pipeline has replicas gets to its end.
fn fits(chain: &Chain, depth: i32) -> bool {
    let mut pipeline = pipeline();
    pipeline.spec.replicas = Some(depth);
    chain.run(&pipeline).is_ok()
}

#[test]
fn the_stack_is_as_deep_for_every_allocation() {
    let guest = Guest::new()
        .imports_method("pipeline.replicas", "(param i32) (result i32)")
        .fields(
            "(func $deeper (param $left i32) (result i32)
              (if (result i32) (local.get $left)
                (then (i32.add (call $deeper (i32.sub (local.get $left) (i32.const 1))) (i32.const 1)))
                (else (i32.const 0))))",
        )
        .transform("(drop (call $deeper (call $pipeline_replicas (local.get $target)))) (i32.const 256)")
        .build();
    let depths = [Allocation::OnDemand, Allocation::Pool { slots: 1 }].map(|allocation| {
        let engine = Engine::new(allocation, compiler()).unwrap();
        let plugin = Plugin::from_bytes(&engine, "deep", &guest, &LoadOptions::default()).unwrap();
        let entry = Entry::new(&entry("deep", &json!({})), "team", plugin.into()).unwrap();
        let chain = Chain::new(vec![entry]);
        let (mut fits_at, mut too_deep) = (0, 1_000_000);
        while too_deep - fits_at > 1 {
            let middle = i32::midpoint(fits_at, too_deep);
            if fits(&chain, middle) { fits_at = middle } else { too_deep = middle }
        }
        fits_at
    });
    assert!(depths[0] > 1_000, "{depths:?}");
    assert_eq!(depths[0], depths[1]);
}
