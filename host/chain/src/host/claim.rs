//! `resource claim`.

use k8s_openapi::api::core::v1::TypedObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::{FieldPath, ObjectName};

use super::ClaimHandle;
use super::bindings::pipeline::HostClaim;
use super::fields::one_of;
use super::{Host, check};
use crate::session::fault::{EditFault, invalid};

type Edited = Result<(), EditFault>;
type Handle = Resource<ClaimHandle>;

const ACCESS_MODES: &[&str] =
    &["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"];

impl Host {
    /// The path of a field of a claim.
    fn of_claim(&self, handle: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self.path(handle)?.key(field))
    }
}

impl HostClaim for Host {
    fn name(&mut self, this: Handle) -> Result<String> {
        let path = self.of_claim(&this, "name")?;
        Ok(self.text(&path)?.unwrap_or_default())
    }

    fn size(&mut self, this: Handle) -> Result<String> {
        let path = self.of_claim(&this, "size")?;
        Ok(self.text(&path)?.unwrap_or_default())
    }

    fn set_size(&mut self, this: Handle, quantity: String) -> Edited {
        let path = self.of_claim(&this, "size")?;
        self.set_text(path, quantity, check::size)
    }

    fn storage_class(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "storageClass")?;
        self.text(&path)
    }

    fn set_storage_class(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_claim(&this, "storageClass")?;
        self.set_optional(path, value, check::storage_class)
    }

    fn access_modes(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.of_claim(&this, "accessModes")?;
        let modes = self.texts(&path)?;
        Ok(if modes.is_empty() { vec!["ReadWriteOnce".to_owned()] } else { modes })
    }

    fn set_access_modes(&mut self, this: Handle, value: Vec<String>) -> Edited {
        let path = self.of_claim(&this, "accessModes")?;
        for mode in &value {
            one_of(ACCESS_MODES)(mode).map_err(|error| invalid(&path, error))?;
            if value.iter().filter(|other| *other == mode).count() > 1 {
                return Err(invalid(&path, format!("duplicate `{mode}`")));
            }
        }
        self.set_texts(path, &value)
    }

    fn volume_mode(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "volumeMode")?;
        self.text(&path)
    }

    fn set_volume_mode(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_claim(&this, "volumeMode")?;
        self.set_optional(path, value, one_of(&["Filesystem", "Block"]))
    }

    fn volume_attributes_class(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "volumeAttributesClass")?;
        self.text(&path)
    }

    fn set_volume_attributes_class(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_claim(&this, "volumeAttributesClass")?;
        self.set_optional(path, value, ObjectName::check)
    }

    fn mount_path(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "mountPath")?;
        self.text(&path)
    }

    fn set_mount_path(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_claim(&this, "mountPath")?;
        self.set_optional(path, value, check::mount_path)
    }

    fn labels(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let path = self.of_claim(&this, "labels")?;
        self.entries(&path)
    }

    fn set_label(&mut self, this: Handle, key: String, value: String) -> Edited {
        let path = self.of_claim(&this, "labels")?;
        self.set_label_at(&path, &key, value)
    }

    fn remove_label(&mut self, this: Handle, key: String) -> Edited {
        let path = self.of_claim(&this, "labels")?.then(key);
        self.remove(path)
    }

    fn annotations(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let path = self.of_claim(&this, "annotations")?;
        self.entries(&path)
    }

    fn set_annotation(&mut self, this: Handle, key: String, value: String) -> Edited {
        let path = self.of_claim(&this, "annotations")?;
        self.set_annotation_at(&path, &key, value)
    }

    fn remove_annotation(&mut self, this: Handle, key: String) -> Edited {
        let path = self.of_claim(&this, "annotations")?.then(key);
        self.remove(path)
    }

    fn selector(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "selector")?;
        self.json(&path)
    }

    fn set_selector(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_claim(&this, "selector")?;
        self.set_json::<LabelSelector>(path, json)
    }

    fn data_source_ref(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_claim(&this, "dataSourceRef")?;
        self.json(&path)
    }

    fn set_data_source_ref(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_claim(&this, "dataSourceRef")?;
        self.set_json::<TypedObjectReference>(path, json)
    }

    fn drop(&mut self, this: Handle) -> Result<()> {
        self.release(&this);
        Ok(())
    }
}
