//! The headless Service.

use k8s_openapi::api::core::v1::{Service, ServiceSpec};
use wellhead_spec::Pipeline;

use super::labels::{RECOMMENDED, metadata, some, some_list};
use crate::origins::rule::Rule;

/// The Service of a pipeline, unless it is somebody else's.
pub(crate) fn service(pipeline: &Pipeline) -> Option<Service> {
    let settings = &pipeline.spec.service;
    let name = pipeline.service_name().filter(|_| !settings.external)?;
    let selector = some(&settings.selector).unwrap_or_else(|| pipeline.selector());
    Some(Service {
        metadata: metadata(pipeline, name, &settings.labels, &settings.annotations),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            selector: Some(selector),
            ports: some_list(&settings.ports),
            publish_not_ready_addresses: settings.publish_not_ready_addresses,
            ip_families: some_list(&settings.ip_families),
            ip_family_policy: settings.ip_family_policy.clone(),
            session_affinity: settings.session_affinity.clone(),
            session_affinity_config: settings.session_affinity_config.clone(),
            internal_traffic_policy: settings.internal_traffic_policy.clone(),
            traffic_distribution: settings.traffic_distribution.clone(),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

/// Where the fields of the Service come from.
pub(crate) const ORIGINS: &[Rule] = &[
    Rule::of("metadata.name", &["service.name"]),
    Rule::of("metadata.namespace", &["namespace"]),
    Rule::of("metadata.labels.{key}", &["service.labels.{key}", "selector.{key}"]).or(RECOMMENDED),
    Rule::of("metadata.annotations.{key}", &["service.annotations.{key}"]),
    Rule::of("spec.clusterIP", &[]).or("the Service is always headless"),
    Rule::of("spec.selector.{key}", &["service.selector.{key}", "selector.{key}"]),
    Rule::of("spec.**", &["service.**"]),
];
