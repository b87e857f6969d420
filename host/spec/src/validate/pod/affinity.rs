//! Rules of affinity.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm,
    WeightedPodAffinityTerm,
};
use wellhead_diagnostics::Code;

use crate::validate::rule::{in_range, label_key, label_value, one_of, refuse};
use crate::validate::selector;
use crate::{FieldPath, Finding, Namespace, ObjectName};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(crate) fn check(at: &FieldPath, affinity: &Affinity, findings: &mut Vec<Finding>) {
    if let Some(it) = &affinity.node_affinity {
        nodes(&at.key("nodeAffinity"), it, findings);
    }
    let near = affinity.pod_affinity.as_ref().map(|it| {
        (
            &it.required_during_scheduling_ignored_during_execution,
            &it.preferred_during_scheduling_ignored_during_execution,
        )
    });
    let far = affinity.pod_anti_affinity.as_ref().map(|it| {
        (
            &it.required_during_scheduling_ignored_during_execution,
            &it.preferred_during_scheduling_ignored_during_execution,
        )
    });
    for (name, terms) in [("podAffinity", near), ("podAntiAffinity", far)] {
        let Some((required, preferred)) = terms else { continue };
        let at = at.key(name);
        for (index, term) in required.iter().flatten().enumerate() {
            pods(&at.key(REQUIRED).index(index), term, findings);
        }
        for (index, term) in preferred.iter().flatten().enumerate() {
            weighted(&at.key(PREFERRED).index(index), term, findings);
        }
    }
}

fn weighted(at: &FieldPath, term: &WeightedPodAffinityTerm, findings: &mut Vec<Finding>) {
    in_range(&at.key("weight"), i64::from(term.weight), 1..=100, findings);
    pods(&at.key("podAffinityTerm"), &term.pod_affinity_term, findings);
}

fn pods(at: &FieldPath, term: &PodAffinityTerm, findings: &mut Vec<Finding>) {
    label_key(&at.key("topologyKey"), &term.topology_key, findings);
    selector::check(&at.key("labelSelector"), term.label_selector.as_ref(), findings);
    selector::check(&at.key("namespaceSelector"), term.namespace_selector.as_ref(), findings);
    for (index, name) in term.namespaces.iter().flatten().enumerate() {
        if let Err(error) = Namespace::new(name.as_str()) {
            let at = at.key("namespaces").index(index);
            findings.push(Finding::error(Code::InvalidName, at, error.to_string()));
        }
    }
    let keys = |keys: &'_ Option<Vec<String>>| keys.clone().unwrap_or_default();
    let (matched, mismatched) = (keys(&term.match_label_keys), keys(&term.mismatch_label_keys));
    selector::keys(at, (&matched, &mismatched), term.label_selector.as_ref(), findings);
}

fn nodes(at: &FieldPath, affinity: &NodeAffinity, findings: &mut Vec<Finding>) {
    if let Some(required) = &affinity.required_during_scheduling_ignored_during_execution {
        let at = at.key(REQUIRED).key("nodeSelectorTerms");
        if required.node_selector_terms.is_empty() {
            refuse(&at, "no term, so no node would fit", findings);
        }
        for (index, term) in required.node_selector_terms.iter().enumerate() {
            node_term(&at.index(index), term, true, findings);
        }
    }
    let preferred = &affinity.preferred_during_scheduling_ignored_during_execution;
    for (index, term) in preferred.iter().flatten().enumerate() {
        let at = at.key(PREFERRED).index(index);
        in_range(&at.key("weight"), i64::from(term.weight), 1..=100, findings);
        node_term(&at.key("preference"), &term.preference, false, findings);
    }
}

/// The server takes any value in a preference: it may well fit no node.
fn node_term(
    at: &FieldPath,
    term: &NodeSelectorTerm,
    strict_values: bool,
    findings: &mut Vec<Finding>,
) {
    for (index, it) in term.match_expressions.iter().flatten().enumerate() {
        let at = at.key("matchExpressions").index(index);
        let values = it.values.as_deref().unwrap_or_default();
        label_key(&at.key("key"), &it.key, findings);
        if ["Gt", "Lt"].contains(&it.operator.as_str()) && values.len() != 1 {
            let message = format!("`operator: {}` takes one value", it.operator);
            refuse(&at.key("values"), message, findings);
        } else {
            let some = &["In", "NotIn", "Gt", "Lt"];
            selector::operator(&at, &it.operator, values.len(), some, findings);
        }
        for (index, value) in values.iter().enumerate().filter(|_| strict_values) {
            label_value(&at.key("values").index(index), value, findings);
        }
    }
    for (index, it) in term.match_fields.iter().flatten().enumerate() {
        node_field(&at.key("matchFields").index(index), it, findings);
    }
}

fn node_field(at: &FieldPath, it: &NodeSelectorRequirement, findings: &mut Vec<Finding>) {
    one_of(&at.key("key"), Some(&it.key), &["metadata.name"], findings);
    one_of(&at.key("operator"), Some(&it.operator), &["In", "NotIn"], findings);
    let [name] = it.values.as_deref().unwrap_or_default() else {
        return refuse(&at.key("values"), "a field of nodes takes one value", findings);
    };
    if let Err(error) = ObjectName::new(name.as_str()) {
        let at = at.key("values").index(0);
        findings.push(Finding::error(Code::InvalidName, at, error.to_string()));
    }
}
