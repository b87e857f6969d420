//! The revisions of a pipeline that the cluster keeps.

use std::cmp::Ordering;

use futures::future::join_all;

use super::lease::state::LeaseState;
use super::record::Summary;
use super::revisions::{PART_LABEL, Stored};
use super::{lease, revisions};
use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{Kind, PIPELINE_LABEL, PipelineRef};
use crate::model::revision::{History, Revision, RevisionState, StoredRevision};
use crate::model::stop::StopSignal;

/// The state of a revision; `newest` is the last that counts.
fn state(number: i64, digest: &str, lease_state: &LeaseState, newest: i64) -> RevisionState {
    let noted = !lease_state.has_notes() || lease_state.notes(number, digest);
    match number.cmp(&lease_state.revision()) {
        Ordering::Greater if number <= newest => RevisionState::Unfinished,
        Ordering::Equal if noted => RevisionState::Current,
        Ordering::Less if noted => RevisionState::Earlier,
        _ => RevisionState::Unconfirmed,
    }
}

impl Revision {
    fn new(number: i64, digest: String, state: RevisionState, summary: Summary) -> Self {
        let Summary { made, by, from, message, wellhead, plugins, rollback_to } = summary;
        Self { number, digest, state, made, by, from, message, wellhead, plugins, rollback_to }
    }
}

impl Cluster {
    /// The revisions of a pipeline that are kept; none for a pipeline that was never applied.
    pub async fn history(&self, pipeline: &PipelineRef) -> Result<History, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        Ok(read(&client, pipeline).await?.1)
    }

    /// Whether Wellhead keeps anything about a pipeline.
    pub async fn is_recorded(&self, pipeline: &PipelineRef) -> Result<bool, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        Ok(lease::state(&client, pipeline).await?.exists())
    }

    /// [`Cluster::revision`] of several pipelines at once.
    pub async fn revisions(
        &self,
        wanted: &[(PipelineRef, i64)],
    ) -> Vec<Result<Option<StoredRevision>, ClusterError>> {
        join_all(wanted.iter().map(|(pipeline, number)| self.revision(pipeline, *number))).await
    }

    /// A revision of a pipeline with its objects, or `None` when it is not kept. A record is refused whose parts do not
    /// belong together, or that holds anything but objects of this pipeline as Wellhead renders them.
    pub async fn revision(
        &self,
        pipeline: &PipelineRef,
        number: i64,
    ) -> Result<Option<StoredRevision>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let lease_state = lease::state(&client, pipeline).await?;
        let Some(found) = revisions::read(&client, pipeline, number).await? else {
            return Ok(None);
        };
        let Stored { summary, content, digest } = found;
        let (spec, origin, objects) = content.into_parts();
        let newest = number.max(lease_state.revision());
        let state = state(number, &digest, &lease_state, newest);
        Ok(Some(StoredRevision {
            revision: Revision::new(number, digest, state, summary),
            spec,
            origin,
            objects,
        }))
    }
}

/// The Lease of a pipeline and its history. A record that is no good hides none of the others.
pub(crate) async fn read(
    client: &Client<'_>,
    pipeline: &PipelineRef,
) -> Result<(LeaseState, History), Problem> {
    let lease_state = lease::state(client, pipeline).await?;
    let labels = format!("{PIPELINE_LABEL}={},{PART_LABEL}=0", pipeline.name);
    let namespace = &pipeline.namespace;
    let found = client.list(Kind::ControllerRevision, namespace, &labels, "").await;
    let what = format!("cannot read the history of {pipeline}");
    let found = found.map_err(|failure| failure.describe(&what, namespace))?;
    let found: Vec<_> = found.iter().map(|first| revisions::summary(pipeline, first)).collect();
    let numbers = found.iter().filter_map(|it| Some(it.as_ref().ok()?.0));
    let newest = revisions::newest(numbers, &lease_state);
    let mut history = History::default();
    for each in found {
        match each {
            Ok((number, digest, summary)) => {
                let state = state(number, &digest, &lease_state, newest);
                history.revisions.push(Revision::new(number, digest, state, summary));
            }
            Err(problem) => history.unusable.push(problem),
        }
    }
    history.revisions.sort_by_key(|it| std::cmp::Reverse(it.number));
    Ok((lease_state, history))
}
