//! `wellhead completion`: scripts for shells.

use clap::{Args, Command, ValueEnum};
use clap_complete::{generate, shells};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::program;

/// Print the completion script of a shell
///
/// For the running shell:
///     source <(wellhead completion bash)
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Completion {
    /// The shell
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

impl Completion {
    /// `command` is the definition of every command.
    pub(crate) fn run(&self, mut command: Command, context: &Context) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        // A shell completes the first word; a plugin of kubectl is completed by kubectl.
        let name = Some(program::name()).filter(|it| !it.contains(' ')).unwrap_or("wellhead");
        match self.shell {
            Shell::Bash => generate(shells::Bash, &mut command, name, &mut script),
            Shell::Zsh => generate(shells::Zsh, &mut command, name, &mut script),
            Shell::Fish => generate(shells::Fish, &mut command, name, &mut script),
            Shell::Powershell => generate(shells::PowerShell, &mut command, name, &mut script),
        }
        context.printer.text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
