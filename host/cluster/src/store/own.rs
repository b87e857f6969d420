//! Whether objects that a record holds are the pipeline's own, and such as Wellhead renders.
//!
//! A record is input: who may write one in a namespace must not have objects of others written by a user who goes back to
//! it, with that person's rights.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use wellhead_render::ResourceSet;
use wellhead_spec::quote;

use crate::model::object::{INSTANCE, MANAGED_BY, PipelineRef};

/// Most characters of a name that a message shows: as many as a name may have.
const NAME: usize = 253;

/// What of a set is not the pipeline's own; `Ok` where everything is.
pub(crate) fn check(pipeline: &PipelineRef, set: &ResourceSet) -> Result<(), String> {
    let PipelineRef { namespace, name } = pipeline;
    let sts = &set.stateful_set;
    metadata("the StatefulSet", &sts.metadata, pipeline)?;
    if sts.metadata.name.as_ref() != Some(name) {
        return Err(format!("the StatefulSet is not {namespace}/{name}"));
    }
    let spec = sts.spec.as_ref().ok_or("the StatefulSet has no spec")?;
    if sts.status.is_some() {
        return Err("the StatefulSet has a status".to_owned());
    }
    if let Some(template) = &spec.template.metadata {
        plain("the pod template", template)?;
    }
    if let Some(service) = &set.service {
        metadata("the Service", &service.metadata, pipeline)?;
        if service.metadata.name != spec.service_name {
            return Err("the Service is not the one that the StatefulSet names".to_owned());
        }
        if !is_headless(service) {
            return Err("the Service has fields that no pipeline sets".to_owned());
        }
    }
    if !set.take.is_empty() || set.ownership.iter().any(|it| it.once) {
        return Err("it takes fields of other managers, which only the run that names them may do"
            .to_owned());
    }
    let templates = spec.volume_claim_templates.as_deref().unwrap_or_default();
    let start = spec.ordinals.as_ref().and_then(|it| it.start).unwrap_or_default();
    let replicas = spec.replicas.unwrap_or(1);
    if start < 0 || replicas < 0 || i64::from(replicas) > i64::from(wellhead_spec::MAX_REPLICAS) {
        return Err(format!("no pipeline has {replicas} replicas from {start} on"));
    }
    let ordinals = start..start.checked_add(replicas).ok_or("its ordinals are too large")?;
    let mut seen = HashSet::new();
    for claim in &set.claims {
        metadata("a claim", &claim.metadata, pipeline)?;
        let of = claim.metadata.name.as_deref().unwrap_or_default();
        let is_of = |template: &PersistentVolumeClaim| {
            let rest = of.strip_prefix(template.metadata.name.as_deref()?)?.strip_prefix('-')?;
            let ordinal = rest.strip_prefix(name.as_str())?.strip_prefix('-')?;
            let number: i32 = ordinal.parse().ok()?;
            (number.to_string() == ordinal && ordinals.contains(&number)).then_some(())
        };
        if !templates.iter().any(|it| is_of(it).is_some()) || !seen.insert(of) {
            return Err(format!("the claim {} is not one of its replicas'", quote(of, NAME)));
        }
        let bound = claim.spec.as_ref().is_none_or(|it| it.volume_name.is_some());
        if bound || claim.status.is_some() {
            return Err(format!("the claim {} has fields that no pipeline sets", quote(of, NAME)));
        }
    }
    Ok(())
}

/// Metadata as it is rendered, of an object in the pipeline's namespace.
fn metadata(what: &str, metadata: &ObjectMeta, pipeline: &PipelineRef) -> Result<(), String> {
    if metadata.namespace.as_ref() != Some(&pipeline.namespace) {
        return Err(format!("{what} is not in the namespace {}", pipeline.namespace));
    }
    let labels = metadata.labels.iter().flatten();
    let labeled: HashSet<_> = labels.map(|(key, _)| key.as_str()).collect();
    if [MANAGED_BY.0, INSTANCE].iter().any(|key| !labeled.contains(key)) {
        return Err(format!("{what} lacks the labels of its pipeline"));
    }
    plain(what, metadata)
}

fn plain(what: &str, metadata: &ObjectMeta) -> Result<(), String> {
    let ObjectMeta { name, namespace, labels, annotations, .. } = metadata.clone();
    let rendered = ObjectMeta { name, namespace, labels, annotations, ..ObjectMeta::default() };
    if rendered == *metadata {
        return Ok(());
    }
    Err(format!("{what} has metadata that no pipeline sets, such as an owner or a finalizer"))
}

/// Whether a Service is a headless one without ways in from elsewhere, as every Service of a pipeline is.
fn is_headless(service: &Service) -> bool {
    let Some(spec) = service.spec.clone() else { return false };
    let rendered = ServiceSpec {
        cluster_ip: Some("None".to_owned()),
        selector: spec.selector.clone(),
        ports: spec.ports.clone(),
        publish_not_ready_addresses: spec.publish_not_ready_addresses,
        ip_families: spec.ip_families.clone(),
        ip_family_policy: spec.ip_family_policy.clone(),
        session_affinity: spec.session_affinity.clone(),
        session_affinity_config: spec.session_affinity_config.clone(),
        internal_traffic_policy: spec.internal_traffic_policy.clone(),
        traffic_distribution: spec.traffic_distribution.clone(),
        ..ServiceSpec::default()
    };
    let node_ports = spec.ports.iter().flatten().any(|it| it.node_port.is_some());
    service.status.is_none() && !node_ports && rendered == spec
}

#[cfg(test)]
mod tests;
