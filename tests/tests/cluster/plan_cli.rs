//! `wellhead plan` as a user meets it, on the real control plane.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::api::DeleteParams;
use serde_json::{Value, json};

use crate::support::Env;

pub(crate) const PIPELINE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata:
  name: db
spec:
  replicas: 2
  claims:
    - name: data
      size: 1Gi
      mountPath: /data
  containers:
    - name: db
      image: postgres:17
      env:
        - name: DB_PASSWORD
          value: hunter2
";

/// A folder with a pipeline, and a namespace.
pub(crate) struct Cli {
    pub(crate) env: Env,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) kubeconfig: PathBuf,
}

impl Cli {
    pub(crate) async fn new(test: &str) -> Self {
        let env = Env::new(test).await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let kubeconfig = wellhead_harness::SharedControlPlane::get().kubeconfig().to_owned();
        let cli = Self { env, folder, kubeconfig };
        cli.write(PIPELINE);
        cli
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("db.yaml"), text).expect("it can be written");
    }

    /// The pipeline with one text in place of another.
    pub(crate) fn change(&self, from: &str, to: &str) {
        assert!(PIPELINE.contains(from), "the pipeline has {from}");
        self.write(&PIPELINE.replace(from, to));
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.bare(&[arguments, &["-f", "db.yaml", "-n", &self.env.namespace]].concat())
    }

    /// Runs a command as it is written.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the command can be started")
    }

    /// A command as it is written, in the folder, for the cluster of the test.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("KUBECONFIG", &self.kubeconfig);
        command.stdin(Stdio::null());
        command
    }

    /// Applies the pipeline as it is now.
    pub(crate) fn apply(&self) {
        let output = self.output(&["apply", "--yes"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Runs `plan`, see [`Self::run`].
    pub(crate) async fn plan(&self, arguments: &[&str]) -> String {
        self.run(&[&["plan"], arguments].concat()).await
    }

    /// Runs a command that writes nothing, makes sure of that, and returns exit code and both streams.
    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let before = self.env.versions().await;
        let output = self.output(arguments);
        assert_eq!(self.env.versions().await, before, "it writes nothing");
        let mut shown = format!("exit code: {:?}\n----- stdout -----\n", output.status.code());
        let _ = write!(shown, "{}", String::from_utf8_lossy(&output.stdout));
        let _ = write!(shown, "----- stderr -----\n{}", String::from_utf8_lossy(&output.stderr));
        let lines = shown.lines().map(|line| match line.split_once(" since 20") {
            Some((before, after)) => {
                let rest = after.find(';').map_or("", |at| &after[at..]);
                format!("{before} since [TIME]{rest}\n")
            }
            None if line.starts_with("context ") => "context [CONTEXT]\n".to_owned(),
            None => format!("{line}\n"),
        });
        lines.collect::<String>().replace(&self.env.namespace, "[NAMESPACE]")
    }

    fn json(&self) -> Value {
        self.json_of(&["plan", "-o", "json", "-q"])
    }

    pub(crate) fn json_of(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        serde_json::from_slice(&output.stdout).expect("standard output is one document")
    }
}

/// The command, which cargo puts beside the folder of this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests are in target/PROFILE/deps");
    let binary = folder.join("wellhead");
    assert!(binary.is_file(), "run `cargo build --package wellhead` first, or `cargo xtask test`");
    binary
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_plan_names_what_it_creates() {
    let cli = Cli::new("cli-new").await;
    assert_snapshot!(cli.plan(&["--exit-code"]).await, @r#"
    exit code: Some(2)
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
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_said_and_ends_with_zero() {
    let cli = Cli::new("cli-noop").await;
    cli.apply();
    assert_snapshot!(cli.plan(&["--exit-code"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    No changes. 4 objects are up to date.
    ----- stderr -----
    context [CONTEXT]
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_image_shows_the_field_who_set_it_and_the_restarts() {
    let cli = Cli::new("cli-image").await;
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    assert_snapshot!(cli.plan(&[]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
    ~ statefulset/db: update
        restarts 2 pods (db-1, db-0), 1 at a time, the highest ordinal first
                - env:
                  - name: DB_PASSWORD
                    value: (masked)
        -         image: postgres:17
        +         image: postgres:18
                  name: db
                  volumeMounts:
                  - mountPath: /data
        spec.template.spec.containers.db.image: set by base spec db.yaml:13:14

    Plan: 0 to create, 1 to update, 3 unchanged.
    ----- stderr -----
    context [CONTEXT]
    "#);
    let plan = cli.json();
    assert_eq!(plan["kind"], "Plan");
    assert_eq!(plan["summary"], json!({"create": 0, "update": 1, "unchanged": 3, "refused": 0}));
    let change = &plan["changes"][0];
    assert_eq!(change["action"], "update");
    assert_eq!(change["impact"], "restarts-pods");
    let field = &change["fields"][0];
    assert_eq!(field["path"], "spec.template.spec.containers.db.image");
    assert_eq!((&field["from"], &field["to"]), (&json!("postgres:17"), &json!("postgres:18")));
    assert_eq!(field["setBy"], "base spec db.yaml:13:14");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_replicas_name_the_pod_that_stops_and_the_claim_that_stays() {
    let cli = Cli::new("cli-down").await;
    cli.apply();
    cli.change("replicas: 2", "replicas: 1");
    assert_snapshot!(cli.plan(&["--exit-code"]).await, @r#"
    exit code: Some(2)
    ----- stdout -----
    [NAMESPACE]/db
    ~ statefulset/db: update
        stops 1 pod (db-1); kept: 1 claim (data-db-1)
            persistentVolumeClaimRetentionPolicy:
              whenDeleted: Retain
              whenScaled: Retain
        -   replicas: 2
        +   replicas: 1
            selector:
              matchLabels:
                app.kubernetes.io/name: db
        spec.replicas: set by base spec db.yaml:6:13

    Plan: 0 to create, 1 to update, 2 unchanged.
    ----- stderr -----
    context [CONTEXT]
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_claim_grows_its_volumes() {
    let cli = Cli::new("cli-grow").await;
    cli.apply();
    cli.change("size: 1Gi", "size: 2Gi");
    assert_snapshot!(cli.plan(&[]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
    ~ claim/data-db-0: update
        expands the volume from 1Gi to 2Gi
            - ReadWriteOnce
            resources:
              requests:
        -       storage: 1Gi
        +       storage: 2Gi
        spec.resources.requests.storage: set by base spec db.yaml:9:13
    ~ claim/data-db-1: update
        expands the volume from 1Gi to 2Gi
            - ReadWriteOnce
            resources:
              requests:
        -       storage: 1Gi
        +       storage: 2Gi
        spec.resources.requests.storage: set by base spec db.yaml:9:13

    Plan: 0 to create, 2 to update, 2 unchanged.
    ----- stderr -----
    context [CONTEXT]
    warning[WH0201]: the claim templates of statefulset/db are kept unchanged: data
      claim templates of a StatefulSet are immutable; the claims of this pipeline are applied as it sets them
    help: only replicas that something else adds, such as an autoscaler, still use the old templates; `--recreate` changes them, too
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_immutable_field_is_refused_with_the_way_out() {
    let cli = Cli::new("cli-fixed").await;
    cli.apply();
    cli.change("  replicas: 2\n", "  replicas: 2\n  podManagementPolicy: Parallel\n");
    assert_snapshot!(cli.plan(&["--exit-code"]).await, @r#"
    exit code: Some(4)
    ----- stdout -----
    [NAMESPACE]/db
    ! statefulset/db: refused
        needs a new StatefulSet: spec.podManagementPolicy cannot change in place
            persistentVolumeClaimRetentionPolicy:
              whenDeleted: Retain
              whenScaled: Retain
        -   podManagementPolicy: OrderedReady
        +   podManagementPolicy: Parallel
            replicas: 2
            selector:
              matchLabels:
        spec.podManagementPolicy: set by base spec db.yaml:7:24

    Plan: 0 to create, 0 to update, 3 unchanged, 1 refused.
    ----- stderr -----
    context [CONTEXT]
    error[WH0201]: spec.podManagementPolicy of statefulset/db cannot change from "OrderedReady" to "Parallel"
      the field of a StatefulSet is immutable
    help: put "OrderedReady" back, or rerun with `--recreate`: the StatefulSet is recreated, and its pods keep running
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_another_manager_is_a_conflict_that_names_it() {
    let cli = Cli::new("cli-owner").await;
    cli.apply();
    cli.env.set_as::<StatefulSet>("hpa-bot", "db", json!({"spec": {"replicas": 1}})).await;
    assert_snapshot!(cli.plan(&[]).await, @r#"
    exit code: Some(4)
    ----- stdout -----
    [NAMESPACE]/db
    ! statefulset/db: refused
        starts 1 pod (db-1)
            persistentVolumeClaimRetentionPolicy:
              whenDeleted: Retain
              whenScaled: Retain
        -   replicas: 1
        +   replicas: 2
            selector:
              matchLabels:
                app.kubernetes.io/name: db
        spec.replicas: set by base spec db.yaml:6:13; owned by "hpa-bot" since [TIME]

    Plan: 0 to create, 0 to update, 3 unchanged, 1 refused.
    ----- stderr -----
    context [CONTEXT]
    error[WH0401]: "hpa-bot" owns spec.replicas of statefulset/db
      it is now 1; the pipeline says 2
    help: leave it: add `{field: replicas, policy: yield}` to `ownership` of the pipeline
    help: take it: wellhead apply -f db.yaml -n [NAMESPACE] --take replicas
    "#);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_variable_is_never_shown() {
    let cli = Cli::new("cli-secret").await;
    cli.apply();
    cli.change("hunter2", "correct-horse");
    let shown = cli.plan(&[]).await;
    assert!(!shown.contains("hunter2") && !shown.contains("correct-horse"), "{shown}");
    assert_snapshot!(shown, @r#"
    exit code: Some(0)
    ----- stdout -----
    [NAMESPACE]/db
    ~ statefulset/db: update
        restarts 2 pods (db-1, db-0), 1 at a time, the highest ordinal first
                containers:
                - env:
                  - name: DB_PASSWORD
        -           value: (masked)
        +           value: (masked, another value)
                  image: postgres:17
                  name: db
                  volumeMounts:
        spec.template.spec.containers.db.env.DB_PASSWORD.value: set by base spec db.yaml:16:18

    Plan: 0 to create, 1 to update, 3 unchanged.
    ----- stderr -----
    context [CONTEXT]
    "#);
    let json = cli.json().to_string();
    assert!(!json.contains("hunter2") && !json.contains("correct-horse"), "{json}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_names_what_others_changed_and_not_what_the_pipeline_changes() {
    let cli = Cli::new("cli-drift").await;
    cli.apply();
    cli.change("postgres:17", "postgres:18");
    assert_snapshot!(cli.run(&["drift", "--exit-code"]).await, @r#"
    exit code: Some(0)
    ----- stdout -----
    No drift detected.
    ----- stderr -----
    context [CONTEXT]
    "#);
    cli.env.set_as::<StatefulSet>("hpa-bot", "db", json!({"spec": {"replicas": 1}})).await;
    cli.env.services().delete("db", &DeleteParams::default()).await.expect("it goes");
    assert_snapshot!(cli.run(&["drift", "--exit-code"]).await, @r#"
    exit code: Some(2)
    ----- stdout -----
    [NAMESPACE]/db
      service/db: is gone
      statefulset/db
        spec.replicas: set to 1 by "hpa-bot" since [TIME]; the pipeline sets 2 (base spec db.yaml:6:13)

    Drift: fields changed: 1, objects deleted: 1.
    ----- stderr -----
    context [CONTEXT]
    restore it: wellhead apply -f db.yaml -n [NAMESPACE] --take replicas
    "#);
    cli.env.finish().await;
}
