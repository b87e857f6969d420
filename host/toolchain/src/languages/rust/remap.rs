//! Paths of the machine, which the compiler writes into what a panic says: each gets a name that is the same on every
//! machine, so that one source makes the same bytes in every folder and home.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::toolchain::{TARGET, cargo_in, library_source};
use crate::{Error, run};

/// What is used of the answer of `cargo metadata` about all packages of a build.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    /// `None` for a package of a folder.
    source: Option<String>,
    manifest_path: PathBuf,
}

/// Options for `cargo build` that rename the folders of packages, of what build scripts write, and of Rust's own library.
///
/// Cargo joins the flags with those of the author's `.cargo/config.toml`; the variable `RUSTFLAGS` would replace them.
/// The project's own folder is left out: cargo compiles it by relative paths, and a flag with its name would make projects
/// that share a target folder compile their dependencies anew in turn.
///
/// # Errors
/// Those of cargo.
pub(super) fn options(folder: &Path) -> Result<Vec<String>, Error> {
    let mut command = cargo_in(folder);
    let answer = run::read(command.args(["metadata", "--format-version=1"]))?;
    let metadata: Metadata =
        serde_json::from_str(&answer).map_err(super::workspace::unknown_metadata(folder))?;
    let mut names = names(&metadata);
    names.extend(library_source(folder));
    let flags: Vec<String> = names
        .iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from.to_str()?)))
        .collect();
    // A list of JSON strings is one of TOML.
    let flags = serde_json::Value::from(flags);
    Ok(vec!["--config".to_owned(), format!("target.{TARGET}.rustflags={flags}")])
}

/// Each folder with its name. Of two that fit, the compiler takes the last: the longer path.
fn names(metadata: &Metadata) -> BTreeSet<(PathBuf, String)> {
    let mut names = BTreeSet::from([(metadata.target_directory.clone(), "/target".to_owned())]);
    for package in &metadata.packages {
        let Some(folder) = package.manifest_path.parent() else { continue };
        if !folder.starts_with(&metadata.workspace_root) {
            names.extend(name(package, folder));
        }
    }
    names
}

fn name(package: &Package, folder: &Path) -> Option<(PathBuf, String)> {
    match &package.source {
        None => Some((folder.to_owned(), format!("/path/{}-{}", package.name, package.version))),
        Some(source) if source.starts_with("git+") => {
            let checkouts = folder.ancestors().find(|it| it.ends_with("checkouts"))?;
            Some((checkouts.to_owned(), "/cargo/git".to_owned()))
        }
        Some(_) => Some((folder.parent()?.to_owned(), "/cargo/registry".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_every_source_lose_the_place_where_they_are() {
        let metadata = r#"{
            "target_directory": "/home/joe/p/target", "workspace_root": "/home/joe/p",
            "packages": [
                {"name": "p", "version": "0.1.0", "source": null, "manifest_path": "/home/joe/p/Cargo.toml"},
                {"name": "sdk", "version": "0.1.0", "source": null, "manifest_path": "/home/joe/p/sdk/Cargo.toml"},
                {"name": "own", "version": "2.0.0", "source": null, "manifest_path": "/home/joe/own/Cargo.toml"},
                {"name": "serde", "version": "1.0.0", "source": "registry+https://example.com/index",
                 "manifest_path": "/home/joe/.cargo/registry/src/example.com-1949/serde-1.0.0/Cargo.toml"},
                {"name": "deep", "version": "1.0.0", "source": "git+https://example.com/deep?rev=1#1",
                 "manifest_path": "/home/joe/.cargo/git/checkouts/deep-12ab/1/crates/deep/Cargo.toml"}
            ]
        }"#;
        let names = names(&serde_json::from_str(metadata).unwrap());
        let names: Vec<_> = names.iter().map(|it| (it.0.to_str().unwrap(), &*it.1)).collect();
        assert_eq!(
            names,
            [
                ("/home/joe/.cargo/git/checkouts", "/cargo/git"),
                ("/home/joe/.cargo/registry/src/example.com-1949", "/cargo/registry"),
                ("/home/joe/own", "/path/own-2.0.0"),
                ("/home/joe/p/target", "/target"),
            ]
        );
    }
}
