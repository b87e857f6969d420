//! What the command says of rights: the line that is missing, and that adding it works.

use std::fmt::Write as _;

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, escape};

use crate::context::Context;

const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];

/// A plugin that sets a variable, an annotation and the service account, whose names a test chooses.
fn sets(variable: &str, annotation: &str) -> Guest {
    let import = |name: &str, parameters: usize| {
        format!(
            r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]{name}" (func ${} (param {})))"#,
            name.rsplit('.').next().unwrap_or_default(),
            "i32 ".repeat(parameters)
        )
    };
    let text = |at: usize, text: &str| format!("(data (i32.const {at}) \"{}\")", escape(text));
    let fields = [
        r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
            (func $main (param i32) (result i32)))"#
            .to_owned(),
        import("container.set-env", 6),
        import("pipeline.set-annotation", 6),
        import("pipeline.set-service-account-name", 5),
        text(8_192, variable),
        text(8_500, annotation),
        text(9_000, "robot"),
    ];
    Guest::new().fields(&fields.join("\n")).transform(&format!(
        "(call $set-env (call $main (local.get $target)) (i32.const 8192) (i32.const {}) \
           (i32.const 9000) (i32.const 5) (i32.const 512)) \
         (call $set-annotation (local.get $target) (i32.const 8500) (i32.const {}) \
           (i32.const 9000) (i32.const 5) (i32.const 512)) \
         (call $set-service-account-name (local.get $target) (i32.const 1) (i32.const 9000) \
           (i32.const 5) (i32.const 512)) \
         (i32.const 256)",
        variable.len(),
        annotation.len()
    ))
}

/// Every missing right is told at once, and the lines that are told are all that is missing.
#[test]
fn the_lines_that_are_told_can_be_pasted() {
    let guest = sets("A.B'C\"D\\", "example.com/it");
    let context = Context::with_guests(&[("p", &guest, &[])]);
    let shown = context.run(&RENDER);
    assert_snapshot!(shown, @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0602]: plugin `p` writes what it is not granted
     --> team.yaml:6:13
      |
    6 |     - name: p
      |             ^
      `containers.db.env["A.B'C\"D\\"]` is not granted
      `annotations["example.com/it"]` is not granted
      `serviceAccountName` is protected: the pods act in the cluster with this account's rights
      pipeline: db
    help: add to the entry's `grants`: 'containers.db.env["A.B''C\"D\\"]'
    help: add to the entry's `grants`: 'annotations["example.com/it"]'
    help: if this plugin may do so, add to the entry's `opens`: serviceAccountName
    "#);
    let mut entry = String::new();
    for list in ["grants", "opens"] {
        let lines = shown.lines().filter_map(|line| line.split_once(&format!("`{list}`: ")));
        let _ = writeln!(entry, "      {list}:");
        entry.extend(lines.map(|(_, item)| format!("        - {item}\n")));
    }
    let team = std::fs::read_to_string(context.path("team.yaml")).unwrap();
    context.write("team.yaml", team + &entry);
    let shown = context.run(&RENDER);
    assert!(shown.starts_with("exit code: 0"), "{entry}{shown}");
}

/// The same for the line that lets a later plugin decide.
#[test]
fn the_line_that_settles_a_conflict_can_be_pasted() {
    let context = Context::with_guests(&[
        ("first", &Guest::sets_replicas(5), &["grants: [replicas]"]),
        ("second", &Guest::sets_replicas(7), &["grants: [replicas]"]),
    ]);
    let shown = context.run(&RENDER);
    let item = shown.split_once("`overrides`: ").unwrap().1.trim();
    let team = std::fs::read_to_string(context.path("team.yaml")).unwrap();
    context.write("team.yaml", team + &format!("      overrides:\n        - {item}\n"));
    let shown = context.run(&RENDER);
    assert!(shown.starts_with("exit code: 0") && shown.contains("replicas: 7"), "{shown}");
}

/// An entry without grants writes nothing.
#[test]
fn without_grants_everything_is_denied() {
    let context = Context::with_guests(&[("p", &Guest::sets_replicas(5), &["grants: []"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0602]: plugin `p` writes what it is not granted
     --> team.yaml:8:7
      |
    8 |       grants: []
      |       ^^^^^^
      `replicas` is not granted
      pipeline: db
    help: add to the entry's `grants`: replicas
    "#);
}

/// An opening that is a pattern of everything is refused before any plugin is loaded.
#[test]
fn an_opening_of_everything_is_refused() {
    let context =
        Context::with_guests(&[("p", &Guest::new(), &["opens: ['**', 'containers.*.image']"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0153]: `**` opens more than it names
     --> team.yaml:8:15
      |
    8 |       opens: ['**', 'containers.*.image']
      |               ^^^^
    help: name the protected field step for step; `*` matches only the name of an item
    error[WH0153]: `containers.*.image` is not a protected field
     --> team.yaml:8:21
      |
    8 |       opens: ['**', 'containers.*.image']
      |                     ^^^^^^^^^^^^^^^^^^^^
    help: write it into `grants`; docs/reference/protected-fields.md lists the protected fields
    "#);
}
