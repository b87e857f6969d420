//! Budgets of a call: each at its value, and above it.

use serde_json::json;
use wellhead_chain::{
    Allocation, Budget, Cache, Engine, Entry, Fault, Limits, LoadOptions, Plugin, PluginError,
    Usage,
};
use wellhead_tests::guest::Guest;

use crate::support::{compiler, engine, entry, failure, run};

const LOG: &str = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#;

/// What a run with these limits used.
fn usage(guest: &Guest, limits: &serde_json::Value) -> Usage {
    let settings = json!({"grants": ["**"], "limits": limits});
    run(&[("plugin", guest.clone(), settings)]).unwrap().runs[0].usage
}

/// The budget that stops a run with these limits, its value, and what was asked for.
fn stopped(guest: &Guest, limits: &serde_json::Value) -> (Budget, u64, u64) {
    let settings = json!({"grants": ["**"], "limits": limits});
    let error = failure(&[("plugin", guest.clone(), settings)]);
    let Fault::OverBudget { budget, limit, used, .. } = error.fault else { panic!("{error:?}") };
    let hint = error.fault.hints().concat();
    assert!(budget.field().is_none_or(|it| hint.contains(&format!("`limits.{it}`"))), "{hint}");
    (budget, limit, used)
}

/// A plugin that does something some times.
fn repeated(fields: &str, body: &str, times: usize) -> Guest {
    let body = format!(
        "(local $i i32) (loop $l {body} (local.set $i (i32.add (local.get $i) (i32.const 1))) \
         (br_if $l (i32.lt_u (local.get $i) (i32.const {times})))) (i32.const 256)"
    );
    Guest::new().fields(fields).transform(&body)
}

#[test]
fn the_last_unit_of_fuel_may_be_used() {
    let guest = repeated("", "nop", 1_000);
    let fuel = usage(&guest, &json!({})).fuel;
    assert_eq!(usage(&guest, &json!({"fuel": fuel})).fuel, fuel);
    // It is looked at where a loop begins again, and one turn takes less than this.
    let less = fuel - 20;
    assert_eq!(stopped(&guest, &json!({"fuel": less})), (Budget::Fuel, less, less));
}

#[test]
fn the_last_byte_of_memory_may_be_used() {
    let guest = Guest::new();
    let memory = usage(&guest, &json!({})).memory;
    assert_eq!(memory, 65_536, "one page");
    assert_eq!(usage(&guest, &json!({"memory": memory.to_string()})).memory, memory);
    let (budget, limit, used) = stopped(&guest, &json!({"memory": (memory - 1).to_string()}));
    assert_eq!((budget, limit, used), (Budget::Memory, memory as u64 - 1, memory as u64));
}

#[test]
fn elements_of_tables_are_told_from_memory() {
    let guest = Guest::new().fields("(table 500 funcref)");
    usage(&guest, &json!({"tableElements": 600}));
    let (budget, limit, used) = stopped(&guest, &json!({"tableElements": 499}));
    assert_eq!((budget, limit), (Budget::TableElements, 499));
    assert!(used >= 500, "{used}");
}

#[test]
fn growing_a_table_without_end_is_stopped() {
    let guest = Guest::new().fields("(table $t 1 funcref)").transform(
        "(loop $l (br_if $l (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 1000))))) \
         (unreachable)",
    );
    let (budget, limit, used) = stopped(&guest, &json!({}));
    assert_eq!((budget, limit), (Budget::TableElements, Limits::default().table_elements as u64));
    assert!(used > limit);
}

#[test]
fn recursion_without_end_uses_up_the_stack() {
    let deep = |levels: u32| {
        let deeper = format!(
            "(func $deeper (param i32) (result i32) \
               (if (result i32) (i32.ge_u (local.get 0) (i32.const {levels})) (then (i32.const 256)) \
                 (else (i32.add (i32.const 0) (call $deeper (i32.add (local.get 0) (i32.const 1)))))))"
        );
        Guest::new().fields(&deeper).transform("(call $deeper (i32.const 0))")
    };
    usage(&deep(1_000), &json!({}));
    let (budget, limit, _) = stopped(&deep(u32::MAX), &json!({}));
    assert_eq!((budget, limit), (Budget::Stack, 512 << 10));
}

#[test]
fn handles_have_a_budget() {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
        (func $main (param i32) (result i32)))"#;
    let holds = |count| repeated(import, "(drop (call $main (local.get $target)))", count);
    usage(&holds(3), &json!({"handles": 3}));
    assert_eq!(stopped(&holds(4), &json!({"handles": 3})), (Budget::Handles, 3, 4));
}

/// Sets the replicas to 10, 11, 12, ...
fn edits(count: usize) -> Guest {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.set-replicas"
        (func $set (param i32 i32 i32)))"#;
    let set =
        "(call $set (local.get $target) (i32.add (local.get $i) (i32.const 10)) (i32.const 512))";
    repeated(import, set, count)
}

fn over_limit(guest: &Guest, limits: &serde_json::Value) -> (String, &'static str) {
    let settings = json!({"grants": ["**"], "limits": limits});
    let error = failure(&[("plugin", guest.clone(), settings)]);
    (error.to_string(), error.fault.code().id())
}

#[test]
fn edits_have_a_budget() {
    assert_eq!(usage(&edits(4), &json!({"edits": 4})).edits, 4);
    let told = over_limit(&edits(5), &json!({"edits": 4}));
    assert_eq!(
        told,
        ("plugin `plugin` was stopped: it used up its 4 edits, and needs 5".to_owned(), "WH0512")
    );
}

#[test]
fn edited_bytes_have_a_budget() {
    // The name of the field and a number.
    let each = "replicas".len() + 8;
    usage(&edits(3), &json!({"editedBytes": (3 * each).to_string()}));
    let (told, code) = over_limit(&edits(4), &json!({"editedBytes": (3 * each).to_string()}));
    assert_eq!(code, "WH0512");
    assert!(
        told.ends_with(&format!("its {} edited bytes, and needs {}", 3 * each, 4 * each)),
        "{told}"
    );
}

#[test]
fn messages_have_a_budget_although_they_are_dropped() {
    let log = "(call $log (i32.const 0) (i32.const 1024) (i32.const 100))";
    let says = |count| repeated(LOG, log, count);
    usage(&says(50), &json!({"logBytes": "5000", "logLines": 1}));
    let told = stopped(&says(51), &json!({"logBytes": "5000", "logLines": 1}));
    assert_eq!(told, (Budget::LogBytes, 5_000, 5_100));
    // An empty message is one, too.
    let empty = repeated(LOG, "(call $log (i32.const 0) (i32.const 0) (i32.const 0))", 1_000_000);
    assert_eq!(stopped(&empty, &json!({})).0, Budget::LogBytes);
}

#[test]
fn bytes_between_plugin_and_host_have_a_budget() {
    let says = repeated(LOG, "(call $log (i32.const 0) (i32.const 0) (i32.const 3000))", 1);
    usage(&says, &json!({"transfer": "4Ki"}));
    assert_eq!(stopped(&says, &json!({"transfer": "2Ki"})), (Budget::Transfer, 2_048, 2_048));
}

/// An import of a method of the pipeline.
fn method(name: &str, ty: &str) -> String {
    format!(r#"(import "wellhead:plugin/pipeline@0.1.0" "{name}" (func $call {ty}))"#)
}

#[test]
fn all_calls_of_the_host_together_have_a_budget() {
    let reads = |count| {
        let replicas = method("[method]pipeline.replicas", "(param i32) (result i32)");
        repeated(&replicas, "(drop (call $call (local.get $target)))", count)
    };
    // 64 for the call, and the name of the field.
    let each = 64 + "replicas".len() as u64;
    let limits = json!({"traffic": (10 * each).to_string()});
    usage(&reads(10), &limits);
    assert_eq!(stopped(&reads(11), &limits), (Budget::Traffic, 10 * each, 11 * each));
}

/// Fuel counts what the plugin does, and these let the host work. Without the budget they would end by
/// the clock, at another call on each machine.
#[test]
fn calls_of_the_host_without_end_are_stopped_at_the_same_one_on_every_machine() {
    let target = "(local.get $target)";
    let text = "(i32.const 16384) (i32.const 4096)";
    let area = "(i32.const 512)";
    for (name, ty, body, each) in [
        // What it says, and what it gets.
        ("because", "(param i32 i32 i32)", format!("(call $call {target} {text})"), 64 + 4_096),
        // The value that is there, the name, and a value that is none.
        (
            "set-replicas",
            "(param i32 i32 i32)",
            format!("(call $call {target} (i32.const 2) {area})"),
            64 + 8,
        ),
        (
            "set-replicas",
            "(param i32 i32 i32)",
            format!("(call $call {target} (i32.const -1) {area})"),
            64 + 8 + 35,
        ),
        (
            "set-label",
            "(param i32 i32 i32 i32 i32 i32)",
            format!("(call $call {target} {text} {text} {area})"),
            64 + 4_096,
        ),
        (
            "container",
            "(param i32 i32 i32 i32)",
            format!("(call $call {target} {text} {area})"),
            64 + 4_096,
        ),
    ] {
        let import = method(&format!("[method]pipeline.{name}"), ty);
        // Whatever it gets stands at the same place.
        let endless = repeated(&import, &body, u32::MAX as usize)
            .data(16_384, [b'a'; 4_096])
            .realloc("(i32.const 32768)");
        let (budget, limit, used) = stopped(&endless, &json!({"traffic": "256Ki"}));
        assert_eq!((budget, limit), (Budget::Traffic, 256 << 10), "{name}");
        assert!((limit + 1..=limit + 2 * each).contains(&used), "{name}: {used}");
    }
}

#[test]
fn a_crash_after_memory_was_refused_is_a_crash_unless_the_plugin_gives_up() {
    let refused = "(drop (memory.grow (i32.const 60000)))";
    let gives_up = Guest::new().transform(&format!("{refused} (unreachable)"));
    assert_eq!(stopped(&gives_up, &json!({})).0, Budget::Memory);
    let divides =
        Guest::new().transform(&format!("{refused} (i32.div_u (i32.const 1) (i32.const 0))"));
    let error = failure(&[("plugin", divides, json!({}))]);
    assert!(matches!(error.fault, Fault::Trap { .. }), "{error:?}");
    denies(&error, "it divided by zero");
}

/// A language that makes an exception of memory that it did not get says so itself, and not which limit it was.
#[test]
fn a_plugin_that_refuses_for_want_of_memory_is_told_with_the_limit() {
    let guest = Guest::new().data(8_192, "out of memory").transform(
        "(drop (memory.grow (i32.const 60000))) (i32.store8 (i32.const 512) (i32.const 1)) \
         (i32.store (i32.const 516) (i32.const 8192)) (i32.store (i32.const 520) (i32.const 13)) \
         (i32.const 512)",
    );
    let error = failure(&[("plugin", guest, json!({}))]);
    assert_eq!(error.to_string(), "plugin `plugin` refuses the pipeline");
    denies(&error, r#"the plugin says: "out of memory""#);
}

fn denies(error: &PluginError, why: &str) {
    let denied =
        "the host denied it memory: it used up its 67108864 bytes of memory, and needs 3932225536";
    assert_eq!(error.fault.causes(), [why, denied]);
    let hint = "an operator may raise `limits.memory` of the chain entry";
    assert_eq!(error.fault.hints(), [hint]);
}

#[test]
fn where_a_budget_is_used_up_is_told() {
    let spin = "(func $spin (loop $l (br $l)))";
    let endless = Guest::new().fields(spin).transform("(call $spin) (i32.const 256)");
    let error = failure(&[("plugin", endless, json!({}))]);
    assert!(matches!(error.fault, Fault::OverBudget { budget: Budget::Fuel, .. }), "{error:?}");
    let frames = error.fault.backtrace();
    assert!(frames[0].call.contains("spin"), "{frames:?}");
}

/// As compilers do it: the stack is before everything else, its pointer a global, and what is too deep outside of the
/// memory.
#[test]
fn a_stack_that_is_used_up_is_not_told_as_any_wrong_address() {
    let push = "(global $stack (mut i32) (i32.const 4096))
        (func $deeper
          (global.set $stack (i32.sub (global.get $stack) (i32.const 64)))
          (i32.store (global.get $stack) (i32.const 1))
          (call $deeper))";
    let deep = Guest::new().fields(push).transform("(call $deeper) (i32.const 256)");
    let cause = |guest: Guest| failure(&[("plugin", guest, json!({}))]).fault.causes().remove(0);
    let outside = "it read or wrote outside of its memory (out of bounds access)";
    let deep = cause(deep);
    assert_eq!(deep, format!("{outside} in a function that calls itself: often a used-up stack"));
    let wrong = "(i32.store (i32.const -64) (i32.const 1)) (i32.const 256)";
    assert_eq!(cause(Guest::new().transform(wrong)), outside);
}

fn load(limits: Limits, cache: Option<&Cache>) -> Result<Plugin, PluginError> {
    Plugin::from_bytes(&engine(), "guest", &Guest::new().build(), &LoadOptions { cache, limits })
}

#[test]
fn an_operator_sets_what_a_plugin_is_made_of_and_no_cache_undoes_it() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::new(directory.path());
    load(Limits::default(), Some(&cache)).unwrap();
    let entry =
        entry("guest", &json!({"limits": {"structure": {"functions": 1, "fileBytes": "1Gi"}}}));
    let limits = Limits::from(&entry.limits);
    assert_eq!(limits.structure.file_bytes, 1 << 30);
    let error = load(limits, Some(&cache)).unwrap_err();
    let Fault::Refused { excesses } = &error.fault else { panic!("{error:?}") };
    assert_eq!((excesses.len(), excesses[0].budget, excesses[0].limit), (1, "functions", 1));
    assert_eq!(error.fault.code().id(), "WH0508");
}

#[test]
fn a_description_has_the_memory_of_its_entry() {
    let needs = Guest::new().fields("(table 9000 funcref)");
    let with = |table_elements| {
        let limits = Limits { table_elements, ..Limits::default() };
        let options = LoadOptions { limits, ..LoadOptions::default() };
        Plugin::from_bytes(&engine(), "guest", &needs.build(), &options)
    };
    with(10_000).unwrap();
    assert!(matches!(with(8_000).unwrap_err().fault, Fault::OverBudget { .. }));
}

#[test]
fn a_budget_over_that_of_the_pool_is_told_and_not_ignored() {
    let pool = Engine::new(Allocation::Pool { slots: 1 }, compiler()).unwrap();
    let guest = Guest::new().build();
    let plugin =
        Plugin::from_bytes(&pool, "guest", &guest, &LoadOptions::default()).unwrap().into();
    let entry = entry("guest", &json!({"limits": {"memory": "65Mi"}}));
    let error = Entry::new(&entry, "team", plugin).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `guest` may have 68157440 by `limits.memory`, and a slot of the host's pool has 67108864"
    );
    let limits = Limits::from(&entry.limits);
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let error = Plugin::from_bytes(&pool, "guest", &guest, &options).unwrap_err();
    assert_eq!(error.fault.code().id(), "WH0513");
}
