//! Debian's packages.

use std::path::Path;
use std::process::Command;

use wellhead_toolchain::{Output, read, run};

const APT: &str = "/usr/bin/apt-get";

/// Installs packages where this process may: as root, and never by sudo. Whether they are there
/// afterwards.
pub(crate) fn install(packages: &[&str]) -> bool {
    if !(is_root() && Path::new(APT).is_file()) {
        return false;
    }
    eprintln!("installing {}", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new(APT);
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        apt
    };
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(packages);
    run(&mut apt(&["update"]), Output::Show).is_ok() && run(&mut install, Output::Show).is_ok()
}

/// Whether this process is of root.
pub(crate) fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}
