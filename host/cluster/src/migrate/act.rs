//! One step of a migration.
//!
//! Every write names the object that was looked at, by its uid, or its version where it is changed: one that changed
//! meanwhile is looked at again.

use k8s_openapi::api::core::v1::{PersistentVolume, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::core::params::{DeleteParams, Preconditions, PropagationPolicy};
use serde_json::{Value, json};
use wellhead_spec::VolumeMigration;

use super::fields::{claim_uid, reclaim_policy};
use super::fill;
use super::look::filler;
use super::marks;
use super::marks::Role;
use super::next::{Goal, Next, Seen};
use crate::api::call::Mode;
use crate::api::client::{Client, precondition};
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json::typed::{lenient, name, resource_version, uid};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::storage::migration::HOLD;

/// What takes a step: for which claim, and what it is to become.
pub(crate) struct Actor<'a> {
    pub(crate) client: &'a Client<'a>,
    pub(crate) pipeline: &'a PipelineRef,
    pub(crate) policy: &'a VolumeMigration,
    pub(crate) goal: &'a Goal,
    /// The claim as the pipeline wants it.
    pub(crate) wanted: &'a Value,
}

type Done = Result<(), Problem>;

impl Actor<'_> {
    /// Takes one step. What is waited for is no step.
    pub(crate) async fn take(&self, next: &Next, seen: &Seen) -> Done {
        match next {
            Next::KeepSource => self.keep_source(seen).await,
            Next::Hold => self.hold(seen).await,
            Next::Evict => self.evict(seen).await,
            Next::TakeSnapshot => {
                let body = fill::snapshot(self.pipeline, self.goal, &held(seen), self.policy);
                self.create(Kind::VolumeSnapshot, &body).await
            }
            Next::Fill => {
                let waits = self.waits_for_a_pod().await?;
                let body = fill::claim(self.pipeline, self.goal, seen, self.wanted, waits);
                self.create(Kind::PersistentVolumeClaim, &body).await
            }
            Next::Copy => {
                let body = fill::job(self.pipeline, self.goal, seen, self.policy);
                self.create(Kind::Job, &body).await
            }
            Next::NoteCopied(digest) => {
                let object = filler(&self.goal.claim, Kind::PersistentVolumeClaim);
                self.merge(&object, &marks::note_copied(digest, &held(seen))).await
            }
            Next::DropJob => {
                let uid = seen.job.as_ref().map(|it| it.uid.clone());
                self.delete(Kind::Job, uid).await
            }
            Next::DropSnapshot => {
                let uid = seen.snapshot.as_ref().map(|it| it.uid.clone());
                self.delete(Kind::VolumeSnapshot, uid).await
            }
            Next::DropFiller | Next::LetGo => {
                let filler = seen.filler.as_ref().map(|it| uid(&it.metadata).to_owned());
                self.delete(Kind::PersistentVolumeClaim, filler).await
            }
            Next::KeepTarget(volume) => self.keep_target(volume, seen).await,
            Next::Discard => self.discard(seen).await,
            Next::Bind => self.bind(seen).await,
            Next::Swap => self.swap(seen).await,
            Next::Release => self.release(seen).await,
            Next::Create => self.create_claim().await,
            Next::Retire => self.retire(seen).await,
            Next::Finish => self.finish(seen).await,
            Next::Done | Next::Await(_) | Next::Fail(_) => Ok(()),
        }
    }

    async fn keep_source(&self, seen: &Seen) -> Done {
        let Some(source) = &seen.source else { return Ok(()) };
        let metadata = marks::volume(self.pipeline, &self.goal.claim.name, Role::Source);
        self.keep(source, metadata).await
    }

    /// Nothing deletes the volume from now on, and it is known what would have.
    async fn keep(&self, volume: &PersistentVolume, metadata: Value) -> Done {
        let known = marks::policy(&volume.metadata);
        let metadata = match known {
            "" => marks::kept_from(metadata, reclaim_policy(volume)),
            _ => metadata,
        };
        let spec = json!({"persistentVolumeReclaimPolicy": "Retain"});
        self.patch(volume, metadata, spec).await
    }

    async fn keep_target(&self, volume: &str, seen: &Seen) -> Done {
        let object = ObjectRef::new(Kind::PersistentVolume, "", volume);
        let found = self.client.get(&object).await.map_err(|it| it.problem("read", &object))?;
        let Some(found) = found else { return Ok(()) };
        let found: PersistentVolume = lenient(&found);
        // The claim may have been replaced since it was looked at.
        let filler = seen.filler.as_ref().map(|it| uid(&it.metadata));
        if seen.target.is_none() && filler != Some(claim_uid(&found)) {
            return Ok(());
        }
        let metadata = marks::volume(self.pipeline, &self.goal.claim.name, Role::Target);
        let metadata = match &seen.target {
            Some(_) => metadata,
            None => marks::while_held(metadata, &held(seen)),
        };
        self.keep(&found, metadata).await
    }

    async fn hold(&self, seen: &Seen) -> Done {
        let Some(pod) = &seen.pod else { return Ok(()) };
        let mut finalizers = pod.metadata.finalizers.clone().unwrap_or_default();
        finalizers.push(HOLD.to_owned());
        self.finalizers(pod, &finalizers).await
    }

    async fn evict(&self, seen: &Seen) -> Done {
        let Some(pod) = &seen.pod else { return Ok(()) };
        let object = ObjectRef::of(Kind::Pod, &pod.metadata);
        // A budget that forbids it is waited for.
        let evicted = self.client.evict(&object, uid(&pod.metadata)).await;
        evicted.map(drop).or_else(|it| ignore_conflict(&it, "evict", &object))
    }

    pub(crate) async fn release(&self, seen: &Seen) -> Done {
        let Some(pod) = &seen.pod else { return Ok(()) };
        let mut finalizers = pod.metadata.finalizers.clone().unwrap_or_default();
        finalizers.retain(|it| it != HOLD);
        self.finalizers(pod, &finalizers).await
    }

    async fn finalizers(&self, pod: &Pod, finalizers: &[String]) -> Done {
        let metadata = &pod.metadata;
        let body = json!({"metadata": {
            "uid": uid(metadata), "resourceVersion": resource_version(metadata),
            "finalizers": finalizers}});
        self.merge(&ObjectRef::of(Kind::Pod, metadata), &body).await
    }

    /// The new volume is the next owner's: a claim reference is replaced, never removed, for a volume without one is
    /// anybody's.
    async fn bind(&self, seen: &Seen) -> Done {
        let Some(target) = &seen.target else { return Ok(()) };
        self.patch(target, json!({}), reserved_for(&self.goal.claim)).await
    }

    async fn swap(&self, seen: &Seen) -> Done {
        let Some(claim) = &seen.claim else { return Ok(()) };
        let params = precondition(Some(uid(&claim.metadata).to_owned()), None);
        let object = &self.goal.claim;
        let deleted = self.client.delete(object, &params).await;
        deleted.or_else(|it| ignore_conflict(&it, "delete", object))
    }

    async fn create_claim(&self) -> Done {
        let mut body = self.wanted.clone();
        if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("uid");
        }
        let object = &self.goal.claim;
        let applied = self.client.apply(object, &body, Mode::Write).await;
        applied.map(drop).map_err(|it| it.problem("apply", object))
    }

    async fn retire(&self, seen: &Seen) -> Done {
        let Some(source) = &seen.source else { return Ok(()) };
        self.patch(source, marks::role(Role::Kept), json!({})).await
    }

    async fn finish(&self, seen: &Seen) -> Done {
        let Some(target) = &seen.target else { return Ok(()) };
        let spec = json!({"persistentVolumeReclaimPolicy": marks::policy(&target.metadata)});
        self.patch(target, marks::none(), spec).await?;
        // Its controller may have made the claim, without our labels.
        self.create_claim().await
    }

    /// A volume that was filled for nothing is kept under a name that no claim has.
    pub(crate) async fn discard(&self, seen: &Seen) -> Done {
        let Some(target) = &seen.target else { return Ok(()) };
        let mut nobody = filler(&self.goal.claim, Kind::PersistentVolumeClaim);
        nobody.name.push_str("-discarded");
        let is_bound = seen.filler.is_some();
        let spec = if is_bound { json!({}) } else { reserved_for(&nobody) };
        self.patch(target, marks::role(Role::Discarded), spec).await
    }

    /// The old volume is as it was before, where the claim that has it is alive.
    pub(crate) async fn restore_source(&self, seen: &Seen) -> Done {
        let (Some(source), Some(claim)) = (&seen.source, &seen.claim) else { return Ok(()) };
        if claim_uid(source) != uid(&claim.metadata) {
            return Ok(());
        }
        let policy = marks::policy(&source.metadata);
        let spec = match policy {
            "" => json!({}),
            policy => json!({"persistentVolumeReclaimPolicy": policy}),
        };
        self.patch(source, marks::none(), spec).await
    }

    async fn patch(&self, volume: &PersistentVolume, mut metadata: Value, spec: Value) -> Done {
        metadata["resourceVersion"] = resource_version(&volume.metadata).into();
        let object = ObjectRef::new(Kind::PersistentVolume, "", name(&volume.metadata));
        self.merge(&object, &json!({"metadata": metadata, "spec": spec})).await
    }

    async fn merge(&self, object: &ObjectRef, body: &Value) -> Done {
        let merged = self.client.merge(object, body).await;
        merged.map(drop).or_else(|it| ignore_conflict(&it, "change", object))
    }

    async fn create(&self, kind: Kind, body: &Value) -> Done {
        let object = filler(&self.goal.claim, kind);
        let created = self.client.create(&object, body).await;
        created.map(drop).or_else(|it| ignore_conflict(&it, "create", &object))
    }

    /// Deletes what fills, and what hangs on it.
    pub(crate) async fn delete(&self, kind: Kind, uid: Option<String>) -> Done {
        let object = filler(&self.goal.claim, kind);
        let params = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Foreground),
            ..DeleteParams::default().preconditions(Preconditions { uid, resource_version: None })
        };
        let deleted = self.client.delete(&object, &params).await;
        deleted.or_else(|it| ignore_conflict(&it, "delete", &object))
    }

    /// Whether volumes of the new class are made where a pod is scheduled. Who may not read classes gets a claim that waits.
    async fn waits_for_a_pod(&self) -> Result<bool, Problem> {
        let object = ObjectRef::new(Kind::StorageClass, "", &self.goal.class);
        match self.client.get(&object).await {
            Ok(found) => {
                let class: StorageClass = found.as_ref().map(lenient).unwrap_or_default();
                Ok(class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"))
            }
            Err(failure) if failure.is_forbidden() => Ok(false),
            Err(failure) => Err(failure.problem("read", &object)),
        }
    }
}

/// The uid of the pod that is held.
fn held(seen: &Seen) -> String {
    seen.pod.as_ref().map(|it| uid(&it.metadata).to_owned()).unwrap_or_default()
}

/// Reserves a volume for the next claim of a name.
fn reserved_for(claim: &ObjectRef) -> Value {
    json!({"claimRef": {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "namespace": claim.namespace, "name": claim.name, "uid": null, "resourceVersion": null}})
}

/// Another client was faster, or our own request was heard before: what there is now is looked at again.
fn ignore_conflict(failure: &Failure, verb: &str, object: &ObjectRef) -> Done {
    let is_other = failure.is_conflict() || failure.is_not_found();
    if is_other { Ok(()) } else { Err(failure.problem(verb, object)) }
}
