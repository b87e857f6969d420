//! `wellhead volumes abort`: back to the old volumes.

use clap::Args;
use wellhead::Cluster;
use wellhead_cluster::PipelineRef;
use wellhead_spec::PipelineName;

use crate::cli::args::names::name;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::progress::Reporter;
use crate::cli::signals::Signals;

/// Go back from a migration that was begun
///
/// The pods start on their old volumes again. A claim whose name has passed to its new volume stays there, and the apply
/// that began the migration finishes it.
#[derive(Debug, Args)]
pub(super) struct Abort {
    /// Name of the pipeline
    #[arg(value_parser = name)]
    pipeline: PipelineName,
}

impl Abort {
    pub(super) async fn run(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let namespace = cluster::namespace(context, cluster);
        let pipeline = PipelineRef { namespace, name: self.pipeline.to_string() };
        let signals = Signals::listen(&context.printer)?;
        signals.writing_begins();
        let reporter = Reporter::start(&context.printer);
        let back = cluster.abort_migrations(&pipeline, &signals.stop, &reporter).await;
        reporter.finish();
        let back = back?;
        context.printer.line(&if back.is_empty() {
            format!("{pipeline}: no migration is under way")
        } else {
            format!("{pipeline}: back on their old volumes: {}", back.join(", "))
        });
        Ok(Exit::Done)
    }
}
