//! `wellhead volumes`: what holds the data of pipelines.

mod abort;
mod release;

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use wellhead_cluster::{Volume, VolumeState, Volumes as Found};
use wellhead_diagnostics::Code;
use wellhead_spec::PipelineName;

use crate::cli::args::duration;
use crate::cli::args::format::Text;
use crate::cli::args::names::{Everywhere, name};
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::table::table;
use crate::cli::program::repeated;

/// Show the volumes of pipelines
///
/// STATE: `in use` by a replica; `left behind` by a replica or a pipeline that is gone; `kept` after its data were moved
/// to another volume; `discarded`, filled for a migration that went back; `source` and `target` of a migration that is
/// under way; `snapshot`. IF DELETED: what deleting the claim does to the data, by the volume's reclaim policy.
///
/// `-o json` has `namespace`, `pipeline`, `state`, `claim`, `volume`, `size`, `storageClass`, `reclaimPolicy` and
/// `created` of each.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Volumes {
    #[command(subcommand)]
    action: Option<Action>,
    /// Name of a pipeline [default: all of the namespace]
    #[arg(value_parser = name)]
    pipeline: Option<PipelineName>,
    #[command(flatten)]
    everywhere: Everywhere,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Debug, Subcommand)]
enum Action {
    Abort(abort::Abort),
    Release(release::Release),
}

impl Volumes {
    pub(crate) fn is_json(&self) -> bool {
        match &self.action {
            None => self.output == Text::Json,
            Some(Action::Abort(_)) => false,
            Some(Action::Release(release)) => release.is_json(),
        }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            match &self.action {
                Some(Action::Abort(abort)) => return abort.run(context, &cluster).await,
                Some(Action::Release(release)) => return release.run(context, &cluster).await,
                None => {}
            }
            let namespace = self.everywhere.namespace(context, &cluster);
            let pipeline = self.pipeline.as_ref().map(PipelineName::as_str);
            let found = cluster.volumes(namespace.as_deref(), pipeline).await?;
            let warnings = unreadable(&found);
            context.printer.warnings(&warnings);
            if self.is_json() {
                context.printer.json(&Envelope::new("VolumeList", found, warnings))?;
            } else if found.volumes.is_empty() {
                Everywhere::tell_empty(context, namespace.as_deref());
            } else {
                context.printer.text(&text(&found.volumes))?;
            }
            Ok(Exit::Done)
        })
    }
}

/// What is not shown where volumes may not be read.
fn unreadable(found: &Found) -> Vec<Diagnostic> {
    if found.readable {
        return Vec::new();
    }
    let what = "volumes cannot be listed: those that are kept are missing here";
    let hint = "ask for a ClusterRole that lists persistentvolumes";
    vec![Diagnostic::warning(Code::Forbidden, what).hint(hint)]
}

fn text(volumes: &[Volume]) -> String {
    let header =
        ["NAMESPACE", "PIPELINE", "CLAIM", "STATE", "VOLUME", "SIZE", "CLASS", "IF DELETED", "AGE"];
    let mut text = table(header, volumes.iter().map(row));
    let mut releasable: Vec<_> = volumes
        .iter()
        .filter(|it| matches!(it.state, VolumeState::Kept | VolumeState::Discarded))
        .map(|it| (&it.namespace, &it.pipeline))
        .collect();
    releasable.dedup();
    for (namespace, pipeline) in releasable {
        let command = repeated(&format!(
            "wellhead volumes release {pipeline} --confirm {pipeline} -n {namespace}"
        ));
        let _ = writeln!(text, "\nto delete what is kept of {namespace}/{pipeline}: {command}");
    }
    text
}

fn row(one: &Volume) -> [String; 9] {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let fate = match one.reclaim_policy.as_str() {
        "Delete" => "data lost",
        "Retain" => "volume stays",
        _ => "-",
    };
    [
        one.namespace.clone(),
        one.pipeline.clone(),
        one.claim.clone(),
        one.state.word().to_owned(),
        or_dash(&one.volume),
        or_dash(&one.size),
        or_dash(&one.storage_class),
        fate.to_owned(),
        one.age.map_or_else(|| "-".to_owned(), duration::age),
    ]
}
