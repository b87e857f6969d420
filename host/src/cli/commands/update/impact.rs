//! `wellhead impact`: what another version of a plugin changes, of every release that runs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use wellhead::impact::{Impact as One, ImpactError, Impacts, Replays, Verdict};
use wellhead::{Plan, PlanOptions};
use wellhead_chain::sanitize;
use wellhead_cluster::{Effect, PipelineRef, PlannedPipeline};
use wellhead_diagnostics::Code;
use wellhead_spec::PluginReference;

use crate::cli::args::allow::Allow;
use crate::cli::args::files;
use crate::cli::args::format::Text;
use crate::cli::args::names::Everywhere;
use crate::cli::cluster;
use crate::cli::commands::cluster::prepared::reported;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::plan::text;
use crate::cli::output::plan::view::{SetBy, View};
use crate::cli::output::progress::Reporter;
use crate::cli::signals::Signals;

/// Names of releases that a line shows; `-v` shows all.
const NAMED: usize = 10;
/// Most characters of a line.
const LINE: usize = 1_000;

/// Show what another version of a plugin changes, for every release that runs it
///
/// Replays the recorded chain of each release in the cluster in the sandbox: with the recorded components, which must give the
/// recorded objects again, and with the new version under the recorded rights. What changes then is planned, with dry runs and preflight checks; nothing is
/// written. The verdicts: unchanged; changed, with what that means for pods and data; needs-consent, where a right is missing;
/// conflict, with another plugin; fails, where a render or a plan would; unknown, with the reason.
///
/// With `-f` and `-c`, the releases are those of files, compared with what they render to now. No cluster is asked.
///
/// `-o json` has `summary` and, of each release, `namespace`, `name`, `verdict` and, if any, `revision`, `code`, `reason` and
/// `changes`, as `plan` has them.
#[derive(Debug, Args)]
pub(crate) struct Impact {
    /// The other version: `oci://HOST/REPOSITORY:VERSION`, or a component's file
    #[arg(value_name = "SOURCE")]
    source: String,
    #[command(flatten)]
    everywhere: Everywhere,
    /// The entries that would run it, by their name [default: those that run a version of SOURCE's repository]
    #[arg(long, value_name = "NAME")]
    plugin: Option<String>,
    /// A component that a release runs and that came from no registry
    #[arg(long, value_name = "FILE")]
    component: Vec<PathBuf>,
    /// Base spec: a file or a folder
    #[arg(short, long, value_name = "PIPELINE", num_args = 1.., conflicts_with = "all")]
    file: Vec<PathBuf>,
    /// Customization: a file or a folder
    #[arg(short, long, value_name = "CUSTOMIZATION", num_args = 1.., requires = "file")]
    customization: Vec<PathBuf>,
    /// The facts that plugins got
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,
    /// Exit with 0 if nothing changes, with 4 if a render or a plan would be refused, else with 2
    #[arg(long)]
    exit_code: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct ImpactResult<'r> {
    source: &'r str,
    version: &'r str,
    component: &'r str,
    summary: BTreeMap<&'static str, usize>,
    releases: Vec<ReleaseView<'r>>,
}

#[derive(Serialize)]
struct ReleaseView<'r> {
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'r str,
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i64>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Value>,
}

impl From<ImpactError> for Failure {
    fn from(error: ImpactError) -> Self {
        match error {
            ImpactError::Registry(error) => error.into(),
            ImpactError::Plugin(error) => Self::Plugin(error),
            ImpactError::Run(error) => Self::Run(error),
            other => Self::usage(other.to_string(), "name another version"),
        }
    }
}

impl Impact {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if !PluginReference::is_meant(&self.source) && self.plugin.is_none() {
            let hint = "add `--plugin NAME`, the name of the entries that would run it";
            return Err(Failure::usage("a file does not say which entries are meant", hint));
        }
        let request =
            files::request([&self.file, &self.customization, &self.facts], context, None)?;
        let replays =
            Replays::new(&request, &self.source, self.plugin.as_deref(), &self.component)?;
        let impacts = if self.file.is_empty() {
            cluster::block_on(self.of_cluster(&replays, context))?
        } else {
            replays.of_run(&wellhead::run(&request)?)
        };
        let problems = Diagnostic::warnings(&impacts.problems);
        context.printer.warnings(&problems);
        let summary = summary(&impacts);
        if self.is_json() {
            let candidate = replays.candidate();
            let result = ImpactResult {
                source: &candidate.source,
                version: &candidate.version,
                component: &candidate.digest,
                summary,
                releases: views(&impacts, &candidate.source)?,
            };
            context.printer.json(&Envelope::new("PluginImpact", result, problems))?;
        } else {
            context.printer.styled(&shown(&impacts, &replays, context.printer.is_verbose()))?;
        }
        Ok(if self.exit_code { exit(&impacts) } else { Exit::Done })
    }

    async fn of_cluster(
        &self,
        replays: &Replays<'_>,
        context: &Context,
    ) -> Result<Impacts, Failure> {
        let cluster = cluster::connect(context).await?;
        let namespace = self.everywhere.namespace(context, &cluster);
        let printer = &context.printer;
        let signals = Signals::listen(printer)?;
        let options: PlanOptions = Allow::default().plan(&signals.stop);
        let look = async |reporter: &Reporter| {
            replays.of_cluster(&cluster, namespace.as_deref(), &options, reporter).await
        };
        reported(look, &signals, printer).await
    }
}

fn exit(impacts: &Impacts) -> Exit {
    let refused = |it: &One| {
        matches!(
            it.verdict,
            Verdict::Fails { .. } | Verdict::Conflict { .. } | Verdict::NeedsConsent { .. }
        )
    };
    let unchanged = |it: &One| matches!(it.verdict, Verdict::Unchanged);
    if impacts.found.iter().any(refused) {
        Exit::Refused
    } else if impacts.found.iter().all(unchanged) && impacts.problems.is_empty() {
        Exit::Done
    } else {
        Exit::Changes
    }
}

/// How many releases have each verdict.
fn summary(impacts: &Impacts) -> BTreeMap<&'static str, usize> {
    let mut summary = BTreeMap::new();
    for one in &impacts.found {
        *summary.entry(one.verdict.word()).or_default() += 1;
    }
    summary
}

fn views<'r>(impacts: &'r Impacts, source: &str) -> Result<Vec<ReleaseView<'r>>, Failure> {
    let view = |one: &'r One| {
        let (code, reason) = match &one.verdict {
            Verdict::Unchanged | Verdict::Changed(_) => (None, None),
            Verdict::Unknown { why } => (None, Some(why.as_str())),
            Verdict::NeedsConsent { code, why }
            | Verdict::Conflict { code, why }
            | Verdict::Fails { code, why } => (Some(*code), Some(why.as_str())),
        };
        let changes = match &one.verdict {
            Verdict::Changed(planned) => Some(changes(planned, source)?),
            _ => None,
        };
        Ok(ReleaseView {
            namespace: &one.pipeline.namespace,
            name: &one.pipeline.name,
            revision: one.revision,
            verdict: one.verdict.word(),
            code,
            reason,
            changes,
        })
    };
    impacts.found.iter().map(view).collect()
}

/// What `plan -o json` has of the changes.
fn changes(planned: &PlannedPipeline, source: &str) -> Result<Value, Failure> {
    let plan = Plan { pipelines: vec![planned.clone()], ..Plan::default() };
    let view = View::new(&plan, SetBy::Upgrade(source));
    serde_json::to_value(&view.changes).map_err(|error| std::io::Error::from(error).into())
}

fn shown(impacts: &Impacts, replays: &Replays<'_>, verbose: bool) -> String {
    let subject = sanitize(&replays.subject(), LINE);
    let Impacts { looked_at, found, .. } = impacts;
    if found.is_empty() {
        return format!("Checked {}: none runs {subject}.\n", counted(*looked_at));
    }
    let version = sanitize(&replays.candidate().version, LINE);
    let counts = ["fails", "conflict", "needs-consent", "unknown", "changed", "unchanged"];
    let summary = summary(impacts);
    let counts =
        counts.iter().filter_map(|it| summary.get(it).map(|count| format!("{count} {it}")));
    let counts: Vec<_> = counts.collect();
    let verb = if found.len() == 1 { "runs" } else { "run" };
    let mut text = format!(
        "{} {verb} {subject}. With {version}: {}.\n",
        counted(found.len()),
        counts.join(", ")
    );
    let mut groups: Vec<(&'static str, Vec<String>, Vec<&One>)> = Vec::new();
    for one in found {
        let (word, lines) = (one.verdict.word(), lines(&one.verdict));
        match groups.iter_mut().find(|it| it.0 == word && it.1 == lines) {
            Some(group) => group.2.push(one),
            None => groups.push((word, lines, vec![one])),
        }
    }
    for (word, lines, members) in groups {
        let most = if verbose { members.len() } else { NAMED };
        let names: Vec<_> = members.iter().take(most).map(|it| named(&it.pipeline)).collect();
        let more = members.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(text, "\n{word}: {}{more}", sanitize(&names.join(", "), LINE));
        for line in lines {
            let _ = writeln!(text, "    {}", sanitize(&line, LINE));
        }
        if verbose {
            for one in members {
                if let Verdict::Changed(planned) = &one.verdict {
                    let pipelines = vec![PlannedPipeline::clone(planned)];
                    let plan = Plan { pipelines, ..Plan::default() };
                    let view = View::new(&plan, SetBy::Upgrade(&replays.candidate().source));
                    let _ = write!(text, "\n{}", text::text(&view, false));
                }
            }
        }
    }
    text
}

/// A pipeline; in files it may have no namespace.
fn named(pipeline: &PipelineRef) -> String {
    match pipeline.namespace.as_str() {
        "" => pipeline.name.clone(),
        _ => pipeline.to_string(),
    }
}

fn counted(releases: usize) -> String {
    if releases == 1 { "1 release".to_owned() } else { format!("{releases} releases") }
}

/// What is said of a verdict, which is the same for releases to which the same happens.
fn lines(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Unchanged => Vec::new(),
        Verdict::Changed(planned) => {
            let mut effects: Vec<_> = planned.objects.iter().flat_map(|it| &it.effects).collect();
            effects.sort_by(|one, other| other.cmp(one));
            let mut words: Vec<_> = effects.into_iter().filter_map(short).collect();
            words.dedup();
            words.into_iter().map(str::to_owned).collect()
        }
        Verdict::Unknown { why }
        | Verdict::NeedsConsent { why, .. }
        | Verdict::Conflict { why, .. }
        | Verdict::Fails { why, .. } => vec![why.clone()],
    }
}

/// An effect without names.
fn short(effect: &Effect) -> Option<&'static str> {
    Some(match effect {
        Effect::Create => "creates objects",
        Effect::Ownership => "in place: only field managers change",
        Effect::InPlace => "in place: no pod restarts",
        Effect::StartsPods { .. } => "starts pods",
        Effect::GrowsVolume { .. } => "expands volumes",
        Effect::RestartsOnDelete { .. } => "restarts pods after you delete them (OnDelete)",
        Effect::RestartsPods { .. } => "restarts pods",
        Effect::ReplacesPods { .. } => "replaces pods",
        Effect::StopsPods { .. } => "stops pods",
        Effect::Recreates { .. } => "needs a new StatefulSet",
        Effect::NeedsMore { .. } => "needs more than the cluster allows",
        Effect::DataAtRisk { .. } => "DATA AT RISK",
        _ => return None,
    })
}
