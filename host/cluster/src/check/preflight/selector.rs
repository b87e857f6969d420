//! Whether labels are those that a selector asks for.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement>

use k8s_openapi::api::core::v1::{Node, NodeSelector, NodeSelectorRequirement};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::model::json::typed::{label, name};

/// Whether a node is one of those that a node selector admits: one of its terms must hold.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>
pub(super) fn admits_node(selector: &NodeSelector, node: &Node) -> bool {
    let holds = |it: &NodeSelectorRequirement, value: Option<&str>| {
        holds(&it.operator, it.values.as_deref().unwrap_or_default(), value)
    };
    selector.node_selector_terms.iter().any(|term| {
        let labels = term.match_expressions.as_deref().unwrap_or_default();
        let fields = term.match_fields.as_deref().unwrap_or_default();
        // A term without requirements matches nothing.
        (!labels.is_empty() || !fields.is_empty())
            && labels.iter().all(|it| holds(it, label(&node.metadata, &it.key)))
            && fields.iter().all(|it| match it.key.as_str() {
                "metadata.name" => holds(it, Some(name(&node.metadata))),
                _ => false,
            })
    })
}

/// Whether an object has the labels of a selector. One that is empty admits all.
pub(super) fn admits(selector: &LabelSelector, object: &ObjectMeta) -> bool {
    let mut equal = selector.match_labels.iter().flatten();
    let mut expressions = selector.match_expressions.iter().flatten();
    equal.all(|(key, value)| label(object, key) == Some(value))
        && expressions.all(|it| {
            let values = it.values.as_deref().unwrap_or_default();
            holds(&it.operator, values, label(object, &it.key))
        })
}

fn holds(operator: &str, values: &[String], value: Option<&str>) -> bool {
    let listed = value.is_some_and(|value| values.iter().any(|it| it == value));
    let number = |text: Option<&str>| text.and_then(|it| it.parse::<i64>().ok());
    let bound = number(values.first().map(String::as_str));
    match operator {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => number(value).zip(bound).is_some_and(|(value, bound)| value > bound),
        "Lt" => number(value).zip(bound).is_some_and(|(value, bound)| value < bound),
        // One that is not known here is left to the cluster.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Node, admits, admits_node};
    use crate::check::preflight::fixture::typed;

    fn node() -> Node {
        typed(json!({"metadata": {"name": "n1", "labels": {"zone": "a", "cores": "8"}}}))
    }

    fn one(key: &str, operator: &str, values: &[&str]) -> Value {
        json!({"key": key, "operator": operator, "values": values})
    }

    fn is_admitted(requirement: &Value) -> bool {
        let terms = json!([{"matchExpressions": [requirement]}]);
        admits_node(&typed(json!({"nodeSelectorTerms": terms})), &node())
    }

    #[test]
    fn every_operator_says_what_the_scheduler_says() {
        assert!(is_admitted(&one("zone", "In", &["b", "a"])));
        assert!(!is_admitted(&one("zone", "In", &["b"])));
        assert!(is_admitted(&one("zone", "NotIn", &["b"])));
        assert!(is_admitted(&one("rack", "NotIn", &["b"])), "what is not set is not in");
        assert!(
            is_admitted(&one("zone", "Exists", &[])) && !is_admitted(&one("rack", "Exists", &[]))
        );
        assert!(is_admitted(&one("rack", "DoesNotExist", &[])));
        assert!(
            is_admitted(&one("cores", "Gt", &["7"])) && !is_admitted(&one("cores", "Gt", &["8"]))
        );
        assert!(
            is_admitted(&one("cores", "Lt", &["9"])) && !is_admitted(&one("zone", "Lt", &["9"]))
        );
    }

    #[test]
    fn one_term_must_hold_with_all_its_requirements() {
        let terms =
            |terms: Value| admits_node(&typed(json!({"nodeSelectorTerms": terms})), &node());
        let (good, bad) = (one("zone", "In", &["a"]), one("zone", "In", &["b"]));
        assert!(terms(json!([{"matchExpressions": [bad]}, {"matchExpressions": [good]}])));
        assert!(!terms(json!([{"matchExpressions": [good, bad]}])));
        assert!(!terms(json!([{}])) && !terms(json!([])));
        let named = |name: &str| json!([{"matchFields": [one("metadata.name", "In", &[name])]}]);
        assert!(terms(named("n1")) && !terms(named("n2")));
    }

    #[test]
    fn labels_are_those_of_the_selector() {
        let admits = |selector: Value| admits(&typed(selector), &node().metadata);
        assert!(admits(json!({})));
        assert!(admits(json!({"matchLabels": {"zone": "a"}})));
        assert!(!admits(json!({"matchLabels": {"zone": "b"}})));
        let rack = json!({"matchExpressions": [one("rack", "Exists", &[])]});
        assert!(!admits(rack));
    }
}
