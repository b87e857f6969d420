//! The form of an entry: the compiled code, what the plugin says about itself, the length of that, and
//! a digest of the entry's name and of all before. An entry that was damaged, cut, or given the name
//! of another one does not fit its digest.

use std::fs::File;
use std::io;
use std::io::{Read, Seek as _, SeekFrom, Write};

use crate::Description;

/// The number of this form: another one makes another name ([`super::fingerprint`]).
pub(super) const FORM: u32 = 3;
/// Bytes of what an entry ends with: the length of the description, and the digest.
const TRAILER: usize = LENGTH + blake3::OUT_LEN;
const LENGTH: usize = size_of::<u64>();
/// Bytes that are read at a time: few system calls, and little memory that is touched first.
const CHUNK: usize = 64 << 10;

/// Writes the entry of this name.
pub(super) fn write(
    mut to: impl Write,
    name: &str,
    code: &[u8],
    description: &Description,
) -> io::Result<()> {
    let description = serde_json::to_vec(description)?;
    let length = (description.len() as u64).to_le_bytes();
    let mut hasher = hasher(name);
    for part in [code, &description, &length] {
        hasher.update(part);
        to.write_all(part)?;
    }
    to.write_all(hasher.finalize().as_bytes())
}

/// Compares the digest of the entry of this name, and reads the description that it holds.
pub(super) fn check(mut file: &File, name: &str) -> io::Result<Description> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "its digest does not fit");
    let length = file.metadata()?.len();
    let trailer_at = length.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
    let mut hasher = hasher(name);
    hash(&mut file.take(length - blake3::OUT_LEN as u64), |bytes| {
        hasher.update(bytes);
    })?;
    file.seek(SeekFrom::Start(trailer_at))?;
    let mut trailer = [0; TRAILER];
    file.read_exact(&mut trailer)?;
    let (description_length, digest) = trailer.split_at(LENGTH);
    if hasher.finalize().as_bytes()[..] != *digest {
        return Err(damaged());
    }
    let description_length = description_length.try_into().map_err(|_| damaged())?;
    let at = trailer_at.checked_sub(u64::from_le_bytes(description_length)).ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(at))?;
    let mut description = vec![0; usize::try_from(trailer_at - at).map_err(|_| damaged())?];
    file.read_exact(&mut description)?;
    Ok(serde_json::from_slice(&description)?)
}

fn hasher(name: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(name.as_bytes());
    hasher
}

/// Feeds all that can be read to a hash function.
pub(crate) fn hash(reader: &mut impl Read, mut update: impl FnMut(&[u8])) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
