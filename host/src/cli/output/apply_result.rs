//! What an apply did, as its result.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::{Map, Value};
use wellhead::ApplyReport;
use wellhead_chain::sanitize;
use wellhead_cluster::{Action, Fate, Kind, PipelineReport};

use super::diagnostic::Diagnostic;
use super::envelope::Envelope;
use super::json::is_zero;
use super::printer::Printer;
use super::progress;

/// Most characters of why a pipeline failed; the errors have all of it.
const LINE: usize = 300;

/// What `apply -o json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplyResult<'r> {
    summary: Summary,
    /// Those of the only pipeline; of several, by `NAMESPACE/NAME`.
    outputs: Map<String, Value>,
    #[serde(flatten)]
    report: &'r ApplyReport,
}

#[derive(Serialize)]
struct Summary {
    created: usize,
    updated: usize,
    #[serde(skip_serializing_if = "is_zero")]
    recreated: usize,
    /// Claims whose data were moved to another volume.
    #[serde(skip_serializing_if = "is_zero")]
    migrated: usize,
    unchanged: usize,
    pipelines: Fates,
}

/// How many pipelines met each fate.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fates {
    applied: usize,
    unchanged: usize,
    #[serde(skip_serializing_if = "is_zero")]
    failed: usize,
    #[serde(skip_serializing_if = "is_zero")]
    stopped: usize,
    #[serde(skip_serializing_if = "is_zero")]
    not_begun: usize,
}

impl Fates {
    fn of(report: &ApplyReport) -> Self {
        Self {
            applied: report.fates(Fate::Applied),
            unchanged: report.fates(Fate::Unchanged),
            failed: report.fates(Fate::Failed),
            stopped: report.fates(Fate::Stopped),
            not_begun: report.fates(Fate::NotBegun),
        }
    }

    /// The fates of several pipelines that do not all have a good one.
    fn text(&self) -> Option<String> {
        let Self { applied, unchanged, failed, stopped, not_begun } = *self;
        let bad = [(failed, "failed"), (stopped, "stopped"), (not_begun, "not begun")];
        let bad: Vec<_> = bad.into_iter().filter(|(count, _)| *count > 0).collect();
        if bad.is_empty() || applied + unchanged + failed + stopped + not_begun == 1 {
            return None;
        }
        let all = [(applied, "applied"), (unchanged, "unchanged")].into_iter().chain(bad);
        let all: Vec<_> = all.map(|(count, fate)| format!("{count} {fate}")).collect();
        Some(format!("Pipelines: {}.\n", all.join(", ")))
    }
}

impl<'r> ApplyResult<'r> {
    pub(crate) fn new(report: &'r ApplyReport) -> Self {
        let summary = Summary {
            created: report.count(Action::Created),
            updated: report.count(Action::Updated),
            recreated: report.count(Action::Recreated),
            migrated: report.count(Action::Migrated),
            unchanged: report.count(Action::Unchanged),
            pipelines: Fates::of(report),
        };
        let outputs = match &report.pipelines[..] {
            [only] => outputs(only),
            many => many.iter().map(|it| (it.pipeline.to_string(), outputs(it).into())).collect(),
        };
        Self { summary, outputs, report }
    }

    /// The result for people.
    pub(crate) fn text(&self) -> String {
        let Summary { created, updated, recreated, migrated, unchanged, ref pipelines } =
            self.summary;
        let more = |count: usize, what: &str| match count {
            0 => String::new(),
            count => format!(", {count} {what}"),
        };
        let (recreated, migrated) = (more(recreated, "recreated"), more(migrated, "migrated"));
        let mut text = if created + updated == 0 && recreated.is_empty() && migrated.is_empty() {
            format!("No changes. {unchanged} objects are up to date.\n")
        } else {
            format!(
                "{created} created, {updated} updated{recreated}{migrated}, {unchanged} unchanged.\n"
            )
        };
        text.extend(pipelines.text());
        for pipeline in &self.report.pipelines {
            let _ = write!(text, "\n{}", pipeline.pipeline);
            if let Some(fate) = ended(pipeline) {
                let _ = writeln!(text, ": {fate}");
                continue;
            }
            match &pipeline.readiness {
                Some(readiness) if readiness.complete => {
                    let _ = writeln!(text, ": {}", progress::shown(readiness));
                }
                Some(readiness) => {
                    let _ = writeln!(text, ": not ready: {}", progress::shown(readiness));
                }
                None => text.push('\n'),
            }
            for (name, value) in outputs(pipeline) {
                let value = match &value {
                    Value::Array(items) => {
                        items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
                    }
                    Value::String(text) => text.clone(),
                    value => value.to_string(),
                };
                let _ = writeln!(text, "  {name} = {value}");
            }
        }
        text
    }
}

/// How a pipeline ended of which not everything was written.
fn ended(pipeline: &PipelineReport) -> Option<String> {
    match (pipeline.fate, &pipeline.problems[..]) {
        (Fate::Applied | Fate::Unchanged, _) => None,
        (Fate::Stopped, _) => Some("stopped".to_owned()),
        (Fate::NotBegun, _) => Some("not begun".to_owned()),
        (_, [first, ..]) => Some(format!("failed: {}", sanitize(&first.to_string(), LINE))),
        (_, []) => Some("failed".to_owned()),
    }
}

/// Prints the result of an apply that did all it should.
pub(crate) fn print(
    report: &ApplyReport,
    said: Vec<Diagnostic>,
    json: bool,
    printer: &Printer,
) -> io::Result<()> {
    let result = ApplyResult::new(report);
    if json {
        printer.json(&Envelope::new("ApplyResult", result, said))
    } else {
        printer.text(&result.text())
    }
}

/// What other programs need to find what was applied.
fn outputs(pipeline: &PipelineReport) -> Map<String, Value> {
    let claims = pipeline
        .objects
        .iter()
        .filter(|it| it.object.kind == Kind::PersistentVolumeClaim)
        .map(|it| Value::from(it.object.name.as_str()));
    let mut outputs = Map::from_iter([
        ("statefulset_name".to_owned(), pipeline.stateful_set.as_str().into()),
        ("service_name".to_owned(), pipeline.service.as_str().into()),
        ("claims".to_owned(), claims.collect()),
    ]);
    if let Some(revision) = pipeline.revision {
        outputs.insert("revision".to_owned(), revision.into());
    }
    outputs
}
