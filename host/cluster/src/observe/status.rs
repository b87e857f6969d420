//! What a pipeline looks like in the cluster now.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::sanitize;

use super::diagnosis::{Reason, silent};
use super::ending::Ending;
use super::events::Reported;
use super::inventory::Found;
use super::{diagnosis, ending, events, expansion, rollout};
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{is_deleting, lenient, name, namespace, text, uid};
use crate::model::object::{Kind, ObjectRef, PipelineRef, object_ref};
use crate::model::remedy::Remedy;
use crate::model::status::{ClaimStatus, PodStatus, ServiceStatus, StatefulSetStatus, Status};
use crate::model::storage::migration::HOLD;

/// Pods whose events are read; one is as good as a hundred.
const PODS_ASKED: usize = 3;

/// Characters of a reason that has words of others.
const LONGEST_REASON: usize = 300;

impl ClaimStatus {
    pub(crate) fn of(claim: &PersistentVolumeClaim) -> Self {
        let phase = ending::phase(claim);
        Self {
            name: name(&claim.metadata).to_owned(),
            phase: shown(&claim.metadata, phase).to_owned(),
            requested: expansion::requested(claim).to_owned(),
            size: some(expansion::capacity(claim)),
            growth: expansion::of(claim),
            class: some(claim.storage_class().unwrap_or_default()),
        }
    }
}

impl Found {
    /// What it and the pods say of their pipeline; `None` where there is nothing.
    pub(crate) async fn status(
        &self,
        client: &Client<'_>,
        pipeline: &PipelineRef,
        pods: &[Pod],
    ) -> Result<Option<Status>, Failure> {
        if self.is_empty() {
            return Ok(None);
        }
        let set: Option<StatefulSet> = self.stateful_set.as_ref().map(lenient);
        let reasons = match &set {
            Some(set) => why(client, pods, set).await?,
            None => Vec::new(),
        };
        let services = self.services.iter().chain(&self.shared_services);
        let typed = |claims: &[Value]| claims.iter().map(lenient).collect::<Vec<_>>();
        let (claims, foreign) = (typed(&self.claims), typed(&self.foreign_claims));
        Ok(Some(Status {
            namespace: pipeline.namespace.clone(),
            name: pipeline.name.clone(),
            stateful_set: set.map(|set| stateful_set(&set, &claims)),
            service: services.map(|it| service(&lenient(it))).next(),
            pods: pods.iter().zip(reasons).map(|(one, why)| pod(one, why)).collect(),
            claims: claims.iter().chain(&foreign).map(ClaimStatus::of).collect(),
            warnings: moving(pods, pipeline)
                .into_iter()
                .chain(warnings(client, self, pipeline).await)
                .collect(),
        }))
    }
}

/// Pods that a migration holds, of a run that is at it or was.
fn moving(pods: &[Pod], pipeline: &PipelineRef) -> Option<Problem> {
    let is_held =
        |it: &&Pod| it.metadata.finalizers.iter().flatten().any(|finalizer| finalizer == HOLD);
    let held: Vec<_> = pods.iter().filter(is_held).map(|it| name(&it.metadata)).collect();
    let pod = held.first()?;
    let what = format!("pod {pod} is held: the data of its claims are moved to other volumes");
    let problem = Problem::new(Code::MigrationUnderWay, what)
        .on(&ObjectRef::new(Kind::Pod, &pipeline.namespace, pod))
        .why("the old volume is kept; if no apply is at work, it was interrupted");
    Some(problem.remedy(Remedy::AbortMigration { pipeline: pipeline.clone() }))
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
        let ending = Ending::read(object.kind, live);
        if ending.has_begun() {
            return Some(ending::problem(object, &ending, pipeline));
        }
        ending::lost(object, &ending, pipeline)
    };
    let mut warnings: Vec<_> = objects.iter().filter_map(warning).collect();
    let namespaces = ending::namespaces(client, &warnings).await;
    let live = objects.iter().map(|(object, live)| (object, *live)).collect();
    ending::report_namespaces(&mut warnings, &namespaces, &live);
    warnings
}

fn stateful_set(set: &StatefulSet, claims: &[PersistentVolumeClaim]) -> StatefulSetStatus {
    let bound = claims.iter().filter(|claim| ending::has_volume(claim));
    StatefulSetStatus {
        name: name(&set.metadata).to_owned(),
        readiness: rollout::readiness(set, 0, claims.len(), bound.count()),
        current_revision: rollout::current_revision(set).to_owned(),
        update_revision: rollout::update_revision(set).to_owned(),
    }
}

fn service(service: &Service) -> ServiceStatus {
    let spec = service.spec.as_ref();
    let ports = spec.and_then(|it| it.ports.as_ref()).into_iter().flatten();
    ServiceStatus {
        name: name(&service.metadata).to_owned(),
        cluster_ip: text(spec.and_then(|it| it.cluster_ip.as_ref())).to_owned(),
        ports: ports.map(|port| port.port.into()).collect(),
    }
}

/// Why each pod is not ready. Of the first that do not say it themselves, the newest warning is asked for.
async fn why(
    client: &Client<'_>,
    pods: &[Pod],
    stateful_set: &StatefulSet,
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
            let (namespace, uid) = (namespace(&pod.metadata), uid(&pod.metadata));
            let event = events::failure_of(client, namespace, uid).await?;
            if let Some(Reported { reason, message, .. }) = event {
                what = sanitize(&format!("{what}: {reason}: {message}"), LONGEST_REASON);
            }
        }
        all.push(Some(what));
    }
    Ok(all)
}

fn pod(pod: &Pod, reason: Option<String>) -> PodStatus {
    PodStatus {
        name: name(&pod.metadata).to_owned(),
        phase: shown(&pod.metadata, diagnosis::phase(pod)).to_owned(),
        ready: diagnosis::is_ready(pod),
        node: some(diagnosis::node(pod)),
        revision: diagnosis::revision(pod).to_owned(),
        reason,
    }
}

/// The phase as kubectl shows it.
fn shown<'p>(metadata: &ObjectMeta, phase: &'p str) -> &'p str {
    if is_deleting(metadata) { "Terminating" } else { phase }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
