//! Claims and their classes.

use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;
use wellhead_cluster::{Action, ClusterError};

use crate::support::{Env, Recorder, Workload, object, patient};

#[tokio::test(flavor = "multi_thread")]
async fn growing_a_claim_edits_the_claims_and_keeps_the_stateful_set() {
    let env = Env::new("grow").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.stateful_sets().get("db").await.expect("it exists").metadata;

    let recorder = Recorder::default();
    let larger = workload.with(|workload| workload.size = "2Gi".to_owned());
    let set = larger.render(&env.namespace);
    let report = env.apply_with(&[set], &patient(), &recorder).await.expect("it is ready");
    let mut written = recorder.written();
    written.sort();
    assert_eq!(written, ["claim/data-db-0", "claim/data-db-1"]);
    let warnings = &report.pipelines[0].warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].code, "WH0201");
    for name in larger.claim_names() {
        let claim = env.claims().get(&name).await.expect("it exists");
        let requests = claim.spec.and_then(|spec| spec.resources?.requests).expect("requests");
        assert_eq!(requests["storage"].0, "2Gi");
    }
    let after = env.stateful_sets().get("db").await.expect("it exists").metadata;
    assert_eq!((after.uid, after.resource_version), (before.uid, before.resource_version));

    let again = env.apply(&larger).await.expect("it is ready");
    assert_eq!(again.count(Action::Unchanged), 4);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_without_expansion_is_named_before_anything_is_written() {
    let env = Env::new("fixed").await;
    let classes: Api<StorageClass> = Api::all(env.client.clone());
    let name = env.namespace.clone();
    let class: StorageClass = object(json!({
        "metadata": {"name": name}, "provisioner": "kubernetes.io/host-path"}));
    classes.create(&PostParams::default(), &class).await.expect("a class");
    let workload = Workload::new("db", 1).with(|workload| workload.class = Some(name.clone()));
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.versions().await;
    let larger = workload.with(|workload| workload.size = "2Gi".to_owned());
    let error = env.apply(&larger).await.expect_err("the class does not allow it");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, "WH0202");
    assert_eq!(problem.what, format!("class \"{name}\" does not allow volumes to grow"));
    assert!(problem.why.as_deref().is_some_and(|why| why.contains("data-db-0")), "{problem:?}");
    assert_eq!(env.versions().await, before);
    classes.delete(&name, &DeleteParams::default()).await.expect("it goes");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shrinking_a_claim_is_refused_with_both_sizes() {
    let env = Env::new("smaller").await;
    let workload = Workload::new("db", 1).with(|workload| workload.size = "2Gi".to_owned());
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.versions().await;
    let smaller = workload.with(|workload| workload.size = "1Gi".to_owned());
    let error = env.apply(&smaller).await.expect_err("volumes do not shrink");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(error.problems()[0].code, "WH0203");
    assert_eq!(error.problems()[0].what, "claim/data-db-0 holds 2Gi; 1Gi was asked");
    assert_eq!(env.versions().await, before);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_class_is_named_with_those_that_exist() {
    let env = Env::new("class").await;
    let workload =
        Workload::new("db", 2).with(|workload| workload.class = Some("standart".to_owned()));
    let error = env.apply(&workload).await.expect_err("there is no such class");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(error.problems().len(), 1, "{error:?}");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, "WH0204");
    assert!(problem.what.starts_with("storage class \"standart\" does not exist on context"));
    let why = problem.why.as_deref().expect("a reason");
    assert!(why.contains("standard (default)") && why.contains("data-db-1"), "{why}");
    assert_eq!(problem.hint.as_deref(), Some("did you mean standard?"));
    assert_eq!(env.versions().await, [""; 0]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_never_got_a_volume_is_explained_and_not_replaced() {
    let env = Env::new("pending").await;
    let workload = Workload::new("db", 1);
    let stale = workload.with(|workload| workload.class = Some("gone".to_owned()));
    let claim = stale.render(&env.namespace).claims.remove(0);
    env.claims().create(&PostParams::default(), &claim).await.expect("a claim");
    let fixed = workload.with(|workload| workload.class = Some("standard".to_owned()));
    let error = env.apply(&fixed).await.expect_err("its class cannot change");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, "WH0205");
    let what = ".spec.storageClassName of claim/data-db-0 cannot change from gone to standard";
    assert_eq!(problem.what, what);
    let hint = format!("kubectl -n {} delete pvc/data-db-0", env.namespace);
    assert_eq!(problem.hint.as_deref(), Some(hint.as_str()));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_the_controller_made_become_ours_with_a_warning() {
    let env = Env::new("adopt").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    // Somebody scales up; the controller makes the claim from the template.
    let scale = json!({"spec": {"replicas": 2}});
    let params = kube::api::PatchParams::default();
    env.stateful_sets()
        .patch_scale("db", &params, &kube::api::Patch::Merge(scale))
        .await
        .expect("it scales");
    while env.claims().get_opt("data-db-1").await.expect("an answer").is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let uid = env.claims().get("data-db-1").await.expect("it exists").metadata.uid;
    let wider = workload.with(|workload| workload.replicas = 2);
    let report = env.apply(&wider).await.expect("it becomes ready");
    let warnings: Vec<_> = report.pipelines[0].warnings.iter().map(|one| one.code).collect();
    assert_eq!(warnings, ["WH0206"]);
    let claim = env.claims().get("data-db-1").await.expect("it exists").metadata;
    assert_eq!(claim.uid, uid);
    let again = env.apply(&wider).await.expect("it is ready");
    assert_eq!(again.pipelines[0].warnings, []);
    env.finish().await;
}
