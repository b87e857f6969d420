//! What an apply would do to each object of a pipeline.

use serde_json::Value;
use wellhead_render::{ResourceSet, TakenFields};
use wellhead_spec::FieldPath;

use super::immutable::Fixed;
use super::leftover::takeover::{Leftovers, Takeover};
use crate::managed_fields::policy::Policies;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::ownership::SharedField;
use crate::store::handover::{PendingRecreate, Replacement};
use crate::store::lease::Head;

/// What to do about one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Create,
    Update,
    /// It is taken off its pods and made anew: fields would change that cannot.
    Recreate,
    Leave,
    /// It cannot become what is wanted; a problem says why.
    Refuse,
}

/// One object, what to send, and what exists.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) object: ObjectRef,
    pub(crate) body: Value,
    pub(crate) live: Option<Value>,
    pub(crate) decision: Decision,
    /// Fields that cannot change: `body` has their live values.
    pub(crate) fixed: Vec<Fixed>,
    /// What would be created where fields that cannot change call for a new object.
    pub(crate) anew: Option<Box<Replacement>>,
    /// What the server would store, where it was asked.
    pub(crate) preview: Option<Value>,
    /// Whose value stands for fields that others set, too.
    pub(crate) policies: Policies,
    /// The fields of which that decided for others: `body` has their values, or nothing.
    pub(crate) shared: Vec<SharedField>,
    /// What the object has and the pipeline does not say.
    pub(crate) leftovers: Leftovers,
}

impl Step {
    /// The uid that an update insists on, so that it cannot create an empty successor of a deleted object.
    pub(crate) fn uid(&self) -> Option<&str> {
        self.live.as_ref().map(json::uid)
    }

    /// The object as the server would store it; as it would be sent, where the server was not asked or said no.
    pub(crate) fn stored(&self) -> &Value {
        self.preview.as_ref().unwrap_or(&self.body)
    }

    /// Whether fields go that others own.
    pub(crate) fn takes_over(&self) -> bool {
        self.leftovers.takeover.as_ref().is_some_and(Takeover::removes)
    }

    /// These fields, as a record of managers has them; null without any.
    pub(crate) fn taken_record(&self) -> Value {
        self.leftovers.takeover.as_ref().map(Takeover::record).unwrap_or_default()
    }

    /// Whether one of the replicas of this StatefulSet uses a claim of its pipeline. They are the pipeline's, unless it
    /// leaves their number to somebody else.
    pub(super) fn needs(&self, claim: &Step) -> bool {
        let replicas = FieldPath::of(["spec", "replicas"]);
        let Some(live) = self.live.as_ref() else { return true };
        if !self.shared.iter().any(|it| it.path == replicas) {
            return true;
        }
        let first = json::number(live, "/spec/ordinals/start");
        let ordinals = first..first.saturating_add(json::number(live, "/spec/replicas"));
        let (_, ordinal) = claim.object.name.rsplit_once('-').unwrap_or_default();
        ordinal.parse().is_ok_and(|ordinal: i64| ordinals.contains(&ordinal))
    }
}

/// The steps of one pipeline.
#[derive(Debug)]
pub(crate) struct PipelinePlan {
    pub(crate) pipeline: PipelineRef,
    /// None where the Service is somebody else's.
    pub(crate) service: Option<Step>,
    pub(crate) claims: Vec<Step>,
    pub(crate) stateful_set: Step,
    pub(crate) warnings: Vec<Problem>,
    /// Its Lease, read before everything else.
    pub(crate) head: Head,
    /// The objects as they were rendered.
    pub(crate) set: ResourceSet,
    /// The fields that this run takes.
    pub(crate) take: Vec<TakenFields>,
    /// Their digest.
    pub(crate) digest: String,
    /// What an earlier run had begun to make anew.
    pub(crate) unfinished: Option<PendingRecreate>,
}

impl PipelinePlan {
    /// Whether there is anything to write: an object, or what a run that died has left to do. Objects that are only
    /// spelled otherwise make no revision.
    pub(crate) fn needs_writing(&self) -> bool {
        let writes = |step: &Step| {
            matches!(step.decision, Decision::Create | Decision::Update | Decision::Recreate)
        };
        self.steps().any(writes) || !self.head.is_settled() || self.unfinished.is_some()
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.service.iter().chain(&self.claims).chain(std::iter::once(&self.stateful_set))
    }

    /// The claims that its replicas use.
    pub(crate) fn claims_in_use(&self) -> impl Iterator<Item = &Step> {
        self.claims.iter().filter(|claim| self.stateful_set.needs(claim))
    }

    pub(crate) fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.service
            .iter_mut()
            .chain(&mut self.claims)
            .chain(std::iter::once(&mut self.stateful_set))
    }
}
