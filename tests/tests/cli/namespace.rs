//! The namespace: of the file, of `-n`, of the environment.

use insta::assert_snapshot;

use crate::context::{Context, PIPELINE, json};

fn in_namespace(namespace: &str) -> Context {
    let context = Context::new();
    let text =
        PIPELINE.replace("name: db\nspec", &format!("name: db\n  namespace: {namespace}\nspec"));
    context.write("db.yaml", text);
    context
}

/// `-n` fills in where the file names none.
#[test]
fn the_option_fills_in() {
    let context = Context::with_pipeline();
    let list = json(&mut context.command(&["render", "-f", "db.yaml", "-n", "a", "-o", "json"]));
    assert!(list["items"].as_array().unwrap().iter().all(|it| it["metadata"]["namespace"] == "a"));
}

/// Without any namespace, objects have none, so that kubectl decides.
#[test]
fn without_a_namespace_objects_have_none() {
    let context = Context::with_pipeline();
    let list = json(&mut context.command(&["render", "-f", "db.yaml", "-o", "json"]));
    assert!(list["items"][0]["metadata"].get("namespace").is_none());
}

/// The environment stands in for the option.
#[test]
fn the_environment_fills_in() {
    let context = Context::with_pipeline();
    let mut command = context.command(&["render", "-f", "db.yaml", "-o", "json"]);
    let list = json(command.env("WELLHEAD_NAMESPACE", "b"));
    assert_eq!(list["items"][0]["metadata"]["namespace"], "b");
}

/// `-n` that repeats the file's namespace is fine.
#[test]
fn the_option_may_repeat_the_file() {
    let context = in_namespace("prod");
    let shown = context.run(&["render", "-f", "db.yaml", "-n", "prod"]);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
}

/// `-n` that contradicts the file is an error that names both.
#[test]
fn a_contradiction_is_an_error() {
    let context = in_namespace("prod");
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-n", "demo"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0701]: pipeline `db` is in namespace `prod`, and the command line says `demo`
     --> db.yaml:5:14
      |
    5 |   namespace: prod
      |              ^^^^
    help: leave out `-n demo`, or remove the namespace from the file
    "#);
}

/// A name that no namespace can have is a usage error with the rule.
#[test]
fn a_bad_name_is_a_usage_error() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-n", "No_Such"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'No_Such' for '--namespace <NAMESPACE>': `No_Such` is not a namespace: lowercase letters, digits and `-`, no `-` at either end, at most 63 characters

    For more information, try '--help'.
    "#);
}

/// Two pipelines that differ only until `-n` is filled in would overwrite each other.
#[test]
fn pipelines_that_meet_by_the_option_are_an_error() {
    let context = in_namespace("demo");
    context.write("other.yaml", PIPELINE);
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "other.yaml", "-n", "demo"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0112]: pipeline `db` is defined twice in one namespace, first at db.yaml:4:9
     --> other.yaml:4:9
      |
    4 |   name: db
      |         ^^
    help: rename or remove one, or give them different namespaces
    "#);
}
