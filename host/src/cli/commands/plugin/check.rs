//! `wellhead plugin check`.

mod against;
mod cases;
mod report;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use wellhead::{Fault, Structure, Work};
use wellhead_diagnostics::Code;

use super::asked;
use super::build::stale;
use super::info::{Subject, component};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use report::Report;

/// Check a plugin against the contract and the default limits
///
/// Reports everything for which a host would refuse the plugin: the default limits, the contract, and the
/// plugin's description of itself. Runs the cases of a project, each twice. Checks the component that is there, and
/// warns if files of the project changed since it was built. Exit code 0: a host accepts the
/// plugin, perhaps with warnings; 1: it does not, or the version does not rise enough since `--against`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The component, or the folder of its project
    #[arg(default_value = ".")]
    plugin: PathBuf,
    /// An earlier version: reports what changed since, and checks that the version rises enough
    #[arg(long, value_name = "OLD.wasm")]
    against: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Check {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let file = component(&self.plugin)?;
        let mut report = Report::new(file.clone());
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        match Subject::load(&name, &file, context) {
            Ok(subject) => {
                component_of(&subject, self.stale()?, &mut report);
                check(&subject, &mut report);
                cases::check(&self.plugin, context, &mut report)?;
                if let Some(old) = &self.against {
                    against::check(&self.plugin, &subject, old, context, &mut report)?;
                }
            }
            Err(Failure::Plugin(error)) => {
                let finding = Diagnostic::of_plugin(&error, context.printer.is_verbose());
                report.stop(stage(&error.fault), finding);
            }
            Err(other) => return Err(other),
        }
        context.printer.print(&report.diagnostics);
        let exit = if report.passes() { Exit::Done } else { Exit::Error };
        if self.is_json() {
            let diagnostics = report.diagnostics.clone();
            context.printer.json(&Envelope::new("PluginCheck", report, diagnostics))?;
        } else {
            context.printer.text(&report.text())?;
        }
        Ok(exit)
    }
}

impl Check {
    /// A warning, if what is checked is not what the project's files would be built to.
    fn stale(&self) -> Result<Option<Diagnostic>, Failure> {
        if !self.plugin.is_dir() || stale(&self.plugin)?.is_none() {
            return Ok(None);
        }
        let what = "files of the project changed since the component was built".to_owned();
        let hint = "run `wellhead plugin build` in the project's folder, and check again";
        Ok(Some(Diagnostic::warning(Code::StaleComponent, what).hint(hint)))
    }
}

/// The file, and whether it is the one that the project's files make.
fn component_of(subject: &Subject, stale: Option<Diagnostic>, report: &mut Report) {
    let detail = format!("{} bytes", subject.structure.file_bytes);
    report.find("component", stale.into_iter().collect(), detail);
}

/// What a fault of loading says about which check.
fn stage(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refused { .. } => "budgets",
        Fault::CompileLimit { .. }
        | Fault::NotCompiled { .. }
        | Fault::CompilerFailed { .. }
        | Fault::Busy { work: Work::Compiling, .. } => "compilation",
        Fault::WrongWorld { .. } => "contract",
        Fault::Trap { .. }
        | Fault::OverBudget { .. }
        | Fault::Busy { .. }
        | Fault::BadDescription { .. } => "description",
        _ => "component",
    }
}

/// Checks what can be said of a plugin that was loaded.
fn check(subject: &Subject, report: &mut Report) {
    let about = subject.plugin.description();
    report.pass("budgets", nearest_budget(&subject.structure));
    report.pass("compilation", "within its limits of time and memory".to_owned());
    report.pass("contract", format!("{}, {}", subject.contract(), subject.exports().join(" and ")));
    describe(subject, report);
    match subject.plugin.check_schema() {
        Ok(()) => report.pass("config schema", "configs can be checked against it".to_owned()),
        Err(error) => {
            let what = match &error.fault {
                Fault::BadDescription { .. } => {
                    "the plugin's config schema is not a JSON Schema".to_owned()
                }
                _ => error.to_string(),
            };
            let finding = Diagnostic::error(error.fault.code(), what);
            let finding = error.fault.causes().into_iter().fold(finding, Diagnostic::fact);
            let hint = "correct what `describe` returns; hosts check each config against it";
            report.find("config schema", vec![finding.hint(hint)], String::new());
        }
    }
    let findings = asked::findings(&about.writes, &about.opens, about.transforms);
    report.find("writes", findings, asked::summary(&about.writes));
    // Most plugins ask for none.
    if !about.facts.is_empty() {
        report.find(
            "facts",
            asked::fact_findings(&about.facts),
            asked::facts_summary(&about.facts),
        );
    }
}

/// What the plugin says about itself.
fn describe(subject: &Subject, report: &mut Report) {
    let about = subject.plugin.description();
    let missing = about.description.trim().is_empty().then(|| {
        Diagnostic::warning(Code::NoDescription, "the plugin has no description".to_owned())
            .hint("write it into the project's manifest, or into what `describe` returns")
    });
    let too_new = subject.plugin.check_min_host().err().map(|error| {
        let finding = Diagnostic::error(error.fault.code(), error.to_string());
        let finding = error.fault.causes().into_iter().fold(finding, Diagnostic::fact);
        error.fault.hints().into_iter().fold(finding, Diagnostic::hint)
    });
    let said = format!("{} {}", about.name, about.version);
    report.find("description", missing.into_iter().chain(too_new).collect(), said);
}

/// The structural budget that the plugin comes nearest to.
fn nearest_budget(structure: &Structure) -> String {
    let numbers = |structure: &Structure| match serde_json::to_value(structure) {
        Ok(Value::Object(numbers)) => numbers,
        _ => serde_json::Map::new(),
    };
    let (used, budgets) = (numbers(structure), numbers(&Structure::BUDGETS));
    let percent = |name: &str| {
        let number = |of: &serde_json::Map<String, Value>| of.get(name).and_then(Value::as_u64);
        Some(number(&used)? * 100 / number(&budgets)?.max(1))
    };
    let all = used.keys().filter_map(|name| Some((percent(name)?, name)));
    all.max_by_key(|it| it.0).map_or_else(String::new, |(percent, name)| {
        format!("within all of them; {percent} % of the nearest, `{name}`")
    })
}
