use k8s_openapi::api::core::v1::ResourceQuota;
use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::judge;
use crate::check::preflight::fixture::{checks, existing, facts, plan, quota, typed};
use crate::check::preflight::pipeline_check::{Finding, Severity};
use crate::decide::plan::{Decision, PipelinePlan};

fn found(quota: &ResourceQuota, plans: &[PipelinePlan]) -> Vec<Finding> {
    let facts = facts(&[], &[]);
    let checks = checks(plans, &facts);
    judge(std::slice::from_ref(quota), &[], &checks.iter().collect::<Vec<_>>())
}

/// Code and object of every finding.
fn says(quota: &ResourceQuota, plans: &[PipelinePlan]) -> Vec<String> {
    let line = |it: &Finding| {
        let object = it.problem.object.as_ref().expect("an object");
        format!("{} {object}", it.problem.code)
    };
    found(quota, plans).iter().map(line).collect()
}

fn cpu(size: &str) -> Value {
    json!({"requests": {"cpu": size}})
}

#[test]
fn claims_that_fit_one_by_one_may_not_fit_together() {
    let plans = [plan("a", 2, &json!({})), plan("b", 1, &json!({}))];
    let storage =
        |hard: &str| quota(&json!({"requests.storage": hard}), &json!({"requests.storage": "1Gi"}));
    assert_eq!(says(&storage("4Gi"), &plans), [""; 0]);
    assert_eq!(
        says(&storage("3Gi"), &plans),
        ["WH0425 claim/data-a-0", "WH0425 claim/data-a-1", "WH0425 claim/data-b-0"]
    );
    let one = found(&storage("3Gi"), &plans).remove(0);
    assert_eq!((one.severity, one.plan), (Severity::Refusal, 0));
    let why = "requests.storage: 4Gi would be used, at most 3Gi may be; 1Gi is used now";
    assert_eq!(one.problem.why.as_deref(), Some(why));
}

#[test]
fn a_class_and_each_kind_of_object_is_counted() {
    let plans = [plan("a", 2, &json!({}))];
    let of_class = "fast.storageclass.storage.k8s.io/persistentvolumeclaims";
    assert_eq!(says(&quota(&json!({of_class: "1"}), &json!({})), &plans).len(), 2);
    let other = "slow.storageclass.storage.k8s.io/persistentvolumeclaims";
    assert_eq!(says(&quota(&json!({other: "0"}), &json!({})), &plans), [""; 0]);
    let sets =
        quota(&json!({"count/statefulsets.apps": "1"}), &json!({"count/statefulsets.apps": "1"}));
    assert_eq!(says(&sets, &plans), ["WH0425 statefulset/a"]);
    let services = quota(&json!({"services": "0"}), &json!({}));
    assert_eq!(says(&services, &plans), ["WH0425 service/a"]);
}

#[test]
fn a_quota_with_a_scope_counts_no_services_and_only_its_pods() {
    let mut scoped = quota(&json!({"services": "0", "pods": "1"}), &json!({}));
    scoped.spec.as_mut().expect("it has one").scopes = Some(vec!["BestEffort".to_owned()]);
    assert_eq!(says(&scoped, &[plan("a", 2, &cpu("1"))]), [""; 0]);
    assert_eq!(says(&scoped, &[plan("a", 2, &json!({}))]), ["WH0312 statefulset/a"]);
}

#[test]
fn pods_take_the_place_of_those_that_there_are() {
    let with = |image: &str, size: &str, replicas: usize| {
        let mut plan = existing(plan("a", 2, &cpu("1")), 2);
        let spec = &mut plan.stateful_set.body["spec"];
        spec["replicas"] = replicas.into();
        let container = &mut spec["template"]["spec"]["containers"][0];
        container["image"] = image.into();
        container["resources"] = cpu(size);
        [plan]
    };
    let tight = quota(&json!({"requests.cpu": "2"}), &json!({"requests.cpu": "2"}));
    assert_eq!(says(&tight, &with("db:2", "1", 2)), [""; 0], "as much as before");
    assert_eq!(says(&tight, &with("db:1", "1", 3)), ["WH0312 statefulset/a"], "one more");
    assert_eq!(says(&tight, &with("db:1", "1500m", 2)), ["WH0312 statefulset/a"], "larger ones");
    assert_eq!(says(&tight, &with("db:1", "1", 1)), [""; 0], "none is made");
    let lowered = quota(&json!({"requests.cpu": "1"}), &json!({"requests.cpu": "2"}));
    assert_eq!(
        says(&lowered, &with("db:2", "1", 2)),
        ["WH0312 statefulset/a"],
        "the last stays away"
    );
}

#[test]
fn pods_that_were_never_made_are_not_counted_as_used() {
    let mut stuck = existing(plan("a", 3, &cpu("1")), 1);
    stuck.stateful_set.body["spec"]["template"]["spec"]["containers"][0]["image"] = "db:2".into();
    let full = quota(&json!({"requests.cpu": "1"}), &json!({"requests.cpu": "1"}));
    assert_eq!(says(&full, &[stuck]), ["WH0312 statefulset/a"]);
}

#[test]
fn gpus_of_several_pipelines_add_up() {
    let gpu = json!({"limits": {"nvidia.com/gpu": "2"}});
    let plans = [plan("a", 1, &gpu), plan("b", 1, &gpu)];
    let of = |hard: &str| quota(&json!({"requests.nvidia.com/gpu": hard}), &json!({}));
    assert_eq!(says(&of("4"), &plans), [""; 0]);
    assert_eq!(says(&of("3"), &plans), ["WH0312 statefulset/a", "WH0312 statefulset/b"]);
    assert!(found(&of("3"), &plans).iter().all(|it| it.severity == Severity::Warning));
}

#[test]
fn a_quota_on_cpu_wants_every_container_to_say_it() {
    let compute = quota(&json!({"requests.cpu": "9", "limits.memory": "9Gi"}), &json!({}));
    let one = found(&compute, &[plan("a", 1, &cpu("1"))]).remove(0);
    assert_eq!((one.problem.code, one.severity), (Code::QuotaNeedsResources, Severity::Warning));
    let why = "container db does not say limits.memory";
    assert_eq!(one.problem.why.as_deref(), Some(why));
    let said = json!({"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}});
    assert_eq!(says(&compute, &[plan("a", 1, &said)]), [""; 0]);
}

#[test]
fn defaults_of_the_namespace_are_counted_and_are_as_good_as_said() {
    let range =
        json!({"spec": {"limits": [{"type": "Container", "defaultRequest": {"cpu": "2"}}]}});
    let facts = facts(&[], &[typed(range)]);
    let plans = [plan("a", 2, &json!({}))];
    let checks = checks(&plans, &facts);
    let checks: Vec<_> = checks.iter().collect();
    let of = |hard: &str| quota(&json!({"requests.cpu": hard}), &json!({}));
    assert_eq!(judge(&[of("4")], &[], &checks).len(), 0);
    assert_eq!(judge(&[of("3")], &[], &checks)[0].problem.code, Code::PodQuotaExceeded);
}

#[test]
fn a_claim_that_grows_counts_for_what_it_adds() {
    let mut plan = existing(plan("a", 1, &json!({})), 1);
    plan.claims[0].decision = Decision::Update;
    plan.claims[0].body["spec"]["resources"]["requests"]["storage"] = "3Gi".into();
    let storage =
        |hard: &str| quota(&json!({"requests.storage": hard}), &json!({"requests.storage": "1Gi"}));
    let plans = [plan];
    assert_eq!(says(&storage("3Gi"), &plans), [""; 0]);
    assert_eq!(says(&storage("2Gi"), &plans), ["WH0425 claim/data-a-0"]);
}
