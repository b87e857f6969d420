//! What an apply did.

use serde::Serialize;

use super::error::Problem;
use super::object::{ObjectRef, PipelineRef};
use super::status::{ClaimStatus, Readiness};

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It did not exist.
    Created,
    /// It existed and was changed.
    Updated,
    /// It was taken off its pods and created again.
    Recreated,
    /// The data of a claim were moved to another volume, which has its name now.
    Migrated,
    /// It was as wanted; no write was sent.
    Unchanged,
}

/// An object and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectOutcome {
    /// The object.
    pub object: ObjectRef,
    /// What happened to it.
    pub action: Action,
}

/// What became of a pipeline. Each has its own: one that fails leaves the others alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// Everything of it was written.
    Applied,
    /// It was as wanted; nothing was written.
    Unchanged,
    /// Something of it could not be written; [`PipelineReport::problems`] say why. What was written stays.
    Failed,
    /// The run was stopped while it was written. What was written stays, and the same call goes on with it.
    Stopped,
    /// The run was stopped, or lost its cluster, before its turn came. Nothing of it was written.
    NotBegun,
}

/// What an apply did to one pipeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineReport {
    /// The pipeline.
    #[serde(flatten)]
    pub pipeline: PipelineRef,
    /// What became of it.
    pub fate: Fate,
    /// Why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The name of its StatefulSet.
    pub stateful_set: String,
    /// The name of the Service that its StatefulSet names; empty where it names none.
    pub service: String,
    /// Its objects: Service, claims, StatefulSet. An object that was not reached is missing.
    pub objects: Vec<ObjectOutcome>,
    /// The number of the revision that was applied; none where it was not completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// What the user should know.
    pub warnings: Vec<Problem>,
    /// How far the rollout came, where it was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
}

/// What an apply did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyReport {
    /// One entry for each pipeline, in the order given.
    pub pipelines: Vec<PipelineReport>,
    /// Requests sent to the API server, retries included.
    pub requests: u64,
}

impl ApplyReport {
    /// How many pipelines met this fate.
    pub fn fates(&self, fate: Fate) -> usize {
        self.pipelines.iter().filter(|pipeline| pipeline.fate == fate).count()
    }

    /// How many objects met this fate.
    pub fn count(&self, action: Action) -> usize {
        let objects = self.pipelines.iter().flat_map(|pipeline| &pipeline.objects);
        objects.filter(|outcome| outcome.action == action).count()
    }
}

/// What a deletion did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteReport {
    /// What was deleted.
    pub deleted: Vec<ObjectRef>,
    /// The claims that stay.
    pub kept: Vec<ClaimStatus>,
    /// Objects of the pipeline's names that Wellhead never applied, and so were left alone.
    pub foreign: Vec<ObjectRef>,
    /// What the user should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
    /// Requests sent to the API server, retries included; none where pipelines are deleted side by side.
    #[serde(skip_serializing_if = "is_zero")]
    pub requests: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}
