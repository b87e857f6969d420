//! What the check accepted: nothing else is written.

use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::object::PipelineRef;

/// The plan of a pipeline of which the server was asked about every change, and against which nothing speaks. Only
/// [`Cluster::check`] and the check of an apply make one; [`Cluster::apply_accepted`] writes it.
///
/// [`Cluster::check`]: crate::Cluster::check
/// [`Cluster::apply_accepted`]: crate::Cluster::apply_accepted
#[derive(Debug)]
pub struct Accepted(PipelinePlan);

impl Accepted {
    pub(super) fn new(plan: PipelinePlan) -> Self {
        Self(plan)
    }

    pub(super) fn into_plan(self) -> PipelinePlan {
        self.0
    }

    pub(crate) fn plan(&self) -> &PipelinePlan {
        &self.0
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &PipelineRef {
        &self.0.pipeline
    }

    /// Whether there is anything to write: an object, or what a run that died has left to do.
    pub fn needs_writing(&self) -> bool {
        self.0.needs_writing()
    }

    /// What the user should know before it is written.
    pub fn warnings(&self) -> &[Problem] {
        &self.0.warnings
    }
}
