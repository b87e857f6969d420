//! `wellhead delete`: objects go, data stays unless a person asks for it by name.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::FalseyValueParser;
use serde::Serialize;
use wellhead::Cluster;
use wellhead_cluster::{Claims, DeleteOptions, DeleteReport, PipelineRef, Wait};

use super::cluster::{self, Signals};
use super::connecting::repeated;
use super::diagnostic::Diagnostic;
use super::duration::{Timeout, timeout};
use super::envelope::Envelope;
use super::exit::Exit;
use super::failure::Failure;
use super::names::Names;
use super::progress::Reporter;
use super::version::Text;
use super::waiting::LockWait;
use super::{Context, codes, consent};

/// Delete pipelines, and keep their claims
///
/// The Service, the StatefulSet and the pods go. The claims and their data stay, and a later apply
/// of the same pipeline uses them again.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    names: Names,
    /// Delete the claims of this pipeline, too, and with them its data: repeat its name
    #[arg(long = "delete-claims", value_name = "NAME")]
    claims_of: Vec<String>,
    /// Do not ask
    #[arg(short, long, env = "WELLHEAD_YES", hide_env_values = true, alias = "auto-approve")]
    #[arg(value_parser = FalseyValueParser::new())]
    yes: bool,
    /// Longest wait until everything is gone; 0 has no limit
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = timeout)]
    timeout: Timeout,
    #[command(flatten)]
    lock: LockWait,
    /// Format
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
            let found = existing(&cluster, &pipelines).await?;
            if !found.is_empty() && !self.yes {
                consent::ask(&self.question(&found, &cluster), &context.printer)?;
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
        let fact = format!("to be deleted: {names}; nothing was deleted");
        let hint = format!("to delete the data, too: --delete-claims {names}");
        let what = Diagnostic::error(codes::UNCONFIRMED, what).fact(fact);
        Err(Failure::unconfirmed(what.hint(hint)))
    }

    fn claims(&self, pipeline: &PipelineRef) -> Claims {
        if self.claims_of.contains(&pipeline.name) { Claims::Delete } else { Claims::Keep }
    }

    fn question(&self, pipelines: &[PipelineRef], cluster: &Cluster) -> String {
        let mut question = String::new();
        for one in pipelines {
            let _ = match self.claims(one) {
                Claims::Keep => writeln!(question, "{one}: Service, StatefulSet and pods"),
                Claims::Delete => {
                    writeln!(question, "{one}: Service, StatefulSet, pods, CLAIMS AND THEIR DATA")
                }
            };
        }
        question + &format!("Delete them from context {}?", cluster.context_name())
    }

    async fn delete(
        &self,
        found: &[PipelineRef],
        all: &[PipelineRef],
        context: &Context,
        cluster: &Cluster,
    ) -> Result<Exit, Failure> {
        let printer = &context.printer;
        let signals = Signals::listen(printer)?;
        signals.writing_begins();
        let reporter = Reporter::start(printer);
        let mut deleted = Vec::new();
        for one in found {
            let options = DeleteOptions {
                claims: self.claims(one),
                wait: Wait::UntilDone { timeout: self.timeout.0 },
                stop: signals.stop.clone(),
                lock_timeout: self.lock.lock_timeout,
            };
            let result = cluster.delete(&one.namespace, &one.name, &options, &reporter).await;
            let report = result.map_err(|error| {
                reporter.finish();
                signals.failure(error, &cluster::this_command())
            })?;
            deleted.push(Deleted { pipeline: one.clone(), report });
        }
        reporter.finish();
        if self.is_json() {
            let result = DeleteResult { pipelines: deleted };
            printer.json(&Envelope::new("DeleteResult", result, Vec::new()))?;
        } else {
            printer.text(&text(&deleted, all))?;
        }
        Ok(Exit::Done)
    }
}

/// Those of which something is in the cluster.
async fn existing(
    cluster: &Cluster,
    pipelines: &[PipelineRef],
) -> Result<Vec<PipelineRef>, Failure> {
    let mut found = Vec::new();
    for one in pipelines {
        // A deletion that died at its end leaves only records.
        if cluster.status(&one.namespace, &one.name).await?.is_some()
            || cluster.is_recorded(one).await?
        {
            found.push(one.clone());
        }
    }
    Ok(found)
}

fn text(deleted: &[Deleted], all: &[PipelineRef]) -> String {
    let mut text = String::new();
    for one in all {
        let done = deleted.iter().find(|it| it.pipeline == *one);
        let (gone, kept) =
            done.map_or((&[][..], &[][..]), |it| (&it.report.deleted, &it.report.kept));
        if gone.is_empty() {
            let _ = writeln!(text, "{one}: nothing to delete");
        } else {
            let gone: Vec<_> = gone.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "{one}: deleted {}", gone.join(", "));
        }
        if !kept.is_empty() {
            let claims: Vec<_> =
                kept.iter().map(|it| format!("{} ({})", it.name, it.requested)).collect();
            let _ = writeln!(text, "  kept {} claims: {}", kept.len(), claims.join(", "));
            let (name, namespace) = (&one.name, &one.namespace);
            let command = format!("wellhead delete {name} -n {namespace} --delete-claims {name}");
            let _ = writeln!(text, "  delete them and their data: {}", repeated(&command));
        }
        for foreign in done.iter().flat_map(|it| &it.report.foreign) {
            let _ = writeln!(text, "  left alone: {foreign} is not Wellhead's");
        }
    }
    text
}
