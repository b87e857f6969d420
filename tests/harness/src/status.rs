//! What a control plane says about itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::Part;

/// A control plane at one moment.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// Process id of the supervisor, the parent of all parts.
    pub supervisor: u32,
    /// Folder of the control plane.
    pub dir: PathBuf,
    /// Kubeconfig of an administrator.
    pub kubeconfig: PathBuf,
    /// URL of the API server.
    pub server: String,
    /// Every part.
    pub parts: BTreeMap<Part, PartStatus>,
}

impl Status {
    /// Process ids of everything that runs, the supervisor's first.
    pub fn pids(&self) -> Vec<u32> {
        let parts = self.parts.values().map(|part| part.pid).filter(|pid| *pid != 0);
        std::iter::once(self.supervisor).chain(parts).collect()
    }
}

/// One part at one moment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PartStatus {
    /// Process id, 0 when exited.
    pub pid: u32,
    /// Loopback port; it stays the same over restarts.
    pub port: u16,
    /// Whether there is a process, and whether it is stopped.
    pub state: PartState,
    /// Whether the part answers its health check.
    pub serving: bool,
    /// Resident memory in KiB. The parts share the pages of their common program, so that the sum
    /// says more than they really use.
    #[serde(rename = "residentKiB")]
    pub resident_kib: u64,
}

/// State of a part's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartState {
    /// There is a process and nothing holds it.
    Running,
    /// There is a process, held by SIGSTOP.
    Stopped,
    /// There is no process.
    Exited,
}
