//! Where the programs of Go are, and how they are built.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::Error;

/// Cargo's target folder of this workspace.
pub fn target_dir() -> PathBuf {
    let configured = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    workspace_root().join(configured)
}

/// A Go module that is a program.
#[derive(Clone, Copy)]
struct Program {
    /// Its folder, and the name of the program.
    name: &'static str,
    /// Folder in it of a second program, which the first one starts: its file is beside the first one's, and
    /// its name is that with `-` and this.
    companion: Option<&'static str>,
    /// What the linker is told, from the module's go.mod.
    linker_flags: fn(&Sources) -> String,
}

const CONTROLPLANE: Program =
    Program { name: "controlplane", companion: Some("csi"), linker_flags };
const APPLIER: Program =
    Program { name: "applier", companion: None, linker_flags: |_| "-s -w".to_owned() };

/// Path of the program that was built from the present sources.
pub fn controlplane_binary() -> Result<PathBuf, Error> {
    let path = binary_path(CONTROLPLANE, &Sources::read(CONTROLPLANE)?);
    if path.is_file() { Ok(path) } else { Err(Error::NotBuilt(path)) }
}

/// Builds the program, unless it is there: about 5 minutes the first time, seconds afterwards.
///
/// The Go compiler reports to standard error. Programs of older sources are removed.
pub fn build_controlplane() -> Result<PathBuf, Error> {
    build(CONTROLPLANE)
}

/// Builds the program that applies folders as Flux does, unless it is there: about 90 seconds the first time.
pub fn build_applier() -> Result<PathBuf, Error> {
    build(APPLIER)
}

/// Tests the CSI parts: csi-test holds the driver to the specification of CSI.
///
/// Go reports to standard output.
pub fn check_controlplane() -> Result<(), Error> {
    check_go(CONTROLPLANE, &Sources::read(CONTROLPLANE)?)?;
    let status = go(CONTROLPLANE)
        // The flags of the build, whose packages are used again.
        .args(["test", "-mod=readonly", "-buildvcs=false", "-trimpath", "-vet=off", "./csi/..."])
        .status()
        .map_err(Error::NoGo)?;
    let failed = Error::Go { command: "test", module: CONTROLPLANE.name, status };
    if status.success() { Ok(()) } else { Err(failed) }
}

fn build(program: Program) -> Result<PathBuf, Error> {
    let sources = Sources::read(program)?;
    let path = binary_path(program, &sources);
    let folder = path.parent().unwrap_or(&path).to_owned();
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let _one_build_at_a_time = lock(&folder.join("build.lock"))?;
    if path.is_file() {
        return Ok(path);
    }
    check_go(program, &sources)?;
    let unfinished = folder.join("new");
    fs::create_dir_all(&unfinished).map_err(Error::file("create", &unfinished))?;
    go_build(program, &sources, &unfinished)?;
    remove_older(program, &folder)?;
    // The program last: where it is, all is.
    if let Some(companion) = program.companion {
        let beside = companion_path(&path, companion);
        fs::rename(unfinished.join(companion), &beside).map_err(Error::file("create", &beside))?;
    }
    fs::rename(unfinished.join(program.name), &path).map_err(Error::file("create", &path))?;
    Ok(path)
}

fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("because this crate is tests/harness")
}

fn module_dir(program: Program) -> PathBuf {
    workspace_root().join("tests").join(program.name)
}

fn binary_path(program: Program, sources: &Sources) -> PathBuf {
    let name = program.name;
    target_dir().join(name).join(format!("{name}-{}", sources.digest))
}

fn companion_path(path: &Path, companion: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(companion);
    name.into()
}

/// What the program is built from.
struct Sources {
    /// First 16 hexadecimal digits of the digest over every file.
    digest: String,
    go_mod: String,
}

impl Sources {
    fn read(program: Program) -> Result<Self, Error> {
        let module = module_dir(program);
        let mut hasher = Sha256::new();
        for path in files_of(&module)? {
            let content = fs::read(&path).map_err(Error::file("read", &path))?;
            let name = path.strip_prefix(&module).unwrap_or(&path);
            hasher.update(name.as_os_str().as_encoded_bytes());
            hasher.update(content.len().to_be_bytes());
            hasher.update(content);
        }
        let digest = hasher.finalize();
        let start = digest.first_chunk().expect("because a SHA-256 digest has 32 bytes");
        let digest = format!("{:016x}", u64::from_be_bytes(*start));
        let go_mod = module.join("go.mod");
        let go_mod = fs::read_to_string(&go_mod).map_err(Error::file("read", go_mod))?;
        Ok(Self { digest, go_mod })
    }

    /// The word that follows the first `key` in go.mod.
    fn version_of(&self, key: &str) -> String {
        let mut words = self.go_mod.split_whitespace().skip_while(|word| *word != key);
        words.nth(1).unwrap_or_default().to_owned()
    }
}

/// The files that go into the program, sorted: all but the documentation and the tests.
fn files_of(module: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![module.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::file("read", &folder))? {
            let path = entry.map_err(Error::file("read", &folder))?.path();
            let has = |extension| path.extension().is_some_and(|found| found == extension);
            let is_test = path.as_os_str().as_encoded_bytes().ends_with(b"_test.go");
            if path.is_dir() {
                folders.push(path);
            } else if !has("md") && !is_test {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn lock(path: &Path) -> Result<File, Error> {
    let file = File::create(path).map_err(Error::file("create", path))?;
    file.lock().map_err(Error::file("lock", path))?;
    Ok(file)
}

fn go(program: Program) -> Command {
    let mut command = Command::new("go");
    command.current_dir(module_dir(program)).env("CGO_ENABLED", "0").env("GOWORK", "off");
    command
}

/// Says in one message what is wrong with Go, before a build fails in its middle.
fn check_go(program: Program, sources: &Sources) -> Result<(), Error> {
    // In the folder of go.mod, a Go that is too old fetches the right one or says why it does not.
    let output = go(program).args(["env", "GOVERSION"]).output().map_err(Error::NoGo)?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::UnfitGo { wanted: sources.version_of("go"), reason })
}

fn go_build(program: Program, sources: &Sources, to: &Path) -> Result<(), Error> {
    let status = go(program)
        .args(["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o"])
        .arg(to)
        .args(["-ldflags", &(program.linker_flags)(sources)])
        .arg(".")
        .args(program.companion.map(|folder| format!("./{folder}")))
        .status()
        .map_err(Error::NoGo)?;
    let failed = Error::Go { command: "build", module: program.name, status };
    if status.success() { Ok(()) } else { Err(failed) }
}

/// Without these the API server reports version `v0.0.0-master`, which clients cannot compare.
fn linker_flags(sources: &Sources) -> String {
    let version = sources.version_of("k8s.io/kubernetes");
    let mut numbers = version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!(
        "-s -w -X {package}.gitVersion={version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    )
}

fn remove_older(program: Program, folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&format!("{}-", program.name)) {
            fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_module_file() {
        let sources = Sources::read(CONTROLPLANE).unwrap();
        assert!(sources.version_of("go").starts_with("1."), "{}", sources.go_mod);
        let flags = linker_flags(&sources);
        assert!(flags.contains(".gitVersion=v1.") && flags.contains(".gitMajor=1 "), "{flags}");
    }
}
