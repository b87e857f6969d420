//! `wellhead completion`: scripts for shells, and the words that kubectl asks for.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Command, ValueEnum};
use clap_complete::engine::complete;
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

/// Completes the last word of this process for kubectl: a candidate and what it is on each line, and what the shell may
/// add to them, in the notation of cobra: 4 is no file name, 0 is the shell's own choice.
/// <https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md>
pub(crate) fn for_kubectl(mut command: Command) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let last = words.len().saturating_sub(1);
    let candidates = complete(&mut command, words, last, None).unwrap_or_default();
    let directive = if candidates.is_empty() { ":0" } else { ":4" };
    let mut lines = String::new();
    for candidate in candidates {
        let Some(value) = candidate.get_value().to_str() else { continue };
        lines += value;
        if let Some(help) = candidate.get_help() {
            let help = help.to_string();
            lines += "\t";
            lines += help.lines().next().unwrap_or_default();
        }
        lines += "\n";
    }
    match writeln!(std::io::stdout(), "{lines}{directive}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
