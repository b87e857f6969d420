//! `resource claim`.

use k8s_openapi::api::core::v1::TypedObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::{FieldPath, ObjectName};

use super::ClaimHandle;
use super::accessors::{Fields, accessors};
use super::bindings::pipeline::HostClaim;
use super::fields::one_of;
use super::{Host, check};
use crate::session::fault::{EditFault, invalid};

type Edited = Result<(), EditFault>;
type Handle = Resource<ClaimHandle>;

pub(super) const VOLUME_MODES: &[&str] = &["Filesystem", "Block"];
pub(super) const ACCESS_MODES: &[&str] =
    &["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"];

impl Fields<ClaimHandle> for Host {
    fn at(&self, handle: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self.path(handle)?.key(field))
    }
}

impl HostClaim for Host {
    accessors! { Handle:
        text(size, set_size, "size", check::size);
        optional(storage_class, set_storage_class, "storageClass", check::storage_class);
        optional(volume_mode, set_volume_mode, "volumeMode", one_of(VOLUME_MODES));
        optional(volume_attributes_class, set_volume_attributes_class, "volumeAttributesClass", ObjectName::check);
        optional(mount_path, set_mount_path, "mountPath", check::mount_path);
        labels(labels, set_label, remove_label, "labels");
        annotations(annotations, set_annotation, remove_annotation, "annotations");
        json(selector, set_selector, "selector", LabelSelector);
        json(data_source_ref, set_data_source_ref, "dataSourceRef", TypedObjectReference);
    }

    fn name(&mut self, this: Handle) -> Result<String> {
        let path = self.at(&this, "name")?;
        Ok(self.text(&path)?.unwrap_or_default())
    }

    fn access_modes(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.at(&this, "accessModes")?;
        let modes = self.texts(&path)?;
        Ok(if modes.is_empty() { vec!["ReadWriteOnce".to_owned()] } else { modes })
    }

    fn set_access_modes(&mut self, this: Handle, value: Vec<String>) -> Edited {
        let path = self.at(&this, "accessModes")?;
        for mode in &value {
            one_of(ACCESS_MODES)(mode).map_err(|error| invalid(&path, error))?;
            if value.iter().filter(|other| *other == mode).count() > 1 {
                return Err(invalid(&path, format!("duplicate `{mode}`")));
            }
        }
        self.set_texts(path, &value)
    }

    fn drop(&mut self, this: Handle) -> Result<()> {
        self.release(&this);
        Ok(())
    }
}
