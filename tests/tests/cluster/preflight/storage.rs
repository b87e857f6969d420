//! Classes and volumes.

use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::storage::v1::{StorageClass, VolumeAttributesClass};
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::{Value, json};

use super::{plan, refusals, told, warnings};
use crate::support::{Env, Workload, object};

/// A class of this test alone; who ends the test deletes it.
async fn class(env: &Env, mut class: Value) -> Api<StorageClass> {
    class["metadata"] = json!({"name": env.namespace});
    let classes: Api<StorageClass> = Api::all(env.client.clone());
    classes.create(&PostParams::default(), &object(class)).await.expect("a class");
    classes
}

async fn volume(env: &Env, name: &str, size: &str, zone: &str) {
    let name = format!("{}-{name}", env.namespace);
    let zone = json!({"matchExpressions": [
        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]});
    let volume: PersistentVolume = object(json!({"metadata": {"name": name}, "spec": {
        "storageClassName": env.namespace, "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"], "hostPath": {"path": format!("/nowhere/{name}")},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [zone]}}}}));
    let volumes: Api<PersistentVolume> = Api::all(env.client.clone());
    volumes.create(&PostParams::default(), &volume).await.expect("a volume");
    while volumes.get(&name).await.expect("it is there").status.and_then(|it| it.phase).as_deref()
        != Some("Available")
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_a_class_without_a_provisioner_need_free_volumes_that_fit() {
    let env = Env::new("pre-static").await;
    let by_hand = json!({"provisioner": "kubernetes.io/no-provisioner",
                         "volumeBindingMode": "WaitForFirstConsumer"});
    let classes = class(&env, by_hand).await;
    let workload = Workload::new("db", 2).with(|it| it.class = Some(env.namespace.clone()));
    volume(&env, "good", "1Gi", "zone-0").await;
    volume(&env, "small", "512Mi", "zone-0").await;
    volume(&env, "far", "1Gi", "zone-99").await;
    let found = warnings(&env, &workload).await;
    assert_eq!(told(&found), ["WH0209: too few free volumes fit claim/data-db-1"]);
    let why = format!(
        "class \"{}\" makes no volumes; a claim binds to one that an administrator created when its pod is scheduled\n\
         1 of its volumes: 512Mi is less than 1Gi\n\
         1 of its volumes: no node that has it could run the pod\n\
         1 of its volumes: other claims need it",
        env.namespace
    );
    assert_eq!(found[0].why.as_deref(), Some(why.as_str()));
    volume(&env, "another", "2Gi", "zone-1").await;
    assert_eq!(warnings(&env, &workload).await, []);

    let volumes: Api<PersistentVolume> = Api::all(env.client.clone());
    for name in ["good", "small", "far", "another"] {
        let name = format!("{}-{name}", env.namespace);
        volumes.delete(&name, &DeleteParams::default()).await.expect("it goes");
    }
    classes.delete(&env.namespace, &DeleteParams::default()).await.expect("it goes");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_for_a_place_where_no_node_is_is_told() {
    let env = Env::new("pre-place").await;
    let place = json!({"matchLabelExpressions": [
        {"key": "topology.kubernetes.io/zone", "values": ["zone-99"]}]});
    let far = json!({"provisioner": "kubernetes.io/host-path", "allowedTopologies": [place]});
    let classes = class(&env, far).await;
    let workload = Workload::new("db", 1).with(|it| it.class = Some(env.namespace.clone()));
    let found = warnings(&env, &workload).await;
    let what = "no node where claim/data-db-0 may have its volume could run its pod";
    assert_eq!(told(&found), [format!("WH0210: {what}")]);
    classes.delete(&env.namespace, &DeleteParams::default()).await.expect("it goes");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_attributes_class_must_exist_and_be_of_the_same_driver() {
    let env = Env::new("pre-attributes").await;
    let name = env.namespace.clone();
    let workload = Workload::new("db", 1);
    let planned = |env: &Env, name: &str| {
        let mut set = workload.render(&env.namespace);
        let spec = set.claims[0].spec.as_mut().expect("a spec");
        spec.volume_attributes_class_name = Some(name.to_owned());
        let cluster = env.cluster.clone();
        async move {
            let options = wellhead_cluster::PlanOptions::default();
            cluster.plan(&[set], &options, &wellhead_cluster::Silent).await.expect("an answer")
        }
    };
    let found = Box::pin(planned(&env, &name)).await;
    assert_eq!(refusals(&found), ["WH0211 claim/data-db-0"]);
    assert!(found.problems[0].what.ends_with("does not exist"), "{:?}", found.problems);
    let classes: Api<VolumeAttributesClass> = Api::all(env.client.clone());
    let other = format!("{name}-other");
    for (name, driver) in [(&name, "kubernetes.io/host-path"), (&other, "other.example.com")] {
        let class: VolumeAttributesClass = object(json!({
            "metadata": {"name": name}, "driverName": driver, "parameters": {"iops": "1"}}));
        classes.create(&PostParams::default(), &class).await.expect("a class");
    }
    let found = planned(&env, &other).await;
    assert_eq!(refusals(&found), ["WH0211 claim/data-db-0"]);
    let why = "it is of the driver other.example.com; class \"standard\" has volumes of kubernetes.io/host-path";
    assert_eq!(found.problems[0].why.as_deref(), Some(why));
    assert_eq!(refusals(&Box::pin(planned(&env, &name)).await), [""; 0]);
    for name in [name, other] {
        classes.delete(&name, &DeleteParams::default()).await.expect("it goes");
    }
    assert_eq!(refusals(&plan(&env, &[&workload]).await), [""; 0]);
    env.finish().await;
}
