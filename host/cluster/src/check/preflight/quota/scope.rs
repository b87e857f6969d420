//! Which pods and claims a quota counts.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes>

use k8s_openapi::api::core::v1::ResourceQuota;
use serde_json::Value;

use crate::check::preflight::pods::admitted::is_best_effort;
use crate::model::json;

/// Whether a quota counts a pod; none where that cannot be known.
pub(crate) fn counts_pod(quota: &ResourceQuota, pod: &Value) -> Option<bool> {
    all(quota, |rule| {
        let holds = match rule.name {
            "BestEffort" => is_best_effort(pod),
            "NotBestEffort" => !is_best_effort(pod),
            // A StatefulSet's pods have no activeDeadlineSeconds, validation refuses it; the other is about claims.
            "Terminating" | "VolumeAttributesClass" => false,
            "NotTerminating" => true,
            "CrossNamespacePodAffinity" => reaches_other_namespaces(pod),
            // Without a name, the cluster may have a default.
            "PriorityClass" => {
                let class = json::text(pod, "/priorityClassName");
                return if class.is_empty() { None } else { rule.admits(Some(class)) };
            }
            _ => return None,
        };
        Some(holds)
    })
}

/// Whether a quota counts a claim; none where that cannot be known.
pub(crate) fn counts_claim(quota: &ResourceQuota, claim: &Value) -> Option<bool> {
    all(quota, |rule| match rule.name {
        "VolumeAttributesClass" => {
            let class = json::text(claim, "/spec/volumeAttributesClassName");
            rule.admits(Some(class).filter(|it| !it.is_empty()))
        }
        _ => Some(false),
    })
}

/// Whether a quota counts objects that have no scope, such as Services.
pub(crate) fn counts_plain(quota: &ResourceQuota) -> bool {
    rules(quota).next().is_none()
}

/// One scope, and what its value must be.
struct Rule<'q> {
    name: &'q str,
    operator: &'q str,
    values: &'q [String],
}

impl Rule<'_> {
    fn admits(&self, value: Option<&str>) -> Option<bool> {
        let listed = value.is_some_and(|value| self.values.iter().any(|it| it == value));
        match self.operator {
            "In" => Some(listed),
            "NotIn" => Some(!listed),
            "Exists" => Some(value.is_some()),
            "DoesNotExist" => Some(value.is_none()),
            _ => None,
        }
    }
}

fn rules(quota: &ResourceQuota) -> impl Iterator<Item = Rule<'_>> {
    let spec = quota.spec.iter();
    let plain = spec.clone().flat_map(|it| it.scopes.iter().flatten());
    let plain = plain.map(|name| Rule { name, operator: "Exists", values: &[] });
    let selectors = spec.filter_map(|it| it.scope_selector.as_ref());
    let expressions = selectors.flat_map(|it| it.match_expressions.iter().flatten());
    plain.chain(expressions.map(|it| Rule {
        name: &it.scope_name,
        operator: &it.operator,
        values: it.values.as_deref().unwrap_or_default(),
    }))
}

/// Every scope must hold. One that does not decides, whatever is not known of the others.
fn all(quota: &ResourceQuota, holds: impl Fn(&Rule<'_>) -> Option<bool>) -> Option<bool> {
    let held: Vec<_> = rules(quota).map(|rule| holds(&rule)).collect();
    if held.contains(&Some(false)) {
        Some(false)
    } else {
        held.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
    }
}

fn reaches_other_namespaces(pod: &Value) -> bool {
    let mut terms = ["podAffinity", "podAntiAffinity"].iter().flat_map(|kind| {
        let required = format!("/affinity/{kind}/requiredDuringSchedulingIgnoredDuringExecution");
        let preferred = format!("/affinity/{kind}/preferredDuringSchedulingIgnoredDuringExecution");
        let preferred =
            json::items(pod, &preferred).iter().filter_map(|it| it.get("podAffinityTerm"));
        json::items(pod, &required).iter().chain(preferred)
    });
    terms.any(|term| {
        !json::items(term, "/namespaces").is_empty() || term.get("namespaceSelector").is_some()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ResourceQuota, counts_claim, counts_plain, counts_pod};
    use crate::check::preflight::fixture::typed;

    fn scoped(names: &[&str]) -> ResourceQuota {
        typed(json!({"spec": {"scopes": names}}))
    }

    fn selecting(name: &str, operator: &str, values: &[&str]) -> ResourceQuota {
        let one = json!({"scopeName": name, "operator": operator, "values": values});
        typed(json!({"spec": {"scopeSelector": {"matchExpressions": [one]}}}))
    }

    fn asking() -> Value {
        json!({"containers": [{"name": "db", "resources": {"requests": {"cpu": "1"}}}]})
    }

    #[test]
    fn every_scope_must_hold() {
        let modest = json!({"containers": [{"name": "db"}]});
        assert_eq!(counts_pod(&scoped(&[]), &modest), Some(true));
        assert_eq!(counts_pod(&scoped(&["BestEffort"]), &modest), Some(true));
        assert_eq!(counts_pod(&scoped(&["BestEffort"]), &asking()), Some(false));
        assert_eq!(
            counts_pod(&scoped(&["NotBestEffort", "NotTerminating"]), &asking()),
            Some(true)
        );
        assert_eq!(counts_pod(&scoped(&["NotBestEffort", "Terminating"]), &asking()), Some(false));
    }

    #[test]
    fn a_priority_that_is_not_named_may_be_any() {
        let high = selecting("PriorityClass", "In", &["high"]);
        assert_eq!(counts_pod(&high, &asking()), None);
        let with = |class: &str| {
            let mut pod = asking();
            pod["priorityClassName"] = class.into();
            pod
        };
        assert_eq!(counts_pod(&high, &with("high")), Some(true));
        assert_eq!(counts_pod(&high, &with("low")), Some(false));
        assert_eq!(
            counts_pod(&selecting("PriorityClass", "Exists", &[]), &with("low")),
            Some(true)
        );
        assert_eq!(counts_pod(&selecting("PriorityClass", "Near", &[]), &with("low")), None);
        assert_eq!(counts_pod(&scoped(&["NewScope"]), &asking()), None);
        assert_eq!(counts_pod(&scoped(&["NewScope", "Terminating"]), &asking()), Some(false));
    }

    #[test]
    fn affinity_to_other_namespaces_is_a_scope() {
        let quota = scoped(&["CrossNamespacePodAffinity"]);
        let mut pod = asking();
        assert_eq!(counts_pod(&quota, &pod), Some(false));
        pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
            json!([{"topologyKey": "zone", "namespaces": ["other"]}]);
        assert_eq!(counts_pod(&quota, &pod), Some(true));
    }

    #[test]
    fn claims_have_a_scope_of_their_own_and_services_have_none() {
        let claim = json!({"spec": {"volumeAttributesClassName": "gold"}});
        let gold = selecting("VolumeAttributesClass", "In", &["gold"]);
        assert_eq!(counts_claim(&gold, &claim), Some(true));
        assert_eq!(counts_claim(&gold, &json!({"spec": {}})), Some(false));
        assert_eq!(counts_claim(&scoped(&["BestEffort"]), &claim), Some(false));
        assert_eq!(counts_pod(&gold, &asking()), Some(false));
        assert!(counts_plain(&scoped(&[])) && !counts_plain(&gold));
    }
}
