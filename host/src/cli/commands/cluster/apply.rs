//! `wellhead apply`: files to a cluster.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;
use wellhead::{ApplyOptions, CheckedPlan, Cluster, Plan, Run, SavedPlan};

use super::{consent, plan_file, prepared};
use crate::cli::args::allow::Allow;
use crate::cli::args::files::Files;
use crate::cli::args::format::Text;
use crate::cli::args::take::Take;
use crate::cli::args::waiting::Waiting;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::apply_result;
use crate::cli::output::plan::text;
use crate::cli::output::plan::view::{SetBy, View};
use crate::cli::output::progress::Reporter;
use crate::cli::signals::Signals;
use crate::cli::{cluster, program};

/// Apply pipelines to the cluster
///
/// Shows the changes and asks for confirmation; in scripts, pass `--yes`. The server checks every change in a
/// dry run before the first write: if it refuses one, nothing is written. Objects that are up to date are not
/// written. Then waits until every replica is ready and every claim is bound. To finish an interrupted run,
/// run the same command again.
///
/// With a plan that `wellhead plan --out` saved, applies exactly that plan without asking. If a file, a
/// plugin or the cluster has changed since, nothing is written, and the differences are reported.
#[derive(Debug, Args)]
#[command(mut_arg("file", |file| file.required(false).required_unless_present("plan")))]
pub(crate) struct Apply {
    /// A saved plan, instead of files
    #[arg(conflicts_with_all = ["file", "customization", "verify_determinism", "take", "recreate", "adopt"])]
    plan: Option<PathBuf>,
    /// The digest that `wellhead plan --out` printed; a file with another plan is refused
    #[arg(long, value_name = "DIGEST", requires = "plan", value_parser = digest)]
    digest: Option<String>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    take: Take,
    #[command(flatten)]
    allow: Allow,
    /// Skip the confirmation prompt
    #[arg(short, long, env = "WELLHEAD_YES", hide_env_values = true, alias = "auto-approve")]
    #[arg(value_parser = FalseyValueParser::new())]
    yes: bool,
    /// Delete broken pods of an earlier revision that block the rollout; their claims are kept
    #[arg(long)]
    replace_stuck_pods: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// Description to record in the revision history
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// A SHA-256 as Wellhead writes it.
fn digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let is_hex = hex.len() == 64 && hex.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let form = || "write sha256: and 64 hexadecimal digits".to_owned();
    is_hex.then(|| text.to_owned()).ok_or_else(form)
}

/// What is applied.
enum What {
    Plan(Box<SavedPlan>),
    /// With what was shown and agreed to, where the user was asked.
    Run(Box<Run>, Option<Box<CheckedPlan>>),
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
            (
                What::Plan(plan_file::read(plan, self.digest.as_deref(), cluster, printer)?.into()),
                Vec::new(),
            )
        } else {
            let (run, said) = prepared::transformed(&self.files, &self.take, context, cluster)?;
            (What::Run(run.into(), None), said)
        };
        let signals = Signals::listen(printer)?;
        let options = ApplyOptions {
            recreate: self.allow.recreate,
            replace_stuck_pods: self.replace_stuck_pods,
            stop: signals.stop.clone(),
            message: self.message.clone(),
            adopt: self.allow.adopt,
            delete_claims: self.allow.claims.delete_claims.clone(),
            ..self.waiting.options()
        };
        let what = match what {
            What::Run(run, _) if !self.yes => {
                let plan = async |it: &Reporter| run.plan_checked(cluster, &options, it).await;
                let show = |plan: &Plan| {
                    let provenance = run.provenance();
                    let view = View::new(plan, SetBy::Run(&provenance));
                    text::text(&view, printer.is_verbose())
                };
                let question = format!("Apply this to context {}?", cluster.context_name());
                let asked = ("an apply that changes something", &*question);
                let agreed = consent::agreed(plan, show, asked, (&signals, printer)).await?;
                What::Run(run, agreed.map(Box::new))
            }
            what => what,
        };
        signals.writing_begins();
        let reporter = Reporter::start(printer);
        let is_run = matches!(what, What::Run(..));
        let result = match what {
            What::Plan(plan) => plan.apply(cluster, &options, &reporter).await,
            What::Run(run, None) => run.apply(cluster, &options, &reporter).await,
            What::Run(run, Some(agreed)) => {
                run.apply_checked(cluster, *agreed, &options, &reporter).await
            }
        };
        reporter.finish();
        match result {
            Ok(report) => {
                apply_result::print(&report, said, self.is_json(), printer)?;
                Ok(Exit::Done)
            }
            Err(error) => {
                let command = program::this_command();
                let failure = signals.failure(error, &command);
                Err(if is_run { failure.of_apply(command) } else { failure })
            }
        }
    }
}
