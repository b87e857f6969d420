//! What a plan finds that a server's dry run does not see.

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::json;
use wellhead_cluster::{PlanOptions, Problem, Silent};
use wellhead_harness::{ControlPlane, Options, controlplane_binary};

use crate::support::{Env, Workload, object};

/// The warnings of a plan that is not refused.
async fn warnings(env: &Env, workload: &Workload) -> Vec<Problem> {
    let before = env.versions().await;
    let sets = [workload.render(&env.namespace)];
    let plan = env.cluster.plan(&sets, &PlanOptions::default(), &Silent).await;
    let mut plan = plan.expect("the cluster can be asked");
    assert_eq!(plan.problems, []);
    assert_eq!(env.versions().await, before, "a plan writes nothing");
    plan.pipelines.remove(0).warnings
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
    assert_eq!(found[0].field.as_deref(), Some(".spec.template.spec.volumes.conf"));

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
