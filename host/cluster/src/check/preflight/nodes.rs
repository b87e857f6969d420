//! Pods that no node of the cluster could ever run, however empty it were.
//!
//! Looked at: the node's name, the node selector, required node affinity, taints, and requests against what a node has
//! for pods. What depends on other pods is left to the scheduler.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, NodeSelector, Taint};
use serde_json::Value;
use wellhead_diagnostics::Code;

use super::facts::ClusterFacts;
use super::pipeline_check::{Finding, PipelineCheck, Severity};
use super::pods::demand::{Amounts, Demand};
use super::selector;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::{label, name, typed};
use crate::model::quantity::amount;

const AFFINITY: &str = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";

pub(super) fn judge(facts: &ClusterFacts, check: &PipelineCheck<'_>) -> Option<Finding> {
    check.pods.as_ref()?;
    // A cluster that adds nodes when pods wait has perhaps none yet.
    let nodes = facts.nodes.as_ref().filter(|nodes| !nodes.is_empty())?;
    let wanted = Wanted::of(&check.pod);
    let mut counted = BTreeMap::<_, usize>::new();
    for node in nodes {
        *counted.entry(wanted.obstacle(node)?).or_default() += 1;
    }
    let line = |(reason, count): (String, usize)| {
        let s = if count == 1 { "" } else { "s" };
        format!("{count} node{s}: {reason}")
    };
    let why: Vec<_> = counted.into_iter().map(line).collect();
    let object = &check.plan.stateful_set.object;
    let problem = Problem::new(Code::NoNodeFits, format!("no node could run the pods of {object}"))
        .on(object)
        .why(why.join("\n"))
        .hint(
            "ask for less, change `nodeSelector`, `affinity` or `tolerations`, or add such a node",
        );
    Some(check.finding(Severity::Warning, problem))
}

/// A pod, and what it asks for.
pub(super) struct Wanted<'p> {
    pod: &'p Value,
    requests: Amounts,
    affinity: Option<NodeSelector>,
}

impl<'p> Wanted<'p> {
    pub(super) fn of(pod: &'p Value) -> Self {
        let affinity = pod.pointer(AFFINITY).cloned().and_then(typed);
        Self { pod, requests: Demand::of_pod(pod).requests, affinity }
    }

    /// Why a node could never run the pod.
    pub(super) fn obstacle(&self, node: &Node) -> Option<String> {
        let pod = self.pod;
        let name = json::text(pod, "/nodeName");
        if !name.is_empty() {
            // Such a pod is not scheduled, and taints do not keep it away.
            let other = self::name(&node.metadata) != name;
            return if other { Some(format!("it is not {name}")) } else { self.too_small(node) };
        }
        let labels = pod.get("nodeSelector").and_then(Value::as_object);
        for (key, value) in labels.into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            if label(&node.metadata, key) != Some(value) {
                return Some(format!("the label {key}={value} is missing"));
            }
        }
        if self.affinity.as_ref().is_some_and(|it| !selector::admits_node(it, node)) {
            return Some("the node affinity of the pods does not admit it".to_owned());
        }
        let taints = node.spec.as_ref().and_then(|it| it.taints.as_deref()).unwrap_or_default();
        if let Some(Taint { key, value, .. }) = taints.iter().find(|it| repels(pod, it)) {
            let value = value.as_deref().unwrap_or_default();
            return Some(format!("the taint {key}={value} is not tolerated"));
        }
        self.too_small(node)
    }

    fn too_small(&self, node: &Node) -> Option<String> {
        self.requests.iter().find_map(|(resource, wants)| {
            let has = node.status.as_ref()?.allocatable.as_ref()?.get(resource);
            let has = has.map_or("0", |it| it.0.as_str());
            let short = amount(has).is_some_and(|has| has < *wants);
            short
                .then(|| format!("{resource}: has {has} for pods, which is too little for one pod"))
        })
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn repels(pod: &Value, Taint { key, value, effect, .. }: &Taint) -> bool {
    let value = value.as_deref().unwrap_or_default();
    // Nodes are tainted by themselves while something is wrong with them.
    let passing = key.starts_with("node.kubernetes.io/")
        || key.starts_with("node.cloudprovider.kubernetes.io/");
    if passing || effect == "PreferNoSchedule" {
        return false;
    }
    !json::items(pod, "/tolerations").iter().any(|toleration| {
        let text = |field: &str| json::text(toleration, &format!("/{field}"));
        let of_effect = text("effect").is_empty() || text("effect") == effect.as_str();
        let of_key = match text("operator") {
            "Exists" => text("key").is_empty() || text("key") == key.as_str(),
            _ => text("key") == key.as_str() && text("value") == value,
        };
        of_effect && of_key
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Node, Wanted};
    use crate::check::preflight::fixture::typed;

    fn node() -> Node {
        typed(json!({"metadata": {"name": "n1", "labels": {"disk": "fast"}},
               "spec": {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]},
               "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}}))
    }

    fn pod(change: &Value) -> Value {
        let mut pod = json!({"tolerations": [{"key": "gpu", "operator": "Exists"}], "containers": [
            {"name": "a", "resources": {"requests": {"cpu": "2"}}}]});
        for (key, value) in change.as_object().unwrap() {
            pod[key] = value.clone();
        }
        pod
    }

    fn says(change: &Value) -> String {
        Wanted::of(&pod(change)).obstacle(&node()).unwrap_or_default()
    }

    #[test]
    fn labels_taints_and_sizes_decide() {
        assert_eq!(says(&json!({})), "");
        assert_eq!(says(&json!({"nodeSelector": {"disk": "fast"}})), "");
        assert_eq!(
            says(&json!({"nodeSelector": {"disk": "slow"}})),
            "the label disk=slow is missing"
        );
        assert_eq!(says(&json!({"tolerations": []})), "the taint gpu=yes is not tolerated");
        let other = json!([{"key": "gpu", "value": "no"}]);
        assert_eq!(says(&json!({"tolerations": other})), "the taint gpu=yes is not tolerated");
    }

    #[test]
    fn containers_add_up_and_so_does_the_overhead() {
        let three = json!({"resources": {"requests": {"cpu": "3"}}});
        assert_eq!(says(&json!({"containers": [three]})), "");
        let too_much = "cpu: has 4 for pods, which is too little for one pod";
        assert_eq!(says(&json!({"containers": [three, three]})), too_much);
        assert_eq!(says(&json!({"initContainers": [three], "containers": [three]})), "");
        assert_eq!(says(&json!({"containers": [three], "overhead": {"cpu": "2"}})), too_much);
    }

    #[test]
    fn a_resource_that_a_node_does_not_have_is_none() {
        let gpu = json!([{"resources": {"requests": {"nvidia.com/gpu": "1"}}}]);
        assert!(says(&json!({"containers": gpu})).starts_with("nvidia.com/gpu: has 0"));
    }

    #[test]
    fn affinity_that_is_required_must_admit_the_node() {
        let affinity = |disk: &str| {
            let term =
                json!({"matchExpressions": [{"key": "disk", "operator": "In", "values": [disk]}]});
            json!({"affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}})
        };
        assert_eq!(says(&affinity("fast")), "");
        assert_eq!(says(&affinity("slow")), "the node affinity of the pods does not admit it");
    }

    #[test]
    fn a_pod_that_names_its_node_goes_there_whatever_its_taints() {
        assert_eq!(says(&json!({"nodeName": "n1", "tolerations": []})), "");
        assert_eq!(says(&json!({"nodeName": "n2"})), "it is not n2");
        let large = json!({"nodeName": "n1", "overhead": {"cpu": "9"}});
        assert!(says(&large).starts_with("cpu: has 4"));
    }
}
