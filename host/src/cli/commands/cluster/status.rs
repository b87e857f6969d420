//! `wellhead status`: what pipelines look like in the cluster now.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use wellhead::Cluster;
use wellhead_cluster::{PipelineRef, Status as PipelineStatus};
use wellhead_diagnostics::Code;

use crate::cli::args::format::Text;
use crate::cli::args::names::{Everywhere, NamesOrAll};
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::progress;
use crate::cli::output::table::table;

/// The pause between two looks of `--watch`.
const PAUSE: Duration = Duration::from_secs(2);

/// Show the status of pipelines
///
/// Without a name, shows all pipelines of the namespace; `list` prints one line for each.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    names: NamesOrAll,
    /// Watch until everything is ready, and print changes
    #[arg(short, long)]
    watch: bool,
    /// Output format; JSON with `--watch` prints one document per change
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct StatusResult {
    pipelines: Vec<PipelineStatus>,
}

impl Status {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            let names = self.names.resolve(context, &cluster)?;
            let namespace = self.names.everywhere.namespace(context, &cluster);
            let mut last = None;
            loop {
                let found = match &names {
                    Some(names) => look(&cluster, names).await?,
                    None => cluster.statuses(namespace.as_deref()).await?,
                };
                if found.is_empty() && !self.is_json() {
                    Everywhere::tell_empty(context, namespace.as_deref());
                    return Ok(Exit::Done);
                }
                if last.as_ref() != Some(&found) {
                    self.print(&found, context)?;
                }
                if !self.watch || found.iter().all(PipelineStatus::is_complete) {
                    return Ok(Exit::Done);
                }
                last = Some(found);
                tokio::time::sleep(PAUSE).await;
            }
        })
    }

    fn print(&self, found: &[PipelineStatus], context: &Context) -> Result<(), Failure> {
        let warnings = Diagnostic::warnings(found.iter().flat_map(|it| &it.warnings));
        context.printer.warnings(&warnings);
        if self.is_json() {
            let result = StatusResult { pipelines: found.to_vec() };
            return Ok(context.printer.json(&Envelope::new("Status", result, warnings))?);
        }
        let texts: Vec<String> = found.iter().map(text).collect();
        Ok(context.printer.text(&texts.join("\n"))?)
    }
}

/// The status of every pipeline; those that are not there are reported together.
async fn look(cluster: &Cluster, names: &[PipelineRef]) -> Result<Vec<PipelineStatus>, Failure> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (one, status) in names.iter().zip(cluster.statuses_of(names).await?) {
        match status {
            Some(status) => found.push(status),
            None => missing.push(one.to_string()),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let what = format!("there is no pipeline {} in the cluster", missing.join(", "));
    let hint = "`-n` names the namespace, `--context` the cluster";
    Err(Failure::not_found(Diagnostic::error(Code::NotFound, what).hint(hint)))
}

fn text(status: &PipelineStatus) -> String {
    let mut text = format!("{}/{}\n", status.namespace, status.name);
    match &status.stateful_set {
        Some(set) => {
            let _ = write!(text, "statefulset/{}  {}", set.name, progress::shown(&set.readiness));
            text.push_str(if set.readiness.complete { "\n" } else { "  (in progress)\n" });
        }
        None => text.push_str("no StatefulSet\n"),
    }
    match &status.service {
        Some(service) => {
            let ports: Vec<_> = service.ports.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "service/{}  ports {}", service.name, ports.join(", "));
        }
        None => text.push_str("no Service\n"),
    }
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    if !status.pods.is_empty() {
        let row = |pod: &wellhead_cluster::PodStatus| {
            let ready = if pod.ready { "yes" } else { "no" }.to_owned();
            [pod.name.clone(), pod.phase.clone(), ready, dash(&pod.node), dash(&pod.reason)]
        };
        let header = ["POD", "PHASE", "READY", "NODE", "REASON"];
        let _ = write!(text, "\n{}", table(header, status.pods.iter().map(row)));
    }
    if !status.claims.is_empty() {
        let row = |claim: &wellhead_cluster::ClaimStatus| {
            let size = claim.size.as_ref().unwrap_or(&claim.requested);
            let size = match claim.growth {
                None => size.clone(),
                growth => progress::grown(size, &claim.requested, growth),
            };
            [claim.name.clone(), claim.phase.clone(), size, dash(&claim.class)]
        };
        let header = ["CLAIM", "PHASE", "SIZE", "CLASS"];
        let _ = write!(text, "\n{}", table(header, status.claims.iter().map(row)));
    }
    text
}
