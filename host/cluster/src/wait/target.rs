//! What is waited for, and how the wait ends.

use crate::model::error::Problem;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::status::Readiness;
use crate::recreate::orphans::Orphan;

/// What to wait for.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) pipeline: PipelineRef,
    pub(crate) stateful_set: ObjectRef,
    /// The Service that it names.
    pub(crate) service: String,
    pub(crate) claims: Vec<ObjectRef>,
    /// The generation that our write made; an older status says nothing.
    pub(crate) generation: i64,
    /// Pods that ran before the StatefulSet was there, and that it is to adopt.
    pub(crate) orphans: Vec<Orphan>,
    /// Claims whose volumes this call makes larger.
    pub(crate) growing: Vec<ObjectRef>,
    /// Whether broken pods of an earlier template may be deleted.
    pub(crate) replace_stuck_pods: bool,
}

impl Target {
    /// What is looked at.
    pub(super) fn objects(&self) -> impl Iterator<Item = &ObjectRef> {
        std::iter::once(&self.stateful_set).chain(&self.claims)
    }
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) readiness: Readiness,
    /// Empty when everything is ready.
    pub(crate) problems: Vec<Problem>,
    /// What the user should know all the same.
    pub(crate) warnings: Vec<Problem>,
}
