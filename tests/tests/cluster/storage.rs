//! Claims and their classes.

use std::time::Duration;

use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;
use wellhead_cluster::{Action, ApplyOptions, ClusterError, Event, Growth, Silent, Wait};
use wellhead_diagnostics::Code;

use crate::faults::{At, block_on};
use crate::support::{Driver, Env, Workload, object, patient, waiting};

#[tokio::test(flavor = "multi_thread")]
async fn growing_a_claim_edits_the_claims_and_keeps_the_stateful_set() {
    let env = Env::new("grow").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let before = env.stateful_sets().get("db").await.expect("it exists").metadata;

    let driver = Driver::new(&env);
    let larger = workload.with(|workload| workload.size = "2Gi".to_owned());
    let set = larger.render(&env.namespace);
    let report = env.apply_with(&[set], &patient(), &driver).await.expect("it is ready");
    let states = driver.recorder.events().into_iter().filter_map(|event| match event {
        Event::Growing { claim, growth, .. } if claim == "data-db-1" => Some(growth),
        _ => None,
    });
    let expected =
        [Some(Growth::Requested), Some(Growth::Resizing), Some(Growth::FileSystem), None];
    assert_eq!(states.collect::<Vec<_>>(), expected, "each state is told");
    let mut written = driver.recorder.written();
    written.sort();
    assert_eq!(written, ["claim/data-db-0", "claim/data-db-1"]);
    let warnings = &report.pipelines[0].warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].code, Code::ImmutableField);
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
async fn a_volume_that_does_not_grow_is_named_when_time_is_up_and_later_it_is_a_warning() {
    let env = Env::new("grow-slowly").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let larger = workload.with(|workload| workload.size = "2Gi".to_owned());
    let set = larger.render(&env.namespace);
    // The driver has done its part for one of them.
    let recorder = At::new(
        |event| matches!(event, Event::Growing { .. }),
        || {
            let pending = json!({"allocatedResourceStatuses": {"storage": "NodeResizePending"}});
            block_on(env.claim_status("data-db-1", pending));
        },
    );
    let error = env.apply_with(&[set], &waiting(Duration::from_secs(4)), &recorder).await;
    let error = error.expect_err("nobody makes the volumes larger");
    assert!(matches!(error, ClusterError::NotReady { .. }), "{error:?}");
    let told: Vec<_> = error.problems().iter().map(|it| (it.code, it.what.as_str())).collect();
    let expected = [
        (Code::ExpansionPending, "claim/data-db-0 waits for expansion from 1Gi to 2Gi"),
        (
            Code::ExpansionPending,
            "the volume of claim/data-db-1 has 2Gi, and its file system still has 1Gi",
        ),
    ];
    assert_eq!(told, expected);
    let status = env.cluster.status(&env.namespace, "db").await.expect("it can be read");
    let status = status.expect("it exists");
    let growth: Vec<_> = status.claims.iter().map(|claim| claim.growth).collect();
    assert_eq!(growth, [Some(Growth::Requested), Some(Growth::FileSystem)]);

    let again = env.apply(&larger).await.expect("nothing is left that this call asked for");
    assert_eq!(again.count(Action::Unchanged), 4);
    let codes: Vec<_> = again.pipelines[0].warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::ExpansionPending, Code::ExpansionPending, Code::ImmutableField]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_cannot_grow_ends_the_wait_and_may_be_taken_back() {
    let env = Env::new("grow-never").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let larger = workload.with(|workload| workload.size = "2Gi".to_owned());
    let set = larger.render(&env.namespace);
    let refused = At::new(
        |event| matches!(event, Event::Growing { .. }),
        || {
            let status = json!({
                "allocatedResourceStatuses": {"storage": "ControllerResizeInfeasible"},
                "conditions": [{"type": "ControllerResizeError", "status": "True", "message": "the pool is full"}]});
            block_on(env.claim_status("data-db-0", status));
        },
    );
    let error = env.apply_with(&[set], &patient(), &refused).await.expect_err("it cannot grow");
    assert!(matches!(error, ClusterError::NotReady { .. }), "{error:?}");
    let problem = &error.problems()[0];
    assert_eq!(
        (problem.code, problem.why.as_deref()),
        (Code::ExpansionFailed, Some("the pool is full"))
    );
    let hint = problem.hints.join("\n");
    assert!(hint.starts_with("ask for more than the 1Gi"), "{hint}");
    let error = env.apply(&workload).await.expect_err("the server takes it back to more only");
    let problem = &error.problems()[0];
    assert_eq!(problem.code, Code::VolumeCannotShrink);
    assert_eq!(problem.what, "claim/data-db-0 holds 1Gi and was to grow to 2Gi; 1Gi was asked");
    let smaller = workload.with(|workload| workload.size = "1200Mi".to_owned());
    let set = smaller.render(&env.namespace);
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    let report = env.apply_with(&[set], &options, &Silent).await.expect("it is taken back");
    assert_eq!(report.count(Action::Updated), 1);
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
    assert_eq!(problem.code, Code::ExpansionNotAllowed);
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
    assert_eq!(error.problems()[0].code, Code::VolumeCannotShrink);
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
    assert_eq!(problem.code, Code::StorageClassNotFound);
    assert!(problem.what.starts_with("storage class \"standart\" does not exist on context"));
    let why = problem.why.as_deref().expect("a reason");
    assert!(why.contains("standard (default)") && why.contains("data-db-1"), "{why}");
    assert_eq!(problem.hints, ["did you mean standard?"]);
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
    assert_eq!(problem.code, Code::ImmutableClaimField);
    let what = "spec.storageClassName of claim/data-db-0 cannot change from gone to standard";
    assert_eq!(problem.what, what);
    let hint = format!("kubectl -n {} delete pvc/data-db-0", env.namespace);
    assert_eq!(problem.hints, [hint]);
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
    assert_eq!(warnings, [Code::ClaimsReused]);
    let claim = env.claims().get("data-db-1").await.expect("it exists").metadata;
    assert_eq!(claim.uid, uid);
    let again = env.apply(&wider).await.expect("it is ready");
    assert_eq!(again.pipelines[0].warnings, []);
    env.finish().await;
}
