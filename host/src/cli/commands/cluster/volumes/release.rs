//! `wellhead volumes release`: volumes that migrations have kept go.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use wellhead::Cluster;
use wellhead_cluster::{PipelineRef, Released};
use wellhead_diagnostics::Code;
use wellhead_spec::PipelineName;

use crate::cli::args::format::Text;
use crate::cli::args::names::name;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::signals::Signals;

/// Delete the volumes that were kept when data moved to others
///
/// Deletes them with the data of the time when the pod was stopped: there is no way back to them afterwards. A volume
/// whose reclaim policy was Retain stays, and is not Wellhead's any more. A volume whose claim has no other is not
/// released.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// Name of the pipeline
    #[arg(value_parser = name)]
    pipeline: PipelineName,
    /// Delete the volumes: repeat the name of the pipeline
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct ReleaseResult {
    #[serde(flatten)]
    pipeline: PipelineRef,
    released: Vec<Released>,
}

impl Release {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) async fn run(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let namespace = cluster::namespace(context, cluster);
        let pipeline = PipelineRef { namespace, name: self.pipeline.to_string() };
        let found = cluster.releasable_volumes(&pipeline).await?;
        if found.is_empty() {
            context.printer.line(&format!("{pipeline}: no volumes are kept"));
            if self.is_json() {
                self.print(context, pipeline, found)?;
            }
            return Ok(Exit::Done);
        }
        if self.confirm.as_deref() != Some(self.pipeline.as_str()) {
            return Err(unconfirmed(&pipeline, &found));
        }
        let signals = Signals::listen(&context.printer)?;
        signals.writing_begins();
        let released = cluster.release_volumes(&pipeline, &signals.stop).await?;
        self.print(context, pipeline, released)?;
        Ok(Exit::Done)
    }

    fn print(
        &self,
        context: &Context,
        pipeline: PipelineRef,
        released: Vec<Released>,
    ) -> Result<(), Failure> {
        if self.is_json() {
            let result = ReleaseResult { pipeline, released };
            context.printer.json(&Envelope::new("ReleaseResult", result, Vec::new()))?;
            return Ok(());
        }
        let mut text = String::new();
        for Released { volume, claim, deleted } in &released {
            let what = if *deleted { "deleted with its data" } else { "stays, with its data" };
            let _ = writeln!(text, "{pipeline}: volume {volume} of claim {claim}: {what}");
        }
        Ok(context.printer.text(&text)?)
    }
}

fn unconfirmed(pipeline: &PipelineRef, found: &[Released]) -> Failure {
    let count = found.len();
    let names: Vec<_> = found.iter().map(|it| it.volume.as_str()).collect();
    let what = format!("{count} volumes of {pipeline} and their data would be deleted");
    let PipelineRef { namespace, name } = pipeline;
    let hint = format!("wellhead volumes release {name} --confirm {name} -n {namespace}");
    Failure::unconfirmed(
        Diagnostic::error(Code::NotConfirmed, what)
            .fact(format!("{}; nothing was deleted", names.join(", ")))
            .hint(hint),
    )
}
