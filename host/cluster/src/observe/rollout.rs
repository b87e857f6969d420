//! How far a rollout is, from one StatefulSet and its claims.

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetStatus, StatefulSetUpdateStrategy};

use crate::model::json::typed::text;
use crate::model::status::Readiness;

/// Judges a StatefulSet, as `kubectl rollout status` does and a little stricter: surplus replicas must be gone.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go>
pub(crate) fn readiness(
    stateful_set: &StatefulSet,
    generation: i64,
    claims: usize,
    claims_bound: usize,
) -> Readiness {
    let none = StatefulSetStatus::default();
    let status = stateful_set.status.as_ref().unwrap_or(&none);
    let count = |of: Option<i32>| i64::from(of.unwrap_or_default());
    let desired = replicas(stateful_set);
    let patient = stateful_set.spec.as_ref().and_then(|it| it.min_ready_seconds) > Some(0);
    let ready = count(if patient { status.available_replicas } else { status.ready_replicas });
    let updated = count(status.updated_replicas);
    let seen = status.observed_generation.unwrap_or_default();
    let current = seen >= generation && seen >= self::generation(stateful_set);
    let complete = current
        && ready >= desired
        && i64::from(status.replicas) == desired
        && claims_bound >= claims
        && updated_enough(stateful_set, status, desired);
    Readiness { desired, ready, updated, claims, claims_bound, complete }
}

fn updated_enough(stateful_set: &StatefulSet, status: &StatefulSetStatus, desired: i64) -> bool {
    if is_on_delete(stateful_set) {
        return true;
    }
    let updated = i64::from(status.updated_replicas.unwrap_or_default());
    let partition = partition(stateful_set);
    if partition > 0 {
        return updated >= desired - partition;
    }
    let [current, update] = [&status.current_revision, &status.update_revision];
    updated >= desired && text(current.as_ref()) == text(update.as_ref())
}

/// How often the StatefulSet has been changed.
pub(crate) fn generation(stateful_set: &StatefulSet) -> i64 {
    stateful_set.metadata.generation.unwrap_or_default()
}

/// Its pods as they should be, of which there is one by default.
pub(crate) fn replicas(stateful_set: &StatefulSet) -> i64 {
    stateful_set.spec.as_ref().and_then(|it| it.replicas).unwrap_or(1).into()
}

/// The ordinal of its first pod.
pub(crate) fn first_ordinal(stateful_set: &StatefulSet) -> i64 {
    let ordinals = stateful_set.spec.as_ref().and_then(|it| it.ordinals.as_ref());
    ordinals.and_then(|it| it.start).unwrap_or_default().into()
}

/// The revision of the newest template that the controller has seen, or "".
pub(crate) fn update_revision(stateful_set: &StatefulSet) -> &str {
    text(stateful_set.status.as_ref().and_then(|it| it.update_revision.as_ref()))
}

/// The revision that pods had before, or "".
pub(crate) fn current_revision(stateful_set: &StatefulSet) -> &str {
    text(stateful_set.status.as_ref().and_then(|it| it.current_revision.as_ref()))
}

/// Whether the controller has seen the newest template, so that its status says which revision that is.
pub(crate) fn is_seen(stateful_set: &StatefulSet) -> bool {
    let seen = stateful_set.status.as_ref().and_then(|it| it.observed_generation);
    seen.unwrap_or_default() >= generation(stateful_set)
}

/// Whether a rolling update reaches the pod of this ordinal.
pub(crate) fn reaches(stateful_set: &StatefulSet, ordinal: i64) -> bool {
    let first = first_ordinal(stateful_set).saturating_add(partition(stateful_set));
    !is_on_delete(stateful_set) && ordinal >= first
}

fn strategy(stateful_set: &StatefulSet) -> Option<&StatefulSetUpdateStrategy> {
    stateful_set.spec.as_ref()?.update_strategy.as_ref()
}

/// Whether pods get a new template only when they are deleted.
fn is_on_delete(stateful_set: &StatefulSet) -> bool {
    text(strategy(stateful_set).and_then(|it| it.type_.as_ref())) == "OnDelete"
}

/// Pods, from the first up, that a rolling update leaves alone.
fn partition(stateful_set: &StatefulSet) -> i64 {
    let rolling = strategy(stateful_set).and_then(|it| it.rolling_update.as_ref());
    rolling.and_then(|it| it.partition).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::json::typed::lenient;
    use crate::model::status::Readiness;

    fn readiness(set: &Value, generation: i64, claims: usize, bound: usize) -> Readiness {
        super::readiness(&lenient(set), generation, claims, bound)
    }

    fn done() -> Value {
        json!({
            "metadata": {"generation": 2},
            "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}},
            "status": {"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3,
                       "updatedReplicas": 3, "currentRevision": "b", "updateRevision": "b"}})
    }

    fn is_complete(change: impl Fn(&mut Value)) -> bool {
        let mut object = done();
        change(&mut object);
        readiness(&object, 2, 3, 3).complete
    }

    #[test]
    fn a_finished_rollout_is_complete() {
        assert!(is_complete(|_| {}));
    }

    #[test]
    fn each_missing_part_keeps_it_incomplete() {
        assert!(!is_complete(|object| object["status"]["observedGeneration"] = 1.into()));
        assert!(!is_complete(|object| object["status"]["readyReplicas"] = 2.into()));
        assert!(!is_complete(|object| object["status"]["replicas"] = 4.into()));
        assert!(!is_complete(|object| object["status"]["currentRevision"] = "a".into()));
        assert!(!is_complete(|object| object["status"]["updatedReplicas"] = 2.into()));
        assert!(!readiness(&done(), 3, 3, 3).complete, "our write has not been seen yet");
        assert!(!readiness(&done(), 2, 3, 2).complete, "a claim is unbound");
    }

    #[test]
    fn a_partition_leaves_lower_ordinals_on_the_old_revision() {
        let partitioned = |updated: i64| {
            is_complete(|object| {
                object["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 2.into();
                object["status"]["currentRevision"] = "a".into();
                object["status"]["updatedReplicas"] = updated.into();
            })
        };
        assert!(partitioned(1));
        assert!(!partitioned(0));
    }

    #[test]
    fn on_delete_waits_for_no_update() {
        assert!(is_complete(|object| {
            object["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
            object["status"]["currentRevision"] = "a".into();
            object["status"]["updatedReplicas"] = 0.into();
        }));
    }

    #[test]
    fn min_ready_seconds_asks_for_available_replicas() {
        assert!(!is_complete(|object| {
            object["spec"]["minReadySeconds"] = 10.into();
            object["status"]["availableReplicas"] = 1.into();
        }));
    }
}
