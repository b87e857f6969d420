//! `wellhead plugin inspect`.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::{Context, json};

/// A plugin tells what it is; the host tells what it is made of.
#[test]
fn a_plugin_is_described() {
    let context = Context::new();
    context.write("p.wasm", Guest::new().name("tiny").schema(r#"{"type":"object"}"#).build());
    let shown = context.run(&["plugin", "inspect", "p.wasm"]);
    let shown: Vec<_> = shown.lines().filter(|line| !line.starts_with("size")).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    exit code: 0
    ----- stdout -----
    tiny 1.0.0
    "A plugin for tests."

    digest    sha256:[DIGEST]
    contract  wellhead:plugin@0.1.0
    exports   transform
    imports   wellhead:plugin/types@0.1.0, wellhead:plugin/pipeline@0.1.0

    It asks to write nothing.

    config schema:
    {
      "type": "object"
    }
    ----- stderr -----
    "#);
}

/// What a plugin asks to write is printed as the lines of a chain entry, protected fields apart.
#[test]
fn asked_rights_can_be_pasted() {
    let context = Context::with_guests(&[("p", &Guest::sets_replicas(5), &[])]);
    let asked =
        ["replicas", "claims.*.size", "labels[\"it's\"]", "serviceAccountName", "a..b\n---"];
    context.write("p.wasm", Guest::sets_replicas(5).writes(&asked).build());
    let shown = context.run(&["plugin", "inspect", "p.wasm"]);
    let lines = shown.lines().skip_while(|line| !line.starts_with("grants:"));
    let lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    grants:   # what it asks to write
      - replicas
      - 'claims.*.size'
      - 'labels["it''s"]'
    opens:   # protected fields that it asks to write
      - serviceAccountName
    # it also asks for `a..b\n---`, which is not a pattern of fields
    "#);
    let info = json(&mut context.command(&["plugin", "inspect", "p.wasm", "-o", "json"]));
    assert_eq!(info["grants"][1], "claims.*.size");
    assert_eq!(info["opens"], serde_json::json!(["serviceAccountName"]));
    let entry = format!("      {}\n", lines.join("\n      "));
    let team = std::fs::read_to_string(context.path("team.yaml")).unwrap();
    context.write("team.yaml", team + &entry);
    let rendered = context.run(&["render", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(rendered.starts_with("exit code: 0") && rendered.contains("replicas: 5"), "{rendered}");
}

/// The same for programs.
#[test]
fn a_plugin_is_described_as_json() {
    let context = Context::new();
    context.write("p.wasm", Guest::new().name("tiny").build());
    let info = json(&mut context.command(&["plugin", "inspect", "p.wasm", "-o", "json"]));
    assert_eq!(info["kind"], "PluginInfo");
    assert_eq!(info["name"], "tiny");
    assert_eq!(info["exports"][0], "transform");
}

/// What is no plugin fails as in a chain, with the file's name.
#[test]
fn what_is_no_plugin_is_refused() {
    let context = Context::new();
    context.write("p.wasm", b"\0asm\x01\0\0\0");
    assert_snapshot!(context.run(&["plugin", "inspect", "p.wasm"]), @r#"
    exit code: 12
    ----- stdout -----
    ----- stderr -----
    error[WH0503]: plugin `p` is a core module, and a plugin is a component
    help: turn the module into a component, e.g. with `wasm-tools component new`
    "#);
    assert!(context.run(&["plugin", "inspect", "none.wasm"]).starts_with("exit code: 10"));
}
