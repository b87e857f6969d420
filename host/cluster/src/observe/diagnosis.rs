//! Why a pod or a claim is not where it should be, and whether waiting helps.

pub(crate) mod container;
pub(crate) mod silent;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, PodCondition};
use wellhead_diagnostics::Code;

use super::ending::Ending;
use super::events::{Occurrence, Reported};
use super::{ending, rollout};
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{is_deleting, label, ordinal, text};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::remedy::Remedy;
use container::of_containers;

/// Whether a problem can go away by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may well heal: a node joins, a probe succeeds.
    MayHeal,
    /// It hardly heals, but one observation may be a hiccup.
    Unlikely,
    /// It cannot heal without help.
    Never,
}

/// One observed reason.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) problem: Problem,
    pub(crate) outlook: Outlook,
    /// Where it is known from an event alone: when that happened last. What is still so, only another one shows.
    pub(crate) reported: Option<Occurrence>,
}

impl Reason {
    pub(crate) fn new(outlook: Outlook, problem: Problem) -> Self {
        Self { problem, outlook, reported: None }
    }

    fn reported(self, event: &Reported) -> Self {
        Self { reported: Some(event.last), ..self }
    }
}

/// Why a pod is not ready, or `None` when it is or nothing is known yet.
pub(crate) fn of_pod(pod: &Pod, stateful_set: &StatefulSet) -> Option<Reason> {
    if is_deleting(&pod.metadata) || is_ready(pod) {
        return None;
    }
    let object = ObjectRef::of(Kind::Pod, &pod.metadata);
    let reason = of_containers(pod, &object)
        .or_else(|| of_scheduling(pod, &object))
        .or_else(|| of_probe(pod, &object))?;
    Some(stuck(pod, stateful_set, &object, &reason).unwrap_or(reason))
}

/// Whether a pod is ready.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    condition(pod, "Ready").is_some_and(holds)
}

/// The label of a pod that says which revision of its StatefulSet it has.
pub(crate) const REVISION: &str = "controller-revision-hash";

/// The revision of its StatefulSet that a pod has, or "".
pub(crate) fn revision(pod: &Pod) -> &str {
    label(&pod.metadata, REVISION).unwrap_or_default()
}

/// Where a pod is in its life, or "".
pub(crate) fn phase(pod: &Pod) -> &str {
    text(pod.status.as_ref().and_then(|it| it.phase.as_ref()))
}

/// The node that a pod is on, or "".
pub(crate) fn node(pod: &Pod) -> &str {
    text(pod.spec.as_ref().and_then(|it| it.node_name.as_ref()))
}

/// Whether a pod is broken, keeps the rollout from going on, and comes back with another template once it is deleted.
pub(crate) fn is_stuck(pod: &Pod, stateful_set: &StatefulSet) -> bool {
    of_pod(pod, stateful_set).is_some_and(|reason| reason.problem.code == Code::StuckRollout)
}

fn condition<'a>(pod: &'a Pod, name: &str) -> Option<&'a PodCondition> {
    let conditions = pod.status.as_ref().and_then(|it| it.conditions.as_ref());
    conditions.into_iter().flatten().find(|condition| condition.type_ == name)
}

fn holds(condition: &PodCondition) -> bool {
    condition.status == "True"
}

fn of_scheduling(pod: &Pod, object: &ObjectRef) -> Option<Reason> {
    let condition = condition(pod, "PodScheduled").filter(|it| !holds(it))?;
    match text(condition.reason.as_ref()) {
        "SchedulingGated" => return Some(gated(pod, object)),
        "Unschedulable" => {}
        _ => return None,
    }
    let problem = Problem::new(Code::Unschedulable, format!("no node takes pod {}", object.name))
        .on(object)
        .why(text(condition.message.as_ref()))
        .hint("lower its requests, relax its node selector and affinity, or add a node");
    Some(Reason::new(Outlook::MayHeal, problem))
}

/// No scheduler looks for a node before every gate is removed from the pod.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
fn gated(pod: &Pod, object: &ObjectRef) -> Reason {
    let gates = pod.spec.as_ref().and_then(|it| it.scheduling_gates.as_ref());
    let gates: Vec<_> = gates.into_iter().flatten().map(|it| it.name.as_str()).collect();
    let what = format!("pod {} waits for its scheduling gates: {}", object.name, gates.join(", "));
    let problem = Problem::new(Code::SchedulingGated, what).on(object).hint(format!(
        "the controller of a gate removes it from the pod; to remove all of them: kubectl -n {} patch pod {} \
         -p '{{\"spec\":{{\"schedulingGates\":null}}}}'",
        object.namespace, object.name
    ));
    Reason::new(Outlook::MayHeal, problem)
}

/// The readiness gates that are not met.
fn closed_gates(pod: &Pod) -> Vec<&str> {
    let gates = pod.spec.as_ref().and_then(|it| it.readiness_gates.as_ref());
    let names = gates.into_iter().flatten().map(|gate| gate.condition_type.as_str());
    names.filter(|name| !condition(pod, name).is_some_and(holds)).collect()
}

fn of_probe(pod: &Pod, object: &ObjectRef) -> Option<Reason> {
    if phase(pod) != "Running" {
        return None;
    }
    let ready = condition(pod, "Ready");
    let reason = text(ready.and_then(|it| it.reason.as_ref()));
    let message = text(ready.and_then(|it| it.message.as_ref()));
    if reason == "ReadinessGatesNotReady" {
        let gates = closed_gates(pod).join(", ");
        let what = format!("pod {} waits for its readiness gates: {gates}", object.name);
        let problem = Problem::new(Code::NotReadyInTime, what).on(object).why(message);
        let hint = format!(
            "the controller of a gate sets that condition of the pod: {}",
            object.kubectl("describe")
        );
        return Some(Reason::new(Outlook::MayHeal, problem.hint(hint)));
    }
    let mut problem =
        Problem::new(Code::NotReadyInTime, format!("pod {} runs but is not ready", object.name))
            .on(object)
            .hint(format!("{}; look at its readiness probe", object.kubectl("describe")));
    if !message.is_empty() {
        problem.why = Some(message.to_owned());
    }
    Some(Reason::new(Outlook::MayHeal, problem))
}

/// With ordered pod management a broken pod of an old revision is never replaced: the controller waits for it to
/// become ready before it updates anything. <https://github.com/kubernetes/kubernetes/issues/67250>
fn stuck(
    pod: &Pod,
    stateful_set: &StatefulSet,
    object: &ObjectRef,
    reason: &Reason,
) -> Option<Reason> {
    let (revision, wanted) = (revision(pod), rollout::update_revision(stateful_set));
    let policy = stateful_set.spec.as_ref().and_then(|it| it.pod_management_policy.as_ref());
    let ordered = text(policy) == "OrderedReady";
    let hopeless = reason.outlook != Outlook::MayHeal;
    let outdated = !wanted.is_empty() && revision != wanted && rollout::is_seen(stateful_set);
    // Another pod is made from the template that it has.
    let ordinal = ordinal(&pod.metadata);
    let is_rolled = ordinal.is_some_and(|ordinal| rollout::reaches(stateful_set, ordinal));
    (ordered && hopeless && outdated && is_rolled).then(|| {
        let what = format!(
            "pod {} is still on the failed revision {revision}; Kubernetes waits for it to become ready before replacing it",
            object.name
        );
        let problem = Problem::new(Code::StuckRollout, what)
            .on(object)
            .why(format!("{}; its claims are kept", reason.problem.what))
            .remedy(Remedy::ReplaceStuckPods);
        Reason::new(Outlook::Unlikely, problem)
    })
}

/// Why a claim has no volume, or will have none, from its newest failure event.
pub(crate) fn of_claim(
    claim: &PersistentVolumeClaim,
    event: Option<&Reported>,
    pipeline: &PipelineRef,
) -> Option<Reason> {
    let object = ObjectRef::of(Kind::PersistentVolumeClaim, &claim.metadata);
    let state = Ending::of_claim(claim);
    if is_deleting(&claim.metadata) {
        return Some(Reason::new(Outlook::Unlikely, ending::problem(&object, &state, pipeline)));
    }
    if let Some(problem) = ending::lost(&object, &state, pipeline) {
        return Some(Reason::new(Outlook::Never, problem));
    }
    let event = event?;
    let message = &event.message;
    if message.contains("storageclass") && message.contains("not found") {
        let class = claim.storage_class().unwrap_or_default();
        let problem = Problem::new(
            Code::StorageClassNotFound,
            format!("storage class \"{class}\" does not exist"),
        )
        .on(&object)
        .field("spec.storageClassName")
        .why(message)
        .hint(format!(
            "create the class, or {} and apply again with another",
            object.kubectl("delete")
        ));
        return Some(Reason::new(Outlook::Unlikely, problem).reported(event));
    }
    let volume = claim.spec.as_ref().and_then(|it| it.volume_name.as_deref());
    let problem = Problem::new(Code::ClaimNotBound, format!("{object} has no volume yet"))
        .on(&object)
        .why(message.as_str())
        .hint(match volume {
            // https://kubernetes.io/docs/concepts/storage/persistent-volumes/#retain
            Some(volume) if message.contains("already bound to a different claim") => format!(
                "if the claim that {volume} belonged to is gone, and its data may be used: \
                 kubectl patch pv {volume} -p '{{\"spec\":{{\"claimRef\":null}}}}'"
            ),
            _ => object.kubectl("describe"),
        });
    Some(Reason::new(Outlook::MayHeal, problem))
}

/// What admission and validation say when they refuse an object. Everything else is a failure of the moment: a server
/// that restarts, or a controller that does not know yet of a claim that exists.
const REFUSALS: [&str; 3] = [" is forbidden: ", " is invalid: ", " denied the request"];

/// Why the StatefulSet controller creates no pod, from its newest failure event.
pub(crate) fn of_stateful_set(object: &ObjectRef, event: &Reported) -> Option<Reason> {
    let Reported { reason, message, .. } = event;
    if reason != "FailedCreate" {
        return None;
    }
    if !REFUSALS.iter().any(|words| message.contains(words)) {
        let what = format!("{object} could not create a pod or a claim");
        let problem = Problem::new(Code::NotReadyInTime, what).on(object).why(message.as_str());
        let hint = format!("its controller tries again: {}", object.kubectl("describe"));
        return Some(Reason::new(Outlook::MayHeal, problem.hint(hint)));
    }
    let quota = message.contains("exceeded quota");
    let what = if quota { "a quota is used up" } else { "its pods are refused" };
    let hint = if quota {
        "lower the requests, free some of the quota or have it raised"
    } else {
        "change what the message names"
    };
    let problem = Problem::new(Code::PodsRejected, format!("{object} cannot create pods: {what}"))
        .on(object)
        .why(message.as_str())
        .hint(hint);
    Some(Reason::new(Outlook::Unlikely, problem).reported(event))
}

#[cfg(test)]
mod tests {
    use wellhead_diagnostics::Code;

    use super::{Outlook, of_stateful_set};
    use crate::model::object::{Kind, ObjectRef};
    use crate::observe::events::Reported;

    fn of(message: &str) -> (Code, Outlook) {
        let object = ObjectRef::new(Kind::StatefulSet, "ns", "db");
        let last = (None, 1);
        let event =
            Reported { reason: "FailedCreate".to_owned(), message: message.to_owned(), last };
        let reason = of_stateful_set(&object, &event).expect("it is a failure");
        (reason.problem.code, reason.outlook)
    }

    #[test]
    fn a_failure_of_the_moment_is_no_refusal() {
        let start = "create Pod db-0 in StatefulSet db failed error: ";
        for passing in [
            "failed to create PVC data-db-0: persistentvolumeclaims \"data-db-0\" already exists",
            "pods \"db-0\" already exists",
            "Post \"https://10.0.0.1/api/v1/namespaces/ns/pods\": dial tcp: connection refused",
            "etcdserver: request timed out",
            "Internal error occurred: failed calling webhook \"a.b\": context deadline exceeded",
        ] {
            assert_eq!(of(&format!("{start}{passing}")), (Code::NotReadyInTime, Outlook::MayHeal));
        }
        for refused in [
            "pods \"db-0\" is forbidden: exceeded quota: few, requested: pods=1",
            "pods \"db-0\" is forbidden: violates PodSecurity \"restricted:latest\": host namespaces",
            "Pod \"db-0\" is invalid: spec.containers[0].image: Required value",
            "admission webhook \"a.b\" denied the request: no",
        ] {
            assert_eq!(of(&format!("{start}{refused}")), (Code::PodsRejected, Outlook::Unlikely));
        }
    }
}
