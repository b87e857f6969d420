//! What a trust policy says of an entry.

use wellhead_diagnostics::Code;
use wellhead_spec::{
    DefaultRule, Digest, FieldPath, Finding, LocalFiles, PathPattern, PluginEntry, PluginReference,
    SourceRule, TrustRules, Verdict, closest_repository,
};

use super::signed::not_verifiable;

/// The path of an entry in its customization.
pub(super) fn entry_path(entry: &PluginEntry) -> FieldPath {
    FieldPath::of(["plugins", entry.name.as_str()])
}

/// An error about an entry's source.
pub(super) fn at_source(code: Code, entry: &PluginEntry, message: String) -> Finding {
    Finding::error(code, entry_path(entry).key("source"), message)
}

/// Why an entry may not run a plugin of a registry, whatever the plugin is.
pub(super) fn check(
    rules: &TrustRules,
    entry: &PluginEntry,
    source: &PluginReference,
) -> Vec<Finding> {
    if let Some((message, hint)) = not_named(rules, source) {
        return vec![at_source(Code::NotTrusted, entry, message).hint(hint)];
    }
    match rules.verdict(source) {
        Verdict::Default(_) => Vec::new(),
        Verdict::Rule(rule) => by_rule(rule, entry),
    }
}

/// Why nothing is asked of a registry about a repository, and what to do.
pub(super) fn not_named(rules: &TrustRules, source: &PluginReference) -> Option<(String, String)> {
    if !matches!(rules.verdict(source), Verdict::Default(DefaultRule::Refuse)) {
        return None;
    }
    let known: Vec<_> = rules.sources.iter().filter(|it| it.repository.is_exact()).collect();
    let known: Vec<_> = known.iter().map(|it| it.repository.to_string()).collect();
    let names: Vec<_> = known.iter().map(String::as_str).collect();
    let hint = match closest_repository(source, &names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "use a repository that it names, or ask the operator for a rule".to_owned(),
    };
    Some((format!("no rule of the trust policy names {}", source.name()), hint))
}

fn by_rule(rule: &SourceRule, entry: &PluginEntry) -> Vec<Finding> {
    let not_verifiable = not_verifiable(rule).map(|it| at_source(Code::NotSigned, entry, it));
    let mut findings: Vec<_> = not_verifiable.into_iter().collect();
    let Some(ceiling) = &rule.allow else { return findings };
    let mut refuse = |list: &str, has: &[String], allows: &dyn Fn(&String) -> bool| {
        for (at, one) in has.iter().enumerate().filter(|it| !allows(it.1)) {
            let message =
                format!("rule `{}` of the trust policy allows no `{list}` of `{one}`", rule.name);
            let path = entry_path(entry).key(list).index(at);
            findings.push(Finding::error(Code::NotTrusted, path, message));
        }
    };
    for (list, has, may) in
        [("grants", &entry.grants, &ceiling.grants), ("opens", &entry.opens, &ceiling.opens)]
    {
        let may: Vec<PathPattern> = may.iter().filter_map(|it| it.parse().ok()).collect();
        let includes = |pattern: &PathPattern| may.iter().any(|it| it.includes(pattern));
        refuse(list, has, &|text| text.parse().is_ok_and(|it| includes(&it)));
    }
    refuse("facts", &entry.facts, &|name| ceiling.facts.contains(name));
    refuse("waives", &entry.waives, &|name| ceiling.waives.contains(name));
    findings
}

/// Why an entry may not run a plugin that is a file.
pub(super) fn check_file(rules: &TrustRules, entry: &PluginEntry) -> Option<Finding> {
    let refused = |message: &str| at_source(Code::NotTrusted, entry, message.to_owned());
    match rules.local_files {
        LocalFiles::Allow => None,
        LocalFiles::Pinned if entry.digest.is_some() => None,
        LocalFiles::Pinned => Some(
            refused("the trust policy wants a `digest` for a plugin that is a file")
                .hint("write the `digest` that `wellhead plugin inspect FILE` prints"),
        ),
        LocalFiles::Refuse => Some(refused("the trust policy allows no plugin that is a file")),
    }
}

/// Why a plugin never runs, if it does not.
pub(super) fn denied(
    rules: &TrustRules,
    entry: &PluginEntry,
    manifest: &Digest,
    component: &Digest,
) -> Option<Finding> {
    let denied = rules.denied(Some(manifest), component)?;
    let message = format!(
        "the trust policy denies this plugin: {}",
        wellhead_spec::sanitize(&denied.reason, 200)
    );
    Some(at_source(Code::NotTrusted, entry, message))
}
