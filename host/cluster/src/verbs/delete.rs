//! Deleting a pipeline, and keeping its claims unless the user says otherwise.

mod targets;

use std::time::Duration;

use futures::future::{join_all, try_join_all};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::json::typed::{lenient, metadata};
use crate::model::object::{Kind, ObjectRef, PipelineRef, object_ref};
use crate::model::options::{Claims, DeleteOptions, Deletion, Wait};
use crate::model::progress::{Event, Progress};
use crate::model::report::DeleteReport;
use crate::model::status::ClaimStatus;
use crate::observe::ending::Ending;
use crate::observe::inventory::Found;
use crate::observe::{ending, inventory};
use crate::recreate::orphans;
use crate::recreate::phase::Phase;
use crate::store::handover::PendingRecreate;
use crate::store::lease::acquired::{AcquireError, Lease};
use crate::store::lease::held::Held;
use crate::store::lease::state::LeaseState;
use crate::store::lock::Queue;
use crate::store::revisions::Part;
use crate::store::{handover, lock, revisions};
use targets::{Target, remove, until_gone};

impl Cluster {
    /// Deletes the objects of a pipeline. Deleting what is not there succeeds.
    pub async fn delete(
        &self,
        namespace: &str,
        pipeline: &str,
        options: &DeleteOptions,
        progress: &dyn Progress,
    ) -> Result<DeleteReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let client = Client::new(self, progress, &options.stop, &heard);
        let pipeline = PipelineRef { namespace: namespace.to_owned(), name: pipeline.to_owned() };
        let deletion = Deletion { pipeline, claims: options.claims };
        let all = Inventory::read(&client, &deletion.pipeline).await?;
        let mut result = delete(&client, &deletion, options, all).await;
        let report = match &mut result {
            Ok(report) => Some(report),
            Err(ClusterError::DeletionUnfinished { report, .. }) => Some(&mut **report),
            Err(_) => None,
        };
        if let Some(report) = report {
            report.requests = self.requests_sent() - before;
        }
        result
    }
}

/// Deletes one pipeline, of which this was read.
pub(crate) async fn delete(
    client: &Client<'_>,
    deletion: &Deletion,
    options: &DeleteOptions,
    all: Inventory,
) -> Result<DeleteReport, ClusterError> {
    let claims = deletion.claims;
    let (all, held) = acquire(client, deletion, options, all).await?;
    let found = &all.found;
    let mut report = DeleteReport { foreign: found.foreign.clone(), ..DeleteReport::default() };
    let targets = targets_of(&all, claims);
    if claims == Claims::Keep {
        report.kept.extend(staying(&found.claims));
    }
    report.kept.extend(staying(&found.foreign_claims));
    let mut problems = Vec::new();
    if let Some(mut held) = held {
        let work = run(client, &targets, &all, options.wait);
        problems = held.hold(work).await.unwrap_or_else(|lost| vec![lost]);
        if problems.is_empty() {
            problems.extend(held.delete(client).await.err());
        } else {
            // The next run waits until it expires, where it cannot be given back.
            let _ = held.release(client, None).await;
        }
    }
    report.deleted = targets.into_iter().map(|one| one.object).collect();
    report.warnings = client.take_heard();
    if !report.warnings.is_empty() {
        client.progress.event(Event::Warnings(report.warnings.clone()));
    }
    if options.stop.is_stopped() && !problems.is_empty() {
        return Err(ClusterError::Stopped { report: None });
    }
    if !problems.is_empty() {
        let report = Box::new(report);
        return Err(ClusterError::DeletionUnfinished { problems, report });
    }
    for claim in &report.kept {
        client.progress.event(Event::Kept(claim.clone()));
    }
    Ok(report)
}

/// The claims that stay: not those that were deleted.
fn staying(claims: &[Value]) -> impl Iterator<Item = ClaimStatus> + '_ {
    claims.iter().filter(|claim| !json::is_deleting(claim)).map(|it| ClaimStatus::of(&lenient(it)))
}

/// All that there is of a pipeline.
pub(crate) struct Inventory {
    lease_state: LeaseState,
    found: Found,
    records: Vec<Part>,
    pending: Option<PendingRecreate>,
    /// Pods whose StatefulSet a run that died was recreating.
    orphans: Vec<ObjectMeta>,
}

impl Inventory {
    async fn read(client: &Client<'_>, pipeline: &PipelineRef) -> Result<Self, Problem> {
        let mut all = Self::read_all(client, &pipeline.namespace, &[pipeline]).await?;
        all.pop().ok_or_else(|| lock::contended(pipeline))
    }

    /// All that there is of pipelines of a namespace, in their order. The Leases come first: a run that writes after that
    /// changes them.
    pub(crate) async fn read_all(
        client: &Client<'_>,
        namespace: &str,
        pipelines: &[&PipelineRef],
    ) -> Result<Vec<Self>, Problem> {
        let lease_states = lock::lease_states(client, pipelines).await?;
        let (found, records, pending) = futures::join!(
            inventory::find_all(client, namespace, Some(pipelines)),
            revisions::list(client, namespace, pipelines),
            try_join_all(pipelines.iter().map(|it| handover::read(client, it))),
        );
        let (mut found, mut records) = (found?, records?);
        let mut all = Vec::with_capacity(pipelines.len());
        for ((pipeline, lease_state), pending) in pipelines.iter().zip(lease_states).zip(pending?) {
            let found = found.remove(*pipeline).unwrap_or_default();
            let records = records.remove(*pipeline).unwrap_or_default();
            let live = found.stateful_set.as_ref();
            let orphans = match Phase::left(live, pending.as_ref(), lease_state.holder().is_some())
            {
                Phase::Deleted(_) => orphans(client, pipeline).await?,
                Phase::Idle | Phase::Planned | Phase::Created(..) => Vec::new(),
            };
            all.push(Self { lease_state, found, records, pending, orphans });
        }
        Ok(all)
    }

    /// Whether nothing is left to delete.
    fn is_gone(&self, claims: Claims) -> bool {
        targets_of(self, claims).is_empty()
            && self.records.is_empty()
            && self.pending.is_none()
            && !self.lease_state.exists()
    }

    /// Whether there is anything to tell of the pipeline, be it what stays.
    pub(crate) fn is_known(&self) -> bool {
        !self.is_gone(Claims::Delete)
    }

    /// Why it is not deleted; empty if nothing speaks against it.
    pub(crate) async fn refusals(&self, client: &Client<'_>, deletion: &Deletion) -> Vec<Problem> {
        let mut problems = cascade(&self.found, deletion.claims);
        problems.extend(ending(client, &self.found, deletion).await);
        problems
    }
}

/// The pods that a run which died left without their StatefulSet.
async fn orphans(client: &Client<'_>, pipeline: &PipelineRef) -> Result<Vec<ObjectMeta>, Problem> {
    let PipelineRef { namespace, name } = pipeline;
    let stateful_set = ObjectRef::new(Kind::StatefulSet, namespace, name);
    let left = orphans::leftovers(client, &stateful_set).await.map_err(|failure| {
        failure.describe(&format!("cannot read what belongs to {pipeline}"), namespace)
    })?;
    Ok(left.pods)
}

/// All that there is of a pipeline, and its Lease unless there is nothing to delete. It is read again where another
/// run wrote since.
async fn acquire(
    client: &Client<'_>,
    deletion: &Deletion,
    options: &DeleteOptions,
    read: Inventory,
) -> Result<(Inventory, Option<Held>), ClusterError> {
    let Deletion { pipeline, claims } = deletion;
    let mut read = Some(read);
    for _ in 0..lock::MAX_ATTEMPTS {
        let all = match read.take() {
            Some(all) => all,
            None => Inventory::read(client, pipeline).await?,
        };
        let problems = all.refusals(client, deletion).await;
        if !problems.is_empty() {
            return Err(ClusterError::Refused(problems));
        }
        if client.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        if all.is_gone(*claims) {
            return Ok((all, None));
        }
        if all.lease_state.holder().is_some_and(|it| !it.is_gone()) {
            wait_for_holder(client, pipeline, &all.lease_state, options.lock_timeout).await?;
            continue;
        }
        match Lease::acquire(client, pipeline, &all.lease_state).await {
            Ok(lease) => return Ok((all, Some(Held::begin(client, lease)))),
            Err(AcquireError::Changed) => {}
            Err(AcquireError::Failed(problem)) => {
                return Err(ClusterError::refused(vec![*problem]));
            }
        }
    }
    Err(ClusterError::Refused(vec![lock::contended(pipeline)]))
}

/// Waits until the run that holds a pipeline is done or dead.
pub(crate) async fn wait_for_holder(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    lease_state: &LeaseState,
    patience: Duration,
) -> Result<(), ClusterError> {
    let mut queue = Queue::new(patience);
    queue.add(client, pipeline.clone(), lease_state);
    loop {
        let (rest, mut freed) = queue.look(client).await;
        match freed.pop() {
            Some((_, Ok(()))) => return Ok(()),
            Some((_, Err(problem))) => return Err(ClusterError::refused(vec![problem])),
            None => queue = rest,
        }
    }
}

/// Deletes the objects, waits until they are gone, and deletes the records of what they were.
async fn run(client: &Client<'_>, targets: &[Target], all: &Inventory, wait: Wait) -> Vec<Problem> {
    let mut problems = remove(client, targets).await;
    if let (true, Wait::UntilDone { timeout }) = (problems.is_empty(), wait) {
        problems = until_gone(client, targets, timeout).await;
    }
    if !problems.is_empty() {
        return problems;
    }
    let removed = all.records.iter().map(|it| revisions::remove(client, &it.object, &it.uid));
    let removed = join_all(removed).await.into_iter();
    let pending = match &all.pending {
        Some(pending) => pending.remove(client).await,
        None => Ok(()),
    };
    removed.chain([pending]).filter_map(Result::err).collect()
}

/// A StatefulSet may order Kubernetes to delete its claims along with it.
fn cascade(found: &Found, claims: Claims) -> Vec<Problem> {
    const POLICY: &str = "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted";
    if claims == Claims::Delete || (found.claims.is_empty() && found.foreign_claims.is_empty()) {
        return Vec::new();
    }
    let cascading = found.stateful_set.iter().filter(|one| json::text(one, POLICY) == "Delete");
    cascading
        .map(|one| {
            let object = object_ref(Kind::StatefulSet, one);
            let names: Vec<_> = found.claims.iter().map(json::name).collect();
            Problem::new(Code::DeletionLosesData, format!("deleting {object} would delete its claims and their data"))
                .on(&object)
                .field("spec.persistentVolumeClaimRetentionPolicy.whenDeleted")
                .why(format!("its retention policy says so; claims: {}", names.join(", ")))
                .hint("apply the pipeline with the policy Retain first, or ask for the claims to be deleted")
        })
        .collect()
}

/// A claim that is being deleted goes with its pod, and its data with it, unless its volume is kept.
async fn ending(client: &Client<'_>, found: &Found, deletion: &Deletion) -> Vec<Problem> {
    if deletion.claims == Claims::Delete {
        return Vec::new();
    }
    let ending =
        found.claims.iter().chain(&found.foreign_claims).filter(|it| json::is_deleting(it));
    let problems = ending.map(|claim| async move {
        let ending = Ending::read(Kind::PersistentVolumeClaim, claim);
        let volume = ObjectRef::new(Kind::PersistentVolume, "", &ending.volume);
        // Without the right to read volumes, no more is known.
        let volume: PersistentVolume = match client.get(&volume).await {
            Ok(Some(found)) if !volume.name.is_empty() => lenient(&found),
            _ => return None,
        };
        let policy = volume.spec.and_then(|it| it.persistent_volume_reclaim_policy);
        (policy.as_deref() != Some("Retain")).then(|| {
            let object = object_ref(Kind::PersistentVolumeClaim, claim);
            ending::goes_with_pods(&object, &ending, &deletion.pipeline)
        })
    });
    join_all(problems).await.into_iter().flatten().collect()
}

/// The StatefulSet first, so that no controller recreates what follows.
fn targets_of(all: &Inventory, claims: Claims) -> Vec<Target> {
    let found = &all.found;
    let of = |kind: Kind, objects: &[Value]| {
        let one = |live: &Value| Target::new(kind, metadata(live));
        objects.iter().map(one).collect::<Vec<_>>()
    };
    let set = |live: &Value| {
        let set: StatefulSet = lenient(live);
        Target { set: Some(set.clone()), ..Target::new(Kind::StatefulSet, set.metadata) }
    };
    let mut targets: Vec<_> = found.stateful_set.iter().map(set).collect();
    targets.extend(all.orphans.iter().map(|pod| Target::new(Kind::Pod, pod.clone())));
    targets.extend(of(Kind::Service, &found.services));
    if claims == Claims::Delete {
        targets.extend(of(Kind::PersistentVolumeClaim, &found.claims));
    }
    targets
}
