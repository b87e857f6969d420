//! `wellhead plugin run` and `replay`, and `--trace`.

use insta::assert_snapshot;
use wellhead_tests::guest::{Edit, Guest, Manner};

use crate::context::{Context, PIPELINE, json, output};

const RUN: [&str; 5] = ["plugin", "run", "p.wasm", "-f", "db.yaml"];

/// A folder with a pipeline, and a guest as `p.wasm`.
fn with(guest: &Guest) -> Context {
    let context = Context::with_pipeline();
    context.write("p.wasm", guest.build());
    context
}

/// A plugin that gives a reason, edits, repeats itself, and tries what it may not.
fn busy() -> Guest {
    let replicas = |number| Edit::pipeline("set-replicas").number(number);
    let because = Edit::pipeline("because").text("prod has \u{1b}[2J five").without_result();
    let secret = Edit::container("set-env").text("DB_PASSWORD").text("hunter2");
    let account = Edit::pipeline("set-service-account-name").some("root");
    let label = Edit::pipeline("set-label").text("team").text("ml");
    let edits = [because, replicas(5), replicas(5), secret, replicas(-1), account, label];
    Guest::makes(&edits, Manner::Stubborn).name("busy").writes(&["replicas", "containers.*.env.*"])
}

fn with_arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RUN.iter().copied().chain(more.iter().copied()).collect()
}

/// The edits with their reasons, and what was used.
#[test]
fn a_run_prints_the_edits() {
    let context = with(&Guest::sets_replicas(5).name("five").writes(&["replicas"]));
    assert_snapshot!(context.run(&RUN), @r#"
    exit code: 0
    ----- stdout -----
    five 1.0.0 on pipeline db

    edits:
      replicas: 3 -> 5

    used:
      27 fuel, 65 KiB, 1 edit
    ----- stderr -----
    "#);
}

/// A trace has every read and every edit with what became of it; secrets are masked.
#[test]
fn a_trace_tells_what_became_of_each_edit() {
    let context = with(&busy());
    let shown = context.run(&with_arguments(&["--trace"]));
    assert!(!shown.contains("hunter2") && !shown.contains('\u{1b}'), "{shown}");
    assert_snapshot!(shown, @r#"
    exit code: 4
    ----- stdout -----
    busy 1.0.0 on pipeline db

    trace:
      edit   replicas: 3 -> 5 ("prod has \u{1b}[2J five")
      edit   replicas = 5: unchanged
      read   containers.db = {"image":"postgres:17","name":"db"}
      edit   containers.db.env.DB_PASSWORD: (not set) -> {"name":"DB_PASSWORD","value":"(masked)"} ("prod has \u{1b}[2J five")
      edit   replicas: refused: invalid: replicas must be between 0 and 10000, got -1
      edit   serviceAccountName = root: refused: the field is protected: the pods act in the cluster with this account's rights
      edit   labels.team = ml: refused: not granted: the chain entry grants no write to this field

    edits:
      replicas: 3 -> 5 ("prod has \u{1b}[2J five")
      containers.db.env.DB_PASSWORD: (not set) -> {"name":"DB_PASSWORD","value":"(masked)"} ("prod has \u{1b}[2J five")

    used:
      202 fuel, 193 KiB, 2 edits
    ----- stderr -----
    error[WH0603]: plugin `busy` writes a protected field
      `serviceAccountName` is protected: the pods act in the cluster with this account's rights
      `labels.team` is not granted
    help: if this plugin may do so, add to the entry's `opens`: serviceAccountName
    help: add to the entry's `grants`: labels.team
    "#);
    let document = json(&mut context.command(&with_arguments(&["--trace", "-o", "json"])));
    assert_eq!(document["kind"], "PluginRun");
    assert_eq!(document["edits"].as_array().map(Vec::len), Some(2));
    assert!(document["trace"].as_array().unwrap().iter().any(|it| it["why"] == "protected"));
    assert!(!document.to_string().contains("hunter2"));
    assert_eq!(document["diagnostics"][0]["code"], "WH0603");
}

/// Getters are noted with what the pipeline has, not with what the host fills in.
#[test]
fn a_trace_tells_what_was_read() {
    let labels = "(param i32 i32)";
    let guest = Guest::new()
        .imports_method("pipeline.replicas", "(param i32) (result i32)")
        .imports_method("pipeline.container-names", labels)
        .imports_method("pipeline.main-container", "(param i32) (result i32)")
        .imports_method("pipeline.priority-class-name", labels)
        .transform(
            "(drop (call $pipeline_replicas (local.get $target))) \
             (call $pipeline_container_names (local.get $target) (i32.const 512)) \
             (drop (call $pipeline_main_container (local.get $target))) \
             (call $pipeline_priority_class_name (local.get $target) (i32.const 512)) \
             (i32.const 256)",
        );
    let shown = with(&guest).run(&with_arguments(&["--trace"]));
    let lines = shown.lines().filter(|line| line.starts_with("  read"));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    read   replicas = 3
    read   containers = ["db"]
    read   containers.db = {"image":"postgres:17","name":"db"}
    read   priorityClassName = (not set)
    "#);
}

/// What a plugin says has its level, and the field that it was at.
#[test]
fn a_message_has_the_field_that_the_plugin_was_at() {
    let guest = Guest::sets_replicas(5).writes(&["replicas"]).imports_log().data(8_192, "hello");
    let says =
        |level: u32| format!("(call $log (i32.const {level}) (i32.const 8192) (i32.const 5))");
    let edit = "(call $pipeline_set_replicas (local.get $target) (i32.const 5) (i32.const 512))";
    let body = format!("{} {edit} {} {} (i32.const 256)", says(0), says(1), says(0));
    let guest = guest.transform(&body);
    let context = with(&guest);
    assert_snapshot!(context.run(&RUN), @r#"
    exit code: 0
    ----- stdout -----
    guest 1.0.0 on pipeline db

    edits:
      replicas: 3 -> 5

    log:
      warn: "hello"
      info: "hello" (at replicas)
      warn: "hello" (at replicas)

    used:
      57 fuel, 65 KiB, 1 edit
    ----- stderr -----
    "#);
    let context = Context::with_guests(&[("five", &guest, &["grants: [replicas]"])]);
    let render = ["render", "-f", "db.yaml", "-c", "team.yaml", "-v"];
    let shown = context.run(&render);
    assert_snapshot!(shown.split_once("----- stderr -----\n").unwrap().1, @r#"
    warning[WH0524]: plugin `five` says: "hello"
      pipeline: db
    db: plugin `five`: info: "hello" (at replicas)
    "#);
}

/// What is said beyond the budget of messages is counted.
#[test]
fn messages_that_are_not_kept_are_counted() {
    let guest = Guest::new().imports_log().data(8_192, "hello").transform(
        "(local $i i32) (loop $more (call $log (i32.const 1) (i32.const 8192) (i32.const 5)) \
         (local.set $i (i32.add (local.get $i) (i32.const 1))) \
         (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))) (i32.const 256)",
    );
    let shown = with(&guest).run(&RUN);
    assert_eq!(shown.matches("\n  info: \"hello\"").count(), 200, "{shown}");
    assert!(shown.contains("\n  ... and 800 more, which were dropped\n"), "{shown}");
}

/// A plugin that crashes: its own words first, then where, with the line of its source.
#[test]
fn a_crash_is_told_with_its_source_line() {
    let guest = Guest::new()
        .imports_log()
        .data(8_192, "index out of bounds")
        .fields("(func $oops (unreachable))")
        .transform(
            "(call $log (i32.const 0) (i32.const 8192) (i32.const 19)) (call $oops) (i32.const 256)",
        );
    let context = Context::with_pipeline();
    context.write("p.wasm", guest.build_with_lines("plugin.wat"));
    assert_snapshot!(context.run(&with_arguments(&["-v"])), @r#"
    exit code: 14
    ----- stdout -----
    guest 1.0.0 on pipeline db

    edits:
      none

    log:
      warn: "index out of bounds"

    used:
      26 fuel, 65 KiB, 0 edits
    ----- stderr -----
    error[WH0511]: plugin `guest` crashed
      the plugin says: "index out of bounds"
      it gave up, as after a panic, an abort or a failed assertion (wasm `unreachable`)
        at oops (plugin.wat:10)
        at function 5 (plugin.wat:40)
    "#);
    context.write("p.wasm", guest.build());
    let shown = context.run(&with_arguments(&["-v"]));
    assert!(shown.contains("  at oops") && !shown.contains(".wat"), "{shown}");
}

/// Config from standard input, and rights of one's own.
#[test]
fn config_and_rights_may_be_given() {
    let schema = r#"{"properties": {"team": {"type": "string"}}, "additionalProperties": false}"#;
    let guest = Guest::sets_replicas(5).schema(schema).writes(&["replicas"]);
    let context = with(&guest);
    let run = with_arguments(&["--config", "-"]);
    assert!(context.run_with_input(&run, "team: ml\n").starts_with("exit code: 0"));
    let shown = context.run_with_input(&run, "taem: ml\n");
    assert!(shown.starts_with("exit code: 1\n") && shown.contains("WH0507"), "{shown}");
    let shown = context.run(&with_arguments(&["--grant", "labels.*"]));
    assert!(shown.starts_with("exit code: 4\n") && shown.contains("WH0602"), "{shown}");
    let shown = context.run(&with_arguments(&["--grant", "a..b"]));
    assert!(shown.starts_with("exit code: 2\n"), "{shown}");
    let twice =
        context.run_with_input(&["plugin", "run", "p.wasm", "-f", "-", "--config", "-"], PIPELINE);
    assert!(twice.starts_with("exit code: 2\n"), "{twice}");
}

/// One plugin and one pipeline: several are another command.
#[test]
fn a_plugin_gets_one_pipeline() {
    let context = with(&Guest::new());
    context
        .write("two.yaml", format!("{PIPELINE}---\n{}", PIPELINE.replace("name: db", "name: x")));
    assert_snapshot!(context.run(&["plugin", "run", "p.wasm", "-f", "two.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0829]: there are 2 pipelines, and the plugin gets one
    help: `-f` names a file that holds one document of `kind: Pipeline`
    "#);
}

/// A recorded run is made again without the pipeline, and another plugin's first difference is told.
#[test]
fn a_recorded_run_is_made_again() {
    let context = with(&busy());
    let recorded = context.run(&with_arguments(&["--record", "run.json"]));
    assert!(recorded.starts_with("exit code: 4"), "{recorded}");
    std::fs::remove_file(context.path("db.yaml")).unwrap();
    let replay = ["plugin", "replay", "run.json", "p.wasm"];
    assert_snapshot!(context.run(&replay), @r#"
    exit code: 0
    ----- stdout -----
    7 steps, no difference
    ----- stderr -----
    "#);
    context.write("p.wasm", Guest::sets_replicas(6).writes(&["replicas"]).build());
    assert_snapshot!(context.run(&replay), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    the plugin differs from the recorded one
    error[WH0827]: the plugin differs at step 1
      recorded  edit   replicas: 3 -> 5 ("prod has \u{1b}[2J five")
      now       edit   replicas: 3 -> 6
    "#);
    let document = json(&mut context.command(&[&replay[..], &["-o", "json"]].concat()));
    assert_eq!(document["kind"], "PluginReplay");
    assert_eq!(document["difference"]["step"]["number"], 1);
    context.write("p.wasm", Guest::rejects("no").writes(&["replicas"]).build());
    let shown = context.run(&replay);
    assert!(shown.contains("now       nothing more"), "{shown}");
}

/// A run that ends otherwise although it does the same.
#[test]
fn another_end_is_a_difference() {
    let context = with(&Guest::rejects("too small"));
    let _ = context.run(&with_arguments(&["--record", "run.json"]));
    context.write("p.wasm", Guest::rejects("too large").build());
    assert_snapshot!(context.run(&["plugin", "replay", "run.json", "p.wasm"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    the plugin differs from the recorded one
    error[WH0827]: the plugin does the same, and ends otherwise
      recorded  WH0521: the plugin refuses the pipeline
      recorded  too small
      now       WH0521: the plugin refuses the pipeline
      now       too large
    "#);
}

/// What is no recording is told so.
#[test]
fn a_recording_is_checked() {
    let context = with(&Guest::new());
    let replay = |context: &Context| context.run(&["plugin", "replay", "run.json", "p.wasm"]);
    assert!(replay(&context).contains("error[WH0826]"));
    for text in ["", "[]", r#"{"kind": "List"}"#, r#"{"kind": "PluginRecording"}"#] {
        context.write("run.json", text);
        let shown = replay(&context);
        assert!(shown.starts_with("exit code: 1\n") && shown.contains("WH0826"), "{shown}");
    }
    let _ = context.run(&with_arguments(&["--record", "run.json"]));
    let text = std::fs::read_to_string(context.path("run.json")).unwrap();
    context.write("run.json", text.replace("postgres:17", "not an image"));
    let shown = replay(&context);
    assert!(shown.contains("WH0826"), "{shown}");
    let missing = context.path("none/run.json").display().to_string();
    let failed = output(&mut context.command(&with_arguments(&["--record", &missing])));
    assert_eq!(failed.status.code(), Some(1));
}

/// `render --trace` tells it of a chain, on standard error, and of a plugin that fails, too.
#[test]
fn a_chain_is_traced() {
    let five = Guest::sets_replicas(5);
    let entries = [("five", &five, &["grants: [replicas]"][..]), ("busy", &busy(), &[][..])];
    let context = Context::with_guests(&entries[..1]);
    let render = ["render", "-f", "db.yaml", "-c", "team.yaml", "--trace"];
    let shown = context.run(&render);
    assert_snapshot!(shown.split_once("----- stderr -----\n").unwrap().1, @r#"
    db: plugin `five`: edit   replicas: 3 -> 5
    "#);
    let context = Context::with_guests(&entries);
    let shown = context.run(&render);
    assert!(shown.starts_with("exit code: 4") && !shown.contains("hunter2"), "{shown}");
    let lines = shown.lines().filter(|line| line.starts_with("db: plugin"));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    db: plugin `five`: edit   replicas: 3 -> 5
    db: plugin `busy`: edit   replicas = 5: refused: not granted: the chain entry grants no write to this field
    db: plugin `busy`: edit   replicas = 5: refused: not granted: the chain entry grants no write to this field
    db: plugin `busy`: read   containers.db = {"image":"postgres:17","name":"db"}
    db: plugin `busy`: edit   containers.db.env.DB_PASSWORD = {"name":"DB_PASSWORD","value":"(masked)"}: refused: not granted: the chain entry grants no write to this field
    db: plugin `busy`: edit   replicas: refused: invalid: replicas must be between 0 and 10000, got -1
    db: plugin `busy`: edit   serviceAccountName = root: refused: the field is protected: the pods act in the cluster with this account's rights
    db: plugin `busy`: edit   labels.team = ml: refused: not granted: the chain entry grants no write to this field
    "#);
    assert!(!context.run(&render[..5]).contains("db: plugin"), "nobody asked");
}
