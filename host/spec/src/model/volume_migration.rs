//! Whether the data of claims may be moved to other volumes, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Seconds that a pod may be away for a migration where nothing else is said: an hour.
pub const DEFAULT_MIGRATION_TIMEOUT: u32 = 3_600;

/// Whether the data of claims may be moved to other volumes where another storage class or a smaller size is set, and
/// how. Without it, such a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMigration {
    /// What may fill a new volume, in the order of preference. The first that drivers and classes allow is used.
    #[serde(default)]
    pub methods: Vec<MigrationMethod>,
    /// In which order pods have their turn, one at a time. Left out: `HighestOrdinalFirst`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<MigrationOrder>,
    /// The `VolumeSnapshotClass` of `Snapshot`. Left out: the driver's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_class: Option<String>,
    /// The image of the Job of `Copy`, which has `sh`, `tar`, `find`, `sort` and `sha256sum`, as busybox has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_image: Option<String>,
    /// Seconds that a pod may be away for its claims. Left out: 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// What fills a new volume.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum MigrationMethod {
    /// The CSI driver clones the old volume.
    Clone,
    /// The CSI driver takes a snapshot, and makes a volume of it.
    Snapshot,
    /// A Job copies the files.
    Copy,
}

impl MigrationMethod {
    /// The word that a file has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clone => "Clone",
            Self::Snapshot => "Snapshot",
            Self::Copy => "Copy",
        }
    }
}

/// In which order the pods of a StatefulSet have their turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum MigrationOrder {
    /// As a rolling update has it.
    #[default]
    HighestOrdinalFirst,
    /// The lowest ordinal first.
    LowestOrdinalFirst,
}

impl VolumeMigration {
    /// The order, the default where none is said.
    pub fn order(&self) -> MigrationOrder {
        self.order.unwrap_or_default()
    }

    /// Seconds that a pod may be away, the default where none are said.
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds.unwrap_or(DEFAULT_MIGRATION_TIMEOUT)
    }
}
