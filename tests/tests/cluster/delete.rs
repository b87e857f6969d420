//! Deleting, and what stays.

use std::time::Duration;

use k8s_openapi::api::core::v1::Service;
use kube::api::{ListParams, PostParams};
use serde_json::json;
use wellhead_cluster::{Claims, ClusterError, DeleteOptions, DeleteReport, Event, Silent, Wait};
use wellhead_diagnostics::Code;

use crate::support::{Env, PATIENCE, Recorder, Workload};

fn options(claims: Claims, timeout: Duration) -> DeleteOptions {
    let wait = Wait::UntilDone { timeout: Some(timeout) };
    DeleteOptions { claims, wait, ..DeleteOptions::default() }
}

async fn delete(env: &Env, name: &str, claims: Claims) -> Result<DeleteReport, ClusterError> {
    env.cluster.delete(&env.namespace, name, &options(claims, PATIENCE), &Silent).await
}

fn names(objects: &[wellhead_cluster::ObjectRef]) -> Vec<String> {
    objects.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_keeps_the_claims_and_lists_them() {
    let env = Env::new("keep").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let recorder = Recorder::default();
    let report = env
        .cluster
        .delete(&env.namespace, "db", &options(Claims::Keep, PATIENCE), &recorder)
        .await
        .expect("it goes");
    assert_eq!(names(&report.deleted), ["statefulset/db", "service/db-peers"]);
    let kept: Vec<_> = report.kept.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(kept, ["data-db-0", "data-db-1"]);
    assert_eq!(report.kept[0].phase, "Bound");
    assert_eq!(report.kept[0].size.as_deref(), Some("1Gi"));
    let told = recorder.events().into_iter().filter(|event| matches!(event, Event::Kept(_)));
    assert_eq!(told.count(), 2);
    let left = env.versions().await;
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(env.pods().list(&ListParams::default()).await.expect("pods").items.is_empty());

    let again = delete(&env, "db", Claims::Keep).await.expect("nothing to delete is fine");
    assert_eq!(again.deleted, []);
    assert_eq!(again.kept.len(), 2);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_apply_uses_the_kept_claims_and_says_so() {
    let env = Env::new("reuse").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let uid = env.claims().get("data-db-0").await.expect("it exists").metadata.uid;
    delete(&env, "db", Claims::Keep).await.expect("it goes");
    let report = env.apply(&workload).await.expect("it becomes ready");
    let warnings: Vec<_> = report.pipelines[0].warnings.iter().map(|one| one.code).collect();
    assert_eq!(warnings, [Code::ClaimsReused]);
    assert_eq!(env.claims().get("data-db-0").await.expect("it exists").metadata.uid, uid);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_with_claims_removes_them_and_no_others() {
    let env = Env::new("purge").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    // Another pipeline whose claims end alike.
    env.apply(&Workload::new("my-db", 1)).await.expect("it becomes ready");
    let report = delete(&env, "db", Claims::Delete).await.expect("it goes");
    let expected = ["statefulset/db", "service/db-peers", "claim/data-db-0", "claim/data-db-1"];
    assert_eq!(names(&report.deleted), expected);
    assert_eq!(report.kept, []);
    let left = env.versions().await;
    assert_eq!(left.len(), 5, "Service, claim, StatefulSet, Lease and revision: {left:?}");
    assert!(left.iter().all(|version| version.contains("my-db")), "{left:?}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_outlived_their_stateful_set_can_still_be_deleted() {
    let env = Env::new("later").await;
    env.apply(&Workload::new("db", 1)).await.expect("it becomes ready");
    delete(&env, "db", Claims::Keep).await.expect("it goes");
    let report = delete(&env, "db", Claims::Delete).await.expect("it goes");
    assert_eq!(names(&report.deleted), ["claim/data-db-0"]);
    assert_eq!(env.versions().await, [""; 0]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_objects_with_our_labels_are_left_alone() {
    let env = Env::new("labels").await;
    let workload = Workload::new("db", 1);
    let mut foreign: Service = workload.render(&env.namespace).service.expect("it is ours");
    foreign.metadata.name = Some("impostor".to_owned());
    env.services().create(&PostParams::default(), &foreign).await.expect("a service");
    env.apply(&workload).await.expect("it becomes ready");
    let report = delete(&env, "db", Claims::Delete).await.expect("it goes");
    assert_eq!(names(&report.foreign), ["service/impostor"]);
    assert!(env.services().get_opt("impostor").await.expect("an answer").is_some());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_stateful_set_of_the_name_is_left_alone() {
    let env = Env::new("namesake").await;
    let mut foreign = Workload::new("db", 0).render(&env.namespace).stateful_set;
    foreign.metadata.labels = None;
    env.stateful_sets().create(&PostParams::default(), &foreign).await.expect("a stateful set");
    let report = delete(&env, "db", Claims::Delete).await.expect("nothing of ours is there");
    assert_eq!(report.deleted, []);
    assert_eq!(names(&report.foreign), ["statefulset/db"]);
    assert_eq!(env.versions().await.len(), 1);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalizer_is_reported_and_never_removed() {
    let env = Env::new("finalizer").await;
    env.apply(&Workload::new("db", 1)).await.expect("it becomes ready");
    let hold = json!({"metadata": {"finalizers": ["example.com/hold"]}});
    env.set_as::<Service>("somebody", "db-peers", hold).await;
    let short = options(Claims::Keep, Duration::from_secs(5));
    let error = env.cluster.delete(&env.namespace, "db", &short, &Silent).await;
    let Err(ClusterError::DeletionUnfinished { problems, report }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].code, Code::NotDeletedInTime);
    assert_eq!(problems[0].why.as_deref(), Some("finalizers: example.com/hold"));
    assert_eq!(report.deleted.len(), 2);
    let service = env.services().get("db-peers").await.expect("it is held");
    assert_eq!(service.metadata.finalizers.unwrap_or_default(), ["example.com/hold"]);

    env.set_as::<Service>("somebody", "db-peers", json!({"metadata": {"finalizers": null}})).await;
    delete(&env, "db", Claims::Keep).await.expect("the same command finishes");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateful_set_that_would_take_its_claims_along_is_not_deleted() {
    let env = Env::new("cascade").await;
    let workload = Workload::new("db", 1).with(|one| {
        one.spec = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}});
    });
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.versions().await.len();
    let error = delete(&env, "db", Claims::Keep).await.expect_err("data would be lost");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(error.problems()[0].code, Code::DeletionLosesData);
    assert_eq!(env.versions().await.len(), before);
    delete(&env, "db", Claims::Delete).await.expect("this was asked for");
    assert_eq!(env.versions().await, [""; 0]);
    env.finish().await;
}
