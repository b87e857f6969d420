//! What comes out of test cases becomes what is expected: all of it, or nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;
use wellhead_diagnostics::Code;

use super::error::AuthoringError;
use super::expected::{self, ERROR, Ending, PIPELINE, WARNINGS};
use super::suite::{CaseReport, Problem, TestReport};

/// A file that was written or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blessed {
    /// The file.
    pub file: PathBuf,
    /// What became of it.
    pub change: Change,
    /// The codes of the errors that are expected from now on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new.
    Added,
    /// It has another text.
    Replaced,
    /// It is gone.
    Removed,
}

/// A file, and the text that it shall have; none to remove it.
struct Plan {
    file: PathBuf,
    text: Option<String>,
}

/// Writes what came out of the cases that differ, unless something else is wrong with some case.
pub(super) fn bless(
    report: &mut TestReport,
    endings: &[Option<Ending>],
) -> Result<(), AuthoringError> {
    let can_be_written = |problem: &Problem| match problem {
        Problem::Different { .. } | Problem::Succeeded { .. } | Problem::Unexpected { .. } => true,
        Problem::Failed(errors) => {
            errors.iter().all(|it| it.fault.code() != Code::NondeterministicPlugin)
        }
        Problem::Malformed(_) | Problem::OverPromise { .. } => false,
    };
    if !report.cases.iter().flat_map(|case| &case.problems).all(can_be_written) {
        report.is_bless_refused = true;
        return Ok(());
    }
    let plans = report.cases.iter().zip(endings);
    let plans: Vec<Plan> =
        plans.filter_map(|(case, ending)| Some((case, ending.as_ref()?))).flat_map(plan).collect();
    report.blessed = write(plans)?;
    for case in &mut report.cases {
        case.problems.clear();
    }
    Ok(())
}

/// The files of a case that must change.
fn plan((case, ending): (&CaseReport, &Ending)) -> Vec<Plan> {
    let at = |name: &str| case.folder.join(name);
    let differs = |file: &str| {
        let is_it = |problem: &Problem| matches!(problem, Problem::Different { file: it, .. } if *it == file);
        case.problems.iter().any(is_it)
    };
    let write = |file: &str, text: &str| {
        (differs(file) || !at(file).exists())
            .then(|| Plan { file: at(file), text: Some(text.to_owned()) })
    };
    let remove = |file: &str| at(file).exists().then(|| Plan { file: at(file), text: None });
    let plans = match ending {
        Ending::Failed(text) => [write(ERROR, text), remove(PIPELINE), remove(WARNINGS)],
        Ending::Done { pipeline, warnings } if warnings.is_empty() => {
            [write(PIPELINE, &pipeline.to_yaml()), remove(WARNINGS), remove(ERROR)]
        }
        Ending::Done { pipeline, warnings } => {
            [write(PIPELINE, &pipeline.to_yaml()), write(WARNINGS, warnings), remove(ERROR)]
        }
    };
    plans.into_iter().flatten().collect()
}

/// Writes every text beside its file first, so that nothing is changed when one cannot be written.
fn write(plans: Vec<Plan>) -> Result<Vec<Blessed>, AuthoringError> {
    let failed = |path: &Path, cause| AuthoringError::Unwritable { path: path.to_owned(), cause };
    let mut ready: Vec<(Plan, Option<NamedTempFile>)> = Vec::new();
    for plan in plans {
        let written = plan.text.as_ref().map(|text| beside(&plan.file, text)).transpose();
        let written = written.map_err(|cause| failed(&plan.file, cause))?;
        ready.push((plan, written));
    }
    let mut blessed = Vec::new();
    for (Plan { file, text }, written) in ready {
        let change = match written {
            None => fs::remove_file(&file).map(|()| Change::Removed),
            Some(written) => {
                let change = if file.exists() { Change::Replaced } else { Change::Added };
                written.persist(&file).map(|_| change).map_err(|it| it.error)
            }
        };
        let change = change.map_err(|cause| failed(&file, cause))?;
        let text = text.filter(|_| file.ends_with(ERROR)).unwrap_or_default();
        blessed.push(Blessed { file, change, codes: expected::codes(&text) });
    }
    Ok(blessed)
}

fn beside(file: &Path, text: &str) -> std::io::Result<NamedTempFile> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // The umask narrows it, as for every other new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut written = builder.prefix(".bless-").tempfile_in(folder)?;
    written.write_all(text.as_bytes())?;
    Ok(written)
}
