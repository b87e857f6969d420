//! What changed between two versions of a plugin, and which part of its version must rise for it: what an operator who
//! has the old one would notice of the new one.

mod config;
mod version;

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;
use wellhead_chain::Plugin;
use wellhead_spec::protected::is_protected;
use wellhead_spec::{PathPattern, in_code};

use super::expected::PIPELINE;
use super::suite::{Problem, TestReport};
pub use version::Part;

/// Most columns of a text of the plugins in a difference.
const TEXT: usize = 200;

/// Two versions of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Version of the old one.
    pub old: String,
    /// Version of the new one.
    pub new: String,
    /// What differs.
    pub differences: Vec<Difference>,
    /// The lowest version that may follow the old one; the old one where both are the same file.
    pub least: String,
    /// Whether the new version is new enough.
    pub rises: bool,
}

/// One thing that differs, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The part of the version that must rise.
    pub part: Part,
    /// What.
    pub what: String,
}

/// Compares two versions of a plugin. `cases` are those of the new one, which pass, as the old one runs them.
pub fn compare(old: &Plugin, new: &Plugin, cases: Option<&TestReport>) -> Comparison {
    let mut differences = rights(&old.description().writes, &new.description().writes);
    differences.extend(interfaces(old, new));
    let schema = |it: &Plugin| it.description().config_schema.clone();
    differences.extend(config::differences(&schema(old), &schema(new)));
    differences.extend(cases.into_iter().flat_map(results));
    differences.sort_by_key(|it| std::cmp::Reverse(it.part));
    let part = differences.first().map_or(Part::Patch, |it| it.part);
    let versions = [old, new].map(|it| it.description().version.clone());
    let [Ok(before), Ok(after)] = versions.clone().map(|it| Version::parse(&it)) else {
        // A description without a version is refused when the plugin is loaded.
        let [old, new] = versions;
        return Comparison { least: old.clone(), rises: false, old, new, differences };
    };
    let is_same = old.digest() == new.digest();
    let least = if is_same { before.clone() } else { version::least(&before, part) };
    let rises = is_same || version::rises(&before, &after, &least);
    let [old, new] = versions;
    Comparison { old, new, differences, least: least.to_string(), rises }
}

/// Most work on patterns, as products of the bytes of two that are compared: some 0.3 s. Beyond it, only equal texts are
/// the same, so that the version rises by too much rather than by too little.
const WORK: usize = 100_000_000;

/// What it asks to write. An operator must grant what is new, else the run fails.
fn rights(old: &[String], new: &[String]) -> Vec<Difference> {
    let (old, new) = (Rights::of(old), Rights::of(new));
    let mut work = WORK;
    let mut found = Vec::new();
    for (part, these, others, write, open) in [
        (Part::Major, &new, &old, "it asks to write", "it asks an operator to open"),
        (Part::Minor, &old, &new, "it does not ask to write", "it does not ask to open"),
    ] {
        for (text, pattern) in &these.0 {
            if !others.have(text, pattern.as_ref(), &mut work) {
                let verb = if pattern.as_ref().is_some_and(is_protected) { open } else { write };
                found.push(Difference { part, what: format!("{verb} {}", in_code(text, TEXT)) });
            }
        }
    }
    found
}

/// Patterns by their texts.
struct Rights<'t>(BTreeMap<&'t str, Option<PathPattern>>);

impl<'t> Rights<'t> {
    fn of(texts: &'t [String]) -> Self {
        Self(texts.iter().map(|it| (it.as_str(), it.parse().ok())).collect())
    }

    /// Whether a pattern is among them, or one that includes it.
    fn have(&self, text: &str, pattern: Option<&PathPattern>, work: &mut usize) -> bool {
        let Some(pattern) = pattern.filter(|_| !self.0.contains_key(text)) else {
            return self.0.contains_key(text);
        };
        self.0.iter().any(|(ours, it)| {
            let left = work.checked_sub(ours.len() * text.len());
            *work = left.unwrap_or_default();
            left.is_some() && it.as_ref().is_some_and(|it| it.includes(pattern))
        })
    }
}

/// What it is for the host.
fn interfaces(old: &Plugin, new: &Plugin) -> Vec<Difference> {
    let (before, after) = (old.description(), new.description());
    let mut found = Vec::new();
    let mut add = |part, what: String| found.push(Difference { part, what });
    if before.name != after.name {
        let what = format!("it is called `{}`, and was called `{}`", after.name, before.name);
        add(Part::Major, what);
    }
    for (what, was, is) in [
        ("edits pipelines", before.transforms, after.transforms),
        ("judges pipelines", before.validates, after.validates),
    ] {
        match (was, is) {
            (false, true) => add(Part::Major, format!("it {what} now")),
            (true, false) => add(Part::Major, format!("it no longer {what}")),
            _ => {}
        }
    }
    let contracts = [old, new].map(Plugin::contract_version);
    if contracts[0] != contracts[1] {
        let what = format!("it needs the contract {} instead of {}", contracts[1], contracts[0]);
        add(Part::Minor, what);
    }
    let name = |import: &String| import.split('@').next().unwrap_or_default().to_owned();
    let had: Vec<String> = old.imports().iter().map(name).collect();
    for import in new.imports().iter().map(name).filter(|it| !had.contains(it)) {
        add(Part::Minor, format!("it imports {import}"));
    }
    found
}

/// Cases that the old plugin does not pass: it does something else than the new one.
fn results(report: &TestReport) -> Vec<Difference> {
    let differs = |problem: &Problem| match problem {
        Problem::Succeeded { .. } => Some((Part::Major, "is refused now")),
        Problem::Failed(_) => Some((Part::Minor, "is no longer refused")),
        Problem::Different { file, .. } if *file == PIPELINE => {
            Some((Part::Minor, "has another result"))
        }
        Problem::Different { .. } => Some((Part::Patch, "has other messages")),
        // No file says what should come out, of either of them.
        Problem::Malformed(_) | Problem::Unexpected { .. } | Problem::OverPromise { .. } => None,
    };
    let cases = report.cases.iter().filter_map(|case| {
        let worst = case.problems.iter().filter_map(differs).max_by_key(|it| it.0);
        let (part, what) = worst?;
        Some(Difference { part, what: format!("the case {} {what}", in_code(&case.name, TEXT)) })
    });
    cases.collect()
}
