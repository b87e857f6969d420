//! What volumes, claims and pods of a migration carry.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wellhead_spec::Digest;

use crate::model::json::typed::{annotation, label};
use crate::model::object::{ObjectRef, PIPELINE_LABEL, PipelineRef};

/// The namespace of the pipeline, on volumes, which have none.
const NAMESPACE: &str = "wellhead.dev/namespace";
/// What a volume is to a migration: a [`Role`].
const ROLE: &str = "wellhead.dev/volume-role";
/// The name of the claim whose data a volume, claim, snapshot or Job has. Names of claims may be longer than a label.
const CLAIM: &str = "wellhead.dev/claim";
/// The reclaim policy of a volume before it was kept.
const POLICY: &str = "wellhead.dev/reclaim-policy";
/// The uid of the pod that was held when the data were taken: a copy of another time does not count.
const HELD: &str = "wellhead.dev/held-pod";
/// The digest of the files that a Job has copied.
const COPIED: &str = "wellhead.dev/copied";

/// What a volume is to a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The data are moved away from it.
    Source,
    /// The data are moved to it.
    Target,
    /// The data were moved away from it, and it is kept.
    Kept,
    /// It was to be a target, and the migration went back.
    Discarded,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Kept => "kept",
            Self::Discarded => "discarded",
        }
    }

    /// The role of a volume of this pipeline, if it has one.
    pub(crate) fn of(metadata: &ObjectMeta) -> Option<Self> {
        let word = label(metadata, ROLE)?;
        [Self::Source, Self::Target, Self::Kept, Self::Discarded]
            .into_iter()
            .find(|it| it.word() == word)
    }
}

/// The label selector of the volumes that have a role for a pipeline.
pub(crate) fn selector(pipeline: &PipelineRef) -> String {
    let PipelineRef { namespace, name } = pipeline;
    format!("{PIPELINE_LABEL}={name},{NAMESPACE}={namespace},{ROLE}")
}

/// The pipeline of a volume.
pub(crate) fn pipeline(metadata: &ObjectMeta) -> &str {
    label(metadata, PIPELINE_LABEL).unwrap_or_default()
}

/// The name of the claim whose data the object has.
pub(crate) fn claim(metadata: &ObjectMeta) -> &str {
    annotation(metadata, CLAIM)
}

/// The reclaim policy that a volume had.
pub(crate) fn policy(metadata: &ObjectMeta) -> &str {
    annotation(metadata, POLICY)
}

/// The uid of the pod that was held when the data were taken.
pub(crate) fn held(metadata: &ObjectMeta) -> &str {
    annotation(metadata, HELD)
}

/// The digest of what was copied while this pod was held.
pub(crate) fn copied<'m>(metadata: &'m ObjectMeta, pod: &str) -> Option<&'m str> {
    let (digest, held) = annotation(metadata, COPIED).split_once('@')?;
    (held == pod).then_some(digest)
}

/// Notes what was copied.
pub(crate) fn note_copied(digest: &str, pod: &str) -> Value {
    json!({"metadata": {"annotations": {COPIED: format!("{digest}@{pod}")}}})
}

/// The metadata that give a volume its role.
pub(crate) fn volume(pipeline: &PipelineRef, claim: &str, role: Role) -> Value {
    let PipelineRef { namespace, name } = pipeline;
    json!({
        "labels": {PIPELINE_LABEL: name, NAMESPACE: namespace, ROLE: role.word()},
        "annotations": {CLAIM: claim}})
}

/// The metadata that give a volume another role.
pub(crate) fn role(role: Role) -> Value {
    json!({"labels": {ROLE: role.word()}})
}

/// The metadata that keep a volume, and say what it was before.
pub(crate) fn kept_from(mut metadata: Value, policy: &str) -> Value {
    metadata["annotations"][POLICY] = policy.into();
    metadata
}

/// The metadata that say while which pod was held.
pub(crate) fn while_held(mut metadata: Value, pod: &str) -> Value {
    metadata["annotations"][HELD] = pod.into();
    metadata
}

/// The metadata of a volume that is none of a migration any more.
pub(crate) fn none() -> Value {
    json!({
        "labels": {PIPELINE_LABEL: null, NAMESPACE: null, ROLE: null},
        "annotations": {CLAIM: null, POLICY: null, HELD: null}})
}

/// The metadata of what a migration makes in the pipeline's namespace.
pub(crate) fn made(object: &ObjectRef, pipeline: &PipelineRef, claim: &str, pod: &str) -> Value {
    json!({
        "name": object.name, "namespace": object.namespace,
        "labels": {PIPELINE_LABEL: pipeline.name},
        "annotations": {CLAIM: claim, HELD: pod}})
}

/// The name of the claim, snapshot and Job that fill the new volume: what the API server takes at most has 253 bytes, and
/// names of Jobs become labels of 63.
pub(crate) fn filler(claim: &str) -> String {
    const MOST: usize = 63;
    const SUFFIX: &str = "-migration";
    const TOLD_APART: usize = 10;
    if claim.len() + SUFFIX.len() <= MOST {
        return format!("{claim}{SUFFIX}");
    }
    let digest = String::from(Digest::of_sum(&Sha256::digest(claim).into()));
    let digest = digest.rsplit(':').next().unwrap_or_default();
    let digest = &digest[..TOLD_APART];
    let kept = MOST - SUFFIX.len() - digest.len() - 1;
    let kept = claim.get(..kept).unwrap_or_default().trim_end_matches(['-', '.']);
    format!("{kept}-{digest}{SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::filler;

    #[test]
    fn a_filler_has_a_name_of_its_own_that_fits_a_label() {
        assert_eq!(filler("data-db-0"), "data-db-0-migration");
        let long = |last: &str| format!("{}-{last}", "a".repeat(200));
        let (one, other) = (filler(&long("0")), filler(&long("1")));
        assert!(one.len() <= 63 && one != other, "{one} {other}");
    }
}
