//! A claim in memory.

use super::node::Node;
use crate::{EditError, Entry};

/// One claim: a PersistentVolumeClaim for each replica.
#[derive(Clone, Debug)]
pub struct Claim(pub(super) Node);

impl Claim {
    /// The claim's name.
    pub fn name(&self) -> String {
        self.0.text("name").unwrap_or_default()
    }

    /// Size of each volume. Path: `claims.NAME.size`.
    pub fn size(&self) -> String {
        self.0.text("size").unwrap_or_default()
    }

    /// Sets the size.
    pub fn set_size(&self, quantity: &str) -> Result<(), EditError> {
        self.0.set("size", quantity)
    }

    /// The storage class; `None` for the cluster's default, an empty text for no class at all.
    pub fn storage_class(&self) -> Option<String> {
        self.0.text("storageClass")
    }

    /// Sets the storage class, or removes it. Path: `claims.NAME.storageClass`.
    pub fn set_storage_class(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("storageClass", value)
    }

    /// `ReadWriteOnce`, `ReadWriteOncePod`, `ReadWriteMany`, `ReadOnlyMany`.
    pub fn access_modes(&self) -> Vec<String> {
        self.0.texts("accessModes")
    }

    /// Replaces the access modes.
    pub fn set_access_modes(&self, value: &[String]) -> Result<(), EditError> {
        self.0.set("accessModes", value)
    }

    /// `Filesystem` or `Block`.
    pub fn volume_mode(&self) -> Option<String> {
        self.0.text("volumeMode")
    }

    /// Sets or removes the volume mode.
    pub fn set_volume_mode(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("volumeMode", value)
    }

    /// The VolumeAttributesClass.
    pub fn volume_attributes_class(&self) -> Option<String> {
        self.0.text("volumeAttributesClass")
    }

    /// Sets or removes the VolumeAttributesClass.
    pub fn set_volume_attributes_class(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("volumeAttributesClass", value)
    }

    /// Where the main container mounts it.
    pub fn mount_path(&self) -> Option<String> {
        self.0.text("mountPath")
    }

    /// Sets or removes the mount in the main container.
    pub fn set_mount_path(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("mountPath", value)
    }

    /// Labels of the claims.
    pub fn labels(&self) -> Vec<Entry> {
        self.0.entries("labels")
    }

    /// Sets one label. Path: `claims.NAME.labels.KEY`.
    pub fn set_label(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.0.child("labels").set(key, value)
    }

    /// Removes one label.
    pub fn remove_label(&self, key: &str) -> Result<(), EditError> {
        self.0.child("labels").remove(key)
    }

    /// Annotations of the claims.
    pub fn annotations(&self) -> Vec<Entry> {
        self.0.entries("annotations")
    }

    /// Sets one annotation.
    pub fn set_annotation(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.0.child("annotations").set(key, value)
    }

    /// Removes one annotation.
    pub fn remove_annotation(&self, key: &str) -> Result<(), EditError> {
        self.0.child("annotations").remove(key)
    }

    /// JSON (`LabelSelector`) over volumes.
    pub fn selector(&self) -> Option<String> {
        self.0.json("selector")
    }

    /// JSON (`LabelSelector`).
    pub fn set_selector(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("selector", json)
    }

    /// JSON (`TypedObjectReference`): what the volumes are filled from.
    pub fn data_source_ref(&self) -> Option<String> {
        self.0.json("dataSourceRef")
    }

    /// JSON (`TypedObjectReference`).
    pub fn set_data_source_ref(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("dataSourceRef", json)
    }
}
