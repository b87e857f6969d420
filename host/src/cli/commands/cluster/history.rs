//! `wellhead history`: what was applied, by whom and when.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use wellhead::Cluster;
use wellhead_chain::{quote, sanitize};
use wellhead_cluster::{
    ChainEntry, History as HistoryOf, Origin, PipelineRef, Revision, RevisionState, StoredRevision,
};
use wellhead_diagnostics::Code;
use wellhead_render::{ResourceSet, value_to_yaml};
use wellhead_spec::PipelineName;

use crate::cli::args::format::Text;
use crate::cli::args::names::name;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::diff;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::mask::{self, Values};
use crate::cli::output::table::table;

/// Most characters of a message in a table.
const LINE: usize = 200;

/// Show the revision history of a pipeline
///
/// Each applied set of objects is recorded as a revision in the cluster: the objects, the spec that they were
/// rendered from, the base spec and the chain of plugins that made it, who applied it, when, and why. The last ten are kept. `wellhead
/// rollback` goes back to one of them.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct History {
    #[command(subcommand)]
    action: Option<Action>,
    /// Name of the pipeline
    #[arg(required = true, value_parser = name)]
    pipeline: Option<PipelineName>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the objects of a revision
    Show(Show),
    /// Show how two revisions differ
    Diff(Diff),
}

#[derive(Debug, Args)]
struct Show {
    /// Name of the pipeline
    #[arg(value_parser = name)]
    pipeline: PipelineName,
    /// Number of the revision [default: the newest]
    revision: Option<i64>,
    /// Also show values of variables that look like secrets
    #[arg(long)]
    unmasked: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Debug, Args)]
struct Diff {
    /// Name of the pipeline
    #[arg(value_parser = name)]
    pipeline: PipelineName,
    /// Number of the older revision
    from: i64,
    /// Number of the newer revision [default: the newest]
    to: Option<i64>,
}

#[derive(Serialize)]
struct HistoryResult {
    pipeline: PipelineRef,
    revisions: Vec<Revision>,
}

#[derive(Serialize)]
struct ShowResult {
    revision: Revision,
    /// The pipeline as the plugins left it.
    spec: Value,
    /// The pipeline as the plugins got it.
    #[serde(skip_serializing_if = "Value::is_null")]
    base: Value,
    /// The chain that ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<Value>,
    objects: Vec<Value>,
}

impl History {
    pub(crate) fn is_json(&self) -> bool {
        match &self.action {
            None => self.output == Text::Json,
            Some(Action::Show(show)) => show.output == Text::Json,
            Some(Action::Diff(_)) => false,
        }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            match (&self.action, &self.pipeline) {
                (Some(Action::Show(show)), _) => show.run(context, &cluster).await,
                (Some(Action::Diff(diff)), _) => diff.run(context, &cluster).await,
                (None, Some(pipeline)) => self.list(pipeline, context, &cluster).await,
                (None, None) => {
                    Err(Failure::usage("no pipeline is named", "wellhead history NAME"))
                }
            }
        })
    }

    async fn list(
        &self,
        pipeline: &PipelineName,
        context: &Context,
        cluster: &Cluster,
    ) -> Result<Exit, Failure> {
        let pipeline = named(pipeline, context, cluster);
        let HistoryOf { revisions, unusable } = cluster.history(&pipeline).await?;
        if revisions.is_empty() && unusable.is_empty() {
            return Err(nothing(&pipeline));
        }
        let warnings = Diagnostic::warnings(&unusable);
        context.printer.warnings(&warnings);
        if self.is_json() {
            let result = HistoryResult { pipeline, revisions };
            context.printer.json(&Envelope::new("History", result, warnings))?;
        } else {
            context.printer.text(&list(&revisions))?;
        }
        Ok(Exit::Done)
    }
}

/// The pipeline of a name, in the namespace of the command.
pub(crate) fn named(name: &PipelineName, context: &Context, cluster: &Cluster) -> PipelineRef {
    PipelineRef { namespace: cluster::namespace(context, cluster), name: name.to_string() }
}

fn nothing(pipeline: &PipelineRef) -> Failure {
    let what = format!("there is no history of {pipeline} in the cluster");
    let hint = "`-n` names the namespace, `--context` the cluster";
    Failure::not_found(Diagnostic::error(Code::NotFound, what).hint(hint))
}

fn list(revisions: &[Revision]) -> String {
    let row = |it: &Revision| {
        let plugins: Vec<_> = it.plugins.iter().map(|it| it.name.as_str()).collect();
        let about = match (&it.message, it.rollback_to) {
            (Some(message), _) => sanitize(message, LINE),
            (None, Some(number)) => format!("rollback to {number}"),
            (None, None) => "-".to_owned(),
        };
        let plugins = if plugins.is_empty() { "-".to_owned() } else { plugins.join(", ") };
        [
            it.number.to_string(),
            state(it.state).to_owned(),
            sanitize(&it.made, LINE),
            sanitize(&it.by, LINE),
            sanitize(&plugins, LINE),
            about,
        ]
    };
    let header = ["REVISION", "STATE", "MADE", "BY", "PLUGINS", "MESSAGE"];
    table(header, revisions.iter().map(row))
}

fn state(state: RevisionState) -> &'static str {
    match state {
        RevisionState::Current => "current",
        RevisionState::Unfinished => "unfinished",
        RevisionState::Unconfirmed => "unconfirmed",
        _ => "earlier",
    }
}

/// A revision by its number, else the newest.
async fn revision(
    pipeline: &PipelineRef,
    number: Option<i64>,
    cluster: &Cluster,
) -> Result<StoredRevision, Failure> {
    let number = if let Some(number) = number {
        number
    } else {
        let known = cluster.history(pipeline).await?.revisions;
        let mut ours = known.iter().filter(|it| it.state != RevisionState::Unconfirmed);
        ours.next().ok_or_else(|| nothing(pipeline))?.number
    };
    let found = cluster.revision(pipeline, number).await?;
    found.ok_or_else(|| {
        let what = format!("revision {number} of {pipeline} is not kept");
        let hint = format!("wellhead history {} -n {}", pipeline.name, pipeline.namespace);
        Failure::not_found(Diagnostic::error(Code::NotFound, what).hint(hint))
    })
}

impl Show {
    async fn run(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let pipeline = named(&self.pipeline, context, cluster);
        let StoredRevision { revision, spec, origin, objects } =
            revision(&pipeline, self.revision, cluster).await?;
        let values = if self.unmasked { Values::Shown } else { Values::Masked };
        let objects: Vec<Value> =
            objects.objects().into_iter().map(|it| mask::value(&it.value, values)).collect();
        if self.output == Text::Json {
            let chain = origin.chain.iter().map(|it| mask::value(&json!(it), values)).collect();
            let (spec, base) = (mask::value(&spec, values), mask::value(&origin.base, values));
            let result = ShowResult { revision, spec, base, chain, objects };
            context.printer.json(&Envelope::new("Revision", result, Vec::new()))?;
        } else {
            context.printer.text(&shown(&pipeline, &revision, &origin, &objects))?;
        }
        Ok(Exit::Done)
    }
}

/// The objects as YAML, with what the revision says about itself as a comment.
fn shown(
    pipeline: &PipelineRef,
    revision: &Revision,
    origin: &Origin,
    objects: &[Value],
) -> String {
    let Revision { number, made, by, from, .. } = revision;
    let (made, by, from) = (sanitize(made, LINE), sanitize(by, LINE), sanitize(from, LINE));
    let mut text = format!(
        "# {pipeline}, revision {number} ({}), made {made} by {by} ({from})\n",
        state(revision.state)
    );
    let _ = writeln!(text, "# {}", revision.digest);
    if let Some(message) = &revision.message {
        let _ = writeln!(text, "# {}", sanitize(message, LINE));
    }
    if let Some(number) = revision.rollback_to {
        let _ = writeln!(text, "# it brought back revision {number}");
    }
    for plugin in &revision.plugins {
        let version = plugin.version.as_ref().map(|it| format!(" {}", quote(it, LINE)));
        let (name, digest) = (sanitize(&plugin.name, LINE), sanitize(&plugin.digest, LINE));
        let is_it = |it: &&ChainEntry| it.entry.name.as_str() == plugin.name;
        let source = origin.chain.iter().find(is_it).map(|it| quote(&it.entry.source, LINE));
        let source = source.map(|it| format!(" from {it}")).unwrap_or_default();
        let _ = writeln!(text, "# plugin {name} {digest}{}{source}", version.unwrap_or_default());
    }
    text + &objects.iter().map(value_to_yaml).collect::<Vec<_>>().join("---\n")
}

impl Diff {
    async fn run(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let pipeline = named(&self.pipeline, context, cluster);
        let from = revision(&pipeline, Some(self.from), cluster).await?;
        let to = revision(&pipeline, self.to, cluster).await?;
        let mut text = String::new();
        let (old, new) = (by_name(&from.objects), by_name(&to.objects));
        let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let value = |all: &BTreeMap<String, Value>| all.get(name).cloned().unwrap_or_default();
            let (before, after) = mask::pair(&value(&old), &value(&new));
            let lines = diff::lines(&before, &after);
            if !lines.is_empty() {
                let _ = writeln!(text, "{name}");
                for line in lines {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
        if text.is_empty() {
            text.push_str("No differences.\n");
        }
        context.printer.styled(&text)?;
        Ok(Exit::Done)
    }
}

fn by_name(set: &ResourceSet) -> BTreeMap<String, Value> {
    let objects = set.objects().into_iter();
    objects.map(|it| (format!("{}/{}", it.kind.to_lowercase(), it.name), it.value)).collect()
}
