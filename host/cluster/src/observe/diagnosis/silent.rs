//! Why pods are not ready that say little themselves: they take long to start, or to end.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wellhead_diagnostics::Code;

use super::{Outlook, Reason, condition, is_ready};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef};

/// What takes no longer than this is nothing to tell of.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// Why a pod waits that says nothing itself; `None` where it has not been waiting for long.
pub(crate) fn of_silent(pod: &Value, now: Timestamp) -> Option<Reason> {
    is_silent(pod, now).then(|| Reason::new(Outlook::MayHeal, problem(pod)))
}

/// Whether a pod has been waiting for longer than it usually takes: to end, or to start.
fn is_silent(pod: &Value, now: Timestamp) -> bool {
    let since = if json::is_deleting(pod) {
        let grace = json::number(pod, "/metadata/deletionGracePeriodSeconds");
        time(pod, "/metadata/deletionTimestamp")
            .and_then(|until| until.checked_sub(SignedDuration::from_secs(grace)).ok())
    } else if is_ready(pod) {
        None
    } else {
        time(pod, "/metadata/creationTimestamp")
    };
    since.is_some_and(|since| now.duration_since(since) >= SOON)
}

fn time(pod: &Value, pointer: &str) -> Option<Timestamp> {
    json::text(pod, pointer).parse().ok()
}

fn problem(pod: &Value) -> Problem {
    let object = ObjectRef::new(Kind::Pod, json::text(pod, "/metadata/namespace"), json::name(pod));
    if json::is_deleting(pod) {
        ending(pod, &object)
    } else if json::text(pod, "/spec/nodeName").is_empty() {
        unseen(pod, &object)
    } else {
        starting(pod, &object)
    }
}

/// A pod that is being deleted and is still there.
fn ending(pod: &Value, object: &ObjectRef) -> Problem {
    let (name, node) = (&object.name, json::text(pod, "/spec/nodeName"));
    let finalizers = json::finalizers(pod).join(", ");
    let until = json::text(pod, "/metadata/deletionTimestamp");
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
fn unseen(pod: &Value, object: &ObjectRef) -> Problem {
    let scheduler = json::text(pod, "/spec/schedulerName");
    let what = format!("no scheduler has looked for a node for pod {} yet", object.name);
    Problem::new(Code::Unschedulable, what)
        .on(object)
        .why(format!("its scheduler is \"{scheduler}\""))
        .hint(format!("look whether that scheduler runs: {}", object.kubectl("describe")))
}

/// A pod that has a node, and whose containers do not run yet.
fn starting(pod: &Value, object: &ObjectRef) -> Problem {
    let name = &object.name;
    if matches!(json::text(pod, "/status/phase"), "Failed" | "Succeeded") {
        let said = ["/status/reason", "/status/message"].map(|field| json::text(pod, field));
        let said: Vec<_> = said.into_iter().filter(|it| !it.is_empty()).collect();
        let problem = Problem::new(
            Code::PodNotStarting,
            format!("pod {name} has ended and is to be replaced"),
        );
        return problem.on(object).why(said.join(": ")).hint(object.kubectl("describe"));
    }
    let statuses = json::items(pod, "/status/initContainerStatuses");
    let runs = |status: &&Value| {
        status.pointer("/state/running").is_some() && status.get("started") != Some(&true.into())
    };
    if let Some(init) = statuses.iter().find(runs).map(json::name_of) {
        let what = format!("pod {name} waits for its init container {init}, which is running");
        let log = format!("kubectl -n {} logs {name} -c {init}", object.namespace);
        return Problem::new(Code::PodNotStarting, what).on(object).hint(log);
    }
    let node = json::text(pod, "/spec/nodeName");
    let what = format!("the containers of pod {name} are not created yet");
    let missing = ["PodReadyToStartContainers", "Initialized"];
    let missing = missing.iter().find_map(|it| {
        let (holds, _, message) = condition(pod, it)?;
        (!holds && !message.is_empty()).then(|| message.to_owned())
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
    use serde_json::json;

    use super::*;

    fn pod(change: &[(&str, Value)]) -> Value {
        let mut pod = json!({
            "metadata": {"name": "db-0", "namespace": "ns", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": "a", "schedulerName": "default-scheduler"},
            "status": {"phase": "Pending"}});
        for (field, value) in change {
            let (object, field) = field.split_once('.').expect("a field of a part");
            pod[object][field] = value.clone();
        }
        pod
    }

    fn said(pod: &Value) -> String {
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
