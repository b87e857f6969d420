//! What a report says, for every format.

use std::path::PathBuf;

use serde::Serialize;
use wellhead::authoring::{Blessed, CaseReport, CaseUsage, Identity, Problem, TestReport};
use wellhead_chain::{LogLine, sanitize};
use wellhead_diagnostics::Code;

use crate::cli::output::diagnostic::Diagnostic;

/// Most characters of a name.
const NAME: usize = 200;

/// The report.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    pub(super) plugin: Identity,
    pub(super) component: PathBuf,
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// Cases that no filter names.
    pub(super) skipped: usize,
    pub(super) cases: Vec<CaseView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) blessed: Vec<Blessed>,
    pub(super) bless_refused: bool,
}

/// One case.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseView {
    pub(super) name: String,
    pub(super) passes: bool,
    pub(super) milliseconds: u128,
    pub(super) usage: CaseUsage,
    pub(super) log: Vec<LogLine>,
    pub(super) problems: Vec<ProblemView>,
}

/// One problem of a case.
#[derive(Serialize)]
pub(super) struct ProblemView {
    #[serde(flatten)]
    pub(super) what: Diagnostic,
    #[serde(flatten)]
    pub(super) difference: Option<Difference>,
}

/// What should come out, and what did.
#[derive(Serialize)]
pub(super) struct Difference {
    pub(super) expected: String,
    pub(super) actual: String,
}

impl View {
    pub(super) fn new(report: &TestReport, verbose: bool) -> Self {
        let cases: Vec<_> = report.cases.iter().map(|it| CaseView::new(it, verbose)).collect();
        let failed = cases.iter().filter(|it| !it.passes).count();
        Self {
            plugin: report.plugin.clone(),
            component: report.component.clone(),
            passed: cases.len() - failed,
            failed,
            skipped: report.skipped,
            cases,
            blessed: report.blessed.clone(),
            bless_refused: report.is_bless_refused,
        }
    }

    /// Name and version of the plugin, and its file.
    pub(super) fn title(&self) -> String {
        let Identity { name, version, .. } = &self.plugin;
        let file = sanitize(&self.component.display().to_string(), NAME);
        format!("{name} {version} ({file})")
    }
}

impl CaseView {
    fn new(case: &CaseReport, verbose: bool) -> Self {
        Self {
            name: sanitize(&case.name, NAME),
            passes: case.passes(),
            milliseconds: case.time.as_millis(),
            usage: case.usage,
            log: case.log.clone(),
            problems: case.problems.iter().flat_map(|it| problems(it, verbose)).collect(),
        }
    }
}

fn problems(problem: &Problem, verbose: bool) -> Vec<ProblemView> {
    let plain = |what: Diagnostic| ProblemView { what, difference: None };
    match problem {
        Problem::Malformed(input) => {
            let texts = |file: &std::path::Path| input.texts.get(file);
            Diagnostic::of_findings(&input.findings, texts).into_iter().map(plain).collect()
        }
        Problem::Different { file, expected, actual } => {
            let (expected, actual) = (expected.clone(), actual.clone());
            let what = format!("the result differs from {file}");
            let what = Diagnostic::error(Code::TestFailed, what);
            vec![ProblemView { what, difference: Some(Difference { expected, actual }) }]
        }
        Problem::Unexpected { what, actual } => {
            let what = Diagnostic::of_finding(what, |_| None);
            let difference = Difference { expected: String::new(), actual: actual.clone() };
            vec![ProblemView { what, difference: Some(difference) }]
        }
        Problem::Failed(errors) => {
            errors.iter().map(|error| plain(Diagnostic::of_plugin(error, verbose))).collect()
        }
        Problem::Succeeded { expected } => {
            let what = "the plugin succeeds, and expected-error.txt expects it to fail";
            let one = Diagnostic::error(Code::TestFailed, what);
            vec![plain(expected.lines().fold(one, Diagnostic::fact))]
        }
        Problem::OverPromise { budget, promised, used } => {
            let unit = match budget.field() {
                Some("fuel") => "units of fuel",
                Some("memory") => "bytes of memory",
                _ if *used == 1 => "edit",
                _ => "edits",
            };
            let what =
                format!("it uses {used} {unit}, and plugin.yaml promises at most {promised}");
            let field = budget.field().unwrap_or_default();
            let hint = format!("make it need less, or raise `budget.{field}` in plugin.yaml");
            vec![plain(Diagnostic::error(Code::OverAuthorsBudget, what).hint(hint))]
        }
    }
}
