//! A run of a plugin as a document, and the same run again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_chain::{Allocation, PluginError, Trace, TraceStep};
use wellhead_diagnostics::Code;
use wellhead_spec::{
    API_VERSION, Facts, FieldPath, Finding, JsonBounds, MAX_FILE, OBJECT_PART, PartBounds,
    Pipeline, Severity, read_text_file, validate,
};

use super::case::whole;
use super::error::AuthoringError;
use super::expected::{self, Ending};
use super::single::{self, OneRun};
use super::subject::{Identity, Loading, Rights, Subject};

/// The kind of the document.
const KIND: &str = "PluginRecording";
/// What a recording may have. Of each call, 10,000 steps are kept, most with a path and a value or two. The pipeline has no more
/// than a file can say, 100,000 nodes and what plugins added: each of its objects takes a thousand bytes.
const MOST: JsonBounds = JsonBounds {
    bytes: MAX_FILE,
    values: 2_000_000,
    nests: 500_000,
    parts: &[PartBounds { depth: 2, key: Some("pipeline"), ..OBJECT_PART }],
};

/// A run of a plugin: what it was given, every call with what came of it, and how it ended. It holds
/// the pipeline as it is, with all of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recording {
    api_version: String,
    kind: String,
    /// The plugin that ran.
    pub plugin: Identity,
    /// What it might write.
    pub rights: Rights,
    /// Its config.
    pub config: Value,
    /// The facts that it might read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
    /// The pipeline that it got.
    pub pipeline: Pipeline,
    /// Its calls: to edit, and to judge.
    pub calls: Vec<RecordedCall>,
    /// How it ended.
    pub result: RecordedResult,
}

/// What tells whether a document can be read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head {
    api_version: String,
    kind: String,
}

/// One call of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordedCall {
    /// Units of fuel that it used.
    pub fuel: u64,
    /// What it did.
    pub trace: Trace,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordedResult {
    /// The error, as a test case expects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a validator warned of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A recorded run that was made again.
#[derive(Debug)]
pub struct Replay {
    /// The run.
    pub run: OneRun,
    /// Whether the plugin is the recorded one, byte for byte.
    pub is_same_plugin: bool,
    /// The first difference.
    pub difference: Option<ReplayDifference>,
}

/// Where a run is not as it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplayDifference {
    /// At a step, counted from 1 over all calls.
    Step {
        /// Its number.
        number: usize,
        /// What was recorded; `None` when there were no more.
        recorded: Option<Box<TraceStep>>,
        /// What the plugin did now; `None` when it did no more.
        now: Option<Box<TraceStep>>,
    },
    /// In how it ended.
    Result {
        /// What was recorded.
        recorded: RecordedResult,
        /// What came out now.
        now: RecordedResult,
    },
    /// In the fuel that the same plugin used.
    Fuel {
        /// What was recorded.
        recorded: u64,
        /// What was used now.
        now: u64,
    },
}

impl Recording {
    /// What is recorded of a run.
    pub fn of(run: &OneRun) -> Self {
        let call = |call: &wellhead_chain::Run| RecordedCall {
            fuel: call.usage.fuel,
            trace: call.trace.clone().unwrap_or_default(),
        };
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            plugin: run.plugin.clone(),
            rights: run.rights.clone(),
            config: run.config.clone(),
            facts: granted(run),
            pipeline: run.pipeline.clone(),
            calls: run.runs.iter().map(call).collect(),
            result: result(run),
        }
    }

    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, AuthoringError> {
        let wrong = |why: String, hint: &str| {
            let message = format!("`{}` is not a recording: {why}", path.display());
            let finding =
                Finding::error(Code::NotARecording, FieldPath::root(), message).hint(hint);
            AuthoringError::finding(finding.at(Some(whole(path.to_owned()))))
        };
        let make = "`wellhead plugin run ... --record FILE` writes one";
        let text =
            read_text_file(path, MAX_FILE).map_err(|error| wrong(error.to_string(), make))?;
        MOST.check(text.as_bytes()).map_err(|why| wrong(why, make))?;
        let head: Head =
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string(), make))?;
        if head.kind != KIND {
            return Err(wrong(format!("it has no `kind: {KIND}`"), make));
        }
        if head.api_version != API_VERSION {
            let hint = "record the run again";
            return Err(wrong("it comes from another version of Wellhead".to_owned(), hint));
        }
        let recording: Self =
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string(), make))?;
        let findings = validate(&recording.pipeline);
        match findings.into_iter().find(|it| it.severity == Severity::Error) {
            Some(it) => Err(wrong(format!("{}: {}", it.path, it.message), make)),
            None => Ok(recording),
        }
    }

    /// Makes the run again, with a plugin that may be another one.
    pub fn replay(&self, component: &Path, loading: &Loading) -> Result<Replay, AuthoringError> {
        let subject = Subject::load(component, Allocation::OnDemand, loading)?;
        let (pipeline, config) = (self.pipeline.clone(), self.config.clone());
        let facts = Facts { spec: self.facts.clone() };
        let run = single::run(&subject, pipeline, config, self.rights.clone(), facts);
        let again = Self::of(&run);
        let is_same_plugin = again.plugin.digest == self.plugin.digest;
        let difference = self.difference(&again, is_same_plugin);
        Ok(Replay { run, is_same_plugin, difference })
    }

    /// Number of steps, over all calls.
    pub fn steps(&self) -> usize {
        self.calls.iter().map(|call| call.trace.steps.len()).sum()
    }

    fn difference(&self, again: &Self, is_same_plugin: bool) -> Option<ReplayDifference> {
        fn steps(of: &Recording) -> impl Iterator<Item = &TraceStep> {
            of.calls.iter().flat_map(|call| &call.trace.steps)
        }
        let (mut ours, mut theirs) = (steps(self), steps(again));
        for number in 1.. {
            let (recorded, now) = (ours.next(), theirs.next());
            if recorded != now {
                let boxed = |step: Option<&TraceStep>| step.cloned().map(Box::new);
                let (recorded, now) = (boxed(recorded), boxed(now));
                return Some(ReplayDifference::Step { number, recorded, now });
            }
            if recorded.is_none() {
                break;
            }
        }
        if self.result != again.result {
            let (recorded, now) = (self.result.clone(), again.result.clone());
            return Some(ReplayDifference::Result { recorded, now });
        }
        let fuel = |of: &Self| of.calls.iter().map(|call| call.fuel).sum();
        let (recorded, now): (u64, u64) = (fuel(self), fuel(again));
        (is_same_plugin && recorded != now).then_some(ReplayDifference::Fuel { recorded, now })
    }
}

/// The facts that a plugin might read.
fn granted(run: &OneRun) -> BTreeMap<String, Value> {
    let all = run.facts.spec.iter().filter(|it| run.rights.facts.contains(it.0));
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn result(run: &OneRun) -> RecordedResult {
    match &run.result {
        Ok((_, warnings)) => RecordedResult {
            error: None,
            warnings: warnings.iter().map(expected::warned).collect(),
        },
        Err(errors) => RecordedResult { error: Some(error_text(errors)), warnings: Vec::new() },
    }
}

/// Errors as a test case expects them.
fn error_text(errors: &[PluginError]) -> String {
    match Ending::of(Err(errors)) {
        Ending::Failed(text) => expected::plain(&text),
        Ending::Done { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_that_becomes_much_is_refused_before_it_is_decoded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.json");
        let many = |piece: &str| piece.repeat(2_100_000);
        for (forged, what) in [
            (format!("{{\"config\": [{}0]}}", many("0,")), "values"),
            (format!("{{\"calls\": [{}{{}}]}}", many("{},")), "objects and lists"),
            (
                format!("{{\"pipeline\": {{\"claims\": [{}{{}}]}}}}", "{},".repeat(60_000)),
                "a part of it has more than 50000 objects and lists",
            ),
            (format!("{{\"calls\": {}}}", "[".repeat(200)), "nested deeper"),
        ] {
            std::fs::write(&path, forged).unwrap();
            let why = Recording::read(&path).unwrap_err().to_string();
            assert!(why.contains(what), "{why}");
        }
    }
}
