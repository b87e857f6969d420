//! Rules of the workload and the pod.

use k8s_openapi::api::core::v1::{Toleration, TopologySpreadConstraint, Volume};

use super::{
    MAX_REPLICAS, dns_label, each, field, label, not_negative, one_of, quantity, resources,
};
use crate::{FieldPath, Finding, Pipeline, PipelineSpec, codes};

/// Labels that the StatefulSet controller sets on each pod, with a value of its own.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
const CONTROLLER_LABELS: [&str; 3] = [
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
];

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
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
    for (name, value, options) in [
        (
            "dnsPolicy",
            &spec.dns_policy,
            &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"][..],
        ),
        ("preemptionPolicy", &spec.preemption_policy, &["PreemptLowerPriority", "Never"]),
    ] {
        one_of(&field(name), value.as_deref(), options, findings);
    }
    scheduling(spec, findings);
    volumes(spec, findings);
    keyed_lists(spec, findings);
    if let Some(it) = &spec.resources {
        resources::check_pod(&field("resources"), it, findings);
    }
}

fn labels(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let (metadata, spec) = (&pipeline.metadata, &pipeline.spec);
    label::labels(&field("labels"), &metadata.labels, findings);
    label::annotations(&field("annotations"), &metadata.annotations, findings);
    label::labels(&field("selector"), &spec.selector, findings);
    label::labels(&field("podLabels"), &spec.pod_labels, findings);
    label::annotations(&field("podAnnotations"), &spec.pod_annotations, findings);
    label::labels(&field("nodeSelector"), &spec.node_selector, findings);
    for key in spec.selector.keys().chain(spec.pod_labels.keys()) {
        if CONTROLLER_LABELS.contains(&key.as_str()) {
            let at = if spec.selector.contains_key(key) { "selector" } else { "podLabels" };
            let message = format!("the StatefulSet controller sets `{key}` on each pod itself");
            findings.push(Finding::error(codes::SELECTOR, field(at).key(key), message));
        }
    }
    for (key, value) in pipeline.selector() {
        if spec.pod_labels.get(&key).is_some_and(|label| *label != value) {
            let message =
                format!("the selector looks for `{key}: {value}`, the pods have another value");
            let finding = Finding::error(codes::SELECTOR, field("podLabels").key(&key), message);
            findings
                .push(finding.hint("remove the label here: the pods get the selector's anyway"));
        }
    }
}

fn replicas(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let replicas = pipeline.replicas();
    if !(0..=MAX_REPLICAS).contains(&replicas) {
        let message = format!("`{replicas}` replicas: 0 to {MAX_REPLICAS} are possible");
        findings.push(Finding::error(codes::REPLICAS, field("replicas"), message));
    }
    let start = pipeline.ordinals().start;
    if start < 0 || start.checked_add(replicas).is_none() {
        let message = format!("ordinals cannot start at `{start}`");
        findings.push(Finding::error(codes::ORDINALS, field("ordinals").key("start"), message));
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
                let finding = Finding::warning(codes::DATA_LOSS, at.key(name), message);
                findings.push(
                    finding.hint("write `Retain`, and delete claims by hand when it is time"),
                );
            }
        }
    }
    if let Some(strategy) = &spec.update_strategy {
        let at = field("updateStrategy");
        let kind = strategy.type_.as_deref();
        one_of(&at.key("type"), kind, &["RollingUpdate", "OnDelete"], findings);
        if kind == Some("OnDelete") && strategy.rolling_update.is_some() {
            let message = "`rollingUpdate` has no effect with `type: OnDelete`";
            findings.push(Finding::error(codes::VALUE, at.key("rollingUpdate"), message));
        }
        let partition = strategy.rolling_update.as_ref().and_then(|it| it.partition);
        not_negative(&at.key("rollingUpdate").key("partition"), partition.map(i64::from), findings);
    }
}

fn scheduling(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    for (index, toleration) in spec.tolerations.iter().enumerate() {
        check_toleration(&field("tolerations").index(index), toleration, findings);
    }
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        check_spread(&field("topologySpreadConstraints").index(index), spread, findings);
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn check_toleration(at: &FieldPath, toleration: &Toleration, findings: &mut Vec<Finding>) {
    let operator = toleration.operator.as_deref();
    one_of(&at.key("operator"), operator, &["Exists", "Equal", "Lt", "Gt"], findings);
    let effects = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
    one_of(&at.key("effect"), toleration.effect.as_deref(), effects, findings);
    if operator == Some("Exists") && toleration.value.as_deref().is_some_and(|it| !it.is_empty()) {
        let message = "`operator: Exists` takes no value";
        findings.push(Finding::error(codes::VALUE, at.key("value"), message));
    }
    if toleration.key.as_deref().is_none_or(str::is_empty) && operator != Some("Exists") {
        let message =
            "a toleration without a key tolerates every taint, and says `operator: Exists`";
        findings.push(Finding::error(codes::VALUE, at.clone(), message));
    }
}

fn check_spread(at: &FieldPath, spread: &TopologySpreadConstraint, findings: &mut Vec<Finding>) {
    let options = &["DoNotSchedule", "ScheduleAnyway"];
    one_of(&at.key("whenUnsatisfiable"), Some(&spread.when_unsatisfiable), options, findings);
    if spread.max_skew < 1 {
        let message = format!("`{}` is too small, the least is 1", spread.max_skew);
        findings.push(Finding::error(codes::VALUE, at.key("maxSkew"), message));
    }
    if spread.topology_key.is_empty() {
        let message = "`topologyKey` is empty";
        let finding = Finding::error(codes::VALUE, at.key("topologyKey"), message);
        findings.push(finding.hint("name a label of nodes, e.g. `topology.kubernetes.io/zone`"));
    }
}

fn volumes(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    for (at, volume) in each(&field("volumes"), &spec.volumes, |it| it.name.clone(), findings) {
        dns_label(&at.key("name"), &volume.name, "a volume name", findings);
        if spec.claims.iter().any(|claim| claim.name.as_str() == volume.name) {
            let message = format!("`{}` is already the name of a claim", volume.name);
            let finding = Finding::error(codes::NAME_TWICE, at.key("name"), message);
            findings.push(finding.hint("a claim is a volume too: it needs no entry in `volumes`"));
        }
        volume_quantities(&at, volume, findings);
    }
}

fn volume_quantities(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    if let Some(size) = volume.empty_dir.as_ref().and_then(|it| it.size_limit.as_ref()) {
        let at = at.key("emptyDir").key("sizeLimit");
        if quantity(&at, size, findings).is_some_and(|size| size.is_negative()) {
            let message = format!("`{}` is below zero", size.0);
            findings.push(Finding::error(codes::QUANTITY_RANGE, at, message));
        }
    }
    let template = volume.ephemeral.as_ref().and_then(|it| it.volume_claim_template.as_ref());
    if let Some(resources) = template.and_then(|it| it.spec.resources.as_ref()) {
        let at = ["ephemeral", "volumeClaimTemplate", "spec", "resources"]
            .iter()
            .fold(at.clone(), |at, key| at.key(*key));
        for (part, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
            for (name, text) in amounts.iter().flatten() {
                quantity(&at.key(part).key(name), text, findings);
            }
        }
    }
}

/// Lists whose keys must differ and have no further rules here.
fn keyed_lists(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    each(&field("imagePullSecrets"), &spec.image_pull_secrets, |it| it.name.clone(), findings);
    each(&field("hostAliases"), &spec.host_aliases, |it| it.ip.clone(), findings);
    each(&field("resourceClaims"), &spec.resource_claims, |it| it.name.clone(), findings);
}
