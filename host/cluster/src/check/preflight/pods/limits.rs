//! Pods that the limit ranges of their namespace refuse.
//!
//! The rules: <https://github.com/kubernetes/kubernetes/blob/v1.36.3/plugin/pkg/admission/limitranger/admission.go>.
//! Claims are held to theirs by the server's dry run.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::Value;

use super::demand::{Amounts, Demand, containers};
use crate::model::json;
use crate::model::json::typed::name;
use crate::model::quantity::{amount, shown};

/// Every rule that a pod breaks, in words.
pub(crate) fn broken(pod: &Value, ranges: &[LimitRange]) -> Vec<String> {
    let mut broken = Vec::new();
    for range in ranges {
        for rule in range.spec.iter().flat_map(|it| &it.limits) {
            let mut judge = |who: &str, demand: &Demand| {
                let found = of_rule(rule, demand).into_iter();
                broken.extend(found.map(|it| format!("{}: {who}: {it}", name(&range.metadata))));
            };
            match rule.type_.as_str() {
                "Container" => {
                    for container in containers(pod) {
                        let who = format!("container {}", json::name_of(container));
                        judge(&who, &Demand::of_container(container));
                    }
                }
                "Pod" => judge("the pod", &Demand::of_pod(pod)),
                _ => {}
            }
        }
    }
    broken
}

/// Why a demand breaks a bound of a resource.
type Judge = fn(&str, i128, &Demand) -> Option<String>;

fn of_rule(rule: &LimitRangeItem, demand: &Demand) -> Vec<String> {
    let mut broken = Vec::new();
    let mut all = |bounds: &Option<BTreeMap<String, Quantity>>, judge: Judge| {
        for (name, size) in bounds.iter().flatten() {
            broken.extend(amount(&size.0).and_then(|bound| judge(name, bound, demand)));
        }
    };
    all(&rule.min, too_small);
    all(&rule.max, too_large);
    all(&rule.max_limit_request_ratio, too_wide);
    broken
}

/// A request must be there, and neither it nor a limit may be less.
fn too_small(name: &str, least: i128, demand: &Demand) -> Option<String> {
    let bound = shown(least);
    let Some(request) = demand.requests.get(name) else {
        return Some(format!(
            "{name}: at least {bound} must be requested, and no request is given"
        ));
    };
    let smallest = demand.limits.get(name).map_or(*request, |limit| *limit.min(request));
    (smallest < least).then(|| format!("{name}: {} is less than {bound}", shown(smallest)))
}

/// A limit must be there, and neither it nor a request may be more.
fn too_large(name: &str, most: i128, demand: &Demand) -> Option<String> {
    let bound = shown(most);
    let Some(limit) = demand.limits.get(name) else {
        return Some(format!("{name}: at most {bound} may be used, and no limit is given"));
    };
    let largest = demand.requests.get(name).map_or(*limit, |request| *request.max(limit));
    (largest > most).then(|| format!("{name}: {} is more than {bound}", shown(largest)))
}

fn too_wide(name: &str, ratio: i128, demand: &Demand) -> Option<String> {
    let said = |amounts: &Amounts| amounts.get(name).copied().filter(|size| *size > 0);
    let bound = shown(ratio);
    let (Some(request), Some(limit)) = (said(&demand.requests), said(&demand.limits)) else {
        return Some(format!(
            "{name}: its limit may be {bound} times its request, and one of them is not given"
        ));
    };
    // Both are billionths, and so is the ratio.
    (limit > request.saturating_mul(ratio) / 1_000_000_000).then(|| {
        let (limit, request) = (shown(limit), shown(request));
        format!("{name}: the limit {limit} is more than {bound} times the request {request}")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{LimitRange, broken};
    use crate::check::preflight::fixture::typed;

    fn pod(resources: &Value) -> Value {
        json!({"containers": [{"name": "db", "resources": resources}]})
    }

    fn range(kind: &str, rule: &Value) -> LimitRange {
        let mut rule = rule.clone();
        rule["type"] = kind.into();
        typed(json!({"metadata": {"name": "bounds"}, "spec": {"limits": [rule]}}))
    }

    fn says(rule: &Value, resources: &Value) -> Vec<String> {
        broken(&pod(resources), &[range("Container", rule)])
    }

    #[test]
    fn a_bound_needs_a_value_and_holds_it() {
        let most = json!({"max": {"cpu": "2"}});
        assert_eq!(says(&most, &json!({"limits": {"cpu": "2"}})), [""; 0]);
        assert_eq!(
            says(&most, &json!({"limits": {"cpu": "3"}})),
            ["bounds: container db: cpu: 3 is more than 2"]
        );
        let none = "bounds: container db: cpu: at most 2 may be used, and no limit is given";
        assert_eq!(says(&most, &json!({"requests": {"cpu": "1"}})), [none]);
        let least = json!({"min": {"memory": "1Gi"}});
        assert_eq!(
            says(&least, &json!({"requests": {"memory": "512Mi"}})),
            ["bounds: container db: memory: 512Mi is less than 1Gi"]
        );
        assert!(says(&least, &json!({}))[0].ends_with("no request is given"));
    }

    #[test]
    fn a_limit_may_be_so_many_times_its_request() {
        let ratio = json!({"maxLimitRequestRatio": {"cpu": "2"}});
        let both = |limit: &str| json!({"requests": {"cpu": "500m"}, "limits": {"cpu": limit}});
        assert_eq!(says(&ratio, &both("1")), [""; 0]);
        assert_eq!(
            says(&ratio, &both("1100m")),
            ["bounds: container db: cpu: the limit 1100m is more than 2 times the request 500m"]
        );
        assert_eq!(says(&ratio, &json!({})).len(), 1);
    }

    #[test]
    fn a_rule_for_pods_holds_all_containers_together() {
        let one =
            json!({"name": "db", "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}});
        let rule = range("Pod", &json!({"max": {"cpu": "2"}}));
        let pod = |count: usize| json!({"containers": vec![one.clone(); count]});
        assert_eq!(broken(&pod(2), std::slice::from_ref(&rule)), [""; 0]);
        assert_eq!(broken(&pod(3), &[rule]), ["bounds: the pod: cpu: 3 is more than 2"]);
    }

    #[test]
    fn a_rule_for_claims_is_left_to_the_server() {
        let rule = range("PersistentVolumeClaim", &json!({"max": {"storage": "1Gi"}}));
        assert_eq!(broken(&pod(&json!({})), &[rule]), [""; 0]);
    }
}
