//! What a plan finds that a server's dry run does not see.

mod access;
mod bounds;
mod storage;

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;
use wellhead_cluster::{Plan, PlanOptions, Problem, Silent};
use wellhead_harness::{ControlPlane, Options, controlplane_binary};

use crate::support::{Env, Workload, object};

async fn plan(env: &Env, workloads: &[&Workload]) -> Plan {
    let before = env.versions().await;
    let sets: Vec<_> = workloads.iter().map(|it| it.render(&env.namespace)).collect();
    let plan = env.cluster.plan(&sets, &PlanOptions::default(), &Silent).await;
    assert_eq!(env.versions().await, before, "a plan writes nothing");
    plan.expect("the cluster can be asked")
}

/// The warnings of a plan that is not refused.
async fn warnings(env: &Env, workload: &Workload) -> Vec<Problem> {
    let mut plan = plan(env, &[workload]).await;
    assert_eq!(plan.problems, []);
    plan.pipelines.remove(0).warnings
}

/// Code and object of each refusal.
fn refusals(plan: &Plan) -> Vec<String> {
    let line = |it: &Problem| format!("{} {}", it.code, it.object.as_ref().expect("an object"));
    plan.problems.iter().map(line).collect()
}

/// A workload whose container asks for this.
fn asking(name: &str, replicas: usize, resources: &serde_json::Value) -> Workload {
    Workload::new(name, replicas).with(|it| {
        let mut pod = it.render("any").stateful_set.spec.expect("a spec").template;
        let containers = &mut pod.spec.as_mut().expect("a pod").containers;
        containers[0].resources = Some(object(resources.clone()));
        it.spec = json!({"template": pod});
    })
}

fn told(warnings: &[Problem]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pods_refer_to_and_is_not_there_is_named_all_at_once() {
    let env = Env::new("pre-refs").await;
    let workload = Workload::new("db", 1).with(|it| {
        it.spec = json!({"template": {"spec": {
            "serviceAccountName": "robot",
            "imagePullSecrets": [{"name": "pull"}],
            "volumes": [{"name": "conf", "configMap": {"name": "settings"}}]}}});
    });
    let found = warnings(&env, &workload).await;
    let place = format!("does not exist in namespace {}", env.namespace);
    assert_eq!(
        told(&found),
        [
            format!("WH0310: config map/settings {place}"),
            format!("WH0310: secret/pull {place}"),
            format!("WH0310: service account/robot {place}"),
        ]
    );
    assert_eq!(found[0].field.as_deref(), Some("spec.template.spec.volumes.conf"));

    let named = |name: &str| json!({"metadata": {"name": name}});
    let secret: Secret = object(named("pull"));
    env.api::<Secret>().create(&PostParams::default(), &secret).await.expect("a secret");
    let account: ServiceAccount = object(named("robot"));
    let accounts = env.api::<ServiceAccount>();
    accounts.create(&PostParams::default(), &account).await.expect("a service account");
    let found = warnings(&env, &workload).await;
    assert_eq!(told(&found), [format!("WH0310: config map/settings {place}")]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_no_node_could_run_are_told_with_what_the_nodes_lack() {
    let env = Env::new("pre-nodes").await;
    let workload = Workload::new("db", 1);
    assert_eq!(warnings(&env, &workload).await, []);
    let choosy = workload.with(|it| {
        it.spec = json!({"template": {"spec": {"nodeSelector": {"disk": "none-has-this"}}}});
    });
    let found = warnings(&env, &choosy).await;
    assert_eq!(told(&found), ["WH0311: no node could run the pods of statefulset/db"]);
    let why = found[0].why.as_deref();
    assert_eq!(why, Some("3 nodes: the label disk=none-has-this is missing"));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_without_a_class_are_told_where_there_is_no_default() {
    let binary = controlplane_binary().expect("the control plane is built");
    let own = ControlPlane::start(&binary, &Options::temporary()).expect("it starts");
    let env = Env::on(&own, "pre-class").await;
    let classes: Api<StorageClass> = Api::all(env.client.clone());
    let annotation = json!({"storageclass.kubernetes.io/is-default-class": null});
    let patch = Patch::Merge(json!({"metadata": {"annotations": annotation}}));
    classes.patch("standard", &PatchParams::default(), &patch).await.expect("it can be changed");
    let workload = Workload::new("db", 2);
    let found = warnings(&env, &workload).await;
    let what = "WH0208: claim/data-db-0 names no storage class, and the cluster has no default";
    assert_eq!(told(&found), [what]);
    let why = found[0].why.as_deref().expect("a reason");
    assert!(why.contains("standard") && why.contains("data-db-1"), "{why}");
    let with_class = workload.with(|it| it.class = Some("fast".to_owned()));
    assert_eq!(warnings(&env, &with_class).await, []);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_that_pods_name_must_exist_and_their_overhead_counts() {
    let env = Env::new("pre-runtime").await;
    let name = env.namespace.as_str();
    let workload = Workload::new("db", 1).with(|it| {
        it.spec = json!({"template": {"spec": {
            "runtimeClassName": name, "priorityClassName": name}}});
    });
    let found = told(&warnings(&env, &workload).await);
    let runtime = format!("WH0310: runtime class/{name} does not exist");
    let priority = format!("WH0310: priority class/{name} does not exist");
    assert_eq!(found, [runtime, priority.clone()]);
    let classes: Api<RuntimeClass> = Api::all(env.client.clone());
    let class: RuntimeClass = object(json!({"metadata": {"name": name}, "handler": "vm",
        "overhead": {"podFixed": {"cpu": "64"}}}));
    classes.create(&PostParams::default(), &class).await.expect("a runtime class");
    let found = told(&warnings(&env, &workload).await);
    let nodes = "WH0311: no node could run the pods of statefulset/db".to_owned();
    assert_eq!(found, [nodes, priority]);
    classes.delete(name, &DeleteParams::default()).await.expect("it goes");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn affinity_and_names_of_nodes_are_looked_at() {
    let env = Env::new("pre-affinity").await;
    let with = |spec: serde_json::Value| {
        Workload::new("db", 1).with(|it| it.spec = json!({"template": {"spec": spec}}))
    };
    let zone = |zone: &str| {
        let term = json!({"matchExpressions": [
            {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]});
        with(json!({"affinity": {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}}))
    };
    assert_eq!(warnings(&env, &zone("zone-1")).await, []);
    let why = |found: Vec<Problem>| found[0].why.clone().expect("a reason");
    let found = why(warnings(&env, &zone("zone-9")).await);
    assert_eq!(found, "3 nodes: the node affinity of the pods does not admit it");
    assert_eq!(warnings(&env, &with(json!({"nodeName": "node-1"}))).await, []);
    let found = why(warnings(&env, &with(json!({"nodeName": "node-9"}))).await);
    assert_eq!(found, "3 nodes: it is not node-9");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_changes_nothing_asks_nothing_of_this() {
    let env = Env::new("pre-noop").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    let report = env.apply(&workload).await.expect("it is ready");
    // A look at each object. The rights alone are more questions.
    assert!(report.requests < 6, "{report:?}");
    env.finish().await;
}
