//! What is refused before anything is written.

use k8s_openapi::api::apps::v1::StatefulSet;
use serde_json::json;

use super::{Said, apply, refused};
use crate::plan_cli::Cli;

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_class_that_does_not_exist_is_told_with_those_that_do() {
    let cli = Cli::new("row-class").await;
    cli.change("size: 1Gi", "storageClass: fsat\n      size: 1Gi");
    let parts = [
        "error[WH0204]",
        "storage class \"fsat\" does not exist",
        "standard (default)",
        "data-db-0",
        "help: did you mean fast?",
    ];
    refused(&cli, &parts).await;
    assert_eq!(cli.env.versions().await, [""; 0]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_somebody_else_is_told_with_manager_and_both_values() {
    let cli = Cli::new("row-owner").await;
    apply(&cli).ends(0, &[]);
    cli.env.set_as::<StatefulSet>("hpa-bot", "db", json!({"spec": {"replicas": 1}})).await;
    let parts = [
        "error[WH0401]",
        "\"hpa-bot\" owns spec.replicas of statefulset/db",
        "it is now 1",
        "help: ",
    ];
    refused(&cli, &parts).await;
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_field_is_told_with_its_line_and_nothing_is_asked() {
    let cli = Cli::new("row-typo").await;
    cli.change("replicas: 2", "replcas: 2");
    apply(&cli).ends(1, &["error[", "replcas", "db.yaml:6", "help: did you mean `replicas`?"]);
    assert_eq!(cli.env.versions().await, [""; 0]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_does_not_exist_is_told_once_with_the_command_that_makes_it() {
    let cli = Cli::new("row-namespace").await;
    let said = Said::of(&cli.bare(&["apply", "--yes", "-f", "db.yaml", "-n", "nowhere-at-all"]));
    let what = "namespace \"nowhere-at-all\" does not exist";
    said.ends(4, &["error[WH0409]", what, "help: kubectl create namespace nowhere-at-all"]);
    assert_eq!(said.err.matches("error[").count(), 1, "{}", said.err);
    cli.env.finish().await;
}

/// Nobody listens on port 1.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_told_once_with_its_address() {
    let cli = Cli::new("row-down").await;
    let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]});
    let path = cli.folder.path().join("down");
    std::fs::write(&path, kubeconfig.to_string()).expect("it can be written");
    let said = Said::of(&cli.bare(&[
        "apply",
        "--yes",
        "-f",
        "db.yaml",
        "-n",
        "x",
        "--kubeconfig",
        "down",
    ]));
    let what = "https://127.0.0.1:1 cannot be reached";
    said.ends(1, &["context c", "error[WH0410]", what, "connection refused", "help: "]);
    assert_eq!(said.err.matches("error[").count(), 1, "{}", said.err);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_plan_is_refused_with_what_changed_and_how_to_plan_again() {
    let cli = Cli::new("row-stale").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "postgres:18");
    super::run(&cli, &["plan", "--out", "db.whplan"]).ends(0, &["wellhead apply db.whplan"]);
    cli.env.set_as::<StatefulSet>("kubectl-edit", "db", json!({"spec": {"replicas": 1}})).await;
    let before = cli.env.versions().await;
    let said = Said::of(&cli.bare(&["apply", "db.whplan"]));
    said.ends(4, &["error[", "spec.replicas", "help: "]);
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    cli.env.finish().await;
}

/// The annotation wins over the field wherever Kubernetes asks for a class.
#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_an_annotation_of_old_names_is_looked_at_like_the_field() {
    let cli = Cli::new("row-annotation").await;
    let claim = |class: &str, more: &str| {
        format!(
            "annotations: {{volume.beta.kubernetes.io/storage-class: {class}}}{more}\n      size: 1Gi"
        )
    };
    cli.change("size: 1Gi", &claim("fsat", ""));
    let parts = ["warning[WH0142]", "older spelling", "error[WH0204]", "\"fsat\" does not exist"];
    refused(&cli, &parts).await;
    cli.change("size: 1Gi", &claim("standard", "\n      storageClass: fast"));
    apply(&cli).ends(1, &["error[WH0142]", "class `standard` and wins over `storageClass: fast`"]);
    assert_eq!(cli.env.versions().await, [""; 0]);

    cli.change("size: 1Gi", &claim("fast", ""));
    apply(&cli).ends(0, &[]);
    super::run(&cli, &["status"]).ends(0, &[]).prints(&["data-db-0  Bound  1Gi   fast"]);
    // What the hint says is taken for claims that exist.
    cli.change("size: 1Gi", "storageClass: fast\n      size: 1Gi");
    let said = apply(&cli);
    said.ends(0, &[]);
    assert!(!said.err.contains("WH0142"), "{}", said.err);
    cli.env.finish().await;
}
