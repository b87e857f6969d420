//! Rules of containers.

pub(crate) mod env;
pub(crate) mod mount;
pub(crate) mod probe;
pub(crate) mod resources;

use std::collections::HashSet;

use k8s_openapi::api::core::v1::Container;
use wellhead_diagnostics::Code;

use super::pod::dns;
use super::rule::{
    PROTOCOLS, dns_label, each, field, one_of, port_key, port_name, port_number, refuse,
};
use super::security;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, ImageReference, Pipeline, Segment};
use mount::{Volumes, mounts};

pub(crate) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    if spec.containers.is_empty() {
        let finding = Finding::error(
            Code::NoContainer,
            field("containers"),
            "a pipeline has at least one container",
        );
        findings.push(finding.hint("e.g. `containers: [{name: main, image: nginx:1.14.2}]`"));
    }
    let main = each(&field("containers"), &spec.containers, |it| it.name.clone(), findings);
    let init =
        each(&field("initContainers"), &spec.init_containers, |it| it.name.clone(), findings);
    let names: HashSet<_> = spec.containers.iter().map(|it| it.name.as_str()).collect();
    for (at, container) in &init {
        if names.contains(container.name.as_str()) {
            let message =
                format!("`{}` is already the name of a container", container.name.escaped());
            findings.push(Finding::error(Code::DuplicateItem, at.key("name"), message));
        }
        init_only(at, container, findings);
        // They run one after the other, so the same port of the node serves all.
        host_ports(pipeline, at, container, &mut HashSet::new(), findings);
        if container.restart_policy.is_some() {
            probe::check(at, container, spec.termination_grace_period_seconds, findings);
        }
    }
    let grace = spec.termination_grace_period_seconds;
    let mut taken = HashSet::new();
    for (at, container) in &main {
        probe::check(at, container, grace, findings);
        host_ports(pipeline, at, container, &mut taken, findings);
        if container.restart_policy.is_some() {
            let message = "only an init container may have a restart policy";
            let finding =
                Finding::error(Code::InvalidRestartPolicy, at.key("restartPolicy"), message);
            findings
                .push(finding.hint("remove it: containers of a StatefulSet are always restarted"));
        }
    }
    let volumes = Volumes::of(pipeline);
    for (at, container) in main.iter().chain(&init) {
        one((pipeline, &volumes), at, container, findings);
    }
    main_mounts(pipeline, findings);
}

fn one(
    (pipeline, volumes): (&Pipeline, &Volumes<'_>),
    at: &FieldPath,
    container: &Container,
    findings: &mut Vec<Finding>,
) {
    dns_label(&at.key("name"), &container.name, "a container name", findings);
    image(at, container, findings);
    let pull = &["Always", "IfNotPresent", "Never"];
    one_of(&at.key("imagePullPolicy"), container.image_pull_policy.as_deref(), pull, findings);
    let messages = &["File", "FallbackToLogsOnError"];
    let policy = container.termination_message_policy.as_deref();
    one_of(&at.key("terminationMessagePolicy"), policy, messages, findings);
    env::check(&pipeline.spec, at, container, findings);
    ports(at, container, findings);
    mounts(volumes, at, container, findings);
    if let Some(it) = &container.resources {
        resources::check(&at.key("resources"), it, findings);
        resources::claims(&pipeline.spec, &at.key("resources"), it, findings);
    }
    if let Some(it) = &container.security_context {
        security::check(&at.key("securityContext"), it, findings);
    }
    resize(at, container, findings);
    if container.restart_policy_rules.as_ref().is_some_and(|it| !it.is_empty()) {
        let message = "rules of restarts need a `restartPolicy` that containers here do not have";
        refuse(&at.key("restartPolicyRules"), message, findings);
    }
}

/// <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>
fn resize(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let policies = container.resize_policy.as_deref().unwrap_or_default();
    // An init container that ends cannot be restarted.
    let ends = at.segments().first() == Some(&Segment::Key("initContainers".into()))
        && container.restart_policy.is_none();
    let options = if ends { &["NotRequired"][..] } else { &["NotRequired", "RestartContainer"] };
    let mut seen = HashSet::new();
    for (index, policy) in policies.iter().enumerate() {
        let at = at.key("resizePolicy").index(index);
        let name = &at.key("resourceName");
        one_of(name, Some(&policy.resource_name), &["cpu", "memory"], findings);
        one_of(&at.key("restartPolicy"), Some(&policy.restart_policy), options, findings);
        if !seen.insert(&policy.resource_name) {
            let message = format!("duplicate `{}`", policy.resource_name.escaped());
            findings.push(Finding::error(Code::DuplicateItem, name.clone(), message));
        }
    }
}

fn image(at: &FieldPath, container: &Container, findings: &mut Vec<Finding>) {
    let at = at.key("image");
    let Some(text) = &container.image else {
        let message = "`image` is missing";
        return findings
            .push(Finding::error(Code::MissingField, at, message).hint("e.g. `nginx:1.14.2`"));
    };
    match ImageReference::new(text.as_str()) {
        Err(error) => findings.push(Finding::error(Code::InvalidImage, at, error.to_string())),
        Ok(image) if image.is_latest() => {
            let what = if image.tag().is_some() { "the tag `latest`" } else { "no tag" };
            let message =
                format!("the image `{image}` has {what}: its version may change at any time");
            let finding = Finding::warning(Code::MutableTag, at, message);
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
            let finding = Finding::error(Code::InvalidRestartPolicy, at.key(name), message);
            findings.push(finding.hint("a sidecar says `restartPolicy: Always`"));
        }
    }
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
        if let Some(address) = port.host_ip.as_deref().filter(|it| !it.is_empty()) {
            dns::address(&at.key("hostIP"), address, findings);
        }
        if let Some(name) = &port.name {
            port_name(&at.key("name"), name, findings);
            if !names.insert(name) {
                let message = format!("two ports are named `{}`", name.escaped());
                findings.push(Finding::error(Code::DuplicateItem, at.key("name"), message));
            }
        }
    }
}

/// Ports of the node: each is taken once, and in its network it is the container's own.
fn host_ports(
    pipeline: &Pipeline,
    at: &FieldPath,
    container: &Container,
    taken: &mut HashSet<(String, Option<String>)>,
    findings: &mut Vec<Finding>,
) {
    let in_node = pipeline.spec.host_network == Some(true);
    for port in container.ports.iter().flatten() {
        let key = port_key(port.container_port, port.protocol.as_deref());
        let at = at.key("ports").key(key).key("hostPort");
        let of_node = port.host_port.filter(|it| *it != 0);
        if in_node && of_node.is_some_and(|it| it != port.container_port) {
            let message = "with `hostNetwork`, a port of the node is the port of the container";
            refuse(&at, message, findings);
        }
        let Some(number) = of_node.or_else(|| in_node.then_some(port.container_port)) else {
            continue;
        };
        if !taken.insert((port_key(number, port.protocol.as_deref()), port.host_ip.clone())) {
            let message = format!("`{number}` is taken by another port of the pod");
            findings.push(Finding::error(Code::DuplicateItem, at, message));
        }
    }
}

/// Claims with a mount path are mounted into the main container, beside its own mounts.
fn main_mounts(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let Some(main) = pipeline.spec.containers.first() else { return };
    let own = main.volume_mounts.iter().flatten();
    let mut taken: HashSet<&str> = own.map(|mount| mount.mount_path.as_str()).collect();
    for claim in &pipeline.spec.claims {
        let Some(path) = &claim.mount_path else { continue };
        if !taken.insert(path) {
            let at =
                field("claims").with(Segment::Key(claim.name.as_str().into())).key("mountPath");
            let message = format!("something is already mounted at `{}`", path.escaped());
            findings.push(Finding::error(Code::DuplicateItem, at, message));
        }
    }
}
