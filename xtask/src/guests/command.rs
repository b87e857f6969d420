//! Runs other programs.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::GuestsError;

/// Runs a command that talks to the terminal itself.
pub(super) fn run(command: &mut Command) -> Result<(), GuestsError> {
    let status = command.status().map_err(|source| start_error(command, source))?;
    if status.success() { Ok(()) } else { Err(GuestsError::Failed { command: text(command) }) }
}

/// Runs a command and returns its standard output.
pub(super) fn read(command: &mut Command) -> Result<String, GuestsError> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|source| start_error(command, source))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(GuestsError::Failed { command: text(command) })
    }
}

/// Whether a command succeeds within a time. Its output is dropped; afterwards it has ended.
pub(super) fn succeeds(command: &mut Command, limit: Duration) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else { return false };
    let end = Instant::now() + limit;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    // It may have ended meanwhile; then there is nothing to end.
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn start_error(command: &Command, source: std::io::Error) -> GuestsError {
    GuestsError::Start { command: text(command), source }
}

/// The command as a person would type it, without its environment.
fn text(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
