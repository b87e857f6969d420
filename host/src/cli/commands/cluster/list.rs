//! `wellhead list`: which pipelines there are in the cluster.

use clap::Args;
use serde::Serialize;
use wellhead_cluster::{PipelineState, PipelineSummary};
use wellhead_spec::in_code;

use crate::cli::args::duration;
use crate::cli::args::format::Text;
use crate::cli::args::names::Everywhere;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::table::table;

/// Most characters of a plugin's name or digest that a message shows.
const NAME: usize = 100;

/// List the pipelines in the cluster
///
/// READY: replicas that are ready, of those desired. REVISION: the revision applied last, see `history`.
/// PLUGINS: the plugins of that revision. A deleted pipeline is listed while its claims exist. `--plugin` shows
/// who uses a plugin.
///
/// `-o json` has `namespace`, `name` and `state` (ready, progressing, stopped, changing, unfinished,
/// terminating, deleted) of each and, if any, `replicas`, `ready`, `revision`, `created`, `plugins`, `pluginDigests`
/// and `keptClaims`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    everywhere: Everywhere,
    /// Only pipelines whose revision has this plugin: its name in the chain, or the digest of its component
    #[arg(long, value_name = "NAME|DIGEST")]
    plugin: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct ListResult {
    pipelines: Vec<PipelineSummary>,
}

impl List {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            let namespace = self.everywhere.namespace(context, &cluster);
            let mut pipelines = cluster.list(namespace.as_deref()).await?;
            if let Some(plugin) = &self.plugin {
                pipelines.retain(|it| uses(it, plugin));
            }
            if self.is_json() {
                let result = ListResult { pipelines };
                context.printer.json(&Envelope::new("PipelineList", result, Vec::new()))?;
            } else if let (true, Some(plugin)) = (pipelines.is_empty(), &self.plugin) {
                let place =
                    namespace.map_or("any namespace".to_owned(), |it| format!("namespace {it}"));
                context
                    .printer
                    .line(&format!("no pipelines in {place} use plugin {}", in_code(plugin, NAME)));
            } else if pipelines.is_empty() {
                Everywhere::tell_empty(context, namespace.as_deref());
            } else {
                context.printer.text(&text(&pipelines))?;
            }
            Ok(Exit::Done)
        })
    }
}

/// Whether a pipeline has a plugin of this name or digest.
fn uses(pipeline: &PipelineSummary, plugin: &str) -> bool {
    let named = pipeline.plugins.iter().flatten();
    named.chain(&pipeline.plugin_digests).any(|it| it == plugin)
}

fn text(pipelines: &[PipelineSummary]) -> String {
    let header = ["NAMESPACE", "NAME", "READY", "STATUS", "REVISION", "AGE", "PLUGINS"];
    table(header, pipelines.iter().map(row))
}

fn row(one: &PipelineSummary) -> [String; 7] {
    let dash = || "-".to_owned();
    let ready = one.ready.zip(one.replicas).map(|(ready, replicas)| format!("{ready}/{replicas}"));
    let state = match one.kept_claims {
        Some(1) => format!("{}, 1 claim kept", PipelineState::Deleted.word()),
        Some(kept) => format!("{}, {kept} claims kept", PipelineState::Deleted.word()),
        None => one.state.word().to_owned(),
    };
    let plugins = one.plugins.as_ref().filter(|it| !it.is_empty()).map(|it| it.join(", "));
    [
        one.namespace.clone(),
        one.name.clone(),
        ready.unwrap_or_else(dash),
        state,
        one.revision.map_or_else(dash, |it| it.to_string()),
        one.age.map_or_else(dash, duration::age),
        plugins.unwrap_or_else(dash),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn summary(name: &str, state: PipelineState) -> PipelineSummary {
        PipelineSummary {
            namespace: "prod".to_owned(),
            name: name.to_owned(),
            state,
            replicas: Some(3),
            ready: Some(2),
            revision: Some(7),
            created: Some("2026-01-01T00:00:00Z".to_owned()),
            age: Some(Duration::from_hours(50)),
            plugins: Some(vec!["replicas".to_owned(), "\u{1b}[31mred".to_owned()]),
            plugin_digests: Vec::new(),
            kept_claims: None,
        }
    }

    #[test]
    fn rows_say_what_there_is_and_escape_what_others_wrote() {
        let gone = PipelineSummary {
            replicas: None,
            ready: None,
            revision: None,
            age: None,
            plugins: None,
            kept_claims: Some(3),
            ..summary("old", PipelineState::Deleted)
        };
        let shown = text(&[summary("db", PipelineState::Progressing), gone]);
        assert_eq!(
            shown,
            "NAMESPACE  NAME  READY  STATUS                  REVISION  AGE   PLUGINS\n\
             prod       db    2/3    progressing             7         2d2h  replicas, \\u{1b}[31mred\n\
             prod       old   -      deleted, 3 claims kept  -         -     -\n"
        );
    }
}
