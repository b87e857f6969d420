//! What follows for the data of a claim from what there is: decided without a cluster.
//!
//! What must hold at each moment, in this order of importance:
//!
//! 1. No claim is deleted unless its volume was read back with the reclaim policy Retain: no deleter acts on such a volume.
//! 2. No claim is deleted unless the new volume is bound to its name already: its controller makes the next one at once.
//! 3. A copy counts only while the pod is held that was held when it was begun.
//! 4. While neither volume may be written, no other pod uses the claim.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use wellhead_diagnostics::Code;
use wellhead_spec::MigrationMethod;

use super::fields::{
    capacity, claim_uid, has_ended, holds, is_bound, is_bound_to_name, reclaim_policy, volume_name,
};
use super::marks;
use super::marks::Role;
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{is_deleting, name, text, uid};
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::quantity::amount;
use crate::model::remedy::Remedy;
use crate::model::storage::migration::MigrationPhase;
use crate::observe::expansion;

/// What a claim is to become.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) pipeline: PipelineRef,
    pub(crate) claim: ObjectRef,
    /// Its storage class; empty for none.
    pub(crate) class: String,
    pub(crate) size: String,
    /// What fills the new volume; none where the way leads back.
    pub(crate) method: Option<MigrationMethod>,
}

/// What there is of a claim and around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) claim: Option<PersistentVolumeClaim>,
    /// The volume that the data are moved away from: the one with that role, else the one that the claim has.
    pub(crate) source: Option<PersistentVolume>,
    /// The volume that the data are moved to.
    pub(crate) target: Option<PersistentVolume>,
    /// The claim by which the new volume is made and filled.
    pub(crate) filler: Option<PersistentVolumeClaim>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) job: Option<CopyJob>,
    /// The pod of the ordinal.
    pub(crate) pod: Option<Pod>,
    /// Other pods that use the claim.
    pub(crate) others: Vec<String>,
}

/// A snapshot that a new volume is made of.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) uid: String,
    /// While which pod was held.
    pub(crate) held: String,
    pub(crate) is_ready: bool,
    pub(crate) error: Option<String>,
    pub(crate) is_deleting: bool,
}

/// A Job that copies files.
#[derive(Clone, Debug)]
pub(crate) struct CopyJob {
    pub(crate) uid: String,
    pub(crate) held: String,
    /// The digest of the files, where all are there.
    pub(crate) digest: Option<String>,
    /// Why it failed.
    pub(crate) failed: Option<String>,
    pub(crate) is_deleting: bool,
}

/// One step, or what is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The old volume gets the policy Retain, and its role.
    KeepSource,
    /// The pod gets the finalizer.
    Hold,
    /// The pod is to end.
    Evict,
    /// A snapshot is taken.
    TakeSnapshot,
    /// The claim is made that fills a new volume.
    Fill,
    /// A Job begins to copy.
    Copy,
    /// It is noted that everything was copied.
    NoteCopied(String),
    /// The Job goes, and with it its pod, which uses both claims.
    DropJob,
    /// What was taken of the data while another pod ran counts for nothing.
    DropSnapshot,
    /// The same, of the new volume with its claim.
    DropFiller,
    /// The new volume gets the policy Retain, and its role.
    KeepTarget(String),
    /// The claim that filled the new volume goes.
    LetGo,
    /// What was filled while another pod ran is kept aside.
    Discard,
    /// The new volume is bound to the name of the claim.
    Bind,
    /// The old claim is deleted.
    Swap,
    /// The finalizer goes, and the pod starts again.
    Release,
    /// The claim is made with its new class and size.
    Create,
    /// The old volume is kept from now on, for nothing moves away from it any more.
    Retire,
    /// The new volume becomes a volume as any other.
    Finish,
    /// Nothing is left to do.
    Done,
    /// Something of others must happen first.
    Await(String),
    /// What fills the new volume has failed for good.
    Fail(String),
}

impl Next {
    /// The part of the migration that the step belongs to.
    pub(crate) fn phase(&self) -> Option<MigrationPhase> {
        Some(match self {
            Self::KeepSource => MigrationPhase::Keeping,
            Self::Hold | Self::Evict => MigrationPhase::Stopping,
            Self::TakeSnapshot | Self::Fill | Self::Copy => MigrationPhase::Filling,
            Self::Bind | Self::Swap => MigrationPhase::Swapping,
            Self::Release | Self::Create => MigrationPhase::Starting,
            Self::Done => MigrationPhase::Done,
            _ => return None,
        })
    }

    /// Whether the claim is ready to be swapped, or beyond that: other claims of the pod may still be filled.
    pub(crate) fn is_filled(&self) -> bool {
        matches!(
            self,
            Self::Swap | Self::Release | Self::Create | Self::Retire | Self::Finish | Self::Done
        )
    }
}

fn waits(what: impl Into<String>) -> Next {
    Next::Await(what.into())
}

/// What follows for one claim.
pub(crate) fn next(seen: &Seen, goal: &Goal) -> Result<Next, Problem> {
    let is_held = seen.pod.as_ref().is_some_and(holds);
    let Some(claim) = seen.claim.as_ref().filter(|claim| !is_deleting(&claim.metadata)) else {
        return gone(seen, goal, is_held);
    };
    let volume = volume_name(claim);
    match &seen.target {
        Some(target) if volume == name(&target.metadata) => {
            Ok(arrived(seen, claim, target, is_held))
        }
        Some(target) if volume.is_empty() && is_bound_to_name(target, &goal.claim) => {
            Ok(if is_held { Next::Release } else { waits(binding(target, claim)) })
        }
        None if !asks_for_more(claim, goal) && !is_begun(seen, volume) => {
            Ok(if is_held { Next::Release } else { Next::Done })
        }
        _ => fill(seen, claim, goal),
    }
}

/// The claim is gone, or on its way: its name is that of the new volume.
fn gone(seen: &Seen, goal: &Goal, is_held: bool) -> Result<Next, Problem> {
    let is_ready = seen.target.as_ref().is_some_and(|it| is_bound_to_name(it, &goal.claim));
    if !is_ready {
        return match (&seen.claim, &seen.target) {
            // Its data are kept, and its pod holds it: the migration goes on.
            (Some(claim), _) if is_held => fill(seen, claim, goal),
            (None, None) => Ok(Next::Create),
            _ => Err(lost(seen, goal)),
        };
    }
    if is_held {
        return Ok(Next::Release);
    }
    Ok(if seen.claim.is_some() { waits("the old claim is not gone yet") } else { Next::Create })
}

/// Another client deleted the claim while its data were on their way.
fn lost(seen: &Seen, goal: &Goal) -> Problem {
    let claim = &goal.claim;
    let volume = seen.source.as_ref().map(|it| name(&it.metadata)).unwrap_or_default();
    let what = format!("{claim} was deleted by another client while its data were moved");
    let problem = Problem::new(Code::MigrationStopped, what).on(claim);
    if volume.is_empty() {
        return problem.remedy(Remedy::ShowVolumes { pipeline: goal.pipeline.clone() });
    }
    problem.why(format!("its data are on volume {volume}, which is kept")).hint(format!(
        "{}; then run the same command again",
        crate::model::remedy::free_volume(volume)
    ))
}

/// The claim has the new volume. As long as that is the target, the migration is not over: all else ends before.
fn arrived(
    seen: &Seen,
    claim: &PersistentVolumeClaim,
    target: &PersistentVolume,
    is_held: bool,
) -> Next {
    if is_held {
        return Next::Release;
    }
    if claim_uid(target) != uid(&claim.metadata) || !is_bound(claim) {
        return waits(binding(target, claim));
    }
    let is_source = |it: &PersistentVolume| Role::of(&it.metadata) == Some(Role::Source);
    if seen.source.as_ref().is_some_and(is_source) {
        return Next::Retire;
    }
    match &seen.snapshot {
        Some(snapshot) if !snapshot.is_deleting => Next::DropSnapshot,
        _ => Next::Finish,
    }
}

fn binding(target: &PersistentVolume, claim: &PersistentVolumeClaim) -> String {
    format!("claim {} is not bound to {} yet", name(&claim.metadata), name(&target.metadata))
}

/// The claim has its old volume.
fn fill(seen: &Seen, claim: &PersistentVolumeClaim, goal: &Goal) -> Result<Next, Problem> {
    let volume = volume_name(claim);
    let Some(source) = seen.source.as_ref().filter(|it| name(&it.metadata) == volume) else {
        return Err(unexpected(goal, volume, seen));
    };
    if reclaim_policy(source) != "Retain" || Role::of(&source.metadata) != Some(Role::Source) {
        return Ok(Next::KeepSource);
    }
    let Some(pod) = &seen.pod else {
        return Ok(waits("there is no pod of this ordinal, which its controller makes"));
    };
    match (holds(pod), is_deleting(&pod.metadata)) {
        (false, false) => return Ok(Next::Hold),
        (false, true) => return Ok(waits("a pod of this ordinal ends that others deleted")),
        (true, false) => return Ok(Next::Evict),
        (true, true) if !has_ended(pod) => return Ok(waits(not_ended(pod))),
        (true, true) => {}
    }
    let held = uid(&pod.metadata);
    if !seen.others.is_empty() {
        return Ok(waits(format!("other pods use the claim: {}", seen.others.join(", "))));
    }
    if let Some(job) = seen.job.as_ref().filter(|it| it.held != held || seen.target.is_some()) {
        return Ok(if job.is_deleting { waits("the copy ends") } else { Next::DropJob });
    }
    match &seen.target {
        Some(target) => filled(seen, target, held, goal),
        None => Ok(unfilled(seen, held, goal)),
    }
}

/// There is no volume yet that has all data.
fn unfilled(seen: &Seen, held: &str, goal: &Goal) -> Next {
    if let Some(snapshot) = &seen.snapshot {
        if snapshot.is_deleting {
            return waits("an outdated snapshot is not gone yet");
        }
        if snapshot.held != held && seen.filler.is_none() {
            return Next::DropSnapshot;
        }
    }
    let Some(filler) = &seen.filler else {
        return match (&seen.snapshot, goal.method) {
            (None, Some(MigrationMethod::Snapshot)) => Next::TakeSnapshot,
            (Some(snapshot), Some(MigrationMethod::Snapshot)) if !snapshot.is_ready => {
                let why = snapshot.error.as_deref().unwrap_or("the driver takes it");
                waits(format!("the snapshot is not ready: {why}"))
            }
            _ => Next::Fill,
        };
    };
    let is_stale = marks::held(&filler.metadata) != held;
    if is_deleting(&filler.metadata) {
        return waits("an outdated copy is not gone yet");
    }
    if is_stale {
        return Next::DropFiller;
    }
    if goal.method == Some(MigrationMethod::Copy) && marks::copied(&filler.metadata, held).is_none()
    {
        return copying(seen);
    }
    if let Some(job) = &seen.job {
        return if job.is_deleting { waits("the Job's pod ends") } else { Next::DropJob };
    }
    if !is_bound(filler) {
        return waits("the new volume is not made yet");
    }
    Next::KeepTarget(volume_name(filler).to_owned())
}

fn copying(seen: &Seen) -> Next {
    match &seen.job {
        None => Next::Copy,
        Some(job) if job.is_deleting => waits("a Job that failed is not gone yet"),
        Some(CopyJob { digest: Some(digest), .. }) => Next::NoteCopied(digest.clone()),
        Some(CopyJob { failed: Some(why), .. }) => Next::Fail(format!("the copy failed: {why}")),
        Some(_) => waits("the files are copied"),
    }
}

/// There is a volume that has all data, of the time when a pod was held.
fn filled(
    seen: &Seen,
    target: &PersistentVolume,
    held: &str,
    goal: &Goal,
) -> Result<Next, Problem> {
    let is_stale = marks::held(&target.metadata) != held;
    if let Some(filler) = &seen.filler {
        return Ok(if is_deleting(&filler.metadata) {
            waits("the claim that filled the new volume is not gone yet")
        } else {
            Next::LetGo
        });
    }
    if reclaim_policy(target) != "Retain" {
        return Ok(Next::KeepTarget(name(&target.metadata).to_owned()));
    }
    if is_stale {
        return Ok(Next::Discard);
    }
    let phase = text(target.status.as_ref().and_then(|it| it.phase.as_ref()));
    if is_bound_to_name(target, &goal.claim) {
        return Ok(match phase {
            "Available" => Next::Swap,
            _ => waits("the new volume is not free for the claim yet"),
        });
    }
    if phase != "Released" {
        return Ok(waits("the new volume is not released yet"));
    }
    // A claim that asks for more than a volume has is given another one: an empty one.
    let (has, wants) = (amount(capacity(target)), amount(&goal.size));
    if has < wants || target.storage_class().unwrap_or_default() != goal.class {
        let (volume, has) = (name(&target.metadata), capacity(target));
        let what = format!("volume {volume} has {has}, and {} asks for {}", goal.claim, goal.size);
        return Err(Problem::new(Code::MigrationStopped, what)
            .on(&goal.claim)
            .why("the volume was made for another class or size")
            .remedy(Remedy::AbortMigration { pipeline: goal.pipeline.clone() }));
    }
    Ok(Next::Bind)
}

/// The claim has a volume that is neither the old nor the new one.
fn unexpected(goal: &Goal, volume: &str, seen: &Seen) -> Problem {
    let known = |of: &Option<PersistentVolume>| {
        of.as_ref().map_or_else(|| "none".to_owned(), |it| name(&it.metadata).to_owned())
    };
    let what = format!("{} has volume \"{volume}\", which no migration gave it", goal.claim);
    let why = format!("old: {}; new: {}", known(&seen.source), known(&seen.target));
    Problem::new(Code::UnexpectedVolume, what)
        .on(&goal.claim)
        .why(why)
        .remedy(Remedy::ShowVolumes { pipeline: goal.pipeline.clone() })
}

fn not_ended(pod: &Pod) -> String {
    let node = text(pod.spec.as_ref().and_then(|it| it.node_name.as_ref()));
    format!("pod {} on node {node} has not ended", name(&pod.metadata))
}

fn asks_for_more(claim: &PersistentVolumeClaim, goal: &Goal) -> bool {
    let size = expansion::requested(claim);
    claim.storage_class().unwrap_or_default() != goal.class || amount(size) > amount(&goal.size)
}

/// Whether a run has begun with the volume of the claim.
fn is_begun(seen: &Seen, volume: &str) -> bool {
    let source = seen.source.as_ref().filter(|it| name(&it.metadata) == volume);
    source.is_some_and(|it| Role::of(&it.metadata) == Some(Role::Source))
}

#[cfg(test)]
mod tests;
