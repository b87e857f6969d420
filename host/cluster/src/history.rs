//! The revisions of a pipeline that the cluster keeps.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_render::ResourceSet;

use crate::connect::Cluster;
use crate::error::{ClusterError, Problem};
use crate::lease::Head;
use crate::object::{Kind, PipelineRef};
use crate::record::{self, PART_LABEL, Summary};
use crate::session::Session;
use crate::stop::StopSignal;
use crate::{PIPELINE_LABEL, json, lease};

/// A plugin that had a part in a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Its name in the chain.
    pub name: String,
    /// The version that it gives of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of its component, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// What the history notes of a pipeline beside its objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// The pipeline as the plugins left it; null where it is not known.
    pub spec: Value,
    /// The plugins that transformed it, in the order of the chain.
    pub plugins: Vec<Plugin>,
    /// The revision that this one brings back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<i64>,
}

/// Where a revision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RevisionState {
    /// It was applied last.
    Current,
    /// Others were applied after it.
    Earlier,
    /// A run that applied it did not get to the end.
    Unfinished,
}

/// One revision of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// Its number; a later one has a higher number.
    pub number: i64,
    /// Where it stands.
    pub state: RevisionState,
    /// When it was made, RFC 3339 in UTC, by the clock of the machine that made it.
    pub made: String,
    /// Whom the cluster knew its maker as.
    pub by: String,
    /// `user@host` of its maker.
    pub from: String,
    /// What the maker said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The version of Wellhead that made it.
    pub wellhead: String,
    /// The plugins that had a part in it, in the order of the chain.
    pub plugins: Vec<Plugin>,
    /// The revision that it brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<i64>,
}

/// A revision with all that it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRevision {
    /// What it says about itself.
    pub revision: Revision,
    /// The pipeline as the plugins left it; null where it is not known.
    pub spec: Value,
    /// The objects that it applied.
    pub objects: ResourceSet,
}

impl Revision {
    fn new(number: i64, current: i64, summary: Summary) -> Self {
        let state = match number.cmp(&current) {
            std::cmp::Ordering::Less => RevisionState::Earlier,
            std::cmp::Ordering::Equal => RevisionState::Current,
            std::cmp::Ordering::Greater => RevisionState::Unfinished,
        };
        let Summary { made, by, from, message, wellhead, plugins, rollback_to } = summary;
        Self { number, state, made, by, from, message, wellhead, plugins, rollback_to }
    }
}

impl Cluster {
    /// The revisions of a pipeline that are kept, the newest first; none for a pipeline that was never applied.
    pub async fn history(&self, pipeline: &PipelineRef) -> Result<Vec<Revision>, ClusterError> {
        let stop = StopSignal::default();
        let session = Session::reading(self, &stop);
        Ok(read(&session, pipeline).await?.1)
    }

    /// Whether Wellhead keeps anything about a pipeline.
    pub async fn is_recorded(&self, pipeline: &PipelineRef) -> Result<bool, ClusterError> {
        let stop = StopSignal::default();
        let session = Session::reading(self, &stop);
        Ok(lease::head(&session, pipeline).await?.exists())
    }

    /// A revision of a pipeline with its objects, or `None` when it is not kept.
    pub async fn revision(
        &self,
        pipeline: &PipelineRef,
        number: i64,
    ) -> Result<Option<StoredRevision>, ClusterError> {
        let stop = StopSignal::default();
        let session = Session::reading(self, &stop);
        let current = lease::head(&session, pipeline).await?.revision();
        let found = record::read(&session, pipeline, number).await?;
        Ok(found.map(|(summary, content)| StoredRevision {
            revision: Revision::new(number, current, summary),
            spec: content.spec,
            objects: content.objects,
        }))
    }
}

/// The Lease of a pipeline and its revisions, the newest first.
pub(crate) async fn read(
    session: &Session<'_>,
    pipeline: &PipelineRef,
) -> Result<(Head, Vec<Revision>), Problem> {
    let head = lease::head(session, pipeline).await?;
    let labels = format!("{PIPELINE_LABEL}={},{PART_LABEL}=0", pipeline.name);
    let namespace = &pipeline.namespace;
    let found = session.list(Kind::ControllerRevision, namespace, &labels, "").await;
    let what = format!("cannot read the history of {pipeline}");
    let found = found.map_err(|failure| failure.describe(&what, namespace))?;
    let revision = |first: &Value| {
        let number = json::number(first, "/revision");
        Ok(Revision::new(number, head.revision(), record::summary(first)?))
    };
    let mut revisions = found.iter().map(revision).collect::<Result<Vec<_>, Problem>>()?;
    revisions.sort_by_key(|it| std::cmp::Reverse(it.number));
    Ok((head, revisions))
}
