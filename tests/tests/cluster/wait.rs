//! Why a pipeline does not become ready.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, ResourceQuota};
use kube::ResourceExt as _;
use kube::api::{ListParams, PostParams};
use serde_json::json;
use tokio::sync::Notify;
use wellhead_cluster::{
    ApplyOptions, ClusterError, Event, Fate, PodState, Problem, Progress, Remedy, Silent, Wait,
    WaitOptions,
};
use wellhead_diagnostics::Code;

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
    assert_eq!(problems[0].code, Code::ImagePull);
    let what =
        "pod db-0 cannot start: image ghcr.io/acme/db:broken cannot be pulled (ImagePullBackOff)";
    assert_eq!(problems[0].what, what);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_of_a_failed_revision_is_named_and_replaced_when_that_is_allowed() {
    let env = Env::new("stuck").await;
    let good = Workload::new("db", 2);
    env.apply(&good).await.expect("it becomes ready");
    let bad = good.with(|one| one.image = "ghcr.io/acme/db:broken".to_owned());
    let problems = stalled(&env, &bad, PATIENCE).await;
    assert_eq!(problems[0].code, Code::ImagePull, "{problems:?}");
    let problems = stalled(&env, &good, PATIENCE).await;
    assert_eq!(problems[0].code, Code::StuckRollout, "{problems:?}");
    assert_eq!(problems[0].remedy, Some(Remedy::ReplaceStuckPods));

    let before = uids(&env).await;
    assert_eq!(freed(&env, &good).await, ["db-1"]);
    let after = uids(&env).await;
    for name in ["data-db-0", "data-db-1", "db-0"] {
        assert_eq!(before.get(name), after.get(name), "{name} is the one that it was");
    }
    assert_ne!(before.get("db-1"), after.get("db-1"));
    env.finish().await;
}

/// The uids of pods and claims.
async fn uids(env: &Env) -> BTreeMap<String, Option<String>> {
    let all = ListParams::default();
    let pods = env.pods().list(&all).await.expect("pods");
    let claims = env.claims().list(&all).await.expect("claims");
    let pods = pods.items.iter().map(|it| (it.name_any(), it.uid()));
    pods.chain(claims.items.iter().map(|it| (it.name_any(), it.uid()))).collect()
}

/// Applies what heals the pipeline once broken pods are gone, and returns those that were replaced, in order.
async fn freed(env: &Env, workload: &Workload) -> Vec<String> {
    let recorder = Recorder::default();
    let options = ApplyOptions { replace_stuck_pods: true, ..patient() };
    let set = workload.render(&env.namespace);
    env.apply_with(&[set], &options, &recorder).await.expect("it becomes ready");
    let replaced = recorder.events().into_iter().filter_map(|event| match event {
        Event::Replacing { pod, .. } => Some(pod),
        _ => None,
    });
    replaced.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_revision_that_never_worked_is_replaced_too() {
    let env = Env::new("stuck-first").await;
    let good = Workload::new("db", 2);
    let bad = good.with(|one| one.image = "acme/db:crashing".to_owned());
    let problems = stalled(&env, &bad, PATIENCE).await;
    assert_eq!(problems[0].code, Code::CrashLoop, "{problems:?}");
    assert_eq!(freed(&env, &good).await, ["db-0"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_broken_pods_are_replaced_in_turn_the_lowest_first() {
    let env = Env::new("stuck-many").await;
    let parallel = |workload: &Workload, policy: &str| {
        workload.with(|one| one.spec = json!({"podManagementPolicy": policy}))
    };
    let good = Workload::new("db", 3);
    // Only in parallel does more than one pod get a template that does not work.
    let bad = good.with(|one| one.image = "acme/db:broken".to_owned());
    stalled(&env, &parallel(&bad, "Parallel"), PATIENCE).await;
    let options = ApplyOptions { recreate: true, wait: Wait::No, ..ApplyOptions::default() };
    let set = parallel(&bad, "OrderedReady").render(&env.namespace);
    env.apply_with(&[set], &options, &wellhead_cluster::Silent).await.expect("it is made anew");
    assert_eq!(freed(&env, &good).await, ["db-0", "db-1", "db-2"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pod_below_the_partition_is_left_alone() {
    let env = Env::new("stuck-below").await;
    let bad = Workload::new("db", 2).with(|one| one.image = "acme/db:broken".to_owned());
    stalled(&env, &bad, PATIENCE).await;
    let before = uids(&env).await;
    let good = Workload::new("db", 2).with(|one| {
        one.spec = json!({"updateStrategy": {"rollingUpdate": {"partition": 1}}});
    });
    let options = ApplyOptions { replace_stuck_pods: true, ..patient() };
    let set = good.render(&env.namespace);
    let error = env.apply_with(&[set], &options, &wellhead_cluster::Silent).await;
    let error = error.expect_err("db-0 keeps its template");
    assert_eq!(error.problems()[0].code, Code::ImagePull, "{error:?}");
    assert_eq!(uids(&env).await.get("db-0"), before.get("db-0"));
    env.finish().await;
}

/// Keeps every event, and says when a pod is told to be going.
#[derive(Default)]
struct Leaving {
    recorder: Recorder,
    seen: Notify,
}

impl Progress for Leaving {
    fn event(&self, event: Event) {
        if matches!(event, Event::Pod { state: PodState::Terminating, .. }) {
            self.seen.notify_one();
        }
        self.recorder.event(event);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_pod_is_told_once_and_pods_that_stay_ready_never() {
    let env = Env::new("pod-states").await;
    let workload = Workload::new("db", 2);
    let states = |recorder: &Recorder| -> Vec<(String, PodState, String)> {
        let told = recorder.events().into_iter().filter_map(|event| match event {
            Event::Pod { pod, state, revision, .. } => Some((pod, state, revision)),
            _ => None,
        });
        told.collect()
    };
    let first = Recorder::default();
    let set = workload.render(&env.namespace);
    env.apply_with(&[set], &patient(), &first).await.expect("it becomes ready");
    let partition = json!({"updateStrategy": {"rollingUpdate": {"partition": 1}}});
    let newer = workload.with(|one| {
        one.image = "nginx:1.15".to_owned();
        one.spec = partition;
    });
    // The pod of the old revision stays until the wait has seen it go, so that the rollout cannot end before.
    let finalizers = |names| json!({"metadata": {"finalizers": names}});
    env.set_as::<Pod>("holder", "db-1", finalizers(json!(["example.com/hold"]))).await;
    let second = Leaving::default();
    let set = newer.render(&env.namespace);
    let apply = async {
        env.apply_with(&[set], &patient(), &second).await.expect("it becomes ready");
    };
    let let_go = async {
        second.seen.notified().await;
        env.set_as::<Pod>("holder", "db-1", finalizers(json!(null))).await;
    };
    tokio::join!(apply, let_go);
    let told = states(&second.recorder);
    assert!(told.iter().all(|(pod, ..)| pod == "db-1"), "{told:?}");
    let last = told.last().expect("it was replaced");
    assert_eq!(last.1, PodState::Ready);
    assert!(!states(&first).iter().any(|(_, _, revision)| *revision == last.2), "it is a new one");
    for told in [states(&first), told] {
        let repeated = told.windows(2).any(|pair| pair[0] == pair[1]);
        assert!(!repeated, "{told:?}");
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashing_container_is_named() {
    let env = Env::new("crash").await;
    let workload = Workload::new("db", 1).with(|one| one.image = "acme/db:crashing".to_owned());
    let problems = stalled(&env, &workload, PATIENCE).await;
    assert_eq!(problems[0].code, Code::CrashLoop, "{problems:?}");
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
    assert_eq!(codes, [Code::NotReadyInTime, Code::Unschedulable]);
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
    assert_eq!(problems[0].code, Code::PodsRejected, "{problems:?}");
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
    assert_eq!(problems[0].code, Code::StorageClassNotFound, "{problems:?}");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_of_another_call_is_waited_for_as_an_apply_waits() {
    let env = Env::new("wait-alone").await;
    let options = WaitOptions { timeout: Some(PATIENCE), ..WaitOptions::default() };
    let names = [env.pipeline("db"), env.pipeline("web")];
    match env.cluster.wait(&names, &options, &Silent).await {
        Err(ClusterError::Refused(problems)) => {
            let whats: Vec<_> = problems.iter().map(|it| it.what.as_str()).collect();
            let absent =
                |name| format!("statefulset/{name} does not exist, so its rollout has no end");
            assert_eq!(whats, [absent("db"), absent("web")]);
        }
        other => panic!("{other:?}"),
    }
    env.send(&Workload::new("db", 2)).await.expect("it is accepted");
    let report = env.cluster.wait(&names[..1], &options, &Silent).await.expect("it becomes ready");
    let readiness = report.pipelines[0].readiness.expect("it was waited for");
    assert!(readiness.complete && readiness.claims_bound == 2, "{readiness:?}");
    assert_eq!(report.pipelines[0].fate, Fate::Unchanged);

    let bad = Workload::new("web", 1).with(|one| one.image = "ghcr.io/acme/db:broken".to_owned());
    env.send(&bad).await.expect("it is accepted");
    match env.cluster.wait(&names, &options, &Silent).await {
        Err(ClusterError::NotReady { problems, report }) => {
            assert_eq!(problems[0].code, Code::ImagePull);
            let complete = report.pipelines.iter().map(|it| it.readiness.expect("waited").complete);
            assert_eq!(complete.collect::<Vec<_>>(), [true, false]);
        }
        other => panic!("{other:?}"),
    }
    env.finish().await;
}
