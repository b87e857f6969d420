//! The storage of pipelines: claims, volumes, and what is kept of them.

use std::time::Duration;

use serde::Serialize;

/// What a volume is to its pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VolumeState {
    /// A replica uses its claim.
    InUse,
    /// Its claim is left of a replica, or of a pipeline, that is gone.
    LeftBehind,
    /// Its claim has no volume yet.
    Pending,
    /// The data are moved away from it, and a run is at it or was.
    Source,
    /// The data are moved to it, and a run is at it or was.
    Target,
    /// The data were moved away from it, and it is kept until a person releases it.
    Kept,
    /// It was filled for a migration that went back.
    Discarded,
    /// A snapshot of a claim.
    Snapshot,
}

impl VolumeState {
    /// The word that users read, which is also that of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::InUse => "in use",
            Self::LeftBehind => "left behind",
            Self::Pending => "pending",
            Self::Source => "source",
            Self::Target => "target",
            Self::Kept => "kept",
            Self::Discarded => "discarded",
            Self::Snapshot => "snapshot",
        }
    }
}

/// A claim with its volume, a volume that is kept, or a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// The namespace of the pipeline.
    pub namespace: String,
    /// The name of the pipeline.
    pub pipeline: String,
    /// What it is to the pipeline.
    pub state: VolumeState,
    /// The claim that has the data, or had them.
    pub claim: String,
    /// The volume, or the snapshot; empty where there is none yet.
    pub volume: String,
    /// Its size, e.g. `10Gi`.
    pub size: String,
    /// Its storage class; empty for none.
    pub storage_class: String,
    /// `Retain` or `Delete`: what becomes of the data when the claim or the snapshot is deleted. Empty where that is not
    /// known, for volumes may not be readable.
    pub reclaim_policy: String,
    /// How old it is, by the server's clock.
    #[serde(skip)]
    pub age: Option<Duration>,
    /// When it was created, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

/// The storage of pipelines.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Volumes {
    /// By pipeline, claim and state.
    pub volumes: Vec<Volume>,
    /// Whether volumes that no claim names could be read, too.
    #[serde(rename = "volumesReadable")]
    pub readable: bool,
}
