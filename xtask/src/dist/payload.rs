//! What every package holds.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::elf::Needs;
use super::files::File;
use super::package::failed;
use crate::guests;

/// What every package holds, read once.
pub(super) struct Payload {
    /// Of the command, e.g. `0.1.0`.
    pub(super) version: String,
    /// What it runs on.
    pub(super) target: Target,
    /// The time of every file, in seconds since 1970: `SOURCE_DATE_EPOCH`, else that of the last commit.
    /// <https://reproducible-builds.org/specs/source-date-epoch/>
    pub(super) epoch: u64,
    /// The command.
    pub(super) binary: Vec<u8>,
    /// What the command needs at run time.
    pub(super) needs: Needs,
    /// A manual page for each command, e.g. `wellhead-plan.1`.
    pub(super) manual: Vec<File>,
    /// The completion scripts: for bash, zsh and fish.
    pub(super) completions: [Vec<u8>; 3],
    /// `LICENSE`, `README.md` and `CHANGELOG.md`.
    pub(super) documents: Vec<File>,
}

/// A target that packages are made for.
pub(super) struct Target {
    /// As Rust calls it.
    pub(super) triple: String,
    /// The processor as Linux and Python call it, e.g. `x86_64`.
    pub(super) machine: &'static str,
    /// The processor as Debian, Go and OCI call it, e.g. `amd64`.
    pub(super) arch: &'static str,
}

impl Target {
    pub(super) fn new(triple: &str) -> Result<Self, String> {
        let (machine, rest) = triple.split_once('-').unwrap_or((triple, ""));
        let known = ["unknown-linux-gnu", "unknown-linux-musl"].contains(&rest);
        let (machine, arch) = match machine {
            "x86_64" if known => ("x86_64", "amd64"),
            "aarch64" if known => ("aarch64", "arm64"),
            _ => {
                return Err(format!(
                    "packages are made for Linux on x86_64 and aarch64, not for {triple}"
                ));
            }
        };
        Ok(Self { triple: triple.to_owned(), machine, arch })
    }
}

impl Payload {
    /// Reads a binary of the command, and lets it write its manual pages and completion scripts.
    pub(super) fn read(binary: &Path, triple: &str) -> Result<Self, String> {
        let root = guests::repository();
        let target = Target::new(triple)?;
        let bytes = fs::read(binary).map_err(failed("read", binary))?;
        let document = |name: &str| {
            let path = root.join(name);
            Ok(File::data(name, fs::read(&path).map_err(failed("read", &path))?))
        };
        let completion = |shell| output(binary, &["completion", shell]);
        Ok(Self {
            version: version(binary)?,
            target,
            epoch: epoch()?,
            needs: Needs::read(&bytes)?,
            binary: bytes,
            manual: manual(binary)?,
            completions: [completion("bash")?, completion("zsh")?, completion("fish")?],
            documents: ["LICENSE", "README.md", "CHANGELOG.md"]
                .into_iter()
                .map(document)
                .collect::<Result<_, String>>()?,
        })
    }

    /// A document by its name.
    pub(super) fn document(&self, name: &str) -> &[u8] {
        let found = self.documents.iter().find(|it| it.path == name);
        found.map_or(&[], File::bytes)
    }

    /// The name of packages that hold everything: `wellhead-VERSION-TARGET`.
    pub(super) fn stem(&self) -> String {
        format!("wellhead-{}-{}", self.version, self.target.triple)
    }
}

fn version(binary: &Path) -> Result<String, String> {
    let printed = output(binary, &["--version"])?;
    let printed = String::from_utf8_lossy(&printed);
    let version = printed.trim().strip_prefix("wellhead ");
    let version = version.and_then(|it| it.split_whitespace().next());
    version.map(str::to_owned).ok_or_else(|| {
        format!("{} --version printed no version of wellhead: {}", binary.display(), printed.trim())
    })
}

fn epoch() -> Result<u64, String> {
    let text = if let Ok(text) = env::var("SOURCE_DATE_EPOCH") {
        text
    } else {
        let mut git = Command::new("git");
        git.args(["log", "-1", "--format=%ct"]).current_dir(guests::repository());
        let printed = git.output().map_err(|error| format!("git did not start: {error}"))?;
        String::from_utf8_lossy(&printed.stdout).trim().to_owned()
    };
    text.parse().map_err(|_| {
        format!("no time for the files of the packages: `{text}`\n  hint: set SOURCE_DATE_EPOCH to seconds since 1970")
    })
}

fn manual(binary: &Path) -> Result<Vec<File>, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let path = folder.path();
    output(binary, &["man", &path.to_string_lossy()])?;
    let mut pages = Vec::new();
    for entry in fs::read_dir(path).map_err(failed("list", path))? {
        let path = entry.map_err(failed("list", path))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pages.push(File::data(name, fs::read(&path).map_err(failed("read", &path))?));
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(pages)
}

/// What the command prints.
fn output(binary: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let what = || format!("{} {}", binary.display(), arguments.join(" "));
    let output = Command::new(binary)
        .args(arguments)
        .env_clear()
        .output()
        .map_err(|error| format!("{} did not start: {error}", what()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} failed: {}", what(), said.trim()))
}
