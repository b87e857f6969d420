//! Mounts of claims in their short form: `mountPath` of the claim.

use wellhead_render::render;
use wellhead_spec::{Pipeline, VolumeMode};

/// The pipeline with `mountPath` where that renders to the same mounts in the same order.
pub(super) fn shortened(pipeline: Pipeline) -> Pipeline {
    let mut short = pipeline.clone();
    let spec = &mut short.spec;
    let Some(mounts) = spec.containers.first_mut().and_then(|it| it.volume_mounts.as_mut()) else {
        return pipeline;
    };
    for claim in spec.claims.iter_mut().filter(|it| it.volume_mode != Some(VolumeMode::Block)) {
        let of_claim = |at: &usize| mounts[*at].name == claim.name.as_str();
        let mut found = (0..mounts.len()).filter(of_claim);
        if let (Some(at), None) = (found.next(), found.next()) {
            claim.mount_path = Some(mounts.remove(at).mount_path);
        }
    }
    if mounts.is_empty() {
        spec.containers[0].volume_mounts = None;
    }
    if render(&short).stateful_set == render(&pipeline).stateful_set { short } else { pipeline }
}
