//! Rules of customizations.

use wellhead_diagnostics::Code;

use super::rule::{each, field};
use crate::label;
use crate::model::facts::{FACT_NAME_RULE, is_fact_name};
use crate::protected::Opening;
use crate::text::Escaped as _;
use crate::values::finding_code::is_finding_code;
use crate::{
    Customization, Digest, FieldPath, Finding, PathPattern, PipelineSelector, PluginBudget,
    PluginCase, PluginEntry, PluginLimits, PluginProject, PluginReference, protected,
};

/// Everything that is wrong with a customization. Paths are those of the draft: `name` and the
/// fields of `spec`; [`Located::locate`](crate::Located::locate) adds the place.
pub fn validate_customization(customization: &Customization) -> Vec<Finding> {
    let mut findings = Vec::new();
    label::labels(&field("labels"), &customization.metadata.labels, &mut findings);
    label::annotations(&field("annotations"), &customization.metadata.annotations, &mut findings);
    if let Some(select) = &customization.spec.select {
        check_select(select, &mut findings);
    }
    let plugins = &customization.spec.plugins;
    for (at, entry) in each(&field("plugins"), plugins, |it| it.name.to_string(), &mut findings) {
        check_entry(&at, entry, &mut findings);
    }
    findings
}

/// Everything that is wrong with what differs in a test case: it is held to the rules of a chain entry.
pub(crate) fn validate_case(case: &PluginCase) -> Vec<Finding> {
    let mut findings = Vec::new();
    let empty = Vec::new();
    let lists = [("grants", &case.grants), ("opens", &case.opens)];
    let lists = lists.map(|(list, patterns)| (list, patterns.as_ref().unwrap_or(&empty)));
    check_patterns(&FieldPath::root(), &lists, &mut findings);
    check_fact_names(&FieldPath::root(), case.facts.as_deref().unwrap_or_default(), &mut findings);
    check_limits(&field("limits"), &case.limits, &mut findings);
    check_budget(&case.budget, &mut findings);
    findings
}

/// Everything that is wrong with a plugin's project.
pub(crate) fn validate_project(project: &PluginProject) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_budget(&project.budget, &mut findings);
    findings
}

fn check_budget(budget: &PluginBudget, findings: &mut Vec<Finding>) {
    if let Some(memory) = budget.memory.as_ref().filter(|it| it.whole() < 1) {
        let message = format!("`{memory}` is not a limit of a plugin: it must be above zero");
        findings.push(Finding::error(
            Code::InvalidPluginEntry,
            field("budget").key("memory"),
            message,
        ));
    }
}

fn check_select(select: &PipelineSelector, findings: &mut Vec<Finding>) {
    let at = field("select");
    label::labels(&at.key("labels"), &select.labels, findings);
    for (list, patterns) in [("names", &select.names), ("namespaces", &select.namespaces)] {
        for (index, pattern) in patterns.iter().enumerate() {
            let of_name =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'*');
            if pattern.is_empty() || !pattern.bytes().all(of_name) {
                let message = format!("`{}` matches no name", pattern.escaped());
                let finding = Finding::error(Code::InvalidName, at.key(list).index(index), message);
                findings.push(finding.hint(
                    "names have lowercase letters, digits and `-`; `*` matches any number of them",
                ));
            }
        }
    }
}

fn check_entry(at: &FieldPath, entry: &PluginEntry, findings: &mut Vec<Finding>) {
    if entry.source.trim().is_empty() || entry.source.chars().any(char::is_control) {
        let message = "`source` names no component";
        let finding = Finding::error(Code::InvalidPluginEntry, at.key("source"), message);
        findings.push(finding.hint("write the path of a component, e.g. `plugins/replicas.wasm`"));
    }
    if PluginReference::is_meant(&entry.source)
        && let Err(error) = entry.source.parse::<PluginReference>()
    {
        let message = error.to_string();
        let finding = Finding::error(Code::InvalidReference, at.key("source"), message);
        findings.push(Finding { hint: error.hint, ..finding });
    }
    if let Some(digest) = entry.digest.as_ref().filter(|it| it.parse::<Digest>().is_err()) {
        let message = format!("`{}` is not the digest of a component", digest.escaped());
        let finding = Finding::error(Code::InvalidPluginEntry, at.key("digest"), message);
        findings.push(finding.hint(
            "write `sha256:` and 64 hexadecimal digits in lower case, as `wellhead plugin inspect FILE` prints them",
        ));
    }
    check_waived_codes(at, &entry.waives, findings);
    check_fact_names(at, &entry.facts, findings);
    check_rights(at, entry, findings);
    check_limits(&at.key("limits"), &entry.limits, findings);
}

pub(crate) fn check_waived_codes(at: &FieldPath, codes: &[String], findings: &mut Vec<Finding>) {
    for (index, code) in codes.iter().enumerate().filter(|it| !is_finding_code(it.1)) {
        let message = format!("`{}` is not a code of a plugin's finding", code.escaped());
        let at = at.key("waives").index(index);
        let finding = Finding::error(Code::InvalidPluginEntry, at, message);
        findings.push(finding.hint(
            "write the code that the finding has in parentheses, e.g. `tag-missing`: lowercase letters, digits and `-`",
        ));
    }
}

pub(crate) fn check_fact_names(at: &FieldPath, names: &[String], findings: &mut Vec<Finding>) {
    for (index, name) in names.iter().enumerate().filter(|it| !is_fact_name(it.1)) {
        let message = format!("`{}` is not the name of a fact", name.escaped());
        let finding = Finding::error(Code::InvalidName, at.key("facts").index(index), message);
        findings.push(finding.hint(FACT_NAME_RULE));
    }
}

fn check_rights(at: &FieldPath, entry: &PluginEntry, findings: &mut Vec<Finding>) {
    let lists =
        [("grants", &entry.grants), ("opens", &entry.opens), ("overrides", &entry.overrides)];
    check_patterns(at, &lists, findings);
    if entry.grants.is_empty() && entry.opens.is_empty() && !entry.overrides.is_empty() {
        let message = "the plugin may override what it may not write: it has no `grants`";
        let finding = Finding::error(Code::OverrideWithoutGrant, at.key("overrides"), message);
        findings.push(finding.hint("add the same patterns to `grants`"));
    }
}

/// Adds what is wrong with lists of patterns; those of `opens` name protected fields.
pub(crate) fn check_patterns(
    at: &FieldPath,
    lists: &[(&str, &Vec<String>)],
    findings: &mut Vec<Finding>,
) {
    for &(list, patterns) in lists {
        for (index, text) in patterns.iter().enumerate() {
            let at = at.key(list).index(index);
            match text.parse::<PathPattern>() {
                Err(error) => {
                    findings.push(Finding::error(Code::InvalidFieldPattern, at, error.to_string()));
                }
                Ok(pattern) if list == "opens" => check_opening(&at, &pattern, findings),
                Ok(pattern) => findings.extend(adds_to_no_list(&at, &pattern)),
            }
        }
    }
}

fn adds_to_no_list(at: &FieldPath, pattern: &PathPattern) -> Option<Finding> {
    let field = pattern.adds_to_no_list()?;
    let message = format!("`{pattern}` adds items to what is not a list");
    let hint = format!("write `{field}` or, with all that is below it, `{field}.**`");
    Some(Finding::error(Code::InvalidFieldPattern, at.clone(), message).hint(hint))
}

fn check_opening(at: &FieldPath, pattern: &PathPattern, findings: &mut Vec<Finding>) {
    if let Some(list) = pattern.added_to() {
        let message = format!("`{pattern}` opens no field: `[+]` names items that are added");
        let hint = match protected::opening(&list) {
            Opening::Opens => format!("write `{list}`"),
            Opening::TooWide | Opening::NotProtected => format!("write `{pattern}` into `grants`"),
        };
        findings.push(Finding::error(Code::InvalidOpening, at.clone(), message).hint(hint));
        return;
    }
    let (message, hint) = match protected::opening(pattern) {
        Opening::Opens => return,
        Opening::TooWide => (
            format!("`{pattern}` opens more than it names"),
            "name the protected field step for step; `*` matches only the name of an item",
        ),
        Opening::NotProtected => (
            format!("`{pattern}` is not a protected field"),
            "write it into `grants`; docs/reference/protected-fields.md lists the protected fields",
        ),
    };
    findings.push(Finding::error(Code::InvalidOpening, at.clone(), message).hint(hint));
}

/// Adds what is wrong with the limits of a plugin.
pub(crate) fn check_limits(at: &FieldPath, limits: &PluginLimits, findings: &mut Vec<Finding>) {
    let structure = at.key("structure");
    let of_structure = limits.structure.bytes().into_iter().map(|limit| (structure.clone(), limit));
    let all = limits.bytes().into_iter().map(|limit| (at.clone(), limit)).chain(of_structure);
    for (at, (name, value, most)) in all {
        let Some(value) = value else { continue };
        if !(1..=most).contains(&value.whole()) {
            let most = binary(most);
            let message = format!(
                "`{value}` is not a limit of a plugin: it must be above 0 and at most {most}"
            );
            findings.push(Finding::error(Code::InvalidPluginEntry, at.key(name), message));
        }
    }
}

/// A number of bytes as an operator would write it.
fn binary(bytes: i128) -> String {
    let units = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
    let unit = units.iter().find(|(shift, _)| bytes % (1 << shift) == 0);
    unit.map_or_else(|| bytes.to_string(), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}
