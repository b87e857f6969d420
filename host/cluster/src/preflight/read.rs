//! What is read for a preflight, all at the same time, and each thing once for all pipelines.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join_all, try_join, try_join_all};
use serde_json::Value;

use super::access::{self, Denied, Right};
use super::{attributes, changes, references, sharing, volumes};
use crate::decide::{Decision, PipelinePlan};
use crate::error::Problem;
use crate::failure::Failure;
use crate::json;
use crate::object::{Kind, ObjectRef};
use crate::session::Session;

/// What must be known about the pipelines that would change.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    namespaces: BTreeSet<String>,
    references: BTreeSet<ObjectRef>,
    /// Claims that all pods of a pipeline name.
    shared: BTreeSet<ObjectRef>,
    rights: BTreeMap<Right, BTreeSet<String>>,
    /// The classes that new claims name.
    claims: BTreeSet<Option<String>>,
    attributes: bool,
    runtimes: bool,
    /// Whether pods may be made. A large cluster has many nodes to read.
    nodes: bool,
}

/// What was read. Where it may not be read, it is as if there were none.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(super) version: Option<Value>,
    pub(super) nodes: Option<Vec<Value>>,
    pub(super) classes: Option<Vec<Value>>,
    pub(super) volumes: Option<Vec<Value>>,
    pub(super) attributes: Option<Vec<Value>>,
    pub(super) runtimes: Vec<Value>,
    pub(super) namespaces: BTreeMap<String, Namespace>,
    /// Objects that pods need and that do not exist.
    pub(super) absent: BTreeSet<ObjectRef>,
    /// Claims that all pods of a pipeline name, none where one does not exist.
    pub(super) shared: BTreeMap<ObjectRef, Option<Value>>,
    pub(super) denied: Vec<Denied>,
}

/// What is read in namespaces: what bounds them, absent objects, shared claims and rights that are denied.
type Rest = (
    BTreeMap<String, Namespace>,
    BTreeSet<ObjectRef>,
    BTreeMap<ObjectRef, Option<Value>>,
    Vec<Denied>,
);

/// What bounds the objects of a namespace.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    pub(super) quotas: Vec<Value>,
    pub(super) ranges: Vec<Value>,
}

impl Asked {
    pub(crate) fn of(plans: &[PipelinePlan]) -> Self {
        let mut asked = Self::default();
        let changing: Vec<_> = plans.iter().filter(|plan| changes(plan)).collect();
        asked.shared = sharing::asked(&changing);
        for plan in changing {
            asked.namespaces.insert(plan.pipeline.namespace.clone());
            asked.references.extend(references::needed(plan).into_keys());
            let new = plan.claims.iter().filter(|step| step.live.is_none());
            asked.claims.extend(new.map(|step| json::storage_class(&step.body).map(str::to_owned)));
            asked.nodes |= plan.stateful_set.decision != Decision::Leave;
            asked.attributes |= plan.claims.iter().any(attributes::would_change);
            let runtime = "/spec/template/spec/runtimeClassName";
            asked.runtimes |= plan.stateful_set.body.pointer(runtime).is_some();
        }
        asked.rights = access::needed(plans);
        asked
    }

    /// Reads everything at once. An error means that the server cannot be asked.
    pub(crate) async fn read(self, session: &Session<'_>) -> Result<Facts, Problem> {
        if self.namespaces.is_empty() {
            return Ok(Facts::default());
        }
        let (cluster, rest) = try_join(self.cluster(session), self.rest(session)).await?;
        let (namespaces, absent, shared, denied) = rest;
        Ok(Facts { namespaces, absent, shared, denied, ..cluster })
    }

    async fn cluster(&self, session: &Session<'_>) -> Result<Facts, Problem> {
        let when = |asked: bool, kind: Kind| async move {
            if asked { list(session, kind, "").await } else { Ok(None) }
        };
        let (storage, others) = try_join(
            async {
                let asked = !self.claims.is_empty() || self.attributes;
                let classes = when(asked, Kind::StorageClass).await?;
                // Most clusters make every volume themselves, and have many of them.
                let claims = self.claims.iter().map(Option::as_deref);
                let by_hand =
                    classes.as_ref().is_some_and(|it| volumes::may_be_by_hand(claims, it));
                Ok((when(by_hand, Kind::PersistentVolume).await?, classes))
            },
            try_join(
                try_join(version(session), when(self.nodes, Kind::Node)),
                try_join(
                    when(self.attributes, Kind::VolumeAttributesClass),
                    when(self.runtimes, Kind::RuntimeClass),
                ),
            ),
        )
        .await?;
        let ((volumes, classes), ((version, nodes), (attributes, runtimes))) = (storage, others);
        let runtimes = runtimes.unwrap_or_default();
        Ok(Facts { version, nodes, classes, volumes, attributes, runtimes, ..Facts::default() })
    }

    async fn rest(&self, session: &Session<'_>) -> Result<Rest, Problem> {
        let namespaces = self.namespaces.iter().map(|name| async move {
            let quotas = list(session, Kind::ResourceQuota, name);
            let (quotas, ranges) = try_join(quotas, list(session, Kind::LimitRange, name)).await?;
            let (quotas, ranges) = (quotas.unwrap_or_default(), ranges.unwrap_or_default());
            Ok::<_, Problem>((name.clone(), Namespace { quotas, ranges }))
        });
        let absent = self.references.iter().map(|object| async move {
            let found = readable(session.exists(object).await, &object.to_string())?;
            Ok::<_, Problem>((found == Some(false)).then(|| object.clone()))
        });
        let shared = self.shared.iter().map(|object| async move {
            let found = readable(session.get(object).await, &object.to_string())?;
            Ok::<_, Problem>(found.map(|found| (object.clone(), found)))
        });
        let rights = self.rights.iter();
        let denied = rights.map(|(right, names)| access::ask(session, right, names));
        let objects = try_join(try_join_all(absent), try_join_all(shared));
        let looks = try_join(try_join_all(namespaces), objects);
        let (denied, found) = futures::future::join(join_all(denied), looks).await;
        let (namespaces, (absent, shared)) = found?;
        let denied = denied.into_iter().flatten().collect();
        let (absent, shared) = (absent.into_iter().flatten(), shared.into_iter().flatten());
        Ok((namespaces.into_iter().collect(), absent.collect(), shared.collect(), denied))
    }
}

impl Facts {
    /// The limit ranges of a namespace.
    pub(super) fn ranges(&self, namespace: &str) -> &[Value] {
        self.namespaces.get(namespace).map_or(&[], |found| &found.ranges)
    }
}

async fn list(
    session: &Session<'_>,
    kind: Kind,
    namespace: &str,
) -> Result<Option<Vec<Value>>, Problem> {
    readable(session.list(kind, namespace, "", "").await, &format!("{}s", kind.word()))
}

async fn version(session: &Session<'_>) -> Result<Option<Value>, Problem> {
    readable(session.version().await, "the version of the API server")
}

/// A result, or none when the credentials do not allow the request, or the server does not know the kind yet, or
/// cannot say: nothing that is read here is needed to apply.
fn readable<T>(result: Result<T, Failure>, what: &str) -> Result<Option<T>, Problem> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.code().is_some_and(|code| code != 401) => Ok(None),
        Err(failure) => Err(failure.describe(&format!("cannot read {what}"), "")),
    }
}
