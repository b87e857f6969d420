//! What happens while it happens.

use std::time::Duration;

use serde::Serialize;

use super::error::Problem;
use super::object::{ObjectRef, PipelineRef};
use super::ownership::SharedField;
use super::report::ObjectOutcome;
use super::status::{ClaimStatus, Growth, Readiness};
use super::storage::migration::MigrationPhase;

/// Receives events; called from several tasks at once and must not block.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event);
}

/// Ignores every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event) {}
}

/// What a pod is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PodState {
    /// It has no node yet.
    Pending,
    /// It has a node and is not ready.
    Starting,
    /// It is ready.
    Ready,
    /// It ended and does not start again.
    Failed,
    /// It is being deleted.
    Terminating,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// Every object was compared or dry-run on the server; writing begins.
    #[serde(rename_all = "camelCase")]
    Checked {
        /// Pipelines of this call.
        pipelines: usize,
        /// Objects that are already as wanted.
        unchanged: usize,
        /// Objects that will be written.
        to_write: usize,
    },
    /// Another run writes to a pipeline; it is waited for until it is done, dies or turns out to be alive.
    Held {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The other run.
        holder: String,
        /// Since when it writes, RFC 3339.
        since: String,
    },
    /// Something the user should know that does not stop the call.
    Warning(Problem),
    /// The same of several things, so that what is alike is reported once.
    Warnings(Vec<Problem>),
    /// A field is left to those who set it, as the pipeline says.
    #[serde(rename_all = "camelCase")]
    LeftToOthers {
        /// The object.
        object: ObjectRef,
        /// The field, and who sets it.
        field: SharedField,
    },
    /// An object was written or found unchanged.
    Object(ObjectOutcome),
    /// A pipeline is not ready yet. Sent when a figure changes.
    Waiting {
        /// The pipeline.
        pipeline: PipelineRef,
        /// How far it is.
        readiness: Readiness,
    },
    /// A pod is in another state than before, or another pod took its name. Pods that are ready from the start are
    /// not reported.
    #[serde(rename_all = "camelCase")]
    Pod {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The pod's name.
        pod: String,
        /// What it is doing now.
        state: PodState,
        /// Its revision, as its label `controller-revision-hash` has it.
        revision: String,
    },
    /// A volume that this call makes larger is further than before.
    #[serde(rename_all = "camelCase")]
    Growing {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The claim's name.
        claim: String,
        /// The size that it has.
        size: String,
        /// The size that it is to have.
        requested: String,
        /// How far it is; none when it has that size.
        growth: Option<Growth>,
    },
    /// A reason why a pipeline is not ready yet. Sent once per reason.
    Problem {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The reason.
        problem: Problem,
    },
    /// A pod that keeps the rollout from going on was deleted, so that its controller creates it again.
    #[serde(rename_all = "camelCase")]
    Replacing {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The pod's name.
        pod: String,
        /// Its claims, which are kept.
        claims: Vec<String>,
    },
    /// The data of a claim that move to another volume are further than before.
    #[serde(rename_all = "camelCase")]
    Migrating {
        /// The pipeline.
        pipeline: PipelineRef,
        /// The claim's name.
        claim: String,
        /// The pod that is away meanwhile.
        pod: String,
        /// How far they are.
        phase: MigrationPhase,
    },
    /// Every replica is ready and every claim bound.
    Ready {
        /// The pipeline.
        pipeline: PipelineRef,
    },
    /// A request failed in a way that may pass, and is sent again.
    Retrying {
        /// What was asked, e.g. `PATCH statefulset/db`.
        request: String,
        /// Why it is sent again.
        reason: String,
        /// The pause before it.
        delay: Duration,
    },
    /// A StatefulSet is being taken off its pods, which keep running, to be created again.
    Orphaning(ObjectRef),
    /// A StatefulSet is gone, and its pods are still there.
    Orphaned(ObjectRef),
    /// An object is being deleted.
    Deleting(ObjectRef),
    /// An object is gone.
    Deleted(ObjectRef),
    /// A claim stays, with its data.
    Kept(ClaimStatus),
}
