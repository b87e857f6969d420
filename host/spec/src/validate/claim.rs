//! Rules of claims, and of mounts of claims and volumes.

use super::{each, field, label, whole_bytes};
use crate::{
    Claim, FieldPath, Finding, ObjectName, OrdinalClaim, Pipeline, Quantity, VolumeMode, codes,
};

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let claims = &pipeline.spec.claims;
    for (at, claim) in each(&field("claims"), claims, |it| it.name.to_string(), findings) {
        size(&at.key("size"), &claim.size, findings);
        storage_class(&at.key("storageClass"), claim.storage_class.as_deref(), findings);
        label::labels(&at.key("labels"), &claim.labels, findings);
        label::annotations(&at.key("annotations"), &claim.annotations, findings);
        mount_path(&at, claim, findings);
        for (index, range) in claim.ordinals.iter().enumerate() {
            ordinals(&at.key("ordinals").index(index), range, findings);
        }
        if !is_used(pipeline, claim) {
            let message = format!("no container mounts the claim `{}`", claim.name);
            let finding = Finding::warning(codes::UNMOUNTED_CLAIM, at, message);
            findings.push(finding.hint(match claim.volume_mode {
                Some(VolumeMode::Block) => "name it in a container's `volumeDevices`",
                _ => "give it a `mountPath`, or name it in a container's `volumeMounts`",
            }));
        }
    }
}

fn size(at: &FieldPath, size: &Quantity, findings: &mut Vec<Finding>) {
    if size.is_negative() || size.is_zero() {
        let message = format!("`{size}` is no size of a volume: it must be above zero");
        findings.push(Finding::error(codes::QUANTITY_RANGE, at.clone(), message));
    }
    whole_bytes(at, size, findings);
}

fn storage_class(at: &FieldPath, class: Option<&str>, findings: &mut Vec<Finding>) {
    let Some(class) = class.filter(|class| !class.is_empty()) else { return };
    if let Err(error) = ObjectName::new(class) {
        findings.push(Finding::error(codes::NAME, at.clone(), error.to_string()));
    }
}

fn mount_path(at: &FieldPath, claim: &Claim, findings: &mut Vec<Finding>) {
    let Some(path) = &claim.mount_path else { return };
    let at = at.key("mountPath");
    if claim.volume_mode == Some(VolumeMode::Block) {
        let message = "a claim with `volumeMode: Block` is a device and cannot be mounted";
        let finding = Finding::error(codes::MOUNT_PATH, at.clone(), message);
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
    let message = format!("the path `{}` {reason}", path.escape_debug());
    findings.push(Finding::error(codes::MOUNT_PATH, at.clone(), message));
}

fn ordinals(at: &FieldPath, range: &OrdinalClaim, findings: &mut Vec<Finding>) {
    if range.from < 0 {
        let message = format!("ordinals start at 0, not at `{}`", range.from);
        findings.push(Finding::error(codes::ORDINALS, at.key("from"), message));
    }
    if let Some(to) = range.to.filter(|to| *to < range.from) {
        let message = format!("the range ends at `{to}` before it starts at `{}`", range.from);
        findings.push(Finding::error(codes::ORDINALS, at.key("to"), message));
    }
    if let Some(it) = &range.size {
        size(&at.key("size"), it, findings);
    }
    storage_class(&at.key("storageClass"), range.storage_class.as_deref(), findings);
    if range.size.is_none() && range.storage_class.is_none() {
        let message = "the range changes nothing";
        let finding = Finding::warning(codes::ORDINALS, at.clone(), message);
        findings.push(finding.hint("give it a `size` or a `storageClass`"));
    }
}

fn is_used(pipeline: &Pipeline, claim: &Claim) -> bool {
    let spec = &pipeline.spec;
    let name = claim.name.as_str();
    claim.mount_path.is_some()
        || spec.containers.iter().chain(&spec.init_containers).any(|container| {
            let mounts = container.volume_mounts.iter().flatten().map(|it| &it.name);
            let devices = container.volume_devices.iter().flatten().map(|it| &it.name);
            mounts.chain(devices).any(|it| it == name)
        })
}
