//! `wellhead plugin run`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use wellhead::authoring::{CaseUsage, Identity, OneRun, Recording, Rights, RunRequest, run_once};
use wellhead_chain::{LogLine, PluginError, PluginWarning, TraceStep, mask};
use wellhead_spec::FieldPath;

use super::test::{self, loading};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::plugins::trace;
use crate::cli::output::printer::Printer;
use crate::cli::output::{file, json};

/// Run a plugin on one pipeline, and print what it does
///
/// Prints the plugin's edits, its messages and its resource usage. Renders nothing and needs no
/// customization. Values that look like secrets are masked. Examples:
///     wellhead plugin run my-plugin.wasm -f pipeline.yaml --config config.yaml
///     wellhead plugin run my-plugin.wasm -f pipeline.yaml --grant replicas --trace
///     wellhead plugin run my-plugin.wasm -f pipeline.yaml --record run.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Run {
    /// The component
    #[arg(value_name = "FILE")]
    plugin: PathBuf,
    /// Base spec of one pipeline: a file, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE")]
    file: PathBuf,
    /// The plugin's config, YAML or JSON: a file, or `-` [default: empty]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Fields that the plugin may write, including protected ones [default: what it asks for]
    #[arg(long = "grant", value_name = "PATTERN")]
    grants: Vec<String>,
    /// Facts about the cluster, of which the plugin gets those that it asks for
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,
    /// Print every read and every edit, with its result
    #[arg(long)]
    trace: bool,
    /// Record the run in a file, for `wellhead plugin replay`; it contains the pipeline with all its values
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Run {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let files = self.config.iter().chain(&self.facts).chain([&self.file]);
        if files.filter(|it| it.as_os_str() == "-").count() > 1 {
            return Err(Failure::usage(
                "standard input is named more than once",
                "give `-` once, for the pipeline, the config or facts",
            ));
        }
        for pattern in &self.grants {
            if let Err(error) = pattern.parse::<wellhead_spec::PathPattern>() {
                return Err(Failure::usage(
                    error.to_string(),
                    "write it like `containers.*.image`",
                ));
            }
        }
        let run = run_once(&RunRequest {
            component: self.plugin.clone(),
            pipeline: self.file.clone().into(),
            config: self.config.clone().map(Into::into),
            grants: (!self.grants.is_empty()).then(|| self.grants.clone()),
            facts: self.facts.iter().cloned().map(Into::into).collect(),
            loading: loading(context),
        })?;
        if let Some(path) = &self.record {
            record(path, &run)?;
        }
        report(&context.printer, &run, self.trace, self.is_json())
    }
}

fn record(path: &Path, run: &OneRun) -> Result<(), Failure> {
    let text = json::pretty(&Recording::of(run)).map_err(std::io::Error::from)? + "\n";
    file::replace(path, &text).map_err(|error| Failure::unwritable(path, &error))?;
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginRun {
    plugin: Identity,
    pipeline: String,
    rights: Rights,
    edits: Vec<TraceStep>,
    usage: CaseUsage,
    log: Vec<LogLine>,
    warnings: Vec<PluginWarning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<TraceStep>>,
}

/// Prints a run, and why it failed if it did.
fn report(printer: &Printer, run: &OneRun, traced: bool, as_json: bool) -> Result<Exit, Failure> {
    let none = Vec::new();
    let (warnings, errors) = match &run.result {
        Ok((_, warnings)) => (warnings.clone(), &none),
        Err(errors) => (Vec::new(), errors),
    };
    let of_plugin = |error: &PluginError| Diagnostic::of_plugin(error, printer.is_verbose());
    let diagnostics: Vec<_> = errors.iter().map(of_plugin).collect();
    if as_json {
        let body = PluginRun {
            plugin: run.plugin.clone(),
            pipeline: run.pipeline.metadata.name.to_string(),
            rights: run.rights.clone(),
            edits: run.edits().map(masked).collect(),
            usage: CaseUsage::of(&run.runs),
            log: run.log().cloned().collect(),
            warnings,
            trace: traced.then(|| run.steps().map(masked).collect()),
        };
        printer.print(&diagnostics);
        printer.json(&Envelope::new("PluginRun", body, diagnostics))?;
    } else {
        printer.text(&text(run, &warnings, traced))?;
        printer.print(&diagnostics);
    }
    Ok(errors.first().map_or(Exit::Done, |error| Exit::of_fault(&error.fault)))
}

/// A run for people.
fn text(run: &OneRun, warnings: &[PluginWarning], traced: bool) -> String {
    let Identity { name, version, .. } = &run.plugin;
    let mut text = format!("{name} {version} on pipeline {}\n", run.pipeline.metadata.name);
    let mut part = |title: &str, lines: Vec<String>, none: &str| {
        if lines.is_empty() && none.is_empty() {
            return;
        }
        let lines = if lines.is_empty() { vec![none.to_owned()] } else { lines };
        let _ = writeln!(text, "\n{title}");
        let _ = lines.iter().try_for_each(|line| writeln!(text, "  {line}"));
    };
    if traced {
        part("trace:", run.runs.iter().flat_map(trace::lines).collect(), "it did nothing");
    }
    part("edits:", run.edits().filter_map(trace::edit).collect(), "none");
    let dropped: usize = run.runs.iter().map(|call| call.dropped).sum();
    let more = (dropped > 0).then(|| format!("... and {dropped} more, which were dropped"));
    part("log:", run.log().map(trace::said).chain(more).collect(), "");
    let warned = |it: &PluginWarning| {
        it.words().map_or_else(|| it.message.clone(), |words| words.line("it warns", "of"))
    };
    part("warnings:", warnings.iter().map(warned).collect(), "");
    part("used:", vec![test::used(CaseUsage::of(&run.runs))], "");
    text
}

/// A step whose secrets are hidden.
pub(super) fn masked(step: &TraceStep) -> TraceStep {
    let hide = |path: &FieldPath, value: &mut Option<Value>| {
        if let Some(value) = value {
            *value = mask(path, value);
        }
    };
    let mut step = step.clone();
    match &mut step {
        TraceStep::Read { path, value } => hide(path, value),
        TraceStep::Edit { path, old, new, .. } => {
            hide(path, old);
            hide(path, new);
        }
        TraceStep::Log(_) => {}
    }
    step
}
