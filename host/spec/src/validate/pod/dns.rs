//! Rules of how pods resolve names.
//! <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config>

use std::net::IpAddr;

use k8s_openapi::api::core::v1::PodDNSConfig;
use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::validate::rule::{each, field, object_name, one_of, refuse, required};
use crate::{FieldPath, Finding, ObjectName, PipelineSpec};

/// Limits of the resolver of Linux: name servers, domains that are searched, and their characters
/// with one blank between two.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>
const SERVERS_MAX: usize = 3;
const SEARCHES_MAX: usize = 32;
const SEARCH_CHARACTERS_MAX: usize = 2048;

pub(crate) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let policies = &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    one_of(&field("dnsPolicy"), spec.dns_policy.as_deref(), policies, findings);
    let config = spec.dns_config.as_ref();
    let servers = config.and_then(|it| it.nameservers.as_deref()).unwrap_or_default();
    let at = field("dnsConfig");
    if spec.dns_policy.as_deref() == Some("None") && servers.is_empty() {
        let finding = Finding::error(
            Code::MissingField,
            at.key("nameservers"),
            "with `dnsPolicy: None`, a name server must be named",
        );
        findings.push(finding.hint("e.g. `dnsConfig: {nameservers: [10.0.0.10]}`"));
    }
    if let Some(config) = config {
        check_config(&at, config, findings);
    }
    let aliases = each(&field("hostAliases"), &spec.host_aliases, |it| it.ip.clone(), findings);
    for (at, alias) in aliases {
        address(&at.key("ip"), &alias.ip, findings);
        for (index, name) in alias.hostnames.iter().flatten().enumerate() {
            object_name(&at.key("hostnames").index(index), name, findings);
        }
    }
}

fn check_config(at: &FieldPath, config: &PodDNSConfig, findings: &mut Vec<Finding>) {
    let servers = config.nameservers.as_deref().unwrap_or_default();
    if servers.len() > SERVERS_MAX {
        let message = format!("{} name servers: {SERVERS_MAX} at most", servers.len());
        refuse(&at.key("nameservers"), message, findings);
    }
    for (index, server) in servers.iter().enumerate() {
        address(&at.key("nameservers").index(index), server, findings);
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    if searches.len() > SEARCHES_MAX || searches.join(" ").len() > SEARCH_CHARACTERS_MAX {
        let message = format!(
            "too long: {SEARCHES_MAX} domains with {SEARCH_CHARACTERS_MAX} characters at most"
        );
        refuse(&at.key("searches"), message, findings);
    }
    for (index, search) in searches.iter().enumerate().filter(|(_, it)| *it != ".") {
        // In a domain that is searched, `_` counts as a letter.
        let domain = search.strip_suffix('.').unwrap_or(search).replace('_', "a");
        if ObjectName::new(domain).is_err() {
            let message = format!("`{}` is not a domain", search.escaped());
            refuse(&at.key("searches").index(index), message, findings);
        }
    }
    for (index, option) in config.options.iter().flatten().enumerate() {
        let name = option.name.as_deref().unwrap_or_default();
        required(&at.key("options").index(index).key("name"), name, findings);
    }
}

/// An address in the one spelling that every server takes.
pub(crate) fn address(at: &FieldPath, text: &str, findings: &mut Vec<Finding>) {
    let good = match text.parse() {
        Ok(IpAddr::V4(_)) => true,
        Ok(IpAddr::V6(it)) => it.to_ipv4_mapped().is_none(),
        Err(_) => false,
    };
    if !good {
        let message = format!("`{}` is not an IP address", text.escaped());
        let finding = Finding::error(Code::InvalidValue, at.clone(), message);
        findings.push(finding.hint("e.g. `10.0.0.10` or `fd00::10`"));
    }
}
