//! The pod template. It holds what the user asked for and nothing else: each change of it restarts
//! pods.

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec, VolumeMount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use wellhead_spec::{Claim, Pipeline, VolumeMode};

use super::labels::{overlaid, some, some_list};

/// The pod template of a pipeline.
pub(crate) fn template(pipeline: &Pipeline) -> PodTemplateSpec {
    let spec = &pipeline.spec;
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(overlaid(&spec.pod_labels, pipeline.selector())),
            annotations: some(&spec.pod_annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: containers(pipeline),
            init_containers: some_list(&spec.init_containers),
            volumes: some_list(&spec.volumes),
            service_account_name: spec.service_account_name.as_ref().map(ToString::to_string),
            automount_service_account_token: spec.automount_service_account_token,
            image_pull_secrets: some_list(&spec.image_pull_secrets),
            node_selector: some(&spec.node_selector),
            node_name: spec.node_name.clone(),
            affinity: spec.affinity.clone(),
            tolerations: some_list(&spec.tolerations),
            topology_spread_constraints: some_list(&spec.topology_spread_constraints),
            priority_class_name: spec.priority_class_name.clone(),
            preemption_policy: spec.preemption_policy.clone(),
            runtime_class_name: spec.runtime_class_name.as_ref().map(ToString::to_string),
            scheduling_gates: some_list(&spec.scheduling_gates),
            os: spec.os.clone(),
            scheduler_name: spec.scheduler_name.clone(),
            security_context: spec.security_context.clone(),
            resources: spec.resources.clone(),
            resource_claims: some_list(&spec.resource_claims),
            termination_grace_period_seconds: spec.termination_grace_period_seconds,
            readiness_gates: some_list(&spec.readiness_gates),
            dns_policy: spec.dns_policy.clone(),
            dns_config: spec.dns_config.clone(),
            host_aliases: some_list(&spec.host_aliases),
            host_network: spec.host_network,
            host_pid: spec.host_pid,
            host_ipc: spec.host_ipc,
            host_users: spec.host_users,
            share_process_namespace: spec.share_process_namespace,
            hostname: spec.hostname.clone(),
            subdomain: spec.subdomain.clone(),
            set_hostname_as_fqdn: spec.set_hostname_as_fqdn,
            enable_service_links: spec.enable_service_links,
            ..PodSpec::default()
        }),
    }
}

/// The containers, the first with the mounts of the claims that have a `mountPath`.
fn containers(pipeline: &Pipeline) -> Vec<Container> {
    let mut containers = pipeline.spec.containers.clone();
    if let Some(main) = containers.first_mut() {
        for (claim, path) in mounted(pipeline, main) {
            main.volume_mounts.get_or_insert_default().push(VolumeMount {
                name: claim.name.to_string(),
                mount_path: path.to_owned(),
                ..VolumeMount::default()
            });
        }
    }
    containers
}

/// The claims that `mountPath` mounts into the main container, with the path. A claim that the
/// container mounts there itself is not mounted twice. A block device has no path to mount at:
/// containers name it in `volumeDevices`.
pub(crate) fn mounted<'p>(pipeline: &'p Pipeline, main: &Container) -> Vec<(&'p Claim, &'p str)> {
    let own = main.volume_mounts.as_deref().unwrap_or_default();
    pipeline
        .spec
        .claims
        .iter()
        .filter(|claim| claim.volume_mode != Some(VolumeMode::Block))
        .filter_map(|claim| Some((claim, claim.mount_path.as_deref()?)))
        .filter(|(claim, path)| {
            !own.iter().any(|mount| mount.mount_path == *path && mount.name == claim.name.as_str())
        })
        .collect()
}
