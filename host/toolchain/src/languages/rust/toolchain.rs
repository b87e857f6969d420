//! Finds a Rust compiler for plugins.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::requirement::{Requirement, Version};

/// Target of plugins in Rust: no operating system, hence no WASI.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's packages: compiler, cargo and the sources of the standard library.
pub const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The oldest compiler that the SDK is built with: its `rust-version`.
const MINIMUM: Version = Version(1, 95, 0);
const INSTALL: &str =
    "https://rustup.rs installs Rust, and `rustup update stable` brings it up to date";

const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
const SYSTEM_CARGO: &str = "/usr/bin/cargo";

/// Which Rust compiler builds plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first of the others that works.
    #[default]
    Auto,
    /// The one that `cargo` runs, with the target that rustup adds to it.
    Installed,
    /// Debian's packages, with a standard library built from source.
    System,
}

/// A Rust compiler for [`TARGET`].
#[derive(Debug)]
pub enum Toolchain {
    /// It has a standard library for the target.
    Installed,
    /// It builds the standard library from source.
    System {
        /// The linker, where one is found that rustc would not find itself.
        linker: Option<PathBuf>,
    },
}

impl Toolchain {
    /// Finds the toolchain for a folder, which may choose one by a `rust-toolchain.toml`.
    ///
    /// # Errors
    /// A compiler, its cargo or the target's standard library is missing, too old or broken.
    pub fn find(choice: Choice, folder: &Path) -> Result<Self, Error> {
        if choice != Choice::System {
            let installed = installed(folder);
            let is_usable = choice == Choice::Auto && installed.is_err() && has_system();
            if !is_usable {
                return installed.map(|()| Self::Installed);
            }
        }
        if has_system() { Ok(Self::System { linker: find_linker() }) } else { Err(no_target()) }
    }

    /// A cargo that runs in `folder`, where the workspace's own configuration applies.
    pub fn cargo(&self, folder: &Path) -> Command {
        let mut cargo = match self {
            Self::Installed => Command::new(cargo()),
            Self::System { linker } => {
                let mut cargo = Command::new(SYSTEM_CARGO);
                // A released compiler builds the standard library only when it is told that this
                // is no accident.
                cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", SYSTEM_RUSTC);
                if let Some(linker) = linker {
                    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                }
                cargo
            }
        };
        cargo.current_dir(folder);
        cargo
    }

    /// Arguments of `cargo build`.
    pub(super) fn build_args(&self) -> &'static [&'static str] {
        match self {
            Self::Installed => &["--target", TARGET],
            Self::System { .. } => &["--target", TARGET, "-Zbuild-std=std,panic_abort"],
        }
    }
}

/// Whether `cargo` and its compiler can build for the target.
fn installed(folder: &Path) -> Result<(), Error> {
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
        install: format!(
            "type `rustup target add {TARGET}`, or on Debian, as root, `apt-get install {} lld`",
            PACKAGES.join(" ")
        ),
    }
}

/// The running cargo, or the one of the user.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The compiler that belongs to it.
fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// Whether Debian's compiler, cargo and sources of the standard library are there. Who takes their
/// folder off the path does not want them.
fn has_system() -> bool {
    let folder = Path::new(SYSTEM_CARGO).parent();
    let path = env::var_os("PATH").unwrap_or_default();
    if !env::split_paths(&path).any(|it| Some(&*it) == folder) {
        return false;
    }
    let sources = print_path(SYSTEM_RUSTC.as_ref(), Path::new("/"), &["--print", "sysroot"])
        .map(|sysroot| sysroot.join("lib/rustlib/src/rust/library/Cargo.lock"));
    Path::new(SYSTEM_CARGO).is_file() && sources.is_some_and(|file| file.is_file())
}

/// A linker for WebAssembly: rustup's compiler carries one, Debian has one in the package lld.
pub fn find_linker() -> Option<PathBuf> {
    let carried = [rustc(), SYSTEM_RUSTC.into()].into_iter().filter_map(|rustc| {
        let sysroot = print_path(&rustc, Path::new("/"), &["--print", "sysroot"])?;
        Some(sysroot.join("lib/rustlib").join(host(&rustc)?).join("bin/rust-lld"))
    });
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let installed = ["rust-lld", "wasm-ld"]
        .into_iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    carried.chain(installed).find(|file| file.is_file())
}

/// The triple of the machine that a compiler runs on.
fn host(rustc: &OsStr) -> Option<String> {
    let version = print(rustc, Path::new("/"), &["--version", "--verbose"])?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

fn print_path(rustc: &OsStr, folder: &Path, arguments: &[&str]) -> Option<PathBuf> {
    print(rustc, folder, arguments).map(PathBuf::from)
}

/// What a compiler prints; `None` where it is missing or does not know the arguments.
fn print(rustc: &OsStr, folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
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
