//! Why pods are not ready that say little themselves: they take long to start, or to end.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use wellhead_diagnostics::Code;

use super::{Outlook, Reason, condition, holds, is_ready, node, phase};
use crate::model::error::Problem;
use crate::model::json::typed::{is_deleting, text};
use crate::model::object::{Kind, ObjectRef};

/// What takes no longer than this is nothing to tell of.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// Why a pod waits that says nothing itself; `None` where it has not been waiting for long.
pub(crate) fn of_silent(pod: &Pod, now: Timestamp) -> Option<Reason> {
    is_silent(pod, now).then(|| Reason::new(Outlook::MayHeal, problem(pod)))
}

/// Whether a pod has been waiting for longer than it usually takes: to end, or to start.
fn is_silent(pod: &Pod, now: Timestamp) -> bool {
    let metadata = &pod.metadata;
    let since = if let Some(until) = &metadata.deletion_timestamp {
        let grace = metadata.deletion_grace_period_seconds.unwrap_or_default();
        until.0.checked_sub(SignedDuration::from_secs(grace)).ok()
    } else if is_ready(pod) {
        None
    } else {
        metadata.creation_timestamp.as_ref().map(|it| it.0)
    };
    since.is_some_and(|since| now.duration_since(since) >= SOON)
}

fn problem(pod: &Pod) -> Problem {
    let object = ObjectRef::of(Kind::Pod, &pod.metadata);
    if is_deleting(&pod.metadata) {
        ending(pod, &object)
    } else if node(pod).is_empty() {
        unseen(pod, &object)
    } else {
        starting(pod, &object)
    }
}

/// A pod that is being deleted and is still there.
fn ending(pod: &Pod, object: &ObjectRef) -> Problem {
    let (name, node) = (&object.name, node(pod));
    let finalizers = pod.metadata.finalizers.as_deref().unwrap_or_default().join(", ");
    let until = pod.metadata.deletion_timestamp.as_ref();
    let until = until.map(|it| it.0.to_string()).unwrap_or_default();
    let on = if node.is_empty() {
        "it is on no node".to_owned()
    } else {
        format!("it is on node {node}")
    };
    let problem =
        Problem::new(Code::PodNotTerminating, format!("pod {name} is still being deleted"))
            .on(object);
    if !finalizers.is_empty() {
        return problem
            .why(format!(
                "{on}; it had until {until} to end, and waits for the finalizers: {finalizers}"
            ))
            .hint(format!(
                "the controller of a finalizer removes it when it is done: {}",
                object.kubectl("describe")
            ));
    }
    let problem = problem.why(format!("{on}, and has until {until} to end"));
    if node.is_empty() {
        return problem.hint(object.kubectl("describe"));
    }
    problem.hint(format!(
        "look whether its node works: kubectl get node {node}\n\
         if the node is switched off for good: kubectl taint node {node} \
         node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
    ))
}

/// A pod without a node of which no scheduler says anything.
fn unseen(pod: &Pod, object: &ObjectRef) -> Problem {
    let scheduler = text(pod.spec.as_ref().and_then(|it| it.scheduler_name.as_ref()));
    let what = format!("no scheduler has looked for a node for pod {} yet", object.name);
    Problem::new(Code::Unschedulable, what)
        .on(object)
        .why(format!("its scheduler is \"{scheduler}\""))
        .hint(format!("look whether that scheduler runs: {}", object.kubectl("describe")))
}

/// A pod that has a node, and whose containers do not run yet.
fn starting(pod: &Pod, object: &ObjectRef) -> Problem {
    let name = &object.name;
    let status = pod.status.as_ref();
    if matches!(phase(pod), "Failed" | "Succeeded") {
        let said = status.into_iter().flat_map(|it| [&it.reason, &it.message]).flatten();
        let said: Vec<_> = said.map(String::as_str).filter(|it| !it.is_empty()).collect();
        let problem = Problem::new(
            Code::PodNotStarting,
            format!("pod {name} has ended and is to be replaced"),
        );
        return problem.on(object).why(said.join(": ")).hint(object.kubectl("describe"));
    }
    let statuses = status.and_then(|it| it.init_container_statuses.as_ref());
    let runs = |status: &&ContainerStatus| {
        let is_running = status.state.as_ref().is_some_and(|it| it.running.is_some());
        is_running && status.started != Some(true)
    };
    if let Some(init) = statuses.into_iter().flatten().find(runs).map(|it| &it.name) {
        let what = format!("pod {name} waits for its init container {init}, which is running");
        let log = format!("kubectl -n {} logs {name} -c {init}", object.namespace);
        return Problem::new(Code::PodNotStarting, what).on(object).hint(log);
    }
    let node = node(pod);
    let what = format!("the containers of pod {name} are not created yet");
    let missing = ["PodReadyToStartContainers", "Initialized"];
    let missing = missing.iter().find_map(|it| {
        let condition = condition(pod, it).filter(|it| !holds(it))?;
        condition.message.clone().filter(|it| !it.is_empty())
    });
    let on = std::iter::once(format!("it is on node {node}"));
    let why: Vec<_> = on.chain(missing).collect();
    Problem::new(Code::PodNotStarting, what)
        .on(object)
        .why(why.join("; "))
        .hint(object.kubectl("describe"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::json::typed::lenient;

    fn pod(change: &[(&str, Value)]) -> Pod {
        let mut pod = json!({
            "metadata": {"name": "db-0", "namespace": "ns", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": "a", "schedulerName": "default-scheduler"},
            "status": {"phase": "Pending"}});
        for (field, value) in change {
            let (object, field) = field.split_once('.').expect("a field of a part");
            pod[object][field] = value.clone();
        }
        lenient(&pod)
    }

    fn said(pod: &Pod) -> String {
        let Problem { code, what, why, hints, .. } = problem(pod);
        format!("{code} {what} | {} | {}", why.unwrap_or_default(), hints.join("\n"))
    }

    #[test]
    fn a_pod_is_given_some_seconds_to_start_and_to_end() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let new = pod(&[]);
        assert!(!is_silent(&new, at("2026-01-01T00:00:04Z")));
        assert!(is_silent(&new, at("2026-01-01T00:00:05Z")));
        let ending = pod(&[
            ("metadata.deletionTimestamp", json!("2026-01-01T01:00:30Z")),
            ("metadata.deletionGracePeriodSeconds", json!(30)),
        ]);
        assert!(!is_silent(&ending, at("2026-01-01T01:00:04Z")));
        assert!(is_silent(&ending, at("2026-01-01T01:00:05Z")));
        let ready = json!([{"type": "Ready", "status": "True"}]);
        assert!(!is_silent(&pod(&[("status.conditions", ready)]), at("2026-01-01T01:00:05Z")));
    }

    #[test]
    fn a_pod_that_waits_for_its_node_is_told_with_what_it_waits_for() {
        assert_eq!(
            said(&pod(&[])),
            "WH0317 the containers of pod db-0 are not created yet | it is on node a | \
             kubectl -n ns describe pod/db-0"
        );
        let running = json!([{"name": "wait", "state": {"running": {}}, "started": false}]);
        let text = said(&pod(&[("status.initContainerStatuses", running)]));
        assert!(text.contains("init container wait"), "{text}");
        assert!(text.contains("kubectl -n ns logs db-0 -c wait"), "{text}");
        let sidecar = json!([{"name": "log", "state": {"running": {}}, "started": true}]);
        let text = said(&pod(&[("status.initContainerStatuses", sidecar)]));
        assert!(text.contains("containers of pod db-0 are not created"), "{text}");
        let evicted = [
            ("status.phase", json!("Failed")),
            ("status.reason", json!("Evicted")),
            ("status.message", json!("The node was low on resource: memory.")),
        ];
        assert!(said(&pod(&evicted)).contains("Evicted: The node was low"));
    }

    #[test]
    fn a_pod_without_a_node_names_its_scheduler() {
        let text =
            said(&pod(&[("spec.nodeName", json!("")), ("spec.schedulerName", json!("own"))]));
        assert!(text.starts_with("WH0303 no scheduler has looked"), "{text}");
        assert!(text.contains("\"own\""), "{text}");
    }

    #[test]
    fn a_pod_that_does_not_end_names_its_node_or_its_finalizers() {
        let until = ("metadata.deletionTimestamp", json!("2026-01-01T01:00:30Z"));
        let text = said(&pod(std::slice::from_ref(&until)));
        assert!(
            text.starts_with("WH0316 pod db-0 is still being deleted | it is on node a"),
            "{text}"
        );
        assert!(text.contains("kubectl taint node a node.kubernetes.io/out-of-service"), "{text}");
        let held = [until, ("metadata.finalizers", json!(["example.com/backup"]))];
        let text = said(&pod(&held));
        assert!(text.contains("waits for the finalizers: example.com/backup"), "{text}");
        assert!(!text.contains("taint"), "{text}");
    }
}
