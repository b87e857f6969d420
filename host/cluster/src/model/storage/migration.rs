//! The data of a claim on their way to another volume.

use serde::Serialize;
use wellhead_spec::MigrationMethod;

/// The finalizer that keeps a pod which ended from being replaced while its data are moved.
pub(crate) const HOLD: &str = "wellhead.dev/hold";

/// The data of a claim are to be moved to a new volume, which takes the claim's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// The storage class now; empty for none.
    pub from_class: String,
    /// The storage class then.
    pub to_class: String,
    /// The size now.
    pub from_size: String,
    /// The size then.
    pub to_size: String,
    /// What fills the new volume; none where that is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MigrationMethod>,
    /// The pod that is down meanwhile.
    pub pod: String,
    /// The volume that is kept.
    pub volume: String,
    /// Whether an earlier run has begun with it.
    pub begun: bool,
    /// Whether a new volume has all data already.
    pub filled: bool,
}

/// How far the data of a claim are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum MigrationPhase {
    /// The old volume is kept whatever happens to its claim.
    Keeping,
    /// The pod ends. It is away from now on.
    Stopping,
    /// The new volume is made and filled.
    Filling,
    /// The claim's name passes to the new volume: there is no way back but another migration.
    Swapping,
    /// The pod starts on the new volume.
    Starting,
    /// The claim has the new volume.
    Done,
    /// The new volume is given up, and the pod starts on the old one.
    Aborting,
}

impl MigrationPhase {
    /// What happens, for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keeping => "keeping the old volume",
            Self::Stopping => "stopping the pod",
            Self::Filling => "filling the new volume",
            Self::Swapping => "giving the claim's name to the new volume",
            Self::Starting => "starting the pod",
            Self::Done => "done",
            Self::Aborting => "going back to the old volume",
        }
    }
}
