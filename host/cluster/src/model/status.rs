//! What a pipeline looks like in the cluster.

use serde::Serialize;

use super::error::Problem;

/// A pipeline in the cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its StatefulSet, unless it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stateful_set: Option<StatefulSetStatus>,
    /// Its Service, unless it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceStatus>,
    /// Its pods by ordinal.
    pub pods: Vec<PodStatus>,
    /// Its claims by name, those of earlier and of additional replicas included.
    pub claims: Vec<ClaimStatus>,
    /// What is about to be lost, or is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

impl Status {
    /// Whether its rollout is complete, and no volume has to grow.
    pub fn is_complete(&self) -> bool {
        self.stateful_set.as_ref().is_none_or(|set| set.readiness.complete)
            && self.claims.iter().all(|claim| claim.growth.is_none())
    }
}

/// A StatefulSet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatefulSetStatus {
    /// Its name.
    pub name: String,
    /// How far its rollout is.
    #[serde(flatten)]
    pub readiness: Readiness,
    /// The revision that its pods run, or leave.
    pub current_revision: String,
    /// The revision that its pods are to run.
    pub update_revision: String,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// Its cluster IP; `None` as text for a headless one.
    pub cluster_ip: String,
    /// Its ports.
    pub ports: Vec<i64>,
}

/// A pod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// Its name.
    pub name: String,
    /// `Pending`, `Running`, ..., or `Terminating`.
    pub phase: String,
    /// Whether it is ready.
    pub ready: bool,
    /// The node it runs on, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Its revision.
    pub revision: String,
    /// Why it is not ready, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimStatus {
    /// Its name.
    pub name: String,
    /// `Pending`, `Bound`, `Lost`, or `Terminating`.
    pub phase: String,
    /// The size it asks for.
    pub requested: String,
    /// The size it has, once it is bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How far its volume is, while it is smaller than it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// Its storage class, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// How far a pipeline is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Replicas asked for.
    pub desired: i64,
    /// Replicas that are ready; with `minReadySeconds`, that have been ready for so long.
    pub ready: i64,
    /// Replicas of the newest template.
    pub updated: i64,
    /// Claims of the pipeline.
    pub claims: usize,
    /// Claims that have a volume.
    pub claims_bound: usize,
    /// Whether nothing is left to wait for.
    pub complete: bool,
}

/// How far a volume is that is to become larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Growth {
    /// It was asked for, and no controller has begun.
    Requested,
    /// The storage system makes the volume larger.
    Resizing,
    /// The volume is larger, and its file system is not yet: a node does that, with some drivers only when it mounts it.
    FileSystem,
    /// The storage system cannot do it.
    Failed,
}
