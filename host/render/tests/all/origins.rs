//! Where the leaves of objects come from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use wellhead_render::{
    Object, ObjectOrigins, Origin, OriginSource, object_leaves, object_names, origins, render,
};
use wellhead_spec::{Pipeline, draft};

use crate::cases;

/// The leaves of all objects, each with the position of its object.
fn origins_of(pipeline: &Pipeline) -> Vec<(usize, Origin)> {
    let objects = origins(pipeline).enumerate();
    let leaves = |(at, object): (usize, ObjectOrigins)| {
        object.leaves().map(|it| (at, it.clone())).collect::<Vec<_>>()
    };
    objects.flat_map(leaves).collect()
}

/// Checks that each leaf has one origin with the leaf's value, and that the origin is in the spec
/// unless the field is one that Wellhead may add.
pub(crate) fn check(pipeline: &Pipeline) {
    let all: Vec<ObjectOrigins> = origins(pipeline).collect();
    let spec = pipeline.to_draft();
    let objects = render(pipeline).objects();
    assert_eq!(wellhead_render::objects(pipeline).collect::<Vec<_>>(), objects);
    let names: Vec<_> = objects.iter().map(|it| (it.kind.as_str(), it.name.clone())).collect();
    assert_eq!(object_names(pipeline).collect::<Vec<_>>(), names);
    assert_eq!(all.len(), objects.len());
    for (object, origins) in objects.iter().zip(&all) {
        let Object { api_version, kind, name, value, .. } = object;
        assert_eq!((&origins.api_version, &origins.kind, &origins.name), (api_version, kind, name));
        let paths: BTreeMap<_, _> = origins.leaves().map(|it| (&it.path, &it.value)).collect();
        assert_eq!(paths.len(), origins.leaves().count(), "a path names one leaf of {name}");
        let wanted: BTreeMap<_, _> = object_leaves(value).into_iter().collect();
        assert_eq!(wanted.len(), leaves(value).len());
        let wanted: BTreeMap<_, _> = wanted.iter().map(|(path, value)| (path, *value)).collect();
        assert_eq!(paths, wanted, "{kind} {name}");
    }
    for (index, origin) in &origins_of(pipeline) {
        match &origin.source {
            OriginSource::Spec(path) => {
                assert!(draft::get(&spec, path).is_some(), "{} is from {path}", origin.path);
            }
            OriginSource::Default(_) => {
                let kind = &objects[*index].kind;
                assert!(is_ours(kind, &origin.path.to_string()), "nobody asked for {origin:?}");
            }
        }
    }
}

/// The list of what an object may have though nobody asked for it: recommended labels, what the API
/// requires, and policies. It does not grow by accident.
fn is_ours(kind: &str, field: &str) -> bool {
    const RECOMMENDED: [&str; 3] = [
        "metadata.labels[\"app.kubernetes.io/name\"]",
        "metadata.labels[\"app.kubernetes.io/instance\"]",
        "metadata.labels[\"app.kubernetes.io/managed-by\"]",
    ];
    if ["apiVersion", "kind"].contains(&field) || RECOMMENDED.contains(&field) {
        return true;
    }
    match kind {
        "Service" => {
            ["metadata.name", "spec.clusterIP", "spec.selector[\"app.kubernetes.io/name\"]"]
                .contains(&field)
        }
        "PersistentVolumeClaim" => field == "spec.accessModes[0]" || keeps(field),
        _ => match field.strip_prefix("spec.volumeClaimTemplates.") {
            Some(template) => {
                let (_, field) = template.split_once('.').unwrap();
                ["apiVersion", "kind", "spec.accessModes[0]"].contains(&field)
            }
            None => [
                "spec.replicas",
                "spec.serviceName",
                "spec.selector.matchLabels[\"app.kubernetes.io/name\"]",
                "spec.template.metadata.labels[\"app.kubernetes.io/name\"]",
                "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
                "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
            ]
            .contains(&field),
        },
    }
}

/// Whether a field is an annotation that keeps a claim where a tool prunes.
fn keeps(field: &str) -> bool {
    let key = field.strip_prefix("metadata.annotations[\"").and_then(|it| it.strip_suffix("\"]"));
    key.is_some_and(wellhead_spec::keeps)
}

/// The leaves of a value, in its order.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) if !fields.is_empty() => fields.values().flat_map(leaves).collect(),
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

/// Sources of the leaves of one object, by path; defaults as `(reason)`.
fn of_object(pipeline: &Pipeline, kind: &str, name: &str) -> BTreeMap<String, String> {
    let objects = render(pipeline).objects();
    let index = objects.iter().position(|it| it.kind == kind && it.name == name).unwrap();
    origins_of(pipeline)
        .into_iter()
        .filter(|(of, _)| *of == index)
        .map(|(_, origin)| {
            let source = match origin.source {
                OriginSource::Spec(path) => path.to_string(),
                OriginSource::Default(reason) => format!("({reason})"),
            };
            (origin.path.to_string(), source)
        })
        .collect()
}

#[test]
fn what_keeps_a_claim_is_a_default_unless_the_spec_has_a_part_in_it() {
    let text = r#"{"metadata": {"name": "db"}, "spec": {
        "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data", "annotations": {
            "argocd.argoproj.io/sync-options": "Replace=true", "helm.sh/resource-policy": "delete"}}],
        "containers": [{"name": "db", "image": "db:1"}]}}"#;
    let pipeline: Pipeline = serde_json::from_str(text).unwrap();
    let sources = of_object(&pipeline, "PersistentVolumeClaim", "data-db-0");
    let of = |key: &str| sources[&format!("metadata.annotations[\"{key}\"]")].clone();
    let reason = "(keeps the claim and its volume where a GitOps tool prunes)";
    assert_eq!(of("kustomize.toolkit.fluxcd.io/prune"), reason);
    assert_eq!(of("helm.sh/resource-policy"), reason);
    let merged = "claims.data.annotations[\"argocd.argoproj.io/sync-options\"]";
    assert_eq!(of("argocd.argoproj.io/sync-options"), merged);
}

#[test]
fn every_leaf_of_every_case_has_one_origin() {
    for case in cases::cases() {
        check(&cases::pipeline(&case));
    }
}

#[test]
fn every_field_of_the_kitchen_sink_reaches_an_object() {
    let pipeline = cases::case("kitchen-sink");
    let reached: BTreeSet<String> = origins_of(&pipeline)
        .into_iter()
        .filter_map(|(_, origin)| match origin.source {
            OriginSource::Spec(path) => Some(path.to_string()),
            OriginSource::Default(_) => None,
        })
        .collect();
    let spec = pipeline.to_draft();
    // Whose value stands, and whether data may move, is no part of an object.
    let own = ["ownership", "volumeMigration"];
    for field in spec.as_object().unwrap().keys().filter(|it| !own.contains(&it.as_str())) {
        let prefixed = |path: &String| {
            path.strip_prefix(field.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        assert!(reached.iter().any(prefixed), "`{field}` reaches no object");
    }
    for section in ["service", "claims.data", "containers.main"] {
        let path = section.parse().unwrap();
        for field in draft::get(&spec, &path).unwrap().as_object().unwrap().keys() {
            let field = path.key(field).to_string();
            assert!(reached.iter().any(|it| it.starts_with(&field)), "`{field}` reaches no object");
        }
    }
}

/// With the check of every leaf, this shows that each field of the list is there and is marked.
#[test]
fn the_least_pipeline_gets_every_field_of_the_list() {
    let pipeline = cases::case("defaults");
    let added = |kind| {
        let leaves = of_object(&pipeline, kind, "minimal");
        leaves.into_values().filter(|source| source.starts_with('(')).count()
    };
    assert_eq!(added("Service"), 5 + 3);
    assert_eq!(added("StatefulSet"), 5 + 6);
}

#[test]
fn fields_lead_back_to_what_the_user_wrote() {
    let pipeline = cases::case("kitchen-sink");
    let set = of_object(&pipeline, "StatefulSet", "everything");
    for (field, source) in [
        ("metadata.name", "name"),
        ("metadata.namespace", "namespace"),
        ("metadata.labels.team", "labels.team"),
        ("spec.replicas", "replicas"),
        ("spec.serviceName", "service.name"),
        ("spec.selector.matchLabels.app", "selector.app"),
        ("spec.template.metadata.labels.app", "selector.app"),
        ("spec.template.metadata.labels.tier", "podLabels.tier"),
        (
            "spec.template.metadata.annotations[\"example.com/scrape\"]",
            "podAnnotations[\"example.com/scrape\"]",
        ),
        ("spec.template.spec.containers.main.image", "containers.main.image"),
        ("spec.template.spec.containers.main.args[1]", "containers.main.args[1]"),
        (
            "spec.template.spec.containers.main.ports.7000/UDP.hostPort",
            "containers.main.ports.7000/UDP.hostPort",
        ),
        (
            "spec.template.spec.containers.main.volumeMounts./var/lib/main.mountPath",
            "claims.data.mountPath",
        ),
        ("spec.template.spec.containers.main.volumeMounts./var/lib/main.name", "claims.data.name"),
        (
            "spec.template.spec.containers.main.volumeMounts./etc/main.name",
            "containers.main.volumeMounts./etc/main.name",
        ),
        ("spec.template.spec.hostPID", "hostPID"),
        ("spec.volumeClaimTemplates.data.spec.storageClassName", "claims.data.storageClass"),
        (
            "spec.volumeClaimTemplates.data.spec.selector.matchLabels.disk",
            "claims.data.selector.matchLabels.disk",
        ),
        (
            "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
            "persistentVolumeClaimRetentionPolicy.whenScaled",
        ),
    ] {
        assert_eq!(set.get(field).map(String::as_str), Some(source), "{field}");
    }
    let service = of_object(&pipeline, "Service", "everything-peers");
    assert_eq!(service["spec.ports.7000/UDP.name"], "service.ports.7000/UDP.name");
    assert_eq!(service["spec.selector.tier"], "service.selector.tier");
    assert_eq!(service["metadata.labels.dns"], "service.labels.dns");
}

#[test]
fn a_claim_of_one_replica_leads_back_to_its_range() {
    let pipeline = cases::case("per-ordinal-claims");
    let of = |ordinal| {
        let claim =
            of_object(&pipeline, "PersistentVolumeClaim", &format!("data-warehouse-{ordinal}"));
        (claim["spec.resources.requests.storage"].clone(), claim["spec.storageClassName"].clone())
    };
    let pair = |size: &str, class: &str| (size.to_owned(), class.to_owned());
    assert_eq!(of(2), pair("claims.data.size", "claims.data.storageClass"));
    assert_eq!(of(3), pair("claims.data.ordinals[0].size", "claims.data.storageClass"));
    assert_eq!(of(4), pair("claims.data.ordinals[0].size", "claims.data.ordinals[1].storageClass"));
    assert_eq!(of(5), pair("claims.data.ordinals[2].size", "claims.data.ordinals[2].storageClass"));
}

/// The pods must have the selector's label, so the user's own value gives way; the origin says so.
#[test]
fn the_default_selector_over_a_label_of_the_user_is_a_default() {
    let mut pipeline = cases::case("defaults");
    pipeline.spec.pod_labels.insert("app.kubernetes.io/name".to_owned(), "other".to_owned());
    let label = "spec.template.metadata.labels[\"app.kubernetes.io/name\"]";
    let (_, origin) =
        origins_of(&pipeline).into_iter().find(|it| it.1.path.to_string() == label).unwrap();
    assert_eq!(origin.value, "minimal");
    assert!(matches!(origin.source, OriginSource::Default(_)), "{:?}", origin.source);
}

#[test]
fn claims_of_replicas_share_what_they_have_alike() {
    let pipeline = cases::case("per-ordinal-claims");
    let origins: Vec<_> = origins(&pipeline).collect();
    let claims: Vec<_> = origins.iter().filter(|it| it.name.starts_with("data-")).collect();
    assert!(claims.len() > 2);
    assert!(claims.windows(2).all(|it| Arc::ptr_eq(&it[0].alike, &it[1].alike)));
    assert!(claims.iter().all(|it| it.own.len() <= 3 && it.alike.leaves.len() > 3));
}
