//! Rollouts that do not come to their end.

use k8s_openapi::api::core::v1::LimitRange;
use kube::api::PostParams;
use serde_json::json;

use super::{apply, run};
use crate::plan_cli::Cli;
use crate::support::object;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_image_ends_the_wait_with_its_pod_its_reason_and_the_way_back() {
    let cli = Cli::new("row-bad-image").await;
    apply(&cli).ends(0, &[]);
    cli.change("postgres:17", "ghcr.io/acme/db:broken");
    let back = format!("wellhead rollback db -n {}", cli.env.namespace);
    apply(&cli).ends(
        3,
        &[
            "error[WH0301]",
            "pod db-1 cannot start: image ghcr.io/acme/db:broken cannot be pulled (ImagePullBackOff)",
            "1 of 2 pods updated, 1 ready",
            "event at ",
            "help: ",
            &back,
        ],
    );
    let pod = cli.env.pods().get("db-0").await.expect("it is there");
    let image = pod.spec.and_then(|it| it.containers.into_iter().next()?.image);
    assert_eq!(image.as_deref(), Some("postgres:17"), "the other pod goes on");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_image_of_a_first_apply_has_nothing_to_go_back_to() {
    let cli = Cli::new("row-bad-first").await;
    cli.change("postgres:17", "ghcr.io/acme/db:broken");
    let said = apply(&cli);
    said.ends(3, &["error[WH0301]", "pod db-0 cannot start", "help: check the image's name"]);
    assert!(!said.err.contains("rollback"), "{}", said.err);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_names_the_container_and_the_command_that_shows_its_log() {
    let cli = Cli::new("row-crash").await;
    cli.change("postgres:17", "acme/db:crashing");
    let log = format!("help: kubectl -n {} logs db-0 -c db --previous", cli.env.namespace);
    apply(&cli).ends(3, &["error[WH0306]", "container db of pod db-0 crashes", &log]);
    cli.env.finish().await;
}

/// The preflight warns before anything is written, and the wait ends with the words of the controller.
#[tokio::test(flavor = "multi_thread")]
async fn pods_that_are_refused_are_told_before_and_after_with_the_way_back() {
    let cli = Cli::new("row-refused-pods").await;
    apply(&cli).ends(0, &[]);
    let rule = json!({"type": "Container", "max": {"memory": "1Gi"}});
    let range: LimitRange =
        object(json!({"metadata": {"name": "bounds"}, "spec": {"limits": [rule]}}));
    let ranges = cli.env.api::<LimitRange>();
    ranges.create(&PostParams::default(), &range).await.expect("a limit range");
    let larger = "image: postgres:17\n      resources: {limits: {memory: 2Gi}}";
    cli.change("image: postgres:17", larger);
    let back = format!("wellhead rollback db -n {}", cli.env.namespace);
    apply(&cli).ends(
        3,
        &[
            "warning[WH0314]",
            "container db: memory: 2Gi is more than 1Gi",
            "error[WH0305]",
            "statefulset/db cannot create pods",
            "maximum memory usage per Container is 1Gi",
            &back,
        ],
    );
    cli.env.finish().await;
}

/// Without a wait there is nothing to report: what was asked for is done.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_wait_a_bad_image_is_no_error() {
    let cli = Cli::new("row-no-wait").await;
    cli.change("postgres:17", "ghcr.io/acme/db:broken");
    run(&cli, &["apply", "--yes", "--wait=false"]).ends(0, &[]);
    cli.env.finish().await;
}
