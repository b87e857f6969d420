//! Pods that are deleted and stay.

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::support::{Bed, await_some};

fn pod(metadata: &Value) -> Value {
    json!({"metadata": metadata, "spec": {"containers": [{"name": "main", "image": "db:1"}]}})
}

async fn running(bed: &Bed, metadata: &Value) {
    let name = bed.create::<Pod>(pod(metadata)).await.metadata.name.expect("a name");
    phase(bed, &name, "Running").await;
}

async fn phase(bed: &Bed, name: &str, wanted: &str) -> Pod {
    let what = format!("{name} is {wanted}");
    await_some(&what, async || {
        let pod = bed.pod(name).await.expect("the pod is there");
        let phase = pod.status.as_ref().and_then(|status| status.phase.clone());
        (phase.as_deref() == Some(wanted)).then_some(pod)
    })
    .await
}

async fn gone(bed: &Bed, name: &str) {
    let what = format!("{name} is gone");
    await_some(&what, async || bed.pod(name).await.is_none().then_some(())).await;
}

#[tokio::test]
async fn the_containers_of_a_held_pod_end_and_the_pod_stays_until_it_is_let_go() {
    let bed = Bed::new("held").await;
    running(&bed, &json!({"name": "db", "finalizers": ["wellhead.dev/hold"]})).await;

    bed.delete::<Pod>("db").await;

    let held = phase(&bed, "db", "Succeeded").await;
    let status = held.status.expect("a status");
    let containers = status.container_statuses.expect("containers");
    assert!(containers.iter().all(|one| {
        one.state.as_ref().is_some_and(|state| state.terminated.is_some()) && !one.ready
    }));
    let ready = status.conditions.expect("conditions");
    assert!(ready.iter().any(|one| one.type_ == "Ready" && one.status == "False"), "{ready:?}");

    let release = json!({"metadata": {"finalizers": null}});
    bed.api::<Pod>()
        .patch("db", &PatchParams::default(), &Patch::Merge(release))
        .await
        .expect("the pod is there");
    gone(&bed, "db").await;
}

#[tokio::test]
async fn a_pod_that_never_stops_runs_on_until_its_node_answers() {
    let bed = Bed::new("never-stops").await;
    let annotations = json!({"test/never-stops": "true"});
    running(&bed, &json!({"name": "lost", "annotations": annotations})).await;
    running(&bed, &json!({"name": "other"})).await;

    bed.delete::<Pod>("lost").await;
    // What kwok does for the second pod, it would have done for the first one before.
    bed.delete::<Pod>("other").await;
    gone(&bed, "other").await;

    let lost = phase(&bed, "lost", "Running").await;
    assert!(lost.metadata.deletion_timestamp.is_some());
    let answers = json!({"metadata": {"annotations": {"test/never-stops": null}}});
    bed.api::<Pod>()
        .patch("lost", &PatchParams::default(), &Patch::Merge(answers))
        .await
        .expect("the pod is there");
    gone(&bed, "lost").await;
}
