//! Second spellings: annotations that Kubernetes reads instead of a field, and that win over it.
//!
//! Of those that Kubernetes 1.36 still reads, security profiles and tolerations have rules of their own
//! (`annotation.rs`). Others are only read by what is gone, such as
//! `service.alpha.kubernetes.io/tolerate-unready-endpoints`, or hold on other objects, such as
//! `volume.beta.kubernetes.io/mount-options`; the server warns of some.

use std::collections::BTreeMap;

use wellhead_diagnostics::Code;

use super::rule::field;
use crate::{Claim, FieldPath, Finding, Pipeline};

/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-helpers/storage/volume/helpers.go>
const STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// What controllers note of a claim. Noted of a new claim, it is lost before it has a volume, or bound to a node.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go>
const RECORDS: [&str; 4] = [
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
    "volume.alpha.kubernetes.io/selected-node",
];

/// Annotations that win over `trafficDistribution`.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution>
const TOPOLOGY: [&str; 2] =
    ["service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"];

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    for claim in &spec.claims {
        let at = field("claims").key(claim.name.as_str());
        of_claim(&at, &claim.annotations, &classes(claim), "storageClass", findings);
    }
    for volume in &spec.volumes {
        let template = volume.ephemeral.as_ref().and_then(|it| it.volume_claim_template.as_ref());
        let Some(template) = template else { continue };
        let at = FieldPath::of(["volumes", &volume.name, "ephemeral", "volumeClaimTemplate"]);
        let none = BTreeMap::new();
        let metadata = template.metadata.as_ref();
        let annotations = metadata.and_then(|it| it.annotations.as_ref()).unwrap_or(&none);
        let class = template.spec.storage_class_name.iter().map(String::as_str).collect::<Vec<_>>();
        of_claim(&at.key("metadata"), annotations, &class, "storageClassName", findings);
    }
    let service = &spec.service;
    if let (Some(spread), Some(key)) = (
        &service.traffic_distribution,
        TOPOLOGY.iter().find(|key| service.annotations.contains_key(**key)),
    ) {
        let at = field("service").key("annotations").key(*key);
        let message = format!("the annotation wins over `trafficDistribution: {spread}`");
        let finding = Finding::error(Code::FieldSpelling, at, message);
        findings.push(finding.hint("remove the annotation, which the field has replaced"));
    }
}

/// Every class that a claim names.
fn classes(claim: &Claim) -> Vec<&str> {
    let ranges = claim.ordinals.iter().filter_map(|it| it.storage_class.as_deref());
    claim.storage_class.as_deref().into_iter().chain(ranges).collect()
}

fn of_claim(
    at: &FieldPath,
    annotations: &BTreeMap<String, String>,
    classes: &[&str],
    name: &str,
    findings: &mut Vec<Finding>,
) {
    let at = |key: &str| at.key("annotations").key(key);
    for key in RECORDS.into_iter().filter(|key| annotations.contains_key(*key)) {
        let message = "the annotation belongs to the controllers of volumes";
        findings.push(Finding::error(Code::FieldSpelling, at(key), message).hint("remove it"));
    }
    let Some(class) = annotations.get(STORAGE_CLASS) else { return };
    let at = at(STORAGE_CLASS);
    let finding = if let Some(other) = classes.iter().find(|other| *other != class) {
        let message =
            format!("the annotation says class `{class}` and wins over `{name}: {other}`");
        Finding::error(Code::FieldSpelling, at, message)
            .hint(format!("remove the annotation, or `{name}` where `{class}` is meant"))
    } else {
        let message = format!("the annotation is an older spelling of `{name}`, and wins over it");
        Finding::warning(Code::FieldSpelling, at, message)
            .hint(format!("write `{name}: {class}` instead"))
    };
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use wellhead_diagnostics::Code;

    use crate::{Pipeline, Severity, validate};

    /// Severity, place and message of what is said of second spellings.
    fn said(spec: &serde_json::Value) -> Vec<(Severity, String, String)> {
        let mut draft =
            serde_json::json!({"name": "kv", "containers": [{"name": "kv", "image": "kv:1"}]});
        for (field, value) in spec.as_object().unwrap() {
            draft[field] = value.clone();
        }
        let pipeline = Pipeline::from_draft(draft).unwrap();
        let found = validate(&pipeline).into_iter().filter(|it| it.code == Code::FieldSpelling);
        found.map(|it| (it.severity, it.path.to_string(), it.message)).collect()
    }

    fn claim(more: &serde_json::Value) -> serde_json::Value {
        let mut claim = serde_json::json!({"name": "data", "size": "1Gi", "mountPath": "/data",
            "annotations": {"volume.beta.kubernetes.io/storage-class": "standard"}});
        for (field, value) in more.as_object().unwrap() {
            claim[field] = value.clone();
        }
        serde_json::json!({"claims": [claim]})
    }

    const PLACE: &str = "claims.data.annotations[\"volume.beta.kubernetes.io/storage-class\"]";

    #[test]
    fn an_annotation_that_wins_over_another_class_is_refused() {
        for more in [
            serde_json::json!({"storageClass": "fast"}),
            serde_json::json!({"storageClass": ""}),
            serde_json::json!({"ordinals": [{"from": 1, "storageClass": "fast"}]}),
        ] {
            let found = said(&claim(&more));
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0, found[0].1.as_str()), (Severity::Error, PLACE));
            assert!(
                found[0].2.contains("class `standard` and wins over `storageClass"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn an_annotation_alone_or_that_says_the_same_is_told() {
        for more in [serde_json::json!({}), serde_json::json!({"storageClass": "standard"})] {
            let found = said(&claim(&more));
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0, found[0].1.as_str()), (Severity::Warning, PLACE));
        }
        assert!(said(&claim(&serde_json::json!({"annotations": {"team": "a"}}))).is_empty());
    }

    #[test]
    fn claims_of_volumes_and_records_of_controllers_are_looked_at_too() {
        let template = |annotation: &str| {
            serde_json::json!({"volumes": [{"name": "tmp", "ephemeral": {"volumeClaimTemplate": {
                "metadata": {"annotations": {annotation: "standard"}},
                "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"],
                         "resources": {"requests": {"storage": "1Gi"}}}}}}]})
        };
        let found = said(&template("volume.beta.kubernetes.io/storage-class"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.starts_with("volumes.tmp.ephemeral.volumeClaimTemplate.metadata"));
        let found = said(&template("pv.kubernetes.io/bind-completed"));
        assert_eq!(found[0].0, Severity::Error, "{found:?}");
    }

    #[test]
    fn an_annotation_that_wins_over_the_spread_of_traffic_is_refused() {
        let annotations = serde_json::json!({"service.kubernetes.io/topology-mode": "Auto"});
        let service = serde_json::json!({"service": {"trafficDistribution": "PreferSameZone",
            "annotations": annotations, "ports": [{"port": 80}]}});
        assert_eq!(said(&service)[0].0, Severity::Error);
        let alone =
            serde_json::json!({"service": {"annotations": annotations, "ports": [{"port": 80}]}});
        assert!(said(&alone).is_empty());
    }
}
