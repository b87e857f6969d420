//! A pod as admission would make it of a template.
//!
//! Webhooks may change more of it, so what is found in such a pod is a warning and never a refusal.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::LimitRange;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Map, Value, json};

use super::demand::{Demand, containers};
use crate::model::json;
use crate::model::json::typed::name;

/// The pod of a template: requests that follow from limits, the defaults of the namespace, and what its runtime class
/// adds.
pub(crate) fn pod(template: &Value, ranges: &[LimitRange], runtimes: &[RuntimeClass]) -> Value {
    let mut pod = template.pointer("/spec").cloned().unwrap_or_default();
    for list in ["initContainers", "containers"] {
        let Some(Value::Array(containers)) = pod.get_mut(list) else { continue };
        for container in containers {
            request_limits(container);
            let rules = ranges.iter().filter_map(|range| range.spec.as_ref());
            for rule in rules.flat_map(|it| &it.limits).filter(|it| it.type_ == "Container") {
                fill(container, "limits", rule.default.as_ref().map(sizes));
                fill(container, "requests", rule.default_request.as_ref().map(sizes));
            }
        }
    }
    let class = json::text(&pod, "/runtimeClassName");
    let named = |it: &&RuntimeClass| !class.is_empty() && name(&it.metadata) == class;
    if let Some(class) = runtimes.iter().find(named) {
        of_runtime(&mut pod, class);
    }
    pod
}

/// A limit without a request is one.
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits>
fn request_limits(container: &mut Value) {
    let limits = container.pointer("/resources/limits").and_then(Value::as_object).cloned();
    fill(container, "requests", limits);
}

/// Amounts as a container has them.
fn sizes(amounts: &BTreeMap<String, Quantity>) -> Map<String, Value> {
    amounts.iter().map(|(name, size)| (name.clone(), size.0.as_str().into())).collect()
}

/// <https://kubernetes.io/docs/concepts/policy/limit-range/>
fn fill(container: &mut Value, kind: &str, defaults: Option<Map<String, Value>>) {
    let Some(defaults) = defaults else { return };
    let Some(container) = container.as_object_mut() else { return };
    let resources = container.entry("resources").or_insert_with(|| Map::new().into());
    let Some(resources) = resources.as_object_mut() else { return };
    let said = resources.entry(kind).or_insert_with(|| Map::new().into());
    let Some(said) = said.as_object_mut() else { return };
    for (name, size) in defaults {
        said.entry(name).or_insert(size);
    }
}

/// <https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling>
fn of_runtime(pod: &mut Value, class: &RuntimeClass) {
    let Some(pod) = pod.as_object_mut() else { return };
    if let Some(overhead) = class.overhead.as_ref().and_then(|it| it.pod_fixed.as_ref()) {
        pod.insert("overhead".to_owned(), sizes(overhead).into());
    }
    let Some(scheduling) = &class.scheduling else { return };
    if let Some(labels) = &scheduling.node_selector {
        let selector = pod.entry("nodeSelector").or_insert_with(|| Map::new().into());
        if let Some(selector) = selector.as_object_mut() {
            let labels = labels.iter().map(|(key, value)| (key.clone(), value.as_str().into()));
            selector.extend(labels);
        }
    }
    let more = scheduling.tolerations.as_deref().unwrap_or_default();
    if !more.is_empty() {
        let tolerations = pod.entry("tolerations").or_insert_with(|| Value::Array(Vec::new()));
        if let Some(tolerations) = tolerations.as_array_mut() {
            tolerations.extend(more.iter().map(|it| json!(it)));
        }
    }
}

/// Whether no container asks for CPU or memory.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/#besteffort>
pub(crate) fn is_best_effort(pod: &Value) -> bool {
    let asks = |container: &Value| {
        let demand = Demand::of_container(container);
        [demand.requests, demand.limits].iter().any(|amounts| {
            ["cpu", "memory"].iter().any(|name| amounts.get(*name).is_some_and(|size| *size > 0))
        })
    };
    !containers(pod).any(asks)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{LimitRange, is_best_effort, pod};
    use crate::check::preflight::fixture::typed;

    fn template(resources: &Value) -> Value {
        json!({"spec": {"runtimeClassName": "vm", "nodeSelector": {"a": "b"},
                        "containers": [{"name": "db", "resources": resources}]}})
    }

    fn range() -> LimitRange {
        typed(json!({"spec": {"limits": [
            {"type": "Pod", "max": {"cpu": "9"}},
            {"type": "Container", "default": {"cpu": "2", "memory": "2Gi"},
             "defaultRequest": {"cpu": "1", "memory": "1Gi"}}]}}))
    }

    fn resources(of: &Value, ranges: &[LimitRange]) -> Value {
        pod(&template(of), ranges, &[])["containers"][0]["resources"].clone()
    }

    #[test]
    fn what_is_not_said_comes_from_the_limits_and_then_from_the_namespace() {
        assert_eq!(
            resources(&json!({"limits": {"cpu": "4"}}), &[range()]),
            json!({"limits": {"cpu": "4", "memory": "2Gi"}, "requests": {"cpu": "4", "memory": "1Gi"}})
        );
        assert_eq!(
            resources(&json!({"limits": {"cpu": "4"}}), &[]),
            json!({"limits": {"cpu": "4"}, "requests": {"cpu": "4"}})
        );
    }

    #[test]
    fn a_runtime_class_adds_its_overhead_and_where_it_is() {
        let class = json!({"metadata": {"name": "vm"}, "overhead": {"podFixed": {"cpu": "250m"}},
            "scheduling": {"nodeSelector": {"vm": "yes"}, "tolerations": [{"key": "vm"}]}});
        let pod = pod(&template(&json!({})), &[], &[typed(class)]);
        assert_eq!(pod["overhead"], json!({"cpu": "250m"}));
        assert_eq!(pod["nodeSelector"], json!({"a": "b", "vm": "yes"}));
        assert_eq!(pod["tolerations"], json!([{"key": "vm"}]));
    }

    #[test]
    fn a_pod_that_asks_for_nothing_is_best_effort() {
        assert!(is_best_effort(&pod(&template(&json!({"limits": {"gpu": "1"}})), &[], &[])));
        assert!(!is_best_effort(&pod(&template(&json!({})), &[range()], &[])));
    }
}
