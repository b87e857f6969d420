//! Build, test and demo commands of the repository.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool talks to the person at the terminal"
)]

mod cluster;

use std::error::Error as _;
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
    Cluster(cluster::Cluster),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Task::Test => test(),
        Task::Cluster(cluster) => cluster.run().map_err(|error| explain(&error)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The error, its causes and what to type next, a line each.
fn explain(error: &wellhead_harness::Error) -> String {
    let mut lines = vec![error.to_string()];
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    lines.extend(causes.map(|cause| format!("  cause: {cause}")));
    lines.extend(error.hint().map(|hint| format!("  hint: {hint}")));
    lines.join("\n")
}

fn test() -> Result<(), String> {
    cluster::build().map_err(|error| explain(&error))?;
    println!("running the workspace's tests");
    let status = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--locked"])
        .status()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err("some tests failed".to_owned()) }
}
