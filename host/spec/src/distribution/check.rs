//! Rules of locks and trust policies.

use std::collections::HashMap;

use wellhead_diagnostics::Code;

use super::host;
use crate::text::Escaped as _;
use crate::validate::{check_fact_names, check_limits, check_patterns, check_waived_codes};
use crate::{
    FieldPath, Finding, Lock, LockedPlugin, MAX_COMPONENT, PluginReference, Requirement, Signer,
    SourceRule, TrustPolicy, in_code,
};

/// Most characters of a name in a message.
const NAME: usize = 300;

/// Everything that is wrong with a lock.
pub(crate) fn validate_lock(lock: &Lock) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashMap::new();
    for (index, plugin) in lock.plugins.iter().enumerate() {
        let at = FieldPath::of(["plugins"]).index(index);
        if let Some(first) = seen.insert(&plugin.source, index) {
            let source = in_code(&plugin.source, NAME);
            let message = format!("{source} is locked twice, first as item {}", first + 1);
            let finding = Finding::error(Code::InvalidLock, at.key("source"), message);
            findings.push(finding.hint("`wellhead lock` keeps one of them"));
        }
        check_source(&at.key("source"), &plugin.source, &mut findings);
        check_plugin(&at, plugin, &mut findings);
    }
    findings
}

/// Adds what is wrong with a reference that has to have its one spelling.
fn check_source(at: &FieldPath, source: &str, findings: &mut Vec<Finding>) {
    match source.parse::<PluginReference>() {
        Err(error) => {
            let mut finding = Finding::error(Code::InvalidReference, at.clone(), error.to_string());
            finding.hint = error.hint;
            findings.push(finding);
        }
        Ok(reference) if reference.to_string() != source => {
            let message = format!("{} is not how a lock spells it", in_code(source, NAME));
            let finding = Finding::error(Code::InvalidLock, at.clone(), message);
            findings.push(finding.hint(format!("write `{reference}`")));
        }
        Ok(_) => {}
    }
}

fn check_plugin(at: &FieldPath, plugin: &LockedPlugin, findings: &mut Vec<Finding>) {
    check_patterns(at, &[("asks", &plugin.asks)], findings);
    if !(1..=MAX_COMPONENT).contains(&plugin.size) {
        let message = format!("{} bytes are not the size of a component", plugin.size);
        findings.push(Finding::error(Code::InvalidValue, at.key("size"), message));
    }
    let mut seen = HashMap::new();
    for (index, consent) in plugin.consent.iter().enumerate() {
        let at = at.key("consent").index(index);
        if let Some(first) = seen.insert(&consent.entry, index) {
            let entry = in_code(&consent.entry, NAME);
            let message = format!("entry {entry} has two consents, first item {}", first + 1);
            let finding = Finding::error(Code::InvalidLock, at.key("entry"), message);
            findings.push(finding.hint("`wellhead lock` keeps one of them"));
        }
        let lists = [("grants", &consent.grants), ("overrides", &consent.overrides)];
        check_patterns(&at, &lists, findings);
        check_patterns(&at, &[("opens", &consent.opens)], findings);
        check_fact_names(&at, &consent.facts, findings);
        check_waived_codes(&at, &consent.waives, findings);
        check_limits(&at.key("limits"), &consent.limits, findings);
    }
}

/// Everything that is wrong with a trust policy, files that it names aside.
pub(crate) fn validate_trust_policy(policy: &TrustPolicy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rules = &policy.spec;
    let mut names = HashMap::new();
    for (index, rule) in rules.sources.iter().enumerate() {
        let at = FieldPath::of(["sources"]).index(index);
        if let Some(first) = names.insert(&rule.name, index) {
            let message =
                format!("{} is also the name of rule {}", in_code(&rule.name, NAME), first + 1);
            findings.push(Finding::error(Code::InvalidTrustPolicy, at.key("name"), message));
        }
        check_rule(&at, rule, &mut findings);
    }
    for (index, denied) in rules.deny.iter().enumerate() {
        if denied.component.is_none() && denied.manifest.is_none() {
            let at = FieldPath::of(["deny"]).index(index);
            let message = "the item denies nothing: it has neither `component` nor `manifest`";
            findings.push(Finding::error(Code::InvalidTrustPolicy, at, message));
        }
    }
    for (index, registry) in rules.registries.iter().enumerate() {
        let at = FieldPath::of(["registries"]).index(index);
        check_host(&at.key("host"), &registry.host, &mut findings);
        for (index, host) in registry.token_hosts.iter().enumerate() {
            check_host(&at.key("tokenHosts").index(index), host, &mut findings);
        }
        for (index, mirror) in registry.mirrors.iter().enumerate() {
            let host = mirror.split_once('/').map_or(&**mirror, |it| it.0);
            check_host(&at.key("mirrors").index(index), host, &mut findings);
        }
        if registry.plain_http && !is_loopback(&registry.host) {
            let message = format!(
                "{} is not on this machine, and HTTP would show the credentials for it",
                in_code(&registry.host, NAME)
            );
            let finding = Finding::error(Code::InvalidTrustPolicy, at.key("plainHttp"), message);
            findings.push(finding.hint(
                "remove `plainHttp`; `caFile` names the authority of a certificate of your own",
            ));
        }
    }
    findings
}

fn check_rule(at: &FieldPath, rule: &SourceRule, findings: &mut Vec<Finding>) {
    if let Requirement::Signed(signers) = &rule.require {
        let at = at.key("require");
        if signers.is_empty() {
            let message = "an empty list requires nothing";
            let finding = Finding::error(Code::InvalidTrustPolicy, at.clone(), message);
            findings.push(finding.hint("write `require: none`, or a `key` or `keyless`"));
        }
        for (index, signer) in signers.iter().enumerate() {
            check_signer(&at.index(index), signer, findings);
        }
    }
    if let Some(ceiling) = &rule.allow {
        let at = at.key("allow");
        check_patterns(&at, &[("grants", &ceiling.grants), ("opens", &ceiling.opens)], findings);
    }
}

fn check_signer(at: &FieldPath, signer: &Signer, findings: &mut Vec<Finding>) {
    let mut one_of = |at: &FieldPath, names: [&str; 2], given: [bool; 2]| {
        if given[0] == given[1] {
            let [one, other] = names;
            let message = format!("it has one of `{one}` and `{other}`");
            findings.push(Finding::error(Code::InvalidTrustPolicy, at.clone(), message));
        }
    };
    one_of(at, ["key", "keyless"], [signer.key.is_some(), signer.keyless.is_some()]);
    if let Some(key) = &signer.key {
        one_of(&at.key("key"), ["file", "pem"], [key.file.is_some(), key.pem.is_some()]);
    }
}

fn check_host(at: &FieldPath, text: &str, findings: &mut Vec<Finding>) {
    let wrong = |reason: String| Finding::error(Code::InvalidTrustPolicy, at.clone(), reason);
    match host::canonical(text) {
        Err(reason) => {
            findings.push(wrong(format!("`{}` is not a host: {reason}", text.escaped())));
        }
        Ok(canonical) if canonical != text => {
            let finding = wrong(format!("`{}` is not how a reference spells it", text.escaped()));
            findings.push(finding.hint(format!("write `{canonical}`")));
        }
        Ok(_) => {}
    }
}

/// Whether a host, with its port, is on this machine whatever a resolver says.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}
