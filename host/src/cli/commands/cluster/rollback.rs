//! `wellhead rollback`: back to a revision of the history.

use std::slice;

use clap::Args;
use clap::builder::FalseyValueParser;
use wellhead::{ApplyOptions, Cluster, Plan};
use wellhead_cluster::{Rendered, RevisionRef, Storage};
use wellhead_spec::PipelineName;

use super::consent;
use super::history::named;
use crate::cli::args::allow::ClaimsOf;
use crate::cli::args::format::Text;
use crate::cli::args::names::name;
use crate::cli::args::waiting::Waiting;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::apply_result;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::plan::text;
use crate::cli::output::plan::view::{SetBy, View};
use crate::cli::output::progress::Reporter;
use crate::cli::signals::Signals;
use crate::cli::{cluster, program};

/// Roll back to an earlier revision
///
/// Applies the objects of a revision again; neither files nor plugins are needed. Otherwise it works like
/// `apply`: the server checks the changes, they are shown first, and the result is a new revision. A broken
/// pod of an earlier revision, for which Kubernetes would wait forever, is replaced; its claims are kept.
/// Volumes never shrink: an expanded volume keeps its size.
///
/// Records are untrusted input: a revision that the pipeline's Lease does not confirm is refused unless you
/// name it with its digest, e.g. `3@sha256:...`, as `wellhead history show` prints it. Records with objects
/// that do not belong to this pipeline are never applied.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Name of the pipeline
    #[arg(value_parser = name)]
    pipeline: PipelineName,
    /// Number of the revision, or NUMBER@DIGEST [default: the previous one]
    revision: Option<RevisionRef>,
    /// The same as the number of the revision
    #[arg(long = "to", value_name = "REVISION", conflicts_with = "revision", hide = true)]
    to: Option<RevisionRef>,
    /// Keep the size of expanded claims, and roll back everything else
    #[arg(long)]
    keep_storage: bool,
    /// Recreate a StatefulSet whose immutable fields change; its pods keep running
    #[arg(long)]
    recreate: bool,
    #[command(flatten)]
    claims: ClaimsOf,
    /// Skip the confirmation prompt
    #[arg(short, long, env = "WELLHEAD_YES", hide_env_values = true, alias = "auto-approve")]
    #[arg(value_parser = FalseyValueParser::new())]
    yes: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// Description to record in the revision history
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Rollback {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            Box::pin(self.roll_back(context, &cluster)).await
        })
    }

    async fn roll_back(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let printer = &context.printer;
        let pipeline = named(&self.pipeline, context, cluster);
        let storage = if self.keep_storage { Storage::Keep } else { Storage::Refuse };
        let revision = self.revision.as_ref().or(self.to.as_ref());
        let target = cluster.rollback(&pipeline, revision, storage).await?;
        let number = target.target.revision.number;
        let kept = Diagnostic::warnings(&target.kept);
        printer.warnings(&kept);
        printer.line(&format!(
            "{pipeline}: back to revision {number} of {}",
            target.target.revision.made
        ));
        let signals = Signals::listen(printer)?;
        let options = ApplyOptions {
            about: vec![target.about()],
            recreate: self.recreate,
            delete_claims: self.claims.delete_claims.clone(),
            // A good template does not help while a broken pod blocks its rollout.
            replace_stuck_pods: true,
            message: self.message.clone(),
            stop: signals.stop.clone(),
            ..self.waiting.options()
        };
        let source = Rendered { sets: slice::from_ref(&target.objects), about: &options.about };
        let agreed = if self.yes {
            None
        } else {
            let plan = async |it: &Reporter| cluster.plan_checked(&source, &options, it).await;
            let show = |plan: &Plan| {
                text::text(&View::new(plan, SetBy::Revision(number)), printer.is_verbose())
            };
            let context = cluster.context_name();
            let question =
                format!("Roll back {pipeline} to revision {number} on context {context}?");
            let asked = ("a rollback that changes something", &*question);
            consent::agreed(plan, show, asked, (&signals, printer)).await?
        };
        signals.writing_begins();
        let reporter = Reporter::start(printer);
        let result = match agreed {
            Some(agreed) => cluster.apply_checked(&source, agreed, &options, &reporter).await,
            None => cluster.apply_from(&source, &options, &reporter).await,
        };
        reporter.finish();
        match result {
            Ok(report) => {
                apply_result::print(&report, kept, self.is_json(), printer)?;
                Ok(Exit::Done)
            }
            Err(error) => Err(signals.failure(error, &program::this_command())),
        }
    }
}
