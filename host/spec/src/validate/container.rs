//! Rules of containers.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{Container, EnvVar};

use super::claim::check_path;
use super::{
    PROTOCOLS, dns_label, each, field, one_of, port_key, port_name, port_number, quantity,
    resources,
};
use crate::{FieldPath, Finding, ImageReference, Pipeline, Segment, VolumeMode, codes};

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    if spec.containers.is_empty() {
        let finding = Finding::error(
            codes::NO_CONTAINER,
            field("containers"),
            "a pipeline has at least one container",
        );
        findings.push(finding.hint("e.g. `containers: [{name: main, image: nginx:1.14.2}]`"));
    }
    let main = each(&field("containers"), &spec.containers, |it| it.name.clone(), findings);
    let init =
        each(&field("initContainers"), &spec.init_containers, |it| it.name.clone(), findings);
    for (at, container) in &init {
        if spec.containers.iter().any(|other| other.name == container.name) {
            let message =
                format!("`{}` is already the name of a container", container.name.escape_debug());
            findings.push(Finding::error(codes::NAME_TWICE, at.key("name"), message));
        }
        init_only(at, container, findings);
    }
    for (at, container) in &main {
        if container.restart_policy.is_some() {
            let message = "only an init container may have a restart policy";
            let finding = Finding::error(codes::RESTART_POLICY, at.key("restartPolicy"), message);
            findings
                .push(finding.hint("remove it: containers of a StatefulSet are always restarted"));
        }
    }
    for (at, container) in main.iter().chain(&init) {
        one(pipeline, at, container, findings);
    }
    main_mounts(pipeline, findings);
}

fn one(pipeline: &Pipeline, at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    dns_label(&at.key("name"), &container.name, "a container name", findings);
    image(at, container, findings);
    let pull = &["Always", "IfNotPresent", "Never"];
    one_of(&at.key("imagePullPolicy"), container.image_pull_policy.as_deref(), pull, findings);
    let messages = &["File", "FallbackToLogsOnError"];
    let policy = container.termination_message_policy.as_deref();
    one_of(&at.key("terminationMessagePolicy"), policy, messages, findings);
    env(at, container, findings);
    ports(at, container, findings);
    mounts(pipeline, at, container, findings);
    if let Some(it) = &container.resources {
        resources::check(&at.key("resources"), it, findings);
    }
}

fn image(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let at = at.key("image");
    let Some(text) = &container.image else {
        let message = "`image` is missing";
        return findings
            .push(Finding::error(codes::MISSING_FIELD, at, message).hint("e.g. `nginx:1.14.2`"));
    };
    match ImageReference::new(text.as_str()) {
        Err(error) => findings.push(Finding::error(codes::IMAGE, at, error.to_string())),
        Ok(image) if image.is_latest() => {
            let what = if image.tag().is_some() { "the tag `latest`" } else { "no tag" };
            let message =
                format!("the image `{image}` has {what}: its version may change at any time");
            let finding = Finding::warning(codes::MUTABLE_TAG, at, message);
            findings.push(finding.hint("write a version as the tag, or a digest"));
        }
        Ok(_) => {}
    }
}

fn init_only(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let policy = container.restart_policy.as_deref();
    one_of(&at.key("restartPolicy"), policy, &["Always"], findings);
    if policy.is_some() {
        return;
    }
    for (name, present) in [
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
        ("lifecycle", container.lifecycle.is_some()),
    ] {
        if present {
            let message = format!("an init container that ends has no `{name}`");
            let finding = Finding::error(codes::RESTART_POLICY, at.key(name), message);
            findings.push(finding.hint("a sidecar says `restartPolicy: Always`"));
        }
    }
}

fn env(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let variables = container.env.as_deref().unwrap_or_default();
    for (at, variable) in each(&at.key("env"), variables, |it| it.name.clone(), findings) {
        if let Some(reason) = env_reason(variable) {
            findings.push(Finding::error(codes::ENV, at.clone(), reason));
        }
        let resource = variable.value_from.as_ref().and_then(|it| it.resource_field_ref.as_ref());
        if let Some(divisor) = resource.and_then(|it| it.divisor.as_ref()) {
            let at = at.key("valueFrom").key("resourceFieldRef").key("divisor");
            quantity(&at, divisor, findings);
        }
    }
}

/// Values are not shown: they may be secrets.
fn env_reason(variable: &EnvVar) -> Option<&'static str> {
    let printable = variable.name.bytes().all(|b| (b' '..=b'~').contains(&b));
    if variable.name.is_empty() {
        return Some("an environment variable has no name");
    }
    if variable.name.contains('=') || !printable {
        return Some("the name of an environment variable is printable ASCII without `=`");
    }
    let from = variable.value_from.as_ref()?;
    if variable.value.as_ref().is_some_and(|value| !value.is_empty()) {
        return Some("an environment variable has a `value` or a `valueFrom`, not both");
    }
    let sources = [
        from.config_map_key_ref.is_some(),
        from.field_ref.is_some(),
        from.file_key_ref.is_some(),
        from.resource_field_ref.is_some(),
        from.secret_key_ref.is_some(),
    ];
    let given = sources.iter().filter(|it| **it).count();
    (given != 1).then_some("`valueFrom` names exactly one source")
}

fn ports(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let ports = container.ports.as_deref().unwrap_or_default();
    let mut names = HashSet::new();
    let key = |port: &k8s_openapi::api::core::v1::ContainerPort| {
        port_key(port.container_port, port.protocol.as_deref())
    };
    for (at, port) in each(&at.key("ports"), ports, key, findings) {
        port_number(&at.key("containerPort"), port.container_port, findings);
        one_of(&at.key("protocol"), port.protocol.as_deref(), PROTOCOLS, findings);
        if let Some(number) = port.host_port.filter(|it| *it != 0) {
            port_number(&at.key("hostPort"), number, findings);
        }
        if let Some(name) = &port.name {
            port_name(&at.key("name"), name, findings);
            if !names.insert(name) {
                let message = format!("two ports are named `{}`", name.escape_debug());
                findings.push(Finding::error(codes::NAME_TWICE, at.key("name"), message));
            }
        }
    }
}

fn mounts(pipeline: &Pipeline, at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    for (at, mount) in each(&at.key("volumeMounts"), mounts, |it| it.mount_path.clone(), findings) {
        check_path(&at.key("mountPath"), &mount.mount_path, findings);
        known_volume(pipeline, &at.key("name"), &mount.name, findings);
        if mode_of(pipeline, &mount.name) == Some(VolumeMode::Block) {
            let message = format!("the claim `{}` is a device and cannot be mounted", mount.name);
            let finding = Finding::error(codes::MOUNT_PATH, at.key("name"), message);
            findings.push(finding.hint("name it in `volumeDevices`"));
        }
        for (name, path) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
            let path = path.as_deref().unwrap_or("");
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                let message = format!("`{}` is not below the volume", path.escape_debug());
                findings.push(Finding::error(codes::MOUNT_PATH, at.key(name), message));
            }
        }
    }
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    for (at, device) in
        each(&at.key("volumeDevices"), devices, |it| it.device_path.clone(), findings)
    {
        check_path(&at.key("devicePath"), &device.device_path, findings);
        known_volume(pipeline, &at.key("name"), &device.name, findings);
        if mode_of(pipeline, &device.name) == Some(VolumeMode::Filesystem) {
            let message = format!("the claim `{}` is not a device", device.name);
            let finding = Finding::error(codes::MOUNT_PATH, at.key("name"), message);
            findings
                .push(finding.hint("give the claim `volumeMode: Block`, or use `volumeMounts`"));
        }
    }
}

/// The mode of a claim; `None` when there is no such claim.
fn mode_of(pipeline: &Pipeline, name: &str) -> Option<VolumeMode> {
    let claim = pipeline.spec.claims.iter().find(|claim| claim.name.as_str() == name)?;
    Some(claim.volume_mode.unwrap_or(VolumeMode::Filesystem))
}

fn known_volume(pipeline: &Pipeline, at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    let claims = spec.claims.iter().map(|it| it.name.as_str());
    let known: Vec<&str> = claims.chain(spec.volumes.iter().map(|it| it.name.as_str())).collect();
    if known.contains(&name) {
        return;
    }
    let message = format!("`{}` is neither a claim nor a volume", name.escape_debug());
    let hint = match crate::suggest::closest(name, &known) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "add it to `claims` or `volumes`".to_owned(),
    };
    findings.push(Finding::error(codes::UNKNOWN_VOLUME, at.clone(), message).hint(hint));
}

/// Claims with a mount path are mounted into the main container, beside its own mounts.
fn main_mounts(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let Some(main) = pipeline.spec.containers.first() else { return };
    let own = main.volume_mounts.iter().flatten();
    let mut taken: Vec<&str> = own.map(|mount| mount.mount_path.as_str()).collect();
    for claim in &pipeline.spec.claims {
        let Some(path) = &claim.mount_path else { continue };
        if taken.contains(&path.as_str()) {
            let at = field("claims").with(Segment::Key(claim.name.to_string())).key("mountPath");
            let message = format!("something is already mounted at `{}`", path.escape_debug());
            findings.push(Finding::error(codes::NAME_TWICE, at, message));
        }
        taken.push(path);
    }
}
