//! Where the recreation of a StatefulSet stands.

use serde_json::Value;

use crate::decide::plan::{Decision, PipelinePlan};
use crate::observe::ownership::applied_by_us;
use crate::store::handover::{PendingRecreate, Replacement};

/// How far a recreation is, read off the cluster once: from the object, the record of what other managers had set, and
/// what stands around it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase<'p> {
    /// None is under way. The object is applied as any other.
    Idle,
    /// The object is there, and is to be replaced.
    Planned,
    /// It is gone, and pods may run that its successor is to adopt. With what is to be created for it, where the record of
    /// the run that deleted it fits.
    Deleted(Option<&'p Replacement>),
    /// Its successor is there, and what other managers had set is not theirs again.
    Created(&'p PendingRecreate, &'p Value),
}

impl<'p> Phase<'p> {
    pub(crate) fn of(plan: &'p PipelinePlan) -> Self {
        let step = &plan.stateful_set;
        match (step.decision, &step.live, &plan.unfinished) {
            (Decision::Recreate, ..) => Self::Planned,
            (Decision::Create, ..) if may_have_existed(plan) => Self::Deleted(step.anew.as_deref()),
            (_, Some(live), Some(pending)) if pending.is_created(live) => {
                Self::Created(pending, live)
            }
            _ => Self::Idle,
        }
    }
}

/// Whether a StatefulSet that does not exist may have existed: what stands around it is ours, or a run had begun to
/// replace it.
fn may_have_existed(plan: &PipelinePlan) -> bool {
    let around = plan.service.iter().chain(&plan.claims);
    plan.unfinished.is_some() || around.filter_map(|step| step.live.as_ref()).any(applied_by_us)
}
