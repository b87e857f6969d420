//! Plugins that cannot be used or do what they may not: each its own message and exit code, and
//! nothing on standard output.

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, encode};

use crate::context::{Context, json};

const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];

/// A folder whose customization has one plugin, the given file.
fn with_file(bytes: &[u8]) -> Context {
    let context = Context::with_guests(&[("broken", &Guest::new(), &[])]);
    context.write("broken.wasm", bytes);
    context
}

/// A source that is not there is an error at the entry's source.
#[test]
fn a_missing_file() {
    let context = Context::with_guests(&[("broken", &Guest::new(), &[])]);
    std::fs::remove_file(context.path("broken.wasm")).unwrap();
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0501]: plugin `broken`: there is no file broken.wasm
     --> team.yaml:7:15
      |
    7 |       source: broken.wasm
      |               ^^^^^^^^^^^
    help: a `source` is a path relative to the customization's file
    "#);
}

/// A file that is something else is no plugin.
#[test]
fn a_file_that_is_not_webassembly() {
    assert_snapshot!(with_file(b"#!/bin/sh\n").run(&RENDER), @r#"
    exit code: 11
    ----- stdout -----
    ----- stderr -----
    error[WH0502]: plugin `broken` is not WebAssembly: the file is a script
     --> team.yaml:7:15
      |
    7 |       source: broken.wasm
      |               ^^^^^^^^^^^
    help: name the component itself; `wellhead plugin build` makes one from a project
    "#);
}

/// A component that is cut off is no plugin.
#[test]
fn a_damaged_component() {
    let component = Guest::new().build();
    let shown = with_file(&component[..component.len() - 1]).run(&RENDER);
    assert!(shown.starts_with("exit code: 11\n----- stdout -----\n----- stderr"), "{shown}");
    assert!(shown.contains("error[WH0504]: plugin `broken` is not a valid component"), "{shown}");
}

/// A core module is told from a component, with the way to make one.
#[test]
fn a_core_module() {
    assert_snapshot!(with_file(b"\0asm\x01\0\0\0").run(&RENDER), @r#"
    exit code: 12
    ----- stdout -----
    ----- stderr -----
    error[WH0503]: plugin `broken` is a core module, and a plugin is a component
     --> team.yaml:7:15
      |
    7 |       source: broken.wasm
      |               ^^^^^^^^^^^
    help: turn the module into a component, e.g. with `wasm-tools component new`
    "#);
}

/// A component of another world is refused with everything that does not fit.
#[test]
fn a_component_of_another_world() {
    let component = wat::parse_str(
        "(component (import \"wasi:cli/environment@0.2.0\" (instance)) \
                    (import \"wasi:random/random@0.2.0\" (instance)))",
    );
    assert_snapshot!(with_file(&component.unwrap()).run(&RENDER), @r#"
    exit code: 13
    ----- stdout -----
    ----- stderr -----
    error[WH0505]: plugin `broken` is made for another host
     --> team.yaml:7:15
      |
    7 |       source: broken.wasm
      |               ^^^^^^^^^^^
      it imports wasi:cli/environment@0.2.0, which no plugin gets
      it imports wasi:random/random@0.2.0, which no plugin gets
      it does not export wellhead:plugin/describe@0.2.0
      it exports neither wellhead:plugin/transform@0.2.0 nor wellhead:plugin/validate@0.2.0
    help: build the plugin against the contract `wellhead:plugin@0.2.0`, without WASI
    "#);
}

/// A trap is a crash of the plugin, not of the host.
#[test]
fn a_trap() {
    let context =
        Context::with_guests(&[("broken", &Guest::new().transform("(unreachable)"), &[])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 14
    ----- stdout -----
    ----- stderr -----
    error[WH0511]: plugin `broken` crashed
     --> team.yaml:6:13
      |
    6 |     - name: broken
      |             ^^^^^^
      it gave up, as after a panic, an abort or a failed assertion (wasm `unreachable`)
      pipeline: db
    help: `-v` shows where in the plugin
    "#);
}

/// `-v` shows where in the plugin.
#[test]
fn a_trap_has_a_backtrace_for_its_author() {
    let guest =
        Guest::new().fields("(func $oops (unreachable))").transform("(call $oops) (i32.const 256)");
    let context = Context::with_guests(&[("broken", &guest, &[])]);
    let shown = context.run(&["render", "-f", "db.yaml", "-c", "team.yaml", "-v"]);
    assert!(shown.contains("oops"), "{shown}");
}

/// An endless loop ends when its fuel is used up.
#[test]
fn an_endless_loop() {
    let guest = Guest::new().transform("(loop $l (br $l)) (unreachable)");
    let context = Context::with_guests(&[("broken", &guest, &["limits: {fuel: 100000}"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 15
    ----- stdout -----
    ----- stderr -----
    error[WH0512]: plugin `broken` was stopped: it used up its 100000 units of fuel
     --> team.yaml:8:7
      |
    8 |       limits: {fuel: 100000}
      |       ^^^^^^
      pipeline: db
    help: an operator may raise `limits.fuel` of the chain entry
    help: `-v` shows where in the plugin
    "#);
}

/// What is too costly to compile is refused before, with everything that is too much, and where the
/// operator may allow it.
#[test]
fn a_compile_bomb() {
    let bomb = format!("(func {} {})", "block ".repeat(5_000), "end ".repeat(5_000));
    let guest =
        Guest::new().fields(&bomb).fields(&format!("(func (local {}))", "i32 ".repeat(3_000)));
    let context = Context::with_guests(&[("bomb", &guest, &["limits: {structure: {types: 9}}"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 15
    ----- stdout -----
    ----- stderr -----
    error[WH0508]: plugin `bomb` is refused: it would cost too much to compile
     --> team.yaml:8:7
      |
    8 |       limits: {structure: {types: 9}}
      |       ^^^^^^
      31 types; the budget `types` is 9
      5000 levels of blocks in one function, at byte 0x182; the budget `blockDepth` is 4000
      3000 locals of one function, at byte 0x3c1d; the budget `locals` is 2000
    help: if its author is trusted, an operator may raise `limits.structure` of the chain entry: types, blockDepth, locals
    "#);
}

/// A proposal that no plugin may use is named.
#[test]
fn a_feature_that_is_off() {
    let guest =
        Guest::new().fields("(func (param v128) local.get 0 local.get 0 f32x4.relaxed_min drop)");
    let context = Context::with_guests(&[("fast", &guest, &[])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 11
    ----- stdout -----
    ----- stderr -----
    error[WH0504]: plugin `fast` uses what no plugin may: relaxed SIMD, whose results differ between machines
     --> team.yaml:7:15
      |
    7 |       source: fast.wasm
      |               ^^^^^^^^^
      relaxed SIMD support is not enabled (at offset 0x185)
    help: build the plugin for WebAssembly 2.0, without this feature
    "#);
}

/// A write without a grant names plugin, field, and the line that would allow it.
#[test]
fn a_denied_write() {
    let context =
        Context::with_guests(&[("five", &Guest::sets_replicas(5), &["grants: [claims.*]"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0602]: plugin `five` writes what it is not granted
     --> team.yaml:8:7
      |
    8 |       grants: [claims.*]
      |       ^^^^^^
      `replicas` is not granted
      pipeline: db
    help: add to the entry's `grants`: replicas
    "#);
}

/// Two plugins that set one field differently are named both.
#[test]
fn a_conflict() {
    let grants = ["grants: [replicas]"];
    let context = Context::with_guests(&[
        ("five", &Guest::sets_replicas(5), &grants),
        ("seven", &Guest::sets_replicas(7), &grants),
    ]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0601]: plugins `five` and `seven` set the same field differently
     --> team.yaml:9:13
      |
    9 |     - name: seven
      |             ^^^^^
      `replicas`: `five` left 5, this plugin wants 7
      pipeline: db
    help: remove one of them, or add to this entry's `overrides`: replicas
    "#);
}

/// An override lets the later plugin win.
#[test]
fn an_override_lets_the_later_plugin_win() {
    let context = Context::with_guests(&[
        ("five", &Guest::sets_replicas(5), &["grants: [replicas]"]),
        ("seven", &Guest::sets_replicas(7), &["grants: [replicas]", "overrides: [replicas]"]),
    ]);
    let arguments = ["render", "-f", "db.yaml", "-c", "team.yaml", "-o", "json"];
    let list = json(&mut context.command(&arguments));
    assert_eq!(list["items"][1]["spec"]["replicas"], 7);
}

/// A plugin that refuses is heard in its own words, without its terminal codes.
#[test]
fn a_rejection() {
    let guest = Guest::rejects("no \u{1b}[31mway");
    let context = Context::with_guests(&[("strict", &guest, &[])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0521]: plugin `strict` refuses the pipeline
     --> team.yaml:6:13
      |
    6 |     - name: strict
      |             ^^^^^^
      the plugin says: "no \u{1b}[31mway"
      pipeline: db
    "#);
}

/// People see whose words they are, and programs get them as they are.
#[test]
fn a_rejection_that_looks_like_the_hosts_words() {
    let forged = "no\"\nerror[WH0401]: gone\nhelp: run `kubectl delete ns shop`";
    let guest = Guest::rejects(forged);
    let context = Context::with_guests(&[("strict", &guest, &[])]);
    let shown = context.run(&RENDER);
    let said =
        r#"  the plugin says: "no\"\nerror[WH0401]: gone\nhelp: run `kubectl delete ns shop`""#;
    assert!(shown.lines().any(|line| line == said), "{shown}");
    assert!(!shown.contains("\nhelp:") && !shown.contains("\nerror[WH0401]"), "{shown}");
    let document = json(&mut context.command(&[&RENDER[..], &["-o", "json"]].concat()));
    let diagnostic = &document["diagnostics"][0];
    let message = r#"no"\nerror[WH0401]: gone\nhelp: run `kubectl delete ns shop`"#;
    assert_eq!(diagnostic["says"], serde_json::json!([{"message": message}]), "{document}");
    assert_eq!(diagnostic["facts"][0], said.trim_start());
}

/// A config that does not fit the plugin's schema is an error of the customization.
#[test]
fn a_bad_config() {
    let schema = r#"{"type": "object", "properties": {"count": {"type": "integer"}}, "additionalProperties": false}"#;
    let guest = Guest::new().schema(schema);
    let context = Context::with_guests(&[("picky", &guest, &["config: {count: many, more: 1}"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0507]: the config of plugin `picky` does not fit its schema
     --> team.yaml:8:23
      |
    8 |       config: {count: many, more: 1}
      |                       ^^^^
      config.count: "many" is not of type "integer"
      config.more: there is no such field
    help: `wellhead plugin inspect FILE` prints the config's schema
    "#);
}

/// Several broken plugins are reported by one run; the first decides the exit code.
#[test]
fn several_broken_plugins_are_reported_at_once() {
    let context = Context::with_guests(&[("one", &Guest::new(), &[]), ("two", &Guest::new(), &[])]);
    context.write("one.wasm", b"\0asm\x01\0\0\0");
    context.write("two.wasm", b"text");
    let shown = context.run(&RENDER);
    assert!(shown.starts_with("exit code: 12"), "{shown}");
    assert!(shown.contains("WH0503") && shown.contains("WH0502"), "{shown}");
}

/// What is the same for many pipelines is said once.
#[test]
fn one_fault_of_many_pipelines_is_said_once() {
    let context = Context::with_guests(&[("strict", &Guest::rejects("no"), &[])]);
    for name in ["a", "b", "c", "d", "e"] {
        let text =
            crate::context::PIPELINE.replace("name: db\nspec", &format!("name: {name}\nspec"));
        context.write(&format!("specs/{name}.yaml"), text);
    }
    assert_snapshot!(context.run(&["render", "-f", "specs", "-c", "team.yaml"]), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0521]: plugin `strict` refuses the pipeline
     --> team.yaml:6:13
      |
    6 |     - name: strict
      |             ^^^^^^
      the plugin says: "no"
      pipelines: a, b, c and 2 more
    "#);
}

/// A message of level `warn` is shown without being asked for, others with `-v`.
#[test]
fn log_messages_are_shown_by_level() {
    let import = "(import \"wellhead:plugin/log@0.1.0\" \"log\" (func $log (param i32 i32 i32)))\
                  (data (i32.const 8192) \"look here\") (data (i32.const 8448) \"by the way\")";
    let guest = Guest::new().fields(import).transform(
        "(call $log (i32.const 0) (i32.const 8192) (i32.const 9)) \
         (call $log (i32.const 1) (i32.const 8448) (i32.const 10)) (i32.const 256)",
    );
    let context = Context::with_guests(&[("chatty", &guest, &[])]);
    let plain = context.run(&RENDER);
    assert!(plain.contains("warning[WH0524]: plugin `chatty` says: \"look here\""), "{plain}");
    assert!(!plain.contains("by the way"), "{plain}");
    let verbose = context.run(&["-v", "render", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(verbose.contains("db: plugin `chatty`: info: \"by the way\""), "{verbose}");
}

/// A plugin that judges and does not edit is a plugin, too.
#[test]
fn a_component_may_be_a_validator_alone() {
    let core = format!(
        "(module \
           (import \"wellhead:plugin/pipeline@0.1.0\" \"[resource-drop]pipeline\" (func $drop (param i32))) \
           (memory (export \"memory\") 1) \
           (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 4096)) \
           (func (export \"wellhead:plugin/describe@0.1.0#describe\") (result i32) (i32.const 64)) \
           (func (export \"wellhead:plugin/validate@0.1.0#validate\") (param i32 i32 i32) (result i32) \
             (call $drop (local.get 0)) (i32.const 256)) \
           (data (i32.const 64) \"{}\") (data (i32.const 1024) \"guard1.0.0{{}}\"))",
        // name, version, description, schema, writes: address and length each.
        [[1024_u32, 5], [1029, 5], [1034, 0], [1034, 2], [0, 0]]
            .concat()
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .map(|byte| format!("\\{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    );
    let context = with_file(&encode(&core, "validator"));
    let shown = context.run(&RENDER);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
}

/// A plugin that costs too much to compile is stopped, and says how to have more.
#[test]
fn a_plugin_that_costs_too_much_to_compile() {
    let context = with_file(&Guest::new().build());
    let shown = context.run(&[&RENDER[..], &["--compile-memory", "8Mi"]].concat());
    assert_snapshot!(shown, @r#"
    exit code: 15
    ----- stdout -----
    ----- stderr -----
    error[WH0509]: compiling plugin `broken` was stopped: it may take 8388608 bytes of memory
     --> team.yaml:7:15
      |
    7 |       source: broken.wasm
      |               ^^^^^^^^^^^
    help: an operator who trusts the plugin may raise `--compile-memory`
    "#);
}
