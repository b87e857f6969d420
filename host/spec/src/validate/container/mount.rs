//! Rules of mounts and devices of a container.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `ValidateVolumeMounts` and `ValidateVolumeDevices`.

use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};
use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::validate::claim::check_path;
use crate::validate::path::no_way_up;
use crate::validate::rule::{each, one_of, refuse};
use crate::{FieldPath, Finding, Pipeline, VolumeMode, suggest};

/// What containers can mount, by its name.
pub(crate) struct Volumes<'p> {
    pipeline: &'p Pipeline,
    claims: HashMap<&'p str, VolumeMode>,
    /// Volumes that are no claims of the pipeline. Of one name the first counts.
    others: HashMap<&'p str, &'p Volume>,
}

impl<'p> Volumes<'p> {
    pub(crate) fn of(pipeline: &'p Pipeline) -> Self {
        let (mut claims, mut others) = (HashMap::new(), HashMap::new());
        for claim in &pipeline.spec.claims {
            let mode = claim.volume_mode.unwrap_or(VolumeMode::Filesystem);
            claims.entry(claim.name.as_str()).or_insert(mode);
        }
        for volume in &pipeline.spec.volumes {
            others.entry(volume.name.as_str()).or_insert(volume);
        }
        Self { pipeline, claims, others }
    }

    /// The mode of a claim; `None` when there is no such claim.
    fn mode_of(&self, name: &str) -> Option<VolumeMode> {
        self.claims.get(name).copied()
    }
}

pub(crate) fn mounts(
    volumes: &Volumes<'_>,
    at: &FieldPath,
    container: &Container,
    findings: &mut Vec<Finding>,
) {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    for (at, mount) in each(&at.key("volumeMounts"), mounts, |it| it.mount_path.clone(), findings) {
        check_path(&at.key("mountPath"), &mount.mount_path, findings);
        known_volume(volumes, &at.key("name"), &mount.name, findings);
        if volumes.mode_of(&mount.name) == Some(VolumeMode::Block) {
            let message = format!("the claim `{}` is a device and cannot be mounted", mount.name);
            let finding = Finding::error(Code::InvalidMountPath, at.key("name"), message);
            findings.push(finding.hint("name it in `volumeDevices`"));
        }
        mount_options(&at, container, mount, findings);
        for (name, path) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
            let path = path.as_deref().unwrap_or("");
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                let message = format!("`{}` is not below the volume", path.escaped());
                findings.push(Finding::error(Code::InvalidMountPath, at.key(name), message));
            }
        }
    }
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    let mut used = HashMap::<&str, usize>::new();
    for device in devices {
        *used.entry(&device.name).or_default() += 1;
    }
    let mounted: HashSet<_> = mounts.iter().map(|it| it.name.as_str()).collect();
    let paths: HashSet<_> = mounts.iter().map(|it| it.mount_path.as_str()).collect();
    for (at, device) in
        each(&at.key("volumeDevices"), devices, |it| it.device_path.clone(), findings)
    {
        check_path(&at.key("devicePath"), &device.device_path, findings);
        known_volume(volumes, &at.key("name"), &device.name, findings);
        no_way_up(&at.key("devicePath"), &device.device_path, findings);
        device_of_claim(volumes, &at, &device.name, findings);
        if used[device.name.as_str()] > 1 {
            let message = format!("`{}` is used twice", device.name.escaped());
            findings.push(Finding::error(Code::DuplicateItem, at.key("name"), message));
        }
        if mounted.contains(device.name.as_str()) || paths.contains(device.device_path.as_str()) {
            let message =
                "it is in `volumeMounts`, too: a volume is mounted or a device, at one path";
            findings.push(Finding::error(Code::DuplicateItem, at.clone(), message));
        }
        if volumes.mode_of(&device.name) == Some(VolumeMode::Filesystem) {
            let message = format!("the claim `{}` is not a device", device.name);
            let finding = Finding::error(Code::InvalidMountPath, at.key("name"), message);
            findings
                .push(finding.hint("give the claim `volumeMode: Block`, or use `volumeMounts`"));
        }
    }
}

fn known_volume(volumes: &Volumes<'_>, at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    if volumes.claims.contains_key(name) || volumes.others.contains_key(name) {
        return;
    }
    let spec = &volumes.pipeline.spec;
    let claims = spec.claims.iter().map(|it| it.name.as_str());
    let known: Vec<&str> = claims.chain(spec.volumes.iter().map(|it| it.name.as_str())).collect();
    let message = format!("`{}` is neither a claim nor a volume", name.escaped());
    let hint = match suggest::closest(name, &known) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "add it to `claims` or `volumes`".to_owned(),
    };
    findings.push(Finding::error(Code::UnknownVolume, at.clone(), message).hint(hint));
}

/// Only claims have devices: those of the pipeline, of others, and those that go with their pod.
fn device_of_claim(volumes: &Volumes<'_>, at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    // A volume with the name of a claim is reported as such.
    let volume = volumes.others.get(name).filter(|_| volumes.mode_of(name).is_none());
    if volume.is_some_and(|it| it.persistent_volume_claim.is_none() && it.ephemeral.is_none()) {
        let message = format!("the volume `{}` is not a claim", name.escaped());
        let finding = Finding::error(Code::InvalidMountPath, at.key("name"), message);
        findings.push(finding.hint("use `volumeMounts`, or a claim with `volumeMode: Block`"));
    }
}

/// <https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation>
fn mount_options(
    at: &FieldPath,
    container: &Container,
    mount: &VolumeMount,
    findings: &mut Vec<Finding>,
) {
    let given = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.is_empty());
    if given(&mount.sub_path) && given(&mount.sub_path_expr) {
        refuse(&at.key("subPathExpr"), "it excludes `subPath`: remove one", findings);
    }
    let propagation = mount.mount_propagation.as_deref();
    let options = &["None", "HostToContainer", "Bidirectional"];
    one_of(&at.key("mountPropagation"), propagation, options, findings);
    let context = container.security_context.as_ref();
    if propagation == Some("Bidirectional") && context.and_then(|it| it.privileged) != Some(true) {
        let message = "only a privileged container mounts into its node";
        refuse(&at.key("mountPropagation"), message, findings);
    }
    let recursive = mount.recursive_read_only.as_deref();
    let options = &["Disabled", "IfPossible", "Enabled"];
    one_of(&at.key("recursiveReadOnly"), recursive, options, findings);
    let is_on = recursive.is_some_and(|it| it != "Disabled");
    let stays_inside = propagation.is_none_or(|it| it == "None");
    if is_on && (mount.read_only != Some(true) || !stays_inside) {
        let message = "it needs `readOnly: true`, and no `mountPropagation`";
        refuse(&at.key("recursiveReadOnly"), message, findings);
    }
}
