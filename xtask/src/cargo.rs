//! Runs this cargo in the repository's folder.

use std::ffi::OsString;
use std::process::Command;

use crate::guests;

/// Arguments that build the command. For its package alone cargo would choose other features of the dependencies, and
/// compile many of them again.
pub(crate) const BUILD_COMMAND: &[&str] =
    &["build", "--workspace", "--bin", "wellhead", "--locked"];

/// Runs cargo with these arguments, and variables added to the environment.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, OsString)]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(guests::repository())
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .status()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" "))) }
}

/// Says what it runs, and runs it.
pub(crate) fn step(arguments: &[&str], variables: &[(&str, OsString)]) -> Result<(), String> {
    println!("==> cargo {}", arguments.join(" "));
    run(arguments, variables)
}
