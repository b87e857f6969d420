//! What was checked, and with which result.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use wellhead::Severity;
use wellhead::authoring::{Comparison, Difference};

use crate::cli::output::diagnostic::Diagnostic;

/// All checks, in their order: what stops one stops those after it.
const CHECKS: [&str; 8] = [
    "component",
    "budgets",
    "compilation",
    "contract",
    "description",
    "config schema",
    "writes",
    "cases",
];

/// What was checked, and with which result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    file: PathBuf,
    accepted: bool,
    checks: Vec<Checked>,
    /// What changed since an earlier version, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<Comparison>,
    #[serde(skip)]
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The result of one check.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    name: &'static str,
    status: Status,
    detail: String,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Status {
    /// Nothing.
    Ok,
    /// Something that an operator or a user should know.
    Warning,
    /// A reason to refuse the plugin.
    Error,
    /// It was not made.
    Skipped,
}

impl Report {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, accepted: true, checks: Vec::new(), compared: None, diagnostics: Vec::new() }
    }

    /// A check that found nothing.
    pub(super) fn pass(&mut self, name: &'static str, detail: String) {
        self.checks.push(Checked { name, status: Status::Ok, detail });
    }

    /// A check that was not made.
    pub(super) fn skip(&mut self, name: &'static str, why: &str) {
        self.checks.push(Checked { name, status: Status::Skipped, detail: why.to_owned() });
    }

    /// A check with what it found; `detail` is for one that found no error.
    pub(super) fn find(&mut self, name: &'static str, found: Vec<Diagnostic>, detail: String) {
        self.accepted &= self.find_apart(name, found, detail) != Status::Error;
    }

    /// The same, of something that no host minds.
    pub(super) fn find_apart(
        &mut self,
        name: &'static str,
        found: Vec<Diagnostic>,
        detail: String,
    ) -> Status {
        let worst = |severity| found.iter().any(|it| it.severity == severity);
        let status = match () {
            () if worst(Severity::Error) => Status::Error,
            () if worst(Severity::Warning) => Status::Warning,
            () => Status::Ok,
        };
        let first = found.iter().find(|it| it.severity == Severity::Error);
        let detail = first.map_or(detail, |it| it.message.clone());
        self.checks.push(Checked { name, status, detail });
        self.diagnostics.extend(found);
        status
    }

    /// Whether nothing is wrong: with the plugin, or with its version.
    pub(super) fn passes(&self) -> bool {
        self.accepted && self.compared.as_ref().is_none_or(|it| it.rises)
    }

    /// A check that found what makes those after it impossible. Those before it found nothing.
    pub(super) fn stop(&mut self, at: &'static str, finding: Diagnostic) {
        for name in CHECKS.into_iter().take_while(|it| *it != at) {
            self.pass(name, String::new());
        }
        self.find(at, vec![finding], String::new());
        for name in CHECKS.into_iter().skip_while(|it| *it != at).skip(1) {
            self.skip(name, "not reached");
        }
    }

    /// Whether a host would take the plugin.
    pub(super) fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// A line for each check, and the verdict.
    pub(super) fn text(&self) -> String {
        let line = |it: &Checked| {
            let status = match it.status {
                Status::Ok => "ok",
                Status::Warning => "warning",
                Status::Error => "ERROR",
                Status::Skipped => "-",
            };
            format!("{status:<8} {:<14} {}", it.name, it.detail).trim_end().to_owned() + "\n"
        };
        let verdict = if self.is_accepted() { "accept" } else { "refuse" };
        let lines: String = self.checks.iter().map(line).collect();
        let changes = self.compared.as_ref().map(changes).unwrap_or_default();
        format!("{lines}{changes}\nA host would {verdict} {}.\n", self.file.display())
    }
}

/// Most differences that are printed; `-o json` has all.
const SHOWN: usize = 100;

/// What changed, a line each, and the part of the version that it takes.
fn changes(compared: &Comparison) -> String {
    let Comparison { old, differences, .. } = compared;
    if differences.is_empty() {
        return format!("\nNothing that a host or its cases can see changed since {old}.\n");
    }
    let mut text =
        format!("\nWhat changed since {old}, and the part of the version that it takes:\n");
    for Difference { part, what } in differences.iter().take(SHOWN) {
        let _ = writeln!(text, "  {:<8} {what}", part.word());
    }
    match differences.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text}  ... and {more} more\n"),
    }
}
