//! How far a rollout is, from one StatefulSet and its claims.

use serde_json::Value;

use crate::model::json;
use crate::model::status::Readiness;

/// Judges a StatefulSet, as `kubectl rollout status` does and a little stricter: surplus replicas must be gone.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go>
pub(crate) fn readiness(
    stateful_set: &Value,
    generation: i64,
    claims: usize,
    claims_bound: usize,
) -> Readiness {
    let status = |field: &str| json::number(stateful_set, &format!("/status/{field}"));
    let desired = stateful_set.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let patient = json::number(stateful_set, "/spec/minReadySeconds") > 0;
    let ready = if patient { status("availableReplicas") } else { status("readyReplicas") };
    let seen = status("observedGeneration");
    let current = seen >= generation && seen >= json::number(stateful_set, "/metadata/generation");
    let complete = current
        && ready >= desired
        && status("replicas") == desired
        && claims_bound >= claims
        && updated_enough(stateful_set, desired);
    Readiness { desired, ready, updated: status("updatedReplicas"), claims, claims_bound, complete }
}

fn updated_enough(stateful_set: &Value, desired: i64) -> bool {
    if json::text(stateful_set, "/spec/updateStrategy/type") == "OnDelete" {
        return true;
    }
    let updated = json::number(stateful_set, "/status/updatedReplicas");
    let partition = json::number(stateful_set, "/spec/updateStrategy/rollingUpdate/partition");
    if partition > 0 {
        return updated >= desired - partition;
    }
    let revision = |which: &str| json::text(stateful_set, &format!("/status/{which}Revision"));
    updated >= desired && revision("current") == revision("update")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::readiness;

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
