//! The way back to the old volume, as long as the claim has it.

use k8s_openapi::api::core::v1::PersistentVolume;

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
        (Some(claim), Some(source)) => {
            let volume = volume_name(claim);
            let is_target = |it: &PersistentVolume| name(&it.metadata) == volume;
            volume == name(&source.metadata) && !seen.target.as_ref().is_some_and(is_target)
        }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Back, back};
    use crate::migrate::next::Seen;
    use crate::model::json::typed::lenient;

    fn volume(name: &str, role: &str) -> Value {
        json!({"metadata": {"name": name, "labels": {"wellhead.dev/volume-role": role}}})
    }

    fn seen(volume: &str, source: Option<&Value>, target: Option<&Value>) -> Seen {
        let claim = json!({"metadata": {"name": "data-db-0"}, "spec": {"volumeName": volume}});
        Seen {
            claim: Some(lenient(&claim)),
            source: source.map(lenient),
            target: target.map(lenient),
            ..Seen::default()
        }
    }

    #[test]
    fn there_is_a_way_back_only_while_the_claim_has_its_old_volume() {
        let (old, new) = (volume("old", "source"), volume("new", "target"));
        let unmarked = json!({"metadata": {"name": "old"}});
        assert_eq!(back(&seen("old", Some(&old), None)), Back::RestoreSource);
        assert_eq!(back(&seen("old", Some(&old), Some(&new))), Back::Discard);
        assert_eq!(back(&seen("new", Some(&old), Some(&new))), Back::TooLate);
        // Without the source, the volume of the claim is looked at in its place.
        assert_eq!(back(&seen("new", Some(&new), Some(&new))), Back::TooLate);
        assert_eq!(back(&seen("old", Some(&unmarked), None)), Back::Done);
    }
}
