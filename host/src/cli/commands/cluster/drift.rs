//! `wellhead drift`: what others changed of what Wellhead set.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use wellhead::{Cluster, DriftState, DriftedObject, Run};
use wellhead_chain::sanitize;
use wellhead_cluster::ObjectRef;
use wellhead_spec::{OwnershipPolicy, from_difference};

use super::prepared::{Planned, planned};
use crate::cli::args::allow::Allow;
use crate::cli::args::files::Files;
use crate::cli::args::format::Text;
use crate::cli::args::take::Take;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::json::is_zero;
use crate::cli::output::plan::text;
use crate::cli::output::plan::view::{Change, Field, Kept, Left, SetBy, View};
use crate::cli::output::remedies;

/// Most characters of a line.
const LINE: usize = 1_000;
/// Most characters of a value.
const VALUE: usize = 160;

/// Detect drift: fields changed by other field managers
///
/// A field has drifted if the pipeline sets it and another field manager has since taken it and set another
/// value. An object has drifted if it was deleted, or is being deleted, while other objects of the pipeline
/// exist. A field that `ownership` leaves to another manager does not drift; `-v` shows its manager. Changes
/// of the pipeline itself are not drift: see `plan`. Fields that earlier appliers own and the pipeline does
/// not set are a warning. Nothing is written; the command that restores everything is printed.
#[derive(Debug, Args)]
pub(crate) struct Drift {
    #[command(flatten)]
    files: Files,
    /// Exit with 0 if there is no drift, with 2 if there is
    #[arg(long, alias = "detailed-exitcode")]
    exit_code: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// What `drift -o json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DriftResult {
    summary: Summary,
    drift: Vec<Drifted>,
    /// Fields that the pipelines leave to others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<Left>,
    /// Fields that objects keep although the pipelines do not say them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_behind: Vec<Kept>,
    /// The command that restores what has drifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    restore: Option<String>,
}

#[derive(Serialize)]
struct Summary {
    objects: usize,
    fields: usize,
    missing: usize,
    #[serde(skip_serializing_if = "is_zero")]
    deleting: usize,
}

/// One object that is not as Wellhead left it.
#[derive(Serialize)]
struct Drifted {
    pipeline: String,
    #[serde(rename = "ref")]
    object: ObjectRef,
    /// Whether it was deleted outside Wellhead.
    missing: bool,
    /// Whether it is being deleted, and is still there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleting: bool,
    /// `from` is what the others set, `to` what the pipeline says.
    fields: Vec<Field>,
}

impl Drift {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            self.drift(context, &cluster).await
        })
    }

    async fn drift(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let take = Take::default();
        let Planned { run, plan, mut said, apply } =
            planned(&self.files, &take, &Allow::default(), context, cluster).await?;
        let printer = &context.printer;
        let drift = plan.drift();
        let mut problems =
            remedies::diagnostics(drift.hidden.iter().chain(&drift.warnings), &apply);
        let warnings = problems.split_off(drift.hidden.len()).into_iter();
        let warnings: Vec<_> = warnings.map(Diagnostic::into_warning).collect();
        printer.warnings(&warnings);
        said.extend(warnings);
        let provenance = run.provenance();
        let mut result = shown(View::new(&plan, SetBy::Run(&provenance)), drift);
        let found = !result.drift.is_empty();
        let restorable = result.drift.iter().any(|one| !one.deleting);
        result.restore = restorable.then(|| restoring(&result, &run, &apply));
        if self.is_json() {
            said.extend(problems.clone());
            printer.print(&problems);
            printer.json(&Envelope::new("Drift", result, said))?;
        } else {
            let mut text = text(&result);
            if printer.is_verbose() {
                text::left(&mut text, &result.left);
            }
            printer.text(&text)?;
            printer.print(&problems);
            if let Some(command) = &result.restore {
                printer.line(&format!("restore it: {command}"));
            }
        }
        Ok(match (problems.is_empty(), found) {
            (false, _) => Exit::Refused,
            (true, true) if self.exit_code => Exit::Changes,
            (true, _) => Exit::Done,
        })
    }
}

/// What has drifted, as it is shown: values masked, and who set each of them.
fn shown(view: View<'_>, drift: wellhead::Drift) -> DriftResult {
    let View { changes, left, left_behind, .. } = view;
    let changes: HashMap<_, _> =
        changes.iter().map(|change| (change.object.object.clone(), change)).collect();
    let objects = drift.objects.into_iter().map(|one| {
        let DriftedObject { pipeline, object, state, fields: drifted } = one;
        let drifted: HashSet<_> = drifted.iter().map(|it| &it.path).collect();
        let mut fields = changes.get(&object).map(Change::fields).unwrap_or_default();
        fields.retain(|field| drifted.contains(&field.path));
        Drifted {
            pipeline: pipeline.to_string(),
            object,
            missing: state == DriftState::Missing,
            deleting: state == DriftState::Deleting,
            fields,
        }
    });
    let drift: Vec<_> = objects.collect();
    let fields = drift.iter().map(|it| it.fields.len()).sum();
    let missing = drift.iter().filter(|it| it.missing).count();
    let deleting = drift.iter().filter(|it| it.deleting).count();
    let summary = Summary { objects: drift.len(), fields, missing, deleting };
    DriftResult { summary, drift, left, left_behind, restore: None }
}

/// The command that restores what has drifted. What the pipeline takes anyway need not be named.
fn restoring(result: &DriftResult, run: &Run, apply: &str) -> String {
    let taken = |field: &&Field| field.ownership != Some(OwnershipPolicy::Take);
    let mut of_run = run.fields_of();
    let mut fields = BTreeSet::new();
    for one in &result.drift {
        let drifted = one.fields.iter().filter(taken);
        fields.extend(drifted.filter_map(|field| of_run.field(&one.object, &field.path)));
    }
    remedies::command(apply, &fields)
}

fn text(result: &DriftResult) -> String {
    if result.drift.is_empty() {
        return "No drift detected.\n".to_owned();
    }
    let mut text = String::new();
    let mut pipeline = "";
    for one in &result.drift {
        if one.pipeline != pipeline {
            let _ = writeln!(text, "{}", one.pipeline);
            pipeline = &one.pipeline;
        }
        let state = match one {
            Drifted { missing: true, .. } => ": is gone",
            Drifted { deleting: true, .. } => ": is being deleted",
            _ => "",
        };
        let _ = writeln!(text, "  {}{state}", one.object);
        for field in &one.fields {
            let _ = writeln!(text, "    {}", sanitize(&line(field), LINE));
        }
    }
    let Summary { fields, missing, deleting, .. } = result.summary;
    let _ = write!(text, "\nDrift: fields changed: {fields}, objects deleted: {missing}");
    let _ = match deleting {
        0 => writeln!(text, "."),
        deleting => writeln!(text, ", being deleted: {deleting}."),
    };
    text
}

/// One field: what it is, by whom, and what it should be.
fn line(field: &Field) -> String {
    let by = field.set_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
    let owners: Vec<_> = field.owners.iter().map(text::owner).collect();
    let owners = owners.join(", ");
    let texts = [&field.from, &field.to].map(|it| it.as_ref().map(Value::to_string));
    let shown = |at: usize| {
        let Some(text) = &texts[at] else { return "not set".to_owned() };
        let other = texts[1 - at].as_deref().unwrap_or(text);
        sanitize(&from_difference(text, other, VALUE), VALUE)
    };
    let (is, wanted) = (shown(0), shown(1));
    format!("{}: set to {is} by {owners}; the pipeline sets {wanted}{by}", field.path)
}
