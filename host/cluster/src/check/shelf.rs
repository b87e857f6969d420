//! Plans that wait for their turn, packed: thousands of them are in memory at once.

use super::accepted::Accepted;
use crate::api::packed::Packed;
use crate::decide::desired;
use crate::decide::desired::{Desired, Source};
use crate::decide::plan::{Checked, PipelinePlan, Settled, Step};
use crate::model::error::Problem;
use crate::model::object::PipelineRef;
use crate::store::handover::PendingRecreate;
use crate::store::lease::state::LeaseState;

/// A plan without what can be made again, and without what only its check needed.
#[derive(Debug)]
pub(crate) struct Shelved {
    pub(crate) pipeline: PipelineRef,
    service: Option<ShelvedStep>,
    claims: Vec<ShelvedStep>,
    stateful_set: ShelvedStep,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) lease_state: LeaseState,
    digest: String,
    pending: Option<PendingRecreate>,
}

#[derive(Debug)]
struct ShelvedStep {
    /// Without what is packed.
    step: Step<Settled>,
    body: Packed,
    live: Option<Packed>,
    /// What the server would store, where the write is compared with it.
    stored: Option<Packed>,
}

impl From<Accepted> for Shelved {
    fn from(plan: Accepted) -> Self {
        let plan = plan.into_plan();
        let PipelinePlan { pipeline, service, claims, stateful_set, .. } = plan;
        let PipelinePlan { warnings, lease_state, digest, pending, .. } = plan;
        Self {
            pipeline,
            service: service.map(ShelvedStep::from),
            claims: claims.into_iter().map(ShelvedStep::from).collect(),
            stateful_set: stateful_set.into(),
            warnings,
            lease_state,
            digest,
            pending,
        }
    }
}

impl From<Step> for ShelvedStep {
    fn from(mut step: Step) -> Self {
        let (body, live) = (Packed::of(&step.body.take()), step.live.take());
        let live = live.as_ref().map(Packed::of);
        let stored = step.stage.stored.take().filter(|_| step.takes_over());
        let stored = stored.as_ref().map(Packed::of);
        let decision = step.decision;
        Self { step: step.into_stage(decision, |checked| checked.settled), body, live, stored }
    }
}

impl From<ShelvedStep> for Step {
    fn from(ShelvedStep { step, body, live, stored }: ShelvedStep) -> Self {
        let (body, live) = (body.unpack(), live.as_ref().map(Packed::unpack));
        let stored = stored.as_ref().map(Packed::unpack);
        let (step, decision) = (Step { body, live, ..step }, step.decision);
        step.into_stage(decision, |settled| Checked { settled, stored })
    }
}

impl Shelved {
    /// The plan again; its objects as they were rendered are those that the source has for this position.
    pub(crate) fn take(
        self,
        source: &dyn Source,
        at: usize,
        default_namespace: &str,
    ) -> Result<Accepted, Problem> {
        let Desired { set, take, .. } = desired::prepare(source, at, default_namespace)?;
        Ok(Accepted::new(PipelinePlan {
            pipeline: self.pipeline,
            service: self.service.map(Step::from),
            claims: self.claims.into_iter().map(Step::from).collect(),
            stateful_set: self.stateful_set.into(),
            warnings: self.warnings,
            lease_state: self.lease_state,
            set,
            take,
            digest: self.digest,
            pending: self.pending,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wellhead_spec::FieldPath;

    use super::{Checked, Settled, ShelvedStep, Step};
    use crate::check::preflight::fixture;
    use crate::decide::leftover::takeover::{Takeover, removing};
    use crate::model::object::Kind;

    #[test]
    fn what_the_server_would_store_is_kept_where_the_write_is_compared_with_it() {
        let (body, stored) = (json!({"spec": {"replicas": 1}}), json!({"spec": {"replicas": 2}}));
        let back = |takeover: Option<Takeover>| {
            let settled = Settled { takeover, ..Settled::default() };
            let stage = Checked { settled, stored: Some(stored.clone()) };
            let step = Step { stage, ..fixture::step(Kind::StatefulSet, "db", &body) };
            Step::from(ShelvedStep::from(step))
        };
        let taken = back(Some(removing(FieldPath::of(["spec", "paused"]))));
        assert_eq!((&taken.body, taken.stage.stored.as_ref()), (&body, Some(&stored)));
        assert_eq!(back(None).stage.stored, None);
        assert_eq!(back(Some(Takeover::default())).stage.stored, None);
    }
}
