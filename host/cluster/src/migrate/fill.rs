//! What fills a new volume: a claim, a snapshot, a Job.

use serde_json::{Value, json};
use wellhead_spec::{MigrationMethod, VolumeMigration};

use super::look::filler;
use super::marks;
use super::next::{Goal, Seen};
use crate::model::json;
use crate::model::json::typed::{text, uid};
use crate::model::object::{Kind, PipelineRef};

/// A node that was chosen for a claim whose class waits for one: the provisioner makes the volume there. The pod that
/// uses the claim is held, so that no scheduler chooses.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go>
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Copies all files with their owners, rights and times, and ends with the digest of what was sent and of what arrived.
/// `lost+found` is the file system's own.
const COPY: &str = r#"set -eu
find /target -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
tar -C /source --exclude=./lost+found -cf - . | tar -C /target -xpf -
sum() { cd "$1"; find . -path ./lost+found -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1; }
source=$(sum /source)
target=$(sum /target)
sync
printf 'source=sha256:%s target=sha256:%s' "$source" "$target" > /dev/termination-log
[ "$source" = "$target" ]
"#;

/// The claim that makes the new volume. `waits`: whether its class waits for a pod.
pub(crate) fn claim(
    pipeline: &PipelineRef,
    goal: &Goal,
    seen: &Seen,
    wanted: &Value,
    waits: bool,
) -> Value {
    let object = filler(&goal.claim, Kind::PersistentVolumeClaim);
    let pod = seen.pod.as_ref();
    let held = pod.map(|it| uid(&it.metadata)).unwrap_or_default();
    let mut metadata = marks::made(&object, pipeline, &goal.claim.name, held);
    let source = seen.claim.as_ref().and_then(|it| it.spec.clone()).unwrap_or_default();
    let mut spec = json!({
        "accessModes": source.access_modes,
        "volumeMode": source.volume_mode,
        "storageClassName": goal.class,
        "resources": {"requests": {"storage": goal.size}}});
    // A claim and its volume must agree on this, or the claim gets another volume: an empty one.
    let attributes = json::text(wanted, "/spec/volumeAttributesClassName");
    if !attributes.is_empty() {
        spec["volumeAttributesClassName"] = attributes.into();
    }
    match goal.method {
        Some(MigrationMethod::Clone) => {
            spec["dataSource"] = json!({"kind": "PersistentVolumeClaim", "name": goal.claim.name});
        }
        Some(MigrationMethod::Snapshot) => {
            spec["dataSource"] = json!({
                "apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": object.name});
        }
        Some(MigrationMethod::Copy) | None => {}
    }
    let node = text(pod.and_then(|it| it.spec.as_ref()?.node_name.as_ref()));
    if waits && !node.is_empty() {
        metadata["annotations"][SELECTED_NODE] = node.into();
    }
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})
}

/// The snapshot of the old volume.
pub(crate) fn snapshot(
    pipeline: &PipelineRef,
    goal: &Goal,
    held: &str,
    policy: &VolumeMigration,
) -> Value {
    let object = filler(&goal.claim, Kind::VolumeSnapshot);
    let mut body = json!({
        "apiVersion": Kind::VolumeSnapshot.api_version(), "kind": "VolumeSnapshot",
        "metadata": marks::made(&object, pipeline, &goal.claim.name, held),
        "spec": {"source": {"persistentVolumeClaimName": goal.claim.name}}});
    if let Some(class) = &policy.snapshot_class {
        body["spec"]["volumeSnapshotClassName"] = class.as_str().into();
    }
    body
}

/// The Job that copies, where the pipeline's pods may run and as their users.
pub(crate) fn job(
    pipeline: &PipelineRef,
    goal: &Goal,
    seen: &Seen,
    policy: &VolumeMigration,
) -> Value {
    let object = filler(&goal.claim, Kind::Job);
    let pod = seen.pod.clone().unwrap_or_default();
    let held = uid(&pod.metadata).to_owned();
    let spec = pod.spec.unwrap_or_default();
    let mount = |name: &str, read_only: bool| json!({"name": name, "mountPath": format!("/{name}"), "readOnly": read_only});
    let container_context = spec.containers.first().and_then(|it| it.security_context.clone());
    let volume = |name: &str, claim: &str| json!({"name": name, "persistentVolumeClaim": {"claimName": claim}});
    let mut template = json!({
        "restartPolicy": "Never",
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "containers": [{
            "name": "copy", "image": policy.copy_image,
            "command": ["sh", "-c", COPY],
            "volumeMounts": [mount("source", true), mount("target", false)]}],
        "volumes": [volume("source", &goal.claim.name), volume("target", &object.name)]});
    for (field, value) in [
        ("securityContext", json!(spec.security_context)),
        ("nodeSelector", json!(spec.node_selector)),
        ("tolerations", json!(spec.tolerations)),
        ("imagePullSecrets", json!(spec.image_pull_secrets)),
        ("priorityClassName", json!(spec.priority_class_name)),
    ] {
        if !value.is_null() {
            template[field] = value;
        }
    }
    if let Some(context) = container_context {
        template["containers"][0]["securityContext"] = json!(context);
    }
    let labels = json!({crate::model::object::PIPELINE_LABEL: pipeline.name});
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": marks::made(&object, pipeline, &goal.claim.name, &held),
        "spec": {
            "backoffLimit": 3,
            "template": {"metadata": {"labels": labels}, "spec": template}}})
}
