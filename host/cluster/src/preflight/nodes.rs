//! Pods that no node of the cluster could ever run, however empty it were.
//!
//! Looked at: the node selector, taints, and requests against what a node has for pods. Affinity is left to the scheduler.

use std::collections::BTreeMap;

use serde_json::Value;

use super::readable;
use crate::decide::PipelinePlan;
use crate::error::Problem;
use crate::json;
use crate::object::Kind;
use crate::quantity::amount;
use crate::session::Session;

pub(super) async fn check(
    session: &Session<'_>,
    plans: &mut [&mut PipelinePlan],
) -> Result<(), Problem> {
    let Some(nodes) = readable(session.list(Kind::Node, "", "", "").await, "nodes")? else {
        return Ok(());
    };
    // A cluster that adds nodes when pods wait has perhaps none yet.
    if nodes.is_empty() {
        return Ok(());
    }
    for plan in plans {
        let pod = plan.stateful_set.body.pointer("/spec/template/spec").unwrap_or(&Value::Null);
        let reasons: Vec<_> = nodes.iter().map(|node| obstacle(pod, node)).collect();
        if reasons.iter().any(Option::is_none) {
            continue;
        }
        let mut counted = BTreeMap::<_, usize>::new();
        for reason in reasons.into_iter().flatten() {
            *counted.entry(reason).or_default() += 1;
        }
        let why: Vec<_> =
            counted.into_iter().map(|(reason, count)| format!("{count} nodes: {reason}")).collect();
        let object = &plan.stateful_set.object;
        let problem = Problem::new("WH0311", format!("no node could run the pods of {object}"))
            .on(object)
            .why(why.join("\n"))
            .hint("ask for less, change `nodeSelector` or `tolerations`, or add such a node");
        plan.warnings.push(problem);
    }
    Ok(())
}

/// Why a node could never run a pod.
fn obstacle(pod: &Value, node: &Value) -> Option<String> {
    let selector = pod.get("nodeSelector").and_then(Value::as_object);
    for (key, value) in selector.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if json::label(node, key) != value {
            return Some(format!("the label {key}={value} is missing"));
        }
    }
    if let Some(taint) = json::items(node, "/spec/taints").iter().find(|it| repels(pod, it)) {
        let (key, value) = (json::text(taint, "/key"), json::text(taint, "/value"));
        return Some(format!("the taint {key}={value} is not tolerated"));
    }
    requests(pod).into_iter().find_map(|(resource, wants)| {
        let has = node.pointer("/status/allocatable")?.get(&resource);
        let has = has.and_then(Value::as_str).unwrap_or("0");
        let short = amount(has).is_some_and(|has| has < wants);
        short.then(|| format!("{resource}: has {has} for pods, which is too little for one pod"))
    })
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn repels(pod: &Value, taint: &Value) -> bool {
    let (key, value) = (json::text(taint, "/key"), json::text(taint, "/value"));
    let effect = json::text(taint, "/effect");
    // Nodes are tainted by themselves while something is wrong with them.
    let passing = key.starts_with("node.kubernetes.io/")
        || key.starts_with("node.cloudprovider.kubernetes.io/");
    if passing || effect == "PreferNoSchedule" {
        return false;
    }
    !json::items(pod, "/tolerations").iter().any(|toleration| {
        let text = |field: &str| json::text(toleration, &format!("/{field}"));
        let of_effect = text("effect").is_empty() || text("effect") == effect;
        let of_key = match text("operator") {
            "Exists" => text("key").is_empty() || text("key") == key,
            _ => text("key") == key && text("value") == value,
        };
        of_effect && of_key
    })
}

/// What one pod asks for, in billionths: its containers together, or its largest init container.
/// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
fn requests(pod: &Value) -> BTreeMap<String, i128> {
    let mut all = BTreeMap::new();
    for container in json::items(pod, "/containers") {
        for (resource, wants) in of_container(container) {
            *all.entry(resource).or_default() += wants;
        }
    }
    for container in json::items(pod, "/initContainers") {
        for (resource, wants) in of_container(container) {
            let most: &mut i128 = all.entry(resource).or_default();
            *most = wants.max(*most);
        }
    }
    all
}

/// Requests, and limits where no request is given.
fn of_container(container: &Value) -> BTreeMap<String, i128> {
    let mut found = BTreeMap::new();
    for kind in ["limits", "requests"] {
        let resources = container.pointer(&format!("/resources/{kind}")).and_then(Value::as_object);
        for (resource, size) in resources.into_iter().flatten() {
            if let Some(size) = size.as_str().and_then(amount) {
                found.insert(resource.clone(), size);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::obstacle;

    fn node() -> Value {
        json!({"metadata": {"labels": {"disk": "fast"}},
               "spec": {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]},
               "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}})
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
        obstacle(&pod(change), &node()).unwrap_or_default()
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
    fn containers_add_up_and_limits_stand_in_for_requests() {
        let three = json!({"resources": {"limits": {"cpu": "3"}}});
        assert_eq!(says(&json!({"containers": [three]})), "");
        let too_much = "cpu: has 4 for pods, which is too little for one pod";
        assert_eq!(says(&json!({"containers": [three, three]})), too_much);
        assert_eq!(says(&json!({"initContainers": [three], "containers": [three]})), "");
    }

    #[test]
    fn a_resource_that_a_node_does_not_have_is_none() {
        let gpu = json!([{"resources": {"limits": {"nvidia.com/gpu": "1"}}}]);
        assert!(says(&json!({"containers": gpu})).starts_with("nvidia.com/gpu: has 0"));
    }
}
