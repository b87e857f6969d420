//! Finds a Rust compiler for plugins.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::requirement::{Requirement, Version};

/// Target of plugins in Rust: no operating system, hence no WASI.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// The oldest compiler that the SDK is built with: its `rust-version`.
const MINIMUM: Version = Version(1, 95, 0);
const INSTALL: &str =
    "https://rustup.rs installs Rust, and `rustup update stable` brings it up to date";

/// Checks that the compiler for a folder, which may choose one by a `rust-toolchain.toml`, builds for [`TARGET`].
///
/// # Errors
/// A compiler, its cargo or the target's standard library is missing, too old or broken.
pub fn check(folder: &Path) -> Result<(), Error> {
    for (what, program) in [("Rust's cargo", cargo()), ("Rust", rustc())] {
        let (arguments, minimum, install) = (&["--version"], MINIMUM, INSTALL);
        let program = &program;
        Requirement { what, program, arguments, minimum, install, folder }.check()?;
    }
    let library = print_path(&rustc(), folder, &["--print", "target-libdir", "--target", TARGET])
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .is_some_and(|files| {
            files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
        });
    if library { Ok(()) } else { Err(no_target()) }
}

fn no_target() -> Error {
    Error::Missing {
        what: "Rust's standard library for WebAssembly",
        why: format!("the compiler has no target {TARGET}"),
        install: format!("type `rustup target add {TARGET}`"),
    }
}

/// Where the source of Rust's own library is, if it is installed, and the name that it has in a compiler without it.
pub(super) fn library_source(folder: &Path) -> Option<(PathBuf, String)> {
    let source =
        print_path(&rustc(), folder, &["--print", "sysroot"])?.join("lib/rustlib/src/rust");
    let version = print(&rustc(), folder, &["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "))?;
    source.is_dir().then(|| (source, format!("/rustc/{commit}")))
}

/// A cargo that runs in `folder`, where the workspace's own configuration applies.
pub(super) fn cargo_in(folder: &Path) -> Command {
    let mut command = Command::new(cargo());
    command.current_dir(folder);
    command
}

/// The running cargo, or the one of the user.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The compiler that belongs to it.
fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// The path that a compiler prints.
fn print_path(rustc: &OsStr, folder: &Path, arguments: &[&str]) -> Option<PathBuf> {
    print(rustc, folder, arguments).map(PathBuf::from)
}

/// What a compiler prints; `None` where it is missing or does not know the arguments.
fn print(rustc: &OsStr, folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).current_dir(folder).output().ok()?;
    let text = || String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    output.status.success().then(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_compiler_is_the_one_that_the_sdk_names() {
        let (_, manifest) = crate::template::embedded::sdk(crate::Language::Rust)
            .iter()
            .find(|it| it.0 == "Cargo.toml")
            .expect("the SDK has a manifest");
        let manifest = std::str::from_utf8(manifest).unwrap();
        assert!(manifest.contains(&format!("rust-version = \"{MINIMUM}\"")), "{manifest}");
    }
}
