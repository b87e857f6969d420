//! Rules of the workload and the pod.

pub(crate) mod affinity;
pub(crate) mod dns;
pub(crate) mod os;
pub(crate) mod scheduling;

use k8s_openapi::api::core::v1::PodResourceClaim;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use wellhead_diagnostics::Code;

use super::container::resources;
use super::rule::{
    MAX_REPLICAS, dns_label, each, field, label_key, not_negative, object_name, one_of, refuse,
};
use super::volume;
use crate::label;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, Pipeline, PipelineSpec};

/// Labels that the StatefulSet controller sets on each pod, with a value of its own.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
const CONTROLLER_LABELS: [&str; 3] = [
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
];

pub(crate) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    labels(pipeline, findings);
    replicas(pipeline, findings);
    policies(spec, findings);
    for (name, value) in [
        ("minReadySeconds", spec.min_ready_seconds.map(i64::from)),
        ("revisionHistoryLimit", spec.revision_history_limit.map(i64::from)),
        ("terminationGracePeriodSeconds", spec.termination_grace_period_seconds),
    ] {
        not_negative(&field(name), value, findings);
    }
    let preemption = spec.preemption_policy.as_deref();
    let policies = &["PreemptLowerPriority", "Never"];
    one_of(&field("preemptionPolicy"), preemption, policies, findings);
    names(spec, findings);
    scheduling::check(spec, findings);
    dns::check(spec, findings);
    volume::check(spec, findings);
    resources::check_pod(spec, findings);
    os::check(spec, findings);
}

fn labels(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let (metadata, spec) = (&pipeline.metadata, &pipeline.spec);
    label::labels(&field("labels"), &metadata.labels, findings);
    label::annotations(&field("annotations"), &metadata.annotations, findings);
    label::labels(&field("selector"), &spec.selector, findings);
    // The controller of a StatefulSet adopts, and then removes, what its selector matches: it must not match the
    // records of Wellhead, which have no other labels. <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/history/controller_history.go>
    for key in spec.selector.keys().filter(|key| key.starts_with("wellhead.dev/")) {
        let message = format!("`{}` is a label of Wellhead's own records", key.escaped());
        findings.push(Finding::error(Code::SelectorMismatch, field("selector").key(key), message));
    }
    label::labels(&field("podLabels"), &spec.pod_labels, findings);
    label::annotations(&field("podAnnotations"), &spec.pod_annotations, findings);
    label::labels(&field("nodeSelector"), &spec.node_selector, findings);
    for key in spec.selector.keys().chain(spec.pod_labels.keys()) {
        if CONTROLLER_LABELS.contains(&key.as_str()) {
            let at = if spec.selector.contains_key(key) { "selector" } else { "podLabels" };
            let message = format!("the StatefulSet controller sets `{key}` on each pod itself");
            findings.push(Finding::error(Code::SelectorMismatch, field(at).key(key), message));
        }
    }
    for (key, value) in pipeline.selector() {
        if spec.pod_labels.get(&key).is_some_and(|label| *label != value) {
            let message =
                format!("the selector looks for `{key}: {value}`, the pods have another value");
            let finding =
                Finding::error(Code::SelectorMismatch, field("podLabels").key(&key), message);
            findings
                .push(finding.hint("remove the label here: the pods get the selector's anyway"));
        }
    }
}

fn replicas(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let replicas = pipeline.replicas();
    if !(0..=MAX_REPLICAS).contains(&replicas) {
        let message = format!("replicas must be between 0 and {MAX_REPLICAS}, got `{replicas}`");
        findings.push(Finding::error(Code::InvalidReplicas, field("replicas"), message));
    }
    let start = pipeline.ordinals().start;
    if start < 0 || start.checked_add(replicas).is_none() {
        let message = format!("ordinals cannot start at `{start}`");
        findings.push(Finding::error(
            Code::InvalidOrdinals,
            field("ordinals").key("start"),
            message,
        ));
    }
}

fn policies(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let at = field("persistentVolumeClaimRetentionPolicy");
    if let Some(policy) = &spec.persistent_volume_claim_retention_policy {
        for (name, value, when) in [
            ("whenDeleted", &policy.when_deleted, "when the StatefulSet is deleted"),
            ("whenScaled", &policy.when_scaled, "when replicas are scaled down"),
        ] {
            one_of(&at.key(name), value.as_deref(), &["Retain", "Delete"], findings);
            if value.as_deref() == Some("Delete") {
                let message = format!("the cluster deletes claims and their data {when}");
                let finding = Finding::warning(Code::ClaimsDeleted, at.key(name), message);
                findings.push(finding.hint(
                    "write `Retain`, and delete claims yourself when you no longer need them",
                ));
            }
        }
    }
    if let Some(strategy) = &spec.update_strategy {
        let at = field("updateStrategy");
        let kind = strategy.type_.as_deref();
        one_of(&at.key("type"), kind, &["RollingUpdate", "OnDelete"], findings);
        if kind == Some("OnDelete") && strategy.rolling_update.is_some() {
            let message = "`rollingUpdate` has no effect with `type: OnDelete`";
            findings.push(Finding::error(Code::InvalidValue, at.key("rollingUpdate"), message));
        }
        let partition = strategy.rolling_update.as_ref().and_then(|it| it.partition);
        not_negative(&at.key("rollingUpdate").key("partition"), partition.map(i64::from), findings);
        let unavailable =
            strategy.rolling_update.as_ref().and_then(|it| it.max_unavailable.as_ref());
        if let Some(unavailable) = unavailable {
            max_unavailable(&at.key("rollingUpdate").key("maxUnavailable"), unavailable, findings);
        }
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#maximum-unavailable-pods>
fn max_unavailable(at: &FieldPath, pods: &IntOrString, findings: &mut Vec<Finding>) {
    let good = match pods {
        IntOrString::Int(number) => *number > 0,
        IntOrString::String(text) => text.strip_suffix('%').is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit())
                && digits.parse::<u8>().is_ok_and(|percent| (1..=100).contains(&percent))
        }),
    };
    if !good {
        let message = "it is a number of pods above zero, or `\"1%\"` to `\"100%\"`";
        refuse(at, message, findings);
    }
}

/// Names of other objects, and lists of them.
fn names(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let secrets = &spec.image_pull_secrets;
    each(&field("imagePullSecrets"), secrets, |it| it.name.clone(), findings);
    for (name, value) in
        [("nodeName", &spec.node_name), ("priorityClassName", &spec.priority_class_name)]
    {
        if let Some(value) = value.as_deref() {
            object_name(&field(name), value, findings);
        }
    }
    for (name, value) in [("hostname", &spec.hostname), ("subdomain", &spec.subdomain)] {
        if let Some(value) = value {
            dns_label(&field(name), value, "a part of a host name", findings);
        }
    }
    let gates = &spec.scheduling_gates;
    for (at, gate) in each(&field("schedulingGates"), gates, |it| it.name.clone(), findings) {
        label_key(&at.key("name"), &gate.name, findings);
    }
    for (index, gate) in spec.readiness_gates.iter().enumerate() {
        let at = field("readinessGates").index(index).key("conditionType");
        label_key(&at, &gate.condition_type, findings);
    }
    let claims = &spec.resource_claims;
    for (at, claim) in each(&field("resourceClaims"), claims, |it| it.name.clone(), findings) {
        resource_claim(&at, claim, findings);
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/>
fn resource_claim(at: &FieldPath, claim: &PodResourceClaim, findings: &mut Vec<Finding>) {
    dns_label(&at.key("name"), &claim.name, "the name of a resource claim", findings);
    let names = [
        ("resourceClaimName", &claim.resource_claim_name),
        ("resourceClaimTemplateName", &claim.resource_claim_template_name),
    ];
    if names.iter().filter(|(_, name)| name.is_some()).count() != 1 {
        let message = "it names one of `resourceClaimName` and `resourceClaimTemplateName`";
        refuse(at, message, findings);
    }
    for (field, name) in names {
        if let Some(name) = name {
            object_name(&at.key(field), name, findings);
        }
    }
}
