//! The chain: plugins one after the other, then those that judge.

use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::{
    Finding, PathPattern, Pipeline, PluginEntry, Quantity, Severity, validate as validate_pipeline,
};

use crate::bindings::validate;
use crate::error::{Fault, PluginError};
use crate::host::Host;
use crate::plugin::{Call, Plugin};
use crate::session::{Rights, Session};
use crate::text::{SHOWN_CHARACTERS, sanitize};
use crate::{Limits, LogLine, Provenance, Usage, Writer};

/// One plugin of a chain, with its config and rights.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    writer: Writer,
    plugin: Arc<Plugin>,
    config: Arc<str>,
    transform_rights: Arc<Rights>,
    validate_rights: Arc<Rights>,
    limits: Limits,
}

/// Plugins in the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    entries: Vec<Entry>,
}

/// What became of a pipeline.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The pipeline after all edits.
    pub pipeline: Pipeline,
    /// Who set what.
    pub provenance: Provenance,
    /// Warnings of validators.
    pub warnings: Vec<PluginWarning>,
    /// What each plugin said and used, in order.
    pub runs: Vec<Run>,
}

/// A finding of a validator that does not stop the work.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PluginWarning {
    /// Name of the chain entry.
    pub plugin: String,
    /// Path of the field, as the plugin wrote it.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub hint: Option<String>,
}

/// One call of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Run {
    /// Name of the chain entry.
    pub plugin: String,
    /// What it used.
    pub usage: Usage,
    /// What it said.
    pub log: Vec<LogLine>,
    /// Messages over the budget, which were dropped.
    pub dropped: usize,
}

impl Entry {
    /// Prepares an entry of a customization: checks its config against the plugin's schema.
    pub fn new(
        entry: &PluginEntry,
        customization: &str,
        plugin: Arc<Plugin>,
    ) -> Result<Self, PluginError> {
        let name = entry.name.as_str();
        let config = if entry.config.is_null() { empty_object() } else { entry.config.clone() };
        plugin.check_config(&config).map_err(|fault| fault.of(name))?;
        let writer = Writer {
            name: name.to_owned(),
            version: plugin.description().version.clone(),
            digest: plugin.digest().to_owned(),
            customization: customization.to_owned(),
        };
        let rights = Rights {
            grants: patterns(&entry.grants).map_err(|fault| fault.of(name))?,
            overrides: patterns(&entry.overrides).map_err(|fault| fault.of(name))?,
            read_only: false,
        };
        Ok(Self {
            name: name.to_owned(),
            writer,
            plugin,
            config: config.to_string().into(),
            transform_rights: rights.into(),
            validate_rights: Rights::read_only().into(),
            limits: limits(entry),
        })
    }

    /// Name of the entry.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn run<R>(&self, call: Call<R>) -> (Result<R, Fault>, Session, Run) {
        let Call { result, host, usage } = call;
        let Host { session, log, .. } = host;
        let run = Run { plugin: self.name.clone(), usage, log: log.lines, dropped: log.dropped };
        (result, session, run)
    }

    /// Edits a draft; on an error the draft is lost, as the chain ends there.
    fn transform(&self, work: &mut Work) -> Result<(), Fault> {
        work.provenance.writers.push(self.writer.clone());
        let provenance = std::mem::take(&mut work.provenance);
        let rights = Arc::clone(&self.transform_rights);
        let session = Session::new(work.draft.take(), provenance, rights, self.limits.clone());
        let Some(call) = self.plugin.transform(session, &self.config, &self.limits) else {
            return Err(Fault::BadDescription { reason: "it does not transform".to_owned() });
        };
        let (result, session, run) = self.run(call);
        work.runs.push(run);
        let (draft, provenance, violations) = session.finish();
        (work.draft, work.provenance) = (draft, provenance);
        // A forbidden edit is the operator's business even when the plugin failed of it.
        if !violations.is_empty() {
            return Err(Fault::Forbidden { violations });
        }
        result?;
        work.pipeline = check(&work.draft)?;
        Ok(())
    }

    /// Judges a draft. Findings that stop the work are an error.
    fn validate(&self, work: &mut Work) -> Result<(), Fault> {
        let provenance = std::mem::take(&mut work.provenance);
        let rights = Arc::clone(&self.validate_rights);
        let session = Session::new(work.draft.take(), provenance, rights, self.limits.clone());
        let Some(call) = self.plugin.validate(session, &self.config, &self.limits) else {
            return Err(Fault::BadDescription { reason: "it does not validate".to_owned() });
        };
        let (result, session, run) = self.run(call);
        work.runs.push(run);
        let (draft, provenance, violations) = session.finish();
        (work.draft, work.provenance) = (draft, provenance);
        if !violations.is_empty() {
            return Err(Fault::Forbidden { violations });
        }
        let (errors, warnings): (Vec<_>, Vec<_>) =
            result?.into_iter().partition(|it| it.severity == validate::Severity::Error);
        work.warnings.extend(warnings.into_iter().map(|finding| self.warning(finding)));
        if errors.is_empty() {
            return Ok(());
        }
        Err(Fault::Judged { findings: errors.into_iter().map(|it| self.warning(it)).collect() })
    }

    fn warning(&self, finding: validate::Finding) -> PluginWarning {
        PluginWarning {
            plugin: self.name.clone(),
            path: finding.path.map(|path| sanitize(&path, 300)),
            message: sanitize(&finding.message, SHOWN_CHARACTERS),
            hint: finding.hint.map(|hint| sanitize(&hint, SHOWN_CHARACTERS)),
        }
    }
}

/// A pipeline on its way through a chain.
struct Work {
    draft: Value,
    pipeline: Pipeline,
    provenance: Provenance,
    warnings: Vec<PluginWarning>,
    runs: Vec<Run>,
}

impl Chain {
    /// A chain of these entries.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// The entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lets every transformer edit, in order, and then every validator judge.
    ///
    /// The first transformer that fails ends it. Every validator is heard; those that object are
    /// reported together. The given pipeline is never changed.
    pub fn run(&self, pipeline: &Pipeline) -> Result<Outcome, Vec<PluginError>> {
        let mut work = Work {
            draft: pipeline.to_draft(),
            pipeline: pipeline.clone(),
            provenance: Provenance::default(),
            warnings: Vec::new(),
            runs: Vec::new(),
        };
        for entry in self.entries.iter().filter(|it| it.plugin.description().transforms) {
            entry.transform(&mut work).map_err(|fault| vec![fault.of(&entry.name)])?;
        }
        let mut errors = Vec::new();
        for entry in self.entries.iter().filter(|it| it.plugin.description().validates) {
            errors.extend(entry.validate(&mut work).err().map(|fault| fault.of(&entry.name)));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let Work { pipeline, provenance, warnings, runs, .. } = work;
        Ok(Outcome { pipeline, provenance, warnings, runs })
    }
}

/// Reads a draft back and checks it whole.
fn check(draft: &Value) -> Result<Pipeline, Fault> {
    let pipeline =
        Pipeline::from_draft(draft.clone()).map_err(|findings| Fault::BadResult { findings })?;
    let errors = |finding: &Finding| finding.severity == Severity::Error;
    let findings: Vec<_> = validate_pipeline(&pipeline).into_iter().filter(errors).collect();
    if findings.is_empty() { Ok(pipeline) } else { Err(Fault::BadResult { findings }) }
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}

fn patterns(texts: &[String]) -> Result<Vec<PathPattern>, Fault> {
    let pattern = |text: &String| {
        text.parse().map_err(|error: wellhead_spec::ParsePathError| Fault::BadConfig {
            violations: vec![("grants".to_owned(), error.to_string())],
        })
    };
    texts.iter().map(pattern).collect()
}

fn limits(entry: &PluginEntry) -> Limits {
    let mut limits = Limits::default();
    if let Some(fuel) = entry.limits.fuel {
        limits.fuel = fuel;
    }
    if let Some(memory) = entry.limits.memory.as_ref().map(Quantity::whole) {
        limits.memory = usize::try_from(memory).unwrap_or(usize::MAX);
    }
    limits
}
