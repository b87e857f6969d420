//! Rules of annotations that Kubernetes reads.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `ValidatePodSpecificAnnotations` and `validateService`.

use wellhead_diagnostics::Code;

use super::rule::{each_container, field};
use crate::{FieldPath, Finding, Pipeline};

/// Security profiles as annotations, which fields have replaced.
const PROFILES: [(&str, &str); 3] = [
    ("container.apparmor.security.beta.kubernetes.io/", "securityContext.appArmorProfile"),
    ("container.seccomp.security.alpha.kubernetes.io/", "securityContext.seccompProfile"),
    ("seccomp.security.alpha.kubernetes.io/pod", "securityContext.seccompProfile"),
];
const MIRROR: &str = "kubernetes.io/config.mirror";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const TOPOLOGY_MODE: &str = "service.kubernetes.io/topology-mode";
const TOPOLOGY_HINTS: &str = "service.kubernetes.io/topology-aware-hints";

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    let at = field("podAnnotations");
    let mut wrong = |at: FieldPath, message: &str, hint: &str| {
        findings.push(Finding::error(Code::InvalidValue, at, message).hint(hint));
    };
    for (key, value) in &spec.pod_annotations {
        let at = at.key(key);
        if let Some((prefix, instead)) = PROFILES.iter().find(|(it, _)| key.starts_with(it)) {
            let container = key.strip_prefix(prefix).unwrap_or_default();
            let known =
                container.is_empty() || each_container(spec).any(|(_, it)| it.name == container);
            let form = value.is_empty()
                || ["runtime/default", "unconfined"].contains(&value.as_str())
                || value.strip_prefix("localhost/").is_some_and(is_profile);
            // Where a field says the same, the two must agree; that needs no second place.
            let in_a_field = spec.security_context.is_some()
                || each_container(spec).any(|(_, it)| it.security_context.is_some());
            if !known || !form || in_a_field {
                wrong(at, "a security profile is a field", &format!("use `{instead}`"));
            }
        } else if key == MIRROR {
            wrong(at, "the annotation belongs to nodes", "remove it");
        } else if key == TOLERATIONS && !value.is_empty() {
            wrong(at, "tolerations are a field", "use `tolerations`");
        } else if key == DELETION_COST && !is_cost(value) {
            wrong(at, "a cost is a whole number of 32 bits", "e.g. `\"100\"`");
        }
    }
    let (at, annotations) = (field("service").key("annotations"), &spec.service.annotations);
    if annotations.contains_key(SOURCE_RANGES) {
        wrong(
            at.key(SOURCE_RANGES),
            "the Service is headless and has no load balancer",
            "remove it",
        );
    }
    let hints = annotations.get(TOPOLOGY_HINTS);
    if annotations.get(TOPOLOGY_MODE).is_some_and(|mode| hints.is_some_and(|it| it != mode)) {
        let instead = format!("remove `{TOPOLOGY_HINTS}`, which it has replaced");
        wrong(at.key(TOPOLOGY_MODE), "two annotations say different things", &instead);
    }
}

fn is_profile(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|part| part != "..")
}

/// A number in its shortest spelling.
fn is_cost(text: &str) -> bool {
    text.parse::<i32>().is_ok_and(|cost| cost.to_string() == text)
}
