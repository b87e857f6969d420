//! Rules of claims, and of mounts of claims and volumes.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaimSpec, TypedLocalObjectReference, TypedObjectReference,
};
use wellhead_diagnostics::Code;

use super::rule::{
    each, field, leading_zero, object_name, one_of, quantity, refuse, required, too_few_bytes,
    whole_bytes,
};
use super::selector;
use crate::label;
use crate::text::Escaped as _;
use crate::{
    AccessMode, Claim, FieldPath, Finding, Namespace, ObjectName, OrdinalClaim, Pipeline, Quantity,
    VolumeMode, keep,
};

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let used = used(pipeline);
    let claims = &pipeline.spec.claims;
    for (at, claim) in each(&field("claims"), claims, |it| it.name.to_string(), findings) {
        leading_zero(&at.key("size"), &claim.size, findings);
        size(&at.key("size"), &claim.size, findings);
        storage_class(&at.key("storageClass"), claim.storage_class.as_deref(), findings);
        label::labels(&at.key("labels"), &claim.labels, findings);
        annotations(&at.key("annotations"), claim, findings);
        mount_path(&at, claim, findings);
        let modes = claim.access_modes();
        one_pod(&at, modes.len(), modes.contains(&AccessMode::ReadWriteOncePod), findings);
        selector::check(&at.key("selector"), claim.selector.as_ref(), findings);
        sources(&at, claim.data_source.as_ref(), claim.data_source_ref.as_ref(), findings);
        for (index, range) in claim.ordinals.iter().enumerate() {
            ordinals(&at.key("ordinals").index(index), range, findings);
        }
        if claim.mount_path.is_none() && !used.contains(claim.name.as_str()) {
            let message = format!("no container mounts the claim `{}`", claim.name);
            let finding = Finding::warning(Code::UnmountedClaim, at, message);
            findings.push(finding.hint(match claim.volume_mode {
                Some(VolumeMode::Block) => "name it in a container's `volumeDevices`",
                _ => "give it a `mountPath`, or name it in a container's `volumeMounts`",
            }));
        }
    }
}

/// The claims' own annotations count together with those that keep them.
fn annotations(at: &FieldPath, claim: &Claim, findings: &mut Vec<Finding>) {
    label::annotations(at, &claim.kept_annotations(), findings);
    for (key, value) in &claim.annotations {
        if let Some(lost) = keep::overruled(key, value) {
            let message = format!("the claims say \"keep\" instead of `{lost}`");
            let finding = Finding::warning(Code::UnprotectedClaim, at.key(key), message);
            findings.push(finding.hint("remove it: no tool may delete a claim with its volume"));
        }
    }
}

/// A claim that a volume of a pod brings along.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
/// `ValidatePersistentVolumeClaimSpec`.
pub(super) fn template(
    at: &FieldPath,
    claim: &PersistentVolumeClaimSpec,
    findings: &mut Vec<Finding>,
) {
    let modes = claim.access_modes.as_deref().unwrap_or_default();
    let known = &["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"];
    if modes.is_empty() {
        let message = "a claim of a volume names its access modes";
        let finding = Finding::error(Code::MissingField, at.key("accessModes"), message);
        findings.push(finding.hint("e.g. `accessModes: [ReadWriteOnce]`"));
    }
    for (index, mode) in modes.iter().enumerate() {
        one_of(&at.key("accessModes").index(index), Some(mode), known, findings);
    }
    one_pod(at, modes.len(), modes.iter().any(|it| it == "ReadWriteOncePod"), findings);
    let resources = claim.resources.clone().unwrap_or_default();
    let (requests, limits) = (&resources.requests, &resources.limits);
    let requests_at = at.key("resources").key("requests");
    for (part, amounts) in [("requests", requests), ("limits", limits)] {
        for (name, text) in amounts.iter().flatten() {
            quantity(&at.key("resources").key(part).key(name), text, findings);
        }
    }
    match requests.as_ref().and_then(|it| it.get("storage")) {
        Some(text) => {
            if let Ok(amount) = Quantity::new(text.0.as_str()) {
                size(&requests_at.key("storage"), &amount, findings);
            }
        }
        None => required(&requests_at.key("storage"), "", findings),
    }
    storage_class(&at.key("storageClassName"), claim.storage_class_name.as_deref(), findings);
    let classes = claim.volume_attributes_class_name.as_deref();
    storage_class(&at.key("volumeAttributesClassName"), classes, findings);
    let modes = &["Filesystem", "Block"];
    one_of(&at.key("volumeMode"), claim.volume_mode.as_deref(), modes, findings);
    selector::check(&at.key("selector"), claim.selector.as_ref(), findings);
    sources(at, claim.data_source.as_ref(), claim.data_source_ref.as_ref(), findings);
}

fn one_pod(at: &FieldPath, modes: usize, one_pod: bool, findings: &mut Vec<Finding>) {
    if one_pod && modes > 1 {
        let message = "`ReadWriteOncePod` goes with no other mode: one pod has the volume alone";
        refuse(&at.key("accessModes"), message, findings);
    }
}

/// What a volume is filled from.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#volume-populators-and-data-sources>
fn sources(
    at: &FieldPath,
    source: Option<&TypedLocalObjectReference>,
    anywhere: Option<&TypedObjectReference>,
    findings: &mut Vec<Finding>,
) {
    let one = source.map(|it| (it.api_group.as_deref().unwrap_or_default(), &it.kind, &it.name));
    let two = anywhere.map(|it| (it.api_group.as_deref().unwrap_or_default(), &it.kind, &it.name));
    for (field, reference) in [("dataSource", one), ("dataSourceRef", two)] {
        let Some((group, kind, name)) = reference else { continue };
        let at = at.key(field);
        required(&at.key("name"), name, findings);
        required(&at.key("kind"), kind, findings);
        if !group.is_empty() {
            object_name(&at.key("apiGroup"), group, findings);
        } else if kind != "PersistentVolumeClaim" {
            let message = "without an `apiGroup`, the source is a `PersistentVolumeClaim`";
            let finding = Finding::error(Code::InvalidValue, at.key("apiGroup"), message);
            findings.push(finding.hint("e.g. `apiGroup: snapshot.storage.k8s.io`"));
        }
    }
    let namespace = anywhere.and_then(|it| it.namespace.as_deref()).unwrap_or_default();
    if !namespace.is_empty()
        && let Err(error) = Namespace::new(namespace)
    {
        let at = at.key("dataSourceRef").key("namespace");
        findings.push(Finding::error(Code::InvalidName, at, error.to_string()));
    }
    // The server tells an empty group from none.
    let groups = (source.map(|it| &it.api_group), anywhere.map(|it| &it.api_group));
    let differ = one != two || groups.0 != groups.1 || !namespace.is_empty();
    if one.is_some() && two.is_some() && differ {
        let message = "`dataSourceRef` names another source";
        let finding = Finding::error(Code::InvalidValue, at.key("dataSource"), message);
        findings.push(finding.hint("remove `dataSource`, which it replaces"));
    }
}

fn size(at: &FieldPath, size: &Quantity, findings: &mut Vec<Finding>) {
    if size.is_negative() || size.is_zero() {
        let message = format!("`{size}` is not a size of a volume: it must be above zero");
        findings.push(Finding::error(Code::QuantityOutOfRange, at.clone(), message));
    }
    whole_bytes(at, size, findings);
    too_few_bytes(at, size, "Gi", findings);
}

fn storage_class(at: &FieldPath, class: Option<&str>, findings: &mut Vec<Finding>) {
    let Some(class) = class.filter(|class| !class.is_empty()) else { return };
    if let Err(error) = ObjectName::new(class) {
        findings.push(Finding::error(Code::InvalidName, at.clone(), error.to_string()));
    }
}

fn mount_path(at: &FieldPath, claim: &Claim, findings: &mut Vec<Finding>) {
    let Some(path) = &claim.mount_path else { return };
    let at = at.key("mountPath");
    if claim.volume_mode == Some(VolumeMode::Block) {
        let message = "a claim with `volumeMode: Block` is a device and cannot be mounted";
        let finding = Finding::error(Code::InvalidMountPath, at.clone(), message);
        findings.push(finding.hint("name it in a container's `volumeDevices`"));
    }
    check_path(&at, path, findings);
}

/// A path in a container: absolute, and without the `:` that separates parts of a mount option.
pub(super) fn check_path(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    let reason = if !path.starts_with('/') {
        "is not absolute: it starts with `/`"
    } else if path.contains(':') {
        "has a `:`"
    } else if path == "/" {
        "would hide the whole image"
    } else {
        return;
    };
    let message = format!("the path `{}` {reason}", path.escaped());
    findings.push(Finding::error(Code::InvalidMountPath, at.clone(), message));
}

fn ordinals(at: &FieldPath, range: &OrdinalClaim, findings: &mut Vec<Finding>) {
    if range.from < 0 {
        let message = format!("ordinals start at 0, not at `{}`", range.from);
        findings.push(Finding::error(Code::InvalidOrdinals, at.key("from"), message));
    }
    if let Some(to) = range.to.filter(|to| *to < range.from) {
        let message = format!("the range ends at `{to}` before it starts at `{}`", range.from);
        findings.push(Finding::error(Code::InvalidOrdinals, at.key("to"), message));
    }
    if let Some(it) = &range.size {
        leading_zero(&at.key("size"), it, findings);
        size(&at.key("size"), it, findings);
    }
    storage_class(&at.key("storageClass"), range.storage_class.as_deref(), findings);
    if range.size.is_none() && range.storage_class.is_none() {
        let message = "the range changes nothing";
        let finding = Finding::warning(Code::InvalidOrdinals, at.clone(), message);
        findings.push(finding.hint("give it a `size` or a `storageClass`"));
    }
}

/// The volumes that containers mount, or have as devices.
fn used(pipeline: &Pipeline) -> HashSet<&str> {
    let spec = &pipeline.spec;
    let containers = spec.containers.iter().chain(&spec.init_containers);
    let names = containers.flat_map(|container| {
        let mounts = container.volume_mounts.iter().flatten().map(|it| it.name.as_str());
        let devices = container.volume_devices.iter().flatten().map(|it| it.name.as_str());
        mounts.chain(devices)
    });
    names.collect()
}
