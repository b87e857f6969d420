//! Rules that hold for the objects of every pipeline, shown on single cases.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, Volume};
use serde_json::Value;
use wellhead_render::{Object, ResourceSet, render, to_json_list, to_yaml};
use wellhead_spec::{Pipeline, PipelineSpec};

use crate::cases;

fn claim<'o>(objects: &'o [Object], name: &str) -> &'o Value {
    &objects.iter().find(|object| object.name == name).unwrap().value
}

fn stateful_set(pipeline: &Pipeline) -> Value {
    serde_json::to_value(render(pipeline).stateful_set).unwrap()
}

#[test]
fn a_claim_takes_size_and_class_of_the_last_range_that_holds_its_ordinal() {
    let objects = render(&cases::case("per-ordinal-claims")).objects();
    let of = |ordinal| {
        let spec = &claim(&objects, &format!("data-warehouse-{ordinal}"))["spec"];
        (spec["resources"]["requests"]["storage"].clone(), spec["storageClassName"].clone())
    };
    assert_eq!(of(2), ("10Gi".into(), "standard".into()));
    assert_eq!(of(3), ("20Gi".into(), "standard".into()));
    assert_eq!(of(4), ("20Gi".into(), "fast".into()));
    assert_eq!(of(5), ("40Gi".into(), "".into()), "an empty class means: no class");
}

#[test]
fn a_claim_template_holds_nothing_about_single_replicas() {
    let template =
        &stateful_set(&cases::case("per-ordinal-claims"))["spec"]["volumeClaimTemplates"][0];
    assert_eq!(template["spec"]["resources"]["requests"]["storage"], "10Gi");
    assert_eq!(template["spec"]["storageClassName"], "standard");
    assert_eq!(template["metadata"], serde_json::json!({ "name": "data" }));
}

#[test]
fn no_replica_has_no_claim_and_keeps_the_template() {
    let mut pipeline = cases::case("seed");
    for replicas in [0, -1, i32::MIN] {
        pipeline.spec.replicas = Some(replicas);
        let set = render(&pipeline);
        assert!(set.claims.is_empty());
        assert_eq!(set.stateful_set.spec.unwrap().volume_claim_templates.unwrap().len(), 1);
    }
}

#[test]
fn an_external_service_is_named_and_not_made() {
    for (case, name) in [("external-service", Value::from("shared")), ("no-service", Value::Null)] {
        let objects = render(&cases::case(case)).objects();
        assert_eq!(objects.len(), 1, "{case}");
        assert_eq!(objects[0].value["spec"]["serviceName"], name, "{case}");
    }
}

#[test]
fn a_pipeline_without_containers_renders() {
    let mut pipeline = cases::case("sidecars");
    pipeline.spec.containers.clear();
    assert_eq!(
        stateful_set(&pipeline)["spec"]["template"]["spec"]["containers"],
        Value::Array(vec![])
    );
}

#[test]
fn a_mount_path_mounts_into_the_main_container_after_its_own_mounts() {
    let containers =
        &stateful_set(&cases::case("sidecars"))["spec"]["template"]["spec"]["containers"];
    assert_eq!(
        containers[0]["volumeMounts"],
        serde_json::json!([
            { "name": "scratch", "mountPath": "/tmp" },
            { "name": "data", "mountPath": "/data" },
        ])
    );
    assert_eq!(containers[1]["volumeMounts"], Value::Null);
}

#[test]
fn a_claim_that_the_main_container_mounts_itself_is_not_mounted_twice() {
    let mut pipeline = cases::case("sidecars");
    let mounts = pipeline.spec.containers[0].volume_mounts.as_mut().unwrap();
    mounts[0].name = "data".to_owned();
    mounts[0].mount_path = "/data".to_owned();
    mounts[0].read_only = Some(true);
    assert_eq!(
        stateful_set(&pipeline)["spec"]["template"]["spec"]["containers"][0]["volumeMounts"],
        serde_json::json!([{ "name": "data", "mountPath": "/data", "readOnly": true }])
    );
}

#[test]
fn recommended_labels_never_replace_a_label_of_the_user() {
    let set = render(&cases::case("recommended-labels"));
    let label = |labels: &Option<std::collections::BTreeMap<String, String>>, key: &str| {
        labels.as_ref().unwrap().get(&format!("app.kubernetes.io/{key}")).cloned().unwrap()
    };
    let service = &set.service.as_ref().unwrap().metadata.labels;
    assert_eq!(label(service, "instance"), "orders");
    assert_eq!(label(service, "name"), "mysql", "as the pods have it");
    assert_eq!(label(service, "managed-by"), "wellhead");
    let stateful_set = &set.stateful_set.metadata.labels;
    assert_eq!(label(stateful_set, "managed-by"), "platform-team");
    assert_eq!(label(stateful_set, "instance"), "orders-db");
    let claim = &set.claims[0].metadata.labels;
    assert_eq!(label(claim, "instance"), "orders-data");
    assert_eq!(label(claim, "component"), "database", "from the selector");
}

#[test]
fn pods_selectors_and_claim_templates_have_no_recommended_labels() {
    let spec = &stateful_set(&cases::case("seed"))["spec"];
    let own = serde_json::json!({ "app": "my-stateful-app" });
    assert_eq!(spec["selector"]["matchLabels"], own);
    assert_eq!(spec["template"]["metadata"]["labels"], own);
    assert_eq!(spec["volumeClaimTemplates"][0]["metadata"]["labels"], Value::Null);
    assert_eq!(
        render(&cases::case("seed")).service.unwrap().spec.unwrap().selector.unwrap().len(),
        1
    );
}

#[test]
fn the_selector_wins_over_labels_of_pods_and_claims() {
    let mut pipeline = cases::case("recommended-labels");
    let key = "app.kubernetes.io/name".to_owned();
    pipeline.spec.pod_labels.insert(key.clone(), "other".to_owned());
    pipeline.spec.claims[0].labels.insert(key.clone(), "other".to_owned());
    let set = render(&pipeline);
    assert_eq!(set.claims[0].metadata.labels.as_ref().unwrap()[&key], "mysql");
    let template = set.stateful_set.spec.unwrap().template;
    assert_eq!(template.metadata.unwrap().labels.unwrap()[&key], "mysql");
}

#[test]
fn objects_without_a_namespace_name_none() {
    for object in render(&cases::case("defaults")).objects() {
        assert_eq!(object.namespace, None);
        assert_eq!(object.value["metadata"].get("namespace"), None);
    }
}

#[test]
fn typed_objects_and_their_values_hold_the_same() {
    for case in cases::cases() {
        let set = render(&cases::pipeline(&case));
        let objects = set.objects();
        let value = |index: usize| objects[index].value.clone();
        let read = ResourceSet {
            service: set.service.is_some().then(|| serde_json::from_value(value(0)).unwrap()),
            claims: (usize::from(set.service.is_some())..objects.len() - 1)
                .map(|index| serde_json::from_value(value(index)).unwrap())
                .collect(),
            stateful_set: serde_json::from_value(value(objects.len() - 1)).unwrap(),
            ownership: set.ownership.clone(),
            volume_migration: set.volume_migration.clone(),
            take: set.take.clone(),
        };
        assert_eq!(read, set, "{}", case.display());
    }
}

#[test]
fn yaml_and_json_hold_the_same_objects_in_the_same_order() {
    for case in cases::cases() {
        let objects = render(&cases::pipeline(&case)).objects();
        let values: Vec<_> = objects.iter().map(|object| object.value.clone()).collect();
        let yaml: Vec<Value> = serde_saphyr::from_multiple(&to_yaml(&objects)).unwrap();
        assert_eq!(yaml, values, "{}", case.display());
        let list: Value = serde_json::from_str(&to_json_list(&objects)).unwrap();
        assert_eq!(list["apiVersion"], "v1");
        assert_eq!(list["kind"], "List");
        assert_eq!(list["items"], Value::Array(values));
    }
}

#[test]
fn yaml_of_no_objects_is_empty() {
    assert_eq!(to_yaml(&[]), "");
}

/// A field that is new in the spec must be added to the kitchen sink; the test of the origins then
/// shows whether it reaches an object.
#[test]
fn the_kitchen_sink_uses_every_field_of_the_spec() {
    let used = serde_json::to_value(cases::case("kitchen-sink")).unwrap();
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let fields = |schema: schemars::Schema| keys(&schema.as_value()["properties"]);
    assert_eq!(keys(&used["metadata"]), fields(schemars::schema_for!(wellhead_spec::Metadata)));
    assert_eq!(keys(&used["spec"]), fields(schemars::schema_for!(PipelineSpec)));
    let mut settings = fields(schemars::schema_for!(wellhead_spec::ServiceSettings));
    // It stands alone: a Service that is somebody else's has no settings here.
    assert!(settings.remove("external"));
    assert_eq!(keys(&used["spec"]["service"]), settings);
    let mut claim = keys(&used["spec"]["claims"][0]);
    claim.extend(keys(&used["spec"]["claims"][1]));
    assert_eq!(claim, fields(schemars::schema_for!(wellhead_spec::Claim)));
    let of_all = |lists: &[&str]| -> BTreeSet<String> {
        let items = lists.iter().flat_map(|list| used["spec"][list].as_array().unwrap());
        items.flat_map(keys).collect()
    };
    let mut container = fields(schemars::schema_for!(Container));
    // They need a restart policy that no container of a StatefulSet can have.
    assert!(container.remove("restartPolicyRules"));
    assert_eq!(of_all(&["containers", "initContainers"]), container);
    assert_eq!(of_all(&["volumes"]), fields(schemars::schema_for!(Volume)));
}
