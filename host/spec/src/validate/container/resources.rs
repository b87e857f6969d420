//! Rules of resources: requests, limits and their amounts.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;
use wellhead_diagnostics::Code;

use crate::label;
use crate::text::Escaped as _;
use crate::validate::rule::{
    dns_label, each, each_container, field, quantity, too_few_bytes, whole_bytes,
};
use crate::{FieldPath, Finding, PipelineSpec, Quantity, suggest};

/// Resources of every node; all others are extended, and their names have a domain.
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
const NATIVE: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Resources of a container.
pub(crate) fn check(at: &FieldPath, resources: &ResourceRequirements, findings: &mut Vec<Finding>) {
    let limits = amounts(&at.key("limits"), resources.limits.as_ref(), findings);
    let requests = amounts(&at.key("requests"), resources.requests.as_ref(), findings);
    for (name, request) in &requests {
        let at = at.key("requests").key(*name);
        match limits.get(name) {
            Some(limit) if request.cmp_value(limit).is_gt() => {
                let message = format!("the request `{request}` is above the limit `{limit}`");
                findings.push(Finding::error(Code::RequestOverLimit, at, message));
            }
            Some(limit) if is_exclusive(name) && request.cmp_value(limit).is_lt() => {
                let message = format!("the request `{request}` is not the limit `{limit}`");
                let finding = Finding::error(Code::RequestOverLimit, at, message);
                findings.push(
                    finding.hint(format!("`{name}` cannot be shared: request what you limit")),
                );
            }
            None if is_exclusive(name) && limited(resources, name) => {
                let message = format!("`{name}` is requested and not limited");
                let finding = Finding::error(Code::RequestOverLimit, at, message);
                findings.push(finding.hint("give it a limit; the request may then be omitted"));
            }
            _ => {}
        }
    }
    huge_pages(at, resources, findings);
}

/// Claims on devices, which the pod must have.
pub(crate) fn claims(
    spec: &PipelineSpec,
    at: &FieldPath,
    resources: &ResourceRequirements,
    findings: &mut Vec<Finding>,
) {
    let claims = resources.claims.as_deref().unwrap_or_default();
    for (at, claim) in each(&at.key("claims"), claims, |it| it.name.clone(), findings) {
        if !spec.resource_claims.iter().any(|it| it.name == claim.name) {
            let name = claim.name.escaped();
            let message = format!("`{name}` is not one of the pod's `resourceClaims`");
            let finding = Finding::error(Code::InvalidValue, at.key("name"), message);
            findings.push(finding.hint("add it to `resourceClaims`"));
        }
        if let Some(request) = claim.request.as_deref().filter(|it| !it.is_empty()) {
            dns_label(&at.key("request"), request, "the name of a request", findings);
        }
    }
}

/// Huge pages come whole, and with memory or processor time of the ordinary kind.
/// <https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/>
fn huge_pages(at: &FieldPath, resources: &ResourceRequirements, findings: &mut Vec<Finding>) {
    let mut ordinary = false;
    let mut huge = false;
    for (part, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for (name, text) in amounts.iter().flatten() {
            ordinary |= name == "cpu" || name == "memory";
            let Some(page) = name.strip_prefix("hugepages-") else { continue };
            huge = true;
            let at = at.key(part).key(name);
            let Some(page) = Quantity::new(page).ok().filter(|it| it.nanos() > 0 && is_whole(it))
            else {
                let message = format!("`{}` names no size of a page", name.escaped());
                let finding = Finding::error(Code::InvalidValue, at, message);
                findings.push(finding.hint("e.g. `hugepages-2Mi`"));
                continue;
            };
            // Parts of a byte are reported as such.
            let amount = Quantity::new(text.0.as_str()).ok().filter(is_whole);
            if amount.is_some_and(|it| it.whole() % page.whole() != 0) {
                let message = format!("`{}` are not whole pages of `{page}`", text.0);
                findings.push(Finding::error(Code::QuantityOutOfRange, at, message));
            }
        }
    }
    if huge && !ordinary {
        let message = "huge pages need a request or limit of `cpu` or `memory` beside them";
        findings.push(Finding::error(Code::InvalidValue, at.clone(), message));
    }
}

/// Resources of the pod as a whole.
/// <https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/>
pub(crate) fn check_pod(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let Some(resources) = &spec.resources else { return };
    let at = field("resources");
    check(&at, resources, findings);
    for (part, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for name in amounts.iter().flat_map(BTreeMap::keys) {
            if !(name == "cpu" || name == "memory" || name.starts_with("hugepages-")) {
                let message = format!("a pod as a whole has no `{}`", name.escaped());
                let finding = Finding::error(Code::InvalidValue, at.key(part).key(name), message);
                findings.push(finding.hint("set it for a container"));
            }
        }
    }
    if resources.claims.is_some() {
        let finding =
            Finding::error(Code::InvalidValue, at.key("claims"), "a pod as a whole has no claims");
        findings.push(finding.hint("name them in the containers' `resources.claims`"));
    }
    let names = resources.limits.iter().chain(&resources.requests).flat_map(BTreeMap::keys);
    for name in names.collect::<BTreeSet<_>>() {
        shares(spec, resources, name, findings);
    }
}

fn amount(amounts: Option<&BTreeMap<String, Text>>, name: &str) -> Option<Quantity> {
    Quantity::new(amounts?.get(name)?.0.as_str()).ok()
}

/// What the containers of a pod have is a part of what the pod has.
fn shares(
    spec: &PipelineSpec,
    resources: &ResourceRequirements,
    name: &str,
    findings: &mut Vec<Finding>,
) {
    let limit = amount(resources.limits.as_ref(), name);
    let request = amount(resources.requests.as_ref(), name);
    let total = requested(spec, name);
    let most = request.as_ref().or(limit.as_ref()).map_or(i128::MAX, Quantity::nanos);
    let part = if request.is_some() { "requests" } else { "limits" };
    if total > most {
        let at = field("resources").key(part).key(name);
        let message = "the containers request more than the pod has";
        findings.push(Finding::error(Code::RequestOverLimit, at, message));
    }
    let Some(limit) = limit else { return };
    for (at, container) in each_container(spec) {
        let limits = container.resources.as_ref().and_then(|it| it.limits.as_ref());
        if let Some(own) = amount(limits, name).filter(|own| own.cmp_value(&limit).is_gt()) {
            let at = at.key("resources").key("limits").key(name);
            let message = format!("`{own}` is above the limit `{limit}` of the pod");
            findings.push(Finding::error(Code::RequestOverLimit, at, message));
        }
    }
}

/// What the containers of a pod request at any time, in billionths: all that run together, or one
/// init container with the sidecars that stand before it.
/// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>
fn requested(spec: &PipelineSpec, name: &str) -> i128 {
    let of = |container: &Container| {
        let resources = container.resources.as_ref()?;
        let request = amount(resources.requests.as_ref(), name);
        Some(request.or_else(|| amount(resources.limits.as_ref(), name))?.nanos())
    };
    let (mut sidecars, mut highest) = (0_i128, 0_i128);
    for container in &spec.init_containers {
        let own = of(container).unwrap_or(0);
        if container.restart_policy.is_some() {
            sidecars = sidecars.saturating_add(own);
            highest = highest.max(sidecars);
        } else {
            highest = highest.max(sidecars.saturating_add(own));
        }
    }
    let together = spec.containers.iter().filter_map(of).fold(sidecars, i128::saturating_add);
    together.max(highest)
}

/// Whether a request lacks its limit altogether (and not only because the limit is no quantity).
fn limited(resources: &ResourceRequirements, name: &str) -> bool {
    !resources.limits.as_ref().is_some_and(|limits| limits.contains_key(name))
}

/// Whether what is requested cannot be used by another container at times.
fn is_exclusive(name: &str) -> bool {
    !NATIVE.contains(&name)
}

fn is_whole(amount: &Quantity) -> bool {
    amount.nanos() % 1_000_000_000 == 0
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
            findings.push(Finding::error(Code::QuantityOutOfRange, at, message));
            continue;
        }
        if name == "memory" || name == "ephemeral-storage" {
            whole_bytes(&at, &amount, findings);
            too_few_bytes(&at, &amount, if name == "memory" { "Mi" } else { "Gi" }, findings);
        } else if is_exclusive(name) && !is_whole(&amount) {
            let message = format!("`{amount}` is not whole: there are no parts of `{name}`");
            findings.push(Finding::error(Code::QuantityOutOfRange, at, message));
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
        (Ok(()), true) if !name.starts_with("requests.") => return,
        (Ok(()), true) => {
            format!("`{}` is not a resource: `requests.` is a prefix of quotas", name.escaped())
        }
        (Err(reason), true) => format!("`{}` is not a resource: {reason}", name.escaped()),
        (_, false) => format!("`{}` is not a resource of nodes", name.escaped()),
    };
    let mut finding = Finding::error(Code::InvalidValue, at.clone(), message);
    finding.hint = Some(match suggest::closest(name, &NATIVE) {
        Some(closest) if name != "gpu" => format!("did you mean `{closest}`?"),
        _ => "extended resources have a domain, e.g. `nvidia.com/gpu`".to_owned(),
    });
    findings.push(finding);
}
