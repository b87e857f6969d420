//! Why a pipeline does not become ready.

use std::time::Duration;

use k8s_openapi::api::core::v1::ResourceQuota;
use kube::api::PostParams;
use serde_json::json;
use wellhead_cluster::{ClusterError, Event, Problem, Wait};

use crate::support::{Env, PATIENCE, Recorder, Workload, object, patient, waiting};

/// Applies what cannot become ready, and returns the findings.
async fn stalled(env: &Env, workload: &Workload, timeout: Duration) -> Vec<Problem> {
    let set = workload.render(&env.namespace);
    let result = env.apply_with(&[set], &waiting(timeout), &wellhead_cluster::Silent).await;
    match result {
        Err(ClusterError::NotReady { problems, report }) => {
            assert!(!report.pipelines[0].readiness.expect("it was waited for").complete);
            problems
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_image_is_named_long_before_the_timeout() {
    let env = Env::new("bad-image").await;
    let workload =
        Workload::new("db", 2).with(|one| one.image = "ghcr.io/acme/db:broken".to_owned());
    let started = std::time::Instant::now();
    let problems = stalled(&env, &workload, PATIENCE).await;
    assert!(started.elapsed() < PATIENCE, "the wait ended by its reason, not by its timeout");
    assert_eq!(problems[0].code, "WH0301");
    let what =
        "pod db-0 cannot start: image ghcr.io/acme/db:broken cannot be pulled (ImagePullBackOff)";
    assert_eq!(problems[0].what, what);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_of_a_failed_revision_is_named_with_the_command_that_frees_the_rollout() {
    let env = Env::new("stuck").await;
    let good = Workload::new("db", 2);
    env.apply(&good).await.expect("it becomes ready");
    let bad = good.with(|one| one.image = "ghcr.io/acme/db:broken".to_owned());
    let problems = stalled(&env, &bad, PATIENCE).await;
    assert_eq!(problems[0].code, "WH0301", "{problems:?}");
    let problems = stalled(&env, &good, PATIENCE).await;
    assert_eq!(problems[0].code, "WH0302", "{problems:?}");
    let hint = format!("kubectl -n {} delete pod/db-1", env.namespace);
    assert_eq!(problems[0].hint.as_deref(), Some(hint.as_str()));

    let pods = env.pods();
    pods.delete("db-1", &kube::api::DeleteParams::default()).await.expect("it goes");
    env.apply(&good).await.expect("it becomes ready");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashing_container_is_named() {
    let env = Env::new("crash").await;
    let workload = Workload::new("db", 1).with(|one| one.image = "acme/db:crashing".to_owned());
    let problems = stalled(&env, &workload, PATIENCE).await;
    assert_eq!(problems[0].code, "WH0306", "{problems:?}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_without_a_node_is_reported_and_waited_for() {
    let env = Env::new("no-node").await;
    let workload = Workload::new("db", 1).with(|one| {
        one.spec = json!({"template": {"spec": {"nodeSelector": {"nobody": "has-this"}}}});
    });
    let recorder = Recorder::default();
    let set = workload.render(&env.namespace);
    let error = env.apply_with(&[set], &waiting(Duration::from_secs(4)), &recorder).await;
    let error = error.expect_err("no node takes it");
    let codes: Vec<_> = error.problems().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["WH0308", "WH0303"]);
    let summary = &error.problems()[0].what;
    assert!(summary.contains("0 of 1 replicas ready"), "{summary}");
    let why = error.problems()[1].why.as_deref().expect("a reason");
    assert!(why.contains("nodes are available"), "the scheduler's own words: {why}");
    let told = recorder.events().into_iter().filter(|event| matches!(event, Event::Problem { .. }));
    assert_eq!(told.count(), 1, "a reason is told once");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_quota_is_named() {
    let env = Env::new("quota").await;
    let quota: ResourceQuota =
        object(json!({"metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}}));
    env.api::<ResourceQuota>().create(&PostParams::default(), &quota).await.expect("a quota");
    let workload = Workload::new("db", 2);
    let problems = stalled(&env, &workload, PATIENCE).await;
    assert_eq!(problems[0].code, "WH0305", "{problems:?}");
    assert!(problems[0].why.as_deref().is_some_and(|why| why.contains("exceeded quota: few")));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unbound_claim_is_named_with_the_words_of_its_event() {
    let env = Env::new("unbound").await;
    // The class vanishes between the check and the binding; making the claim first does the same.
    let workload = Workload::new("db", 1).with(|one| one.class = Some("vanished".to_owned()));
    let claim = workload.render(&env.namespace).claims.remove(0);
    env.claims().create(&PostParams::default(), &claim).await.expect("a claim");
    let problems = stalled(&env, &workload, PATIENCE).await;
    assert_eq!(problems[0].code, "WH0204", "{problems:?}");
    assert!(problems[0].why.as_deref().is_some_and(|why| why.contains("\"vanished\" not found")));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_wait_and_tells_what_was_done() {
    let env = Env::new("stop").await;
    let workload = Workload::new("db", 1).with(|one| one.image = "acme/db:unready".to_owned());
    let options = patient();
    let stop = options.stop.clone();
    let stopper = tokio::spawn({
        let pods = env.pods();
        async move {
            while pods.get_opt("db-0").await.expect("an answer").is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            stop.stop();
        }
    });
    let set = workload.render(&env.namespace);
    let error = env.apply_with(&[set], &options, &wellhead_cluster::Silent).await;
    let Err(ClusterError::Stopped { report: Some(report) }) = error else { panic!("{error:?}") };
    assert_eq!(report.pipelines[0].objects.len(), 3);
    stopper.await.expect("it stops");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_waiting_a_bad_image_is_no_error() {
    let env = Env::new("no-wait").await;
    let workload = Workload::new("db", 1).with(|one| one.image = "acme/db:broken".to_owned());
    assert_ne!(patient().wait, Wait::No);
    let report = env.send(&workload).await.expect("it is written");
    assert_eq!(report.pipelines[0].readiness, None);
    env.finish().await;
}
