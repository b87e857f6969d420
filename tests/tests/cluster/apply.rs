//! Creating, repeating and changing.

use k8s_openapi::api::apps::v1::StatefulSet;
use serde_json::json;
use wellhead_cluster::{Action, ConnectOptions};
use wellhead_diagnostics::Code;

use crate::support::{Env, Recorder, Workload, patient};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_apply_creates_the_objects_and_waits_until_they_work() {
    let env = Env::new("first").await;
    let workload = Workload::new("db", 3);
    let report = env.apply(&workload).await.expect("it becomes ready");

    let pipeline = &report.pipelines[0];
    let objects: Vec<_> = pipeline.objects.iter().map(|one| one.object.to_string()).collect();
    let expected = [
        "service/db-peers",
        "claim/data-db-0",
        "claim/data-db-1",
        "claim/data-db-2",
        "statefulset/db",
    ];
    assert_eq!(objects, expected);
    assert_eq!(report.count(Action::Created), 5);
    assert_eq!(pipeline.warnings, []);
    let readiness = pipeline.readiness.expect("it was waited for");
    assert_eq!((readiness.ready, readiness.claims_bound), (3, 3));
    assert!(readiness.complete);

    let all = kube::api::ListParams::default();
    let claims = env.claims().list(&all).await.expect("claims").items;
    assert_eq!(claims.len(), 3, "the controller adopted our claims and made none");
    for claim in claims {
        assert_eq!(claim.status.and_then(|status| status.phase).as_deref(), Some("Bound"));
    }
    let live = env.stateful_sets().get("db").await.expect("it exists");
    assert_eq!(live.status.and_then(|status| status.ready_replicas), Some(3));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_apply_writes_nothing_and_only_reads() {
    let env = Env::new("second").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.versions().await;
    let report = env.apply(&workload).await.expect("it is ready");
    assert_eq!(report.count(Action::Unchanged), 4);
    assert_eq!(report.requests, 5, "one read for each object and the Lease, and no dry run");
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_a_quantity_writes_nothing() {
    let env = Env::new("spelling").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.versions().await;
    let respelt = workload.with(|workload| workload.size = "1024Mi".to_owned());
    let report = env.apply(&respelt).await.expect("it is ready");
    assert_eq!(report.count(Action::Unchanged), 3);
    assert_eq!(report.pipelines[0].warnings, []);
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_image_rolls_out_and_keeps_claims_and_service() {
    let env = Env::new("image").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let newer = workload.with(|workload| workload.image = "nginx:1.27".to_owned());
    let report = env.apply(&newer).await.expect("it becomes ready");
    assert_eq!((report.count(Action::Updated), report.count(Action::Unchanged)), (1, 3));
    for name in newer.pod_names() {
        let pod = env.pods().get(&name).await.expect("it exists");
        assert_eq!(pod.spec.expect("a spec").containers[0].image.as_deref(), Some("nginx:1.27"));
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scaling_up_applies_the_new_claims_before_the_stateful_set() {
    let env = Env::new("scale").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let recorder = Recorder::default();
    let set = workload.with(|workload| workload.replicas = 3).render(&env.namespace);
    env.apply_with(&[set], &patient(), &recorder).await.expect("it becomes ready");
    let mut written = recorder.written();
    assert_eq!(written.pop().as_deref(), Some("statefulset/db"));
    written.sort();
    assert_eq!(written, ["claim/data-db-1", "claim/data-db-2"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scaling_down_keeps_the_claims() {
    let env = Env::new("shrink").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    env.apply(&workload.with(|workload| workload.replicas = 1)).await.expect("it becomes ready");
    assert!(env.pods().get_opt("db-1").await.expect("an answer").is_none());
    assert!(env.claims().get_opt("data-db-1").await.expect("an answer").is_some());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_other_managers_stay() {
    let env = Env::new("others").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let note = json!({"metadata": {"annotations": {"example.com/note": "mine"}}});
    env.set_as::<StatefulSet>("somebody", "db", note).await;
    let newer = workload.with(|workload| workload.image = "nginx:1.27".to_owned());
    env.apply(&newer).await.expect("it becomes ready");
    let live = env.stateful_sets().get("db").await.expect("it exists");
    let annotations = live.metadata.annotations.unwrap_or_default();
    assert_eq!(annotations.get("example.com/note").map(String::as_str), Some("mine"));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_what_is_there() {
    let env = Env::new("status").await;
    let none = env.cluster.status(&env.namespace, "db").await.expect("an answer");
    assert_eq!(none, None);
    env.apply(&Workload::new("db", 2)).await.expect("it becomes ready");
    let status =
        env.cluster.status(&env.namespace, "db").await.expect("an answer").expect("it exists");
    let stateful_set = status.stateful_set.expect("it exists");
    assert!(stateful_set.readiness.complete);
    assert_eq!(stateful_set.current_revision, stateful_set.update_revision);
    assert_eq!(status.service.expect("it exists").ports, [80]);
    assert!(status.pods.iter().all(|pod| pod.ready && pod.phase == "Running"), "{:?}", status.pods);
    let claims: Vec<_> = status.claims.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(claims, ["data-db-0", "data-db-1"]);
    assert_eq!(status.claims[0].size.as_deref(), Some("1Gi"));
    assert_eq!(status.claims[0].class.as_deref(), Some("standard"));
    env.finish().await;
}

#[tokio::test]
async fn an_unknown_context_is_named_with_those_that_exist() {
    let env = Env::new("context").await;
    let kubeconfig = wellhead_harness::SharedControlPlane::get().kubeconfig();
    let options = ConnectOptions {
        kubeconfig: Some(kubeconfig.to_owned()),
        context: Some("nowhere".to_owned()),
        ..ConnectOptions::default()
    };
    let error = wellhead_cluster::Cluster::connect(&options).await.expect_err("no such context");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, Code::NoClusterConfig);
    assert!(problem.what.contains("\"nowhere\""), "{problem}");
    let why = problem.why.as_deref().expect("a reason");
    assert!(why.contains(env.cluster.context_name()), "{why}");
    env.finish().await;
}
