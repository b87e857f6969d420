//! What is read for a preflight, all at the same time, and each thing once for all pipelines.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::future::{join_all, try_join, try_join_all};
use k8s_openapi::api::core::v1::LimitRange;
use k8s_openapi::apimachinery::pkg::version::Info;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::access::Answer;
use super::facts::{ClusterFacts, Namespace, Right};
use super::pipeline_check::changes;
use super::pods::demand::Amounts;
use super::volumes::attributes;
use super::{access, references, sharing, volumes};
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::decide::plan::{Decision, PipelinePlan};
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::typed;
use crate::model::object::{Kind, ObjectRef};

/// What must be known about the pipelines that would change.
#[derive(Debug, Default)]
pub(crate) struct Query {
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

/// What is read in namespaces: what bounds them, absent objects, shared claims and answers about rights.
type Rest = (
    BTreeMap<String, Namespace>,
    Vec<ObjectRef>,
    Vec<(ObjectRef, Option<Value>)>,
    Vec<(Right, Answer)>,
);

impl Query {
    /// What must be known about these, in a run with these claims.
    pub(crate) fn of<S>(plans: &[PipelinePlan<S>], claims: &HashSet<&ObjectRef>) -> Self {
        let mut asked = Self::default();
        let changing: Vec<_> = plans.iter().filter(|plan| changes(plan)).collect();
        asked.shared = sharing::asked(&changing, claims);
        for plan in changing {
            asked.namespaces.insert(plan.pipeline.namespace.clone());
            asked.references.extend(references::needed(plan).into_keys());
            let new = plan.claims.iter().filter(|step| step.live.is_none());
            asked.claims.extend(new.map(|step| step.body.storage_class().map(str::to_owned)));
            asked.nodes |= plan.stateful_set.decision != Decision::Leave;
            asked.attributes |= plan.claims.iter().any(attributes::would_change);
            let runtime = "/spec/template/spec/runtimeClassName";
            asked.runtimes |= plan.stateful_set.body.pointer(runtime).is_some();
        }
        asked.rights = access::needed(plans);
        asked
    }

    /// The kinds that are read of the whole cluster, volumes aside.
    fn kinds(&self) -> impl Iterator<Item = Kind> {
        let classes = !self.claims.is_empty() || self.attributes;
        let asked = [
            (classes, Kind::StorageClass),
            (self.nodes, Kind::Node),
            (self.attributes, Kind::VolumeAttributesClass),
            (self.runtimes, Kind::RuntimeClass),
        ];
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, kind)| kind)
    }

    /// The objects and rights that are not known yet, and the namespaces.
    async fn rest(&self, client: &Client<'_>, facts: &ClusterFacts) -> Result<Rest, Problem> {
        let new = self.namespaces.iter().filter(|name| !facts.namespaces.contains_key(*name));
        let namespaces = new.map(|name| async move {
            let quotas = list(client, Kind::ResourceQuota, name);
            let (quotas, ranges) = try_join(quotas, list(client, Kind::LimitRange, name)).await?;
            let (quotas, ranges) = (quotas.unwrap_or_default(), ranges.unwrap_or_default());
            let planned = vec![Amounts::new(); quotas.len()];
            Ok::<_, Problem>((name.clone(), Namespace { quotas, ranges, planned }))
        });
        let new = self.references.iter().filter(|object| !facts.known.references.contains(*object));
        let absent = new.map(|object| async move {
            let found = readable(client.exists(object).await, &object.to_string())?;
            Ok::<_, Problem>((found == Some(false)).then(|| object.clone()))
        });
        let new = self.shared.iter().filter(|object| !facts.shared.contains_key(*object));
        let shared = new.map(|object| async move {
            let found = readable(client.get(object).await, &object.to_string())?;
            Ok::<_, Problem>(found.map(|found| (object.clone(), found)))
        });
        let new = self.rights.iter().filter(|(right, _)| !facts.known.rights.contains(*right));
        let rights = new.map(|(right, names)| async move {
            (right.clone(), access::ask(client, right, names).await)
        });
        let objects = try_join(try_join_all(absent), try_join_all(shared));
        let looks = try_join(try_join_all(namespaces), objects);
        let (rights, found) = futures::future::join(join_all(rights), looks).await;
        let (namespaces, (absent, shared)) = found?;
        let (absent, shared) = (absent.into_iter().flatten(), shared.into_iter().flatten());
        Ok((namespaces.into_iter().collect(), absent.collect(), shared.collect(), rights))
    }
}

impl ClusterFacts {
    /// Reads at once what is asked and not known yet. An error means that the server cannot be asked.
    pub(crate) async fn learn(&mut self, client: &Client<'_>, asked: Query) -> Result<(), Problem> {
        if asked.namespaces.is_empty() {
            return Ok(());
        }
        let (cluster, rest) =
            try_join(self.cluster(client, &asked), asked.rest(client, self)).await?;
        let (namespaces, absent, shared, rights) = rest;
        self.version = self.version.take().or(cluster.version);
        self.nodes = self.nodes.take().or(cluster.nodes);
        self.classes = self.classes.take().or(cluster.classes);
        self.volumes = self.volumes.take().or(cluster.volumes);
        self.attributes = self.attributes.take().or(cluster.attributes);
        self.runtimes.extend(cluster.runtimes);
        self.known.version = true;
        self.known.kinds.extend(asked.kinds());
        self.namespaces.extend(namespaces);
        self.absent.extend(absent);
        self.shared.extend(shared);
        self.known.references.extend(asked.references);
        for (right, answer) in rights {
            // Another name may be another matter.
            if !matches!(answer, Answer::AllowedByName) {
                self.known.rights.insert(right);
            }
            self.denied.extend(answer.denied());
        }
        Ok(())
    }

    /// What concerns the whole cluster and is not known yet.
    async fn cluster(&self, client: &Client<'_>, asked: &Query) -> Result<Self, Problem> {
        let when = |asked: bool, kind: Kind| asked && !self.known.kinds.contains(&kind);
        let classes = !asked.claims.is_empty() || asked.attributes;
        let (storage, others) = try_join(
            async {
                let asked_for = when(classes, Kind::StorageClass);
                let classes = list_if(client, asked_for, Kind::StorageClass).await?;
                // Most clusters make every volume themselves, and have many of them.
                let claims = asked.claims.iter().map(Option::as_deref);
                let by_hand = classes
                    .as_ref()
                    .or(self.classes.as_ref())
                    .is_some_and(|it| volumes::may_be_by_hand(claims, it));
                let volumes = by_hand && self.volumes.is_none();
                let asked_for = when(volumes, Kind::PersistentVolume);
                Ok((list_if(client, asked_for, Kind::PersistentVolume).await?, classes))
            },
            try_join(
                try_join(
                    async { if self.known.version { Ok(None) } else { version(client).await } },
                    list_if(client, when(asked.nodes, Kind::Node), Kind::Node),
                ),
                try_join(
                    list_if(
                        client,
                        when(asked.attributes, Kind::VolumeAttributesClass),
                        Kind::VolumeAttributesClass,
                    ),
                    list_if(client, when(asked.runtimes, Kind::RuntimeClass), Kind::RuntimeClass),
                ),
            ),
        )
        .await?;
        let ((volumes, classes), ((version, nodes), (attributes, runtimes))) = (storage, others);
        let runtimes = runtimes.unwrap_or_default();
        Ok(Self { version, nodes, classes, volumes, attributes, runtimes, ..Self::default() })
    }

    /// The limit ranges of a namespace.
    pub(super) fn ranges(&self, namespace: &str) -> &[LimitRange] {
        self.namespaces.get(namespace).map_or(&[], |found| &found.ranges)
    }
}

/// Every object of a kind. One that is not what Kubernetes says it is makes it as if the list could not be read.
async fn list<T: DeserializeOwned>(
    client: &Client<'_>,
    kind: Kind,
    namespace: &str,
) -> Result<Option<Vec<T>>, Problem> {
    let found = client.list_typed(kind, namespace).await;
    Ok(readable(found, &format!("{}s", kind.word()))?.flatten())
}

/// Those of the whole cluster, where they are asked for.
async fn list_if<T: DeserializeOwned>(
    client: &Client<'_>,
    asked: bool,
    kind: Kind,
) -> Result<Option<Vec<T>>, Problem> {
    if asked { list(client, kind, "").await } else { Ok(None) }
}

async fn version(client: &Client<'_>) -> Result<Option<Info>, Problem> {
    let found = readable(client.version().await, "the version of the API server")?;
    Ok(found.and_then(typed))
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
