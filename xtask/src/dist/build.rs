//! Builds what is packaged.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use wellhead_harness::target_dir;

use super::files::File;
use super::package::failed;
use crate::{apt, cargo, guests};

/// What this machine runs.
pub(super) const HOST: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

/// The package of Debian with a C compiler for musl.
const MUSL: &str = "musl-tools";

/// Builds the command for this target as it is shipped, and returns its path.
pub(super) fn run(target: &str) -> Result<PathBuf, String> {
    if target.ends_with("-musl") {
        musl(target)?;
    }
    let arguments = [cargo::BUILD_COMMAND, &["--profile", "dist", "--target", target]].concat();
    cargo::step(&arguments, &[])?;
    Ok(target_dir().join(target).join("dist/wellhead"))
}

/// Adds the target to Rust, and a compiler for the parts in C.
fn musl(target: &str) -> Result<(), String> {
    let mut rustup = Command::new("rustup");
    let added = rustup.args(["target", "add", target]).current_dir(guests::repository()).status();
    if !added.is_ok_and(|status| status.success()) {
        return Err(format!("Rust cannot build for {target}\n  hint: rustup target add {target}"));
    }
    let found = || Command::new("musl-gcc").arg("--version").output().is_ok();
    if found() || (apt::install(&[MUSL]) && found()) {
        return Ok(());
    }
    Err(format!("no C compiler for {target}\n  hint: apt-get install {MUSL}"))
}

/// The plugins of this repository, where an image has them.
pub(super) fn plugins() -> Result<Vec<File>, String> {
    guests::run()?;
    ["storage-class", "image-policy", "replicas"]
        .into_iter()
        .map(|name| {
            let path = guests::repository().join(format!("target/guests/{name}.wasm"));
            let bytes = fs::read(&path).map_err(failed("read", &path))?;
            Ok(File::data(format!("usr/share/wellhead/plugins/{name}.wasm"), bytes))
        })
        .collect()
}
