//! Reading files that may be anything.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Most bytes of a file that a person or Wellhead writes, such as a spec or a recording: about 20,000 pipelines.
pub const MAX_FILE: u64 = 64 << 20;

/// Most bytes of a component, whatever its budget.
pub const MAX_COMPONENT: u64 = 1 << 30;

/// The bytes of a regular file that has at most so many. A pipe would be waited for, and a device has no end.
pub fn read_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let is_regular = |it: std::fs::Metadata| {
        if it.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
    };
    // Opening a pipe waits for its other end.
    is_regular(std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    is_regular(file.metadata()?)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// [`read_file`] of a file that is UTF-8.
pub fn read_text_file(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read_file(path, most)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::other(format!("it is not UTF-8 text: byte {at} starts no character"))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{read_file, read_text_file};

    #[test]
    fn only_regular_files_of_at_most_so_many_bytes_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"abc\xff").unwrap();
        assert_eq!(read_file(&file, 4).unwrap(), b"abc\xff");
        assert!(read_file(&file, 3).unwrap_err().to_string().contains("more than 3 bytes"));
        assert!(read_text_file(&file, 4).unwrap_err().to_string().contains("byte 3"));
        assert!(read_file(folder.path(), 4).unwrap_err().to_string().contains("regular"));
        assert_eq!(
            read_file(&folder.path().join("none"), 4).unwrap_err().kind(),
            std::io::ErrorKind::NotFound
        );
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_links_to_them_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [Path::new("/dev/zero"), &link] {
            assert!(read_file(path, 4).unwrap_err().to_string().contains("regular"));
        }
    }
}
