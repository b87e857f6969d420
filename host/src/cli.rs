//! The command line: parsing, one module for each command, and how results and errors are shown.

mod allow;
mod apply;
mod apply_result;
mod cache;
mod cluster;
mod codes;
mod compiling;
mod completion;
mod consent;
mod delete;
mod diagnostic;
mod diff;
mod drift;
mod duration;
mod envelope;
mod excerpt;
mod exit;
mod explain;
mod failure;
mod global;
mod history;
mod import;
mod input;
mod json;
mod mask;
mod names;
mod output_dir;
mod plan;
mod plugin;
mod printer;
mod progress;
mod provenance;
mod render;
mod rollback;
mod saved_plan;
mod schema;
mod status;
mod table;
mod taking;
mod trace;
mod version;
mod waiting;
mod warnings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;
use failure::Failure;
use global::Global;
use printer::Printer;

/// Runs stateful pipelines on Kubernetes: plugins edit a base spec, and the result is applied
/// without ever losing data.
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
    Status(status::Status),
    Drift(drift::Drift),
    Import(import::Import),
    Explain(explain::Explain),
    History(history::History),
    Rollback(rollback::Rollback),
    Delete(delete::Delete),
    Plugin(plugin::Plugin),
    Cache(cache::Cache),
    Schema(schema::Schema),
    Completion(completion::Completion),
    Version(version::Version),
}

/// What every command gets.
struct Context {
    global: Global,
    printer: Printer,
}

/// Parses the command line and runs it.
pub(crate) fn main() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    global.start_logging();
    let printer = Printer::new(&global, command.is_json());
    let context = Context { global, printer };
    let exit = match command.run(&context) {
        Ok(exit) => exit,
        Err(failure) => context.printer.failure(&failure),
    };
    exit.into()
}

impl Command {
    fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Render(command) => command.run(context),
            Self::Plan(command) => command.run(context),
            Self::Drift(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::Apply(command) => command.run(context),
            Self::Status(command) => command.run(context),
            Self::Explain(command) => command.run(context),
            Self::History(command) => command.run(context),
            Self::Rollback(command) => command.run(context),
            Self::Delete(command) => command.run(context),
            Self::Plugin(command) => command.run(context),
            Self::Cache(command) => command.run(context),
            Self::Schema(command) => command.run(context),
            Self::Completion(command) => command.run(context),
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
            Self::Status(command) => command.is_json(),
            Self::Explain(command) => command.is_json(),
            Self::History(command) => command.is_json(),
            Self::Rollback(command) => command.is_json(),
            Self::Delete(command) => command.is_json(),
            Self::Plugin(command) => command.is_json(),
            Self::Cache(command) => command.is_json(),
            Self::Import(_) | Self::Schema(_) | Self::Completion(_) => false,
            Self::Version(command) => command.is_json(),
        }
    }
}
