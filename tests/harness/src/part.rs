//! The processes of a control plane.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// One process of a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Part {
    /// The database of the API server.
    #[serde(rename = "etcd")]
    Etcd,
    /// The API server.
    #[serde(rename = "kube-apiserver")]
    ApiServer,
    /// Runs the controllers of workloads, claims, namespaces, garbage collection and so on.
    #[serde(rename = "kube-controller-manager")]
    ControllerManager,
    /// Assigns pods to nodes.
    #[serde(rename = "kube-scheduler")]
    Scheduler,
    /// Plays nodes and kubelets: makes pods run, or fail as their image asks.
    #[serde(rename = "kwok")]
    Kwok,
    /// The CSI drivers of [`Storage`](crate::Storage).
    #[serde(rename = "csi-driver")]
    CsiDriver,
    /// Makes and deletes the volumes of claims.
    #[serde(rename = "csi-provisioner")]
    Provisioner,
    /// Expands volumes and changes their attributes.
    #[serde(rename = "csi-resizer")]
    Resizer,
    /// Has the driver take and delete snapshots.
    #[serde(rename = "csi-snapshotter")]
    Snapshotter,
    /// Ties snapshots to their contents.
    #[serde(rename = "snapshot-controller")]
    SnapshotController,
    /// Does the work of copy Jobs.
    #[serde(rename = "copier")]
    Copier,
}

impl Part {
    /// Every part of any control plane, in the order of starting.
    pub const ALL: [Self; 5] =
        [Self::Etcd, Self::ApiServer, Self::ControllerManager, Self::Scheduler, Self::Kwok];

    /// The parts that a control plane [with CSI](crate::Options::with_csi) has besides.
    pub const CSI: [Self; 6] = [
        Self::CsiDriver,
        Self::Provisioner,
        Self::Resizer,
        Self::Snapshotter,
        Self::SnapshotController,
        Self::Copier,
    ];

    /// Name of the part's program, as in process lists, log files and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Kwok => "kwok",
            Self::CsiDriver => "csi-driver",
            Self::Provisioner => "csi-provisioner",
            Self::Resizer => "csi-resizer",
            Self::Snapshotter => "csi-snapshotter",
            Self::SnapshotController => "snapshot-controller",
            Self::Copier => "copier",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Accepts the program's name with or without `kube-` or `csi-`.
impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let short = |name: &'static str| {
            name.strip_prefix("kube-").or_else(|| name.strip_prefix("csi-")).unwrap_or(name)
        };
        let all = || Self::ALL.into_iter().chain(Self::CSI);
        all().find(|part| part.name() == text || short(part.name()) == text).ok_or_else(|| {
            let names = all().map(Self::name).collect::<Vec<_>>().join(", ");
            format!("no part is called `{text}`; the parts are {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_by_its_name_with_and_without_prefix() {
        for part in Part::ALL.into_iter().chain(Part::CSI) {
            assert_eq!(part.name().parse(), Ok(part));
        }
        assert_eq!("resizer".parse(), Ok(Part::Resizer));
        assert_eq!("apiserver".parse(), Ok(Part::ApiServer));
    }

    #[test]
    fn an_unknown_part_is_refused_with_the_names_that_exist() {
        let message = "api-server".parse::<Part>().unwrap_err();
        assert!(
            message.contains("`api-server`") && message.contains("kube-apiserver"),
            "{message}"
        );
    }
}
