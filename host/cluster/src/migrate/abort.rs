//! The way back to the old volume, as long as the claim has it.

use super::act::Actor;
use super::fields::{holds, volume_name};
use super::marks::Role;
use super::next::Seen;
use crate::model::error::Problem;
use crate::model::json::typed::{is_deleting, name};
use crate::model::object::Kind;

/// One step back, or that none is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    /// The Job goes: its pod uses the old claim.
    DropJob,
    /// The new volume is kept aside.
    Discard,
    /// The claim that made it goes.
    DropFiller,
    DropSnapshot,
    /// The pod starts again.
    Release,
    /// The old volume is as it was.
    RestoreSource,
    /// What was begun goes first.
    Await,
    Done,
    /// The claim is not that of the old volume any more.
    TooLate,
}

/// What leads back for one claim.
pub(crate) fn back(seen: &Seen) -> Back {
    let claim = seen.claim.as_ref().filter(|claim| !is_deleting(&claim.metadata));
    let source = seen.source.as_ref();
    let has_source = match (claim, source) {
        (Some(claim), Some(source)) => volume_name(claim) == name(&source.metadata),
        _ => false,
    };
    if !has_source {
        return Back::TooLate;
    }
    if let Some(job) = &seen.job {
        return if job.is_deleting { Back::Await } else { Back::DropJob };
    }
    if seen.target.is_some() {
        return Back::Discard;
    }
    if let Some(filler) = &seen.filler {
        return if is_deleting(&filler.metadata) { Back::Await } else { Back::DropFiller };
    }
    if let Some(snapshot) = &seen.snapshot {
        return if snapshot.is_deleting { Back::Await } else { Back::DropSnapshot };
    }
    if seen.pod.as_ref().is_some_and(holds) {
        return Back::Release;
    }
    if source.is_some_and(|it| Role::of(&it.metadata) == Some(Role::Source)) {
        return Back::RestoreSource;
    }
    Back::Done
}

/// Takes one step back.
pub(crate) async fn take(actor: &Actor<'_>, back: Back, seen: &Seen) -> Result<(), Problem> {
    match back {
        Back::DropJob => actor.delete(Kind::Job, seen.job.as_ref().map(|it| it.uid.clone())).await,
        Back::Discard => actor.discard(seen).await,
        Back::DropFiller => actor.take(&super::next::Next::DropFiller, seen).await,
        Back::DropSnapshot => actor.take(&super::next::Next::DropSnapshot, seen).await,
        Back::Release => actor.release(seen).await,
        Back::RestoreSource => actor.restore_source(seen).await,
        Back::Await | Back::Done | Back::TooLate => Ok(()),
    }
}
