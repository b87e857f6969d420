//! Rules of volumes that are not claims.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `ValidateVolumes`.

pub(crate) mod projected;
pub(crate) mod provider;

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, EphemeralVolumeSource, HostPathVolumeSource, KeyToPath, Volume,
};
use wellhead_diagnostics::Code;

use super::claim;
use super::container::env;
use super::path::{file, mode, no_way_up, relative};
use super::rule::{
    dns_label, each, field, object_name, one_of, quantity, refuse, required, too_few_bytes,
};
use crate::text::Escaped as _;
use crate::values::label;
use crate::{FieldPath, Finding, ObjectName, PipelineSpec};

/// Longest name of a CSI driver.
const DRIVER_MAX: usize = 63;

pub(crate) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let claims: HashSet<_> = spec.claims.iter().map(|claim| claim.name.as_str()).collect();
    for (at, volume) in each(&field("volumes"), &spec.volumes, |it| it.name.clone(), findings) {
        dns_label(&at.key("name"), &volume.name, "a volume name", findings);
        if claims.contains(volume.name.as_str()) {
            let message = format!("`{}` is already the name of a claim", volume.name);
            let finding = Finding::error(Code::DuplicateItem, at.key("name"), message);
            findings.push(finding.hint("a claim is a volume too: it needs no entry in `volumes`"));
        }
        one_source(&at, volume, findings);
        written_by_node(&at, volume, findings);
        mounted_by_node(&at, volume, findings);
        provider::check(&at, volume, findings);
    }
}

/// A volume without a source is an `emptyDir`.
fn one_source(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    let fields = serde_json::to_value(volume).unwrap_or_default();
    let sources = fields.as_object().map_or(0, |it| it.len().saturating_sub(1));
    if sources > 1 {
        refuse(at, format!("a volume has one source, and this one has {sources}"), findings);
    }
}

/// Files that the node writes, from what it knows or reads from the cluster.
fn written_by_node(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    if let Some(it) = &volume.config_map {
        let at = at.key("configMap");
        required(&at.key("name"), &it.name, findings);
        mode(&at.key("defaultMode"), it.default_mode, findings);
        items(&at, it.items.as_deref(), findings);
    }
    if let Some(it) = &volume.secret {
        let at = at.key("secret");
        required(&at.key("secretName"), it.secret_name.as_deref().unwrap_or_default(), findings);
        mode(&at.key("defaultMode"), it.default_mode, findings);
        items(&at, it.items.as_deref(), findings);
    }
    if let Some(it) = &volume.downward_api {
        let at = at.key("downwardAPI");
        mode(&at.key("defaultMode"), it.default_mode, findings);
        downward(&at, it.items.as_deref(), findings);
    }
    if let Some(it) = &volume.projected {
        let at = at.key("projected");
        mode(&at.key("defaultMode"), it.default_mode, findings);
        projected::check(&at, it, findings);
    }
}

/// Keys of a ConfigMap or Secret, and the files that they become.
pub(crate) fn items(at: &FieldPath, items: Option<&[KeyToPath]>, findings: &mut Vec<Finding>) {
    for (index, it) in items.unwrap_or_default().iter().enumerate() {
        let at = at.key("items").index(index);
        required(&at.key("key"), &it.key, findings);
        file(&at.key("path"), &it.path, findings);
        mode(&at.key("mode"), it.mode, findings);
    }
}

/// Fields of the pod, and the files that they become.
pub(crate) fn downward(
    at: &FieldPath,
    items: Option<&[DownwardAPIVolumeFile]>,
    findings: &mut Vec<Finding>,
) {
    for (index, it) in items.unwrap_or_default().iter().enumerate() {
        let at = at.key("items").index(index);
        file(&at.key("path"), &it.path, findings);
        mode(&at.key("mode"), it.mode, findings);
        if it.field_ref.is_some() == it.resource_field_ref.is_some() {
            refuse(&at, "a file has one of `fieldRef` and `resourceFieldRef`", findings);
        }
        if let Some(it) = &it.field_ref {
            env::pod_field(&at.key("fieldRef"), it, env::FILE_FIELDS, findings);
        }
        if let Some(it) = &it.resource_field_ref {
            let at = at.key("resourceFieldRef");
            let container = it.container_name.as_deref().unwrap_or_default();
            required(&at.key("containerName"), container, findings);
            env::resource(&at, it, findings);
        }
    }
}

fn mounted_by_node(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    if let Some(size) = volume.empty_dir.as_ref().and_then(|it| it.size_limit.as_ref()) {
        let at = at.key("emptyDir").key("sizeLimit");
        if let Some(size) = quantity(&at, size, findings) {
            if size.is_negative() {
                let message = format!("`{size}` is below zero");
                findings.push(Finding::error(Code::QuantityOutOfRange, at, message));
            } else if size.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
                // `64Ki` may be meant: some volumes hold a socket and a lock.
                too_few_bytes(&at, &size, "Mi", findings);
            }
        }
    }
    if let Some(it) = &volume.host_path {
        host_path(&at.key("hostPath"), it, findings);
    }
    if let Some(it) = &volume.persistent_volume_claim {
        required(&at.key("persistentVolumeClaim").key("claimName"), &it.claim_name, findings);
    }
    if let Some(it) = &volume.nfs {
        let at = at.key("nfs");
        required(&at.key("server"), &it.server, findings);
        if !it.path.starts_with('/') {
            let message = format!("`{}` is not absolute: it starts with `/`", it.path.escaped());
            refuse(&at.key("path"), message, findings);
        }
    }
    if let Some(it) = &volume.csi {
        let at = at.key("csi");
        let (name, driver) = (it.driver.to_ascii_lowercase(), it.driver.escaped());
        if name.len() > DRIVER_MAX || ObjectName::new(name).is_err() {
            let message = format!("`{driver}` is not a driver: a DNS name, at most 63 characters");
            refuse(&at.key("driver"), message, findings);
        }
        if let Some(it) = &it.node_publish_secret_ref {
            object_name(&at.key("nodePublishSecretRef").key("name"), &it.name, findings);
        }
    }
    if let Some(it) = &volume.image {
        let at = at.key("image");
        required(&at.key("reference"), it.reference.as_deref().unwrap_or_default(), findings);
        let options = &["Always", "IfNotPresent", "Never"];
        one_of(&at.key("pullPolicy"), it.pull_policy.as_deref(), options, findings);
    }
    if let Some(it) = &volume.git_repo {
        required(&at.key("gitRepo").key("repository"), &it.repository, findings);
        let folder = it.directory.as_deref().unwrap_or_default();
        relative(&at.key("gitRepo").key("directory"), folder, findings);
    }
    if let Some(it) = &volume.ephemeral {
        ephemeral(&at.key("ephemeral").key("volumeClaimTemplate"), it, findings);
    }
}

fn host_path(at: &FieldPath, it: &HostPathVolumeSource, findings: &mut Vec<Finding>) {
    const TYPES: &[&str] = &[
        "",
        "DirectoryOrCreate",
        "Directory",
        "FileOrCreate",
        "File",
        "Socket",
        "CharDevice",
        "BlockDevice",
    ];
    required(&at.key("path"), &it.path, findings);
    no_way_up(&at.key("path"), &it.path, findings);
    one_of(&at.key("type"), it.type_.as_deref(), TYPES, findings);
}

/// A claim that lives as long as its pod.
/// <https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes>
fn ephemeral(at: &FieldPath, it: &EphemeralVolumeSource, findings: &mut Vec<Finding>) {
    let Some(template) = &it.volume_claim_template else {
        let message = "`volumeClaimTemplate` is missing";
        return findings.push(Finding::error(Code::MissingField, at.clone(), message));
    };
    if let Some(it) = &template.metadata {
        let at = at.key("metadata");
        let labels = it.labels.clone().unwrap_or_default();
        label::labels(&at.key("labels"), &labels, findings);
        let annotations = it.annotations.clone().unwrap_or_default();
        label::annotations(&at.key("annotations"), &annotations, findings);
        let fields = serde_json::to_value(it).unwrap_or_default();
        for name in fields.as_object().into_iter().flat_map(|it| it.keys()) {
            if name != "labels" && name != "annotations" {
                refuse(&at.key(name), "a template has labels and annotations only", findings);
            }
        }
    }
    claim::template(&at.key("spec"), &template.spec, findings);
}
