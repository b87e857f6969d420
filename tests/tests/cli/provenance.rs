//! `wellhead render --provenance`, and `explain --from` what it wrote.

use insta::assert_snapshot;
use serde_json::Value;
use wellhead_tests::guest::Guest;

use crate::context::{Context, PIPELINE, json};

const FILES: [&str; 4] = ["-f", "db.yaml", "-c", "team.yaml"];

fn context() -> Context {
    Context::with_guests(&[
        ("five", &Guest::sets_replicas(5), &["grants: [replicas]"]),
        ("seven", &Guest::sets_replicas(7), &["grants: [replicas]", "overrides: [replicas]"]),
    ])
}

fn render(context: &Context, more: &[&str]) -> String {
    let arguments = [&["render"][..], &FILES, &["--provenance", "out.json"], more].concat();
    context.run(&arguments)
}

fn written(context: &Context) -> Value {
    let bytes = std::fs::read(context.path("out.json")).expect("the file was written");
    serde_json::from_slice(&bytes).expect("the file is JSON")
}

/// The objects are printed as without it, and the file has what `explain -o json` prints.
#[test]
fn it_is_written_beside_the_objects() {
    let context = context();
    let plain = context.run(&[&["render"][..], &FILES].concat());
    assert_eq!(render(&context, &[]), plain);
    let explained = json(&mut context.command(&[&["explain", "-o", "json"][..], &FILES].concat()));
    assert_eq!(written(&context), explained);
}

/// It also stands beside a tree of files, and an equal one is not written again.
#[test]
fn it_is_written_beside_a_tree_and_only_when_it_differs() {
    let context = context();
    let shown = render(&context, &["--output-dir", "tree"]);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    let modified = || std::fs::metadata(context.path("out.json")).unwrap().modified().unwrap();
    let first = (modified(), written(&context));
    render(&context, &["--output-dir", "tree"]);
    assert_eq!((modified(), written(&context)), first);
}

/// Each pipeline has its place, in a line of its own; plugins and reasons stand once.
#[test]
fn several_pipelines_share_plugins_and_reasons() {
    let context = context();
    for name in ["a", "b", "c"] {
        let text = PIPELINE.replace("name: db\nspec", &format!("name: {name}\nspec"));
        context.write(&format!("specs/{name}.yaml"), text);
    }
    let arguments = ["render", "-f", "specs", "-c", "team.yaml", "--provenance", "out.json"];
    context.run(&arguments);
    let document = written(&context);
    let names: Vec<_> =
        document["pipelines"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(document["plugins"].as_array().unwrap().len(), 2);
    let text = std::fs::read_to_string(context.path("out.json")).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with(r#"{"name":"b""#)).count(), 1);
}

/// `explain` answers from the file, without the plugins and the specs, as it answers from them.
#[test]
fn it_is_explained_without_plugins() {
    let context = context();
    render(&context, &[]);
    let asked = [&[][..], &["--changed"], &["replicas"], &["sts/db", "spec.replicas"], &["svc/db"]];
    let answers =
        |files: &[&str]| asked.map(|what| context.run(&[&["explain"][..], what, files].concat()));
    let expected = answers(&FILES);
    for file in ["five.wasm", "seven.wasm", "db.yaml", "team.yaml"] {
        std::fs::remove_file(context.path(file)).unwrap();
    }
    assert_eq!(answers(&["--from", "out.json"]), expected);
}

/// Standard output has the objects, so that the document cannot go there.
#[test]
fn standard_output_is_refused() {
    let context = context();
    let arguments = [&["render"][..], &FILES, &["--provenance", "-"]].concat();
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0707]: `--provenance` takes a file: standard output has the objects
    help: `wellhead explain -o json` with the same files prints the same document
    "#);
}

/// A file that cannot be written is an error, and nothing else is left of it.
#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let context = context();
    let arguments = [&["render"][..], &FILES, &["--provenance", "missing/out.json"]].concat();
    let shown = context.run(&arguments);
    assert!(shown.starts_with("exit code: 1\n----- stdout -----\n-----"), "{shown}");
    assert!(shown.contains("error[WH0706]: cannot write missing/out.json"), "{shown}");
}

/// What `explain --from` cannot use is told: another document, another version, a damaged file.
#[test]
fn a_file_without_provenance_is_told() {
    let context = context();
    let explain = |text: &str| {
        context.write("other.json", text);
        context.run(&["explain", "--from", "other.json"])
    };
    assert_snapshot!(explain(r#"{"apiVersion": "cli.wellhead.dev/v1alpha1", "kind": "Error"}"#), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0711]: other.json holds no provenance
      its kind is Error (cli.wellhead.dev/v1alpha1), not Provenance (cli.wellhead.dev/v1alpha1)
    help: `wellhead render --provenance FILE` writes such a file
    "#);
    render(&context, &[]);
    let text = std::fs::read_to_string(context.path("out.json")).unwrap();
    for (damage, reason) in [
        (text.replace("v1alpha1", "v9"), "its kind is Provenance (cli.wellhead.dev/v9)"),
        (text[..text.len() / 2].to_owned(), "it is not a JSON document"),
        (text.replace("\"plugin\":1", "\"plugin\":7"), "leads nowhere"),
        (text.replace("\"fields\":", "\"felds\":"), "it is damaged: missing field"),
        (text.replace("{\"from\":\"replicas\"}", "{\"from\":\"nothing\"}"), "leads nowhere"),
    ] {
        let shown = explain(&damage);
        assert!(shown.starts_with("exit code: 2") && shown.contains(reason), "{reason}: {shown}");
    }
    let missing = context.run(&["explain", "--from", "missing.json"]);
    assert!(missing.starts_with("exit code: 2") && missing.contains("cannot be read"), "{missing}");
}

/// Values of variables that look like secrets are in neither the file nor what is explained of it.
#[test]
fn secrets_are_not_kept() {
    let context = context();
    let env = "      env:\n        - {name: DB_PASSWORD, value: hunter2}\n        \
               - {name: URL, value: 'https://me:hunter2@db'}\n        - {name: LEVEL, value: debug}\n";
    context.write("db.yaml", format!("{PIPELINE}{env}"));
    render(&context, &[]);
    let text = std::fs::read_to_string(context.path("out.json")).unwrap();
    assert!(!text.contains("hunter2") && text.contains("debug"), "{text}");
}

/// Edits of two fields multiply to more than anybody reads. Nothing is written, and the hint leads out.
#[test]
fn a_pipeline_that_multiplies_is_explained_object_by_object() {
    let context = Context::new();
    let labels = (0..50).map(|at| format!("l{at}: v"));
    let claim = |name: &str| {
        let labels = labels.clone().collect::<Vec<_>>().join(", ");
        format!("  - {{name: {name}, size: 1Gi, mountPath: /{name}, labels: {{{labels}}}}}\n")
    };
    let spec = format!("  replicas: 10000\n  claims:\n{}{}", claim("a"), claim("b"));
    context.write("db.yaml", PIPELINE.replace("  replicas: 3\n", &spec));
    let refused = context.run(&["render", "-f", "db.yaml", "--provenance", "out.json"]);
    assert_snapshot!(refused);
    assert!(!context.path("out.json").exists());
    assert_eq!(context.run(&["explain", "-f", "db.yaml"]), refused);
    let one = context.run(&["explain", "statefulset/db", "-f", "db.yaml"]);
    assert!(one.starts_with("exit code: 0"), "{one}");
}
