//! What an apply would do to each object of a pipeline, and how much is known about that.
//!
//! A plan passes four stages, each a type, and each made of the one before by value:
//!
//! 1. [`Compared`]: the object beside what exists. The server was not asked yet.
//! 2. [`Settled`]: what other managers left in the object stays or goes.
//! 3. [`Checked`]: the server answered a dry run of every change.
//! 4. `Accepted` (`check::accepted`): nothing speaks against any of it. Only this is written.

use serde_json::Value;
use wellhead_render::{ResourceSet, TakenFields};
use wellhead_spec::FieldPath;

use super::immutable::Fixed;
use super::leftover::takeover::{LeftBehind, Leftovers, Takeover};
use crate::managed_fields::policy::Policies;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::ownership::SharedField;
use crate::model::storage::migration::Migration;
use crate::store::handover::{PendingRecreate, Replacement};
use crate::store::lease::state::LeaseState;

/// What to do about one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Create,
    Update,
    /// It is recreated and its pods are orphaned: immutable fields would change.
    Recreate,
    Leave,
    /// Its data are moved to another volume, which gets its name: the object is not sent.
    Migrate,
    /// It cannot become what is wanted; a problem says why.
    Refuse,
}

impl Decision {
    /// Whether the object is sent to the server.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Recreate)
    }
}

/// The object was compared with what exists, and the server was not asked.
#[derive(Debug)]
pub(crate) struct Compared;

/// What other managers left in the object was decided.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// What stays although the pipeline does not set it.
    pub(crate) stay: Vec<LeftBehind>,
    /// What goes, and how.
    pub(crate) takeover: Option<Takeover>,
}

/// The server was asked about the change.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) settled: Settled,
    /// What the server would store; none where it was not asked, or said no.
    pub(crate) stored: Option<Value>,
}

/// One object, what to send, and what exists; `stage` is how much is known.
#[derive(Debug)]
pub(crate) struct Step<S = Checked> {
    pub(crate) object: ObjectRef,
    pub(crate) body: Value,
    pub(crate) live: Option<Value>,
    /// What to do, as far as this stage knows.
    pub(crate) decision: Decision,
    /// Fields that cannot change: `body` has their live values.
    pub(crate) fixed: Vec<Fixed>,
    /// What would be created where immutable fields call for a new object.
    pub(crate) replacement: Option<Box<Replacement>>,
    /// Whose value wins where other managers set a field, too.
    pub(crate) policies: Policies,
    /// The fields that policies leave to other managers: `body` has their values, or nothing.
    pub(crate) shared: Vec<SharedField>,
    /// What the object has and the pipeline does not set.
    pub(crate) leftovers: Leftovers,
    /// What moving the data of a claim means.
    pub(crate) migration: Option<Box<Migration>>,
    pub(crate) stage: S,
}

impl<S> Step<S> {
    /// The next stage: what it decides, and what it makes of this one.
    pub(crate) fn into_stage<T>(self, decision: Decision, next: impl FnOnce(S) -> T) -> Step<T> {
        Step {
            object: self.object,
            body: self.body,
            live: self.live,
            decision,
            fixed: self.fixed,
            replacement: self.replacement,
            policies: self.policies,
            shared: self.shared,
            leftovers: self.leftovers,
            migration: self.migration,
            stage: next(self.stage),
        }
    }

    /// The uid that an update insists on, so that it cannot create an empty successor of a deleted object.
    pub(crate) fn uid(&self) -> Option<&str> {
        self.live.as_ref().map(json::uid)
    }

    /// Whether one of the replicas of this StatefulSet uses a claim of its pipeline. They are the pipeline's, unless it
    /// leaves their number to another manager.
    pub(super) fn needs(&self, claim: &Self) -> bool {
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

impl Step<Compared> {
    /// An object that does not exist.
    pub(super) fn new(object: ObjectRef, body: Value, policies: Policies) -> Self {
        Self {
            object,
            body,
            live: None,
            decision: Decision::Create,
            fixed: Vec::new(),
            replacement: None,
            policies,
            shared: Vec::new(),
            leftovers: Leftovers::default(),
            migration: None,
            stage: Compared,
        }
    }
}

impl Step {
    /// The object as the server would store it; as it would be sent, where the server was not asked or said no.
    pub(crate) fn stored(&self) -> &Value {
        self.stage.stored.as_ref().unwrap_or(&self.body)
    }

    /// What goes of what other managers left.
    pub(crate) fn takeover(&self) -> Option<&Takeover> {
        self.stage.settled.takeover.as_ref()
    }

    /// What stays of it.
    pub(crate) fn left_behind(&self) -> &[LeftBehind] {
        &self.stage.settled.stay
    }

    /// Whether fields go that others own.
    pub(crate) fn takes_over(&self) -> bool {
        self.takeover().is_some_and(Takeover::removes)
    }

    /// These fields, as a `managedFields` entry has them; null without any.
    pub(crate) fn taken_record(&self) -> Value {
        self.takeover().map(Takeover::record).unwrap_or_default()
    }
}

/// The steps of one pipeline, all of one stage.
#[derive(Debug)]
pub(crate) struct PipelinePlan<S = Checked> {
    pub(crate) pipeline: PipelineRef,
    /// None where the Service is not the pipeline's.
    pub(crate) service: Option<Step<S>>,
    pub(crate) claims: Vec<Step<S>>,
    pub(crate) stateful_set: Step<S>,
    pub(crate) warnings: Vec<Problem>,
    /// Its Lease, read before everything else.
    pub(crate) lease_state: LeaseState,
    /// The objects as they were rendered.
    pub(crate) set: ResourceSet,
    /// The fields that this run takes.
    pub(crate) take: Vec<TakenFields>,
    /// Their digest.
    pub(crate) digest: String,
    /// What an earlier run had begun to recreate.
    pub(crate) pending: Option<PendingRecreate>,
}

impl<S> PipelinePlan<S> {
    /// Service, claims, StatefulSet.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step<S>> {
        self.service.iter().chain(&self.claims).chain(std::iter::once(&self.stateful_set))
    }

    /// The next stage: what `next` makes of each step, in the order of [`Self::steps`].
    pub(crate) fn map<T>(self, mut next: impl FnMut(Step<S>) -> Step<T>) -> PipelinePlan<T> {
        let service = self.service.map(&mut next);
        let claims = self.claims.into_iter().map(&mut next).collect();
        PipelinePlan {
            service,
            claims,
            stateful_set: next(self.stateful_set),
            pipeline: self.pipeline,
            warnings: self.warnings,
            lease_state: self.lease_state,
            set: self.set,
            take: self.take,
            digest: self.digest,
            pending: self.pending,
        }
    }

    /// Whether there is anything to write: an object, or what a run that died has left to do. Objects that are only
    /// spelled otherwise make no revision.
    pub(crate) fn needs_writing(&self) -> bool {
        self.steps().any(|step| step.decision.writes() || step.decision == Decision::Migrate)
            || !self.lease_state.is_settled()
            || self.lease_state.notes_migration()
            || self.pending.is_some()
    }

    /// The claims that its replicas use.
    pub(crate) fn claims_in_use(&self) -> impl Iterator<Item = &Step<S>> {
        self.claims.iter().filter(|claim| self.stateful_set.needs(claim))
    }
}
