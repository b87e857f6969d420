//! Files that are written as a whole.

use std::io::{self, Write as _};
use std::path::Path;

use wellhead_spec::read_file;

/// Writes a file as a whole, unless it has this text already.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<bool> {
    if read_file(path, text.len() as u64).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // The umask narrows it, as for every other new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(true)
}
