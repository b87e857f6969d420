//! Rules of the Service.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{
    PROTOCOLS, dns_label, each, field, in_range, label, label_key, one_of, port_key, port_name,
    port_number, refuse,
};
use crate::{FieldPath, Finding, Pipeline, ServiceSettings, codes};

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
    affinity(&at, service, findings);
    families(&at, service, findings);
    selector(pipeline, findings);
    ports(&at.key("ports"), &service.ports, findings);
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
        let finding = Finding::error(codes::VALUE, at.key("external"), message);
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
            let message = format!("`{}` stands twice", family.escape_debug());
            findings.push(Finding::error(codes::NAME_TWICE, at.index(index), message));
        }
    }
    let one = service.ip_family_policy.as_deref().is_none_or(|it| it == "SingleStack");
    if families.len() > 1 && one {
        let message = "two families need an `ipFamilyPolicy` that takes two";
        let finding = Finding::error(codes::VALUE, at, message);
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
                codes::SELECTOR,
                at,
                format!("the Service looks for `{key}: {value}`, the pods have `{label}`"),
            ),
            None => Finding::warning(
                codes::SELECTOR,
                at,
                format!("the Service looks for `{key}: {value}`, and the pods have no such label"),
            ),
        };
        findings.push(finding.hint("leave `service.selector` out: it is the pipeline's selector"));
    }
}

fn ports(list: &FieldPath, ports: &[ServicePort], findings: &mut Vec<Finding>) {
    let key = |port: &ServicePort| port_key(port.port, port.protocol.as_deref());
    let walked = each(list, ports, key, findings);
    for (at, port) in &walked {
        port_number(&at.key("port"), port.port, findings);
        one_of(&at.key("protocol"), port.protocol.as_deref(), PROTOCOLS, findings);
        match &port.name {
            Some(name) => {
                dns_label(&at.key("name"), name, "the name of a Service's port", findings);
                if ports.iter().filter(|other| other.name.as_ref() == Some(name)).count() > 1 {
                    let message = format!("two ports are named `{}`", name.escape_debug());
                    findings.push(Finding::error(codes::NAME_TWICE, at.key("name"), message));
                }
            }
            None if ports.len() > 1 => {
                let message = "with several ports, each needs a name";
                findings.push(Finding::error(codes::PORT, at.key("name"), message));
            }
            None => {}
        }
        if let Some(protocol) = &port.app_protocol {
            label_key(&at.key("appProtocol"), protocol, findings);
        }
        match &port.target_port {
            Some(IntOrString::Int(number)) => port_number(&at.key("targetPort"), *number, findings),
            Some(IntOrString::String(name)) => port_name(&at.key("targetPort"), name, findings),
            None => {}
        }
        if port.node_port.is_some() {
            let message = "the Service is headless and has no ports on nodes";
            findings
                .push(Finding::error(codes::PORT, at.key("nodePort"), message).hint("remove it"));
        }
    }
}
