//! Objects on their way out: asked to be deleted, and waited for.

use std::time::Duration;

use futures::future::join_all;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::params::{DeleteParams, Preconditions};
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::api::pauses::Pauses;
use crate::model::error::Problem;
use crate::model::json::typed::{is_deleting, metadata, name, uid};
use crate::model::object::{Kind, ObjectRef};
use crate::model::progress::Event;
use crate::observe::pods;

/// The first and the longest pause between two looks at what is still there.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One object on its way out.
pub(super) struct Target {
    pub(super) object: ObjectRef,
    pub(super) metadata: ObjectMeta,
    /// A StatefulSet, of which the pods go along.
    pub(super) set: Option<StatefulSet>,
}

impl Target {
    pub(super) fn new(kind: Kind, metadata: ObjectMeta) -> Self {
        Self { object: ObjectRef::of(kind, &metadata), metadata, set: None }
    }
}

/// Asks the server to delete each object that it is not deleting yet. The uid makes sure that it is the one we saw.
pub(super) async fn remove(client: &Client<'_>, targets: &[Target]) -> Vec<Problem> {
    let open = targets.iter().filter(|one| !is_deleting(&one.metadata));
    let deletions = open.map(|one| async move {
        // In the foreground a StatefulSet goes after its pods, so its absence means theirs.
        let params = match one.object.kind {
            Kind::StatefulSet => DeleteParams::foreground(),
            _ => DeleteParams::background(),
        };
        let uid = Some(uid(&one.metadata).to_owned());
        let params = params.preconditions(Preconditions { uid, resource_version: None });
        client.progress.event(Event::Deleting(one.object.clone()));
        match client.delete(&one.object, &params).await {
            Err(failure) if failure.is_conflict() => Some(replaced(&one.object, &failure)),
            Err(failure) => Some(failure.problem("delete", &one.object)),
            Ok(()) => None,
        }
    });
    join_all(deletions).await.into_iter().flatten().collect()
}

fn replaced(object: &ObjectRef, failure: &Failure) -> Problem {
    Problem::new(
        Code::ObjectReplaced,
        format!("{object} was replaced by another object of the same name"),
    )
    .on(object)
    .why(failure.reason())
    .retry(" to decide on what is there now")
}

/// Waits until the objects and the StatefulSet's pods are gone; the findings say what holds them up.
pub(super) async fn until_gone(
    client: &Client<'_>,
    targets: &[Target],
    timeout: Option<Duration>,
) -> Vec<Problem> {
    let mut pauses = Pauses::new(timeout, FIRST_PAUSE, LONGEST_PAUSE);
    let mut left: Vec<&Target> = targets.iter().collect();
    loop {
        let looks = join_all(left.iter().map(|one| remains(client, one))).await;
        let mut still = Vec::new();
        for (one, remains) in left.into_iter().zip(looks) {
            match remains {
                Ok(Some(problem)) => still.push((one, problem)),
                Ok(None) => client.progress.event(Event::Deleted(one.object.clone())),
                Err(failure) => still.push((one, failure.problem("watch", &one.object))),
            }
        }
        if still.is_empty() || pauses.are_over() || client.stop.is_stopped() {
            return still.into_iter().map(|(_, problem)| problem).collect();
        }
        left = still.into_iter().map(|(one, _)| one).collect();
        tokio::select! {
            () = pauses.pause(Duration::ZERO) => {}
            () = client.stop.stopped() => {}
        }
    }
}

/// Why an object is still there, or `None` once it is gone.
async fn remains(client: &Client<'_>, target: &Target) -> Result<Option<Problem>, Failure> {
    let object = &target.object;
    let mut pods = Vec::new();
    if let Some(set) = &target.set {
        let found = pods::pods(client, set).await?;
        pods.extend(found.iter().map(|pod| name(&pod.metadata).to_owned()));
    }
    let now = client.get(object).await?.as_ref().map(metadata);
    let same = now.filter(|now| uid(now) == uid(&target.metadata));
    if same.is_none() && pods.is_empty() {
        return Ok(None);
    }
    let finalizers = same.and_then(|it| it.finalizers).unwrap_or_default().join(", ");
    let mut facts = Vec::new();
    if !pods.is_empty() {
        facts.push(format!("pods: {}", pods.join(", ")));
    }
    if !finalizers.is_empty() {
        facts.push(format!("finalizers: {finalizers}"));
    }
    let problem =
        Problem::new(Code::NotDeletedInTime, format!("{object} is still being deleted")).on(object);
    let problem = problem.hint(
        "the controller of a finalizer removes it when it is done; run the same command to wait on",
    );
    Ok(Some(if facts.is_empty() { problem } else { problem.why(facts.join("; ")) }))
}
