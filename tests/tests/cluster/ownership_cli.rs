//! Somebody else's hand, as a user of the command meets it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::ownership::{container, edit, scale};
use crate::plan_cli::{Cli, PIPELINE};

/// The pipeline with a policy for its replicas.
fn with_policy(cli: &Cli, policy: &str) {
    let entry = format!("  replicas: 2\n  ownership: [{{field: replicas, policy: {policy}}}]\n");
    cli.change("  replicas: 2\n", &entry);
}

/// Changes an image and a variable as `kubectl edit` would.
async fn edit_both(cli: &Cli) {
    edit(&cli.env, |object| {
        let container = container(object);
        container["image"] = "postgres:mine".into();
        container["env"][0]["value"] = "letmein".into();
    })
    .await;
}

/// Standard error of a command that ends with this code.
fn stderr(cli: &Cli, arguments: &[&str], code: i32) -> String {
    let output = cli.output(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_the_field_of_the_pipeline_and_both_ways_out() {
    let cli = Cli::new("cli-conflict").await;
    cli.apply();
    edit_both(&cli).await;
    scale(&cli.env, 1).await;
    let shown = cli.run(&["apply"]).await;
    assert!(!shown.contains("letmein") && !shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown, @r#"
    exit code: Some(4)
    ----- stdout -----
    ----- stderr -----
    context [CONTEXT]
    error[WH0401]: "autoscaler" owns spec.replicas of statefulset/db
      it is now 1; the pipeline says 2
    help: leave it: add `{field: replicas, policy: yield}` to `ownership` of the pipeline
    error[WH0401]: "kubectl-edit" owns spec.template.spec.containers.db.env.DB_PASSWORD.value of statefulset/db
    help: leave it: add `{field: containers.db.env.DB_PASSWORD.value, policy: yield}` to `ownership` of the pipeline
    error[WH0401]: "kubectl-edit" owns spec.template.spec.containers.db.image of statefulset/db
      it is now "postgres:mine"; the pipeline says "postgres:17"
    help: leave it: add `{field: containers.db.image, policy: yield}` to `ownership` of the pipeline
    help: take them: wellhead apply -f db.yaml -n [NAMESPACE] --take replicas --take containers.db.env.DB_PASSWORD.value --take containers.db.image
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_prints_the_command_that_restores_everything() {
    let cli = Cli::new("cli-restore").await;
    cli.apply();
    edit_both(&cli).await;
    let shown = cli.run(&["drift"]).await;
    assert_snapshot!(shown, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
      statefulset/db
        spec.template.spec.containers.db.env.DB_PASSWORD.value: set to "(masked)" by "kubectl-edit" since [TIME]; the pipeline sets "(masked)" (base spec db.yaml:16:18)
        spec.template.spec.containers.db.image: set to "postgres:mine" by "kubectl-edit" since [TIME]; the pipeline sets "postgres:17" (base spec db.yaml:13:14)

    Drift: fields changed: 2, objects deleted: 0.
    ----- stderr -----
    context [CONTEXT]
    restore it: wellhead apply -f db.yaml -n [NAMESPACE] --take containers.db.env.DB_PASSWORD.value --take containers.db.image
    "#);
    let said = stderr(&cli, &["drift"], 0);
    let command = said.lines().find_map(|line| line.strip_prefix("restore it: wellhead "));
    let command = command.expect("the command is printed");
    let words: Vec<_> = command.split(' ').chain(["--yes"]).collect();
    let output = cli.bare(&words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let live = cli.env.stateful_sets().get("db").await.expect("it exists");
    let live = serde_json::to_value(live).expect("it is JSON");
    let container = &live["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        (&container["image"], &container["env"][0]["value"]),
        (&json!("postgres:17"), &json!("hunter2"))
    );
    let before = cli.env.versions().await;
    cli.apply();
    assert_eq!(cli.env.versions().await, before, "a second apply writes nothing");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_is_taken_and_from_whom() {
    let cli = Cli::new("cli-take").await;
    cli.apply();
    scale(&cli.env, 1).await;
    assert_snapshot!(cli.plan(&["--take", "replicas"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
    ~ statefulset/db: update
        starts 1 pod (db-1)
            persistentVolumeClaimRetentionPolicy:
              whenDeleted: Retain
              whenScaled: Retain
        -   replicas: 1
        +   replicas: 2
            selector:
              matchLabels:
                app.kubernetes.io/name: db
        spec.replicas: set by base spec db.yaml:6:13; taken from "autoscaler" (scale) (ownership: take)

    Plan: 0 to create, 1 to update, 3 unchanged.
    ----- stderr -----
    context [CONTEXT]
    "#);
    let output = cli.output(&["plan", "--take", "replicas", "-o", "json", "-q"]);
    let plan: Value = serde_json::from_slice(&output.stdout).expect("one document");
    let field = &plan["changes"][0]["fields"][0];
    assert_eq!((&field["path"], &field["ownership"]), (&json!("spec.replicas"), &json!("take")));
    assert_eq!(field["owners"][0]["manager"], "autoscaler");
    stderr(&cli, &["apply", "--force-conflicts", "replicas", "--yes"], 0);
    assert_snapshot!(cli.plan(&[]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    No changes. 4 objects are up to date.
    ----- stderr -----
    context [CONTEXT]
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yielded_field_is_shown_as_left_and_does_not_drift() {
    let cli = Cli::new("cli-yield").await;
    with_policy(&cli, "yield");
    cli.apply();
    scale(&cli.env, 3).await;
    // It waits for the replica that was added, and writes nothing.
    cli.apply();
    assert_snapshot!(cli.plan(&["--exit-code"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    No changes. 4 objects are up to date.

    Left to other field managers:
      spec.replicas of statefulset/db: set by "autoscaler" (scale) (ownership: yield)
    ----- stderr -----
    context [CONTEXT]
    "#);
    assert_snapshot!(cli.run(&["drift", "--exit-code", "-v"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    No drift detected.

    Left to other field managers:
      spec.replicas of statefulset/db: set by "autoscaler" (scale) (ownership: yield)
    ----- stderr -----
    context [CONTEXT]
    "#);
    let output = cli.output(&["drift", "-o", "json", "-q"]);
    let drift: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(drift["left"][0]["policy"], "yield");
    assert_eq!(drift["left"][0]["owners"][0]["subresource"], "scale");
    let before = cli.env.versions().await;
    let said = stderr(&cli, &["apply"], 0);
    assert!(!said.contains("autoscaler"), "without -v nothing is said: {said}");
    let said = stderr(&cli, &["apply", "-v"], 0);
    assert_eq!(
        said.matches("left: spec.replicas of statefulset/db: set by \"autoscaler\"").count(),
        1,
        "{said}"
    );
    assert_eq!(cli.env.versions().await, before);

    // A run may take what the pipeline yields, and a plan of it that was kept does the same.
    stderr(&cli, &["plan", "--take", "replicas", "--out", "taken.plan"], 0);
    let output = cli.bare(&["apply", "taken.plan"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let live = cli.env.stateful_sets().get("db").await.expect("it exists");
    assert_eq!(live.spec.and_then(|spec| spec.replicas), Some(2));
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_no_pipeline_can_have_is_a_usage_error_and_one_that_none_has_a_warning() {
    let cli = Cli::new("cli-untaken").await;
    cli.write(PIPELINE);
    assert_snapshot!(cli.run(&["apply", "--take", "replcas"]).await, @r#"
    exit code: Some(2)
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'replcas' for '--take <FIELD>': no pipeline has the field `replcas`; did you mean `replicas`?

    For more information, try '--help'.
    "#);
    assert_snapshot!(cli.run(&["plan", "--take", "containers.web.image"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
    + service/db: create
    + claim/data-db-0: create (1Gi)
    + claim/data-db-1: create (1Gi)
    + statefulset/db: create
        starts 2 pods (db-0, db-1)

    Plan: 4 to create, 0 to update, 0 unchanged.
    ----- stderr -----
    context [CONTEXT]
    warning[WH0443]: there is nothing to take by `--take containers.web.image`
      no pipeline of the run sets it, and none of their objects keeps it
    help: `wellhead explain -f FILE` shows every field and who set it
    "#);
    cli.env.finish().await;
}
