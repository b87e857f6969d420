//! What another version of a plugin changes of files, with every verdict; `tests/tests/cluster/impact.rs` has those of a cluster.

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, judge};

use crate::context::{Context, json};

const FILES: [&str; 4] = ["-f", "db.yaml", "-c", "team.yaml"];

fn replicas(replicas: i32) -> Guest {
    Guest::sets_replicas(replicas).version("0.1.0").writes(&["replicas"])
}

/// A team with two plugins, `more` and `label`, and a new version of the first one in `new.wasm`.
fn team(new: &[u8], lines: &[&str]) -> Context {
    let more = replicas(5);
    let label = Guest::sets_label("team", "search").name("label");
    let mut all = vec!["grants: [replicas]"];
    all.extend(lines);
    let context = Context::with_guests(&[
        ("more", &more, &all),
        ("label", &label, &["grants: ['labels.*']"]),
    ]);
    context.write("new.wasm", new);
    context
}

fn impact<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["impact", "new.wasm", "--plugin", "more"][..], more, &FILES[..]].concat()
}

#[test]
fn a_version_that_does_the_same_changes_nothing() {
    let it = team(&replicas(5).version("0.2.0").build(), &[]);
    assert_snapshot!(it.run(&impact(&["--exit-code"])), @r"
    exit code: 0
    ----- stdout -----
    1 release runs more. With 0.2.0: 1 unchanged.

    unchanged: db
    ----- stderr -----
    ");
    let none =
        it.run(&["impact", "new.wasm", "--plugin", "other", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(none.contains("Checked 1 release: none runs other."), "{none}");
}

#[test]
fn what_changes_is_shown_with_what_it_means_and_equals_a_plan_between_both_renderings() {
    let it = team(&replicas(7).version("0.2.0").build(), &[]);
    let shown = it.run(&impact(&["--exit-code"]));
    assert_snapshot!(shown, @r"
    exit code: 2
    ----- stdout -----
    1 release runs more. With 0.2.0: 1 changed.

    changed: db
        starts pods
    ----- stderr -----
    ");
    let verbose = it.run(&impact(&["-v"]));
    assert!(verbose.contains("spec.replicas"), "{verbose}");
    assert!(verbose.contains("set by the upgrade to new.wasm"), "{verbose}");
    let found = json(&mut it.command(&impact(&["-o", "json"])));
    assert_eq!(found["kind"], "PluginImpact");
    assert_eq!(found["summary"], serde_json::json!({"changed": 1}));
    let changes = found["releases"][0]["changes"].as_array().expect("a list");
    assert_eq!(changes.last().expect("the StatefulSet")["impact"], "starts-pods");
}

#[test]
fn what_is_refused_says_why() {
    let label = Guest::sets_label("team", "sales").version("0.2.0");
    let crash = replicas(5).transform("unreachable");
    for (new, lines, verdict, said) in [
        (label.clone(), &[][..], "needs-consent", "`labels.team` is not granted"),
        (Guest::rejects("not on a Friday"), &[], "fails", "plugin `more` refuses the pipeline"),
        (crash, &[], "fails", "plugin `more` crashed"),
    ] {
        let it = team(&new.build(), lines);
        let shown = it.run(&impact(&["--exit-code"]));
        assert!(shown.starts_with("exit code: 4"), "{shown}");
        assert!(shown.contains(&format!("{verdict}: db")), "{shown}");
        assert!(shown.contains(said), "{shown}");
    }
    let it = team(&label.build(), &[]);
    let text = std::fs::read_to_string(it.path("team.yaml")).expect("it is there");
    it.write("team.yaml", text.replace("grants: [replicas]", "grants: [replicas, 'labels.*']"));
    let shown = it.run(&impact(&["--exit-code"]));
    assert!(shown.starts_with("exit code: 4") && shown.contains("conflict: db"), "{shown}");
    it.write("new.wasm", judge("error", "no", "change it"));
    let shown = it.run(&impact(&["--exit-code"]));
    assert!(shown.contains("fails: db") && shown.contains("objects"), "{shown}");
}

#[test]
fn a_plugin_over_its_budget_is_run_once() {
    let it = team(&replicas(5).transform("(loop $l (br $l)) (unreachable)").build(), &[]);
    let more: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|it| crate::context::PIPELINE.replace("db\nspec", &format!("{it}\nspec")))
        .collect();
    it.write("db.yaml", more.join("---\n"));
    let found = json(&mut it.command(&impact(&["-o", "json"])));
    let count = |verdict: &str| found["summary"][verdict].as_u64().unwrap_or_default();
    assert_eq!(count("fails") + count("unknown"), 3, "{found}");
    assert!(count("fails") >= 1 && count("fails") <= 2, "two threads may run it at once: {found}");
}

#[test]
fn what_cannot_be_meant_is_said() {
    let it = team(&replicas(5).build(), &[]);
    let shown = it.run(&["impact", "new.wasm", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(shown.starts_with("exit code: 2") && shown.contains("add `--plugin NAME`"), "{shown}");
    let missing =
        it.run(&["impact", "none.wasm", "--plugin", "more", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(missing.starts_with("exit code: 10") && missing.contains("WH0501"), "{missing}");
    let offline = it.run(&[
        "impact",
        "oci://registry.example.com/a:1.0.0",
        "--offline",
        "-f",
        "db.yaml",
        "-c",
        "team.yaml",
    ]);
    assert!(offline.starts_with("exit code: 10") && offline.contains("WH0863"), "{offline}");
    let invalid =
        it.run(&["impact", "oci://registry.example.com/a", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(invalid.starts_with("exit code: 1") && invalid.contains("WH0841"), "{invalid}");
}
