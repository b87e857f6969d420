//! The bytes of a folder as one word.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Error;

/// Digest over the paths, lengths and bytes of every file below a folder: two folders have the same one
/// exactly if they have the same files.
///
/// A folder that does not exist is an error, so that no test compares nothing with nothing.
pub fn tree_hash(folder: &Path) -> Result<String, Error> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut hasher = Sha256::new();
    for path in files {
        let below = path.strip_prefix(folder).unwrap_or(&path).as_os_str().as_encoded_bytes();
        let content = fs::read(&path).map_err(Error::file("read", &path))?;
        for part in [below, &content] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn hash(files: &[(&str, &str)]) -> String {
        tree_hash(folder(files).path()).unwrap()
    }

    #[test]
    fn equal_files_have_an_equal_hash() {
        let files = [("wal/0001", "abc"), ("base", "")];
        assert_eq!(hash(&files), hash(&[files[1], files[0]]));
    }

    #[test]
    fn every_difference_changes_the_hash() {
        let other = [
            hash(&[]),
            hash(&[("a", "bc")]),
            hash(&[("a", "bd")]),
            hash(&[("ab", "c")]),
            hash(&[("x/a", "bc")]),
            hash(&[("a", "bc"), ("b", "")]),
            hash(&[("a", "bcb")]),
        ];
        for (index, one) in other.iter().enumerate() {
            assert!(!other[..index].contains(one), "{index}");
        }
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error() {
        assert!(tree_hash(Path::new("/does/not/exist")).is_err());
    }
}
