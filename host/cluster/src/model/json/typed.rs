//! Objects that are only read, as Kubernetes' own types.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An object as its type; none where a field has another type than Kubernetes gives it. Fields that are missing have
/// their defaults, and unknown ones are ignored.
pub(crate) fn typed<T: DeserializeOwned>(object: Value) -> Option<T> {
    serde_json::from_value(object).ok()
}

/// An object that is looked at whatever a field of it is: one that has another type than Kubernetes gives it counts as
/// missing, and hides neither the rest of the object nor other objects.
pub(crate) fn lenient<T: DeserializeOwned + Default>(object: &Value) -> T {
    if let Ok(whole) = T::deserialize(object) {
        return whole;
    }
    let is_read = |kept: &Value| T::deserialize(kept).is_ok();
    let mut kept = json!({});
    for (part, value) in object.as_object().into_iter().flatten() {
        if is_read(&json!({part: value})) {
            kept[part] = value.clone();
            continue;
        }
        let fields = value.as_object().into_iter().flatten();
        for (field, value) in
            fields.filter(|(field, value)| is_read(&json!({part: {*field: value}})))
        {
            kept[part][field] = value.clone();
        }
    }
    T::deserialize(kept).unwrap_or_default()
}

/// A text that may be missing, or "".
pub(crate) fn text(value: Option<&String>) -> &str {
    value.map(String::as_str).unwrap_or_default()
}

/// The object's name.
pub(crate) fn name(metadata: &ObjectMeta) -> &str {
    text(metadata.name.as_ref())
}

/// The object's namespace.
pub(crate) fn namespace(metadata: &ObjectMeta) -> &str {
    text(metadata.namespace.as_ref())
}

/// The object's uid.
pub(crate) fn uid(metadata: &ObjectMeta) -> &str {
    text(metadata.uid.as_ref())
}

/// The version of the object that was read.
pub(crate) fn resource_version(metadata: &ObjectMeta) -> &str {
    text(metadata.resource_version.as_ref())
}

/// The number at the end of a pod's name.
pub(crate) fn ordinal(metadata: &ObjectMeta) -> Option<i64> {
    name(metadata).rsplit('-').next()?.parse().ok()
}

/// Whether the object is being deleted.
pub(crate) fn is_deleting(metadata: &ObjectMeta) -> bool {
    metadata.deletion_timestamp.is_some()
}

/// The value of a label, which may be empty, or none.
pub(crate) fn label<'m>(metadata: &'m ObjectMeta, key: &str) -> Option<&'m str> {
    metadata.labels.as_ref()?.get(key).map(String::as_str)
}

/// The metadata of an object that is JSON.
pub(crate) fn metadata(object: &Value) -> ObjectMeta {
    object.get("metadata").map(lenient).unwrap_or_default()
}

/// The value of an annotation, or "".
pub(crate) fn annotation<'m>(metadata: &'m ObjectMeta, key: &str) -> &'m str {
    let value = metadata.annotations.as_ref().and_then(|it| it.get(key));
    value.map(String::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Node, Pod};
    use serde_json::json;

    use super::{label, lenient, name, ordinal, typed};

    #[test]
    fn a_partial_object_is_read_and_one_of_other_types_is_not() {
        let node: Node =
            typed(json!({"metadata": {"name": "a", "labels": {"k": ""}}, "new": 1})).unwrap();
        assert_eq!((name(&node.metadata), label(&node.metadata, "k")), ("a", Some("")));
        assert!(typed::<Node>(json!({})).is_some());
        assert!(typed::<Node>(json!({"metadata": {"labels": []}})).is_none());
        assert!(typed::<Node>(json!({"spec": {"taints": "all"}})).is_none());
    }

    #[test]
    fn a_field_of_another_type_hides_nothing_else() {
        let pod: Pod = lenient(&json!({
            "metadata": {"name": "db-3", "labels": [], "uid": "1"},
            "spec": "none",
            "status": {"phase": "Running", "conditions": [{"type": 1}]}}));
        assert_eq!((ordinal(&pod.metadata), pod.metadata.uid.as_deref()), (Some(3), Some("1")));
        assert_eq!((pod.spec.is_none(), pod.metadata.labels.is_none()), (true, true));
        let status = pod.status.unwrap();
        assert_eq!((status.phase.as_deref(), status.conditions), (Some("Running"), None));
        assert_eq!(lenient::<Pod>(&json!([1])), Pod::default());
        let other: Pod = lenient(&json!({"kind": "Node", "metadata": {"name": "a"}}));
        assert_eq!(name(&other.metadata), "a");
    }
}
