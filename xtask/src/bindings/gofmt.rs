//! Formats generated Go.

use std::io::Write;
use std::process::{Command, Stdio};

use super::error::BindingsError;
use super::files::Files;

/// Formats the files that end in `.go`.
pub(super) fn format(files: &mut Files) -> Result<(), BindingsError> {
    for (path, bytes) in files {
        if path.extension().is_some_and(|extension| extension == "go") {
            *bytes = gofmt(bytes)
                .map_err(|reason| BindingsError::Format(format!("{}: {reason}", path.display())))?;
        }
    }
    Ok(())
}

fn gofmt(source: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new("gofmt")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    // gofmt reads everything before it writes anything.
    let stdin = child.stdin.take();
    if let Some(mut stdin) = stdin {
        stdin.write_all(source).map_err(|error| error.to_string())?;
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
