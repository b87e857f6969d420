//! Reading files that may be anything.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

pub(crate) mod json;
pub(crate) mod private;

/// Most bytes of a file that a person or Wellhead writes, such as a spec or a recording: about 20,000 pipelines.
pub const MAX_FILE: u64 = 64 << 20;

/// Most bytes of a component, whatever its budget.
pub const MAX_COMPONENT: u64 = 1 << 30;

/// The bytes of a regular file that has at most so many. A pipe is not waited for, and a device has no end.
pub fn read_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_file(path)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// Opens a regular file, and nothing else that a path may name: whoever can replace it chooses no time to do so.
pub fn open_file(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// Refuses to put a file in the place of what is none, such as `/dev/null`: for others it would be gone.
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if !found.is_file() => Err(io::Error::other("it is not a regular file")),
        _ => Ok(()),
    }
}

/// Opens what may be a pipe, which would wait for its other end.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
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

    use super::{check_replaceable, read_file, read_text_file};

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
    fn devices_pipes_and_links_to_them_are_not_read() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let (link, pipe) = (folder.path().join("link"), folder.path().join("pipe"));
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        for path in [Path::new("/dev/zero"), &link, &pipe] {
            assert!(read_file(path, 4).unwrap_err().to_string().contains("regular"));
            assert!(check_replaceable(path).unwrap_err().to_string().contains("regular"));
        }
        assert!(check_replaceable(&folder.path().join("new")).is_ok());
    }
}
