//! `cargo xtask fuzz`: the targets of `tests/fuzz` under libFuzzer, for as long as you like.

use std::path::{Path, PathBuf};
use std::process::Command;

use wellhead_harness::target_dir;

/// The version of cargo-fuzz that is installed beside the build.
const CARGO_FUZZ: &str = "0.13.2";
/// Where the targets are, from the repository's root.
const FOLDER: &str = "tests/fuzz/libfuzzer";
/// Seconds that one input may take.
const TIMEOUT: u32 = 20;
/// Names of the targets.
const TARGETS: [&str; 11] = [
    "precheck",
    "load",
    "transform",
    "spec",
    "paths",
    "render",
    "config",
    "lines",
    "kubeconfig",
    "records",
    "layout",
];

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The target to run. Left out: all of them, one after the other.
    #[arg(value_parser = TARGETS)]
    target: Option<String>,
    /// Inputs that each target tries. 0: no end.
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
    /// Seconds after which each target ends, whatever it has tried.
    #[arg(long)]
    seconds: Option<u64>,
}

/// Builds and runs the targets. What they find and what they learn is kept in `target/fuzz`.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let tool = install()?;
    let toolchain = Toolchain::find();
    println!("==> fuzz: {}", toolchain.describe());
    let home = target_dir().join("fuzz");
    seeds(&home)?;
    for target in TARGETS {
        if args.target.as_deref().is_none_or(|it| it == target) {
            fuzz(&tool, toolchain, target, &home, args)?;
        }
    }
    Ok(())
}

/// What the targets are built with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Toolchain {
    /// Nightly, which has the address sanitizer.
    Nightly,
    /// The one of the repository, without a sanitizer: panics and broken promises are found.
    Stable,
}

impl Toolchain {
    /// Nightly where it is installed.
    fn find() -> Self {
        let mut nightly = Command::new("rustup");
        nightly.args(["run", "nightly", "cargo", "--version"]);
        let found = nightly.output().is_ok_and(|output| output.status.success());
        if found { Self::Nightly } else { Self::Stable }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Nightly => "nightly Rust, with the address sanitizer",
            Self::Stable => "without a sanitizer; `rustup toolchain install nightly` adds one",
        }
    }

    /// `cargo` of the toolchain.
    fn cargo(self) -> Command {
        let mut command = match self {
            Self::Nightly => Command::new("rustup"),
            Self::Stable => return Command::new(env!("CARGO")),
        };
        command.args(["run", "nightly", "cargo"]);
        command
    }

    fn sanitizer(self) -> &'static str {
        match self {
            Self::Nightly => "address",
            Self::Stable => "none",
        }
    }
}

/// Installs cargo-fuzz where no other version of it is used.
fn install() -> Result<PathBuf, String> {
    let root = target_dir().join("tools");
    let tool = root.join(format!("bin/cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
    if !tool.is_file() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["install", "--locked", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"]);
        step("installing cargo-fuzz", cargo.arg(&root))?;
    }
    Ok(tool)
}

/// Writes the seeds of each target into a folder of its own.
fn seeds(home: &Path) -> Result<(), String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "run",
        "--quiet",
        "--package",
        "wellhead-fuzz",
        "--locked",
        "--bin",
        "write-seeds",
    ]);
    step("writing the seeds", cargo.arg("--").arg(home))
}

fn fuzz(
    tool: &Path,
    toolchain: Toolchain,
    target: &str,
    home: &Path,
    args: &Args,
) -> Result<(), String> {
    let (learned, seeds) = (home.join("corpus").join(target), home.join("seeds").join(target));
    let found = home.join("artifacts").join(target);
    for folder in [&learned, &found] {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = toolchain.cargo();
    // The tool is called by cargo, which tells it the toolchain.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bin = tool.parent().map(Path::to_owned);
    let paths = bin.into_iter().chain(std::env::split_paths(&path));
    let paths = std::env::join_paths(paths).map_err(|error| error.to_string())?;
    command.env("PATH", paths);
    command.args(["fuzz", "run", "--fuzz-dir", FOLDER, "--sanitizer", toolchain.sanitizer()]);
    command.arg("--target-dir").arg(home.join("build")).arg(target).arg(learned).arg(seeds);
    command.args(["--", &format!("-runs={}", if args.runs == 0 { -1 } else { runs(args.runs) })]);
    command.arg(format!("-artifact_prefix={}/", found.display()));
    command.arg(format!("-timeout={TIMEOUT}"));
    command.arg(format!("-dict={}", home.join("dictionaries").join(target).display()));
    command.args(["-print_final_stats=1", "-print_pcs=0"]);
    command.args(args.seconds.map(|seconds| format!("-max_total_time={seconds}")));
    step(target, &mut command)
}

/// libFuzzer counts with a sign.
fn runs(runs: u64) -> i64 {
    i64::try_from(runs).unwrap_or(i64::MAX)
}

fn step(what: &str, command: &mut Command) -> Result<(), String> {
    println!("==> fuzz: {what}");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let status = command.current_dir(root).status();
    let status = status.map_err(|error| format!("{what}: the command did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed")) }
}
