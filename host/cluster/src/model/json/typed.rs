//! Objects that are only read, as Kubernetes' own types.

use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object as its type; none where a field has another type than Kubernetes gives it. Fields that are missing have
/// their defaults, and unknown ones are ignored.
pub(crate) fn typed<T: DeserializeOwned>(object: Value) -> Option<T> {
    serde_json::from_value(object).ok()
}

/// The object's name.
pub(crate) fn name(metadata: &ObjectMeta) -> &str {
    metadata.name.as_deref().unwrap_or_default()
}

/// The value of a label, which may be empty, or none.
pub(crate) fn label<'m>(metadata: &'m ObjectMeta, key: &str) -> Option<&'m str> {
    metadata.labels.as_ref()?.get(key).map(String::as_str)
}

/// The value of an annotation, or "".
pub(crate) fn annotation<'m>(metadata: &'m ObjectMeta, key: &str) -> &'m str {
    let value = metadata.annotations.as_ref().and_then(|it| it.get(key));
    value.map(String::as_str).unwrap_or_default()
}

/// The storage class of a volume: an annotation of old wins over the field, as [`storage_class`] has it.
///
/// [`storage_class`]: super::storage_class
pub(crate) fn class_of(volume: &PersistentVolume) -> &str {
    const OLD: &str = "volume.beta.kubernetes.io/storage-class";
    let annotations = volume.metadata.annotations.as_ref();
    let spec = || volume.spec.as_ref()?.storage_class_name.as_ref();
    let class = annotations.and_then(|it| it.get(OLD)).or_else(spec);
    class.map(String::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Node;
    use serde_json::json;

    use super::{label, name, typed};

    #[test]
    fn a_partial_object_is_read_and_one_of_other_types_is_not() {
        let node: Node =
            typed(json!({"metadata": {"name": "a", "labels": {"k": ""}}, "new": 1})).unwrap();
        assert_eq!((name(&node.metadata), label(&node.metadata, "k")), ("a", Some("")));
        assert!(typed::<Node>(json!({})).is_some());
        assert!(typed::<Node>(json!({"metadata": {"labels": []}})).is_none());
        assert!(typed::<Node>(json!({"spec": {"taints": "all"}})).is_none());
    }
}
