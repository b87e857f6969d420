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
mod error;
mod exports;
mod files;
mod go;
mod gofmt;
mod raw;

use std::fs;
use std::path::{Path, PathBuf};

use wit_bindgen_core::wit_parser::Resolve;

use self::contract::Contract;
use self::error::{BindingsError, contract_error, file};
use self::files::Files;
use crate::guests::repository;

/// Folders that hold generated files and nothing else, below the repository's root.
const FOLDERS: [&str; 3] = [go::BINDINGS, go::RUNTIME, c::BINDINGS];

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
    let wit = root.join("wit/v0.2");
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
