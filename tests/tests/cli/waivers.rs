//! Codes of findings, and entries that waive them.

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, Judge, Told};

use crate::context::{Context, json};

const FEW: Told<'static> = Told {
    warns: false,
    code: Some("too-few"),
    message: "2 is too few",
    arguments: &[("replicas", "2")],
    path: Some("replicas"),
    hint: Some("have 3"),
    link: Some("https://acme.example/too-few"),
};
const OLD: Told<'static> =
    Told { warns: true, code: Some("old"), message: "an old image", ..NOTHING };
const NOTHING: Told<'static> = Told {
    warns: false,
    code: None,
    message: "",
    arguments: &[],
    path: None,
    hint: None,
    link: None,
};

/// A folder whose customization has a validator with these findings, and these lines in its entry.
fn judged(findings: &[Told<'_>], lines: &[&str]) -> Context {
    let context = Context::with_guests(&[("guard", &Guest::new(), lines)]);
    context.write("guard.wasm", Judge { findings, ..Judge::default() }.build());
    context
}

const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];

/// People get the code, programs all of it.
#[test]
fn a_finding_has_its_code_its_arguments_and_its_page() {
    let context = judged(&[FEW, OLD], &[]);
    assert_snapshot!(context.run(&RENDER));
    let document = json(context.command(&RENDER).args(["-o", "json"]));
    let says = &document["diagnostics"][0]["says"][0];
    assert_eq!(says["code"], "too-few");
    assert_eq!(says["arguments"]["replicas"], "2");
    assert_eq!(says["link"], "https://acme.example/too-few");
}

/// What is waived stops nothing, and stays visible: on the screen, in JSON and in the provenance.
#[test]
fn a_waived_finding_is_a_note_and_is_recorded() {
    let context = judged(&[FEW, OLD], &["waives: [too-few, old]"]);
    let file = ["-q", "--provenance", "made.json", "--output-dir", "out"];
    assert!(context.run(&[&RENDER[..], &file].concat()).starts_with("exit code: 0"));
    let made: serde_json::Value =
        serde_json::from_slice(&std::fs::read(context.path("made.json")).unwrap()).unwrap();
    assert_eq!(
        made["pipelines"][0]["waived"],
        serde_json::json!([
            {"plugin": "guard", "code": "too-few", "path": "replicas", "message": "2 is too few"},
            {"plugin": "guard", "code": "old", "message": "an old image"},
        ])
    );
    let explain = ["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"];
    assert_snapshot!(context.run(&explain));
    let document = json(context.command(&explain).args(["-o", "json"]));
    let first = &document["diagnostics"][0];
    assert_eq!((&first["severity"], &first["waived"]), (&"note".into(), &true.into()));
}

/// A waiver is for the code that it names, for the plugin of its entry, and for what is found.
#[test]
fn a_waiver_of_something_else_waives_nothing() {
    let context = judged(&[FEW], &["waives: [too-many]"]);
    assert!(context.run(&RENDER).contains("objects to the pipeline"));
    let context = judged(&[OLD], &["waives: [too-many]"]);
    assert_snapshot!(context.run(&["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]));
    let other: &[(&str, &Guest, &[&str])] =
        &[("other", &Guest::new(), &["waives: [too-few]"]), ("guard", &Guest::new(), &[])];
    let context = Context::with_guests(other);
    context.write("guard.wasm", Judge { findings: &[FEW], ..Judge::default() }.build());
    assert!(context.run(&RENDER).contains("(too-few): \"2 is too few\""));
    // Of several pipelines, one is enough.
    let context = judged(&[OLD], &["waives: [old]"]);
    let pipeline = std::fs::read_to_string(context.path("db.yaml")).unwrap();
    context.write("more/db.yaml", pipeline.replace("name: db\n", "name: db2\n"));
    let both = context.run(&[&RENDER[..], &["-f", "more"]].concat());
    assert!(both.contains("pipelines: db, db2") && !both.contains("WH0529"), "{both}");
}

/// A code that no finding can have is an error of the customization.
#[test]
fn a_waiver_that_is_not_a_code_is_refused() {
    let context = judged(&[], &["waives: [Too-Few, \"\"]"]);
    assert_snapshot!(context.run(&RENDER));
}

/// An entry in audit mode reports what it finds, and what it would waive stays a note.
#[test]
fn a_waiver_in_audit_mode_waives_what_would_be_reported() {
    let context = judged(&[FEW, OLD], &["audit: true", "waives: [too-few]"]);
    let explain = ["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"];
    assert_snapshot!(context.run(&explain), @r#"
    exit code: 0
    ----- stdout -----
    FIELD     VALUE  SET BY                  REASON
    replicas  3      base spec db.yaml:6:13
    ----- stderr -----
    warning[WH0523]: audit: plugin `guard` warns (old): "an old image"
      pipeline: db
    note[WH0523]: waived: plugin `guard` objects to `replicas` (too-few): "2 is too few"
     --> db.yaml:6:13
      |
    6 |   replicas: 3
      |             ^
      pipeline: db
    "#);
    let document = json(context.command(&explain).args(["-o", "json"]));
    let marks = |at: usize| {
        let it = &document["diagnostics"][at];
        (it["severity"].as_str(), it["audit"].as_bool(), it["waived"].as_bool())
    };
    assert_eq!(marks(0), (Some("warning"), Some(true), None));
    assert_eq!(marks(1), (Some("note"), Some(true), Some(true)));
}
