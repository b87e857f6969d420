//! `cargo xtask test`: everything that CI runs, in the order in which it fails soonest.

use std::env;
use std::process::Command;

use wellhead_toolchain::c;

use crate::report::report;
use crate::{apt, cargo, cluster, guests};

/// What to leave out of a run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leaves out formatting, lints and dependency checks.
    #[arg(long)]
    no_lint: bool,
}

/// A command of cargo, and the words that say what it is for.
type Step = (&'static str, &'static [&'static str]);

const LINTS: &[Step] = &[
    ("formatting", &["fmt", "--all", "--check"]),
    (
        "formatting of the plugins",
        &["fmt", "--manifest-path", "plugins/Cargo.toml", "--all", "--check"],
    ),
    (
        "formatting of the example",
        &["fmt", "--manifest-path", "examples/languages/rust/Cargo.toml", "--check"],
    ),
    ("lints", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    (
        "lints of the plugins",
        &[
            "clippy",
            "--manifest-path",
            "plugins/Cargo.toml",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    ),
];

const TESTS: &[Step] = &[
    // Tests of the command line run the binary, which cargo does not build for another package.
    ("the command", cargo::BUILD_COMMAND),
    ("tests of the workspace", &["test", "--workspace", "--locked"]),
    (
        "tests of the plugins",
        &["test", "--manifest-path", "plugins/Cargo.toml", "--workspace", "--locked"],
    ),
    (
        "tests of the example",
        &[
            "test",
            "--manifest-path",
            "examples/languages/rust/Cargo.toml",
            "--locked",
            "--target-dir",
            "plugins/target",
        ],
    ),
];

/// What proptest draws its cases from. CI draws the same ones every time, so that a change fails for
/// what it does; `cargo test` draws others.
const SEED: &str = "PROPTEST_RNG_SEED";

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    if !args.no_lint {
        steps(LINTS)?;
        dependencies()?;
    }
    clang()?;
    guests::run()?;
    cluster::build().map_err(|error| report(&error, error.hint()))?;
    steps(TESTS)
}

/// Finds the compiler of plugins in C, or installs it.
fn clang() -> Result<(), String> {
    let root = guests::repository();
    let mut found = c::check(&root);
    if found.is_err() && apt::install(&c::PACKAGES) {
        found = c::check(&root);
    }
    found.map_err(|error| guests::describe(&error))
}

/// Checks licences, bans and sources of the dependencies, where `cargo deny` is installed: building
/// it would take longer than all other lints.
fn dependencies() -> Result<(), String> {
    let found = Command::new(env!("CARGO")).args(["deny", "--version"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return steps(&[("dependencies", &["deny", "check", "bans", "licenses", "sources"])]);
    }
    println!("==> dependencies: not checked; `cargo install --locked cargo-deny` would do it");
    Ok(())
}

fn steps(steps: &[Step]) -> Result<(), String> {
    for (what, arguments) in steps {
        println!("==> {what}: cargo {}", arguments.join(" "));
        let seed = env::var_os(SEED).unwrap_or_else(|| "0".into());
        cargo::run(arguments, &[(SEED, seed)]).map_err(|error| format!("{what}: {error}"))?;
    }
    Ok(())
}
