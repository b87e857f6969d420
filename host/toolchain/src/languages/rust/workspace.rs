//! A cargo workspace with plugins.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::toolchain::{TARGET, cargo_in};
use crate::{About, Error, Output, run};

/// A cargo workspace with plugins.
pub struct Workspace {
    folder: PathBuf,
    flags: &'static [&'static str],
    metadata: Metadata,
}

/// A plugin of a workspace.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Name of its package, e.g. `storage-class`.
    pub name: String,
    /// The core module that [`Workspace::build`] makes.
    pub module: PathBuf,
    /// What its manifest says about its origin.
    pub about: About,
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
    version: String,
    #[serde(default)]
    authors: Vec<String>,
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    homepage: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Workspace {
    /// Asks cargo for the packages of a workspace. `flags` go to this and every other call of cargo,
    /// e.g. `--locked`.
    ///
    /// # Errors
    /// Those of cargo, e.g. for a `Cargo.toml` that is wrong.
    pub fn read(folder: &Path, flags: &'static [&'static str]) -> Result<Self, Error> {
        let mut metadata = cargo_in(folder);
        metadata.args(["metadata", "--format-version=1", "--no-deps"]).args(flags);
        let metadata =
            serde_json::from_str(&run::read(&mut metadata)?).map_err(unknown_metadata(folder))?;
        Ok(Self { folder: folder.to_owned(), flags, metadata })
    }

    /// Builds plugins as core modules. `options` are more of them for cargo.
    ///
    /// # Errors
    /// Those of cargo.
    pub fn build(&self, guests: &[Guest], options: &[String], output: Output) -> Result<(), Error> {
        let mut build = cargo_in(&self.folder);
        build.args(["build", "--release", "--target", TARGET]).args(self.flags).args(options);
        for guest in guests {
            build.args(["--package", &guest.name]);
        }
        run::run(&mut build, output)
    }

    /// Its packages with a library of the type `cdylib`.
    pub fn guests(&self) -> Vec<Guest> {
        self.metadata.packages.iter().filter_map(|package| self.guest(package)).collect()
    }

    /// The plugin whose `Cargo.toml` is in a folder.
    ///
    /// # Errors
    /// [`Error::Project`] when there is none.
    pub(super) fn guest_in(&self, folder: &Path) -> Result<Guest, Error> {
        let error = |why: &str, hint: &str| Error::Project {
            folder: folder.to_owned(),
            why: why.to_owned(),
            hint: hint.to_owned(),
        };
        let manifest = folder.join("Cargo.toml");
        let manifest = manifest.canonicalize().map_err(Error::unread(&manifest))?;
        let is_it = |package: &&Package| {
            package.manifest_path.canonicalize().is_ok_and(|it| it == manifest)
        };
        let package = self.metadata.packages.iter().find(is_it).ok_or_else(|| {
            error("its Cargo.toml is that of a workspace", "name the folder of one of its packages")
        })?;
        self.guest(package).ok_or_else(|| {
            error(
                "its package has no library of the type `cdylib`",
                "write into its Cargo.toml, under `[lib]`: `crate-type = [\"cdylib\"]`",
            )
        })
    }

    fn guest(&self, package: &Package) -> Option<Guest> {
        let is_guest = |target: &&Target| target.crate_types.iter().any(|it| it == "cdylib");
        let library = package.targets.iter().find(is_guest)?;
        let file = format!("{}.wasm", library.name.replace('-', "_"));
        let module = self.metadata.target_directory.join(TARGET).join("release").join(file);
        Some(Guest { name: package.name.clone(), module, about: package.about() })
    }
}

impl Package {
    fn about(&self) -> About {
        About {
            name: Some(self.name.clone()),
            version: Some(self.version.clone()),
            description: self.description.clone(),
            authors: Some(self.authors.join(", ")),
            licenses: self.license.clone(),
            source: self.repository.clone(),
            homepage: self.homepage.clone(),
            revision: None,
        }
    }
}

/// For `map_err` after `cargo metadata` of a folder was read.
pub(super) fn unknown_metadata(folder: &Path) -> impl FnOnce(serde_json::Error) -> Error {
    let folder = folder.to_owned();
    move |error| {
        let why = format!("`cargo metadata` describes it in an unknown way: {error}");
        Error::Project { folder, why, hint: "use a released version of cargo".to_owned() }
    }
}
