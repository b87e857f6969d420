//! The StatefulSet.

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use wellhead_spec::Pipeline;

use super::labels::{RECOMMENDED, metadata};
use super::{claim, pod};
use crate::origins::rule::Rule;

/// The StatefulSet of a pipeline.
pub(crate) fn stateful_set(pipeline: &Pipeline) -> StatefulSet {
    let spec = &pipeline.spec;
    let about = &pipeline.metadata;
    let templates: Vec<_> = spec.claims.iter().map(claim::template).collect();
    StatefulSet {
        metadata: metadata(pipeline, about.name.as_str(), &about.labels, &about.annotations),
        spec: Some(StatefulSetSpec {
            replicas: Some(pipeline.replicas()),
            service_name: pipeline.service_name().map(str::to_owned),
            selector: LabelSelector {
                match_labels: Some(pipeline.selector()),
                match_expressions: None,
            },
            template: pod::template(pipeline),
            volume_claim_templates: (!templates.is_empty()).then_some(templates),
            persistent_volume_claim_retention_policy: Some(retention(pipeline)),
            ..spec.stateful_set_fields()
        }),
        status: None,
    }
}

/// What happens to claims, always written out: the server's default is the same today, and data is
/// not left to a default.
fn retention(pipeline: &Pipeline) -> StatefulSetPersistentVolumeClaimRetentionPolicy {
    let asked = pipeline.spec.persistent_volume_claim_retention_policy.clone().unwrap_or_default();
    let or_retain = |policy: Option<String>| policy.or_else(|| Some("Retain".to_owned()));
    StatefulSetPersistentVolumeClaimRetentionPolicy {
        when_deleted: or_retain(asked.when_deleted),
        when_scaled: or_retain(asked.when_scaled),
    }
}

/// Where the fields of the StatefulSet come from; its claim templates have their own rules.
pub(crate) const ORIGINS: &[Rule] = &[
    Rule::of("metadata.name", &["name"]),
    Rule::of("metadata.namespace", &["namespace"]),
    Rule::of("metadata.labels.{key}", &["labels.{key}", "selector.{key}"]).or(RECOMMENDED),
    Rule::of("metadata.annotations.{key}", &["annotations.{key}"]),
    Rule::of("spec.serviceName", &["service.name"]),
    Rule::of("spec.selector.matchLabels.{key}", &["selector.{key}"]),
    Rule::of("spec.template.metadata.labels.{key}", &["selector.{key}", "podLabels.{key}"]),
    Rule::of("spec.template.metadata.annotations.{key}", &["podAnnotations.{key}"]),
    Rule::of("spec.template.spec.**", &["**"]),
    Rule::of("spec.**", &["**"]),
];
