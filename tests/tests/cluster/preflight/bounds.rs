//! Quotas and limit ranges.

use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};
use kube::api::PostParams;
use serde_json::{Value, json};
use wellhead_cluster::{ClusterError, Effect};
use wellhead_diagnostics::Code;

use super::{asking, plan, refusals, told, warnings};
use crate::support::{Env, Workload, findings, object};

async fn quota(env: &Env, hard: Value) {
    let quota: ResourceQuota = object(json!({"metadata": {"name": "few"}, "spec": {"hard": hard}}));
    env.api::<ResourceQuota>().create(&PostParams::default(), &quota).await.expect("a quota");
}

async fn range(env: &Env, rule: Value) {
    let range: LimitRange =
        object(json!({"metadata": {"name": "bounds"}, "spec": {"limits": [rule]}}));
    env.api::<LimitRange>().create(&PostParams::default(), &range).await.expect("a limit range");
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_fit_one_by_one_and_not_together_are_refused_before_the_first_is_written() {
    let env = Env::new("pre-sum").await;
    quota(&env, json!({"requests.storage": "3Gi", "persistentvolumeclaims": "9"})).await;
    let (one, two) = (Workload::new("one", 2), Workload::new("two", 2));
    assert_eq!(refusals(&plan(&env, &[&one]).await), [""; 0]);
    let planned = plan(&env, &[&one, &two]).await;
    let all = ["one-0", "one-1", "two-0", "two-1"].map(|it| format!("WH0425 claim/data-{it}"));
    assert_eq!(refusals(&planned), all);
    let why = "requests.storage: 4Gi would be used, at most 3Gi may be; 0 is used now";
    assert_eq!(planned.problems[0].why.as_deref(), Some(why));
    let claim = &planned.pipelines[0].objects[1];
    assert!(claim.effects.iter().any(|it| matches!(it, Effect::NeedsMore { .. })), "{claim:?}");

    let sets = [one.render(&env.namespace), two.render(&env.namespace)];
    let options = crate::support::patient();
    let error = env.apply_with(&sets, &options, &wellhead_cluster::Silent).await;
    let error = error.expect_err("it is refused");
    assert!(matches!(error, ClusterError::Refused(_)), "{:?}", findings(&error));
    assert_eq!(env.versions().await, [""; 0], "nothing is written");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_for_the_same_quota_is_told_once() {
    let env = Env::new("pre-once").await;
    quota(&env, json!({"requests.storage": "3Gi"})).await;
    let large = Workload::new("db", 2).with(|it| it.size = "5Gi".to_owned());
    let claim = large.render(&env.namespace).claims.remove(0);
    // The server counts from the moment that the quota has a status.
    let dry_run = PostParams { dry_run: true, ..PostParams::default() };
    while env.claims().create(&dry_run, &claim).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let planned = plan(&env, &[&large]).await;
    assert_eq!(refusals(&planned), ["WH0425 claim/data-db-0", "WH0425 claim/data-db-1"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_for_which_a_quota_has_no_room_are_a_warning_and_an_effect() {
    let env = Env::new("pre-cpu").await;
    quota(&env, json!({"requests.cpu": "1", "requests.nvidia.com/gpu": "1"})).await;
    let resources = |cpu: &str| json!({"requests": {"cpu": cpu, "nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "1"}});
    assert_eq!(warnings(&env, &asking("db", 1, &resources("1"))).await, []);
    let planned = plan(&env, &[&asking("db", 2, &resources("600m"))]).await;
    assert_eq!(refusals(&planned), [""; 0]);
    let what = "quota few has too little room for the pods of statefulset/db";
    assert_eq!(told(&planned.pipelines[0].warnings), [format!("WH0312: {what}")]);
    let why = planned.pipelines[0].warnings[0].why.clone();
    let lines = "requests.cpu: 1200m would be used, at most 1 may be; 0 is used now\n\
                 requests.nvidia.com/gpu: 2 would be used, at most 1 may be; 0 is used now";
    assert_eq!(why.as_deref(), Some(lines));
    let set = planned.pipelines[0].objects.last().expect("a StatefulSet");
    let needs = Effect::NeedsMore { why: what.to_owned() };
    assert_eq!(set.effects.last(), Some(&needs), "{:?}", set.effects);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_wants_to_know_and_defaults_of_the_namespace_are_enough() {
    let env = Env::new("pre-unsaid").await;
    quota(&env, json!({"requests.cpu": "3"})).await;
    let workload = Workload::new("db", 2);
    let found = warnings(&env, &workload).await;
    let what = "quota few refuses pods of statefulset/db that do not say what they use";
    assert_eq!(told(&found), [format!("WH0313: {what}")]);
    let why = "container nginx does not say requests.cpu";
    assert_eq!(found[0].why.as_deref(), Some(why));

    range(&env, json!({"type": "Container", "defaultRequest": {"cpu": "1"}})).await;
    assert_eq!(warnings(&env, &workload).await, []);
    let found = warnings(&env, &workload.with(|it| it.replicas = 4)).await;
    let what = "quota few has too little room for the pods of statefulset/db";
    assert_eq!(told(&found), [format!("WH0312: {what}")]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_a_limit_range_refuses_are_told_and_the_server_does_refuse_them() {
    let env = Env::new("pre-range").await;
    range(&env, json!({"type": "Container", "max": {"memory": "1Gi"}})).await;
    let memory = |size: &str| asking("db", 1, &json!({"limits": {"memory": size}}));
    assert_eq!(warnings(&env, &memory("1Gi")).await, []);
    let large = memory("2Gi");
    let found = warnings(&env, &large).await;
    assert_eq!(told(&found), ["WH0314: a limit range refuses the pods of statefulset/db"]);
    let why = "bounds: container nginx: memory: 2Gi is more than 1Gi";
    assert_eq!(found[0].why.as_deref(), Some(why));
    let error = env.apply(&large).await.expect_err("no pod is made");
    assert_eq!(error.problems()[0].code, Code::PodsRejected, "{:?}", findings(&error));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_are_replaced_need_no_room_of_their_own() {
    let env = Env::new("pre-replace").await;
    quota(&env, json!({"requests.cpu": "2"})).await;
    let of = |cpu: &str| asking("db", 2, &json!({"requests": {"cpu": cpu}}));
    env.apply(&of("1")).await.expect("it becomes ready");
    assert_eq!(warnings(&env, &of("900m")).await, []);
    let found = warnings(&env, &of("1100m")).await;
    assert_eq!(found[0].code, Code::PodQuotaExceeded, "{found:?}");
    env.finish().await;
}
