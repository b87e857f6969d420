//! Files with mistakes: every finding at once, each with its place and what to write instead.

use insta::assert_snapshot;

use crate::context::{Context, PIPELINE, json};

/// A pipeline with eight fields that do not exist.
fn with_unknown_fields() -> String {
    let unknown: Vec<_> = (0..8).map(|number| format!("  zzz{number}: 1\n")).collect();
    format!("{PIPELINE}{}", unknown.concat())
}

/// A misspelt field is an error with the field that was probably meant.
#[test]
fn an_unknown_field_is_suggested() {
    let context = Context::new();
    context.write("db.yaml", PIPELINE.replace("replicas", "replcas"));
    assert_snapshot!(context.run(&["render", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0105]: unknown field `replcas`
     --> db.yaml:6:3
      |
    6 |   replcas: 3
      |   ^^^^^^^
    help: did you mean `replicas`?
    "#);
}

/// Several mistakes are all reported by one run.
#[test]
fn several_findings_are_reported_at_once() {
    let context = Context::new();
    let text = PIPELINE.replace("name: db\nspec", "name: My_DB\nspec").replace('3', "many");
    context.write("db.yaml", text.replace("postgres:17", "postgres:17 "));
    context.write("other.yaml", "kind: Pipelin\n");
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "other.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0109]: `My_DB` is not a pipeline name: lowercase letters, digits and `-`, no `-` at either end, at most 52 characters
     --> db.yaml:4:9
      |
    4 |   name: My_DB
      |         ^^^^^
    help: e.g. `my-db`
    error[WH0106]: found a string, expected an integer
     --> db.yaml:6:13
      |
    6 |   replicas: many
      |             ^^^^
    error[WH0104]: `apiVersion` is missing
     --> other.yaml:1:1
      |
    1 | kind: Pipelin
      | ^
    help: write `apiVersion: wellhead.dev/v1alpha1`
    error[WH0104]: unknown kind `Pipelin`
     --> other.yaml:1:7
      |
    1 | kind: Pipelin
      |       ^^^^^^^
    help: did you mean `Pipeline`?
    "#);
}

/// A key that stands twice is an error that names both lines.
#[test]
fn a_duplicate_key_is_an_error() {
    let context = Context::new();
    context.write("db.yaml", PIPELINE.replace("  replicas: 3\n", "  replicas: 3\n  replicas: 5\n"));
    assert_snapshot!(context.run(&["render", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0111]: duplicate key, first in line 6
     --> db.yaml:7:3
      |
    7 |   replicas: 5
      |   ^^^^^^^^
    help: remove one of them
    "#);
}

/// A text that is not YAML is an error at the place where reading stopped.
#[test]
fn a_syntax_error_has_a_place() {
    let context = Context::new();
    context.write("db.yaml", "apiVersion: [\n");
    assert_snapshot!(context.run(&["render", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0102]: unclosed bracket '['
     --> db.yaml:1:13
      |
    1 | apiVersion: [
      |             ^
    "#);
}

/// Of one kind of finding, a terminal shows five and counts the rest.
#[test]
fn many_findings_of_a_kind_are_counted() {
    let context = Context::new();
    context.write("db.yaml", with_unknown_fields());
    let shown = context.run(&["render", "-f", "db.yaml"]);
    assert_eq!(shown.matches("error[WH0105]").count(), 5, "{shown}");
    assert!(shown.contains("... and 3 more WH0105 (unknown field)"), "{shown}");
}

/// For programs, all findings are in the envelope on standard output.
#[test]
fn errors_are_json_for_programs() {
    let context = Context::new();
    context.write("db.yaml", with_unknown_fields());
    let document = json(&mut context.command(&["render", "-f", "db.yaml", "-o", "json"]));
    assert_eq!(document["apiVersion"], "cli.wellhead.dev/v1alpha1");
    let diagnostics = document["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), 8);
    assert_eq!(diagnostics[0]["code"], "WH0105");
    assert_eq!(diagnostics[0]["severity"], "error");
    assert_eq!(diagnostics[0]["location"]["file"], "db.yaml");
    assert_eq!(diagnostics[0]["location"]["line"], 10);
}

/// A control character of a file does not reach the terminal.
#[test]
fn control_characters_do_not_reach_the_terminal() {
    let context = Context::new();
    context.write("db.yaml", PIPELINE.replace("replicas: 3", "\"re\\u001b[31mplicas\": 3"));
    let shown = context.run(&["render", "-f", "db.yaml"]);
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert!(shown.starts_with("exit code: 1"), "{shown}");
}
