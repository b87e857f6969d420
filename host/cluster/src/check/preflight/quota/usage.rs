//! What the objects of a pipeline count for in a quota.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/#types-of-resource-quota>

use serde_json::Value;

use crate::check::preflight::pods::demand::{Amounts, Demand};
use crate::decide::plan::{PipelinePlan, Step};
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::object::Kind;
use crate::model::quantity::amount;

/// One of something, in billionths.
const ONE: i128 = 1_000_000_000;
const SIZE: &str = "/spec/resources/requests/storage";

/// What one pod counts for.
pub(crate) fn of_pod(pod: &Value) -> Amounts {
    let Demand { requests, limits } = Demand::of_pod(pod);
    let mut usage = Amounts::from([("pods".to_owned(), ONE), ("count/pods".to_owned(), ONE)]);
    for (name, size) in requests {
        // The old names of what is requested.
        if is_plain(&name) || name.starts_with("hugepages-") {
            usage.insert(name.clone(), size);
        }
        usage.insert(format!("requests.{name}"), size);
    }
    // Extended resources are counted as requests alone.
    for (name, size) in limits {
        if is_plain(&name) {
            usage.insert(format!("limits.{name}"), size);
        }
    }
    usage
}

fn is_plain(resource: &str) -> bool {
    ["cpu", "memory", "ephemeral-storage"].contains(&resource)
}

/// What an object that would be written counts for in addition to what it does now.
pub(crate) fn of_step(step: &Step) -> Amounts {
    let after = step.stored();
    let mut usage = Amounts::new();
    let mut add = |name: String, count: i128| {
        if count > 0 {
            usage.insert(name, count);
        }
    };
    let new = if step.live.is_none() { ONE } else { 0 };
    let (group, plural) = step.object.kind.resource();
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    add(format!("count/{plural}{group}"), new);
    match step.object.kind {
        Kind::Service => {
            add(plural.to_owned(), new);
            let balanced = json::text(after, "/spec/type") == "LoadBalancer";
            let on_nodes = balanced || json::text(after, "/spec/type") == "NodePort";
            add("services.loadbalancers".to_owned(), if balanced { new } else { 0 });
            add("services.nodeports".to_owned(), if on_nodes { new } else { 0 });
        }
        Kind::PersistentVolumeClaim => {
            let size = |claim: &Value| amount(json::text(claim, SIZE)).unwrap_or_default();
            let more = size(after) - step.live.as_ref().map(size).unwrap_or_default();
            add(plural.to_owned(), new);
            add("requests.storage".to_owned(), more);
            let live = step.live.as_ref().unwrap_or(after);
            let class = live.storage_class().unwrap_or_default();
            if !class.is_empty() {
                let of_class = format!("{class}.storageclass.storage.k8s.io");
                add(format!("{of_class}/{plural}"), new);
                add(format!("{of_class}/requests.storage"), more);
            }
        }
        _ => {}
    }
    usage
}

/// The pods of a StatefulSet, as they are and as they would be.
pub(crate) struct Pods<'p> {
    /// Template and number of those that live.
    pub(crate) now: Option<(&'p Value, i128)>,
    /// Template and number of those that would.
    pub(crate) then: (&'p Value, i128),
}

impl<'p> Pods<'p> {
    /// None where no pod would be made.
    pub(crate) fn of(plan: &'p PipelinePlan) -> Option<Self> {
        let step = &plan.stateful_set;
        let after = step.stored();
        let template = |set: &'p Value| set.pointer("/spec/template");
        let replicas = |set: &Value| {
            let replicas = set.pointer("/spec/replicas").and_then(Value::as_i64);
            i128::from(replicas.unwrap_or(1))
        };
        let then = (template(after)?, replicas(after));
        let Some(live) = &step.live else {
            return (then.1 > 0).then_some(Self { now: None, then });
        };
        // Those that the set has, which are fewer than asked for where a quota is in the way already.
        let lives = i128::from(json::number(live, "/status/replicas"));
        let now = (template(live)?, lives);
        (then.1 > 0 && (now.0 != then.0 || then.1 > replicas(live)))
            .then_some(Self { now: Some(now), then })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Pods, of_pod, of_step};
    use crate::check::preflight::fixture;
    use crate::decide::plan::Step;
    use crate::model::object::Kind;
    use crate::model::quantity::shown;

    fn step(kind: Kind, live: Option<Value>, body: &Value) -> Step {
        Step { live, ..fixture::step(kind, "x", body) }
    }

    fn said(usage: crate::check::preflight::Amounts) -> Vec<String> {
        usage.into_iter().map(|(name, size)| format!("{name}={}", shown(size))).collect()
    }

    #[test]
    fn a_pod_counts_by_old_and_new_names_and_gpus_by_their_requests() {
        let resources = json!({"requests": {"cpu": "1", "nvidia.com/gpu": "2"},
                               "limits": {"cpu": "2", "nvidia.com/gpu": "2"}});
        let pod = json!({"containers": [{"resources": resources}]});
        assert_eq!(
            said(of_pod(&pod)),
            [
                "count/pods=1",
                "cpu=1",
                "limits.cpu=2",
                "pods=1",
                "requests.cpu=1",
                "requests.nvidia.com/gpu=2",
            ]
        );
    }

    #[test]
    fn a_claim_counts_for_all_and_for_its_class_and_growth_for_what_it_adds() {
        let claim = |size: &str| json!({"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": size}}}});
        let new = step(Kind::PersistentVolumeClaim, None, &claim("2Gi"));
        assert_eq!(
            said(of_step(&new)),
            [
                "count/persistentvolumeclaims=1",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims=1",
                "fast.storageclass.storage.k8s.io/requests.storage=2Gi",
                "persistentvolumeclaims=1",
                "requests.storage=2Gi",
            ]
        );
        let grows = step(Kind::PersistentVolumeClaim, Some(claim("2Gi")), &claim("5Gi"));
        assert_eq!(
            said(of_step(&grows)),
            ["fast.storageclass.storage.k8s.io/requests.storage=3Gi", "requests.storage=3Gi"]
        );
    }

    #[test]
    fn an_object_that_exists_counts_for_nothing_more() {
        let set = |live| step(Kind::StatefulSet, live, &json!({}));
        assert_eq!(said(of_step(&set(None))), ["count/statefulsets.apps=1"]);
        assert_eq!(said(of_step(&set(Some(json!({}))))), [""; 0]);
        let service = step(Kind::Service, None, &json!({"spec": {"clusterIP": "None"}}));
        assert_eq!(said(of_step(&service)), ["count/services=1", "services=1"]);
    }

    #[test]
    fn pods_are_made_of_a_new_template_or_of_more_replicas() {
        let set = |image: &str, replicas: i64| json!({"spec": {"replicas": replicas, "template": {"image": image}}, "status": {"replicas": 2}});
        let plan = |live: Option<Value>, body: Value| {
            let mut plan = fixture::plan("x", 0, &json!({}));
            plan.stateful_set = step(Kind::StatefulSet, live, &body);
            plan
        };
        let makes = |live, body| {
            Pods::of(&plan(live, body)).map(|it| (it.now.map_or(0, |now| now.1), it.then.1))
        };
        assert_eq!(makes(None, set("a", 3)), Some((0, 3)));
        assert_eq!(makes(None, set("a", 0)), None);
        assert_eq!(makes(Some(set("a", 2)), set("a", 3)), Some((2, 3)));
        assert_eq!(makes(Some(set("a", 2)), set("b", 2)), Some((2, 2)));
        assert_eq!(makes(Some(set("a", 2)), set("a", 2)), None);
        assert_eq!(makes(Some(set("a", 2)), set("a", 1)), None);
    }
}
