//! Why a pod or a claim is not where it should be, and whether waiting helps.

mod container;
mod silent;

use serde_json::Value;

use container::of_containers;
pub(crate) use silent::of_silent;

use crate::error::Problem;
use crate::object::{Kind, ObjectRef, PipelineRef};
use crate::{ending, json};

/// Whether a problem can go away by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may well heal: a node joins, a probe succeeds.
    MayHeal,
    /// It hardly heals, but one observation may be a hiccup.
    Unlikely,
    /// It cannot heal without somebody's help.
    Never,
}

/// One observed reason.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) problem: Problem,
    pub(crate) outlook: Outlook,
}

impl Reason {
    fn new(outlook: Outlook, problem: Problem) -> Self {
        Self { problem, outlook }
    }
}

/// Why a pod is not ready, or `None` when it is or nothing is known yet.
pub(crate) fn of_pod(pod: &Value, stateful_set: &Value) -> Option<Reason> {
    if json::is_deleting(pod) || is_ready(pod) {
        return None;
    }
    let object = ObjectRef::new(Kind::Pod, json::text(pod, "/metadata/namespace"), json::name(pod));
    let reason = of_containers(pod, &object)
        .or_else(|| of_scheduling(pod, &object))
        .or_else(|| of_probe(pod, &object))?;
    Some(stuck(pod, stateful_set, &object, &reason).unwrap_or(reason))
}

/// Whether a pod is ready.
pub(crate) fn is_ready(pod: &Value) -> bool {
    condition(pod, "Ready").is_some_and(|ready| ready.0)
}

/// Whether a pod is broken, keeps the rollout from going on, and comes back with another template once it is deleted.
pub(crate) fn is_stuck(pod: &Value, stateful_set: &Value) -> bool {
    of_pod(pod, stateful_set).is_some_and(|reason| reason.problem.code == STUCK)
}

pub(crate) const STUCK: &str = "WH0302";

/// The code of pods that the server does not let be made.
pub(crate) const REFUSED: &str = "WH0305";

/// Status and message of a condition.
fn condition<'a>(pod: &'a Value, name: &str) -> Option<(bool, &'a str, &'a str)> {
    let conditions = json::items(pod, "/status/conditions");
    let found = conditions.iter().find(|condition| json::text(condition, "/type") == name)?;
    let holds = json::text(found, "/status") == "True";
    Some((holds, json::text(found, "/reason"), json::text(found, "/message")))
}

fn of_scheduling(pod: &Value, object: &ObjectRef) -> Option<Reason> {
    let (scheduled, reason, message) = condition(pod, "PodScheduled")?;
    if !scheduled && reason == "SchedulingGated" {
        return Some(gated(pod, object));
    }
    if scheduled || reason != "Unschedulable" {
        return None;
    }
    let problem = Problem::new("WH0303", format!("no node takes pod {}", object.name))
        .on(object)
        .why(message)
        .hint("lower its requests, relax its node selector and affinity, or add a node");
    Some(Reason::new(Outlook::MayHeal, problem))
}

/// Nobody looks for a node before every gate is taken off the pod.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
fn gated(pod: &Value, object: &ObjectRef) -> Reason {
    let gates: Vec<_> =
        json::items(pod, "/spec/schedulingGates").iter().map(json::name_of).collect();
    let what = format!("pod {} waits for its scheduling gates: {}", object.name, gates.join(", "));
    let problem = Problem::new("WH0315", what).on(object).hint(format!(
        "whoever set a gate takes it off the pod; by hand, all of them: kubectl -n {} patch pod {} \
         -p '{{\"spec\":{{\"schedulingGates\":null}}}}'",
        object.namespace, object.name
    ));
    Reason::new(Outlook::MayHeal, problem)
}

/// The readiness gates that nobody has said yes to.
fn closed_gates(pod: &Value) -> Vec<&str> {
    let gates = json::items(pod, "/spec/readinessGates").iter();
    let names = gates.map(|gate| json::text(gate, "/conditionType"));
    names.filter(|name| !condition(pod, name).is_some_and(|(holds, ..)| holds)).collect()
}

fn of_probe(pod: &Value, object: &ObjectRef) -> Option<Reason> {
    if json::text(pod, "/status/phase") != "Running" {
        return None;
    }
    let (_, reason, message) = condition(pod, "Ready").unwrap_or_default();
    if reason == "ReadinessGatesNotReady" {
        let gates = closed_gates(pod).join(", ");
        let what = format!("pod {} waits for its readiness gates: {gates}", object.name);
        let problem = Problem::new("WH0308", what).on(object).why(message);
        let hint = format!(
            "whoever looks after a gate sets that condition of the pod: {}",
            object.kubectl("describe")
        );
        return Some(Reason::new(Outlook::MayHeal, problem.hint(hint)));
    }
    let mut problem = Problem::new("WH0308", format!("pod {} runs but is not ready", object.name))
        .on(object)
        .hint(format!("{}; look at its readiness probe", object.kubectl("describe")));
    if !message.is_empty() {
        problem.why = Some(message.to_owned());
    }
    Some(Reason::new(Outlook::MayHeal, problem))
}

/// With ordered pod management a broken pod of an old revision is never replaced: the controller waits for it to
/// become ready before it updates anything. <https://github.com/kubernetes/kubernetes/issues/67250>
fn stuck(pod: &Value, stateful_set: &Value, object: &ObjectRef, reason: &Reason) -> Option<Reason> {
    let revision = json::label(pod, "controller-revision-hash");
    let wanted = json::text(stateful_set, "/status/updateRevision");
    let ordered = json::text(stateful_set, "/spec/podManagementPolicy") == "OrderedReady";
    let hopeless = reason.outlook != Outlook::MayHeal;
    let outdated = !wanted.is_empty() && revision != wanted && is_seen(stateful_set);
    (ordered && hopeless && outdated && is_rolled(pod, stateful_set)).then(|| {
        let what = format!(
            "pod {} is still on the failed revision {revision}; Kubernetes waits for it to become ready before replacing it",
            object.name
        );
        let problem = Problem::new(STUCK, what)
            .on(object)
            .why(format!("{}; its claims are kept", reason.problem.what))
            .hint("rerun with `--replace-stuck-pods`");
        Reason::new(Outlook::Unlikely, problem)
    })
}

/// Whether the controller has seen the newest template, so that its status says which revision that is.
fn is_seen(stateful_set: &Value) -> bool {
    let seen = json::number(stateful_set, "/status/observedGeneration");
    seen >= json::number(stateful_set, "/metadata/generation")
}

/// Whether a rolling update reaches the pod: another one is made from the template that it has.
fn is_rolled(pod: &Value, stateful_set: &Value) -> bool {
    let strategy = "/spec/updateStrategy/rollingUpdate/partition";
    let first = json::number(stateful_set, "/spec/ordinals/start")
        .saturating_add(json::number(stateful_set, strategy));
    json::text(stateful_set, "/spec/updateStrategy/type") != "OnDelete"
        && json::ordinal(pod).is_some_and(|ordinal| ordinal >= first)
}

/// Why a claim has no volume, or will have none, from its newest failure event.
pub(crate) fn of_claim(
    claim: &Value,
    event: Option<&(String, String)>,
    pipeline: &PipelineRef,
) -> Option<Reason> {
    let (namespace, name) = (json::text(claim, "/metadata/namespace"), json::name(claim));
    let object = ObjectRef::new(Kind::PersistentVolumeClaim, namespace, name);
    if json::is_deleting(claim) {
        return Some(Reason::new(Outlook::Unlikely, ending::problem(&object, claim, pipeline)));
    }
    if let Some(problem) = ending::lost(&object, claim, pipeline) {
        return Some(Reason::new(Outlook::Never, problem));
    }
    let (_, message) = event?;
    if message.contains("storageclass") && message.contains("not found") {
        let class = json::storage_class(claim).unwrap_or_default();
        let problem = Problem::new("WH0204", format!("storage class \"{class}\" does not exist"))
            .on(&object)
            .field(".spec.storageClassName")
            .why(message)
            .hint(format!(
                "create the class, or {} and apply again with another",
                object.kubectl("delete")
            ));
        return Some(Reason::new(Outlook::Never, problem));
    }
    let volume = claim.pointer("/spec/volumeName").and_then(Value::as_str);
    let problem = Problem::new("WH0304", format!("{object} has no volume yet"))
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

/// Why the StatefulSet controller creates no pod, from its newest failure event.
pub(crate) fn of_stateful_set(object: &ObjectRef, event: &(String, String)) -> Option<Reason> {
    let (reason, message) = event;
    if reason != "FailedCreate" {
        return None;
    }
    let quota = message.contains("exceeded quota");
    let what = if quota { "a quota is used up" } else { "its pods are refused" };
    let hint = if quota {
        "lower the requests, free some of the quota or have it raised"
    } else {
        "change what the message names"
    };
    let problem = Problem::new(REFUSED, format!("{object} cannot create pods: {what}"))
        .on(object)
        .why(message.as_str())
        .hint(hint);
    Some(Reason::new(Outlook::Unlikely, problem))
}
