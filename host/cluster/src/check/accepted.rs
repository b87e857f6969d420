//! What the check accepted: nothing else is written.

use std::ops::Deref;

use crate::decide::plan::PipelinePlan;

/// The plan of a pipeline of which the server was asked about every change, and against which nothing speaks. Only the
/// check makes one.
#[derive(Debug)]
pub(crate) struct Accepted(PipelinePlan);

impl Accepted {
    pub(super) fn new(plan: PipelinePlan) -> Self {
        Self(plan)
    }

    pub(super) fn into_plan(self) -> PipelinePlan {
        self.0
    }
}

impl Deref for Accepted {
    type Target = PipelinePlan;

    fn deref(&self) -> &PipelinePlan {
        &self.0
    }
}
