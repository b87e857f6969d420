//! The pod template. It holds what the user asked for and nothing else: each change of it restarts
//! pods.

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec, VolumeMount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use wellhead_spec::{Claim, Pipeline, VolumeMode};

use super::labels::{overlaid, some};

/// The pod template of a pipeline.
pub(crate) fn template(pipeline: &Pipeline) -> PodTemplateSpec {
    let spec = &pipeline.spec;
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(overlaid(&spec.pod_labels, pipeline.selector())),
            annotations: some(&spec.pod_annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec { containers: containers(pipeline), ..spec.pod_fields() }),
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
