//! `wellhead plugin`: for those who write plugins, and those who look at them.

mod asked;
mod bench;
mod build;
mod check;
mod info;
mod inspect;
mod new;
mod registry;
mod replay;
mod run;
mod test;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Create, build, test and inspect plugins
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
    Test(test::Test),
    Run(run::Run),
    Replay(replay::Replay),
    Bench(bench::Bench),
    Check(check::Check),
    Inspect(inspect::Inspect),
    Push(registry::push::Push),
    Pull(registry::pull::Pull),
    List(registry::list::List),
    Sign(registry::sign::Sign),
    Verify(registry::verify::Verify),
    Save(registry::save::Save),
    Load(registry::load::Load),
}

impl Plugin {
    pub(crate) fn is_json(&self) -> bool {
        match &self.command {
            PluginCommand::New(command) => command.is_json(),
            PluginCommand::Build(command) => command.is_json(),
            PluginCommand::Test(command) => command.is_json(),
            PluginCommand::Run(command) => command.is_json(),
            PluginCommand::Replay(command) => command.is_json(),
            PluginCommand::Bench(command) => command.is_json(),
            PluginCommand::Check(command) => command.is_json(),
            PluginCommand::Inspect(command) => command.is_json(),
            PluginCommand::Push(command) => command.is_json(),
            PluginCommand::Pull(command) => command.is_json(),
            PluginCommand::List(command) => command.is_json(),
            PluginCommand::Sign(command) => command.is_json(),
            PluginCommand::Verify(command) => command.is_json(),
            PluginCommand::Save(command) => command.is_json(),
            PluginCommand::Load(command) => command.is_json(),
        }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        match &self.command {
            PluginCommand::New(command) => command.run(context),
            PluginCommand::Build(command) => command.run(context),
            PluginCommand::Test(command) => command.run(context),
            PluginCommand::Run(command) => command.run(context),
            PluginCommand::Replay(command) => command.run(context),
            PluginCommand::Bench(command) => command.run(context),
            PluginCommand::Check(command) => command.run(context),
            PluginCommand::Inspect(command) => command.run(context),
            PluginCommand::Push(command) => command.run(context),
            PluginCommand::Pull(command) => command.run(context),
            PluginCommand::List(command) => command.run(context),
            PluginCommand::Sign(command) => command.run(context),
            PluginCommand::Verify(command) => command.run(context),
            PluginCommand::Save(command) => command.run(context),
            PluginCommand::Load(command) => command.run(context),
        }
    }
}
