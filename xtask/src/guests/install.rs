//! Installs a Rust compiler for the guests where that needs nobody's leave.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use wellhead_toolchain::Error;
use wellhead_toolchain::rust::{Choice, PACKAGES, TARGET, Toolchain, find_linker};

use crate::apt;

/// A download of about 15 MB.
const RUSTUP_LIMIT: Duration = Duration::from_mins(3);

/// Finds a toolchain, or installs what is missing.
pub(super) fn toolchain(choice: Choice, root: &Path) -> Result<Toolchain, Error> {
    let mut found = Toolchain::find(choice, root);
    if found.is_err() && choice != Choice::System && add_target() {
        found = Toolchain::find(choice, root);
    }
    if found.is_err() && choice != Choice::Installed && install_packages() {
        found = Toolchain::find(choice, root);
    }
    found
}

fn add_target() -> bool {
    eprintln!("adding {TARGET} to the Rust toolchain");
    succeeds(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)
}

/// Installs Debian's packages, and a linker where there is none.
fn install_packages() -> bool {
    let linker = if find_linker().is_none() { Some("lld") } else { None };
    apt::install(&PACKAGES.into_iter().chain(linker).collect::<Vec<_>>())
}

/// Whether a command succeeds within a time. Its output is dropped; afterwards it has ended.
fn succeeds(command: &mut Command, limit: Duration) -> bool {
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
