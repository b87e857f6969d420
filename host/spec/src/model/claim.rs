//! Claims: the storage of each replica.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{TypedLocalObjectReference, TypedObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClaimName, ObjectName, Quantity, keep};

/// One `PersistentVolumeClaim` for each replica, named `<claim>-<pipeline>-<ordinal>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// Name of the claim; containers mount it by this name.
    pub name: ClaimName,
    /// Size of each volume, e.g. `10Gi`.
    pub size: Quantity,
    /// The StorageClass. Left out: the cluster's default class. Empty: no class, for volumes that
    /// exist already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// How nodes may mount the volume. Left out: `ReadWriteOnce`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_modes: Vec<AccessMode>,
    /// `Filesystem` or `Block`. Left out: `Filesystem`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_mode: Option<VolumeMode>,
    /// Which existing volumes may serve the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
    /// What the volume is filled from: a snapshot or another claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<TypedLocalObjectReference>,
    /// Like `dataSource`, for any kind of object and other namespaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source_ref: Option<TypedObjectReference>,
    /// The VolumeAttributesClass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_attributes_class: Option<ObjectName>,
    /// Where the main container mounts the claim. Other containers use `volumeMounts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount_path: Option<String>,
    /// Labels of the claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// What differs for the claims of some replicas. A later item wins over an earlier one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ordinals: Vec<OrdinalClaim>,
}

/// What differs for the claims of a range of replicas, e.g. a larger volume for new ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrdinalClaim {
    /// The first ordinal of the range.
    pub from: i32,
    /// The last ordinal of the range. Left out: all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
    /// Size of their volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// StorageClass of their volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

/// How nodes may mount a volume.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccessMode {
    /// One node reads and writes.
    ReadWriteOnce,
    /// One pod reads and writes.
    ReadWriteOncePod,
    /// Many nodes read and write.
    ReadWriteMany,
    /// Many nodes read.
    ReadOnlyMany,
}

/// What a volume looks like inside the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VolumeMode {
    /// A directory.
    Filesystem,
    /// A device.
    Block,
}

impl Claim {
    /// The access modes, `ReadWriteOnce` where none is named.
    pub fn access_modes(&self) -> &[AccessMode] {
        if self.access_modes.is_empty() { &[AccessMode::ReadWriteOnce] } else { &self.access_modes }
    }

    /// Size of the volume of one replica.
    pub fn size_of(&self, ordinal: i32) -> &Quantity {
        self.ranges(ordinal).find_map(|range| range.size.as_ref()).unwrap_or(&self.size)
    }

    /// StorageClass of the volume of one replica.
    pub fn storage_class_of(&self, ordinal: i32) -> Option<&str> {
        self.ranges(ordinal)
            .find_map(|range| range.storage_class.as_deref())
            .or(self.storage_class.as_deref())
    }

    /// The annotations of the claims, with those by which tools that prune leave a claim alone.
    pub fn kept_annotations(&self) -> BTreeMap<String, String> {
        let mut all = self.annotations.clone();
        keep(&mut all);
        all
    }

    /// The ranges that hold an ordinal, the strongest first.
    fn ranges(&self, ordinal: i32) -> impl Iterator<Item = &OrdinalClaim> {
        self.ordinals
            .iter()
            .rev()
            .filter(move |range| range.from <= ordinal && range.to.is_none_or(|to| ordinal <= to))
    }
}
