//! The files of the repository, for tests that hold all of some kind to a rule.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's folder.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Folders that hold what others wrote, or what a build left.
const OTHERS: [&str; 3] = ["target", "node_modules", "third_party"];

/// Every file at or below a path of the repository whose name has this extension, in the order of their paths, without
/// hidden ones, what others wrote and what is built.
///
/// # Panics
/// If a folder cannot be read.
pub fn files(path: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let start = Path::new(ROOT).join(path);
    assert!(start.exists(), "{path} is not in the repository");
    walk(&start, &mut |file| {
        if file.extension().is_some_and(|it| it == extension) {
            found.push(file.to_owned());
        }
    });
    found.sort();
    found
}

fn walk(path: &Path, found: &mut impl FnMut(&Path)) {
    if !path.is_dir() {
        return found(path);
    }
    for entry in fs::read_dir(path).expect("a folder of the repository can be read") {
        let entry = entry.expect("an entry can be read");
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && !OTHERS.contains(&&*name) {
            walk(&entry.path(), found);
        }
    }
}

/// A file's path in the repository, as people write it.
///
/// # Panics
/// If the file is elsewhere.
pub fn place(file: &Path) -> String {
    place_in("", file)
}

/// A file's path below a folder of the repository, as people write it.
///
/// # Panics
/// If the file is elsewhere.
pub fn place_in(folder: &str, file: &Path) -> String {
    let place = file.strip_prefix(Path::new(ROOT).join(folder));
    let place = place.expect("a file below the folder").to_str();
    place.expect("the repository's names are text").replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_kind_are_found_by_their_place() {
        let sources = files("tests/src", "rs");
        let places: Vec<_> = sources.iter().map(|it| place_in("tests/src", it)).collect();
        assert!(places.contains(&"repository.rs".to_owned()), "{places:?}");
        assert!(places.contains(&"guest/edit.rs".to_owned()), "{places:?}");
        assert!(sources.is_sorted());
        assert_eq!(
            files("README.md", "md").iter().map(|it| place(it)).collect::<Vec<_>>(),
            ["README.md"]
        );
    }

    #[test]
    fn what_is_hidden_or_built_is_left_out() {
        let pages = files("", "md");
        let is_other = |it: &PathBuf| {
            let mut parts = it.strip_prefix(ROOT).expect("below the root").components();
            parts.any(|part| {
                let part = part.as_os_str().to_string_lossy();
                part.starts_with('.') || OTHERS.contains(&&*part)
            })
        };
        assert!(pages.len() > 20 && !pages.iter().any(is_other));
    }
}
