//! Why a pod or a claim is not where it should be, and whether waiting helps.

use serde_json::Value;

use crate::error::Problem;
use crate::json;
use crate::object::{Kind, ObjectRef};

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

/// Status and message of a condition.
fn condition<'a>(pod: &'a Value, name: &str) -> Option<(bool, &'a str, &'a str)> {
    let conditions = json::items(pod, "/status/conditions");
    let found = conditions.iter().find(|condition| json::text(condition, "/type") == name)?;
    let holds = json::text(found, "/status") == "True";
    Some((holds, json::text(found, "/reason"), json::text(found, "/message")))
}

fn of_containers(pod: &Value, object: &ObjectRef) -> Option<Reason> {
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let mut statuses = lists.iter().flat_map(|list| json::items(pod, list));
    statuses.find_map(|status| of_container(status, pod, object))
}

/// The waiting reasons of the kubelet:
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/images/types.go>
fn of_container(status: &Value, pod: &Value, object: &ObjectRef) -> Option<Reason> {
    let waiting = status.pointer("/state/waiting")?;
    let (reason, message) = (json::text(waiting, "/reason"), json::text(waiting, "/message"));
    let container = json::name_of(status);
    let image = image(pod, container).unwrap_or_else(|| json::text(status, "/image"));
    let why = if message.is_empty() { reason.to_owned() } else { format!("{reason}: {message}") };
    let name = &object.name;
    let image_problem = || {
        Problem::new(
            "WH0301",
            format!("pod {name} cannot start: image {image} cannot be pulled ({reason})"),
        )
        .on(object)
        .field(format!("containers.{container}.image"))
        .why(why.clone())
        .hint("check the image's name, tag and pull secret, then apply again")
    };
    let reason = match reason {
        "InvalidImageName" | "ErrImageNeverPull" => Reason::new(Outlook::Never, image_problem()),
        "ImagePullBackOff" | "ErrImagePull" | "ImageInspectError" | "RegistryUnavailable" => {
            Reason::new(Outlook::Unlikely, image_problem())
        }
        "CrashLoopBackOff" => {
            let restarts = json::number(status, "/restartCount");
            let what =
                format!("container {container} of pod {name} crashes, {restarts} restarts so far");
            let problem = Problem::new("WH0306", what).on(object).why(why).hint(format!(
                "kubectl -n {} logs {name} -c {container} --previous",
                object.namespace
            ));
            Reason::new(Outlook::Unlikely, problem)
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            let what = format!("container {container} of pod {name} cannot be created");
            let problem = Problem::new("WH0307", what).on(object).why(why);
            Reason::new(
                Outlook::MayHeal,
                problem.hint("create the ConfigMap or Secret that it names, or correct the name"),
            )
        }
        _ => return None,
    };
    Some(reason)
}

fn image<'a>(pod: &'a Value, container: &str) -> Option<&'a str> {
    let lists = ["/spec/initContainers", "/spec/containers"];
    let mut containers = lists.iter().flat_map(|list| json::items(pod, list));
    let found = containers.find(|found| json::name_of(found) == container)?;
    Some(json::text(found, "/image"))
}

fn of_scheduling(pod: &Value, object: &ObjectRef) -> Option<Reason> {
    let (scheduled, reason, message) = condition(pod, "PodScheduled")?;
    if scheduled || reason != "Unschedulable" {
        return None;
    }
    let problem = Problem::new("WH0303", format!("no node takes pod {}", object.name))
        .on(object)
        .why(message)
        .hint("lower its requests, relax its node selector and affinity, or add a node");
    Some(Reason::new(Outlook::MayHeal, problem))
}

fn of_probe(pod: &Value, object: &ObjectRef) -> Option<Reason> {
    if json::text(pod, "/status/phase") != "Running" {
        return None;
    }
    let message = condition(pod, "Ready").map_or("", |(_, _, message)| message);
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

/// Why a claim has no volume, from its newest failure event.
pub(crate) fn of_claim(claim: &Value, event: Option<&(String, String)>) -> Option<Reason> {
    let (namespace, name) = (json::text(claim, "/metadata/namespace"), json::name(claim));
    let object = ObjectRef::new(Kind::PersistentVolumeClaim, namespace, name);
    if json::text(claim, "/status/phase") == "Lost" {
        let problem = Problem::new("WH0304", format!("{object} has lost its volume"))
            .on(&object)
            .why(format!("volume {} is gone", json::text(claim, "/spec/volumeName")))
            .hint("restore the volume, or delete the claim if its data is not needed");
        return Some(Reason::new(Outlook::Never, problem));
    }
    let (_, message) = event?;
    if message.contains("storageclass") && message.contains("not found") {
        let class = json::text(claim, "/spec/storageClassName");
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
    let problem = Problem::new("WH0304", format!("{object} has no volume yet"))
        .on(&object)
        .why(message.as_str())
        .hint(object.kubectl("describe"));
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
    let problem = Problem::new("WH0305", format!("{object} cannot create pods: {what}"))
        .on(object)
        .why(message.as_str())
        .hint(hint);
    Some(Reason::new(Outlook::Unlikely, problem))
}
