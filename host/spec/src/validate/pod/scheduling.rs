//! Rules of tolerations and of the spread over nodes.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{Toleration, TopologySpreadConstraint};
use wellhead_diagnostics::Code;

use super::affinity;
use crate::validate::rule::{field, label_key, label_value, one_of, refuse};
use crate::validate::selector;
use crate::{FieldPath, Finding, PipelineSpec};

pub(crate) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    if let Some(it) = &spec.affinity {
        affinity::check(&field("affinity"), it, findings);
    }
    for (index, toleration) in spec.tolerations.iter().enumerate() {
        check_toleration(&field("tolerations").index(index), toleration, findings);
    }
    let mut kinds = HashSet::new();
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        let at = field("topologySpreadConstraints").index(index);
        if !kinds.insert((&spread.topology_key, &spread.when_unsatisfiable)) {
            let message = "another item has this `topologyKey` and this `whenUnsatisfiable`";
            findings.push(Finding::error(Code::DuplicateItem, at.clone(), message));
        }
        check_spread(&at, spread, findings);
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn check_toleration(at: &FieldPath, toleration: &Toleration, findings: &mut Vec<Finding>) {
    let operator = toleration.operator.as_deref();
    let value = toleration.value.as_deref().unwrap_or_default();
    one_of(&at.key("operator"), operator, &["Exists", "Equal"], findings);
    let effects = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
    one_of(&at.key("effect"), toleration.effect.as_deref(), effects, findings);
    if operator == Some("Exists") && !value.is_empty() {
        refuse(&at.key("value"), "`operator: Exists` takes no value", findings);
    }
    label_value(&at.key("value"), value, findings);
    match toleration.key.as_deref() {
        Some(key) if !key.is_empty() => label_key(&at.key("key"), key, findings),
        _ if operator != Some("Exists") => refuse(
            at,
            "a toleration without a key tolerates every taint, and says `operator: Exists`",
            findings,
        ),
        _ => {}
    }
    if toleration.toleration_seconds.is_some() && toleration.effect.as_deref() != Some("NoExecute")
    {
        let message = "a time counts with `effect: NoExecute` only";
        refuse(&at.key("tolerationSeconds"), message, findings);
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>
fn check_spread(at: &FieldPath, spread: &TopologySpreadConstraint, findings: &mut Vec<Finding>) {
    let options = &["DoNotSchedule", "ScheduleAnyway"];
    one_of(&at.key("whenUnsatisfiable"), Some(&spread.when_unsatisfiable), options, findings);
    for (name, number) in [("maxSkew", Some(spread.max_skew)), ("minDomains", spread.min_domains)] {
        if let Some(number) = number.filter(|it| *it < 1) {
            let message = format!("`{number}` is too small, the least is 1");
            refuse(&at.key(name), message, findings);
        }
    }
    if spread.min_domains.is_some() && spread.when_unsatisfiable != "DoNotSchedule" {
        let message = "a number of domains counts with `whenUnsatisfiable: DoNotSchedule` only";
        refuse(&at.key("minDomains"), message, findings);
    }
    if spread.topology_key.is_empty() {
        let message = "`topologyKey` is empty";
        let finding = Finding::error(Code::InvalidValue, at.key("topologyKey"), message);
        findings.push(finding.hint("name a label of nodes, e.g. `topology.kubernetes.io/zone`"));
    }
    for (name, policy) in [
        ("nodeAffinityPolicy", &spread.node_affinity_policy),
        ("nodeTaintsPolicy", &spread.node_taints_policy),
    ] {
        one_of(&at.key(name), policy.as_deref(), &["Honor", "Ignore"], findings);
    }
    selector::check(&at.key("labelSelector"), spread.label_selector.as_ref(), findings);
    let keys = spread.match_label_keys.as_deref().unwrap_or_default();
    selector::keys(at, (keys, &[]), spread.label_selector.as_ref(), findings);
}
