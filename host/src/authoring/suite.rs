//! Test cases of a plugin, run and compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use wellhead_chain::{Allocation, Budget, Fault, LogLine, PluginError, Run};
use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Finding, PluginBudget};

use super::bless::{self, Blessed};
use super::call::{self, Called, Given};
use super::case::{self, Case};
use super::error::AuthoringError;
use super::expected::{ERROR, Ending, PIPELINE, WARNINGS};
use super::project::Project;
use super::subject::{Identity, Loading, Rights, Subject};
use crate::error::InvalidInput;

/// Which cases of which plugin to run.
#[derive(Clone, Debug, Default)]
pub struct TestRequest {
    /// The project's folder.
    pub folder: PathBuf,
    /// The component, instead of the project's.
    pub component: Option<PathBuf>,
    /// Parts of the names of cases to run; none for all.
    pub filters: Vec<String>,
    /// Whether what comes out becomes what is expected.
    pub bless: bool,
    /// How the plugin is loaded.
    pub loading: Loading,
}

/// What became of some cases.
#[derive(Debug)]
pub struct TestReport {
    /// The plugin.
    pub plugin: Identity,
    /// Its file.
    pub component: PathBuf,
    /// The cases that ran, by name.
    pub cases: Vec<CaseReport>,
    /// How many cases no filter names.
    pub skipped: usize,
    /// The files that were written or removed, where that was asked for.
    pub blessed: Vec<Blessed>,
    /// Whether blessing was asked for and given up.
    pub is_bless_refused: bool,
}

/// What became of one case.
#[derive(Debug)]
pub struct CaseReport {
    /// Its name, that of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What the plugin used; nothing where it did not run.
    pub usage: CaseUsage,
    /// What the plugin said.
    pub log: Vec<LogLine>,
    /// What is wrong; nothing where it passes.
    pub problems: Vec<Problem>,
    /// How long it took, both runs together.
    pub time: Duration,
}

/// What a plugin used for one pipeline: to edit and to judge, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseUsage {
    /// Units of fuel.
    pub fuel: u64,
    /// Bytes of memories and tables, of the call that had most.
    pub memory: u64,
    /// Edits.
    pub edits: u64,
}

/// Why a case does not pass.
#[derive(Debug)]
pub enum Problem {
    /// Its files are wrong.
    Malformed(InvalidInput),
    /// Something else came out.
    Different {
        /// The file that says what should.
        file: &'static str,
        /// What should come out.
        expected: String,
        /// What did.
        actual: String,
    },
    /// No file says what should come out.
    Unexpected {
        /// That, in words.
        what: Box<Finding>,
        /// What did.
        actual: String,
    },
    /// The plugin failed, and should not, or not the same when it ran again.
    Failed(Vec<PluginError>),
    /// The plugin should have failed.
    Succeeded {
        /// How.
        expected: String,
    },
    /// The plugin needs more than its author promises.
    OverPromise {
        /// Of what: fuel, memory or edits.
        budget: Budget,
        /// What is promised.
        promised: u64,
        /// What it used.
        used: u64,
    },
}

impl CaseUsage {
    /// What some calls used together.
    pub fn of(runs: &[Run]) -> Self {
        let of = |run: &Run| run.usage;
        Self {
            fuel: runs.iter().map(|it| of(it).fuel).sum(),
            memory: runs.iter().map(|it| of(it).memory as u64).max().unwrap_or(0),
            edits: runs.iter().map(|it| of(it).edits as u64).sum(),
        }
    }

    /// Everything that is more than was promised.
    pub fn over(&self, promise: &PluginBudget) -> Vec<(Budget, u64, u64)> {
        let bytes = |it: &wellhead_spec::Quantity| u64::try_from(it.whole()).unwrap_or(u64::MAX);
        let memory = promise.memory.as_ref().map(bytes);
        [
            (Budget::Fuel, promise.fuel, self.fuel),
            (Budget::Memory, memory, self.memory),
            (Budget::Edits, promise.edits, self.edits),
        ]
        .into_iter()
        .filter_map(|(budget, most, used)| Some((budget, most.filter(|it| used > *it)?, used)))
        .collect()
    }
}

impl CaseReport {
    /// Whether nothing is wrong.
    pub fn passes(&self) -> bool {
        self.problems.is_empty()
    }
}

impl TestReport {
    /// Whether every case passes.
    pub fn passes(&self) -> bool {
        self.cases.iter().all(CaseReport::passes)
    }
}

/// Runs cases of a plugin, each twice, in their order. What is wrong with a case is a part of the
/// report; an error is why no case could run.
pub fn test(request: &TestRequest) -> Result<TestReport, AuthoringError> {
    let project = Project::open(&request.folder)?;
    let (folders, skipped) = folders(&project.cases, &request.filters)?;
    let component = request.component.clone().unwrap_or(project.component);
    let subject = Subject::load(&component, Allocation::OnDemand, &request.loading)?;
    let mut cases = Vec::new();
    let mut endings = Vec::new();
    for folder in folders {
        let (report, ending) = run(&subject, folder, &project.budget, request.bless);
        cases.push(report);
        endings.push(ending);
    }
    let mut report = TestReport {
        plugin: subject.identity(),
        component,
        cases,
        skipped,
        blessed: Vec::new(),
        is_bless_refused: false,
    };
    if request.bless {
        bless::bless(&mut report, &endings)?;
    }
    Ok(report)
}

/// The folders of the cases that the filters name, and how many others there are.
fn folders(cases: &Path, filters: &[String]) -> Result<(Vec<PathBuf>, usize), AuthoringError> {
    let none = |message: String, hint: &str| {
        let finding = Finding::error(Code::NoTestCases, FieldPath::root(), message).hint(hint);
        AuthoringError::finding(finding.at(Some(case::whole(cases.to_owned()))))
    };
    let entries = fs::read_dir(cases).map_err(|error| {
        let hint = "a case is a folder there, with pipeline.yaml and expected.yaml";
        none(format!("there is no folder of test cases: {error}"), hint)
    })?;
    let mut all: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    all.retain(|path| !case::is_ignored(&name(path)));
    all.sort();
    if all.is_empty() {
        let hint = "make a folder there, with pipeline.yaml, and run again with `--bless`";
        return Err(none("there is no test case".to_owned(), hint));
    }
    let count = all.len();
    let is_meant = |path: &PathBuf| {
        filters.is_empty() || filters.iter().any(|it| name(path).contains(it.as_str()))
    };
    all.retain(is_meant);
    if all.is_empty() {
        let names = filters.join("`, `");
        return Err(none(
            format!("no name of the {count} test cases contains `{names}`"),
            "a filter is a part of the name of a case's folder",
        ));
    }
    let skipped = count - all.len();
    Ok((all, skipped))
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs a case, and tells what came out of it, where it ran.
fn run(
    subject: &Subject,
    folder: PathBuf,
    promise: &PluginBudget,
    bless: bool,
) -> (CaseReport, Option<Ending>) {
    let start = Instant::now();
    let mut report = CaseReport {
        name: name(&folder),
        folder,
        usage: CaseUsage::default(),
        log: Vec::new(),
        problems: Vec::new(),
        time: Duration::ZERO,
    };
    let ending = match case::read(&report.folder) {
        Ok(case) => {
            let ending = judge(subject, &case, promise, &mut report);
            if case.expected.is_none() && !bless {
                report.problems.insert(0, unexpected(&report.folder, &ending));
            }
            Some(ending)
        }
        Err(wrong) => {
            report.problems.push(Problem::Malformed(wrong));
            None
        }
    };
    report.time = start.elapsed();
    (report, ending)
}

/// What came out of a case that does not say what should.
fn unexpected(folder: &Path, ending: &Ending) -> Problem {
    let actual = match ending {
        Ending::Failed(text) => text.clone(),
        Ending::Done { pipeline, warnings } => warnings.clone() + &pipeline.to_yaml(),
    };
    Problem::Unexpected { what: Box::new(case::without_expectation(folder)), actual }
}

/// Calls the plugin, and notes every problem.
fn judge(
    subject: &Subject,
    case: &Case,
    promise: &PluginBudget,
    report: &mut CaseReport,
) -> Ending {
    let settings = &case.settings;
    let rights = Rights::of_case(settings, subject);
    let given = Given {
        pipeline: &case.pipeline,
        config: &case.config,
        rights: &rights,
        limits: &settings.limits,
        facts: &case.facts,
    };
    let Called { result, runs } = call::call(subject, given, true);
    report.usage = CaseUsage::of(&runs);
    report.log = runs.into_iter().flat_map(|run| run.log).collect();
    let ending = Ending::of(result.as_ref().map_err(Vec::as_slice));
    report.problems.extend(difference(case.expected.as_ref(), &ending, result.err()));
    let over = report.usage.over(&settings.budget.or(promise));
    report.problems.extend(over.into_iter().map(|(budget, promised, used)| Problem::OverPromise {
        budget,
        promised,
        used,
    }));
    ending
}

/// What is not as it should be.
fn difference(
    expected: Option<&Ending>,
    actual: &Ending,
    errors: Option<Vec<PluginError>>,
) -> Vec<Problem> {
    let twofold = |it: &PluginError| matches!(it.fault, Fault::Nondeterministic { .. });
    if let Some(errors) = errors {
        return match (expected, actual) {
            (None, _) if !errors.iter().any(twofold) => Vec::new(),
            (Some(Ending::Failed(expected)), Ending::Failed(actual))
                if !errors.iter().any(twofold) =>
            {
                different(ERROR, expected, actual).into_iter().collect()
            }
            _ => vec![Problem::Failed(errors)],
        };
    }
    match (expected, actual) {
        (Some(Ending::Failed(expected)), _) => {
            vec![Problem::Succeeded { expected: expected.clone() }]
        }
        (
            Some(Ending::Done { pipeline, warnings }),
            Ending::Done { pipeline: after, warnings: said },
        ) => {
            let same = pipeline.to_draft() == after.to_draft();
            let pipeline = (!same).then(|| Problem::Different {
                file: PIPELINE,
                expected: pipeline.to_yaml(),
                actual: after.to_yaml(),
            });
            pipeline.into_iter().chain(different(WARNINGS, warnings, said)).collect()
        }
        _ => Vec::new(),
    }
}

fn different(file: &'static str, expected: &str, actual: &str) -> Option<Problem> {
    let (expected, actual) = (expected.to_owned(), actual.to_owned());
    (expected != actual).then_some(Problem::Different { file, expected, actual })
}
