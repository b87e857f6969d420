//! The command line: parsing, one module for each command, and how results and errors are shown.

mod args;
mod cluster;
mod commands;
mod context;
mod exit;
mod failure;
mod output;
mod program;
mod provenance;
mod report;
mod signals;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use args::global::Global;
use commands::cluster::{
    apply, delete, drift, facts, history, list, plan, rollback, status, volumes,
};
use commands::update::{impact, outdated, upgrade};
use commands::{cache, completion, explain, import, lock, man, plugin, render, schema, version};
use context::Context;
use exit::Exit;
use failure::Failure;
use output::printer::Printer;

/// Deploys stateful workloads to Kubernetes from specs that sandboxed plugins customize, and never loses data
/// on the way.
#[derive(Debug, Parser)]
#[command(
    name = "wellhead",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = exit::TABLE,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Render(render::Render),
    Plan(plan::Plan),
    Apply(apply::Apply),
    List(list::List),
    Status(status::Status),
    Drift(drift::Drift),
    Facts(facts::Facts),
    Import(import::Import),
    Explain(explain::Explain),
    History(history::History),
    Rollback(rollback::Rollback),
    Delete(delete::Delete),
    Volumes(volumes::Volumes),
    Lock(lock::Lock),
    Outdated(outdated::Outdated),
    Upgrade(upgrade::Upgrade),
    Impact(impact::Impact),
    Plugin(plugin::Plugin),
    Cache(cache::Cache),
    Schema(schema::Schema),
    Completion(completion::Completion),
    #[command(hide = true)]
    Man(man::Man),
    Version(version::Version),
}

/// Parses the command line and runs it.
pub(crate) fn main() -> ExitCode {
    if program::completes() {
        return completion::for_kubectl(Cli::command());
    }
    let Cli { global, command } = parse();
    global.start_logging();
    global.connecting.remember();
    let printer = Printer::new(&global);
    let context = Context { global, printer };
    let exit = match command.run(&context) {
        Ok(exit) => exit,
        Err(failure) => report::report(&failure, command.is_json(), &context.printer),
    };
    exit.into()
}

/// The command line under the name by which this process was called; ends the process with help or an error where that is
/// called for.
fn parse() -> Cli {
    let mut command = Cli::command().bin_name(program::name());
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

impl Command {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Render(command) => command.run(context),
            Self::Plan(command) => command.run(context),
            Self::Drift(command) => command.run(context),
            Self::Facts(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::Apply(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Status(command) => command.run(context),
            Self::Explain(command) => command.run(context),
            Self::History(command) => command.run(context),
            Self::Rollback(command) => command.run(context),
            Self::Delete(command) => command.run(context),
            Self::Volumes(command) => command.run(context),
            Self::Lock(command) => command.run(context),
            Self::Outdated(command) => command.run(context),
            Self::Upgrade(command) => command.run(context),
            Self::Impact(command) => command.run(context),
            Self::Plugin(command) => command.run(context),
            Self::Cache(command) => command.run(context),
            Self::Schema(command) => command.run(context),
            Self::Completion(command) => command.run(Cli::command(), context),
            Self::Man(command) => command.run(Cli::command()),
            Self::Version(command) => command.run(context),
        }
    }

    /// Whether results and errors are JSON.
    fn is_json(&self) -> bool {
        match self {
            Self::Render(command) => command.is_json(),
            Self::Plan(command) => command.is_json(),
            Self::Drift(command) => command.is_json(),
            Self::Apply(command) => command.is_json(),
            Self::List(command) => command.is_json(),
            Self::Status(command) => command.is_json(),
            Self::Explain(command) => command.is_json(),
            Self::History(command) => command.is_json(),
            Self::Rollback(command) => command.is_json(),
            Self::Delete(command) => command.is_json(),
            Self::Outdated(command) => command.is_json(),
            Self::Upgrade(command) => command.is_json(),
            Self::Impact(command) => command.is_json(),
            Self::Volumes(command) => command.is_json(),
            Self::Plugin(command) => command.is_json(),
            Self::Cache(command) => command.is_json(),
            Self::Facts(command) => command.is_json(),
            Self::Import(command) => command.is_json(),
            Self::Lock(_) | Self::Schema(_) | Self::Completion(_) | Self::Man(_) => false,
            Self::Version(command) => command.is_json(),
        }
    }
}
