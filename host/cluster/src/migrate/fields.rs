//! What a migration reads of pods, claims and volumes.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

use crate::model::json::typed::text;
use crate::model::object::{Kind, ObjectRef};
use crate::model::storage::migration::HOLD;

/// Whether the pod has our finalizer.
pub(crate) fn holds(pod: &Pod) -> bool {
    pod.metadata.finalizers.iter().flatten().any(|it| it == HOLD)
}

/// Whether no container of the pod runs, or will.
pub(crate) fn has_ended(pod: &Pod) -> bool {
    let Some(status) = &pod.status else { return false };
    let phase = text(status.phase.as_ref());
    if matches!(phase, "Succeeded" | "Failed") {
        return true;
    }
    if pod.spec.as_ref().is_none_or(|it| it.node_name.is_none()) {
        return true;
    }
    let containers = status.container_statuses.iter().flatten();
    let sidecars = status.init_container_statuses.iter().flatten();
    let mut all = containers.clone().chain(sidecars);
    let is_known = pod.spec.as_ref().map(|it| it.containers.len()) == Some(containers.count());
    is_known && all.all(|it| it.state.as_ref().is_some_and(|it| it.terminated.is_some()))
}

/// Whether the claim has its volume.
pub(crate) fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    text(claim.status.as_ref().and_then(|it| it.phase.as_ref())) == "Bound"
}

/// The size that a volume has.
pub(crate) fn capacity(volume: &PersistentVolume) -> &str {
    let size = volume.spec.as_ref().and_then(|it| it.capacity.as_ref()?.get("storage"));
    size.map(|it| it.0.as_str()).unwrap_or_default()
}

/// The volume of a claim, or "".
pub(crate) fn volume_name(claim: &PersistentVolumeClaim) -> &str {
    text(claim.spec.as_ref().and_then(|it| it.volume_name.as_ref()))
}

/// The reclaim policy of a volume, the API's default where it says none.
pub(crate) fn reclaim_policy(volume: &PersistentVolume) -> &str {
    let policy = volume.spec.as_ref().and_then(|it| it.persistent_volume_reclaim_policy.as_deref());
    policy.unwrap_or("Retain")
}

/// The uid of the claim that a volume is bound to, or "".
pub(crate) fn claim_uid(volume: &PersistentVolume) -> &str {
    let claim = volume.spec.as_ref().and_then(|it| it.claim_ref.as_ref());
    text(claim.and_then(|it| it.uid.as_ref()))
}

/// Whether the next claim of this name gets the volume.
pub(crate) fn is_bound_to_name(volume: &PersistentVolume, claim: &ObjectRef) -> bool {
    let Some(bound) = volume.spec.as_ref().and_then(|it| it.claim_ref.as_ref()) else {
        return false;
    };
    text(bound.name.as_ref()) == claim.name
        && text(bound.namespace.as_ref()) == claim.namespace
        && claim.kind == Kind::PersistentVolumeClaim
}
