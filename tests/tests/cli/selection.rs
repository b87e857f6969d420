//! Which customizations apply to which pipelines.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::{Context, PIPELINE, json};

fn team(name: &str, select: &str) -> String {
    format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: {name}}}\n\
         spec:\n  select: {select}\n  plugins:\n    - name: {name}\n      source: {name}.wasm\n      \
         grants: [replicas]\n"
    )
}

/// Each pipeline gets the plugins of the customizations that select it, and no others.
#[test]
fn a_customization_changes_what_it_selects() {
    let context = Context::with_pipeline();
    context.write("web.yaml", PIPELINE.replace("name: db\nspec", "name: web\nspec"));
    for (name, replicas) in [("five", 5), ("seven", 7)] {
        context.write(&format!("{name}.wasm"), Guest::sets_replicas(replicas).build());
    }
    context.write("a.yaml", team("five", "{names: [db]}"));
    context.write("b.yaml", team("seven", "{names: [w*]}"));
    let arguments = ["render", "-f", "db.yaml", "web.yaml", "-c", "a.yaml", "b.yaml", "-o", "json"];
    let list = json(&mut context.command(&arguments));
    assert_eq!(list["items"][1]["spec"]["replicas"], 5);
    assert_eq!(list["items"][3]["spec"]["replicas"], 7);
}

/// A namespace that `-n` fills in counts for the selection.
#[test]
fn the_filled_in_namespace_is_selected_by() {
    let context = Context::with_pipeline();
    context.write("five.wasm", Guest::sets_replicas(5).build());
    context.write("a.yaml", team("five", "{namespaces: [demo]}"));
    let arguments = ["render", "-f", "db.yaml", "-c", "a.yaml", "-n", "demo", "-o", "json"];
    let list = json(&mut context.command(&arguments));
    assert_eq!(list["items"][1]["spec"]["replicas"], 5);
    let shown = context.run(&arguments[..5]);
    assert!(shown.contains("warning[WH0702]"), "{shown}");
    assert!(shown.contains("help: its plugins do nothing: name the namespace"), "{shown}");
    let elsewhere = context.run(&[&arguments[..5], &["-n", "other"]].concat());
    assert!(elsewhere.contains("help: its plugins do nothing: correct `select`"), "{elsewhere}");
}

/// A customization that selects nothing is a warning: its plugins do nothing.
#[test]
fn a_customization_that_selects_nothing_is_a_warning() {
    let context = Context::with_pipeline();
    context.write("a.yaml", team("five", "{names: [bd]}"));
    let shown = context.run(&["render", "-f", "db.yaml", "-c", "a.yaml"]);
    let (_, warning) = shown.split_once("----- stderr -----\n").unwrap();
    assert_snapshot!(warning, @r#"
    warning[WH0702]: customization `five` selects none of the given pipelines
     --> a.yaml:5:3
      |
    5 |   select: {names: [bd]}
      |   ^^^^^^
    help: its plugins do nothing: correct `select`, or leave the file out
    "#);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
}
