//! Which revisions runs applied to their end, as the Lease notes it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use super::state::LeaseState;
use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::json::typed::annotation;
use crate::model::object::PipelineRef;
use crate::model::revision::HIGHEST;

/// The revisions that runs applied to their end, `NUMBER=DIGEST` of each: what the history says is believed of these
/// alone. Who may write records need not be one who may write Leases.
pub(super) const REVISIONS: &str = "wellhead.dev/revisions";
/// The digest of what a run keeps of a StatefulSet between deleting and creating it.
const RECREATION: &str = "wellhead.dev/recreation";
/// That a run has begun to move data of claims, and no run has seen the end of it.
const MIGRATION: &str = "wellhead.dev/migration";
/// Most revisions that a Lease notes: as many as fit into a quarter of what all annotations may have.
const NOTED: usize = 700;

/// What a Lease notes of records.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// The digests of revisions. What no run has written counts as none.
    revisions: BTreeMap<i64, String>,
    /// A digest, or "".
    recreation: String,
    /// Whether data of claims are being moved.
    migration: bool,
}

impl Notes {
    pub(super) fn of(metadata: &ObjectMeta) -> Self {
        let revisions = annotation(metadata, REVISIONS).split(' ').take(NOTED);
        let revisions = revisions.filter_map(|one| {
            let (number, digest) = one.split_once('=')?;
            let number = number.parse().ok().filter(|it| (1..=HIGHEST).contains(it))?;
            Some((number, digest.to_owned()))
        });
        let recreation = annotation(metadata, RECREATION).to_owned();
        let migration = !annotation(metadata, MIGRATION).is_empty();
        Self { revisions: revisions.collect(), recreation, migration }
    }
}

/// Notes what the run that holds the Lease is about to keep of a StatefulSet.
pub(crate) async fn note_recreation(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    digest: &str,
) -> Result<(), Problem> {
    let object = super::object(pipeline);
    let body = json!({"metadata": {"annotations": {RECREATION: digest}}});
    let noted = client.merge(&object, &body).await;
    noted.map(drop).map_err(|failure| failure.problem("write", &object))
}

/// Notes that the run that holds the Lease is about to move data of claims, or that all of them arrived.
pub(crate) async fn note_migration(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    begins: bool,
) -> Result<(), Problem> {
    let object = super::object(pipeline);
    let note = if begins { json!("begun") } else { json!(null) };
    let body = json!({"metadata": {"annotations": {MIGRATION: note}}});
    let noted = client.merge(&object, &body).await;
    noted.map(drop).map_err(|failure| failure.problem("write", &object))
}

impl LeaseState {
    /// Whether a run has begun to move data of claims, and no run has seen the end of it.
    pub(crate) fn notes_migration(&self) -> bool {
        self.seen.as_ref().is_some_and(|it| it.notes.migration)
    }

    /// Whether a run kept what has this digest of a StatefulSet that it was to recreate.
    pub(crate) fn notes_recreation(&self, digest: &str) -> bool {
        !digest.is_empty() && self.seen.as_ref().is_some_and(|it| it.notes.recreation == digest)
    }

    fn revisions(&self) -> Option<&BTreeMap<i64, String>> {
        self.seen.as_ref().map(|it| &it.notes.revisions)
    }

    /// Whether a run applied this revision to its end.
    pub(crate) fn notes(&self, number: i64, digest: &str) -> bool {
        self.revisions().and_then(|it| it.get(&number)).is_some_and(|it| it == digest)
    }

    /// Whether any revision is noted: an earlier version of Wellhead noted none.
    pub(crate) fn has_notes(&self) -> bool {
        self.revisions().is_some_and(|it| !it.is_empty())
    }

    /// What is noted once another revision is applied to its end, the newest `most`.
    pub(crate) fn notes_with(&self, number: i64, digest: &str, most: usize) -> String {
        let mut all = self.revisions().cloned().unwrap_or_default();
        all.retain(|it, _| *it < number);
        all.insert(number, digest.to_owned());
        let skipped = all.len().saturating_sub(most.clamp(1, NOTED));
        let each = all.iter().skip(skipped).map(|(number, digest)| format!("{number}={digest}"));
        each.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{LeaseState, NOTED};

    fn lease_state(notes: &str) -> LeaseState {
        let live = json!({"metadata": {"annotations": {"wellhead.dev/revisions": notes}}});
        LeaseState::new(Some(&live), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_newest_are_noted_in_place_of_what_others_wrote_beyond_them() {
        let lease_state = lease_state("1=a 2=b 9=forged");
        assert!(
            lease_state.notes(2, "b") && !lease_state.notes(2, "a") && !lease_state.notes(3, "b")
        );
        assert_eq!(lease_state.notes_with(3, "c", 2), "2=b 3=c");
        assert_eq!(lease_state.notes_with(2, "b", 10), "1=a 2=b");
        assert_eq!(lease_state.notes_with(3, "c", 0), "3=c");
    }

    #[test]
    fn what_no_run_has_written_notes_nothing() {
        for notes in
            ["", "x", "0=a", "-1=a", "9223372036854775807=a", "99999999999999999999=a", "=", "a=1"]
        {
            assert!(!lease_state(notes).has_notes(), "{notes}");
        }
        let many: Vec<_> = (1..=2 * NOTED).map(|it| format!("{it}=a")).collect();
        assert!(lease_state(&many.join(" ")).notes_with(5_000, "b", usize::MAX).len() < 10 * NOTED);
    }
}
