//! `after` and `before` of entries: the written order is checked, never changed.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::Context;

/// Every constraint that the order contradicts is told at its place, with an order that would do,
/// and no plugin runs.
#[test]
fn a_wrong_order_is_refused() {
    let crashes = Guest::new().transform("(unreachable)");
    let context = Context::with_guests(&[
        ("replicas", &crashes, &["after: [storage, imges]"]),
        ("images", &crashes, &[]),
        ("storage", &crashes, &[]),
    ]);
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0605]: no entry is named `imges`
     --> team.yaml:8:24
      |
    8 |       after: [storage, imges]
      |                        ^^^^^
    help: did you mean `images`?
    error[WH0604]: `replicas` must come after `storage`
     --> team.yaml:8:15
      |
    8 |       after: [storage, imges]
      |               ^^^^^^^
    help: a valid order: images, storage, replicas
    "#);
}

/// Constraints hold over all customizations of a pipeline; those that cannot hold are told.
#[test]
fn constraints_of_two_files_can_contradict_each_other() {
    let guest = Guest::new();
    let context = Context::with_guests(&[("first", &guest, &["after: [second]"])]);
    let team = std::fs::read_to_string(context.path("team.yaml")).unwrap();
    let second = "second\n      after: [first]\n      source";
    context.write(
        "other.yaml",
        team.replace("first\n      source", second).replace("\n      after: [second]", ""),
    );
    let arguments = ["render", "-f", "db.yaml", "-c", "team.yaml", "-c", "other.yaml"];
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0606]: no order is valid: `first` before `second` before `first`
     --> other.yaml:7:15
      |
    7 |       after: [first]
      |               ^^^^^
    help: remove one of these constraints
    "#);
}

/// A name that stands in another pipeline's chain only is known, and there is nothing to check.
#[test]
fn a_constraint_waits_until_both_entries_are_in_one_chain() {
    let guest = Guest::sets_replicas(5);
    let lines = ["grants: [replicas]", "before: [elsewhere]"];
    let context = Context::with_guests(&[("here", &guest, &lines)]);
    context.write(
        "other.yaml",
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: other}\n\
         spec:\n  select: {names: [another]}\n  plugins: [{name: elsewhere, source: x.wasm}]\n",
    );
    let arguments = ["render", "-f", "db.yaml", "-c", "other.yaml", "-c", "team.yaml", "-q"];
    let shown = context.run(&arguments);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    context.write(
        "two.yaml",
        crate::context::PIPELINE.replace("name: db\nspec", "name: another\nspec"),
    );
    let arguments = ["render", "-f", "db.yaml", "-f", "two.yaml", "-c", "other.yaml", "-q"];
    assert!(context.run(&arguments).contains("there is no file x.wasm"));
    let select = std::fs::read_to_string(context.path("other.yaml")).unwrap();
    context.write("other.yaml", select.replace("[another]", "['*']"));
    let arguments = ["render", "-f", "db.yaml", "-c", "other.yaml", "-c", "team.yaml", "-q"];
    assert!(context.run(&arguments).contains("error[WH0604]"));
}
