//! Installs a Rust compiler for the guests where that needs nobody's leave.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use wellhead_toolchain::rust::{Choice, PACKAGES, TARGET, Toolchain, find_linker};
use wellhead_toolchain::{Error, Output, read, run};

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

/// Installs Debian's packages where this process may: as root, and never by sudo.
fn install_packages() -> bool {
    let is_root = read(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let has_apt = Path::new("/usr/bin/apt-get").is_file();
    if !(is_root && has_apt) {
        return false;
    }
    eprintln!("installing {}", PACKAGES.join(", "));
    let linker = if find_linker().is_none() { Some("lld") } else { None };
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("/usr/bin/apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        apt
    };
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(PACKAGES).args(linker);
    run(&mut apt(&["update"]), Output::Show).is_ok() && run(&mut install, Output::Show).is_ok()
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
