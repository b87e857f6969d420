//! Who can write into a directory. What the cache holds is run, so nobody but its user may.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// Makes a directory that only its user can enter, unless it is there. Fails where others can write.
pub(super) fn make(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    check(directory)
}

/// Fails where others can write.
pub(super) fn check(directory: &Path) -> io::Result<()> {
    own(&fs::metadata(directory)?, directory)
}

/// Opens a file that only its user can write.
pub(super) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    own(&metadata, path)?;
    Ok((file, metadata))
}

#[cfg(unix)]
fn own(metadata: &Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    /// Permission of the group and of everybody to write.
    const OTHERS_WRITE: u32 = 0o022;

    let refuse = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let user = rustix::process::geteuid().as_raw();
    let path = path.display();
    if metadata.uid() != user {
        return refuse(format!("{path} belongs to another user ({})", metadata.uid()));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return refuse(format!("others can write to {path}; `chmod go-w` it, or remove it"));
    }
    Ok(())
}

/// Folders of a user's profile are private by default.
#[cfg(not(unix))]
fn own(_: &Metadata, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn what_is_made_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("a/b");
        make(&made).unwrap();
        for path in [&made, &folder.path().join("a")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        make(&made).unwrap();
    }

    #[test]
    fn what_others_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for (mode, is_private) in [(0o700, true), (0o755, true), (0o720, false), (0o702, false)] {
            set_mode(folder.path(), mode);
            set_mode(&file, mode);
            assert_eq!(check(folder.path()).is_ok(), is_private, "{mode:o}");
            assert_eq!(make(folder.path()).is_ok(), is_private, "{mode:o}");
            assert_eq!(open(&file).is_ok(), is_private, "{mode:o}");
        }
    }

    #[test]
    fn what_belongs_to_another_user_is_refused() {
        // Of the system's user: another one unless this test is.
        let system = Path::new("/");
        let is_ours = rustix::process::geteuid().is_root();
        assert_eq!(check(system).is_ok(), is_ours);
    }
}
