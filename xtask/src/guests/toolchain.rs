//! Finds a Rust compiler for the guests' target, and installs one where that needs nobody's leave.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{GuestsError, command};

/// Target of the guests: no operating system, hence no WASI.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages: compiler, cargo and the sources of the standard library.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
const SYSTEM_CARGO: &str = "/usr/bin/cargo";

/// A download of about 15 MB.
const RUSTUP_LIMIT: Duration = Duration::from_mins(3);

/// Which Rust compiler builds the guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// The first of the others that works.
    #[default]
    Auto,
    /// The toolchain that runs this command, with the target that rustup adds to it.
    Rustup,
    /// Debian's packages, with a standard library built from source.
    System,
}

/// A Rust compiler for [`TARGET`].
pub(super) enum Toolchain {
    /// It has a standard library for the target.
    Rustup,
    /// It builds the standard library from source.
    System {
        /// The linker, where one is found that rustc would not find itself.
        linker: Option<PathBuf>,
    },
}

impl Toolchain {
    /// Finds a toolchain, or installs what is missing.
    pub(super) fn find(choice: Choice) -> Result<Self, GuestsError> {
        let rustup = matches!(choice, Choice::Auto | Choice::Rustup);
        let system = matches!(choice, Choice::Auto | Choice::System);
        if rustup && has_target() {
            return Ok(Self::Rustup);
        }
        if rustup && add_target() && has_target() {
            return Ok(Self::Rustup);
        }
        if system && (has_system() || (install_packages() && has_system())) {
            return Ok(Self::System { linker: find_linker() });
        }
        Err(GuestsError::NoToolchain)
    }

    /// A cargo that runs in `folder`, where the workspace's own configuration applies.
    pub(super) fn cargo(&self, folder: &Path) -> Command {
        let mut cargo = match self {
            Self::Rustup => Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
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
            Self::Rustup => &["--target", TARGET],
            Self::System { .. } => &["--target", TARGET, "-Zbuild-std=std,panic_abort"],
        }
    }
}

/// What to type where no toolchain is found.
pub(super) fn install_hint() -> String {
    format!(
        "type `rustup target add {TARGET}`, or on Debian, as root, `apt-get install {} lld`",
        PACKAGES.join(" ")
    )
}

/// The compiler that belongs to the running cargo.
fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// Whether the compiler has a standard library for the target.
fn has_target() -> bool {
    print_path(&rustc(), &["--print", "target-libdir", "--target", TARGET])
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .is_some_and(|files| {
            files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
        })
}

fn add_target() -> bool {
    eprintln!("adding {TARGET} to the Rust toolchain");
    command::succeeds(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)
}

/// Whether Debian's compiler, cargo and sources of the standard library are there.
fn has_system() -> bool {
    let sources = print_path(SYSTEM_RUSTC.as_ref(), &["--print", "sysroot"])
        .map(|sysroot| sysroot.join("lib/rustlib/src/rust/library/Cargo.lock"));
    Path::new(SYSTEM_CARGO).is_file() && sources.is_some_and(|file| file.is_file())
}

/// Installs Debian's packages where this process may: as root, and never by sudo.
fn install_packages() -> bool {
    let is_root = command::read(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
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
    command::run(&mut apt(&["update"])).is_ok() && command::run(&mut install).is_ok()
}

/// A linker for WebAssembly: rustup's compiler carries one, Debian has one in the package lld.
fn find_linker() -> Option<PathBuf> {
    let carried = [rustc(), SYSTEM_RUSTC.into()].into_iter().filter_map(|rustc| {
        let sysroot = print_path(&rustc, &["--print", "sysroot"])?;
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
fn host(rustc: &OsString) -> Option<String> {
    let version = print(rustc, &["--version", "--verbose"])?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

fn print_path(rustc: &std::ffi::OsStr, arguments: &[&str]) -> Option<PathBuf> {
    print(rustc, arguments).map(PathBuf::from)
}

/// What a compiler prints; `None` where it is missing or does not know the arguments.
fn print(rustc: &std::ffi::OsStr, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
