//! What was checked, and with which result.

use std::path::PathBuf;

use serde::Serialize;
use wellhead::Severity;

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
        Self { file, accepted: true, checks: Vec::new(), diagnostics: Vec::new() }
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
        let worst = |severity| found.iter().any(|it| it.severity == severity);
        let status = match () {
            () if worst(Severity::Error) => Status::Error,
            () if worst(Severity::Warning) => Status::Warning,
            () => Status::Ok,
        };
        self.accepted &= status != Status::Error;
        let first = found.iter().find(|it| it.severity == Severity::Error);
        let detail = first.map_or(detail, |it| it.message.clone());
        self.checks.push(Checked { name, status, detail });
        self.diagnostics.extend(found);
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
        format!("{lines}\nA host would {verdict} {}.\n", self.file.display())
    }
}
