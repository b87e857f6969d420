use serde_json::{Value, json};
use wellhead_render::ResourceSet;

use super::check;
use crate::model::object::PipelineRef;

fn db() -> PipelineRef {
    PipelineRef { namespace: "shop".to_owned(), name: "db".to_owned() }
}

fn set() -> Value {
    let labels = json!({
        "app.kubernetes.io/managed-by": "wellhead", "app.kubernetes.io/instance": "db"});
    let metadata = |name: &str| json!({"name": name, "namespace": "shop", "labels": labels});
    let claim = json!({
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    let of = |name: &str| json!({"metadata": metadata(name), "spec": claim});
    json!({
        "service": {"metadata": metadata("db"), "spec": {
            "clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 5432}]}},
        "claims": [of("data-db-0"), of("data-db-1")],
        "statefulSet": {"metadata": metadata("db"), "spec": {
            "serviceName": "db",
            "replicas": 2,
            "selector": {"matchLabels": {"app": "db"}},
            "template": {
                "metadata": {"labels": {"app": "db"}},
                "spec": {"containers": [{"name": "main", "image": "postgres:17"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}]}}})
}

fn changed(pointer: &str, value: Value) -> Result<(), String> {
    let mut set = set();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match set.pointer_mut(parent).expect("it is there") {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        other => panic!("{other}"),
    }
    check(&db(), &serde_json::from_value::<ResourceSet>(set).expect("a set"))
}

#[test]
fn what_is_rendered_is_the_pipelines_own() {
    let own = serde_json::from_value::<ResourceSet>(set()).expect("a set");
    assert_eq!(check(&db(), &own), Ok(()));
    let other = PipelineRef { name: "web".to_owned(), ..db() };
    assert!(check(&other, &own).is_err());
}

#[test]
fn objects_of_others_are_not() {
    let twice = set()["claims"][0].clone();
    for (pointer, value) in [
        ("/statefulSet/metadata/namespace", json!("kube-system")),
        ("/service/metadata/namespace", json!("kube-system")),
        ("/claims/1/metadata/namespace", json!("kube-system")),
        ("/claims/0/metadata/namespace", Value::Null),
        ("/statefulSet/metadata/name", json!("web")),
        ("/service/metadata/name", json!("web")),
        ("/claims/0/metadata/name", json!("data-web-0")),
        ("/claims/0/metadata/name", json!("data-db-2")),
        ("/claims/0/metadata/name", json!("data-db-00")),
        ("/claims/0/metadata/name", json!("data-db--1")),
        ("/claims/0/metadata/name", json!("other-db-0")),
        ("/claims/-", twice),
        ("/statefulSet/metadata/labels", Value::Null),
    ] {
        assert!(changed(pointer, value.clone()).is_err(), "{pointer}: {value}");
    }
}

#[test]
fn fields_that_no_pipeline_sets_are_refused() {
    let owner = json!([{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}]);
    for (pointer, value) in [
        ("/statefulSet/metadata/ownerReferences", owner.clone()),
        ("/statefulSet/spec/template/metadata/ownerReferences", owner),
        ("/service/metadata/finalizers", json!(["a/b"])),
        ("/claims/0/metadata/uid", json!("u")),
        ("/service/spec/type", json!("LoadBalancer")),
        ("/service/spec/externalIPs", json!(["192.0.2.1"])),
        ("/service/spec/externalName", json!("example.com")),
        ("/service/spec/clusterIP", json!("10.0.0.1")),
        ("/service/spec/ports/0/nodePort", json!(30000)),
        ("/claims/0/spec/volumeName", json!("pv-of-bank")),
        ("/statefulSet/spec/replicas", json!(-1)),
        ("/statefulSet/spec/replicas", json!(i32::MAX)),
        ("/statefulSet/spec/ordinals", json!({"start": i32::MAX})),
        ("/statefulSet/spec/ordinals", json!({"start": -1})),
    ] {
        assert!(changed(pointer, value.clone()).is_err(), "{pointer}: {value}");
    }
}

#[test]
fn what_one_run_takes_over_is_in_no_record() {
    let owned = |once: bool| {
        json!([{
            "kind": "StatefulSet", "name": "db", "path": "spec.replicas", "policy": "take", "once": once}])
    };
    assert_eq!(changed("/ownership", owned(false)), Ok(()));
    assert!(changed("/ownership", owned(true)).is_err());
    assert!(changed("/take", json!([{"pattern": "**", "set": true}])).is_err());
}
