//! `wellhead plugin test`.

use insta::assert_snapshot;
use serde_json::Value;
use wellhead_tests::guest::{Edit, Guest, Manner, judge};

use crate::context::{Context, PIPELINE, json, output};

/// A project whose plugin is a guest, with cases that say nothing yet.
fn project(component: impl AsRef<[u8]>, cases: &[&str]) -> Context {
    let context = Context::new();
    context.write("plugin.wasm", component);
    for case in cases {
        context.write(&format!("cases/{case}/pipeline.yaml"), PIPELINE);
    }
    context
}

/// Scales to five, and asks for the right to do so.
fn five() -> Vec<u8> {
    Guest::sets_replicas(5).name("five").writes(&["replicas"]).build()
}

fn expected(replicas: u32) -> String {
    PIPELINE.replace("replicas: 3", &format!("replicas: {replicas} # as asked"))
}

fn settings(lines: &str) -> String {
    format!("apiVersion: wellhead.dev/v1alpha1\nkind: PluginCase\n{lines}\n")
}

fn plugin(lines: &str) -> String {
    format!("apiVersion: wellhead.dev/v1alpha1\nkind: PluginProject\n{lines}\n")
}

/// Cases pass by what they mean: order, comments and blanks do not matter.
#[test]
fn cases_that_pass() {
    let context = project(five(), &["four-to-five", "without-the-right"]);
    context.write("cases/four-to-five/expected.yaml", expected(5));
    context.write("cases/without-the-right/case.yaml", settings("grants: []"));
    context.write(
        "cases/without-the-right/expected-error.txt",
        "WH0602: the plugin writes what it is not granted  \r\n`replicas` is not granted\r\n\
         help: add to the entry's `grants`: replicas\n\n",
    );
    context.write("cases/README.md", "What they are about.");
    context.write("plugin.yaml", plugin("budget: {fuel: 1000, memory: 128Ki, edits: 1}"));
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 0
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    ok    four-to-five       27 fuel, 65 KiB, 1 edit
    ok    without-the-right  51 fuel, 65 KiB, 0 edits

    2 cases: 2 passed, 0 failed
    ----- stderr -----
    "#);
}

/// What is wrong with each case is told at once, with the lines that differ.
#[test]
fn cases_that_fail() {
    let cases = ["another-result", "should-fail", "another-error", "should-not-fail"];
    let context = project(five(), &cases);
    context.write("cases/another-result/expected.yaml", expected(6));
    context.write("cases/should-fail/expected-error.txt", "WH0521: the plugin refuses\n");
    context.write("cases/another-error/expected-error.txt", "WH0521: the plugin refuses\n");
    context.write("cases/another-error/case.yaml", settings("grants: []"));
    context.write("cases/should-not-fail/expected.yaml", expected(5));
    context.write("cases/should-not-fail/case.yaml", settings("limits: {fuel: 10}"));
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    FAIL  another-error    51 fuel, 65 KiB, 0 edits
          error[WH0823]: the result differs from expected-error.txt
          - WH0521: the plugin refuses
          + WH0602: the plugin writes what it is not granted
          + `replicas` is not granted
          + help: add to the entry's `grants`: replicas
    FAIL  another-result   27 fuel, 65 KiB, 1 edit
          error[WH0823]: the result differs from expected.yaml
            metadata:
              name: db
            spec:
          -   replicas: 6
          +   replicas: 5
              containers:
              - name: db
                image: postgres:17
    FAIL  should-fail      27 fuel, 65 KiB, 1 edit
          error[WH0823]: the plugin succeeds, and expected-error.txt expects it to fail
            WH0521: the plugin refuses
    FAIL  should-not-fail  10 fuel, 65 KiB, 0 edits
          error[WH0512]: plugin `five` was stopped: it used up its 10 units of fuel
          help: an operator may raise `limits.fuel` of the chain entry
          help: `-v` shows where in the plugin

    4 cases: 0 passed, 4 failed
    ----- stderr -----
    "#);
}

/// What is expected is written by reading what came out.
#[test]
fn a_case_that_expects_nothing_shows_what_comes_out() {
    let context = project(five(), &["neither"]);
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    FAIL  neither  27 fuel, 65 KiB, 1 edit
          error[WH0821]: the case has neither expected.yaml nor expected-error.txt
            --> cases/neither/expected.yaml
          help: `--bless` writes the one that comes out; read it before you keep it
          + apiVersion: wellhead.dev/v1alpha1
          + kind: Pipeline
          + metadata:
          +   name: db
          + spec:
          +   replicas: 5
          +   containers:
          +   - name: db
          +     image: postgres:17

    1 case: 0 passed, 1 failed
    ----- stderr -----
    "#);
}

/// A case with wrong files is a case that fails, and everything that is wrong is told.
#[test]
fn cases_with_wrong_files() {
    let context = project(five(), &["both", "typo", "warns-and-fails"]);
    context.write("cases/both/expected.yaml", expected(5));
    context.write("cases/both/expected-error.txt", "");
    context.write("cases/typo/expectd.yaml", expected(5));
    context.write("cases/typo/config.yaml", "a: 1\na: 2\n");
    context.write("cases/typo/case.yaml", settings("budgt: {fuel: 1}\nlimits: {fuel: lots}"));
    context.write("cases/warns-and-fails/expected-error.txt", "");
    context.write("cases/warns-and-fails/expected-warnings.txt", "");
    context.write("cases/no-pipeline/expected.yaml", "apiVersion: wellhead.dev/v1alpha1\n");
    context.write(
        "cases/two-pipelines/pipeline.yaml",
        format!("{PIPELINE}---\n{}", PIPELINE.replace("db", "x")),
    );
    context.write("cases/two-pipelines/expected-error.txt", "");
    context.write("cases/stray.yaml", PIPELINE);
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    FAIL  both             0 fuel, 0 KiB, 0 edits
          error[WH0821]: the case has both expected.yaml and expected-error.txt
            --> cases/both/expected-error.txt
          help: remove the one that is wrong
    FAIL  no-pipeline      0 fuel, 0 KiB, 0 edits
          error[WH0821]: the case has no pipeline.yaml
            --> cases/no-pipeline/pipeline.yaml
          help: write the pipeline that the plugin gets into it
          error[WH0104]: `kind` is missing
           --> cases/no-pipeline/expected.yaml:1:1
            |
          1 | apiVersion: wellhead.dev/v1alpha1
            | ^
          help: write `kind: Pipeline` or `kind: Customization`
    FAIL  stray.yaml       0 fuel, 0 KiB, 0 edits
          error[WH0821]: a test case is a folder
            --> cases/stray.yaml
          help: make a folder of this name, with the pipeline as pipeline.yaml
    FAIL  two-pipelines    0 fuel, 0 KiB, 0 edits
          error[WH0821]: pipeline.yaml holds 2 documents, and not one pipeline
           --> cases/two-pipelines/pipeline.yaml:1:1
            |
          1 | apiVersion: wellhead.dev/v1alpha1
            | ^
          help: a case is about one pipeline
    FAIL  typo             0 fuel, 0 KiB, 0 edits
          error[WH0821]: no file of a test case has this name
            --> cases/typo/expectd.yaml
          help: did you mean `expected.yaml`?
          error[WH0111]: duplicate key, first in line 1
           --> cases/typo/config.yaml:2:1
            |
          2 | a: 2
            | ^
          help: remove one of them
          error[WH0105]: unknown field `budgt`
           --> cases/typo/case.yaml:3:1
            |
          3 | budgt: {fuel: 1}
            | ^^^^^
          help: did you mean `budget`?
          error[WH0106]: found a string, expected an integer
           --> cases/typo/case.yaml:4:16
            |
          4 | limits: {fuel: lots}
            |                ^^^^
    FAIL  warns-and-fails  0 fuel, 0 KiB, 0 edits
          error[WH0821]: warnings belong to expected.yaml, not to expected-error.txt
            --> cases/warns-and-fails/expected-warnings.txt
          help: remove it: a run that fails warns of nothing

    6 cases: 0 passed, 6 failed
    ----- stderr -----
    "#);
}

/// A promise that is broken fails a case whose result is right; a case may promise something else.
#[test]
fn a_case_over_the_authors_budget() {
    let context = project(five(), &["cheap", "dear"]);
    for case in ["cheap", "dear"] {
        context.write(&format!("cases/{case}/expected.yaml"), expected(5));
    }
    context.write("plugin.yaml", plugin("budget: {fuel: 10, memory: 1Ki, edits: 0}"));
    context.write("cases/cheap/case.yaml", settings("budget: {fuel: 1000, memory: 1Mi, edits: 1}"));
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    ok    cheap  27 fuel, 65 KiB, 1 edit
    FAIL  dear   27 fuel, 65 KiB, 1 edit
          error[WH0824]: it uses 27 units of fuel, and plugin.yaml promises at most 10
          help: make it need less, or raise `budget.fuel` in plugin.yaml
          error[WH0824]: it uses 65544 bytes of memory, and plugin.yaml promises at most 1024
          help: make it need less, or raise `budget.memory` in plugin.yaml
          error[WH0824]: it uses 1 edit, and plugin.yaml promises at most 0
          help: make it need less, or raise `budget.edits` in plugin.yaml

    2 cases: 1 passed, 1 failed
    ----- stderr -----
    "#);
}

/// What a plugin warns of is a part of its result.
#[test]
fn warnings_are_expected_or_a_difference() {
    let says = "(call $log (i32.const 0) (i32.const 8192) (i32.const 7)) (i32.const 256)";
    let warns = Guest::new().imports_log().data(8_192, "no rule").transform(says).build();
    let context = project(warns, &["a"]);
    context.write("cases/a/expected.yaml", PIPELINE);
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    guest 1.0.0 (plugin.wasm)

    FAIL  a  27 fuel, 65 KiB, 0 edits
          error[WH0823]: the result differs from expected-warnings.txt
          + WH0524: no rule
          log warn: "no rule"

    1 case: 0 passed, 1 failed
    ----- stderr -----
    "#);
    context.write("cases/a/expected-warnings.txt", "WH0524: no rule\n");
    assert!(context.run(&["plugin", "test"]).starts_with("exit code: 0"));
    let context = project(judge("warning", "the volume is small", "10Gi"), &["a"]);
    context.write("cases/a/expected.yaml", PIPELINE);
    context.write("cases/a/expected-warnings.txt", "WH0523: the volume is small\nhelp: 10Gi\n");
    assert!(context.run(&["plugin", "test"]).starts_with("exit code: 0"));
    let context = project(judge("error", "the volume is small", "10Gi"), &["a"]);
    let error = "WH0523: the plugin objects to the pipeline\nthe volume is small\nhelp: 10Gi\n";
    context.write("cases/a/expected-error.txt", error);
    assert!(context.run(&["plugin", "test"]).starts_with("exit code: 0"));
}

/// `--bless` makes of each case what comes out of it, and says which files it wrote.
#[test]
fn blessing_writes_what_comes_out() {
    let context = project(five(), &["new", "right", "stale", "now-fails"]);
    context.write("cases/right/expected.yaml", expected(5));
    context.write("cases/stale/expected.yaml", expected(4));
    context.write("cases/now-fails/expected.yaml", expected(5));
    context.write("cases/now-fails/expected-warnings.txt", "WH0524: gone\n");
    context.write("cases/now-fails/case.yaml", settings("grants: []"));
    assert_snapshot!(context.run(&["plugin", "test", "--bless"]), @r#"
    exit code: 0
    ----- stdout -----
    five 1.0.0 (plugin.wasm)

    ok    new        27 fuel, 65 KiB, 1 edit
    ok    now-fails  51 fuel, 65 KiB, 0 edits
    ok    right      27 fuel, 65 KiB, 1 edit
    ok    stale      27 fuel, 65 KiB, 1 edit
    added     cases/new/expected.yaml
    added     cases/now-fails/expected-error.txt (WH0602)
    removed   cases/now-fails/expected.yaml
    removed   cases/now-fails/expected-warnings.txt
    replaced  cases/stale/expected.yaml

    4 cases: 4 passed, 0 failed; 1 blessed case expects an error
    ----- stderr -----
    "#);
    let text = |path: &str| std::fs::read_to_string(context.path(path)).unwrap();
    assert_eq!(text("cases/right/expected.yaml"), expected(5), "its comment is kept");
    assert!(text("cases/stale/expected.yaml").contains("  replicas: 5\n"));
    assert_eq!(text("cases/stale/expected.yaml"), text("cases/new/expected.yaml"));
    assert!(text("cases/now-fails/expected-error.txt").starts_with("WH0602: "));
    assert!(!context.path("cases/now-fails/expected.yaml").exists());
    assert!(!context.path("cases/now-fails/expected-warnings.txt").exists());
    let shown = context.run(&["plugin", "test"]);
    assert!(shown.starts_with("exit code: 0") && shown.contains("4 passed"), "{shown}");
}

/// Where something is wrong that cannot be blessed, nothing is written at all.
#[test]
fn blessing_is_all_or_nothing() {
    let context = project(five(), &["new", "stale"]);
    context.write("cases/stale/expected.yaml", expected(4));
    context.write("cases/broken/notes.txt", "");
    let shown = context.run(&["plugin", "test", "--bless"]);
    assert!(shown.starts_with("exit code: 1"), "{shown}");
    assert!(shown.contains("nothing was blessed"), "{shown}");
    assert!(!context.path("cases/new/expected.yaml").exists());
    let stale = std::fs::read_to_string(context.path("cases/stale/expected.yaml")).unwrap();
    assert_eq!(stale, expected(4));
    let shown = context.run(&["plugin", "test", ".", "new", "stale", "--bless"]);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    assert!(context.path("cases/new/expected.yaml").exists());
}

/// A filter is a part of a name; one that names nothing is an error, and so is a folder without cases.
#[test]
fn only_the_cases_that_are_meant() {
    let context = project(five(), &["one", "two", "three"]);
    for case in ["one", "two", "three"] {
        context.write(&format!("cases/{case}/expected.yaml"), expected(5));
    }
    let shown = context.run(&["plugin", "test", ".", "on", "tw"]);
    assert!(shown.contains("2 cases: 2 passed, 0 failed, 1 not run"), "{shown}");
    assert_snapshot!(context.run(&["plugin", "test", ".", "four", "five"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0822]: no name of the 3 test cases contains `four`, `five`
      --> cases
    help: a filter is a part of the name of a case's folder
    "#);
    std::fs::remove_dir_all(context.path("cases")).unwrap();
    let shown = context.run(&["plugin", "test"]);
    assert!(shown.contains("error[WH0822]: there is no folder of test cases"), "{shown}");
    std::fs::create_dir(context.path("cases")).unwrap();
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0822]: there is no test case
      --> cases
    help: make a folder there, with pipeline.yaml, and run again with `--bless`
    "#);
}

/// A plugin that is not built, and one that is none, end like everywhere else.
#[test]
fn a_plugin_that_cannot_be_loaded() {
    let context = project(b"\0asm\x01\0\0\0", &["a"]);
    assert!(context.run(&["plugin", "test"]).starts_with("exit code: 12"));
    context.write("plugin.yaml", plugin("component: build/p.wasm"));
    assert_snapshot!(context.run(&["plugin", "test"]), @r#"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0828]: there is no component build/p.wasm
    help: `wellhead plugin build` makes it from a project; `component` in plugin.yaml says where it is
    "#);
    context.write("plugin.yaml", "component: build/p.wasm\n");
    let shown = context.run(&["plugin", "test"]);
    assert!(shown.contains("error[WH0104]"), "{shown}");
}

/// Cases and component may stand elsewhere: several projects share their cases.
#[test]
fn cases_may_be_shared() {
    let context = Context::new();
    context.write("vectors/a/pipeline.yaml", PIPELINE);
    context.write("vectors/a/expected.yaml", expected(5));
    context.write("rust/plugin.yaml", plugin("component: build/p.wasm\ncases: ../vectors"));
    context.write("rust/build/p.wasm", five());
    assert!(context.run(&["plugin", "test", "rust"]).contains("1 case: 1 passed"));
    context.write("other.wasm", Guest::sets_replicas(4).writes(&["replicas"]).build());
    let shown = context.run(&["plugin", "test", "rust", "--plugin", "other.wasm"]);
    assert!(shown.contains("1 case: 0 passed, 1 failed"), "{shown}");
}

/// A crash is told with the function and, where the component has it, the line of its source.
#[test]
fn a_crash_in_a_case_has_source_lines() {
    let guest =
        Guest::new().fields("(func $oops (unreachable))").transform("(call $oops) (i32.const 256)");
    let context = project(guest.build_with_lines("plugin.wat"), &["a"]);
    context.write("cases/a/expected.yaml", PIPELINE);
    assert_snapshot!(context.run(&["plugin", "test", "-v"]), @r#"
    exit code: 1
    ----- stdout -----
    guest 1.0.0 (plugin.wasm)

    FAIL  a  15 fuel, 64 KiB, 0 edits
          error[WH0511]: plugin `guest` crashed
            it gave up, as after a panic, an abort or a failed assertion (wasm `unreachable`)
              at oops (plugin.wat:10)
              at function 4 (plugin.wat:40)

    1 case: 0 passed, 1 failed
    ----- stderr -----
    "#);
    let shown = context.run(&["plugin", "test"]);
    assert!(shown.contains("`-v` shows where") && !shown.contains("plugin.wat"), "{shown}");
}

/// The report for programs.
#[test]
fn a_report_as_json() {
    let context = project(five(), &["a", "b"]);
    context.write("cases/a/expected.yaml", expected(5));
    context.write("cases/b/expected.yaml", expected(6));
    let mut command = context.command(&["plugin", "test", "-o", "json"]);
    assert_eq!(output(&mut command).status.code(), Some(1));
    let report = json(&mut command);
    assert_eq!(report["kind"], "PluginTest");
    assert_eq!((&report["passed"], &report["failed"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(report["cases"][0]["usage"]["edits"], 1);
    assert!(report["cases"][0]["usage"]["fuel"].as_u64().unwrap() > 0);
    let problem = &report["cases"][1]["problems"][0];
    assert_eq!(problem["code"], "WH0823");
    assert!(problem["expected"].as_str().unwrap().contains("replicas: 6"));
    assert!(problem["actual"].as_str().unwrap().contains("replicas: 5"));
}

/// The report for a CI server, which takes nothing that is not XML.
#[test]
fn a_report_as_junit() {
    let edit = Edit::pipeline("set-annotation").text("note").text("a<b> & \u{1b}[2J");
    let guest = Guest::makes(&[edit], Manner::Honest).name("p").writes(&["annotations.*"]);
    let context = project(guest.build(), &["a<&\"", "b"]);
    context.write("cases/a<&\"/expected.yaml", PIPELINE);
    context.write("cases/b/expected-error.txt", "WH0521: <no>\n");
    let shown = context.run(&["plugin", "test", "-o", "junit"]);
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let times = shown.split('"').scan(false, |is_time, part| {
        let shown = if *is_time { "[TIME]" } else { part };
        *is_time = part.ends_with("time=");
        Some(shown)
    });
    assert_snapshot!(times.collect::<Vec<_>>().join("\""), @r#"
    exit code: 1
    ----- stdout -----
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="p" tests="2" failures="2" errors="0" time="[TIME]">
      <testcase name="a&lt;&amp;&quot;" classname="p" time="[TIME]">
        <properties>
          <property name="fuel" value="62"/>
          <property name="memory" value="196616"/>
          <property name="edits" value="1"/>
        </properties>
        <failure type="WH0823" message="the result differs from expected.yaml">expected:
    apiVersion: wellhead.dev/v1alpha1
    kind: Pipeline
    metadata:
      name: db
    spec:
      replicas: 3
      containers:
      - name: db
        image: postgres:17
    actual:
    apiVersion: wellhead.dev/v1alpha1
    kind: Pipeline
    metadata:
      name: db
      annotations:
        note: &quot;a&lt;b&gt; &amp; \e[2J&quot;
    spec:
      replicas: 3
      containers:
      - name: db
        image: postgres:17
    </failure>
      </testcase>
      <testcase name="b" classname="p" time="[TIME]">
        <properties>
          <property name="fuel" value="62"/>
          <property name="memory" value="196616"/>
          <property name="edits" value="1"/>
        </properties>
        <failure type="WH0823" message="the plugin succeeds, and expected-error.txt expects it to fail">WH0521: &lt;no&gt;
    </failure>
      </testcase>
    </testsuite>
    ----- stderr -----
    "#);
}

/// What a link leads to would be shown as a difference, a device has no end, and a pipe is waited for.
#[cfg(unix)]
#[test]
fn a_file_of_a_case_that_is_none_of_the_project_is_refused() {
    let context = project(five(), &["a"]);
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    let secret = outside.path().join("secret");
    std::fs::write(&secret, "hunter2").expect("it can be written");
    let pipe = outside.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("it can be started").success());
    let targets = [std::path::Path::new("/dev/zero"), &secret, &pipe, outside.path()];
    for name in ["expected-error.txt", "expected.yaml", "config.yaml", "case.yaml"] {
        for target in targets {
            let link = context.path(&format!("cases/a/{name}"));
            std::os::unix::fs::symlink(target, &link).expect("a link can be made");
            let said = context.run(&["plugin", "test"]);
            assert!(said.contains(&format!("{name} is not a file of the project")), "{said}");
            assert!(!said.contains("hunter2") && !said.contains("exit code: 0"), "{said}");
            std::fs::remove_file(&link).expect("it is there");
        }
    }
    // A case that is a link itself, and a project file: a line of it would be shown.
    std::fs::write(outside.path().join("config.yaml"), "hunter2").expect("it can be written");
    let link = context.path("cases/b");
    std::os::unix::fs::symlink(outside.path(), &link).expect("a link can be made");
    let said = context.run(&["plugin", "test", ".", "b"]);
    assert!(said.contains("config.yaml is not a file of the project"), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("exit code: 0"), "{said}");
    std::fs::remove_file(&link).expect("it is there");
    let link = context.path("plugin.yaml");
    let own = std::fs::read_to_string(&link).ok();
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(&secret, &link).expect("a link can be made");
    let said = context.run(&["plugin", "test"]);
    assert!(said.contains("plugin.yaml is not a file of the project"), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("exit code: 0"), "{said}");
    std::fs::remove_file(&link).expect("it is there");
    if let Some(own) = own {
        std::fs::write(&link, own).expect("it can be written");
    }
    // A link within the project is a file of it.
    context.write("shared/expected.yaml", expected(5));
    let link = context.path("cases/a/expected.yaml");
    std::os::unix::fs::symlink(context.path("shared/expected.yaml"), link).expect("a link");
    let said = context.run(&["plugin", "test"]);
    assert!(said.contains("1 passed"), "{said}");
}
