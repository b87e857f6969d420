//! What a plugin gets, or is, that it was not before: what somebody has to agree to.

use std::fmt;

use crate::{
    Consent, LockedPlugin, PathPattern, PipelineSelector, PluginLimits, canonical_patterns, in_code,
};

/// What kind of change has to be accepted: `wellhead lock --accept=KIND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrowthKind {
    /// An entry has rights that it had not.
    Grants,
    /// The plugin asks for more, needs more of the host, or has another name.
    Asks,
    /// Another rule, or none, decided on the plugin's signatures.
    Signer,
    /// A version of the registry has another content than it had.
    Republished,
    /// The version is older than the one that was locked.
    Rollback,
}

impl GrowthKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Grants, Self::Asks, Self::Signer, Self::Republished, Self::Rollback];

    /// The word for it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Asks => "asks",
            Self::Signer => "signer",
            Self::Republished => "republished",
            Self::Rollback => "rollback",
        }
    }
}

/// One thing that somebody has to agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// What kind of change it is.
    pub kind: GrowthKind,
    /// What is more than it was, in words: without a full stop, and printable.
    pub what: String,
}

impl Growth {
    fn new(kind: GrowthKind, what: String) -> Self {
        Self { kind, what }
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// What an entry may do that nobody agreed to, the gravest first. `before` is what somebody agreed to: an entry that is
/// new had no rights.
pub fn growth_of_rights(before: Option<&Consent>, now: &Consent) -> Vec<Growth> {
    let nothing = Consent { audit: true, ..Consent::default() };
    let old = before.unwrap_or(&nothing);
    let mut found = Vec::new();
    let mut add = |what: String| {
        let what = format!("{} {what}", in_code(&now.entry, NAME));
        found.push(Growth::new(GrowthKind::Grants, what));
    };
    let lists = [
        ("opens", &old.opens, &now.opens),
        ("grants", &old.grants, &now.grants),
        ("overrides", &old.overrides, &now.overrides),
    ];
    for (verb, old, now) in lists {
        for pattern in not_included(old, now) {
            add(format!("{verb} {}", in_code(&pattern, PATTERN)));
        }
    }
    for (verb, old, now) in
        [("reads the fact", &old.facts, &now.facts), ("waives", &old.waives, &now.waives)]
    {
        for name in now.iter().filter(|it| !old.contains(it)) {
            add(format!("{verb} {}", in_code(name, NAME)));
        }
    }
    if old.audit && !now.audit {
        add(match before {
            Some(_) => "leaves audit mode".to_owned(),
            None => "is a new entry".to_owned(),
        });
    }
    if let Some(before) = before {
        add_selected(before.select.as_ref(), now.select.as_ref(), &mut add);
    }
    for (name, was, is) in raised(&old.limits, &now.limits) {
        add(format!("raises the limit `{name}` from {was} to {is}"));
    }
    found
}

/// Most characters of names and patterns in what is said.
const NAME: usize = 200;
const PATTERN: usize = 500;

/// Patterns that no pattern of those before includes.
fn not_included(before: &[String], now: &[String]) -> Vec<String> {
    let parsed = |text: &String| text.parse::<PathPattern>().ok();
    let old: Vec<PathPattern> = before.iter().filter_map(parsed).collect();
    let includes = |text: &String| {
        before.contains(text)
            || parsed(text).is_some_and(|new| old.iter().any(|it| it.includes(&new)))
    };
    canonical_patterns(now).into_iter().filter(|it| !includes(it)).collect()
}

/// Pipelines that a customization selects and did not select. A pattern of names that is new counts, whatever it matches.
fn add_selected(
    before: Option<&PipelineSelector>,
    now: Option<&PipelineSelector>,
    add: &mut impl FnMut(String),
) {
    let Some(old) = before else { return };
    let everything = PipelineSelector::default();
    let new = now.unwrap_or(&everything);
    for (list, old, new) in
        [("names", &old.names, &new.names), ("namespaces", &old.namespaces, &new.namespaces)]
    {
        if new.is_empty() && !old.is_empty() {
            add(format!("selects pipelines of all {list}"));
        }
        for pattern in new.iter().filter(|it| !old.is_empty() && !old.contains(it)) {
            add(format!("selects more {list}: {}", in_code(pattern, NAME)));
        }
    }
    for (key, value) in old.labels.iter().filter(|it| new.labels.get(it.0) != Some(it.1)) {
        add(format!(
            "selects pipelines without the label {}",
            in_code(&format!("{key}={value}"), NAME)
        ));
    }
}

/// Limits with more than before: name, value then, value now.
fn raised(before: &PluginLimits, now: &PluginLimits) -> Vec<(&'static str, u64, u64)> {
    let all = |limits: &PluginLimits| {
        let structure = limits.structure.named();
        limits.named().into_iter().chain(structure).collect::<Vec<_>>()
    };
    let both = all(before).into_iter().zip(all(now));
    both.filter(|(was, is)| is.1 > was.1).map(|(was, is)| (was.0, was.1, is.1)).collect()
}

/// What a plugin is that the one before was not: what it asks for, what it needs of the host, its content under the same
/// version, its version.
pub fn growth_of_plugin(before: &LockedPlugin, now: &LockedPlugin) -> Vec<Growth> {
    let mut found = Vec::new();
    let same_version = before.source == now.source;
    if same_version && (&before.manifest, &before.component) != (&now.manifest, &now.component) {
        let what = format!(
            "the registry has another plugin under this version: manifest {} instead of {}",
            now.manifest, before.manifest
        );
        found.push(Growth::new(GrowthKind::Republished, what));
    }
    if !same_version && is_older(&now.version, &before.version) {
        let [was, is] = [&before.version, &now.version].map(|it| in_code(it, NAME));
        let what = format!("version {is} is older than {was}");
        found.push(Growth::new(GrowthKind::Rollback, what));
    }
    if let Some(was) = before.signed_by.as_ref().filter(|_| before.signed_by != now.signed_by) {
        let was = in_code(was, NAME);
        let is = now.signed_by.as_ref().map(|it| in_code(it, NAME));
        let what = match is {
            Some(is) => format!("rule {is} decides on its signatures, and not {was}"),
            None => format!("no signature is required any more; rule {was} did"),
        };
        found.push(Growth::new(GrowthKind::Signer, what));
    }
    let mut add = |what: String| found.push(Growth::new(GrowthKind::Asks, what));
    if before.name != now.name {
        let [was, is] = [&before.name, &now.name].map(|it| in_code(it, NAME));
        add(format!("the plugin calls itself {is} and not {was}"));
    }
    for pattern in not_included(&before.asks, &now.asks) {
        add(format!("the plugin asks to write {}", in_code(&pattern, PATTERN)));
    }
    for (verb, old, new) in [
        ("asks to read the fact", &before.asks_facts, &now.asks_facts),
        ("exports", &before.exports, &now.exports),
        ("imports", &before.imports, &now.imports),
    ] {
        for name in new.iter().filter(|it| !old.contains(it)) {
            add(format!("the plugin {verb} {}", in_code(name, NAME)));
        }
    }
    found
}

/// Whether a version comes before another one. Versions that are not semantic are not compared.
fn is_older(one: &str, other: &str) -> bool {
    let parse = |text: &str| semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    parse(one).zip(parse(other)).is_some_and(|(one, other)| one.cmp_precedence(&other).is_lt())
}
