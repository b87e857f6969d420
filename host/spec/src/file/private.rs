//! A folder that nobody else can change, such as that of the compiled plugins, which are run.
//!
//! A user who can write to a folder can put another one in the place of what is in it. So not only the
//! folder itself is looked at, but every one above it, from the top: each belongs to the user or to the system's
//! user, and nobody else can write to it, unless it keeps what is in it to those who made it, as `/tmp`
//! does. A link on the way is followed first, and where it leads is looked at. Files are then reached
//! through the folder that was opened, and not by its name again.

use std::fs;
use std::fs::{File, Metadata};
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How the names of files begin that are not written to their end.
const TEMPORARY: &str = ".new-";
/// Age at which no one writes a file any more: its writer has crashed.
const STALE: Duration = Duration::from_hours(1);

/// A folder that was looked at, and is held open.
#[derive(Debug)]
pub struct PrivateFolder {
    /// Without links.
    path: PathBuf,
    #[cfg(unix)]
    held: File,
}

impl PrivateFolder {
    /// Makes a folder that only its user can enter, unless it is there, and holds it.
    pub fn make(directory: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // What is above it is looked at first, so that nothing is made where it would be refused.
        if let Some(existing) = directory.ancestors().find(|it| it.exists()) {
            look_at(&fs::canonicalize(existing)?)?;
        }
        builder.create(directory)?;
        Self::open(directory)
    }

    /// Opens a folder. Fails where others can write to it, or put another one in its place.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(directory)?;
        look_at(&path)?;
        #[cfg(unix)]
        let held = {
            use rustix::fs::{Mode, OFlags};
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let held = File::from(rustix::fs::open(&path, flags, Mode::empty())?);
            own(&held.metadata()?, &path)?;
            held
        };
        Ok(Self {
            path,
            #[cfg(unix)]
            held,
        })
    }

    /// Where it was, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file of the folder that nobody else can write.
    pub fn file(&self, name: &str) -> io::Result<(File, Metadata)> {
        let file = self.open_file(name)?;
        let metadata = file.metadata()?;
        let path = self.path.join(name);
        if !metadata.is_file() {
            return Err(io::Error::other(format!("{} is not a file", path.display())));
        }
        own(&metadata, &path)?;
        Ok((file, metadata))
    }

    /// What is in the folder that is a file, by name. One that is gone meanwhile is left out.
    pub fn files(&self) -> io::Result<Vec<(String, Metadata)>> {
        let names = self.names()?.into_iter();
        let files = names.filter_map(|name| {
            let metadata = self.open_file(&name).and_then(|file| file.metadata()).ok()?;
            metadata.is_file().then_some((name, metadata))
        });
        Ok(files.collect())
    }

    /// Removes a file, unless another process was faster.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match self.unlink(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes what writers that crashed have left.
    pub fn remove_unfinished(&self) -> io::Result<()> {
        for (name, metadata) in self.files()? {
            let age = metadata.modified().ok().and_then(|it| it.elapsed().ok());
            if name.starts_with(TEMPORARY) && age.is_some_and(|it| it > STALE) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Writes a file that only its user can read, in the place of one of the same name.
    pub fn write(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = format!("{TEMPORARY}{}-{number}", std::process::id());
        // One of a process that crashed, and that had the same number.
        let _ = self.remove(&temporary);
        let written = self
            .create(&temporary)
            .and_then(|mut file| write(&mut file).and_then(|()| file.flush()))
            .and_then(|()| self.rename(&temporary, name));
        if written.is_err() {
            let _ = self.remove(&temporary);
        }
        written
    }
}

#[cfg(unix)]
impl PrivateFolder {
    fn open_file(&self, name: &str) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.held, name, flags, Mode::empty())?.into())
    }

    fn create(&self, name: &str) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.held, name, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.held, from, &self.held, to)?)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.held)? {
            // Every name of ours is text.
            names.extend(entry?.file_name().to_str().map(str::to_owned));
        }
        Ok(names)
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.held, name, rustix::fs::AtFlags::empty())?)
    }
}

/// Folders of a user's profile are private by default.
#[cfg(not(unix))]
impl PrivateFolder {
    fn open_file(&self, name: &str) -> io::Result<File> {
        File::open(self.path.join(name))
    }

    fn create(&self, name: &str) -> io::Result<File> {
        File::create_new(self.path.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
}

/// Looks at a path without links and all that is above it, from the top: who cannot change what is above
/// cannot change what comes next.
fn look_at(path: &Path) -> io::Result<()> {
    let mut folders: Vec<_> = path.ancestors().collect();
    folders.reverse();
    folders.into_iter().try_for_each(|folder| own_entries(&fs::symlink_metadata(folder)?, folder))
}

/// Permission of the group and of everybody to write.
#[cfg(unix)]
const OTHERS_WRITE: u32 = 0o022;
/// Only who made an entry of the folder may remove it or put another one in its place.
#[cfg(unix)]
const STICKY: u32 = 0o1000;

/// Fails where others can change what is in a folder.
#[cfg(unix)]
fn own_entries(metadata: &Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    if metadata.mode() & STICKY != 0 { of_us(metadata, path) } else { own(metadata, path) }
}

/// Fails where others can write.
#[cfg(unix)]
fn own(metadata: &Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    of_us(metadata, path)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        let path = path.display();
        return refuse(format!("other users can write to {path}; `chmod go-w` it, or remove it"));
    }
    Ok(())
}

/// Fails for what belongs to another user. The system's user can write everywhere.
#[cfg(unix)]
fn of_us(metadata: &Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = metadata.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return refuse(format!("{} belongs to another user ({owner})", path.display()));
    }
    Ok(())
}

#[cfg(unix)]
fn refuse(why: String) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

#[cfg(not(unix))]
fn own_entries(_: &Metadata, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn own(_: &Metadata, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::PrivateFolder as Folder;
    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    /// A folder below two others.
    fn nested() -> (tempfile::TempDir, PathBuf) {
        let above = tempfile::tempdir().expect("there is a folder for temporary files");
        let folder = above.path().join("a/b");
        Folder::make(&folder).expect("it is ours");
        (above, folder)
    }

    #[test]
    fn what_is_made_is_private() {
        let (above, folder) = nested();
        for path in [&folder, &above.path().join("a")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        let held = Folder::make(&folder).unwrap();
        held.write("file", |file| file.write_all(b"one")).unwrap();
        held.write("file", |file| file.write_all(b"two")).unwrap();
        let mode = fs::metadata(folder.join("file")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
        assert_eq!(fs::read(folder.join("file")).unwrap(), b"two");
    }

    #[test]
    fn what_a_crashed_writer_left_is_removed_and_what_is_being_written_stays() {
        let (_above, folder) = nested();
        let before = std::time::SystemTime::now() - 2 * STALE;
        for (name, is_old) in [(".new-1-0", true), (".new-2-0", false), ("file", true)] {
            let file = File::create(folder.join(name)).unwrap();
            set_mode(&folder.join(name), 0o600);
            if is_old {
                file.set_modified(before).unwrap();
            }
        }
        let held = Folder::open(&folder).unwrap();
        held.remove_unfinished().unwrap();
        let mut left: Vec<_> = held.files().unwrap().into_iter().map(|it| it.0).collect();
        left.sort();
        assert_eq!(left, [".new-2-0", "file"]);
    }

    #[test]
    fn what_others_can_write_is_refused() {
        let (_above, folder) = nested();
        fs::write(folder.join("file"), "").unwrap();
        for (mode, is_private) in [(0o700, true), (0o755, true), (0o720, false), (0o702, false)] {
            set_mode(&folder, mode);
            assert_eq!(Folder::open(&folder).is_ok(), is_private, "{mode:o}");
            assert_eq!(Folder::make(&folder).is_ok(), is_private, "{mode:o}");
            set_mode(&folder, 0o700);
            set_mode(&folder.join("file"), mode);
            assert_eq!(Folder::open(&folder).unwrap().file("file").is_ok(), is_private, "{mode:o}");
        }
    }

    #[test]
    fn what_others_could_put_another_folder_in_the_place_of_is_refused() {
        let (above, folder) = nested();
        let (upper, lower) = (above.path(), above.path().join("a"));
        for at in [upper, &lower] {
            for (mode, is_safe) in [(0o777, false), (0o770, false), (0o1777, true), (0o755, true)] {
                set_mode(at, mode);
                assert_eq!(Folder::open(&folder).is_ok(), is_safe, "{} {mode:o}", at.display());
                assert_eq!(Folder::make(&folder.join("new")).is_ok(), is_safe, "{mode:o}");
                let _ = fs::remove_dir(folder.join("new"));
                set_mode(at, 0o700);
            }
        }
    }

    #[test]
    fn nothing_is_made_where_others_can_write() {
        let (above, _) = nested();
        let open = above.path().join("open");
        fs::create_dir(&open).unwrap();
        set_mode(&open, 0o777);
        assert!(Folder::make(&open.join("cache/compiled")).is_err());
        assert_eq!(fs::read_dir(open).unwrap().count(), 0);
    }

    #[test]
    fn a_link_is_followed_to_a_folder_and_to_no_file() {
        let (above, folder) = nested();
        fs::write(folder.join("file"), "").unwrap();
        let link = above.path().join("link");
        symlink(&folder, &link).unwrap();
        let held = Folder::open(&link).unwrap();
        assert!(held.file("file").is_ok());
        symlink(folder.join("file"), folder.join("linked")).unwrap();
        assert!(held.file("linked").is_err());
        set_mode(&above.path().join("a"), 0o777);
        assert!(Folder::open(&link).is_err(), "other users can write to the link's target");
    }

    #[test]
    fn a_folder_that_is_held_stays_the_same_one() {
        let (above, folder) = nested();
        fs::write(folder.join("file"), "ours").unwrap();
        let held = Folder::open(&folder).unwrap();
        fs::rename(&folder, above.path().join("moved")).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("file"), "another").unwrap();
        let (file, _) = held.file("file").unwrap();
        assert_eq!(io::read_to_string(file).unwrap(), "ours");
        held.remove("file").unwrap();
        held.remove("file").expect("what is gone is gone");
        assert!(held.files().unwrap().is_empty());
        assert_eq!(fs::read(folder.join("file")).unwrap(), b"another");
    }

    #[test]
    fn the_systems_own_is_accepted_and_that_of_others_is_not() {
        assert!(look_at(Path::new("/")).is_ok());
        if rustix::process::geteuid().is_root() {
            let (_above, folder) = nested();
            std::os::unix::fs::chown(&folder, Some(65_534), None).unwrap();
            let error = Folder::open(&folder).unwrap_err();
            assert!(error.to_string().ends_with("belongs to another user (65534)"), "{error}");
        }
    }
}
