//! The chain: plugins one after the other, then those that judge.

pub(crate) mod audit;
pub(crate) mod checked;
pub(crate) mod determinism;
mod judge;
pub(crate) mod warning;

use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::{Finding, PathPattern, Pipeline, PluginEntry, with_whole_numbers};

use crate::error::{Fault, PluginError};
use crate::facts::{Facts, Granted};
use crate::host::Host;
use crate::plugin::{Call, Plugin};
use crate::session::{Rights, Session};
use crate::{Audit, Limits, LogLine, Provenance, Trace, Usage, Write, Writer};
use checked::Checked;
use judge::Waiver;
use warning::PluginWarning;

/// Edits of most plugins, for which there is room from the start.
const USUAL_EDITS: usize = 8;

/// One plugin of a chain, with its config and rights.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    writer: Arc<Writer>,
    plugin: Arc<Plugin>,
    config: Arc<str>,
    transform_rights: Arc<Rights>,
    validate_rights: Arc<Rights>,
    limits: Limits,
    facts: Arc<Granted>,
    waives: Arc<[Waiver]>,
    audit: bool,
}

/// Plugins in the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    entries: Vec<Entry>,
    verifies: bool,
    traces: bool,
}

/// What became of a pipeline.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The pipeline after all edits.
    pub pipeline: Pipeline,
    /// What should be looked at in it by the rules of the spec. Empty where no plugin changed anything.
    pub findings: Vec<Finding>,
    /// Who set what.
    pub provenance: Provenance,
    /// Warnings of validators, errors of those on trial, and what entries waive.
    pub warnings: Vec<PluginWarning>,
    /// What the entries on trial would have done, in order.
    pub audits: Vec<Audit>,
    /// What each plugin said and used, in order.
    pub runs: Vec<Run>,
}

impl Outcome {
    /// That of a chain without plugins.
    fn unchanged(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.clone(),
            findings: Vec::new(),
            provenance: Provenance::default(),
            warnings: Vec::new(),
            audits: Vec::new(),
            runs: Vec::new(),
        }
    }
}

/// One call of a plugin.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Run {
    /// Name of the chain entry.
    pub plugin: String,
    /// What it used.
    pub usage: Usage,
    /// What it said.
    pub log: Vec<LogLine>,
    /// Messages over the budget, which were dropped.
    pub dropped: usize,
    /// What it did, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// Why a pipeline has no [`Outcome`], and what the plugins did until then.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub errors: Vec<PluginError>,
    /// What each plugin said and used, in order; the last one is the one that failed.
    pub runs: Vec<Run>,
    /// What the plugins set until then.
    pub provenance: Provenance,
}

impl Entry {
    /// Prepares an entry of a customization: checks its config against the plugin's schema.
    pub fn new(
        entry: &PluginEntry,
        customization: &str,
        plugin: Arc<Plugin>,
    ) -> Result<Self, PluginError> {
        let name = entry.name.as_str();
        let limits = Limits::from(&entry.limits);
        plugin.admit(&limits).and_then(|()| plugin.check_host()).map_err(|fault| fault.of(name))?;
        let config = if entry.config.is_null() { empty_object() } else { entry.config.clone() };
        let config = with_whole_numbers(config);
        plugin.check_config(&config).map_err(|fault| fault.of(name))?;
        let writer = Arc::new(Writer {
            name: name.to_owned(),
            version: plugin.description().version.clone(),
            digest: plugin.digest().to_owned(),
            customization: customization.to_owned(),
            facts_digest: None,
        });
        let rights = Rights {
            grants: patterns(&entry.grants).map_err(|fault| fault.of(name))?,
            opens: patterns(&entry.opens).map_err(|fault| fault.of(name))?,
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
            limits,
            facts: Facts::default().granted(&entry.facts).into(),
            waives: entry.waives.iter().map(|code| Waiver::new(code)).collect(),
            audit: entry.audit,
        })
    }

    /// The same entry, whose plugin gets these facts, as far as the entry grants them.
    #[must_use]
    pub fn with_facts(mut self, facts: &Facts) -> Self {
        let granted = facts.granted(&self.facts.names());
        let facts_digest = granted.digest();
        self.writer = Writer { facts_digest, ..Writer::clone(&self.writer) }.into();
        self.facts = granted.into();
        self
    }

    /// Digest of the facts that its plugin gets ([`Writer::facts_digest`]).
    pub fn facts_digest(&self) -> Option<&str> {
        self.writer.facts_digest.as_deref()
    }

    /// Name of the entry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Digest of its plugin ([`Plugin::digest`]).
    pub fn digest(&self) -> &str {
        self.plugin.digest()
    }

    /// Version that its plugin gives of itself.
    pub fn version(&self) -> &str {
        &self.plugin.description().version
    }

    /// Hands the draft to a session.
    fn session(&self, draft: &mut Draft, rights: &Arc<Rights>) -> Session {
        let provenance = std::mem::take(&mut draft.provenance);
        let (value, rights) = (draft.value.take(), Arc::clone(rights));
        let session = Session::new(value, provenance, rights, self.limits.clone());
        let session = session.on(draft.base.clone()).knowing(Arc::clone(&self.facts));
        if draft.traces { session.traced() } else { session }
    }

    /// Takes the draft back from a call that is over.
    fn end<R>(&self, call: Call<R>, draft: &mut Draft) -> Result<R, Fault> {
        let Call { result, host: Host { mut session, log, .. }, usage } = call;
        draft.runs.push(Run {
            plugin: self.name.clone(),
            usage,
            log: log.lines,
            dropped: log.dropped,
            trace: session.take_trace(),
        });
        let (value, provenance, violations) = session.finish();
        (draft.value, draft.provenance) = (value, provenance);
        let asked = &self.plugin.description().opens;
        let violations: Vec<_> = violations.into_iter().map(|it| it.asked_by(asked)).collect();
        // A forbidden edit is the operator's business even when the plugin failed of it.
        if violations.is_empty() { result } else { Err(Fault::Forbidden { violations }) }
    }

    /// Lets the plugin edit a draft and judge it, each if it does so and in a fresh instance. After an
    /// error the draft is worthless.
    pub fn call(&self, draft: &mut Draft) -> Result<(), PluginError> {
        draft.keep_base([self]);
        let about = self.plugin.description();
        let edited = if about.transforms { self.edit(draft) } else { Ok(()) };
        let judged = edited.and_then(|()| if about.validates { self.judge(draft) } else { Ok(()) });
        judged.map_err(|fault| fault.of(&self.name))
    }

    /// Lets the plugin edit a draft, in a fresh instance. After an error the draft is worthless.
    pub fn transform(&self, draft: &mut Draft) -> Result<(), PluginError> {
        self.edit(draft).map_err(|fault| fault.of(&self.name))
    }

    fn edit(&self, draft: &mut Draft) -> Result<(), Fault> {
        draft.provenance.writers.push(Arc::clone(&self.writer));
        draft.provenance.writes.reserve(USUAL_EDITS);
        let session = self.session(draft, &self.transform_rights);
        let Some(call) = self.plugin.transform(session, &self.config) else {
            return Err(Fault::BadDescription { reason: "it does not transform".to_owned() });
        };
        self.end(call, draft)
    }

    /// Lets the plugin edit, notes what it would have changed or why it would have stopped the work,
    /// and leaves the draft as it was.
    fn try_transform(&self, draft: &mut Draft) {
        let (value, writes) = (draft.value.clone(), draft.provenance.writes.len());
        let result = self.edit(draft).and_then(|()| draft.check().map(drop));
        let edits = draft.provenance.writes.split_off(writes);
        draft.provenance.writers.pop();
        draft.value = value;
        self.note(draft, &edits, result.err());
    }

    fn note(&self, draft: &mut Draft, edits: &[Write], fault: Option<Fault>) {
        let error = fault.map(|fault| fault.of(&self.name));
        if error.is_some() || !edits.is_empty() {
            draft.audits.push(Audit::new(&self.name, draft.value.clone(), edits, error.as_ref()));
        }
    }
}

/// A pipeline on its way through a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    value: Value,
    pub(crate) provenance: Provenance,
    pub(crate) warnings: Vec<PluginWarning>,
    audits: Vec<Audit>,
    pub(crate) runs: Vec<Run>,
    traces: bool,
    /// The pipeline before any plugin ran, where one can ask for it.
    base: Option<Arc<Value>>,
}

impl Draft {
    /// The draft of a pipeline that no plugin has seen.
    pub fn new(pipeline: &Pipeline) -> Self {
        Self {
            value: pipeline.to_draft(),
            provenance: Provenance::default(),
            warnings: Vec::new(),
            audits: Vec::new(),
            runs: Vec::new(),
            traces: false,
            base: None,
        }
    }

    /// Keeps the pipeline as it is now for those of the entries that can ask for it.
    fn keep_base<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) {
        if entries.into_iter().any(|it| it.plugin.reads_context()) {
            self.base = Some(self.value.clone().into());
        }
    }

    /// Reads the draft back and checks it whole.
    fn check(&mut self) -> Result<Checked, Fault> {
        checked::check(&mut self.value).map_err(|findings| Fault::BadResult { findings })
    }
}

impl Chain {
    /// A chain of these entries.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, ..Self::default() }
    }

    /// The same chain, which runs each plugin twice and refuses one that does not do the same.
    #[must_use]
    pub fn verifying_determinism(self) -> Self {
        Self { verifies: true, ..self }
    }

    /// The same chain, which notes every read and every edit in [`Run::trace`].
    #[must_use]
    pub fn tracing(self) -> Self {
        Self { traces: true, ..self }
    }

    /// Lets an entry work on a draft, twice where that is asked for.
    fn work(
        &self,
        draft: &mut Draft,
        work: impl Fn(&mut Draft) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.verifies { determinism::twice(draft, work) } else { work(draft) }
    }

    /// Lets an entry on trial work; a difference between two runs is a part of what is noted.
    fn try_out(&self, entry: &Entry, draft: &mut Draft, work: impl Fn(&mut Draft)) {
        let worked = self.work(draft, |draft| {
            work(draft);
            Ok(())
        });
        if let Err(fault) = worked {
            entry.note(draft, &[], Some(fault));
        }
    }

    /// The entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lets every transformer edit, in order, and then every validator judge.
    ///
    /// The first transformer that fails ends it. Every validator is heard; those that object are
    /// reported together. Entries on trial (`audit: true`) run in their place, see what the others
    /// see, and have no effect but [`Outcome::audits`] and warnings. The given pipeline is never
    /// changed.
    pub fn run(&self, pipeline: &Pipeline) -> Result<Outcome, Vec<PluginError>> {
        self.observe(pipeline).map_err(|failure| failure.errors)
    }

    /// The same, which also tells what the plugins did before one failed.
    pub fn observe(&self, pipeline: &Pipeline) -> Result<Outcome, Failure> {
        if self.entries.is_empty() {
            return Ok(Outcome::unchanged(pipeline));
        }
        let mut draft = Draft { traces: self.traces, ..Draft::new(pipeline) };
        draft.keep_base(&self.entries);
        let result = self.transform(&mut draft, pipeline);
        let result = result.and_then(|checked| self.judge(&mut draft).map(|()| checked));
        let Draft { provenance, warnings, audits, runs, .. } = draft;
        match result {
            Ok(Checked { pipeline, warnings: findings }) => {
                Ok(Outcome { pipeline, findings, provenance, warnings, audits, runs })
            }
            Err(errors) => Err(Failure { errors, runs, provenance }),
        }
    }

    /// Lets the transformers edit, and checks what they leave once, in the end. A plugin that fails over what an earlier
    /// one broke is not to blame; and it is as if nothing had run after the one that is.
    fn transform(&self, draft: &mut Draft, base: &Pipeline) -> Result<Checked, Vec<PluginError>> {
        // The position of each writer, and how many calls there were when it was done.
        let mut writers: Vec<(usize, usize)> = Vec::new();
        let mut failed = None;
        for (at, entry) in self.all().filter(|it| it.1.plugin.description().transforms) {
            if entry.audit {
                self.try_out(entry, draft, |draft| entry.try_transform(draft));
                continue;
            }
            if let Err(fault) = self.work(draft, |draft| entry.edit(draft)) {
                failed = Some((at, fault));
                break;
            }
            writers.push((at, draft.runs.len()));
        }
        if failed.is_none() && draft.provenance.writes.is_empty() {
            return Ok(Checked { pipeline: base.clone(), warnings: Vec::new() });
        }
        let (last, fault) = match failed {
            Some(failed) => failed,
            None => match draft.check() {
                Ok(checked) => return Ok(checked),
                Err(fault) => (writers.last().map_or(0, |it| it.0), fault),
            },
        };
        let broken = checked::broken_by(base, &draft.provenance, writers.len());
        let (at, fault) = broken.map_or((last, fault), |(writer, findings)| {
            let (at, calls) = writers[writer];
            draft.runs.truncate(calls);
            (at, Fault::BadResult { findings })
        });
        Err(vec![fault.at(at, &self.entries[at].name)])
    }

    /// Lets every validator judge.
    fn judge(&self, draft: &mut Draft) -> Result<(), Vec<PluginError>> {
        let mut errors = Vec::new();
        for (at, entry) in self.all().filter(|it| it.1.plugin.description().validates) {
            if entry.audit {
                self.try_out(entry, draft, |draft| entry.try_judge(draft));
                continue;
            }
            let judged = self.work(draft, |draft| entry.judge(draft));
            errors.extend(judged.err().map(|fault| fault.at(at, &entry.name)));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn all(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate()
    }
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
