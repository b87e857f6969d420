//! Deleting the one pod that keeps a rollout from going on. Its controller creates it again, with the same claims.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use kube::core::params::{DeleteParams, Preconditions};

use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::json::typed::{is_deleting, name, ordinal, resource_version, uid};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::progress::Event;
use crate::observe::{diagnosis, rollout};

/// The pod to replace next, if any: one at a time, and none while another is on its way out.
///
/// The controller goes through the pods from the lowest ordinal up and stops at the first that it cannot bring on. A
/// pod above that one would not come back, so the lowest goes first.
pub(crate) fn next<'p>(
    stateful_set: &StatefulSet,
    pods: &'p [Pod],
    stuck_too: bool,
) -> Option<&'p Pod> {
    if pods.iter().any(|pod| is_deleting(&pod.metadata)) {
        return None;
    }
    let unmounted = pods.iter().find(|pod| lacks_volume(stateful_set, pod));
    if let Some(pod) = unmounted
        && is_next(stateful_set, pods, pod)
    {
        return unmounted;
    }
    let stuck = |pod: &&Pod| stuck_too && diagnosis::is_stuck(pod, stateful_set);
    pods.iter().find(stuck)
}

/// Whether every pod of a lower ordinal is there and ready: one may not be adopted yet.
fn is_next(stateful_set: &StatefulSet, pods: &[Pod], pod: &Pod) -> bool {
    let start = rollout::first_ordinal(stateful_set);
    let Some(end) = ordinal(&pod.metadata) else { return false };
    let ready = pods.iter().filter(|pod| diagnosis::is_ready(pod));
    let ready = ready.filter_map(|pod| ordinal(&pod.metadata));
    let below = ready.filter(|ordinal| (start..end).contains(ordinal)).count();
    i64::try_from(below) == Ok(end - start)
}

/// Whether a pod has no volume by a claim template of its StatefulSet. The controller would add it to the pod, which
/// the API server never allows, and gets no further.
fn lacks_volume(stateful_set: &StatefulSet, pod: &Pod) -> bool {
    let templates = stateful_set.spec.as_ref().and_then(|it| it.volume_claim_templates.as_ref());
    let claims = claims(pod);
    templates.into_iter().flatten().any(|template| {
        let claim = format!("{}-{}", name(&template.metadata), name(&pod.metadata));
        !claims.contains(&claim)
    })
}

/// The claims of a pod.
fn claims(pod: &Pod) -> Vec<String> {
    let volumes = pod.spec.iter().flat_map(|it| it.volumes.iter().flatten());
    let claims = volumes.filter_map(|it| Some(&it.persistent_volume_claim.as_ref()?.claim_name));
    claims.cloned().collect()
}

/// Deletes the pod if it is still as it was seen; returns whether it was.
pub(crate) async fn replace(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    pod: &Pod,
) -> Result<bool, Problem> {
    let object = ObjectRef::of(Kind::Pod, &pod.metadata);
    let params = DeleteParams::default().preconditions(Preconditions {
        uid: Some(uid(&pod.metadata).to_owned()),
        resource_version: Some(resource_version(&pod.metadata).to_owned()),
    });
    match client.delete(&object, &params).await {
        Ok(()) => {
            let (pipeline, claims) = (pipeline.clone(), claims(pod));
            client.progress.event(Event::Replacing { pipeline, pod: object.name, claims });
            Ok(true)
        }
        // It changed: the next look decides again.
        Err(failure) if failure.is_conflict() => Ok(false),
        Err(failure) => Err(failure.problem("replace", &object)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::json::typed::{lenient, name};

    /// The name of the pod that is replaced next.
    fn next(set: &Value, pods: &[Value], stuck_too: bool) -> Option<String> {
        let pods: Vec<_> = pods.iter().map(lenient).collect();
        super::next(&lenient(set), &pods, stuck_too).map(|pod| name(&pod.metadata).to_owned())
    }

    fn stateful_set(change: &[(&str, Value)]) -> Value {
        let mut set = json!({
            "metadata": {"name": "db", "generation": 2},
            "spec": {"replicas": 3, "podManagementPolicy": "OrderedReady",
                     "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                     "volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
            "status": {"observedGeneration": 2, "updateRevision": "new"}});
        for (pointer, value) in change {
            *set.pointer_mut(pointer).unwrap() = value.clone();
        }
        set
    }

    fn pod(ordinal: u8, revision: &str, waits_for: &str) -> Value {
        let name = format!("db-{ordinal}");
        let ready = if waits_for.is_empty() { "True" } else { "False" };
        json!({
            "metadata": {"name": name, "uid": name, "labels": {"controller-revision-hash": revision}},
            "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": format!("data-{name}")}}]},
            "status": {"conditions": [{"type": "Ready", "status": ready}],
                       "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": waits_for}}}]}})
    }

    fn chosen(set: &Value, pods: &[Value]) -> Option<String> {
        next(set, pods, true)
    }

    const BROKEN: &str = "ImagePullBackOff";

    #[test]
    fn the_lowest_broken_pod_of_an_earlier_revision_goes_first() {
        let pods = [pod(0, "old", ""), pod(1, "old", BROKEN), pod(2, "old", "CrashLoopBackOff")];
        assert_eq!(chosen(&stateful_set(&[]), &pods).as_deref(), Some("db-1"));
        assert_eq!(next(&stateful_set(&[]), &pods, false), None, "nobody allowed it");
    }

    #[test]
    fn a_pod_that_is_ready_or_may_heal_or_has_the_new_template_is_never_chosen() {
        let set = stateful_set(&[]);
        assert_eq!(chosen(&set, &[pod(0, "old", "")]), None);
        assert_eq!(chosen(&set, &[pod(0, "old", "CreateContainerConfigError")]), None);
        assert_eq!(chosen(&set, &[pod(0, "old", "ContainerCreating")]), None);
        assert_eq!(chosen(&set, &[pod(0, "new", BROKEN)]), None);
    }

    #[test]
    fn no_pod_is_chosen_where_its_successor_would_be_no_better_or_comes_anyway() {
        let pods = [pod(0, "old", BROKEN)];
        let unseen = ("/status/observedGeneration", json!(1));
        let parallel = ("/spec/podManagementPolicy", json!("Parallel"));
        let on_delete = ("/spec/updateStrategy/type", json!("OnDelete"));
        let partition = ("/spec/updateStrategy/rollingUpdate/partition", json!(1));
        for change in [unseen, parallel, on_delete, partition] {
            assert_eq!(
                chosen(&stateful_set(std::slice::from_ref(&change)), &pods),
                None,
                "{change:?}"
            );
        }
    }

    #[test]
    fn one_pod_goes_at_a_time() {
        let mut leaving = pod(0, "old", BROKEN);
        leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        assert_eq!(chosen(&stateful_set(&[]), &[leaving, pod(1, "old", BROKEN)]), None);
    }

    #[test]
    fn pods_without_a_new_volume_go_from_the_lowest_up_each_after_the_one_before_is_ready() {
        let templates = json!([{"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]);
        let set = stateful_set(&[("/spec/volumeClaimTemplates", templates)]);
        let mut pods = [pod(0, "new", ""), pod(1, "new", ""), pod(2, "new", "")];
        assert_eq!(next(&set, &pods, false).as_deref(), Some("db-0"));
        assert_eq!(next(&set, &pods[1..], false), None, "the first is not adopted yet");
        let logs = json!({"persistentVolumeClaim": {"claimName": "logs-db-0"}});
        pods[0]["spec"]["volumes"].as_array_mut().unwrap().push(logs);
        pods[0]["status"]["conditions"][0]["status"] = "False".into();
        assert_eq!(next(&set, &pods, false), None);
        pods[0]["status"]["conditions"][0]["status"] = "True".into();
        assert_eq!(next(&set, &pods, false).as_deref(), Some("db-1"));
    }
}
