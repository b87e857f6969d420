//! Rules of the Service.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::{ContainerPort, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use wellhead_diagnostics::Code;

use super::rule::{
    self, PROTOCOLS, dns_label, each, field, in_range, is_port_name, label_key, one_of, port_key,
    port_number, refuse,
};
use crate::label;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, Pipeline, ServiceSettings};

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let service = &pipeline.spec.service;
    let at = field("service");
    label::labels(&at.key("labels"), &service.labels, findings);
    label::annotations(&at.key("annotations"), &service.annotations, findings);
    label::labels(&at.key("selector"), &service.selector, findings);
    for (name, value, options) in [
        (
            "ipFamilyPolicy",
            &service.ip_family_policy,
            &["SingleStack", "PreferDualStack", "RequireDualStack"][..],
        ),
        ("sessionAffinity", &service.session_affinity, &["None", "ClientIP"]),
        ("internalTrafficPolicy", &service.internal_traffic_policy, &["Cluster", "Local"]),
        (
            "trafficDistribution",
            &service.traffic_distribution,
            &["PreferClose", "PreferSameZone", "PreferSameNode"],
        ),
    ] {
        one_of(&at.key(name), value.as_deref(), options, findings);
    }
    for (index, family) in service.ip_families.iter().enumerate() {
        one_of(&at.key("ipFamilies").index(index), Some(family), &["IPv4", "IPv6"], findings);
    }
    external(&at, service, findings);
    first_character(pipeline, findings);
    affinity(&at, service, findings);
    families(&at, service, findings);
    selector(pipeline, findings);
    ports(&at.key("ports"), &service.ports, findings);
    targets(pipeline, findings);
}

/// A Service that is named after its pipeline, whose name may begin with a digit. Whoever writes the name knows the server.
fn first_character(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let (service, name) = (&pipeline.spec.service, pipeline.metadata.name.as_str());
    let letters = name.trim_start_matches(|it: char| !it.is_ascii_lowercase());
    if service.external || service.name.is_some() || letters.len() == name.len() {
        return;
    }
    let message = format!(
        "the Service is named `{name}`: before Kubernetes 1.36, servers want a letter first"
    );
    let letters = if letters.is_empty() { "db" } else { letters };
    let hint = format!(
        "name it otherwise, e.g. `service: {{name: {letters}}}`; where the server takes it, write `service: {{name: {}}}`",
        crate::yaml_item(name)
    );
    let at = field("service").key("name");
    findings.push(Finding::warning(Code::InvalidName, at, message).hint(hint));
}

/// <https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services>
/// What is somebody else's has no settings here.
fn external(at: &FieldPath, service: &ServiceSettings, findings: &mut Vec<Finding>) {
    let named = ServiceSettings {
        name: service.name.clone(),
        external: true,
        ..ServiceSettings::default()
    };
    if service.external && *service != named {
        let message = "an external Service has no setting but its `name`";
        let finding = Finding::error(Code::InvalidValue, at.key("external"), message);
        findings.push(finding.hint("remove `external`, or the other settings of the Service"));
    }
}

/// <https://kubernetes.io/docs/reference/networking/virtual-ips/#session-stickiness-timeout>
fn affinity(at: &FieldPath, service: &ServiceSettings, findings: &mut Vec<Finding>) {
    const LONGEST: i64 = 86_400;
    let Some(config) = &service.session_affinity_config else { return };
    let at = at.key("sessionAffinityConfig");
    if service.session_affinity.as_deref() != Some("ClientIP") {
        refuse(&at, "it belongs to `sessionAffinity: ClientIP`", findings);
    }
    match config.client_ip.as_ref().map(|it| it.timeout_seconds) {
        None => refuse(&at.key("clientIP"), "`clientIP` is missing", findings),
        Some(seconds) => {
            let at = at.key("clientIP").key("timeoutSeconds");
            in_range(&at, seconds.map_or(1, i64::from), 1..=LONGEST, findings);
        }
    }
}

fn families(at: &FieldPath, service: &ServiceSettings, findings: &mut Vec<Finding>) {
    let families = &service.ip_families;
    let at = at.key("ipFamilies");
    for (index, family) in families.iter().enumerate().skip(1) {
        if families[..index].contains(family) {
            let message = format!("duplicate `{}`", family.escaped());
            findings.push(Finding::error(Code::DuplicateItem, at.index(index), message));
        }
    }
    let one = service.ip_family_policy.as_deref().is_none_or(|it| it == "SingleStack");
    if families.len() > 1 && one {
        let message = "two families need an `ipFamilyPolicy` that takes two";
        let finding = Finding::error(Code::InvalidValue, at, message);
        findings.push(finding.hint("write `ipFamilyPolicy: PreferDualStack`"));
    }
}

/// The Service must find the pods.
fn selector(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let mut pods = pipeline.spec.pod_labels.clone();
    pods.extend(pipeline.selector());
    for (key, value) in &pipeline.spec.service.selector {
        let at = field("service").key("selector").key(key);
        let finding = match pods.get(key) {
            Some(label) if label == value => continue,
            Some(label) => Finding::error(
                Code::SelectorMismatch,
                at,
                format!("the Service looks for `{key}: {value}`, the pods have `{label}`"),
            ),
            None => Finding::warning(
                Code::SelectorMismatch,
                at,
                format!("the Service looks for `{key}: {value}`, and the pods have no such label"),
            ),
        };
        findings.push(finding.hint("leave `service.selector` out: it is the pipeline's selector"));
    }
}

/// Ports of the Service that name a port which no container has. Init containers have ports while the
/// pod runs where they are sidecars.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/api/v1/pod/util.go>, `FindPort`.
fn targets(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let spec = &pipeline.spec;
    let sidecars = spec.init_containers.iter().filter(|it| it.restart_policy.is_some());
    let running = spec.containers.iter().chain(sidecars);
    let there: Vec<_> = running.flat_map(|it| it.ports.iter().flatten()).collect();
    for port in &spec.service.ports {
        let Some(IntOrString::String(name)) = &port.target_port else { continue };
        if !is_port_name(name) {
            continue;
        }
        let protocol = |protocol: &Option<String>| protocol.clone().unwrap_or("TCP".into());
        let same = |it: &&&ContainerPort| protocol(&it.protocol) == protocol(&port.protocol);
        let names: Vec<_> = there.iter().filter(same).filter_map(|it| it.name.as_deref()).collect();
        if !names.contains(&name.as_str()) {
            let key = port_key(port.port, port.protocol.as_deref());
            let at = field("service").key("ports").key(key).key("targetPort");
            findings.push(no_port(at, name, &names));
        }
    }
}

/// A port that is named where no container has it.
pub(super) fn no_port(at: FieldPath, name: &str, names: &[&str]) -> Finding {
    let name = name.escaped();
    let finding = Finding::warning(
        Code::UnknownTargetPort,
        at,
        format!("no container port is named `{name}`"),
    );
    if names.is_empty() {
        let hint = "write its number, or name it: `ports: [{name: NAME, containerPort: ...}]`";
        return finding.hint(hint.replace("NAME", &name));
    }
    let is = if names.len() == 1 { "is" } else { "are" };
    let names: Vec<_> = names.iter().map(|it| format!("`{}`", it.escaped())).collect();
    finding.hint(format!("there {is} {}", names.join(", ")))
}

fn ports(list: &FieldPath, ports: &[ServicePort], findings: &mut Vec<Finding>) {
    let key = |port: &ServicePort| port_key(port.port, port.protocol.as_deref());
    let walked = each(list, ports, key, findings);
    let mut named = HashMap::<&str, usize>::new();
    for name in ports.iter().filter_map(|port| port.name.as_deref()) {
        *named.entry(name).or_default() += 1;
    }
    for (at, port) in &walked {
        port_number(&at.key("port"), port.port, findings);
        one_of(&at.key("protocol"), port.protocol.as_deref(), PROTOCOLS, findings);
        match &port.name {
            Some(name) => {
                dns_label(&at.key("name"), name, "the name of a Service's port", findings);
                if named[name.as_str()] > 1 {
                    let message = format!("two ports are named `{}`", name.escaped());
                    findings.push(Finding::error(Code::DuplicateItem, at.key("name"), message));
                }
            }
            None if ports.len() > 1 => {
                let message = "with several ports, each needs a name";
                findings.push(Finding::error(Code::InvalidPort, at.key("name"), message));
            }
            None => {}
        }
        if let Some(protocol) = &port.app_protocol {
            label_key(&at.key("appProtocol"), protocol, findings);
        }
        if let Some(target) = &port.target_port {
            rule::port(&at.key("targetPort"), target, findings);
        }
        if port.node_port.is_some() {
            let message = "the Service is headless and has no ports on nodes";
            findings.push(
                Finding::error(Code::InvalidPort, at.key("nodePort"), message).hint("remove it"),
            );
        }
    }
}
