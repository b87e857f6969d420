//! `wellhead apply`: files to a cluster.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use wellhead::{ApplyOptions, Cluster, Run, SavedPlan};
use wellhead_cluster::Wait;

use super::cluster::{self, Signals};
use super::duration::{Timeout, timeout};
use super::exit::Exit;
use super::failure::Failure;
use super::input::Files;
use super::progress::Reporter;
use super::version::Text;
use super::{Context, apply_result, saved_plan};

/// Make the cluster hold what pipelines render to
///
/// Everything is dry-run on the server before anything is written: a refusal writes nothing. What is
/// as wanted already is not written. Then it waits until every replica is ready and every claim
/// bound. An interrupted run is finished by the same command.
///
/// With a plan that `wellhead plan --out` kept, exactly that is done: when a file, a plugin or the
/// cluster is not as it was, nothing is written, and what is different is told.
#[derive(Debug, Args)]
#[command(mut_arg("file", |file| file.required(false).required_unless_present("plan")))]
pub(crate) struct Apply {
    /// A plan that was kept, instead of files
    #[arg(conflicts_with_all = ["file", "customization", "verify_determinism"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
    /// Wait until everything is ready
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    wait: bool,
    /// Longest wait, e.g. 90s or 1h30m; 0 has no limit
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = timeout)]
    timeout: Timeout,
    /// Format of the outputs
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// What is applied.
enum What {
    Plan(Box<SavedPlan>),
    Run(Box<Run>),
}

impl Apply {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            self.apply(context, &cluster).await
        })
    }

    async fn apply(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let printer = &context.printer;
        let (what, said) = if let Some(plan) = &self.plan {
            (What::Plan(saved_plan::read(plan, cluster, printer)?.into()), Vec::new())
        } else {
            let (run, said) = cluster::transformed(&self.files, context, cluster)?;
            (What::Run(run.into()), said)
        };
        let signals = Signals::listen(printer)?;
        let options = ApplyOptions { wait: self.wait(), stop: signals.stop.clone() };
        let reporter = Reporter::start(printer);
        let result = match what {
            What::Plan(plan) => plan.apply(cluster, &options, &reporter).await,
            What::Run(run) => run.apply(cluster, &options, &reporter).await,
        };
        reporter.finish();
        match result {
            Ok(report) => apply_result::print(&report, said, self.is_json(), printer),
            Err(error) => Err(signals.failure(error, &cluster::this_command())),
        }
    }

    fn wait(&self) -> Wait {
        if self.wait { Wait::UntilDone { timeout: self.timeout.0 } } else { Wait::No }
    }
}
