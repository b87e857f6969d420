//! What others set of a StatefulSet that is made anew outlives a crash in between.

use k8s_openapi::api::apps::v1::ControllerRevision;
use kube::api::ListParams;
use wellhead_cluster::{Action, ApplyReport, ClusterError, DeleteOptions, Event, Silent};
use wellhead_render::ResourceSet;
use wellhead_spec::OwnershipPolicy::Yield;

use crate::ownership::{REPLICAS, owns, scale, set, stateful_set};
use crate::recreate::{Before, other_service, recreating, warnings};
use crate::recreate_faults::crash_set;
use crate::support::{Env, Workload, patient};

/// Two replicas that an autoscaler made three, and the objects of the workload behind another Service.
async fn scaled(env: &Env) -> (Workload, Before, ResourceSet) {
    let workload = Workload::new("db", 2);
    let yielded = |workload: &Workload| set(env, workload, &[(REPLICAS, Yield)]);
    env.apply_with(&[yielded(&workload)], &patient(), &Silent).await.expect("it becomes ready");
    scale(env, 3).await;
    env.apply_with(&[yielded(&workload)], &patient(), &Silent).await.expect("three become ready");
    let before = Before::of(env).await;
    assert_eq!(before.pods.len(), 3);
    let moved = other_service(&workload);
    let set = yielded(&moved);
    (moved, before, set)
}

async fn apply(env: &Env, set: &ResourceSet) -> Result<ApplyReport, ClusterError> {
    env.apply_with(std::slice::from_ref(set), &patient(), &Silent).await
}

/// Names of what a run keeps while it makes a StatefulSet anew.
async fn kept(env: &Env) -> Vec<String> {
    let all = ListParams::default().labels("wellhead.dev/pipeline=db,!wellhead.dev/part");
    let found = env.api::<ControllerRevision>().list(&all).await.expect("they can be listed");
    found.into_iter().filter_map(|it| it.metadata.name).collect()
}

fn orphaned(event: &Event) -> bool {
    matches!(event, Event::Orphaned(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_of_an_autoscaler_come_back_after_a_crash() {
    let env = Env::new("carried").await;
    let (_, before, wanted) = scaled(&env).await;
    crash_set(&env, wanted.clone(), orphaned).await;
    assert_eq!(kept(&env).await, ["wellhead.db.recreation"]);
    let report = apply(&env, &wanted).await.expect("it is created");
    assert_eq!(report.count(Action::Created), 1, "{report:?}");
    let live = stateful_set(&env).await;
    assert_eq!(live["spec"]["replicas"], 3);
    assert!(owns(&live, "autoscaler", "replicas") && !owns(&live, "wellhead", "replicas"));
    assert_eq!(env.pod_uids().await, before.pods, "no pod restarted");
    assert_eq!(env.claim_uids().await, before.claims);
    assert!(kept(&env).await.is_empty(), "nothing is left to be made");
    let versions = env.versions().await;
    let again = apply(&env, &wanted).await.expect("it is ready");
    assert_eq!(again.count(Action::Unchanged), again.pipelines[0].objects.len());
    assert_eq!(env.versions().await, versions);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_after_a_crash_bring_the_values_of_the_pipeline_and_say_so() {
    let env = Env::new("carried-other").await;
    let (moved, before, wanted) = scaled(&env).await;
    crash_set(&env, wanted, orphaned).await;
    let newer = moved.with(|one| one.image = "nginx:1.15".to_owned());
    let report =
        apply(&env, &set(&env, &newer, &[(REPLICAS, Yield)])).await.expect("it is created");
    assert!(warnings(&report).contains(&"WH0224"), "{report:?}");
    assert_eq!(stateful_set(&env).await["spec"]["replicas"], 2);
    assert_eq!(env.claim_uids().await, before.claims);
    assert!(kept(&env).await.is_empty());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_recreated_after_all_is_forgotten() {
    let env = Env::new("carried-back").await;
    let (_, before, wanted) = scaled(&env).await;
    crash_set(&env, wanted, |event| matches!(event, Event::Orphaning(_))).await;
    assert_eq!(kept(&env).await.len(), 1);
    let first = set(&env, &Workload::new("db", 2), &[(REPLICAS, Yield)]);
    env.apply_with(&[first], &recreating(), &Silent).await.expect("it is as it was");
    assert_eq!(env.set().await.metadata.uid, before.set);
    assert!(kept(&env).await.is_empty());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_the_pods_that_are_left_and_forgets_it_with_the_history() {
    let env = Env::new("carried-gone").await;
    let (_, before, wanted) = scaled(&env).await;
    crash_set(&env, wanted, orphaned).await;
    env.cluster
        .delete(&env.namespace, "db", &DeleteOptions::default(), &Silent)
        .await
        .expect("it is deleted");
    assert!(kept(&env).await.is_empty());
    let all = ListParams::default().labels("wellhead.dev/pipeline=db");
    let records = env.records().list(&all).await.expect("they can be listed");
    assert!(records.items.is_empty());
    assert!(env.pod_uids().await.is_empty(), "no pod runs on without anybody who looks after it");
    assert_eq!(env.claim_uids().await, before.claims);
    env.finish().await;
}
