//! Names, labels and annotations of the objects.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use wellhead_spec::Pipeline;

type Labels = BTreeMap<String, String>;

/// The recommended labels: whose an object is, of which pipeline, and by whom.
const KEYS: [&str; 3] = ["app.kubernetes.io/name", INSTANCE, "app.kubernetes.io/managed-by"];
/// The label that names the pipeline of an object.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
/// Value of `app.kubernetes.io/managed-by`.
const MANAGER: &str = "wellhead";
/// Why an object has a label that the spec does not name.
pub(crate) const RECOMMENDED: &str = "recommended label, unless the spec sets this key";

/// Whether a label is one of the recommended ones.
pub(crate) fn is_recommended(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Metadata of an object: its own labels and the recommended ones.
pub(crate) fn metadata(
    pipeline: &Pipeline,
    name: &str,
    labels: &Labels,
    annotations: &Labels,
) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: pipeline.metadata.namespace.as_ref().map(ToString::to_string),
        labels: Some(with_recommended(pipeline, labels)),
        annotations: some(annotations),
        ..ObjectMeta::default()
    }
}

/// The labels and the recommended ones that are not among them. Where the pods' selector has such a
/// key, the object takes the selector's value, so that one query finds the pods and their objects.
fn with_recommended(pipeline: &Pipeline, labels: &Labels) -> Labels {
    let selector = pipeline.selector();
    let name = pipeline.metadata.name.as_str();
    let mut all = labels.clone();
    for (key, value) in KEYS.into_iter().zip([name, name, MANAGER]) {
        all.entry(key.to_owned())
            .or_insert_with(|| selector.get(key).map_or(value, String::as_str).to_owned());
    }
    all
}

/// Labels with others over them.
pub(crate) fn overlaid(labels: &Labels, over: Labels) -> Labels {
    let mut all = labels.clone();
    all.extend(over);
    all
}

/// A map as an optional field: an empty one is left out.
pub(crate) fn some(map: &Labels) -> Option<Labels> {
    (!map.is_empty()).then(|| map.clone())
}

/// A list as an optional field: an empty one is left out.
pub(crate) fn some_list<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}
