//! Workloads on the control plane behave as on any cluster.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that has no value to go on with has failed"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Pod};
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde_json::json;
use wellhead_harness::{
    ControlPlane, Options, Part, SharedControlPlane, controlplane_binary, fresh_namespace,
};

async fn client_of(control_plane: &ControlPlane) -> Client {
    let kubeconfig = Kubeconfig::read_from(control_plane.kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
    Client::try_from(config).unwrap()
}

async fn new_namespace(client: &Client, prefix: &str) -> String {
    let name = fresh_namespace(prefix);
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.clone());
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await.unwrap();
    name
}

/// Polls until the check gives a value; the limit only bounds a test that fails.
async fn await_some<T, F: Future<Output = Option<T>>>(what: &str, check: impl Fn() -> F) -> T {
    for _ in 0..1200 {
        if let Some(value) = check().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never held: {what}");
}

fn stateful_set(image: &str, class: &str) -> StatefulSet {
    let labels = json!({"app": "web"});
    serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {
            "serviceName": "web",
            "replicas": 3,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
            "volumeClaimTemplates": [{
                "metadata": {"name": "data"},
                "spec": {
                    "storageClassName": class,
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "1Gi"}},
                },
            }],
        },
    }))
    .unwrap()
}

async fn ready_replicas(sets: &Api<StatefulSet>) -> Option<i32> {
    sets.get("web").await.unwrap().status?.ready_replicas
}

async fn await_three_ready(sets: &Api<StatefulSet>) {
    await_some("three replicas are ready", || async {
        ready_replicas(sets).await.filter(|count| *count == 3)
    })
    .await;
}

async fn becomes_ready(class: &str) {
    let client = client_of(SharedControlPlane::get()).await;
    let namespace = new_namespace(&client, "ready").await;
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace);
    sets.create(&PostParams::default(), &stateful_set("nginx:1.14.2", class)).await.unwrap();

    await_three_ready(&sets).await;

    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client, &namespace);
    let phases: BTreeMap<_, _> = claims
        .list(&ListParams::default())
        .await
        .unwrap()
        .into_iter()
        .map(|claim| (claim.metadata.name.unwrap(), claim.status.unwrap().phase.unwrap()))
        .collect();
    let expected = (0..3).map(|ordinal| (format!("data-web-{ordinal}"), "Bound".to_owned()));
    assert_eq!(phases, expected.collect());
}

#[tokio::test]
async fn replicas_become_ready_and_claims_bound() {
    becomes_ready("standard").await;
}

#[tokio::test]
async fn claims_that_wait_for_a_pod_become_bound() {
    becomes_ready("standard-wait").await;
}

/// The first pod's phase and the reason why its container waits, once it has a container status.
async fn failure_of(image: &str) -> (String, Option<String>) {
    let client = client_of(SharedControlPlane::get()).await;
    let namespace = new_namespace(&client, "failure").await;
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace);
    sets.create(&PostParams::default(), &stateful_set(image, "standard")).await.unwrap();
    let pods: Api<Pod> = Api::namespaced(client, &namespace);
    let status = await_some("the pod has a container status", || async {
        let status = pods.get_opt("web-0").await.unwrap()?.status?;
        status.container_statuses.is_some().then_some(status)
    })
    .await;
    assert_ne!(ready_replicas(&sets).await, Some(1));
    let ready = status.conditions.unwrap().into_iter().find(|one| one.type_ == "Ready").unwrap();
    assert_eq!(ready.status, "False");
    let container = status.container_statuses.unwrap().remove(0);
    let waiting = container.state.and_then(|state| state.waiting);
    (status.phase.unwrap(), waiting.and_then(|waiting| waiting.reason))
}

#[tokio::test]
async fn an_image_can_ask_for_a_failed_pull() {
    let expected = ("Pending".to_owned(), Some("ImagePullBackOff".to_owned()));
    assert_eq!(failure_of("registry.example/team/does-not-exist:1").await, expected);
    assert_eq!(failure_of("nginx:broken").await, expected);
}

#[tokio::test]
async fn an_image_can_ask_for_a_crash_loop() {
    let expected = ("Running".to_owned(), Some("CrashLoopBackOff".to_owned()));
    assert_eq!(failure_of("nginx:crashing").await, expected);
}

#[tokio::test]
async fn an_image_can_ask_to_stay_unready() {
    assert_eq!(failure_of("nginx:unready").await, ("Running".to_owned(), None));
}

#[tokio::test]
async fn a_namespace_with_a_workload_can_be_deleted() {
    let client = client_of(SharedControlPlane::get()).await;
    let namespace = new_namespace(&client, "gone").await;
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace);
    sets.create(&PostParams::default(), &stateful_set("nginx:1.14.2", "standard")).await.unwrap();
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces.delete(&namespace, &DeleteParams::default()).await.unwrap();
    await_some("the namespace is gone", || async {
        namespaces.get_opt(&namespace).await.unwrap().is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn killing_parts_keeps_the_data_and_workloads_still_become_ready() {
    let binary = controlplane_binary().unwrap();
    let control_plane = ControlPlane::start(&binary, &Options::temporary()).unwrap();
    let client = client_of(&control_plane).await;
    let namespace = new_namespace(&client, "kept").await;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let uid = namespaces.get(&namespace).await.unwrap().metadata.uid;

    for part in Part::ALL {
        control_plane.kill(part).unwrap();
        control_plane.start_part(part).unwrap();
        let kept = await_some("the API server answers", || async {
            namespaces.get(&namespace).await.ok()
        })
        .await;
        assert_eq!(kept.metadata.uid, uid, "after killing {part}");
    }
    let sets: Api<StatefulSet> = Api::namespaced(client, &namespace);
    sets.create(&PostParams::default(), &stateful_set("nginx:1.14.2", "standard")).await.unwrap();
    await_three_ready(&sets).await;
}

#[tokio::test]
async fn the_api_server_is_unreachable_while_it_is_dead() {
    let binary = controlplane_binary().unwrap();
    let control_plane = ControlPlane::start(&binary, &Options::temporary()).unwrap();
    let client = client_of(&control_plane).await;
    control_plane.kill(Part::ApiServer).unwrap();
    assert!(client.apiserver_version().await.is_err());
    control_plane.start_part(Part::ApiServer).unwrap();
    assert_eq!(client.apiserver_version().await.unwrap().major, "1");
}
