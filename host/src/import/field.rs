//! Fields of a draft as fields of the objects that it was made from, and where these are.

use std::collections::HashMap;

use wellhead_render::item_name;
use wellhead_spec::{FieldOwner, FieldPath, PipelineSpec, Places, Segment};

use super::finding::ImportFinding;
use super::json::object_name;
use super::sets::Group;

/// Fields of a draft that a StatefulSet has under another name, or in its metadata.
const OF_STATEFUL_SET: [(&str, &[&str]); 7] = [
    ("name", &["metadata", "name"]),
    ("namespace", &["metadata", "namespace"]),
    ("labels", &["metadata", "labels"]),
    ("annotations", &["metadata", "annotations"]),
    ("selector", &["spec", "selector", "matchLabels"]),
    ("podLabels", &["spec", "template", "metadata", "labels"]),
    ("podAnnotations", &["spec", "template", "metadata", "annotations"]),
];

/// Fields of a claim of a draft that a claim template has under another path than `spec`.
const OF_CLAIM: [(&str, &[&str]); 6] = [
    ("name", &["metadata", "name"]),
    ("labels", &["metadata", "labels"]),
    ("annotations", &["metadata", "annotations"]),
    ("size", &["spec", "resources", "requests", "storage"]),
    ("storageClass", &["spec", "storageClassName"]),
    ("volumeAttributesClass", &["spec", "volumeAttributesClassName"]),
];

/// Which object has a field, and its path there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The StatefulSet.
    OfStatefulSet(FieldPath),
    /// The Service.
    OfService(FieldPath),
}

/// The field of an object that became a field of a draft.
pub(super) fn of_draft(path: &FieldPath) -> Field {
    let segments = path.segments();
    let key = |index: usize| match segments.get(index) {
        Some(Segment::Key(key)) => key.as_str(),
        _ => "",
    };
    let joined = |start: &[&str], rest: usize| {
        let rest = segments.get(rest..).unwrap_or_default().iter();
        rest.fold(FieldPath::of(start.iter().copied()), |path, it| path.with(it.clone()))
    };
    match (key(0), key(1)) {
        ("service", "name" | "external" | "") => {
            Field::OfStatefulSet(joined(&["spec", "serviceName"], 2))
        }
        ("service", "labels" | "annotations") => Field::OfService(joined(&["metadata"], 1)),
        ("service", _) => Field::OfService(joined(&["spec"], 1)),
        ("claims", _) => {
            let template = FieldPath::of(["spec", "volumeClaimTemplates"]);
            let Some(name) = segments.get(1) else { return Field::OfStatefulSet(template) };
            let template = template.with(name.clone());
            let below = OF_CLAIM.iter().find(|it| it.0 == key(2));
            let below = match below {
                Some((_, path)) => joined(path, 3),
                // What differs for single replicas comes from claims.
                None if matches!(key(2), "" | "ordinals") => FieldPath::root(),
                None => joined(&["spec"], 2),
            };
            Field::OfStatefulSet(
                below.segments().iter().cloned().fold(template, |path, it| path.with(it)),
            )
        }
        (first, _) => match OF_STATEFUL_SET.iter().find(|it| it.0 == first) {
            Some((_, path)) => Field::OfStatefulSet(joined(path, 1)),
            None if is_of_set(first) => Field::OfStatefulSet(joined(&["spec"], 0)),
            None => Field::OfStatefulSet(joined(&["spec", "template", "spec"], 0)),
        },
    }
}

/// Whether the StatefulSet has a field under the same name.
fn is_of_set(name: &str) -> bool {
    PipelineSpec::FIELDS.iter().any(|it| it.name == name && it.of == FieldOwner::StatefulSet)
}

/// Gives findings about objects of files the places of their fields, or of the object where it does not have the field.
pub(super) fn locate(set: &Group<'_>, findings: &mut [ImportFinding]) {
    let Some(manifest) = set.manifest else { return };
    let mut objects: HashMap<_, _> = set
        .manifests
        .iter()
        .map(|it| (object_name(&it.value), (*it, None::<Places<'_>>)))
        .collect();
    for finding in findings {
        let object = objects.get_mut(&finding.object);
        let place = object.zip(finding.field.as_ref()).and_then(|((manifest, places), field)| {
            places.get_or_insert_with(|| manifest.places()).locate(field, item_name)
        });
        let document = objects.get(&finding.object).map_or(manifest, |it| it.0);
        finding.location = Some(place.unwrap_or_else(|| document.location.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_draft_is_one_of_an_object() {
        for (draft, field) in [
            ("containers.a.image", "spec.template.spec.containers.a.image"),
            ("podLabels.a", "spec.template.metadata.labels.a"),
            ("name", "metadata.name"),
            ("revisionHistoryLimit", "spec.revisionHistoryLimit"),
            (
                "updateStrategy.rollingUpdate.partition",
                "spec.updateStrategy.rollingUpdate.partition",
            ),
            ("claims.data.size", "spec.volumeClaimTemplates.data.spec.resources.requests.storage"),
            ("claims.data.accessModes[0]", "spec.volumeClaimTemplates.data.spec.accessModes[0]"),
            ("claims.data.ordinals[0].size", "spec.volumeClaimTemplates.data"),
            ("claims[1].name", "spec.volumeClaimTemplates[1].metadata.name"),
            ("claims", "spec.volumeClaimTemplates"),
            ("service.name", "spec.serviceName"),
        ] {
            let made = of_draft(&draft.parse().unwrap());
            assert_eq!(made, Field::OfStatefulSet(field.parse().unwrap()), "{draft}");
        }
        let ports = of_draft(&"service.ports.80/TCP.name".parse().unwrap());
        assert_eq!(ports, Field::OfService("spec.ports.80/TCP.name".parse().unwrap()));
    }
}
