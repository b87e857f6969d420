//! Build, test and demo commands of the repository.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool talks to the person at the terminal"
)]

mod apt;
mod bench;
mod bindings;
mod cargo;
mod cluster;
mod contract;
mod demo;
mod dist;
mod faults;
mod fuzz;
mod guests;
mod report;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::report;

/// Build, test and demo commands of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Takes the seed workload through the whole flow on a real control plane.
    Demo(demo::Args),
    /// Builds what the tests need and runs every test.
    Test(test::Args),
    /// Builds the plugins as components into `target/guests`.
    Guests,
    /// Generates the parts of the SDKs but Rust's that follow from the contract.
    Bindings,
    Cluster(cluster::Cluster),
    /// Holds the plugin contract to its released versions, and writes its reference.
    Contract(contract::Args),
    /// Builds what the benchmarks measure and runs them.
    Bench(bench::Args),
    /// Breaks the command, the network and the cluster in every way and at every request, and looks what is left.
    Faults(faults::Args),
    /// Packages the command: archive, deb, wheel, image, SBOM, checksums and the manifest for krew.
    Dist(dist::Args),
    /// Feeds the parts that read what strangers wrote with inputs that libFuzzer makes up.
    Fuzz(fuzz::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Task::Demo(args) => demo::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Guests => guests::run(),
        Task::Contract(args) => contract::run(&args),
        Task::Bindings => bindings::run().map_err(|error| report(&error, error.hint())),
        Task::Bench(args) => bench::run(&args),
        Task::Faults(args) => faults::run(&args),
        Task::Dist(args) => dist::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Cluster(cluster) => cluster.run().map_err(|error| report(&error, error.hint())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
