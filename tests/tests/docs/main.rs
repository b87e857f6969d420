//! What the documentation says, whoever shows it: pages, links and words.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod links;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's folder.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every file at or below a path of the repository whose name ends like this, in the order of their names, without what
/// others wrote and what is built.
fn files(path: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&Path::new(ROOT).join(path), extension, &mut found);
    found.sort();
    found
}

fn walk(path: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.is_dir() {
        let others = ["target", "node_modules", "third_party"];
        if !others.contains(&&*name) && (!name.starts_with('.') || path == Path::new(ROOT)) {
            for entry in fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), extension, found);
            }
        }
    } else if path.extension().is_some_and(|it| it == extension) {
        found.push(path.to_owned());
    }
}

/// A file's path as people write it.
fn shown(path: &Path) -> String {
    path.strip_prefix(ROOT).unwrap().display().to_string()
}
