//! Installs each package in a clean place, as its users do, and runs the command there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use wellhead_toolchain::read;

use super::package::{Package, failed, sha256};
use super::payload::Payload;
use crate::{apt, guests};

/// Installs every package of a folder, and returns a line about each.
pub(super) fn all(
    folder: &Path,
    packages: &[Package],
    payload: &Payload,
) -> Result<Vec<String>, String> {
    let folder = std::path::absolute(folder).map_err(failed("find", folder))?;
    let mut sums = Command::new("sha256sum");
    said(sums.args(["--check", "--quiet", "SHA256SUMS"]).current_dir(&folder))?;
    let mut lines = vec!["SHA256SUMS: right".to_owned()];
    for package in packages {
        let path = folder.join(&package.name);
        let clean = Clean::new(payload)?;
        let installed = match package.name.rsplit('.').next() {
            Some("gz") => clean.archive(&path)?,
            Some("deb") => clean.deb(&path)?,
            Some("whl") => clean.wheel(&path)?,
            Some("tar") => clean.image(&path)?,
            _ => continue,
        };
        lines.push(format!("{}: {installed}", package.name));
    }
    Ok(lines)
}

/// A folder that has nothing, and what a command in it must print.
struct Clean<'p> {
    folder: TempDir,
    payload: &'p Payload,
}

impl<'p> Clean<'p> {
    fn new(payload: &'p Payload) -> Result<Self, String> {
        let folder =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Self { folder, payload })
    }

    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Fails where a command does not print the version of the command that was packaged.
    fn prints_version(&self, command: &mut Command) -> Result<(), String> {
        let printed = said(command)?;
        if printed.trim().split(' ').nth(1) == Some(self.payload.version.as_str()) {
            return Ok(());
        }
        Err(format!("{command:?} printed another version: {printed}"))
    }

    fn archive(&self, archive: &Path) -> Result<String, String> {
        untar(archive, self.folder.path())?;
        let binary = self.path(self.payload.stem()).join("wellhead");
        self.prints_version(Command::new(binary).arg("--version").env_clear())?;
        Ok("unpacked, and ran".to_owned())
    }

    fn deb(&self, deb: &Path) -> Result<String, String> {
        if !is_there("dpkg") {
            return Ok("not installed: this machine has no dpkg".to_owned());
        }
        let root = self.path("root");
        let database = root.join("var/lib/dpkg");
        for folder in ["info", "updates"] {
            let folder = database.join(folder);
            fs::create_dir_all(&folder).map_err(failed("create", &folder))?;
        }
        let status = database.join("status");
        fs::write(&status, "").map_err(failed("write", &status))?;
        let mut dpkg = Command::new("dpkg");
        // Its libraries come from this machine: a whole Debian would be downloaded otherwise.
        dpkg.arg(format!("--root={}", root.display()));
        dpkg.args(["--force-depends", "--force-not-root", "--log=/dev/null", "--install"]);
        said(dpkg.arg(deb))?;
        self.runs_in(&root, &[])?;
        let listed = said(
            Command::new("dpkg-query")
                .arg(format!("--root={}", root.display()))
                .args(["-L", "wellhead"]),
        )?;
        if !listed.contains("/usr/share/man/man1/wellhead-plan.1.gz") {
            return Err(format!("the package has no manual pages: {listed}"));
        }
        let completed = self.kubectl(&root.join("usr/bin"))?;
        Ok(format!("installed by dpkg in a root of its own, and ran there; {completed}"))
    }

    /// Runs and completes the plugin of kubectl.
    fn kubectl(&self, folder: &Path) -> Result<&'static str, String> {
        if !is_there("kubectl") {
            return Ok("not tried: this machine has no kubectl");
        }
        let path = env::join_paths(
            std::iter::once(folder.to_owned())
                .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
        )
        .map_err(|error| error.to_string())?;
        let kubectl = |arguments: &[&str]| {
            let mut kubectl = Command::new("kubectl");
            kubectl.args(arguments).env("PATH", &path).env("HOME", self.folder.path());
            kubectl
        };
        self.prints_version(&mut kubectl(&["wellhead", "--version"]))?;
        let candidates = said(&mut kubectl(&["__complete", "wellhead", "ren"]))?;
        if !candidates.lines().any(|line| line.starts_with("render\t")) {
            return Err(format!("kubectl does not complete `ren` to render: {candidates}"));
        }
        Ok("kubectl ran it as a plugin and completed its words")
    }

    fn wheel(&self, wheel: &Path) -> Result<String, String> {
        if !is_there("python3") {
            return Ok("not installed: this machine has no Python".to_owned());
        }
        let home = self.path("venv");
        said(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        let python = home.join("bin/python");
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check"]);
        said(pip.arg(wheel))?;
        self.prints_version(Command::new(home.join("bin/wellhead")).arg("--version").env_clear())?;
        self.prints_version(Command::new(&python).args(["-m", "wellhead", "--version"]))?;
        let render = "import sys, wellhead\n\
                      print(*(it['kind'] for it in wellhead.render(sys.argv[1])))\n\
                      try:\n    wellhead.render(sys.argv[1] + '/none')\n\
                      except wellhead.WellheadError as error:\n    \
                      print(error.exit_code, error.diagnostics[0]['code'])";
        let example = guests::repository().join("examples/minimal");
        let rendered = said(Command::new(&python).args(["-c", render]).arg(example))?;
        let lines: Vec<_> = rendered.lines().collect();
        match lines[..] {
            [kinds, error] if kinds.contains("StatefulSet") && error.contains(" WH") => {}
            _ => return Err(format!("wellhead.render() in Python returned {rendered}")),
        }
        Ok("installed by pip in an environment of its own, ran there and rendered".to_owned())
    }

    fn image(&self, image: &Path) -> Result<String, String> {
        let layout = self.path("layout");
        untar(image, &layout)?;
        let index = json(&layout.join("index.json"))?;
        let manifest = blob(&layout, &index["manifests"][0])?;
        let manifest = json(&manifest)?;
        let root = self.path("root");
        for layer in manifest["layers"].as_array().into_iter().flatten() {
            untar(&blob(&layout, layer)?, &root)?;
        }
        let config = json(&blob(&layout, &manifest["config"])?)?;
        let user = config["config"]["User"].as_str().ok_or("the image names no user")?;
        self.runs_in(&root, &[&format!("--userspec={user}")])?;
        Ok("unpacked by its digests, and ran in it as its user".to_owned())
    }

    /// Runs the command in a root, with the libraries of this machine if it needs any.
    fn runs_in(&self, root: &Path, options: &[&str]) -> Result<(), String> {
        let binary = root.join("usr/bin/wellhead");
        if !self.payload.needs.is_static() {
            for library in libraries(&binary)? {
                let copy = root.join(library.strip_prefix("/").unwrap_or(&library));
                let folder = copy.parent().unwrap_or(root);
                fs::create_dir_all(folder).map_err(failed("create", folder))?;
                fs::copy(&library, &copy).map_err(failed("copy", &library))?;
            }
        }
        let is_root = apt::is_root();
        let mut chroot = if is_root {
            Command::new("chroot")
        } else {
            let mut unshare = Command::new("unshare");
            unshare.args(["--map-root-user", "chroot"]);
            unshare
        };
        if is_root {
            chroot.args(options);
        }
        self.prints_version(
            chroot
                .arg(root)
                .args(["/usr/bin/wellhead", "--version"])
                .env_clear()
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        )
    }
}

/// The file of a blob whose size and digest are those of its descriptor.
fn blob(layout: &Path, descriptor: &Value) -> Result<PathBuf, String> {
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    let path = layout.join("blobs/sha256").join(hex);
    let bytes = fs::read(&path).map_err(failed("read", &path))?;
    if sha256(&bytes) == hex && descriptor["size"] == bytes.len() {
        return Ok(path);
    }
    Err(format!("{} is not what its descriptor says: {descriptor}", path.display()))
}

fn json(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(failed("read", path))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// The shared libraries of a binary on this machine, and its dynamic linker.
fn libraries(binary: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = said(Command::new("ldd").arg(binary))?;
    let words = listed.split_whitespace().filter(|word| word.starts_with('/'));
    Ok(words.map(PathBuf::from).collect())
}

fn untar(archive: &Path, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let mut tar = Command::new("tar");
    said(tar.arg("--extract").arg("--file").arg(archive).arg("--directory").arg(folder)).map(drop)
}

fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// What a command prints; an error with what it said otherwise.
fn said(command: &mut Command) -> Result<String, String> {
    read(command).map_err(|error| guests::describe(&error))
}
