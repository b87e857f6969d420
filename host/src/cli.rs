//! The command line: parsing, one module for each command, and how results and errors are shown.

mod args;
mod cluster;
mod commands;
mod context;
mod deferred;
mod exit;
mod failure;
mod output;
mod program;
mod provenance;
mod report;
mod signals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use args::global::Global;
use commands::cluster::{apply, delete, drift, history, list, plan, rollback, status};
use commands::{cache, completion, explain, import, plugin, render, schema, version};
use context::Context;
use deferred::Deferred;
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
    Render(Deferred<render::Render>),
    Plan(Deferred<plan::Plan>),
    Apply(Deferred<apply::Apply>),
    List(Deferred<list::List>),
    Status(Deferred<status::Status>),
    Drift(Deferred<drift::Drift>),
    Import(Deferred<import::Import>),
    Explain(Deferred<explain::Explain>),
    History(Deferred<history::History>),
    Rollback(Deferred<rollback::Rollback>),
    Delete(Deferred<delete::Delete>),
    Plugin(Deferred<plugin::Plugin>),
    Cache(Deferred<cache::Cache>),
    Schema(Deferred<schema::Schema>),
    Completion(Deferred<completion::Completion>),
    Version(Deferred<version::Version>),
}

/// Parses the command line and runs it.
pub(crate) fn main() -> ExitCode {
    let Cli { global, command } = deferred::parse();
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

impl Command {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Render(Deferred(command)) => command.run(context),
            Self::Plan(Deferred(command)) => command.run(context),
            Self::Drift(Deferred(command)) => command.run(context),
            Self::Import(Deferred(command)) => command.run(context),
            Self::Apply(Deferred(command)) => command.run(context),
            Self::List(Deferred(command)) => command.run(context),
            Self::Status(Deferred(command)) => command.run(context),
            Self::Explain(Deferred(command)) => command.run(context),
            Self::History(Deferred(command)) => command.run(context),
            Self::Rollback(Deferred(command)) => command.run(context),
            Self::Delete(Deferred(command)) => command.run(context),
            Self::Plugin(Deferred(command)) => command.run(context),
            Self::Cache(Deferred(command)) => command.run(context),
            Self::Schema(Deferred(command)) => command.run(context),
            Self::Completion(Deferred(command)) => command.run(deferred::whole::<Cli>(), context),
            Self::Version(Deferred(command)) => command.run(context),
        }
    }

    /// Whether results and errors are JSON.
    fn is_json(&self) -> bool {
        match self {
            Self::Render(Deferred(command)) => command.is_json(),
            Self::Plan(Deferred(command)) => command.is_json(),
            Self::Drift(Deferred(command)) => command.is_json(),
            Self::Apply(Deferred(command)) => command.is_json(),
            Self::List(Deferred(command)) => command.is_json(),
            Self::Status(Deferred(command)) => command.is_json(),
            Self::Explain(Deferred(command)) => command.is_json(),
            Self::History(Deferred(command)) => command.is_json(),
            Self::Rollback(Deferred(command)) => command.is_json(),
            Self::Delete(Deferred(command)) => command.is_json(),
            Self::Plugin(Deferred(command)) => command.is_json(),
            Self::Cache(Deferred(command)) => command.is_json(),
            Self::Import(Deferred(command)) => command.is_json(),
            Self::Schema(_) | Self::Completion(_) => false,
            Self::Version(Deferred(command)) => command.is_json(),
        }
    }
}
