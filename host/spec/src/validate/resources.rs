//! Rules of resources: requests, limits and their amounts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;

use super::{each, label, quantity, whole_bytes};
use crate::{FieldPath, Finding, Quantity, codes};

/// Resources of every node; all others are extended, and their names have a domain.
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
const NATIVE: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Resources of a container.
pub(super) fn check(at: &FieldPath, resources: &ResourceRequirements, findings: &mut Vec<Finding>) {
    let limits = amounts(&at.key("limits"), resources.limits.as_ref(), findings);
    let requests = amounts(&at.key("requests"), resources.requests.as_ref(), findings);
    for (name, request) in &requests {
        let at = at.key("requests").key(*name);
        match limits.get(name) {
            Some(limit) if request.cmp_value(limit).is_gt() => {
                let message = format!("the request `{request}` is above the limit `{limit}`");
                findings.push(Finding::error(codes::REQUEST_OVER_LIMIT, at, message));
            }
            Some(limit) if is_exclusive(name) && request.cmp_value(limit).is_lt() => {
                let message = format!("the request `{request}` is not the limit `{limit}`");
                let finding = Finding::error(codes::REQUEST_OVER_LIMIT, at, message);
                findings.push(
                    finding.hint(format!("`{name}` cannot be shared: request what you limit")),
                );
            }
            None if is_exclusive(name) && limited(resources, name) => {
                let message = format!("`{name}` is requested and not limited");
                let finding = Finding::error(codes::REQUEST_OVER_LIMIT, at, message);
                findings.push(finding.hint("give it a limit; the request may then be left out"));
            }
            _ => {}
        }
    }
    each(
        &at.key("claims"),
        resources.claims.as_deref().unwrap_or_default(),
        |it| it.name.clone(),
        findings,
    );
}

/// Resources of the pod as a whole.
pub(super) fn check_pod(
    at: &FieldPath,
    resources: &ResourceRequirements,
    findings: &mut Vec<Finding>,
) {
    check(at, resources, findings);
    for (part, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for name in amounts.iter().flat_map(BTreeMap::keys) {
            if !(name == "cpu" || name == "memory" || name.starts_with("hugepages-")) {
                let message = format!("a pod as a whole has no `{}`", name.escape_debug());
                let finding = Finding::error(codes::VALUE, at.key(part).key(name), message);
                findings.push(finding.hint("set it for a container"));
            }
        }
    }
}

/// Whether a request lacks its limit altogether (and not only because the limit is no quantity).
fn limited(resources: &ResourceRequirements, name: &str) -> bool {
    !resources.limits.as_ref().is_some_and(|limits| limits.contains_key(name))
}

/// Whether what is requested cannot be used by another container at times.
fn is_exclusive(name: &str) -> bool {
    !NATIVE.contains(&name)
}

fn amounts<'r>(
    at: &FieldPath,
    resources: Option<&'r BTreeMap<String, Text>>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<&'r str, Quantity> {
    let mut amounts = BTreeMap::new();
    for (name, text) in resources.into_iter().flatten() {
        let at = at.key(name);
        resource_name(&at, name, findings);
        let Some(amount) = quantity(&at, text, findings) else { continue };
        if amount.is_negative() {
            let message = format!("`{amount}` is below zero");
            findings.push(Finding::error(codes::QUANTITY_RANGE, at, message));
            continue;
        }
        if name == "memory" || name == "ephemeral-storage" {
            whole_bytes(&at, &amount, findings);
        } else if is_exclusive(name) && amount.nanos() % 1_000_000_000 != 0 {
            let message = format!("`{amount}` is not whole: there are no parts of `{name}`");
            findings.push(Finding::error(codes::QUANTITY_RANGE, at, message));
            continue;
        }
        amounts.insert(name.as_str(), amount);
    }
    amounts
}

fn resource_name(at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    if NATIVE.contains(&name) || name.starts_with("hugepages-") {
        return;
    }
    let message = match (label::check_key(name), name.contains('/')) {
        (Ok(()), true) => return,
        (Err(reason), true) => format!("`{}` is not a resource: {reason}", name.escape_debug()),
        (_, false) => format!("`{}` is not a resource of nodes", name.escape_debug()),
    };
    let mut finding = Finding::error(codes::VALUE, at.clone(), message);
    finding.hint = Some(match crate::suggest::closest(name, &NATIVE) {
        Some(closest) if name != "gpu" => format!("did you mean `{closest}`?"),
        _ => "extended resources have a domain, e.g. `nvidia.com/gpu`".to_owned(),
    });
    findings.push(finding);
}
