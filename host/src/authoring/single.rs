//! A plugin on one pipeline, and everything that it did.

use std::path::PathBuf;

use serde_json::Value;
use wellhead_chain::{
    Allocation, EditOutcome, LogLine, PluginError, PluginWarning, Run, TraceStep,
};
use wellhead_diagnostics::Code;
use wellhead_spec::{
    Facts, FieldPath, Finding, Pipeline, PluginLimits, Severity, Source, load, load_config,
    load_facts,
};

use super::call::{self, Called, Given};
use super::error::AuthoringError;
use super::subject::{Identity, Loading, Rights, Subject};
use crate::error::{InvalidInput, Texts};

/// What to run on what.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The component.
    pub component: PathBuf,
    /// The base spec: a source of one pipeline.
    pub pipeline: Source,
    /// The plugin's config; without one, an empty object.
    pub config: Option<Source>,
    /// Patterns of the fields that the plugin may write; without them, those that it asks for.
    pub grants: Option<Vec<String>>,
    /// Facts; the plugin gets those that it asks for.
    pub facts: Vec<Source>,
    /// How the plugin is loaded.
    pub loading: Loading,
}

/// A run of a plugin: what it was given, what it did, and what came out.
#[derive(Debug)]
pub struct OneRun {
    /// The plugin.
    pub plugin: Identity,
    /// The pipeline that it got.
    pub pipeline: Pipeline,
    /// Its config.
    pub config: Value,
    /// What it might write and know.
    pub rights: Rights,
    /// Facts of the operator; the plugin got those that its rights name.
    pub facts: Facts,
    /// Its calls: to edit, and to judge. Each has its trace.
    pub runs: Vec<Run>,
    /// The pipeline as it left it, and what it warned of, or why there is none.
    pub result: Result<(Pipeline, Vec<PluginWarning>), Vec<PluginError>>,
}

impl OneRun {
    /// Everything that the plugin read and edited, in order.
    pub fn steps(&self) -> impl Iterator<Item = &TraceStep> {
        self.runs.iter().filter_map(|run| run.trace.as_ref()).flat_map(|trace| &trace.steps)
    }

    /// The edits that were made, in order.
    pub fn edits(&self) -> impl Iterator<Item = &TraceStep> {
        self.steps().filter(|it| matches!(it, TraceStep::Edit { outcome: EditOutcome::Made, .. }))
    }

    /// What the plugin said, in order.
    pub fn log(&self) -> impl Iterator<Item = &LogLine> {
        self.runs.iter().flat_map(|run| &run.log)
    }
}

/// Runs a plugin on one pipeline. A plugin that fails is a result, too.
pub fn run_once(request: &RunRequest) -> Result<OneRun, AuthoringError> {
    let pipeline = one_pipeline(&request.pipeline)?;
    let config = request.config.as_ref().map(load_config).transpose()?;
    let subject = Subject::load(&request.component, Allocation::OnDemand, &request.loading)?;
    let facts = told(&request.facts)?;
    let asked = subject.asks_for();
    let rights = match &request.grants {
        Some(patterns) => Rights { facts: asked.facts, ..Rights::of(patterns) },
        None => asked,
    };
    let config = config.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    Ok(run(&subject, pipeline, config, rights, facts))
}

/// Runs a plugin that is loaded.
pub(super) fn run(
    subject: &Subject,
    pipeline: Pipeline,
    config: Value,
    rights: Rights,
    facts: Facts,
) -> OneRun {
    let limits = PluginLimits::default();
    let texts = wellhead_chain::Facts::new(&facts);
    let given = Given {
        pipeline: &pipeline,
        config: &config,
        rights: &rights,
        limits: &limits,
        facts: &texts,
    };
    let Called { result, runs } = call::call(subject, given, false);
    let result = result.map(|outcome| (outcome.pipeline, outcome.warnings));
    OneRun { plugin: subject.identity(), pipeline, config, rights, facts, runs, result }
}

/// The facts of files.
pub(super) fn told(sources: &[Source]) -> Result<Facts, AuthoringError> {
    let (facts, loaded) = load_facts(sources);
    if loaded.has_errors() { Err(loaded.into()) } else { Ok(facts) }
}

/// The one pipeline of a source.
pub(super) fn one_pipeline(source: &Source) -> Result<Pipeline, AuthoringError> {
    let mut loaded = load(std::slice::from_ref(source));
    if loaded.has_errors() {
        return Err(loaded.into());
    }
    let mut pipelines = std::mem::take(&mut loaded.pipelines);
    loaded.findings.retain(|it| it.severity == Severity::Error);
    match (pipelines.pop(), pipelines.len()) {
        (Some(pipeline), 0) => Ok(pipeline.value),
        (_, others) => {
            let count = if others == 0 { 0 } else { others + 1 };
            let message = format!("there are {count} pipelines, and the plugin gets one");
            let finding = Finding::error(Code::NotOnePipeline, FieldPath::root(), message)
                .hint("`-f` names a file that holds one document of `kind: Pipeline`");
            let findings = vec![finding];
            Err(AuthoringError::Input(InvalidInput { findings, texts: Texts::default() }))
        }
    }
}
