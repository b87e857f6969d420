//! Entries on trial: everything is told, nothing is done, nothing is stopped.

use insta::assert_snapshot;
use wellhead_tests::guest::{Edit, Guest, Manner, judge};

use crate::context::{Context, json};

/// The edits of a transformer on trial are shown and given up; later plugins do not see them.
#[test]
fn a_transformer_on_trial_changes_nothing() {
    let context = Context::with_guests(&[
        ("trial", &Guest::sets_replicas(5), &["audit: true", "grants: [replicas]"]),
        ("real", &Guest::sets_replicas(7), &["grants: [replicas]"]),
    ]);
    assert_snapshot!(context.run(&["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD          VALUE  SET BY                                             REASON
    replicas       7      plugin real of team (sha256:[DIGEST]) "1.0.0"
      overwritten  3      base spec db.yaml:6:13
    ----- stderr -----
    warning[WH0525]: audit: plugin `trial` would make 1 edit
      `replicas`: 3 -> 5
      pipeline: db
    "#);
}

/// How many edits are told is not the plugin's choice.
#[test]
fn many_edits_on_trial_are_told_by_their_number() {
    let edits = (0..150).map(|at| Edit::pipeline("set-label").text(format!("a{at}")).text("x"));
    let guest = Guest::makes(&edits.collect::<Vec<_>>(), Manner::Stubborn);
    let context =
        Context::with_guests(&[("trial", &guest, &["audit: true", "grants: [labels.*]"])]);
    let shown = context.run(&["render", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(shown.contains("plugin `trial` would make 150 edits"), "{shown}");
    assert_eq!(shown.matches("  `labels.a").count(), 100, "{shown}");
    assert!(shown.contains("\n  ... and 50 more\n"), "{shown}");
}

/// What would stop the work is a warning.
#[test]
fn a_fault_on_trial_stops_nothing() {
    let context = Context::with_guests(&[
        ("real", &Guest::sets_replicas(7), &["grants: [replicas]"]),
        ("denied", &Guest::sets_replicas(5), &["audit: true"]),
        ("conflict", &Guest::sets_replicas(5), &["audit: true", "grants: [replicas]"]),
        ("crash", &Guest::new().transform("(unreachable)"), &["audit: true"]),
        ("refusal", &Guest::rejects("not today"), &["audit: true"]),
    ]);
    assert_snapshot!(context.run(&["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    FIELD          VALUE  SET BY                                             REASON
    replicas       7      plugin real of team (sha256:[DIGEST]) "1.0.0"
      overwritten  3      base spec db.yaml:6:13
    ----- stderr -----
    warning[WH0602]: audit: plugin `denied` writes what it is not granted
      `replicas` is not granted
      pipeline: db
    help: add to the entry's `grants`: replicas
    warning[WH0601]: audit: plugins `real` and `conflict` set the same field differently
      `replicas`: `real` left 7, this plugin wants 5
      pipeline: db
    help: remove one of them, or add to this entry's `overrides`: replicas
    warning[WH0511]: audit: plugin `crash` crashed
      it gave up, as after a panic, an abort or a failed assertion (wasm `unreachable`)
      pipeline: db
    warning[WH0521]: audit: plugin `refusal` refuses the pipeline
      the plugin says: "not today"
      pipeline: db
    "#);
}

/// A validator's error is a warning while it is on trial, and stops everything else.
#[test]
fn a_validator_on_trial_stops_nothing() {
    let guest = judge("error", "too few", "have more");
    let context = Context::with_pipeline();
    context.write("guard.wasm", guest);
    let team = |line: &str| {
        context.write(
            "team.yaml",
            format!(
                "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\n\
                 spec:\n  plugins:\n    - name: guard\n      source: guard.wasm\n{line}"
            ),
        );
    };
    let arguments = ["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"];
    team("");
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0523]: plugin `guard` objects to the pipeline
     --> team.yaml:6:13
      |
    6 |     - name: guard
      |             ^^^^^
      the plugin says: "too few"
      pipeline: db
    help: the plugin suggests: "have more"
    "#);
    team("      audit: true\n");
    assert_snapshot!(context.run(&arguments), @r#"
    exit code: 0
    ----- stdout -----
    FIELD     VALUE  SET BY                  REASON
    replicas  3      base spec db.yaml:6:13
    ----- stderr -----
    warning[WH0523]: audit: plugin `guard` objects: "too few"
      pipeline: db
    help: the plugin suggests: "have more"
    "#);
}

/// Programs see what is a trial.
#[test]
fn a_trial_is_marked_for_programs() {
    let context = Context::with_guests(&[(
        "trial",
        &Guest::sets_replicas(5),
        &["audit: true", "grants: [replicas]"],
    )]);
    let arguments = ["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml", "-o", "json"];
    let document = json(&mut context.command(&arguments));
    assert_eq!(document["diagnostics"][0]["audit"], true, "{document:#}");
    assert_eq!(document["diagnostics"][0]["plugin"], "trial");
    assert_eq!(document["diagnostics"][0]["facts"][0], "`replicas`: 3 -> 5");
}
