//! Which revision a rollback goes back to.

use wellhead_diagnostics::Code;

use super::history;
use super::lease::state::LeaseState;
use crate::api::client::Client;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::lenient;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::remedy::Remedy;
use crate::model::revision::{History, Revision, RevisionState};
use crate::observe::{live, rollout};

/// The newest revision, and the one that is gone back to where none is named.
pub(crate) async fn around(
    client: &Client<'_>,
    pipeline: &PipelineRef,
) -> Result<(i64, i64), ClusterError> {
    let (lease_state, History { mut revisions, .. }) = history::read(client, pipeline).await?;
    revisions.retain(|it| it.state != RevisionState::Unconfirmed);
    let newest = revisions.first().map_or(0, |it| it.number);
    if let Some(number) = interrupted(client, pipeline, &lease_state, &revisions).await? {
        return Ok((newest, number));
    }
    // An unfinished revision is what the user wants to get away from.
    let unfinished = revisions.iter().any(|it| it.state == RevisionState::Unfinished);
    let wanted = if unfinished { RevisionState::Current } else { RevisionState::Earlier };
    let found = revisions.iter().find(|it| it.state == wanted).map(|it| it.number);
    found.map(|number| (newest, number)).ok_or_else(|| {
        let what = format!("{pipeline} has no earlier revision to go back to");
        ClusterError::Refused(vec![not_kept(what, pipeline)])
    })
}

/// The revision that a rollback goes back to of which no run has seen the end. Without it the same command would go
/// the other way: pods may become ready after their command died.
pub(crate) async fn interrupted(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    lease_state: &LeaseState,
    revisions: &[Revision],
) -> Result<Option<i64>, Problem> {
    let Some(newest) = revisions.first() else { return Ok(None) };
    let Some(target) = newest.rollback_to else { return Ok(None) };
    if newest.state == RevisionState::Unfinished {
        return Ok(Some(target));
    }
    if lease_state.rolling_back() == Some(newest.number) {
        return Ok(Some(newest.number));
    }
    let object = ObjectRef::new(Kind::StatefulSet, &pipeline.namespace, &pipeline.name);
    let found = live::read_one(client, &object).await?;
    let complete = found.is_none_or(|found| {
        let found = lenient(&found);
        rollout::readiness(&found, rollout::generation(&found), 0, 0).complete
    });
    Ok((!complete).then_some(newest.number))
}

pub(crate) fn not_kept(what: String, pipeline: &PipelineRef) -> Problem {
    let pipeline = pipeline.clone();
    Problem::new(Code::RevisionNotFound, what).remedy(Remedy::ShowHistory { pipeline })
}
