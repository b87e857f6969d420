//! The fields of objects that the policies of a pipeline are about.

use serde_json::json;
use wellhead_render::{FieldsOf, ResourceSet, names_any, render};
use wellhead_spec::{FieldPath, Pipeline};

/// A pipeline with these policies.
fn pipeline(ownership: &[(&str, &str)]) -> Pipeline {
    let ownership: Vec<_> =
        ownership.iter().map(|(field, policy)| json!({"field": field, "policy": policy})).collect();
    let draft = json!({
        "name": "db", "podLabels": {"tier": "gold"}, "ownership": ownership,
        "containers": [{"name": "db", "image": "db:1", "args": ["-a", "-b"],
            "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}}],
        "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data",
            "ordinals": [{"from": 1, "size": "2Gi"}]}], "replicas": 2});
    Pipeline::from_draft(draft).expect("it is a pipeline")
}

fn owned(ownership: &[(&str, &str)]) -> Vec<String> {
    let set = render(&pipeline(ownership));
    let shown =
        set.ownership.iter().map(|it| format!("{} {} {}", it.name, it.path, it.policy.word()));
    shown.collect()
}

#[test]
fn a_policy_is_about_the_field_of_the_object_that_the_field_of_the_pipeline_gives() {
    assert_eq!(owned(&[("replicas", "yield")]), ["db spec.replicas yield"]);
    assert_eq!(
        owned(&[("containers.*.resources", "share")]),
        [
            "db spec.template.spec.containers.db.resources.limits.cpu share",
            "db spec.template.spec.containers.db.resources.requests.cpu share",
        ]
    );
    assert_eq!(
        owned(&[("podLabels.tier", "take")]),
        ["db spec.template.metadata.labels.tier take"]
    );
    assert_eq!(owned(&[("selector.tier", "take")]), [""; 0]);
}

#[test]
fn a_default_of_the_pipeline_has_its_policy() {
    let mut pipeline =
        pipeline(&[("replicas", "yield"), ("persistentVolumeClaimRetentionPolicy", "take")]);
    pipeline.spec.replicas = None;
    let paths: Vec<_> =
        render(&pipeline).ownership.into_iter().map(|it| it.path.to_string()).collect();
    assert_eq!(
        paths,
        [
            "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
            "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
            "spec.replicas",
        ]
    );
}

#[test]
fn a_claim_is_named_by_its_field_and_by_what_stands_over_it() {
    let every = [
        "data-db-0 spec.resources.requests.storage take",
        "data-db-1 spec.resources.requests.storage take",
    ];
    assert_eq!(owned(&[("claims.data.size", "take")]), every);
    assert_eq!(owned(&[("claims.data.ordinals[0].size", "take")]), every[1..]);
}

#[test]
fn the_last_entry_that_names_a_field_decides() {
    assert_eq!(
        owned(&[("**", "yield"), ("replicas", "take")]).len(),
        owned(&[("**", "yield")]).len()
    );
    let owned = owned(&[("**", "yield"), ("replicas", "take")]);
    assert_eq!(
        owned.iter().filter(|it| it.ends_with("take")).collect::<Vec<_>>(),
        ["db spec.replicas take"]
    );
}

#[test]
fn no_object_changes_and_a_set_without_policies_is_as_it_was() {
    let (with, without) = (render(&pipeline(&[("**", "yield")])), render(&pipeline(&[])));
    assert_eq!(with.objects(), without.objects());
    let text = serde_json::to_string(&without).expect("it is JSON");
    assert!(!text.contains("ownership"), "{text}");
    assert_eq!(serde_json::from_str::<ResourceSet>(&text).expect("it reads back"), without);
    let text = serde_json::to_string(&with).expect("it is JSON");
    assert_eq!(serde_json::from_str::<ResourceSet>(&text).expect("it reads back"), with);
}

#[test]
fn a_field_of_an_object_leads_back_to_the_pipeline() {
    let pipeline = pipeline(&[]);
    let fields = FieldsOf::new(&pipeline);
    let of = |kind: &str, name: &str, path: &str| {
        let path: FieldPath = path.parse().expect("a path");
        fields.field(kind, name, &path).map(|it| it.to_string())
    };
    let set = |path: &str| of("StatefulSet", "db", path);
    assert_eq!(set("spec.replicas").as_deref(), Some("replicas"));
    let args = set("spec.template.spec.containers.db.args");
    assert_eq!(args.as_deref(), Some("containers.db.args"), "a list is named as a whole");
    let mount = set(r#"spec.template.spec.containers.db.volumeMounts["/data"].mountPath"#);
    assert_eq!(mount.as_deref(), Some("claims.data.mountPath"));
    let retention = set("spec.persistentVolumeClaimRetentionPolicy.whenScaled");
    assert_eq!(retention.as_deref(), Some("persistentVolumeClaimRetentionPolicy.whenScaled"));
    let label = set(r#"metadata.labels["app.kubernetes.io/name"]"#);
    assert_eq!(label.as_deref(), Some(r#"selector["app.kubernetes.io/name"]"#));
    let size = of("PersistentVolumeClaim", "data-db-1", "spec.resources.requests.storage");
    assert_eq!(size.as_deref(), Some("claims.data.ordinals[0].size"));
    assert_eq!(of("Service", "db", "spec.clusterIP"), None, "Wellhead alone decides");
    assert_eq!(set("spec.minReadySeconds"), None);
}

#[test]
fn a_pattern_of_nothing_is_told_from_one_of_something() {
    let pipeline = pipeline(&[]);
    let names = |text: &str| names_any(&pipeline, &[text.parse().expect("a pattern")])[0];
    assert!(names("replicas") && names("containers.*.image") && names("claims"));
    assert!(!names("minReadySeconds") && !names("containers.web.image"));
}
