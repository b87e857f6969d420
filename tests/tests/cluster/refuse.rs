//! What is refused, and that nothing is written then.

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;
use wellhead_cluster::{Action, ClusterError};

use crate::support::{Env, Workload, findings, object};

/// Applies what must be refused, checks that nothing was written, and returns the findings.
async fn refused(env: &Env, workload: &Workload) -> Vec<wellhead_cluster::Problem> {
    let before = env.versions().await;
    let error = env.apply(workload).await.expect_err("it is refused");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(env.versions().await, before, "nothing is written: {:?}", findings(&error));
    error.problems().to_vec()
}

fn codes(problems: &[wellhead_cluster::Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.code.id()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_another_manager_is_named_and_nothing_is_written() {
    let env = Env::new("conflict").await;
    let workload = Workload::new("db", 2);
    env.apply(&workload).await.expect("it becomes ready");
    let template = json!({"spec": {"containers": [{"name": "nginx", "image": "nginx:mine"}]}});
    let fields = json!({"spec": {"replicas": 1, "template": template}});
    let params = kube::api::PatchParams {
        field_manager: Some("hpa-bot".to_owned()),
        ..kube::api::PatchParams::default()
    };
    let patch = kube::api::Patch::Strategic(fields);
    env.stateful_sets().patch("db", &params, &patch).await.expect("another manager may write");

    let wider = workload.with(|workload| workload.replicas = 3);
    let problems = refused(&env, &wider).await;
    assert_eq!(codes(&problems), ["WH0401", "WH0401"]);
    assert!(problems.iter().all(|problem| problem.manager.as_deref() == Some("hpa-bot")));
    let replicas = problems
        .iter()
        .find(|problem| problem.field.as_deref() == Some("spec.replicas"))
        .expect("the field is named");
    assert_eq!(replicas.what, "\"hpa-bot\" owns spec.replicas of statefulset/db");
    assert_eq!(replicas.why.as_deref(), Some("it is now 1; the pipeline says 3"));
    let image = problems.iter().find(|problem| problem.what.contains(".image")).expect("named");
    let why = "it is now \"nginx:mine\"; the pipeline says \"nginx:1.14.2\"";
    assert_eq!(image.why.as_deref(), Some(why));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_a_policy_refuses_keeps_all_pipelines_from_being_written() {
    let env = Env::new("policy").await;
    let name = env.namespace.clone();
    let policy: ValidatingAdmissionPolicy = object(json!({
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{"apiGroups": ["apps"], "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"], "resources": ["statefulsets"]}]},
            "validations": [{"expression": "object.spec.replicas != 3", "message": "three is forbidden"}]}}));
    let binding: ValidatingAdmissionPolicyBinding = object(json!({
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"], "matchResources": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}}}));
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(env.client.clone());
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(env.client.clone());
    policies.create(&PostParams::default(), &policy).await.expect("a policy");
    bindings.create(&PostParams::default(), &binding).await.expect("a binding");
    await_denial(&env).await;

    let sets = [
        Workload::new("good", 1).render(&env.namespace),
        Workload::new("bad", 3).render(&env.namespace),
    ];
    let options = crate::support::patient();
    let error = env.apply_with(&sets, &options, &wellhead_cluster::Silent).await;
    let error = error.expect_err("the policy refuses it");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    assert_eq!(codes(error.problems()), ["WH0407"]);
    let problem = &error.problems()[0];
    assert_eq!(problem.object.as_ref().expect("an object").to_string(), "statefulset/bad");
    assert!(problem.why.as_deref().is_some_and(|why| why.contains("three is forbidden")));
    assert_eq!(env.versions().await, [""; 0]);
    policies.delete(&name, &DeleteParams::default()).await.expect("it goes");
    bindings.delete(&name, &DeleteParams::default()).await.expect("it goes");
    env.finish().await;
}

/// The API server compiles a policy in the background.
async fn await_denial(env: &Env) {
    let probe = Workload::new("probe", 3).render(&env.namespace).stateful_set;
    let dry_run = PostParams { dry_run: true, ..PostParams::default() };
    while env.stateful_sets().create(&dry_run, &probe).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_invalid_object_of_a_run_is_reported() {
    let env = Env::new("invalid").await;
    let broken = Workload::new("db", 2).with(|workload| {
        workload.size = "-1Gi".to_owned();
        workload.spec = json!({"template": {"spec": {"restartPolicy": "Never"}}});
    });
    let problems = refused(&env, &broken).await;
    assert_eq!(codes(&problems), ["WH0406", "WH0406", "WH0406"]);
    let objects: Vec<_> =
        problems.iter().map(|one| one.object.as_ref().expect("an object").to_string()).collect();
    assert_eq!(objects, ["claim/data-db-0", "claim/data-db-1", "statefulset/db"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn immutable_fields_are_named_one_by_one() {
    let env = Env::new("immutable").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let changed = workload.with(|workload| {
        workload.service_name = "other".to_owned();
        workload.spec = json!({"podManagementPolicy": "Parallel"});
    });
    let problems = refused(&env, &changed).await;
    let what: Vec<_> = problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "spec.serviceName of statefulset/db cannot change from \"db-peers\" to \"other\"",
            "spec.podManagementPolicy of statefulset/db cannot change from \"OrderedReady\" to \"Parallel\"",
        ]
    );
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_service_of_the_same_name_is_left_alone() {
    let env = Env::new("foreign").await;
    let workload = Workload::new("db", 1);
    // Even when nothing in it differs.
    let mut foreign = workload.render(&env.namespace).service.expect("it is ours");
    foreign.metadata.labels = None;
    let params =
        PostParams { field_manager: Some("kubectl-create".to_owned()), ..PostParams::default() };
    env.services().create(&params, &foreign).await.expect("a service");
    let problems = refused(&env, &workload).await;
    assert_eq!(codes(&problems), ["WH0403"]);
    assert_eq!(problems[0].what, "service/db-peers exists and is not Wellhead's");
    assert_eq!(problems[0].manager.as_deref(), Some("kubectl-create"));

    // The hint hands it over.
    let label = json!({"metadata": {"labels": {
        "app.kubernetes.io/managed-by": "wellhead", "app.kubernetes.io/instance": "db"}}});
    env.set_as::<k8s_openapi::api::core::v1::Service>("kubectl-label", "db-peers", label).await;
    let report = env.apply(&workload).await.expect("it becomes ready");
    assert_eq!((report.count(Action::Updated), report.count(Action::Created)), (1, 2));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_another_pipeline_is_left_alone() {
    let env = Env::new("shared").await;
    env.apply(&Workload::new("one", 1)).await.expect("it becomes ready");
    let thief = Workload::new("two", 1).with(|workload| {
        workload.service = "one-peers".to_owned();
        workload.service_name = "one-peers".to_owned();
    });
    let problems = refused(&env, &thief).await;
    assert_eq!(codes(&problems), ["WH0403"]);
    assert_eq!(problems[0].what, "service/one-peers belongs to the pipeline \"one\"");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_being_deleted_is_not_revived() {
    let env = Env::new("deleting").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let finalizers = json!({"metadata": {"finalizers": ["example.com/hold"]}});
    env.set_as::<StatefulSet>("somebody", "db", finalizers).await;
    env.stateful_sets().delete("db", &DeleteParams::default()).await.expect("it is accepted");
    let problems = refused(&env, &workload).await;
    assert_eq!(codes(&problems), ["WH0404"]);
    assert!(problems[0].why.as_deref().is_some_and(|why| why.contains("example.com/hold")));
    env.set_as::<StatefulSet>("somebody", "db", json!({"metadata": {"finalizers": null}})).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_namespace_is_named_with_the_command_that_creates_it() {
    let env = Env::new("nowhere").await;
    let set = Workload::new("db", 1).render("does-not-exist-here");
    let options = crate::support::patient();
    let error = env.apply_with(&[set], &options, &wellhead_cluster::Silent).await;
    let error = error.expect_err("there is no such namespace");
    // Once, not for each object.
    assert_eq!(codes(error.problems()), ["WH0409"], "{error:?}");
    let hints = &error.problems()[0].hints;
    assert_eq!(*hints, ["kubectl create namespace does-not-exist-here"]);
    env.finish().await;
}
