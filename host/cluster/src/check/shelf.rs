//! Plans that wait for their turn, packed: thousands of them are in memory at once.

use super::accepted::Accepted;
use crate::api::packed::Packed;
use crate::decide::desired;
use crate::decide::desired::{Desired, Source};
use crate::decide::immutable::Fixed;
use crate::decide::leftover::takeover::Leftovers;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::managed_fields::policy::Policies;
use crate::model::error::Problem;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::ownership::SharedField;
use crate::store::handover::{PendingRecreate, Replacement};
use crate::store::lease::Head;

/// A plan without what can be made again, and without what only its check needed.
#[derive(Debug)]
pub(crate) struct Shelved {
    pub(crate) pipeline: PipelineRef,
    service: Option<ShelvedStep>,
    claims: Vec<ShelvedStep>,
    stateful_set: ShelvedStep,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) head: Head,
    digest: String,
    unfinished: Option<PendingRecreate>,
}

#[derive(Debug)]
struct ShelvedStep {
    object: ObjectRef,
    body: Packed,
    live: Option<Packed>,
    decision: Decision,
    fixed: Vec<Fixed>,
    anew: Option<Box<Replacement>>,
    policies: Policies,
    shared: Vec<SharedField>,
    leftovers: Leftovers,
}

impl From<Accepted> for Shelved {
    fn from(plan: Accepted) -> Self {
        let plan = plan.into_plan();
        let PipelinePlan { pipeline, service, claims, stateful_set, .. } = plan;
        let PipelinePlan { warnings, head, digest, unfinished, .. } = plan;
        Self {
            pipeline,
            service: service.map(ShelvedStep::from),
            claims: claims.into_iter().map(ShelvedStep::from).collect(),
            stateful_set: stateful_set.into(),
            warnings,
            head,
            digest,
            unfinished,
        }
    }
}

impl From<Step> for ShelvedStep {
    fn from(step: Step) -> Self {
        let Step { object, body, live, decision, fixed, anew, policies, shared, leftovers, .. } =
            step;
        let (body, live) = (Packed::of(&body), live.as_ref().map(Packed::of));
        Self { object, body, live, decision, fixed, anew, policies, shared, leftovers }
    }
}

impl From<ShelvedStep> for Step {
    fn from(step: ShelvedStep) -> Self {
        let ShelvedStep { object, body, live, decision, fixed, anew, policies, shared, leftovers } =
            step;
        let (body, live) = (body.unpack(), live.as_ref().map(Packed::unpack));
        let preview = None;
        Self { object, body, live, decision, fixed, anew, preview, policies, shared, leftovers }
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
            head: self.head,
            set,
            take,
            digest: self.digest,
            unfinished: self.unfinished,
        }))
    }
}
