//! `wellhead plugin test`.

mod junit;
mod text;
mod view;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wellhead::authoring::{Loading, TestReport, TestRequest, test};
use wellhead_toolchain::Language;

use super::build::build_stale;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;

pub(super) use crate::cli::commands::plugin::test::text::used;

/// Run the test cases of a plugin
///
/// A case is a folder in `cases`: `pipeline.yaml`, the plugin's `config.yaml` if it needs one, and the
/// expected result: `expected.yaml` (the pipeline as the plugin leaves it, with `expected-warnings.txt` if it
/// warns) or `expected-error.txt`. It runs twice in the sandbox, with the default limits; both runs must have
/// the same result. The plugin may write what it asks for, unless `case.yaml` sets other grants. A case also
/// fails if it exceeds the `budget` in `plugin.yaml`. A component that is older than the project's files is built first.
/// Exit code 0: all pass; 1: some fail.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Run only cases whose name contains one of these
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The component [default: `component` of plugin.yaml, or plugin.wasm]
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// Test the component that is there, also if a file of the project changed since it was built
    #[arg(long, conflicts_with = "plugin")]
    no_build: bool,
    /// Write the actual results as the expected ones, for all cases that run or for none
    #[arg(long)]
    bless: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,
}

/// How the report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// `JUnit` XML, for a CI server.
    Junit,
}

impl Test {
    pub(super) fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        self.check_place()?;
        if self.plugin.is_none() && !self.no_build {
            build_stale(&self.folder, context)?;
        }
        let report = test(&TestRequest {
            folder: self.folder.clone(),
            component: self.plugin.clone(),
            filters: self.filters.clone(),
            bless: self.bless,
            loading: loading(context),
        })?;
        let printer = &context.printer;
        let view = view::View::new(&report, printer.is_verbose());
        match self.output {
            Format::Text => printer.styled(&text::text(&view, printer.is_verbose()))?,
            Format::Json => printer.json(&Envelope::new("PluginTest", &view, Vec::new()))?,
            Format::Junit => printer.text(&junit::xml(&view)?)?,
        }
        Ok(if report.passes() { Exit::Done } else { Exit::Error })
    }
}

impl Test {
    /// Says that a folder is no project before its cases are missed.
    fn check_place(&self) -> Result<(), Failure> {
        let parts = ["plugin.yaml", "plugin.wasm", "cases"];
        if parts.iter().any(|it| self.folder.join(it).exists()) {
            return Ok(());
        }
        match Language::detect(&self.folder) {
            Err(none @ wellhead_toolchain::Error::NoProject { .. }) => Err(none.into()),
            _ => Ok(()),
        }
    }
}

/// How the plugin that its author works on is loaded.
pub(super) fn loading(context: &Context) -> Loading {
    Loading { cache: wellhead::user_cache(), compiler: context.global.compiling.compiler() }
}

/// Everything that is wrong with any case, with the case's name.
pub(super) fn failures(report: &TestReport, verbose: bool) -> Vec<Diagnostic> {
    let of_case = |case: view::CaseView| {
        let name = case.name;
        case.problems.into_iter().map(move |it| it.what.fact(format!("in the case `{name}`")))
    };
    view::View::new(report, verbose).cases.into_iter().flat_map(of_case).collect()
}
