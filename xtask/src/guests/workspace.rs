//! A cargo workspace of guests.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::toolchain::{TARGET, Toolchain};
use super::{GuestsError, command};

/// A cargo workspace of guests.
pub(super) struct Workspace {
    folder: PathBuf,
    metadata: Metadata,
}

/// What is used of the answer of `cargo metadata`.
/// <https://doc.rust-lang.org/cargo/commands/cargo-metadata.html#json-format>
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Workspace {
    /// Asks cargo for the packages of a workspace.
    pub(super) fn read(toolchain: &Toolchain, folder: &Path) -> Result<Self, GuestsError> {
        let json = command::read(toolchain.cargo(folder).args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--locked",
        ]))?;
        let metadata = serde_json::from_str(&json)
            .map_err(|source| GuestsError::Metadata { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), metadata })
    }

    /// Builds its guests as core modules.
    pub(super) fn build(&self, toolchain: &Toolchain) -> Result<(), GuestsError> {
        let mut build = toolchain.cargo(&self.folder);
        build.args(["build", "--release", "--locked"]).args(toolchain.build_args());
        for (package, _) in self.guests() {
            build.args(["--package", &package.name]);
        }
        command::run(&mut build)
    }

    /// The package name and core module of each guest, after [`build`](Self::build).
    pub(super) fn modules(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        let folder = self.metadata.target_directory.join(TARGET).join("release");
        self.guests().map(move |(package, library)| {
            let file = format!("{}.wasm", library.name.replace('-', "_"));
            (package.name.as_str(), folder.join(file))
        })
    }

    fn guests(&self) -> impl Iterator<Item = (&Package, &Target)> {
        self.metadata.packages.iter().filter_map(|package| {
            let is_guest = |target: &&Target| target.crate_types.iter().any(|it| it == "cdylib");
            Some((package, package.targets.iter().find(is_guest)?))
        })
    }
}
