//! Text of a plugin, wherever it comes out: it neither steers the terminal nor forges a line, and
//! there is little of it.

use std::fmt::Write as _;
use std::process::Output;

use wellhead_tests::guest::{Guest, encode};
use wellhead_tests::speech::said_by_the_host;

use crate::context::{Context, PIPELINE, output};

/// What a hostile plugin says: terminal codes of 7 and 8 bits, line ends, direction marks, invisible
/// characters, tags, marks without a letter, private and unassigned characters, another blank.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\nFORGED\t\u{202e}\u{2066}\u{200b}\u{200f}\u{feff}\
                       \u{e0041}\u{fe0f}\u{301}\u{301}\u{e000}\u{378}\u{3164}\u{a0}\u{2028}\u{7f}\0";
/// Where the text stands in a guest, and how long it is there: short, or a megabyte of ESC.
const TEXTS: [(i32, i32); 2] = [(8_192, 65), (65_536, 1_000_000)];
/// Puts the long text into its place.
const FILL: &str = "(drop (memory.grow (i32.const 20))) \
                    (memory.fill (i32.const 65536) (i32.const 27) (i32.const 1000000))";
/// Most bytes that one command prints because of a plugin.
const PRINTED: usize = 64 << 10;

const LOG: &str = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#;

fn data() -> String {
    let bytes = escaped(HOSTILE);
    format!("(data (i32.const 8192) \"{bytes}\")")
}

/// A text as WebAssembly text writes it.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "\\{byte:02x}");
        escaped
    })
}

fn guest(transform: &str) -> Guest {
    Guest::new().fields(LOG).fields(&data()).transform(&format!("{FILL} {transform}"))
}

/// `i32.store` of each word, from an address on.
fn store(from: i32, words: &[i32]) -> String {
    let word = |(at, word): (i32, &i32)| format!("(i32.store (i32.const {at}) (i32.const {word}))");
    (from..).step_by(4).zip(words).map(word).collect()
}

fn run(context: &Context, arguments: &[&str]) -> Output {
    output(&mut context.command(arguments))
}

/// Both streams are printable ASCII in lines that are ours, and short; the text was shown at all.
fn assert_safe(what: &str, output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        let is_safe = |c: char| matches!(c, ' '..='~' | '\n');
        let found = text.find(|c| !is_safe(c));
        assert_eq!(found, None, "{what}: {:?}", found.map(|at| &text[at..]));
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("FORGED")),
            "{what}: {text}"
        );
        assert_eq!(said_by_the_host(&text, "FORGED"), None, "{what}: {text}");
        assert!(text.len() < PRINTED, "{what}: {} bytes", text.len());
    }
}

/// The plugin's text was shown, escaped, so that the test has looked at the right place.
fn assert_shown(what: &str, output: &Output) {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&all);
    assert!(text.contains("u{1b}") || text.contains("u001b"), "{what} shows nothing: {text}");
}

fn check(what: &str, context: &Context, arguments: &[&str]) {
    let shown = run(context, arguments);
    assert_safe(what, &shown);
    assert_shown(what, &shown);
    let json = run(context, &[arguments, &["-o", "json"]].concat());
    assert_safe(&format!("{what} as JSON"), &json);
}

const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];

/// Message, field and hint of a rejection.
#[test]
fn in_a_rejection() {
    for (at, length) in TEXTS {
        let rejection = store(512, &[1, at, length, 1, at, length, 1, at, length]);
        let guest = guest(&format!("{rejection} (i32.const 512)"));
        let context = Context::with_guests(&[("bad", &guest, &[])]);
        check("rejection", &context, &[&RENDER[..], &["-v"]].concat());
    }
}

/// Log lines of every level, and the last words before a crash.
#[test]
fn in_log_lines_and_last_words() {
    for (at, length) in TEXTS {
        // Within the budget of messages, which counts all that is said.
        let length = length.min(300_000);
        let say = |level: i32| {
            format!("(call $log (i32.const {level}) (i32.const {at}) (i32.const {length}))")
        };
        let lines = [say(0), say(1), say(2)].concat();
        for end in ["(i32.const 256)", "(unreachable)"] {
            let guest = guest(&format!("{lines} {end}"));
            let context = Context::with_guests(&[("bad", &guest, &[])]);
            let shown = run(&context, &[&RENDER[..], &["-vv"]].concat());
            assert_shown(end, &shown);
            assert_safe(end, &Output { stdout: Vec::new(), ..shown });
        }
    }
}

/// The reason of an edit: in `explain`, in its JSON, and in the file of `--provenance`.
#[test]
fn in_a_reason() {
    let imports = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.because"
            (func $because (param i32 i32 i32)))
        (import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.set-replicas"
            (func $set (param i32 i32 i32)))"#;
    for (at, length) in TEXTS {
        let guest = guest(&format!(
            "(call $because (local.get $target) (i32.const {at}) (i32.const {length})) \
             (call $set (local.get $target) (i32.const 5) (i32.const 512)) (i32.const 256)"
        ))
        .fields(imports);
        let context = Context::with_guests(&[("bad", &guest, &["grants: [replicas]"])]);
        check("reason", &context, &["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]);
        run(&context, &[&RENDER[..], &["--provenance", "out.json"]].concat());
        let stdout = std::fs::read(context.path("out.json")).expect("the file was written");
        let file = Output { stdout, ..run(&context, &["version"]) };
        assert_safe("provenance", &file);
        check("from", &context, &["explain", "replicas", "--from", "out.json"]);
    }
}

/// A value that a plugin set: in `explain`, and in the conflict of two plugins.
#[test]
fn in_a_value() {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.set-annotation"
        (func $set (param i32 i32 i32 i32 i32 i32))) (data (i32.const 9000) "note")"#;
    let sets = |at: i32, length: i32| {
        guest(&format!(
            "(call $set (local.get $target) (i32.const 9000) (i32.const 4) (i32.const {at}) \
             (i32.const {length}) (i32.const 512)) (i32.const 256)"
        ))
        .fields(import)
    };
    // Without the NUL, which no value may have.
    let grants = ["grants: [annotations.note]"];
    let context = Context::with_guests(&[("bad", &sets(8192, 64), &grants)]);
    check("value", &context, &["explain", "annotations", "-f", "db.yaml", "-c", "team.yaml"]);
    // They differ from their first character on.
    let worse = sets(9000, 4);
    let both = [("bad", &sets(8192, 64), &grants[..]), ("worse", &worse, &grants[..])];
    check("conflict", &Context::with_guests(&both), &RENDER);
}

/// What a plugin says about itself.
#[test]
fn in_a_description() {
    for (at, length) in TEXTS {
        // Name, version, description; then one asked write.
        let texts = [at, length, at, length, at, length];
        let writes = store(700, &[at, length]);
        let describe = format!(
            "{FILL} {} {writes} {} (i32.const 64)",
            store(64, &texts),
            store(64 + 32, &[700, 1])
        );
        let guest = Guest::sets_replicas(5).fields(&data()).describe(&describe);
        let context = Context::with_guests(&[("bad", &guest, &["grants: [replicas]"])]);
        check("description", &context, &["plugin", "inspect", "bad.wasm"]);
        check("version", &context, &["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]);
    }
}

/// The schema of a config: as it is printed, in its violations, and where it is none.
#[test]
fn in_a_config_schema() {
    let text = serde_json::Value::from(HOSTILE.replace('\0', "")).to_string();
    let schema = format!(
        r#"{{"title": {text}, "properties": {{"a": {{"enum": [{text}]}}, "b": {{"const": {text}}}}},
            "required": [{text}], "additionalProperties": false}}"#
    );
    let guest = Guest::new().schema(&schema);
    let context = Context::with_guests(&[("bad", &guest, &["config: {a: 1, b: 2, c: 3}"])]);
    check("schema", &context, &["plugin", "inspect", "bad.wasm"]);
    check("violations", &context, &RENDER);
    for schema in [
        format!(r#"{{"type": {text}}}"#),
        format!(r#"{{"pattern": {}}}"#, text.replace("FORGED", "(")),
        format!(r#"{{"$ref": {text}}}"#),
    ] {
        let guest = Guest::new().schema(&schema);
        let context = Context::with_guests(&[("bad", &guest, &["config: {a: 1}"])]);
        assert_safe(&schema, &run(&context, &RENDER));
    }
}

/// Very many violations of one config are a few lines.
#[test]
fn in_very_many_violations() {
    let schema = format!(r#"{{"allOf": [{}]}}"#, vec!["{\"const\":0}"; 3_000].join(","));
    let context = Context::with_guests(&[("bad", &big(&schema), &["config: {a: 1}"])]);
    let shown = run(&context, &RENDER);
    assert_safe("violations", &shown);
    let text = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(text.contains("... and at least 80 more"), "{text}");
}

/// A guest with a schema that needs more room than a guest's texts have: the heap begins there, and
/// nothing is allocated on it.
fn big(schema: &str) -> Guest {
    let bytes = escaped(schema);
    let length = i32::try_from(schema.len()).expect("a schema is short");
    assert!(length < 45_000, "a schema ends where the memory does");
    Guest::new()
        .fields(&format!("(data (i32.const 20000) \"{bytes}\")"))
        .describe(&format!("{} (i32.const 64)", store(64 + 24, &[20_000, length])))
}

/// The same function names and imports, as the name section and the engine tell them.
#[test]
fn in_the_names_of_functions() {
    for text in [escaped(HOSTILE), "\\c3\\a4".repeat(50_000)] {
        let guest = Guest::new()
            .fields(&format!("(func $oops (@name \"{text}\") (unreachable))"))
            .transform("(call $oops) (i32.const 256)");
        let context = Context::with_guests(&[("bad", &guest, &[])]);
        let shown = run(&context, &[&RENDER[..], &["-v"]].concat());
        assert_safe("backtrace", &shown);
        let text = String::from_utf8_lossy(&shown.stderr).into_owned();
        assert!(text.contains("\\u{1b}") || text.contains("\\u{e4}"), "{text}");
        let plain = run(&context, &RENDER);
        let text = String::from_utf8_lossy(&plain.stderr).into_owned();
        assert!(!text.contains("\\u{"), "the backtrace is behind -v: {text}");
    }
}

/// Names of imports and exports, where the engine quotes them: a name that is no name, a name
/// twice, another world.
#[test]
fn in_the_names_of_imports_and_exports() {
    let name = escaped(HOSTILE);
    for component in [
        format!("(component (import \"{name}\" (instance)))"),
        format!("(component (import \"a:b/{name}@0.1.0\" (instance)))"),
        format!("(component (instance $i) (export \"{name}\" (instance $i)))"),
        format!(
            "(component (core module (import \"{name}\" \"{name}\" (func)) (import \"{name}\" \"{name}\" (global i32))) (core instance (instantiate 0)))"
        ),
        format!(
            "(component (core module (func) (export \"{name}\" (func 0)) (export \"{name}\" (func 0))))"
        ),
    ] {
        let component = wat::parse_str(&component).expect("the text can be encoded");
        let context = Context::with_guests(&[("bad", &Guest::new(), &[])]);
        context.write("bad.wasm", component);
        for arguments in [&RENDER[..], &["plugin", "inspect", "bad.wasm"]] {
            let shown = run(&context, &[arguments, &["-v"]].concat());
            assert_safe("names", &shown);
            assert!(!shown.status.success());
        }
    }
}

/// Field, message and hint of a finding, and very many of them.
#[test]
fn in_a_finding() {
    for (at, length) in TEXTS {
        for (severity, count) in [(0, 1), (1, 1), (0, 5_000), (1, 5_000)] {
            let context = Context::with_guests(&[("bad", &Guest::new(), &[])]);
            context.write("bad.wasm", validator(severity, at, length, count));
            let shown = run(&context, &[&RENDER[..], &["-q"]].concat());
            assert_safe("quiet", &Output { stdout: Vec::new(), ..shown });
            let shown = run(&context, &RENDER);
            assert_safe("finding", &Output { stdout: Vec::new(), ..shown.clone() });
            if length == TEXTS[0].1 {
                assert_shown("finding", &shown);
            }
        }
    }
}

/// A plugin that judges, and has the same finding `count` times.
fn validator(severity: i32, at: i32, length: i32, count: i32) -> Vec<u8> {
    // Severity in a word, field, message, hint: 36 bytes.
    let finding = store(1_200_000, &[severity, 1, at, length, at, length, 1, at, length]);
    let copies = "(loop $l \
        (memory.copy (i32.add (i32.const 1200000) (i32.mul (local.get $i) (i32.const 36))) \
                     (i32.const 1200000) (i32.const 36)) \
        (local.set $i (i32.add (local.get $i) (i32.const 1)))";
    let module = format!(
        "(module \
           (import \"wellhead:plugin/pipeline@0.1.0\" \"[resource-drop]pipeline\" (func $drop (param i32))) \
           (memory (export \"memory\") 24) \
           (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 4096)) \
           (func (export \"wellhead:plugin/describe@0.1.0#describe\") (result i32) {} (i32.const 64)) \
           (func (export \"wellhead:plugin/validate@0.1.0#validate\") (param i32 i32 i32) (result i32) \
             (local $i i32) \
             (memory.fill (i32.const 65536) (i32.const 27) (i32.const 1000000)) {finding} {copies} \
             (br_if $l (i32.lt_u (local.get $i) (i32.const {count})))) \
             (call $drop (local.get 0)) {} (i32.const 256)) \
           {} (data (i32.const 1024) \"guard1.0.0{{}}\"))",
        store(64, &[1_024, 5, 1_029, 5, 1_034, 0, 1_034, 2, 0, 0]),
        store(260, &[1_200_000, count]),
        data(),
    );
    encode(&module, "validator")
}

/// A value in an object is data: it is printed so that it reads back, and steers nothing.
#[test]
fn in_an_object() {
    let context = Context::new();
    let text = serde_json::Value::from("\u{1b}[2J\u{9b}31m\u{85}\r\nkind: FORGED\n---\n");
    context.write("db.yaml", format!("{PIPELINE}      args: [{text}]\n"));
    let shown = run(&context, &["render", "-f", "db.yaml"]);
    assert_safe("object", &shown);
}
