//! Files that are written as a whole.

use std::fs::File;
use std::io::{self, BufRead as _, Seek as _, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;
use wellhead_spec::{check_replaceable, open_file, read_file};

/// Bytes that are read and written at once.
const BUFFER: usize = 64 << 10;

/// Writes a file as a whole, unless it has this text already.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<bool> {
    if read_file(path, text.len() as u64).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(true)
}

/// The same for a file of a user, which keeps its permissions.
pub(crate) fn replace_text(path: &Path, text: &str) -> io::Result<bool> {
    let permissions = std::fs::metadata(path).map(|it| it.permissions()).ok();
    if read_file(path, text.len() as u64).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    permissions.map_or(Ok(()), |it| file.as_file().set_permissions(it))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(true)
}

/// The same with a text that is too long for memory.
pub(crate) fn replace_by(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<bool> {
    let mut file = beside(path)?;
    let mut out = io::BufWriter::with_capacity(BUFFER, &mut file);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    if open_file(path).is_ok_and(|old| is_same(old, file.as_file_mut())) {
        return Ok(false);
    }
    file.persist(path)?;
    Ok(true)
}

/// Whether two files have the same text. The second one is read from its start.
fn is_same(old: File, new: &mut File) -> bool {
    let length = |file: &File| file.metadata().map(|it| it.len()).ok();
    if length(&old) != length(new) || new.rewind().is_err() {
        return false;
    }
    let mut old = io::BufReader::with_capacity(BUFFER, old);
    let mut new = io::BufReader::with_capacity(BUFFER, new);
    loop {
        let (Ok(was), Ok(is)) = (old.fill_buf(), new.fill_buf()) else { return false };
        let both = was.len().min(is.len());
        if was[..both] != is[..both] {
            return false;
        }
        if both == 0 {
            return was.len() == is.len();
        }
        old.consume(both);
        new.consume(both);
    }
}

/// Refuses a folder of a tree that is a link, or is in one: what it leads to is not part of the tree.
pub(crate) fn check_folder(tree: &Path, folder: &Path) -> io::Result<()> {
    let own = folder.ancestors().take_while(|it| *it != tree && it.starts_with(tree));
    let mut links = own.filter(|it| it.symlink_metadata().is_ok_and(|it| it.is_symlink()));
    links.next().map_or(Ok(()), |link| {
        Err(io::Error::other(format!(
            "{} is a link, and may lead out of the folder",
            link.display()
        )))
    })
}

/// A new file beside another one, to be put in its place.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    check_replaceable(path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // The umask narrows it, as for every other new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
