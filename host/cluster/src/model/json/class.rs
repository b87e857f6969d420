//! The storage class of claims and volumes.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

/// The annotation that says the class as well.
const ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// What names a storage class, of a claim or volume that is sent or read.
pub(crate) trait HasStorageClass {
    fn annotation(&self, key: &str) -> Option<&str>;

    /// `spec.storageClassName`.
    fn field(&self) -> Option<&str>;

    /// The storage class: an annotation of old wins over the field.
    /// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-helpers/storage/volume/helpers.go>
    fn storage_class(&self) -> Option<&str> {
        self.annotation(ANNOTATION).or_else(|| self.field())
    }
}

fn annotation<'m>(metadata: &'m ObjectMeta, key: &str) -> Option<&'m str> {
    metadata.annotations.as_ref()?.get(key).map(String::as_str)
}

impl HasStorageClass for PersistentVolume {
    fn annotation(&self, key: &str) -> Option<&str> {
        annotation(&self.metadata, key)
    }

    fn field(&self) -> Option<&str> {
        self.spec.as_ref()?.storage_class_name.as_deref()
    }
}

impl HasStorageClass for PersistentVolumeClaim {
    fn annotation(&self, key: &str) -> Option<&str> {
        annotation(&self.metadata, key)
    }

    fn field(&self) -> Option<&str> {
        self.spec.as_ref()?.storage_class_name.as_deref()
    }
}

/// A claim that is written, or compared with what is.
impl HasStorageClass for Value {
    fn annotation(&self, key: &str) -> Option<&str> {
        self.pointer("/metadata/annotations")?.get(key)?.as_str()
    }

    fn field(&self) -> Option<&str> {
        self.pointer("/spec/storageClassName")?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
    use serde_json::json;

    use super::HasStorageClass as _;
    use crate::model::json::typed::lenient;

    #[test]
    fn the_annotation_of_old_wins_over_the_field_whatever_is_asked() {
        let both = json!({"metadata": {"annotations": {super::ANNOTATION: "old"}},
                          "spec": {"storageClassName": "new"}});
        let field = json!({"spec": {"storageClassName": "new"}});
        for (object, class) in [(both, Some("old")), (field, Some("new")), (json!({}), None)] {
            assert_eq!(object.storage_class(), class);
            assert_eq!(lenient::<PersistentVolume>(&object).storage_class(), class);
            assert_eq!(lenient::<PersistentVolumeClaim>(&object).storage_class(), class);
        }
    }
}
