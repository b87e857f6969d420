//! The claims of every replica, and the templates for replicas that something else adds.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubeQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use wellhead_spec::{AccessMode, Claim, FieldPath, Pipeline, Quantity, VolumeMode};

use super::labels::{RECOMMENDED, metadata, overlaid, some};
use crate::origins::rule::Rule;

/// Why a claim has an annotation that the spec does not say.
pub(crate) const KEPT: &str = "keeps the claim and its volume where a GitOps tool prunes";

/// The claims of all replicas, by claim and then by ordinal.
pub(crate) fn claims(pipeline: &Pipeline) -> Vec<PersistentVolumeClaim> {
    of_replicas(pipeline).map(|(claim, ordinal)| of_replica(pipeline, claim, ordinal)).collect()
}

/// Each claim of each replica, in the order of the objects.
pub(crate) fn of_replicas(pipeline: &Pipeline) -> impl Iterator<Item = (&Claim, i32)> {
    let ordinals = pipeline.ordinals();
    pipeline
        .spec
        .claims
        .iter()
        .flat_map(move |claim| ordinals.clone().map(move |ordinal| (claim, ordinal)))
}

/// The name of the claim of one replica.
pub(crate) fn object_name(pipeline: &Pipeline, claim: &Claim, ordinal: i32) -> String {
    format!("{}-{}-{ordinal}", claim.name, pipeline.metadata.name)
}

/// The leaves in which the claims of two replicas may differ. All others they have alike.
pub(crate) fn own_leaves(
    pipeline: &Pipeline,
    claim: &Claim,
    ordinal: i32,
) -> impl Iterator<Item = (FieldPath, String)> {
    let name = object_name(pipeline, claim, ordinal);
    let size = claim.size_of(ordinal).to_string();
    let class = claim.storage_class_of(ordinal).map(str::to_owned);
    let values = [Some(name), Some(size), class].into_iter();
    OWN.iter()
        .zip(values)
        .filter_map(|(path, value)| Some((FieldPath::of(path.iter().copied()), value?)))
}

/// The paths of [`own_leaves`].
pub(crate) const OWN: [&[&str]; 3] = [
    &["metadata", "name"],
    &["spec", "resources", "requests", "storage"],
    &["spec", "storageClassName"],
];

/// The claim of one replica, under the name by which the StatefulSet controller looks for it:
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage>.
/// Like the controller, it puts the selector's labels over the claim's.
pub(crate) fn of_replica(
    pipeline: &Pipeline,
    claim: &Claim,
    ordinal: i32,
) -> PersistentVolumeClaim {
    let name = object_name(pipeline, claim, ordinal);
    let labels = overlaid(&claim.labels, pipeline.selector());
    PersistentVolumeClaim {
        metadata: metadata(pipeline, &name, &labels, &claim.kept_annotations()),
        spec: Some(spec(claim, claim.size_of(ordinal), claim.storage_class_of(ordinal))),
        status: None,
    }
}

/// The template of a claim. It never changes after the StatefulSet is created, so it holds nothing
/// that is about one replica, no recommended labels, and nothing of what keeps claims.
pub(crate) fn template(claim: &Claim) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(claim.name.to_string()),
            labels: some(&claim.labels),
            annotations: some(&claim.annotations),
            ..ObjectMeta::default()
        },
        spec: Some(spec(claim, &claim.size, claim.storage_class.as_deref())),
        status: None,
    }
}

fn spec(claim: &Claim, size: &Quantity, class: Option<&str>) -> PersistentVolumeClaimSpec {
    let storage = ("storage".to_owned(), KubeQuantity(size.to_string()));
    PersistentVolumeClaimSpec {
        access_modes: Some(
            claim.access_modes().iter().map(|mode| access_mode(*mode).to_owned()).collect(),
        ),
        resources: Some(VolumeResourceRequirements {
            requests: Some(BTreeMap::from([storage])),
            limits: None,
        }),
        storage_class_name: class.map(str::to_owned),
        volume_mode: claim.volume_mode.map(|mode| volume_mode(mode).to_owned()),
        selector: claim.selector.clone(),
        data_source: claim.data_source.clone(),
        data_source_ref: claim.data_source_ref.clone(),
        volume_attributes_class_name: claim
            .volume_attributes_class
            .as_ref()
            .map(ToString::to_string),
        volume_name: None,
    }
}

fn access_mode(mode: AccessMode) -> &'static str {
    match mode {
        AccessMode::ReadWriteOnce => "ReadWriteOnce",
        AccessMode::ReadWriteOncePod => "ReadWriteOncePod",
        AccessMode::ReadWriteMany => "ReadWriteMany",
        AccessMode::ReadOnlyMany => "ReadOnlyMany",
    }
}

fn volume_mode(mode: VolumeMode) -> &'static str {
    match mode {
        VolumeMode::Filesystem => "Filesystem",
        VolumeMode::Block => "Block",
    }
}

/// Where the fields of a claim object come from, before [`TEMPLATE_ORIGINS`].
pub(crate) const ORIGINS: &[Rule] = &[
    Rule::of("metadata.namespace", &["namespace"]),
    Rule::of("metadata.labels.{key}", &["selector.{key}", "claims.{claim}.labels.{key}"])
        .or(RECOMMENDED),
    Rule::of("metadata.annotations.{key}", &["claims.{claim}.annotations.{key}"]).or(KEPT),
];

/// Where the fields of a claim template come from.
pub(crate) const TEMPLATE_ORIGINS: &[Rule] = &[
    Rule::of("metadata.name", &["claims.{claim}.name"]),
    Rule::of("metadata.labels.{key}", &["claims.{claim}.labels.{key}"]),
    Rule::of("metadata.annotations.{key}", &["claims.{claim}.annotations.{key}"]),
    Rule::of("spec.resources.requests.storage", &["claims.{claim}.size"]),
    Rule::of("spec.storageClassName", &["claims.{claim}.storageClass"]),
    Rule::of("spec.volumeAttributesClassName", &["claims.{claim}.volumeAttributesClass"]),
    Rule::of("spec.**", &["claims.{claim}.**"]),
];
