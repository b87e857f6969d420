//! `cargo xtask contract`: holds the contract to what was released, and writes its reference.

mod compare;
mod reference;
mod surface;
mod wit;

use std::fs;
use std::path::{Path, PathBuf};

use wit_parser::{PackageId, Resolve};

/// Folder of the contract, below the repository's root.
const CONTRACT: &str = "wit/v0.1";
/// Folder with a copy of each version that was released, named by the version.
const RELEASED: &str = "wit/released";
/// The reference of the contract.
const REFERENCE: &str = "docs/plugins/contract.md";

/// Arguments of `cargo xtask contract`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Writes nothing, and fails where the reference is stale.
    #[arg(long)]
    check: bool,
}

/// A version of the contract.
struct Package {
    resolve: Resolve,
    id: PackageId,
}

impl Package {
    /// Reads a folder of WIT files.
    fn read(folder: &Path) -> Result<Self, String> {
        let mut resolve = Resolve::default();
        let (id, _) = resolve
            .push_dir(folder)
            .map_err(|error| format!("{} is no WIT package: {error:#}", folder.display()))?;
        Ok(Self { resolve, id })
    }
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let breaking = broken_promises(&root)?;
    if !breaking.is_empty() {
        return Err(format!(
            "{CONTRACT} would break plugins that exist:\n  {}\n  hint: `wit/README.md` says what may \
             change within a track, and how another one begins",
            breaking.join("\n  ")
        ));
    }
    let (file, text) =
        (root.join(REFERENCE), reference::markdown(&Package::read(&root.join(CONTRACT))?));
    if fs::read_to_string(&file).is_ok_and(|it| it == text) {
        println!("{REFERENCE} is current");
        return Ok(());
    }
    if args.check {
        return Err(format!("{REFERENCE} is stale\n  hint: type `cargo xtask contract`"));
    }
    let folder = file.parent().unwrap_or(&root);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, text))
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    println!("wrote {REFERENCE}");
    Ok(())
}

/// What the contract breaks of each released version of its track.
fn broken_promises(root: &Path) -> Result<Vec<String>, String> {
    let contract = Package::read(&root.join(CONTRACT))?;
    let mut breaking = Vec::new();
    for folder in released(root)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let changes = compare::breaking(&Package::read(&folder)?, &contract);
        breaking.extend(changes.into_iter().map(|change| format!("since {name}: {change}")));
    }
    Ok(breaking)
}

/// Folders of the released versions.
fn released(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join(RELEASED);
    let unreadable = |error| format!("cannot read {}: {error}", folder.display());
    let entries = fs::read_dir(&folder).map_err(unreadable)?;
    let mut folders = Vec::new();
    for entry in entries {
        folders.push(entry.map_err(unreadable)?.path());
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn the_contract_breaks_no_released_version() {
        assert!(!released(&root()).unwrap().is_empty());
        assert_eq!(broken_promises(&root()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_released_version_is_in_the_folder_of_its_name() {
        for folder in released(&root()).unwrap() {
            let package = Package::read(&folder).unwrap();
            let version = package.resolve.packages[package.id].name.version.clone().unwrap();
            assert_eq!(folder.file_name().unwrap().to_str().unwrap(), version.to_string());
        }
    }

    #[test]
    fn the_reference_is_current() {
        let text = reference::markdown(&Package::read(&root().join(CONTRACT)).unwrap());
        let file = fs::read_to_string(root().join(REFERENCE)).unwrap_or_default();
        assert!(file == text, "{REFERENCE} is stale; type `cargo xtask contract`");
    }
}
