//! `wellhead delete`: objects go, data stays unless a person asks for it by name.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use clap::Args;
use clap::builder::FalseyValueParser;
use serde::Serialize;
use wellhead::Cluster;
use wellhead_cluster::{
    Claims, ClusterError, DeleteOptions, DeleteReport, Deletion, PipelineRef, Problem, Wait,
};
use wellhead_diagnostics::Code;

use super::consent;
use crate::cli::args::duration::{Timeout, timeout};
use crate::cli::args::format::Text;
use crate::cli::args::names::Names;
use crate::cli::args::waiting::LockWait;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::progress::Reporter;
use crate::cli::program::{self, repeated};
use crate::cli::signals::Signals;

/// Delete pipelines (PVCs are kept)
///
/// Deletes the Service, the StatefulSet and the pods. The claims and their data are kept, and a later apply
/// of the same pipeline uses them again. All pipelines are checked before the first is deleted; after that,
/// one that fails does not stop the others.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    names: Names,
    /// Also delete the claims of this pipeline, and with them its data: repeat its name
    #[arg(long = "delete-claims", value_name = "NAME")]
    claims_of: Vec<String>,
    /// Skip the confirmation prompt
    #[arg(short, long, env = "WELLHEAD_YES", hide_env_values = true, alias = "auto-approve")]
    #[arg(value_parser = FalseyValueParser::new())]
    yes: bool,
    /// How long to wait until all objects are deleted; 0 waits forever
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = timeout)]
    timeout: Timeout,
    #[command(flatten)]
    lock: LockWait,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct DeleteResult {
    pipelines: Vec<Deleted>,
}

#[derive(Serialize)]
struct Deleted {
    #[serde(flatten)]
    pipeline: PipelineRef,
    #[serde(flatten)]
    report: DeleteReport,
    /// Why it is not gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
}

impl Delete {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        if !self.yes {
            consent::require("a deletion")?;
        }
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            let pipelines = self.names.resolve(context, &cluster)?;
            self.check_claims(&pipelines)?;
            let all: Vec<_> = pipelines.iter().map(|it| self.deletion(it)).collect();
            let found = cluster.check_deletions(&all).await?;
            if !found.is_empty() && !self.yes {
                consent::ask(&Self::question(&found, &cluster), &context.printer)?;
            }
            self.delete(&found, &pipelines, context, &cluster).await
        })
    }

    /// Names of pipelines whose claims go must be names of pipelines that go.
    fn check_claims(&self, pipelines: &[PipelineRef]) -> Result<(), Failure> {
        let known = |name: &String| pipelines.iter().any(|it| it.name == *name);
        let Some(wrong) = self.claims_of.iter().find(|name| !known(name)) else {
            return Ok(());
        };
        let names: Vec<_> = pipelines.iter().map(|it| it.name.as_str()).collect();
        let names = names.join(", ");
        let what = format!("`--delete-claims {wrong}` does not repeat the name of the pipeline");
        let fact = format!("pipelines to delete: {names}; nothing was deleted");
        let hint = format!("to delete the data, too: --delete-claims {names}");
        let what = Diagnostic::error(Code::NotConfirmed, what).fact(fact);
        Err(Failure::unconfirmed(what.hint(hint)))
    }

    fn deletion(&self, pipeline: &PipelineRef) -> Deletion {
        let named = self.claims_of.contains(&pipeline.name);
        let claims = if named { Claims::Delete } else { Claims::Keep };
        Deletion { pipeline: pipeline.clone(), claims }
    }

    fn question(deletions: &[Deletion], cluster: &Cluster) -> String {
        let mut question = String::new();
        for Deletion { pipeline, claims } in deletions {
            let what = match claims {
                Claims::Keep => "Service, StatefulSet and pods",
                Claims::Delete => "Service, StatefulSet, pods, CLAIMS AND THEIR DATA",
            };
            let _ = writeln!(question, "{pipeline}: {what}");
        }
        question + &format!("Delete them from context {}?", cluster.context_name())
    }

    async fn delete(
        &self,
        found: &[Deletion],
        all: &[PipelineRef],
        context: &Context,
        cluster: &Cluster,
    ) -> Result<Exit, Failure> {
        let printer = &context.printer;
        let signals = Signals::listen(printer)?;
        signals.writing_begins();
        let reporter = Reporter::start(printer);
        let options = DeleteOptions {
            wait: Wait::UntilDone { timeout: self.timeout.0 },
            stop: signals.stop.clone(),
            lock_timeout: self.lock.lock_timeout,
            ..DeleteOptions::default()
        };
        let results = cluster.delete_all(found, &options, &reporter).await;
        reporter.finish();
        let mut ended = Ended::default();
        for (deletion, result) in found.iter().zip(results) {
            ended.add(&deletion.pipeline, result);
        }
        let failure = match ended.failure(&signals) {
            Some(failure) if !ended.is_begun() => return Err(failure),
            failure => failure,
        };
        let said = failure.as_ref().map(|it| it.diagnostics(printer.is_verbose()));
        let said = said.unwrap_or_default();
        printer.print(&said);
        if self.is_json() {
            let result = DeleteResult { pipelines: ended.deleted };
            printer.json(&Envelope::new("DeleteResult", result, said))?;
        } else {
            printer.text(&text(&ended, all))?;
        }
        Ok(failure.map_or(Exit::Done, |it| it.exit()))
    }
}

/// What became of all deletions.
#[derive(Default)]
struct Ended {
    deleted: Vec<Deleted>,
    errors: Vec<ClusterError>,
    /// Those whose turn did not come.
    left: BTreeSet<PipelineRef>,
}

impl Ended {
    fn add(&mut self, pipeline: &PipelineRef, result: Result<DeleteReport, ClusterError>) {
        let (report, error) = match result {
            Ok(report) => (report, None),
            Err(ClusterError::Stopped { .. }) => {
                self.left.insert(pipeline.clone());
                return;
            }
            Err(error) => match &error {
                ClusterError::DeletionUnfinished { report, .. } => {
                    (DeleteReport::clone(report), Some(error))
                }
                _ => (DeleteReport::default(), Some(error)),
            },
        };
        let problems = error.as_ref().map_or(&[][..], ClusterError::problems).to_vec();
        self.deleted.push(Deleted { pipeline: pipeline.clone(), report, problems });
        self.errors.extend(error);
    }

    /// Whether anything is gone, or on its way out.
    fn is_begun(&self) -> bool {
        self.deleted.iter().any(|it| !it.report.deleted.is_empty())
    }

    /// Why not everything is gone that was to go.
    fn failure(&self, signals: &Signals) -> Option<Failure> {
        let problems = self.errors.iter().flat_map(ClusterError::problems);
        let mut what: Vec<_> = problems.map(Diagnostic::of_problem).collect();
        if !self.left.is_empty() {
            let (count, names) = (self.left.len(), shortened(&self.left));
            let left = format!("stopped: {count} pipelines were not deleted: {names}");
            let hint = format!("go on: {}", program::this_command());
            what.push(Diagnostic::error(Code::Interrupted, left).hint(hint));
        }
        let mut exits = self.errors.iter().map(Exit::of_cluster);
        let exit = match exits.next() {
            _ if signals.stop.is_stopped() => signals.exit(),
            None if self.left.is_empty() => return None,
            Some(first) if exits.all(|it| it == first) => first,
            _ => Exit::Error,
        };
        // Something was written.
        let exit = if exit == Exit::Refused && self.is_begun() { Exit::Error } else { exit };
        Some(Failure::Several { exit, what })
    }
}

/// The first of many names.
fn shortened(names: &BTreeSet<PipelineRef>) -> String {
    const SHOWN: usize = 5;
    let first: Vec<_> = names.iter().take(SHOWN).map(ToString::to_string).collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => first.join(", "),
        Some(more) => format!("{} and {more} more", first.join(", ")),
    }
}

fn text(Ended { deleted, left, .. }: &Ended, all: &[PipelineRef]) -> String {
    let mut text = String::new();
    let deleted: HashMap<_, _> = deleted.iter().map(|it| (&it.pipeline, it)).collect();
    for one in all {
        let done = deleted.get(one);
        let (gone, kept) =
            done.map_or((&[][..], &[][..]), |it| (&it.report.deleted, &it.report.kept));
        let names: Vec<_> = gone.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        let failed = left.contains(one) || done.is_some_and(|it| !it.problems.is_empty());
        let _ = match (failed, gone.is_empty()) {
            (true, true) => writeln!(text, "{one}: not deleted"),
            (true, false) => writeln!(text, "{one}: not gone yet: {names}"),
            (false, true) => writeln!(text, "{one}: nothing to delete"),
            (false, false) => writeln!(text, "{one}: deleted {names}"),
        };
        if !kept.is_empty() {
            let claims: Vec<_> =
                kept.iter().map(|it| format!("{} ({})", it.name, it.requested)).collect();
            let _ = writeln!(text, "  kept {} claims: {}", kept.len(), claims.join(", "));
            let (name, namespace) = (&one.name, &one.namespace);
            let command = format!("wellhead delete {name} -n {namespace} --delete-claims {name}");
            let _ = writeln!(text, "  delete them and their data: {}", repeated(&command));
        }
        for foreign in done.iter().flat_map(|it| &it.report.foreign) {
            let _ = writeln!(
                text,
                "  left alone: {foreign} is not Wellhead's, or another StatefulSet uses it"
            );
        }
    }
    text
}
