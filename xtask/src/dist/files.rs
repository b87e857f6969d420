//! The files of a package, and the tar archive of them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// A file of a package.
#[derive(Clone)]
pub(super) struct File {
    /// Where it goes, relative to the package's root and without a leading `./`.
    pub(super) path: String,
    /// Its permissions.
    pub(super) mode: u32,
    pub(super) content: Content,
}

/// What a file is.
#[derive(Clone)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// A symbolic link to this path.
    Link(String),
}

impl File {
    /// A file that everybody reads.
    pub(super) fn data(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: 0o644, content: Content::Bytes(bytes.into()) }
    }

    /// A file that everybody runs.
    pub(super) fn program(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: 0o755, content: Content::Bytes(bytes.into()) }
    }

    pub(super) fn link(path: impl Into<String>, to: impl Into<String>) -> Self {
        Self { path: path.into(), mode: 0o777, content: Content::Link(to.into()) }
    }

    /// What it holds; a link holds nothing.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Bytes(bytes) => bytes,
            Content::Link(_) => &[],
        }
    }

    /// The same file in a folder.
    pub(super) fn below(&self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self.clone() }
    }
}

/// A tar archive of these files and the folders around them, of root and of this time, in the order of their paths.
///
/// `root` is written before each path, e.g. `./`.
pub(super) fn tar(files: &[File], root: &str, epoch: u64) -> Result<Vec<u8>, String> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut folders = BTreeSet::new();
    let mut builder = Builder::new(Vec::new());
    let mut append = |file: &File| {
        let mut around: Vec<_> = Path::new(&file.path).ancestors().skip(1).collect();
        around.reverse();
        for folder in around.iter().filter_map(|it| it.to_str()).filter(|it| !it.is_empty()) {
            if folders.insert(folder.to_owned()) {
                let mut header = header(EntryType::Directory, 0o755, 0, epoch);
                builder.append_data(&mut header, format!("{root}{folder}/"), &[][..])?;
            }
        }
        let path = format!("{root}{}", file.path);
        match &file.content {
            Content::Bytes(bytes) => {
                let size = bytes.len().try_into().unwrap_or(u64::MAX);
                let mut header = header(EntryType::Regular, file.mode, size, epoch);
                builder.append_data(&mut header, path, &bytes[..])
            }
            Content::Link(to) => {
                let mut header = header(EntryType::Symlink, file.mode, 0, epoch);
                builder.append_link(&mut header, path, to)
            }
        }
    };
    for file in files {
        append(file).map_err(|error| format!("cannot archive {}: {error}", file.path))?;
    }
    builder.into_inner().map_err(|error| format!("cannot end an archive: {error}"))
}

fn header(kind: EntryType, mode: u32, size: u64, epoch: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(epoch);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// These bytes as gzip writes them, without a name or a time.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| format!("cannot compress: {error}"))
}

/// The most that gzip does, for a package is compressed once and fetched often. Tests that pack a large binary do not wait for
/// it.
pub(super) const LEVEL: Compression =
    if cfg!(test) { Compression::fast() } else { Compression::best() };
