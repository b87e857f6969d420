//! What a pipeline looks like in the cluster now.

use serde::Serialize;
use serde_json::Value;
use wellhead_spec::sanitize;

use super::diagnosis::Reason;
use super::events::Reported;
use super::expansion::Growth;
use super::inventory::Found;
use super::rollout::Readiness;
use super::{diagnosis, ending, events, expansion, rollout};
use crate::api::failure::Failure;
use crate::api::session::Session;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PipelineRef};

/// Pods whose events are read; one is as good as a hundred.
const PODS_ASKED: usize = 3;

/// Characters of a reason that has words of others.
const LONGEST_REASON: usize = 300;

/// A pipeline in the cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its StatefulSet, unless it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stateful_set: Option<StatefulSetStatus>,
    /// Its Service, unless it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceStatus>,
    /// Its pods by ordinal.
    pub pods: Vec<PodStatus>,
    /// Its claims by name, those of earlier and of additional replicas included.
    pub claims: Vec<ClaimStatus>,
    /// What is about to be lost, or is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

/// A StatefulSet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatefulSetStatus {
    /// Its name.
    pub name: String,
    /// How far its rollout is.
    #[serde(flatten)]
    pub readiness: Readiness,
    /// The revision that its pods run, or leave.
    pub current_revision: String,
    /// The revision that its pods are to run.
    pub update_revision: String,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// Its cluster IP; `None` as text for a headless one.
    pub cluster_ip: String,
    /// Its ports.
    pub ports: Vec<i64>,
}

/// A pod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// Its name.
    pub name: String,
    /// `Pending`, `Running`, ..., or `Terminating`.
    pub phase: String,
    /// Whether it is ready.
    pub ready: bool,
    /// The node it runs on, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Its revision.
    pub revision: String,
    /// Why it is not ready, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimStatus {
    /// Its name.
    pub name: String,
    /// `Pending`, `Bound`, `Lost`, or `Terminating`.
    pub phase: String,
    /// The size it asks for.
    pub requested: String,
    /// The size it has, once it is bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How far its volume is, while it is smaller than it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// Its storage class, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl ClaimStatus {
    pub(crate) fn of(claim: &Value) -> Self {
        Self {
            name: json::name(claim).to_owned(),
            phase: phase(claim).to_owned(),
            requested: json::text(claim, "/spec/resources/requests/storage").to_owned(),
            size: some(json::text(claim, "/status/capacity/storage")),
            growth: expansion::of(claim),
            class: some(json::storage_class(claim).unwrap_or_default()),
        }
    }
}

impl Found {
    /// What it and the pods say of their pipeline; `None` where there is nothing.
    pub(crate) async fn status(
        &self,
        session: &Session<'_>,
        pipeline: &PipelineRef,
        pods: &[Value],
    ) -> Result<Option<Status>, Failure> {
        if self.is_empty() {
            return Ok(None);
        }
        let reasons = match &self.stateful_set {
            Some(stateful_set) => why(session, pods, stateful_set).await?,
            None => Vec::new(),
        };
        Ok(Some(Status {
            namespace: pipeline.namespace.clone(),
            name: pipeline.name.clone(),
            stateful_set: self.stateful_set.as_ref().map(|one| stateful_set(one, &self.claims)),
            service: self.services.iter().chain(&self.shared_services).next().map(service),
            pods: pods.iter().zip(reasons).map(|(one, why)| pod(one, why)).collect(),
            claims: self.claims.iter().chain(&self.foreign_claims).map(ClaimStatus::of).collect(),
            warnings: warnings(session, self, pipeline).await,
        }))
    }
}

/// What is on its way out, and claims that have lost their volumes.
async fn warnings(session: &Session<'_>, found: &Found, pipeline: &PipelineRef) -> Vec<Problem> {
    let claims = found.claims.iter().chain(&found.foreign_claims);
    let sets = found.stateful_set.iter().map(|it| (Kind::StatefulSet, it));
    let objects: Vec<_> = sets
        .chain(found.services.iter().map(|it| (Kind::Service, it)))
        .chain(claims.map(|it| (Kind::PersistentVolumeClaim, it)))
        .map(|(kind, it)| (object_ref(kind, it), it))
        .collect();
    let warning = |(object, live): &(ObjectRef, &Value)| {
        if json::is_deleting(live) {
            return Some(ending::problem(object, live, pipeline));
        }
        ending::lost(object, live, pipeline)
    };
    let mut warnings: Vec<_> = objects.iter().filter_map(warning).collect();
    let namespaces = ending::namespaces(session, &warnings).await;
    let live = objects.iter().map(|(object, live)| (object, *live)).collect();
    ending::tell_namespaces(&mut warnings, &namespaces, &live);
    warnings
}

fn stateful_set(object: &Value, claims: &[Value]) -> StatefulSetStatus {
    let bound = claims.iter().filter(|claim| ending::has_volume(claim));
    StatefulSetStatus {
        name: json::name(object).to_owned(),
        readiness: rollout::readiness(object, 0, claims.len(), bound.count()),
        current_revision: json::text(object, "/status/currentRevision").to_owned(),
        update_revision: json::text(object, "/status/updateRevision").to_owned(),
    }
}

fn service(object: &Value) -> ServiceStatus {
    let ports = json::items(object, "/spec/ports");
    ServiceStatus {
        name: json::name(object).to_owned(),
        cluster_ip: json::text(object, "/spec/clusterIP").to_owned(),
        ports: ports.iter().map(|port| json::number(port, "/port")).collect(),
    }
}

/// Why each pod is not ready. Of the first that do not say it themselves, the newest warning is asked for.
async fn why(
    session: &Session<'_>,
    pods: &[Value],
    stateful_set: &Value,
) -> Result<Vec<Option<String>>, Failure> {
    let (now, mut asked) = (session.server_time(), 0);
    let mut all = Vec::with_capacity(pods.len());
    for pod in pods {
        if let Some(reason) = diagnosis::of_pod(pod, stateful_set) {
            all.push(Some(reason.problem.what));
            continue;
        }
        let Some(Reason { problem, .. }) = diagnosis::of_silent(pod, now) else {
            all.push(None);
            continue;
        };
        let mut what = problem.what;
        if asked < PODS_ASKED {
            asked += 1;
            let namespace = json::text(pod, "/metadata/namespace");
            let event = events::failure_of(session, namespace, json::uid(pod)).await?;
            if let Some(Reported { reason, message, .. }) = event {
                what = sanitize(&format!("{what}: {reason}: {message}"), LONGEST_REASON);
            }
        }
        all.push(Some(what));
    }
    Ok(all)
}

fn pod(object: &Value, reason: Option<String>) -> PodStatus {
    let conditions = json::items(object, "/status/conditions");
    let ready = conditions.iter().any(|condition| {
        json::text(condition, "/type") == "Ready" && json::text(condition, "/status") == "True"
    });
    PodStatus {
        name: json::name(object).to_owned(),
        phase: phase(object).to_owned(),
        ready,
        node: some(json::text(object, "/spec/nodeName")),
        revision: json::label(object, "controller-revision-hash").to_owned(),
        reason,
    }
}

/// The phase as kubectl shows it.
fn phase(object: &Value) -> &str {
    if json::is_deleting(object) { "Terminating" } else { json::text(object, "/status/phase") }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The object's address.
pub(crate) fn object_ref(kind: Kind, object: &Value) -> ObjectRef {
    ObjectRef::new(kind, json::text(object, "/metadata/namespace"), json::name(object))
}
