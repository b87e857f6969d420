//! `cargo xtask contract`: holds the contract to what was released, and writes what is made of it.

mod compare;
mod extended;
mod frozen;
mod package;
mod reference;
mod surface;
mod wit;

use std::fs;
use std::path::{Path, PathBuf};

use package::{CONTRACT, Package, TRACKS};
use wit_parser::PackageName;

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

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let breaking = broken_promises(&root)?;
    if !breaking.is_empty() {
        return Err(format!(
            "the contract would break plugins that exist:\n  {}\n  hint: `wit/README.md` says what may \
             change within a track, and how another one begins",
            breaking.join("\n  ")
        ));
    }
    let stale: Vec<(String, String)> = derived(&root)?
        .into_iter()
        .filter(|(file, text)| fs::read_to_string(root.join(file)).ok().as_ref() != Some(text))
        .collect();
    for (file, text) in &stale {
        if args.check {
            return Err(format!("{file} is stale\n  hint: type `cargo xtask contract`"));
        }
        write(&root.join(file), text)?;
        println!("wrote {file}");
    }
    if stale.is_empty() {
        println!("the contract breaks no released version, and what is made of it is current");
    }
    Ok(())
}

/// What is made of the contract: files, below the repository's root, and their texts.
fn derived(root: &Path) -> Result<Vec<(String, String)>, String> {
    let contract = Package::read(&root.join(CONTRACT))?;
    let reference = reference::markdown(&contract);
    let page = fs::read_to_string(root.join(frozen::PAGE))
        .map_err(|error| format!("cannot read {}: {error}", frozen::PAGE))?;
    let frozen = (frozen::PAGE.to_owned(), frozen::page(&page, &contract)?);
    let extended = extended::files(root)?;
    let extended =
        extended.into_iter().map(|(name, text)| (format!("{}/{name}", extended::EXTENDED), text));
    Ok([(REFERENCE.to_owned(), reference), frozen].into_iter().chain(extended).collect())
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// What the contract breaks of each released version, which is held against the folder of its track.
fn broken_promises(root: &Path) -> Result<Vec<String>, String> {
    let read = |folder: &str| Package::read(&root.join(folder));
    let tracks = TRACKS.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut breaking = Vec::new();
    for folder in released(root)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let release = Package::read(&folder)?;
        let Some(track) = tracks.iter().find(|it| track(it) == track(&release)) else {
            breaking.push(format!("since {name}: the track is gone"));
            continue;
        };
        let changes = compare::breaking(&release, track);
        breaking.extend(changes.into_iter().map(|change| format!("since {name}: {change}")));
    }
    Ok(breaking)
}

/// The track of a package: what all versions of it share.
fn track(package: &Package) -> Option<String> {
    let name = &package.resolve.packages[package.id].name;
    name.version.as_ref().map(PackageName::version_compat_track_string)
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
    fn each_track_is_in_the_folder_of_its_name() {
        for folder in TRACKS {
            let package = Package::read(&root().join(folder)).unwrap();
            assert_eq!(Some(folder.trim_start_matches("wit/v")), track(&package).as_deref());
        }
    }

    /// Plugins of an older track call the functions of the latest one: what they import is the same in both.
    #[test]
    fn the_latest_track_has_what_plugins_of_older_ones_import() {
        let latest = surface::Surface::of(&Package::read(&root().join(CONTRACT)).unwrap());
        for folder in TRACKS {
            let older = surface::Surface::of(&Package::read(&root().join(folder)).unwrap());
            for (name, item) in &older.items {
                // The host answers to what plugins export track by track.
                if older.exported.contains(&item.interface) || name == "types.rejection" {
                    continue;
                }
                let found = latest.items.get(name).map(|it| &it.definition);
                assert_eq!(found, Some(&item.definition), "{folder}: {name}");
            }
        }
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
    fn what_is_made_of_the_contract_is_current() {
        for (file, text) in derived(&root()).unwrap() {
            let found = fs::read_to_string(root().join(&file)).unwrap_or_default();
            assert!(found == text, "{file} is stale; type `cargo xtask contract`");
        }
    }

    #[test]
    fn the_extended_contract_has_more_and_breaks_nothing() {
        let contract = Package::read(&root().join(CONTRACT)).unwrap();
        let extended = Package::read(&root().join(extended::EXTENDED)).unwrap();
        assert_eq!(compare::breaking(&contract, &extended), Vec::<String>::new());
        let functions = |package: &Package| {
            package.resolve.interfaces.iter().map(|(_, it)| it.functions.len()).sum::<usize>()
        };
        assert_eq!(functions(&extended), functions(&contract) + 2);
    }
}
