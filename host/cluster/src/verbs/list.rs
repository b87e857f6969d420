//! Which pipelines there are: one row for each, from few LISTs.
//!
//! Every kind is read page by page, and a page is dropped once its rows are made, so that the cost is linear and the
//! memory that of the rows. What was applied is in metadata: the Lease has the number of the revision, and the
//! record of the revision the names of its plugins.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::api::client::{Client, Content, Listing};
use crate::api::connect::Cluster;
use crate::api::failure::failed;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::{is_deleting, label, lenient, metadata, name};
use crate::model::object::{
    ALL_NAMESPACES, Kind, MANAGED_BY, ObjectRef, PIPELINE_LABEL, PipelineRef,
};
use crate::model::status::Readiness;
use crate::model::stop::StopSignal;
use crate::observe::inventory::{kept_for, of};
use crate::observe::live::Reader as _;
use crate::observe::{live, ownership, rollout};
use crate::store::lease::state::LeaseState;
use crate::store::record::used;
use crate::store::revisions::PART_LABEL;
use crate::store::{lease, revisions};
use futures::future::try_join_all;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use serde::Serialize;
use serde_json::Value;
/// The state of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PipelineState {
    /// Every replica runs what was applied last, and is ready.
    Ready,
    /// It is on the way there.
    Progressing,
    /// It has no replicas, and is not to have any.
    Stopped,
    /// A run writes to it.
    Changing,
    /// A run did not get to its end; the same command goes on.
    Unfinished,
    /// Its StatefulSet is being deleted.
    Terminating,
    /// Only claims are left of it.
    Deleted,
}

impl PipelineState {
    /// The word that users read, which is also that of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Progressing => "progressing",
            Self::Stopped => "stopped",
            Self::Changing => "changing",
            Self::Unfinished => "unfinished",
            Self::Terminating => "terminating",
            Self::Deleted => "deleted",
        }
    }
}

/// A pipeline in the cluster, in a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineSummary {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: PipelineState,
    /// Replicas asked for, unless its StatefulSet is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i64>,
    /// Replicas that are ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<i64>,
    /// The revision that was applied last, to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// When its StatefulSet was created, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// How long ago that was, by the server's clock.
    #[serde(skip)]
    pub age: Option<Duration>,
    /// The names of the plugins of that revision, in the order of the chain; `None` where a version recorded it that did
    /// not note them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugins: Option<Vec<String>>,
    /// SHA-256 of the component of each of them, `sha256:` and 64 hexadecimal digits; left out where a version recorded it
    /// that did not note them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugin_digests: Vec<String>,
    /// Claims that are left of a deleted pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_claims: Option<usize>,
}

/// What was found of a pipeline.
#[derive(Default)]
struct Row {
    lease_state: Option<LeaseState>,
    set: Option<Set>,
    /// The newest revision that was begun.
    newest: i64,
    /// What names the plugins of each revision, which others may have written: names are made of one of them.
    plugins: BTreeMap<i64, String>,
    kept_claims: usize,
}

/// What a row shows of a StatefulSet.
struct Set {
    readiness: Readiness,
    created: Option<Timestamp>,
    deleting: bool,
}

impl Set {
    fn of(set: &StatefulSet) -> Self {
        Self {
            readiness: rollout::readiness(set, 0, 0, 0),
            created: set.metadata.creation_timestamp.as_ref().map(|it| it.0),
            deleting: is_deleting(&set.metadata),
        }
    }
}

type Rows = BTreeMap<PipelineRef, Row>;

impl Cluster {
    /// The pipelines of a namespace, or of all, by namespace and name. A deleted one is among them as long as claims of
    /// it are kept.
    pub async fn list(
        &self,
        namespace: Option<&str>,
    ) -> Result<Vec<PipelineSummary>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let namespace = namespace.unwrap_or(ALL_NAMESPACES);
        let (lease_states, sets, records, claims) = futures::try_join!(
            lease_states(&client, namespace),
            sets(&client, namespace),
            records(&client, namespace),
            claims(&client, namespace),
        )?;
        let mut rows = lease_states;
        for (pipeline, set) in sets {
            rows.entry(pipeline).or_default().set = Some(set);
        }
        for (pipeline, (newest, plugins)) in records {
            if let Some(row) = rows.get_mut(&pipeline) {
                (row.newest, row.plugins) = (newest, plugins);
            }
        }
        for (pipeline, kept) in claims {
            rows.entry(pipeline).or_default().kept_claims = kept;
        }
        add_unlabelled(&client, &mut rows).await?;
        let now = client.server_time();
        Ok(rows.into_iter().map(|(pipeline, row)| row.summary(pipeline, now)).collect())
    }
}

async fn walk(
    client: &Client<'_>,
    (kind, content): (Kind, Content),
    namespace: &str,
    labels: &str,
    visit: impl FnMut(Value) + Send,
) -> Result<(), Problem> {
    let listing = Listing { content, ..Listing::whole(kind, namespace, labels) };
    client.each(listing, visit).await.map_err(failed(kind, namespace))
}

/// The Leases of pipelines, which say who writes and what was applied last.
async fn lease_states(client: &Client<'_>, namespace: &str) -> Result<Rows, Problem> {
    let mut rows = Rows::new();
    let visit = |lease: Value| {
        let metadata = metadata(&lease);
        let named = label(&metadata, PIPELINE_LABEL).unwrap_or_default();
        let pipeline = PipelineRef { name: named.to_owned(), ..of(&lease) };
        // A label can be copied; the name cannot.
        if lease::object(&pipeline).name == name(&metadata) {
            let lease_state = LeaseState::new(Some(&lease), client.server_time());
            rows.insert(pipeline, Row { lease_state: Some(lease_state), ..Row::default() });
        }
    };
    walk(client, (Kind::Lease, Content::Whole), namespace, PIPELINE_LABEL, visit).await?;
    Ok(rows)
}

async fn sets(client: &Client<'_>, namespace: &str) -> Result<BTreeMap<PipelineRef, Set>, Problem> {
    let mut found = BTreeMap::new();
    let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
    let visit = |object: Value| {
        if ownership::applied_by_us(&object) {
            found.insert(of(&object), Set::of(&lenient(&object)));
        }
    };
    walk(client, (Kind::StatefulSet, Content::Whole), namespace, &labels, visit).await?;
    Ok(found)
}

/// The newest revision of each pipeline, and the plugins of each revision.
async fn records(
    client: &Client<'_>,
    namespace: &str,
) -> Result<BTreeMap<PipelineRef, (i64, BTreeMap<i64, String>)>, Problem> {
    let mut found: BTreeMap<PipelineRef, (i64, BTreeMap<_, _>)> = BTreeMap::new();
    let visit = |metadata: Value| {
        let Some((pipeline, number, plugins)) = revisions::listed(&metadata) else { return };
        let (newest, known) = found.entry(pipeline).or_default();
        *newest = number.max(*newest);
        known.extend(plugins.map(|plugins| (number, plugins)));
    };
    let labels = format!("{PIPELINE_LABEL},{PART_LABEL}=0");
    let what = (Kind::ControllerRevision, Content::Metadata);
    walk(client, what, namespace, &labels, visit).await?;
    Ok(found)
}

/// How many claims carry the label of each pipeline, and a name that its replicas give.
async fn claims(
    client: &Client<'_>,
    namespace: &str,
) -> Result<BTreeMap<PipelineRef, usize>, Problem> {
    let mut found: BTreeMap<PipelineRef, BTreeSet<String>> = BTreeMap::new();
    let labels = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
    let visit = |metadata: Value| {
        if let Some(pipeline) = kept_for(&metadata) {
            found.entry(pipeline).or_default().insert(of(&metadata).name);
        }
    };
    let what = (Kind::PersistentVolumeClaim, Content::Metadata);
    walk(client, what, namespace, &labels, visit).await?;
    Ok(found.into_iter().map(|(pipeline, names)| (pipeline, names.len())).collect())
}

/// StatefulSets of pipelines that have a Lease, and another label than ours because a spec says so.
async fn add_unlabelled(client: &Client<'_>, rows: &mut Rows) -> Result<(), Problem> {
    let missing = rows.iter_mut().filter(|(_, row)| row.set.is_none() && row.lease_state.is_some());
    let reads = missing.map(|(pipeline, row)| async move {
        let object = ObjectRef::new(Kind::StatefulSet, &pipeline.namespace, &pipeline.name);
        let found = live::read_one(client, &object).await?;
        row.set = found.filter(ownership::applied_by_us).map(|it| Set::of(&lenient(&it)));
        Ok::<_, Problem>(())
    });
    try_join_all(reads).await.map(drop)
}

impl Row {
    fn state(&self) -> PipelineState {
        let holder = self.lease_state.as_ref().and_then(LeaseState::holder);
        let applied = self.lease_state.as_ref().map_or(0, LeaseState::revision);
        match &self.set {
            Some(set) if set.deleting => PipelineState::Terminating,
            None if self.lease_state.is_none() => PipelineState::Deleted,
            _ if holder.as_ref().is_some_and(|it| !it.is_gone()) => PipelineState::Changing,
            Some(set) if holder.is_none() && self.newest <= applied => match set.readiness {
                Readiness { complete: true, desired: 0, .. } => PipelineState::Stopped,
                Readiness { complete: true, .. } => PipelineState::Ready,
                _ => PipelineState::Progressing,
            },
            _ => PipelineState::Unfinished,
        }
    }

    fn summary(mut self, pipeline: PipelineRef, now: Timestamp) -> PipelineSummary {
        let state = self.state();
        let revision = self.lease_state.as_ref().map(LeaseState::revision).filter(|it| *it > 0);
        let readiness = self.set.as_ref().map(|it| it.readiness);
        let created = self.set.and_then(|it| it.created);
        let plugins = revision.and_then(|number| self.plugins.remove(&number));
        let plugins = plugins.map(|it| used(&it));
        let digests = plugins.iter().flatten().filter_map(|it| it.digest.clone());
        let plugin_digests: Vec<_> = digests.collect();
        PipelineSummary {
            namespace: pipeline.namespace,
            name: pipeline.name,
            state,
            replicas: readiness.map(|it| it.desired),
            ready: readiness.map(|it| it.ready),
            revision,
            age: created.map(|since| now.duration_since(since).try_into().unwrap_or_default()),
            created: created.map(|it| it.to_string()),
            plugins: plugins.map(|all| all.into_iter().map(|it| it.name).collect()),
            plugin_digests,
            kept_claims: (state == PipelineState::Deleted).then_some(self.kept_claims),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wellhead_diagnostics::Code;

    use super::*;

    fn lease_state(revision: i64, holder: Option<&str>, renewed: &str) -> LeaseState {
        let lease = json!({
            "metadata": {
                "annotations": {"wellhead.dev/revision": revision.to_string()},
                "managedFields": [{"manager": "wellhead", "time": renewed}],
            },
            "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15},
        });
        LeaseState::new(Some(&lease), "2026-01-01T00:01:00Z".parse().unwrap())
    }

    fn set(desired: i64, complete: bool) -> Set {
        let readiness = Readiness { desired, complete, ..Readiness::default() };
        Set { readiness, created: "2026-01-01T00:00:00Z".parse().ok(), deleting: false }
    }

    #[test]
    fn a_row_says_where_its_pipeline_stands() {
        let settled = || Some(lease_state(2, None, "2026-01-01T00:00:00Z"));
        let state = |lease_state: Option<LeaseState>, set: Option<Set>, newest: i64| {
            Row { lease_state, set, newest, ..Row::default() }.state()
        };
        assert_eq!(state(settled(), Some(set(3, true)), 2), PipelineState::Ready);
        assert_eq!(state(settled(), Some(set(3, false)), 2), PipelineState::Progressing);
        assert_eq!(state(settled(), Some(set(0, true)), 2), PipelineState::Stopped);
        assert_eq!(state(settled(), Some(set(3, true)), 3), PipelineState::Unfinished);
        assert_eq!(state(settled(), None, 2), PipelineState::Unfinished);
        assert_eq!(state(None, None, 0), PipelineState::Deleted);
        let held = |renewed| Some(lease_state(2, Some("a@b"), renewed));
        assert_eq!(
            state(held("2026-01-01T00:00:55Z"), Some(set(3, true)), 2),
            PipelineState::Changing
        );
        assert_eq!(
            state(held("2025-12-31T23:00:00Z"), Some(set(3, true)), 2),
            PipelineState::Unfinished
        );
        let deleting = Some(Set { deleting: true, ..set(3, true) });
        assert_eq!(state(settled(), deleting, 2), PipelineState::Terminating);
    }

    #[test]
    fn who_may_not_list_everywhere_is_told_to_name_a_namespace() {
        let said = br#"{"kind": "Status", "code": 403, "reason": "Forbidden", "message":
            "leases is forbidden: User \"eve\" cannot list resource \"leases\" at the cluster scope"}"#;
        let refused = || crate::api::failure::Failure::answered(403, None, said);
        let everywhere = failed(Kind::Lease, ALL_NAMESPACES)(refused());
        assert_eq!(everywhere.code, Code::Forbidden);
        let what = "cannot list leases in all namespaces: forbidden (403)";
        assert_eq!(everywhere.what, what);
        assert!(everywhere.hints[0].contains("-n NAMESPACE without -A"));
        let here = failed(Kind::Lease, "prod")(refused());
        assert!(here.what.starts_with("cannot list leases in namespace prod"), "{}", here.what);
    }

    #[test]
    fn a_row_has_the_plugins_of_the_revision_that_was_applied() {
        let used = |name: &str| format!("{name}@sha256:{name}");
        let plugins = BTreeMap::from([(1, used("a")), (2, used("b"))]);
        let lease_state = Some(lease_state(2, None, "2026-01-01T00:00:00Z"));
        let row = Row { lease_state, set: Some(set(3, true)), newest: 2, plugins, kept_claims: 3 };
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        let summary = row.summary(pipeline, "2026-01-01T00:01:00Z".parse().unwrap());
        assert_eq!(summary.plugins, Some(vec!["b".to_owned()]));
        assert_eq!(summary.age, Some(Duration::from_mins(1)));
        assert_eq!(summary.kept_claims, None);
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(
            json,
            json!({"namespace": "ns", "name": "db", "state": "ready", "replicas": 3, "ready": 0, "revision": 2,
                   "created": "2026-01-01T00:00:00Z", "plugins": ["b"],
                   "pluginDigests": ["sha256:b"]})
        );
    }
}
