//! What a pipeline looks like in the cluster now.

use serde_json::Value;
use wellhead_spec::sanitize;

use super::diagnosis::{Reason, silent};
use super::events::Reported;
use super::inventory::Found;
use super::{diagnosis, ending, events, expansion, rollout};
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PipelineRef, object_ref};
use crate::model::status::{ClaimStatus, PodStatus, ServiceStatus, StatefulSetStatus, Status};

/// Pods whose events are read; one is as good as a hundred.
const PODS_ASKED: usize = 3;

/// Characters of a reason that has words of others.
const LONGEST_REASON: usize = 300;

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
        client: &Client<'_>,
        pipeline: &PipelineRef,
        pods: &[Value],
    ) -> Result<Option<Status>, Failure> {
        if self.is_empty() {
            return Ok(None);
        }
        let reasons = match &self.stateful_set {
            Some(stateful_set) => why(client, pods, stateful_set).await?,
            None => Vec::new(),
        };
        Ok(Some(Status {
            namespace: pipeline.namespace.clone(),
            name: pipeline.name.clone(),
            stateful_set: self.stateful_set.as_ref().map(|one| stateful_set(one, &self.claims)),
            service: self.services.iter().chain(&self.shared_services).next().map(service),
            pods: pods.iter().zip(reasons).map(|(one, why)| pod(one, why)).collect(),
            claims: self.claims.iter().chain(&self.foreign_claims).map(ClaimStatus::of).collect(),
            warnings: warnings(client, self, pipeline).await,
        }))
    }
}

/// What is on its way out, and claims that have lost their volumes.
async fn warnings(client: &Client<'_>, found: &Found, pipeline: &PipelineRef) -> Vec<Problem> {
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
    let namespaces = ending::namespaces(client, &warnings).await;
    let live = objects.iter().map(|(object, live)| (object, *live)).collect();
    ending::report_namespaces(&mut warnings, &namespaces, &live);
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
    client: &Client<'_>,
    pods: &[Value],
    stateful_set: &Value,
) -> Result<Vec<Option<String>>, Failure> {
    let (now, mut asked) = (client.server_time(), 0);
    let mut all = Vec::with_capacity(pods.len());
    for pod in pods {
        if let Some(reason) = diagnosis::of_pod(pod, stateful_set) {
            all.push(Some(reason.problem.what));
            continue;
        }
        let Some(Reason { problem, .. }) = silent::of_silent(pod, now) else {
            all.push(None);
            continue;
        };
        let mut what = problem.what;
        if asked < PODS_ASKED {
            asked += 1;
            let namespace = json::text(pod, "/metadata/namespace");
            let event = events::failure_of(client, namespace, json::uid(pod)).await?;
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
