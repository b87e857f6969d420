//! Build, test and demo commands of the repository.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool talks to the person at the terminal"
)]

use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

/// Build, test and demo commands of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds what the tests need and runs every test.
    Test,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Task::Test => match test() {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("error: {message}");
                ExitCode::FAILURE
            }
        },
    }
}

fn test() -> Result<(), String> {
    println!("running the workspace's tests");
    let status = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--locked"])
        .status()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err("some tests failed".to_owned()) }
}
