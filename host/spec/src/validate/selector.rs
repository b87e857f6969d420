//! Rules of selectors over labels, and of the keys that stand beside one.
//! <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/apis/meta/v1/validation/validation.go>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::rule::{label_key, label_value, one_of, refuse};
use crate::text::Escaped as _;
use crate::values::label;
use crate::{FieldPath, Finding};

pub(super) fn check(at: &FieldPath, selector: Option<&LabelSelector>, findings: &mut Vec<Finding>) {
    let Some(selector) = selector else { return };
    if let Some(labels) = &selector.match_labels {
        label::labels(&at.key("matchLabels"), labels, findings);
    }
    for (index, it) in selector.match_expressions.iter().flatten().enumerate() {
        let at = at.key("matchExpressions").index(index);
        let values = it.values.as_deref().unwrap_or_default();
        label_key(&at.key("key"), &it.key, findings);
        operator(&at, &it.operator, values.len(), &["In", "NotIn"], findings);
        for (index, value) in values.iter().enumerate() {
            label_value(&at.key("values").index(index), value, findings);
        }
    }
}

/// An operator that takes values (one of `some`), or `Exists` or `DoesNotExist`, which take none.
pub(super) fn operator(
    at: &FieldPath,
    operator: &str,
    values: usize,
    some: &[&str],
    findings: &mut Vec<Finding>,
) {
    let none = ["Exists", "DoesNotExist"];
    if some.contains(&operator) && values == 0 {
        refuse(&at.key("values"), format!("`operator: {operator}` needs values"), findings);
    } else if none.contains(&operator) && values > 0 {
        refuse(&at.key("values"), format!("`operator: {operator}` takes no values"), findings);
    } else if !some.contains(&operator) {
        one_of(&at.key("operator"), Some(operator), &[some, &none].concat(), findings);
    }
}

/// Keys whose values are taken from the pod, beside a selector.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#matchlabelkeys>
pub(super) fn keys(
    at: &FieldPath,
    (matched, mismatched): (&[String], &[String]),
    selector: Option<&LabelSelector>,
    findings: &mut Vec<Finding>,
) {
    for (name, keys) in [("matchLabelKeys", matched), ("mismatchLabelKeys", mismatched)] {
        if !keys.is_empty() && selector.is_none() {
            refuse(&at.key(name), format!("`{name}` needs a `labelSelector`"), findings);
        }
        for (index, key) in keys.iter().enumerate() {
            label_key(&at.key(name).index(index), key, findings);
        }
    }
    for (index, key) in matched.iter().enumerate() {
        let selects = selector.is_some_and(|it| {
            it.match_labels.iter().flatten().any(|(it, _)| it == key)
                || it.match_expressions.iter().flatten().any(|it| it.key == *key)
        });
        let place = if selects { "labelSelector" } else { "mismatchLabelKeys" };
        if selects || mismatched.contains(key) {
            let message = format!("`{}` is also in `{place}`", key.escaped());
            refuse(&at.key("matchLabelKeys").index(index), message, findings);
        }
    }
}
