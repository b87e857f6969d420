//! `--recreate` and `--replace-stuck-pods` as a user meets them.

use insta::assert_snapshot;
use kube::ResourceExt as _;
use serde_json::json;

use crate::plan_cli::Cli;

const PARALLEL: (&str, &str) =
    ("  replicas: 2\n", "  replicas: 2\n  podManagementPolicy: Parallel\n");

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_the_flag_says_that_pods_keep_running() {
    let cli = Cli::new("cli-anew").await;
    cli.apply();
    cli.change(PARALLEL.0, PARALLEL.1);
    assert_snapshot!(cli.plan(&["--recreate", "--exit-code"]).await, @r#"
    exit code: Some(2)
    ----- stdout -----
    [NAMESPACE]/db
    ~ statefulset/db: recreate
        recreates the StatefulSet; its pods keep running (spec.podManagementPolicy cannot change in place)
            persistentVolumeClaimRetentionPolicy:
              whenDeleted: Retain
              whenScaled: Retain
        -   podManagementPolicy: OrderedReady
        +   podManagementPolicy: Parallel
            replicas: 2
            selector:
              matchLabels:
        spec.podManagementPolicy: set by base spec db.yaml:7:24

    Plan: 0 to create, 0 to update, 1 to recreate, 3 unchanged.
    ----- stderr -----
    context [CONTEXT]
    "#);
    let plan = cli.json_of(&["plan", "--recreate", "-o", "json", "-q"]);
    let summary = json!({"create": 0, "update": 0, "recreate": 1, "unchanged": 3, "refused": 0});
    assert_eq!(plan["summary"], summary);
    let change = &plan["changes"][0];
    assert_eq!((&change["action"], &change["impact"]), (&json!("recreate"), &json!("recreates")));
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_kept_recreates_what_it_said_without_the_flag() {
    let cli = Cli::new("cli-anew-kept").await;
    cli.apply();
    let uid = async || cli.env.pods().get("db-0").await.expect("it runs").uid();
    let before = uid().await;
    cli.change(PARALLEL.0, PARALLEL.1);
    let kept = cli.output(&["plan", "--recreate", "--out", "p.plan", "-q"]);
    assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
    let applied = cli.bare(&["apply", "p.plan"]);
    let said = String::from_utf8_lossy(&applied.stderr).into_owned();
    assert!(applied.status.success(), "{said}");
    let result = String::from_utf8_lossy(&applied.stdout).into_owned();
    assert!(result.starts_with("0 created, 0 updated, 1 recreated, 3 unchanged."), "{result}");
    assert!(said.contains("orphaning the pods of statefulset/db (they keep running)"), "{said}");
    assert!(said.contains("statefulset/db recreated"), "{said}");
    assert_eq!(uid().await, before);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_pod_is_replaced_when_that_is_allowed_and_told_otherwise() {
    let cli = Cli::new("cli-stuck").await;
    cli.apply();
    cli.change("postgres:17", "postgres:broken");
    let broken = cli.output(&["apply", "--yes"]);
    assert_eq!(broken.status.code(), Some(3));
    cli.change("postgres:17", "postgres:17");
    let stuck = cli.output(&["apply", "--yes"]);
    assert_eq!(stuck.status.code(), Some(3));
    let said = String::from_utf8_lossy(&stuck.stderr).into_owned();
    assert!(said.contains("help: rerun with `--replace-stuck-pods`"), "{said}");
    let freed = cli.output(&["apply", "--yes", "--replace-stuck-pods"]);
    let said = String::from_utf8_lossy(&freed.stderr).into_owned();
    assert_eq!(freed.status.code(), Some(0), "{said}");
    assert!(said.contains("/db: replaces pod db-1, its claim data-db-1 is kept"), "{said}");
    cli.env.finish().await;
}
