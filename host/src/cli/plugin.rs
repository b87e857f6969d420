//! `wellhead plugin`: for those who write plugins, and those who look at them.

mod build;
mod check;
mod info;
mod inspect;
mod new;

use clap::{Args, Subcommand};

use super::Context;
use super::exit::Exit;
use super::failure::Failure;

/// Make, build and look at plugins
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    New(new::New),
    Build(build::Build),
    Check(check::Check),
    Inspect(inspect::Inspect),
}

impl Plugin {
    pub(crate) fn is_json(&self) -> bool {
        match &self.command {
            PluginCommand::New(command) => command.is_json(),
            PluginCommand::Build(command) => command.is_json(),
            PluginCommand::Check(command) => command.is_json(),
            PluginCommand::Inspect(command) => command.is_json(),
        }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            PluginCommand::New(command) => command.run(context),
            PluginCommand::Build(command) => command.run(context),
            PluginCommand::Check(command) => command.run(context),
            PluginCommand::Inspect(command) => command.run(context),
        }
    }
}
