//! The steps from one StatefulSet to another with the same pods.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::params::{DeleteParams, Preconditions, PropagationPolicy};
use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use super::backoff::{Backoff, FIRST_PAUSE, ORPHANING, RACES};
use super::orphans;
use super::orphans::{Dependents, Orphan, owner};
use super::successor::{changed, create};
use crate::api::call::Mode;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::decide::immutable::{Fixed, SELECTOR};
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::managed_fields::owners;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::{is_deleting, lenient, name, uid};
use crate::model::object::{Kind, ObjectRef};
use crate::model::progress::Event;
use crate::model::remedy::Remedy;
use crate::observe::live::Live;
use crate::observe::pods;
use crate::store::handover;

const POLICY: &str = "/spec/persistentVolumeClaimRetentionPolicy";

/// What became of a StatefulSet that was recreated.
#[derive(Debug)]
pub(crate) struct Recreated {
    /// The new one.
    pub(crate) now: Value,
    /// The pods that it is to adopt.
    pub(crate) orphans: Vec<Orphan>,
    /// What a user should know.
    pub(crate) warnings: Vec<Problem>,
}

/// Recreates a StatefulSet. A request to stop is not listened to: pods shall not stay without their controller.
pub(crate) async fn run(
    client: &Client<'_>,
    plan: &PipelinePlan,
    limit: Option<Duration>,
) -> Result<Recreated, Problem> {
    let step = &plan.stateful_set;
    let (Some(replacement), Some(live)) = (&step.replacement, &step.live) else {
        return Err(changed(&step.object, "it does not exist"));
    };
    let object = &step.object;
    let live = keep_claims(client, object, live, &mut Backoff::new(limit)).await?;
    let read = |failure: Failure| failure.problem("read the pods of", object);
    let before = orphans::owned(client, &lenient(&live)).await.map_err(read)?;
    orphans::label(client, &replacement.body, &before, Mode::DryRun).await?;
    let kept = handover::keep(client, &plan.pipeline, replacement, &live).await?;
    orphan(client, object, &live).await?;
    until_gone(client, object, &mut Backoff::new(limit)).await?;
    client.progress.event(Event::Orphaned(object.clone()));
    let (found, lost) = survivors(client, &live, before).await.map_err(read)?;
    let warnings: Vec<_> = lost_pods(object, &lost).into_iter().collect();
    for warning in &warnings {
        client.progress.event(Event::Warning(warning.clone()));
    }
    orphans::label(client, &replacement.body, &found, Mode::Write).await?;
    let now = create(client, object, replacement, &mut Backoff::new(limit)).await?;
    if json::uid(&now) == json::uid(&live) {
        return Err(changed(object, "it has the uid of the one that was deleted"));
    }
    if let Some(kept) = kept.as_ref().or(plan.pending.as_ref()) {
        kept.remove(client).await?;
    }
    Ok(Recreated { now, orphans: found.orphans(), warnings })
}

/// Makes sure that no claim goes along with the StatefulSet, whatever becomes of the request that deletes it.
async fn keep_claims(
    client: &Client<'_>,
    object: &ObjectRef,
    live: &Value,
    backoff: &mut Backoff,
) -> Result<Value, Problem> {
    let deletes = |live: &Value| {
        ["whenDeleted", "whenScaled"]
            .iter()
            .any(|when| json::text(live, &format!("{POLICY}/{when}")) == "Delete")
    };
    let live = if deletes(live) {
        let body = with_policy(live);
        let kept = client.apply(object, &body, Mode::Write).await;
        let kept = kept.map_err(|failure| failure.problem("keep the claims of", object))?;
        if deletes(&kept) {
            return Err(changed(object, "its retention policy stays Delete"));
        }
        kept
    } else {
        live.clone()
    };
    loop {
        let claims = client.list(Kind::PersistentVolumeClaim, &object.namespace, "", "").await;
        let claims = claims.map_err(|failure| failure.problem("read the claims of", object))?;
        let owned = claims.iter().filter(|claim| {
            let owners = json::items(claim, "/metadata/ownerReferences");
            owners.iter().any(|owner| json::text(owner, "/uid") == json::uid(&live))
        });
        let owned: Vec<_> = owned.map(json::name).collect();
        if owned.is_empty() {
            return Ok(live);
        }
        if !backoff.pause().await {
            let what = format!("{object} still owns claims that would be deleted along with it");
            return Err(Problem::new(Code::NotReadyToRecreate, what)
                .on(object)
                .why(format!(
                    "its retention policy is Retain now, and its controller has not let go of {}",
                    owned.join(", ")
                ))
                .retry(" once the controller manager works"));
        }
    }
}

/// What we applied, with the policy that keeps claims.
fn with_policy(live: &Value) -> Value {
    let mut body = owners::project(&owners::ours(live), live);
    if !body.is_object() {
        body = json!({});
    }
    body["apiVersion"] = Kind::StatefulSet.api_version().into();
    body["kind"] = "StatefulSet".into();
    for field in ["name", "namespace", "uid"] {
        body["metadata"][field] = live["metadata"][field].clone();
    }
    body["spec"]["persistentVolumeClaimRetentionPolicy"] =
        json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
    body
}

/// Deletes the object and not its pods, if it is still the one that was looked at.
async fn orphan(client: &Client<'_>, object: &ObjectRef, live: &Value) -> Result<(), Problem> {
    client.progress.event(Event::Orphaning(object.clone()));
    for race in 0..RACES {
        let found = client.get(object).await.map_err(|it| it.problem("read", object))?;
        let Some(found) = found else {
            // After a race, our own request may have been the one that was heard.
            return if race == 0 { Err(changed(object, "it was deleted")) } else { Ok(()) };
        };
        if json::uid(&found) != json::uid(live) {
            return Err(changed(object, "it was replaced by another of the same name"));
        }
        if json::is_deleting(&found) {
            return Ok(());
        }
        let generation = |of: &Value| json::number(of, "/metadata/generation");
        if generation(&found) != generation(live) {
            return Err(changed(object, "another client changed its spec"));
        }
        let preconditions = Preconditions {
            uid: Some(json::uid(&found).to_owned()),
            resource_version: Some(json::text(&found, "/metadata/resourceVersion").to_owned()),
        };
        let params = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Orphan),
            ..DeleteParams::default().preconditions(preconditions)
        };
        match client.delete(object, &params).await {
            Ok(()) => return Ok(()),
            // Its controller writes its status all the time.
            Err(failure) if failure.is_conflict() => tokio::time::sleep(FIRST_PAUSE).await,
            Err(failure) => return Err(failure.problem("delete", object)),
        }
    }
    Err(changed(object, "it keeps changing"))
}

/// Waits for StatefulSets that a run which died was taking off their pods, so that the same command goes on. One that
/// does not go in time is reported later.
pub(crate) async fn finish_orphaning(client: &Client<'_>, live: &mut Live) -> Result<(), Problem> {
    let orphaning = |object: &ObjectRef, found: &Value| {
        object.kind == Kind::StatefulSet
            && json::is_deleting(found)
            && json::finalizers(found).contains(&"orphan")
    };
    let going: Vec<_> = live
        .iter()
        .filter(|(object, found)| orphaning(object, found))
        .map(|it| it.0.clone())
        .collect();
    let mut backoff = Backoff::new(Some(ORPHANING));
    for object in going {
        client.progress.event(Event::Orphaning(object.clone()));
        loop {
            let found = client.get(&object).await.map_err(|it| it.problem("read", &object))?;
            if found.is_none() {
                live.remove(&object);
                break;
            }
            if client.stop.is_stopped() || !backoff.pause().await {
                break;
            }
        }
    }
    Ok(())
}

/// Waits until the object is gone. Until then it can still be read, and everything that is applied to it vanishes.
async fn until_gone(
    client: &Client<'_>,
    object: &ObjectRef,
    backoff: &mut Backoff,
) -> Result<(), Problem> {
    loop {
        let found = client.get(object).await.map_err(|it| it.problem("read", object))?;
        let Some(found) = found else { return Ok(()) };
        if !backoff.pause().await {
            let since = json::text(&found, "/metadata/deletionTimestamp");
            let finalizers = json::finalizers(&found).join(", ");
            return Err(Problem::new(Code::NotDeletedInTime, format!("the pods of {object} are still being orphaned"))
                .on(object)
                .why(format!("since {since}; it waits for: {finalizers}; its pods and claims stay"))
                .hint("the controller manager removes the finalizer `orphan`, and who set another one removes that; then run the same command again: it goes on here"));
        }
    }
}

/// The dependents that are still there without an owner, and the names of pods that are not.
async fn survivors(
    client: &Client<'_>,
    live: &Value,
    before: Dependents,
) -> Result<(Dependents, Vec<String>), Failure> {
    let namespace = json::text(live, "/metadata/namespace");
    let labels = pods::selector(&lenient(live));
    let now = orphans::read(client, Kind::Pod, namespace, &labels).await?;
    let survives = |pod: &ObjectMeta| {
        let same = now.iter().find(|it| uid(it) == uid(pod));
        // A pod that still names the object that is gone is deleted as its dependent.
        same.is_some_and(|it| !is_deleting(it) && owner(it) != Some(json::uid(live)))
    };
    let Dependents { pods, revisions } = before;
    let (pods, lost): (Vec<_>, Vec<_>) = pods.into_iter().partition(survives);
    Ok((Dependents { pods, revisions }, lost.iter().map(|it| name(it).to_owned()).collect()))
}

/// What is reported of pods that did not outlive their StatefulSet.
pub(crate) fn lost_pods(object: &ObjectRef, lost: &[String]) -> Option<Problem> {
    (!lost.is_empty()).then(|| {
        let what = format!("pods did not keep running while {object} was recreated: {}", lost.join(", "));
        Problem::new(Code::PodsLostInRecreate, what)
            .on(object)
            .why("something deleted them, or asked for the StatefulSet to be deleted with its pods")
            .hint("nothing is left to do: the new StatefulSet starts them again, with the same claims")
    })
}

/// Finds pods that a StatefulSet which is to be created shall adopt, and makes sure that it can.
pub(crate) async fn prepare_adoption(
    client: &Client<'_>,
    step: &Step,
) -> Result<Vec<Orphan>, Problem> {
    let object = &step.object;
    let found = orphans::leftovers(client, object).await;
    let found = found.map_err(|failure| failure.problem("read the pods of", object))?;
    orphans::label(client, &step.body, &found, Mode::Write).await?;
    Ok(found.orphans())
}

/// Whether pods get other labels along with their new StatefulSet.
pub(crate) fn changes_selector<S>(step: &Step<S>) -> bool {
    step.decision == Decision::Recreate && step.fixed.iter().any(|it| it.pointer == SELECTOR)
}

/// Pods are replaced while their StatefulSet is waited for; otherwise the user should know that they are not.
pub(crate) fn not_replaced(step: &Step) -> Option<Problem> {
    let added: Vec<_> = step.fixed.iter().flat_map(Fixed::added).collect();
    (!added.is_empty()).then(|| {
        let object = &step.object;
        let what = format!("the pods of {object} have no volume by {} yet", added.join(", "));
        Problem::new(Code::LeftAfterRecreate, what)
            .on(object)
            .field("spec.volumeClaimTemplates")
            .why("an apply replaces them one at a time while it waits, and this one does not wait")
            .remedy(Remedy::Wait)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::with_policy;

    #[test]
    fn the_policy_that_keeps_claims_is_applied_with_all_else_that_is_ours() {
        let live = json!({
            "metadata": {"name": "db", "namespace": "ns", "uid": "1", "managedFields": [
                {"manager": "wellhead", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
            "spec": {"replicas": 2, "other": 1}});
        let retain = json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
        assert_eq!(
            with_policy(&live)["spec"],
            json!({"replicas": 2, "persistentVolumeClaimRetentionPolicy": retain})
        );
    }
}
