//! Whether labels are those that a selector asks for.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement>

use serde_json::Value;

use crate::model::json;

/// Whether a node is one of those that a node selector admits: one of its terms must hold.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>
pub(super) fn admits_node(selector: &Value, node: &Value) -> bool {
    json::items(selector, "/nodeSelectorTerms").iter().any(|term| {
        let labels = json::items(term, "/matchExpressions");
        let fields = json::items(term, "/matchFields");
        // A term without requirements matches nothing.
        (!labels.is_empty() || !fields.is_empty())
            && labels.iter().all(|it| holds(it, label(node, json::text(it, "/key"))))
            && fields.iter().all(|it| match json::text(it, "/key") {
                "metadata.name" => holds(it, Some(json::name(node))),
                _ => false,
            })
    })
}

/// Whether an object has the labels of a `LabelSelector`. One that is empty admits all.
pub(super) fn admits(selector: &Value, object: &Value) -> bool {
    let mut equal = selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
    equal.all(|(key, value)| label(object, key) == value.as_str())
        && json::items(selector, "/matchExpressions")
            .iter()
            .all(|it| holds(it, label(object, json::text(it, "/key"))))
}

/// The value of a label, which may be empty, or none.
pub(super) fn label<'o>(object: &'o Value, key: &str) -> Option<&'o str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}

fn holds(requirement: &Value, value: Option<&str>) -> bool {
    let values = json::items(requirement, "/values");
    let listed = value.is_some_and(|value| values.iter().any(|it| it == value));
    let number = |text: Option<&str>| text.and_then(|it| it.parse::<i64>().ok());
    let bound = number(values.first().and_then(Value::as_str));
    match json::text(requirement, "/operator") {
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

    use super::{admits, admits_node};

    fn node() -> Value {
        json!({"metadata": {"name": "n1", "labels": {"zone": "a", "cores": "8"}}})
    }

    fn one(key: &str, operator: &str, values: &[&str]) -> Value {
        json!({"key": key, "operator": operator, "values": values})
    }

    fn is_admitted(requirement: &Value) -> bool {
        admits_node(&json!({"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}), &node())
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
        let terms = |terms: Value| admits_node(&json!({"nodeSelectorTerms": terms}), &node());
        let (good, bad) = (one("zone", "In", &["a"]), one("zone", "In", &["b"]));
        assert!(terms(json!([{"matchExpressions": [bad]}, {"matchExpressions": [good]}])));
        assert!(!terms(json!([{"matchExpressions": [good, bad]}])));
        assert!(!terms(json!([{}])) && !terms(json!([])));
        let named = |name: &str| json!([{"matchFields": [one("metadata.name", "In", &[name])]}]);
        assert!(terms(named("n1")) && !terms(named("n2")));
    }

    #[test]
    fn labels_are_those_of_the_selector() {
        assert!(admits(&json!({}), &node()));
        assert!(admits(&json!({"matchLabels": {"zone": "a"}}), &node()));
        assert!(!admits(&json!({"matchLabels": {"zone": "b"}}), &node()));
        let rack = json!({"matchExpressions": [one("rack", "Exists", &[])]});
        assert!(!admits(&rack, &node()));
    }
}
