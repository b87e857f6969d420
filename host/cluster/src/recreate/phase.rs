//! The phase of a recreation of a StatefulSet.

use serde_json::Value;

use crate::decide::plan::{Decision, PipelinePlan};
use crate::observe::ownership::applied_by_us;
use crate::store::handover::{PendingRecreate, Replacement};

/// How far a recreation is, read off the cluster once: from the object, the record of what other managers had set, and
/// the objects around it.
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
    /// What a run that ended early left of a StatefulSet. `is_held`: whether the Lease still names that run.
    pub(crate) fn left(
        live: Option<&'p Value>,
        pending: Option<&'p PendingRecreate>,
        is_held: bool,
    ) -> Self {
        match (live, pending) {
            (None, Some(_)) => Self::Deleted(None),
            (None, None) if is_held => Self::Deleted(None),
            (Some(live), Some(pending)) if pending.is_created(live) => Self::Created(pending, live),
            _ => Self::Idle,
        }
    }

    pub(crate) fn of(plan: &'p PipelinePlan) -> Self {
        let step = &plan.stateful_set;
        match (step.decision, &step.live, &plan.pending) {
            (Decision::Recreate, ..) => Self::Planned,
            (Decision::Create, ..) if may_have_existed(plan) => {
                Self::Deleted(step.replacement.as_deref())
            }
            (_, None, _) => Self::Idle,
            (_, live, pending) => Self::left(live.as_ref(), pending.as_ref(), false),
        }
    }
}

/// Whether a StatefulSet that does not exist may have existed: the objects around it are ours, or a run had begun to
/// replace it.
fn may_have_existed(plan: &PipelinePlan) -> bool {
    let around = plan.service.iter().chain(&plan.claims);
    plan.pending.is_some() || around.filter_map(|step| step.live.as_ref()).any(applied_by_us)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Phase;
    use crate::check::preflight::fixture;
    use crate::decide::plan::{Decision, PipelinePlan};
    use crate::store::handover::fixture::pending;

    /// An object with this uid that we wrote by this operation.
    fn written(uid: &str, operation: &str) -> Value {
        let entry = json!({"manager": "wellhead", "operation": operation});
        json!({"metadata": {"uid": uid, "managedFields": [entry]}})
    }

    fn plan(change: impl FnOnce(&mut PipelinePlan)) -> PipelinePlan {
        let mut plan = fixture::plan("db", 1, &json!({}));
        change(&mut plan);
        plan
    }

    #[test]
    fn a_phase_is_told_by_the_object_its_record_and_what_stands_around_it() {
        assert!(matches!(Phase::of(&plan(|_| {})), Phase::Idle), "nothing is there");
        let replaced = plan(|it| it.stateful_set.decision = Decision::Recreate);
        assert!(matches!(Phase::of(&replaced), Phase::Planned));
        let around = plan(|it| it.claims[0].live = Some(written("claim", "Apply")));
        assert!(matches!(Phase::of(&around), Phase::Deleted(None)), "its claim is there");
        let others = plan(|it| it.claims[0].live = Some(written("claim", "Update")));
        assert!(matches!(Phase::of(&others), Phase::Idle), "its claim was never applied");

        let recorded = plan(|it| {
            let wanted = json!({"spec": {"replicas": 2}});
            it.stateful_set.replacement = pending().replacement(&wanted).map(Box::new);
            it.pending = Some(pending());
        });
        assert!(matches!(Phase::of(&recorded), Phase::Deleted(Some(_))));
        let found = |uid: &str, operation: &str| {
            plan(|it| {
                it.stateful_set.decision = Decision::Update;
                it.stateful_set.live = Some(written(uid, operation));
                it.pending = Some(pending());
            })
        };
        assert!(matches!(Phase::of(&found("new", "Update")), Phase::Created(..)));
        assert!(matches!(Phase::of(&found("old", "Update")), Phase::Idle), "it is the old one");
        assert!(matches!(Phase::of(&found("new", "Apply")), Phase::Idle), "it was handed back");
    }
}
