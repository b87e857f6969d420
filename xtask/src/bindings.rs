//! `cargo xtask bindings`: what the SDKs but Rust's generate from the contract.
//!
//! wit-bindgen makes the lower half, which knows how values cross the component's border ([`raw`]).
//! The upper half is what authors read: each function of the contract in the language's own terms,
//! with the contract's documentation ([`go`], [`c`]). All of it is checked in, so that an author needs
//! nothing but the language's toolchain, and a test compares it with the contract. The toolchains of JavaScript and
//! Python make the lower half themselves, when a component is built; [`classes`] are their upper half.

mod c;
mod classes;
mod contract;
mod exports;
mod go;
mod gofmt;
mod raw;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use wit_bindgen_core::wit_parser::Resolve;

use self::contract::Contract;
use crate::guests::repository;

/// Folders that hold generated files and nothing else, below the repository's root.
const FOLDERS: [&str; 3] = [go::BINDINGS, go::RUNTIME, c::BINDINGS];

/// Generated files, by their path below the repository's root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Why bindings could not be generated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindingsError {
    /// The contract cannot be read, or wit-bindgen does not accept it.
    #[error("the contract does not become bindings: {0}")]
    Contract(String),
    /// The contract uses something that the SDKs have no form for.
    #[error("`{function}` has a type that the SDKs for Go and C have no form for")]
    Type {
        /// The function, e.g. `claim.set-size`.
        function: String,
    },
    /// gofmt is not there, or does not accept what is generated.
    #[error("gofmt: {0}")]
    Format(String),
    /// A file could not be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl BindingsError {
    /// What to do about it, where it is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Type { .. } => Some("teach it to xtask/src/bindings/contract.rs, go.rs and c.rs"),
            Self::Format(_) => Some("install Go 1.26, whose gofmt formats the files"),
            Self::Contract(_) | Self::File { .. } => None,
        }
    }
}

/// Writes all bindings, and removes files that are no longer generated.
pub(crate) fn run() -> Result<(), BindingsError> {
    let root = repository();
    let files = generate(&root)?;
    for path in checked_in(&root)? {
        if !files.contains_key(&path) {
            fs::remove_file(root.join(&path)).map_err(file(&path))?;
        }
    }
    for (path, bytes) in &files {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(file(folder))?;
        }
        fs::write(&path, bytes).map_err(file(&path))?;
    }
    println!("{} files", files.len());
    Ok(())
}

/// All files, as they should be.
fn generate(root: &Path) -> Result<Files, BindingsError> {
    let wit = root.join("wit/v0.1");
    let mut resolve = Resolve::default();
    resolve.push_dir(&wit).map_err(contract_error)?;
    let contract = Contract::read(&resolve)?;
    let mut files = raw::go(&resolve, root)?;
    files.extend(raw::c(&resolve)?);
    files.extend(go::layer(&contract));
    files.extend(c::layer(&contract));
    files.extend(classes::layer(&wit).map_err(BindingsError::Contract)?);
    gofmt::format(&mut files)?;
    Ok(files)
}

/// The files that are there in folders of generated files.
fn checked_in(root: &Path) -> Result<Vec<PathBuf>, BindingsError> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&path).map_err(file(&path))? {
            let entry = entry.map_err(file(&path))?;
            let below = folder.join(entry.file_name());
            if entry.path().is_dir() { folders.push(below) } else { found.push(below) }
        }
    }
    Ok(found)
}

/// For `map_err` of wit-parser and wit-bindgen, whose chain of causes is one text.
fn contract_error(error: impl std::fmt::Display) -> BindingsError {
    BindingsError::Contract(format!("{error:#}"))
}

/// For `map_err` after reading or writing `path`.
fn file(path: &Path) -> impl FnOnce(io::Error) -> BindingsError + use<> {
    let path = path.to_owned();
    move |source| BindingsError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bindings_are_those_of_the_contract() {
        let root = repository();
        let files = generate(&root).unwrap();
        let stale: Vec<&PathBuf> = files
            .iter()
            .filter(|(path, bytes)| fs::read(root.join(path)).ok().as_ref() != Some(bytes))
            .map(|(path, _)| path)
            .collect();
        assert!(stale.is_empty(), "type `cargo xtask bindings`: {stale:?}");
        let extra: Vec<PathBuf> = checked_in(&root)
            .unwrap()
            .into_iter()
            .filter(|path| !files.contains_key(path))
            .collect();
        assert!(extra.is_empty(), "type `cargo xtask bindings`: {extra:?} are no longer generated");
    }
}
