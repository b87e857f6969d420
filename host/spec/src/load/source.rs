//! Where documents come from.

pub(super) mod whole;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wellhead_diagnostics::Code;

use crate::file::{MAX_FILE, open_file};
use crate::{FieldPath, Finding, Location};

/// How files of a folder end that are read.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Where documents are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder: of a folder, its files that end in `.yaml`, `.yml` or `.json`, by name,
    /// without subfolders (as `kubectl -f` does it) and without those that begin with a dot, which
    /// editors and systems leave beside others.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// A text that is there already.
    Text {
        /// What findings call it.
        name: PathBuf,
        /// The text.
        text: String,
    },
}

impl From<PathBuf> for Source {
    /// A path, or standard input for `-`.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

impl From<&str> for Source {
    /// A path, or standard input for `-`.
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

/// A text and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: Arc<PathBuf>,
    pub(crate) text: Arc<str>,
}

/// One file of a source, before it is read.
pub(super) enum Named {
    Text(File),
    Stdin,
    /// A file that a person named, which may be a pipe: `-f <(command)`.
    Path(PathBuf),
    /// A file that is in a folder. Whoever may write there could put a pipe there, which has no end.
    InFolder(PathBuf),
    /// What is none.
    Wrong(Box<Finding>),
}

impl Source {
    /// The files of the source, in their order.
    pub(super) fn named(&self) -> Vec<Named> {
        match self {
            Self::Text { name, text } => vec![Named::Text(file(name, text.clone()))],
            Self::Stdin => vec![Named::Stdin],
            Self::Path(path) if path.is_dir() => match folder(path) {
                Ok(paths) => paths.into_iter().map(Named::InFolder).collect(),
                Err(finding) => vec![Named::Wrong(at_start(*finding, path).into())],
            },
            Self::Path(path) => vec![Named::Path(path.clone())],
        }
    }

    /// Reads the files of the source.
    pub(crate) fn files(&self, findings: &mut Vec<Finding>) -> Vec<File> {
        let read = |named: Named| named.read().map_err(|finding| findings.push(*finding)).ok();
        self.named().into_iter().filter_map(read).map(|it| it.1).collect()
    }
}

/// What a file is, whatever it is called.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Stdin,
    #[cfg(unix)]
    Inode(u64, u64),
    #[cfg(not(unix))]
    Path(PathBuf),
}

impl Named {
    /// Reads it, and says what it is; `None` for what cannot be read twice, such as a text or a pipe.
    pub(super) fn read(self) -> Result<(Option<Identity>, File), Box<Finding>> {
        let (name, read) = match self {
            Self::Text(file) => return Ok((None, file)),
            Self::Wrong(finding) => return Err(finding),
            Self::Stdin => {
                let text = read_text(std::io::stdin().lock(), 0, "standard input");
                ("-".into(), text.map(|text| (Some(Identity::Stdin), text)))
            }
            Self::Path(path) => {
                let read = read_path(&path, std::fs::File::open(&path));
                (path, read)
            }
            Self::InFolder(path) => {
                let read = read_path(&path, open_file(&path));
                (path, read)
            }
        };
        let (identity, text) = read.map_err(|finding| at_start(*finding, &name))?;
        Ok((identity, file(&name, text)))
    }
}

fn file(path: &Path, text: String) -> File {
    File { path: Arc::new(path.to_owned()), text: text.into() }
}

fn read_path(
    path: &Path,
    opened: std::io::Result<std::fs::File>,
) -> Result<(Option<Identity>, String), Box<Finding>> {
    let name = path.display().to_string();
    let opened = opened.map_err(|error| unreadable(&name, &error))?;
    let metadata = opened.metadata().ok().filter(std::fs::Metadata::is_file);
    let size = metadata.as_ref().map_or(0, std::fs::Metadata::len);
    let text = read_text(opened, size, &name)?;
    Ok((metadata.and_then(|it| identity(path, &it)), text))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path may have none")]
fn identity(_: &Path, metadata: &std::fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some(Identity::Inode(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &std::fs::Metadata) -> Option<Identity> {
    std::fs::canonicalize(path).ok().map(Identity::Path)
}

/// Reads a text of about so many bytes.
fn read_text(reader: impl std::io::Read, size: u64, name: &str) -> Result<String, Box<Finding>> {
    // With a byte of room behind it, the end is found without another buffer.
    let room = usize::try_from(size.min(MAX_FILE)).unwrap_or_default().saturating_add(1);
    let mut bytes = Vec::with_capacity(room);
    reader.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("`{name}` has more than 64 MiB");
        return Err(Finding::error(Code::DocumentTooLarge, FieldPath::root(), message).into());
    }
    decoded(bytes, name)
}

/// Takes bytes as text, or says what they are instead.
fn decoded(bytes: Vec<u8>, name: &str) -> Result<String, Box<Finding>> {
    let finding =
        |message: String| Finding::error(Code::UnreadableFile, FieldPath::root(), message);
    if let Some(encoding) = wide(&bytes) {
        let message = format!("`{name}` is text in {encoding}, and not in UTF-8");
        let hint = "save it as UTF-8; in PowerShell, `... | Out-File -Encoding utf8 FILE` writes that, \
                    and `>` may not";
        return Err(finding(message).hint(hint).into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..at].split(|byte| *byte == b'\n').count();
        let message =
            format!("`{name}` is not UTF-8 text: byte {at}, in line {line}, starts no character");
        let finding = finding(message);
        let is_text = !bytes.contains(&0) && bytes[..at].iter().all(u8::is_ascii);
        let hint = "if it is text in Latin-1 or Windows-1252, save it as UTF-8: `iconv -f \
                    WINDOWS-1252 -t UTF-8 FILE`";
        if is_text { finding.hint(hint).into() } else { finding.into() }
    })
}

/// The encoding of a text whose characters are wider than a byte, by its mark or by the zeros of its
/// first character, which is ASCII in YAML and JSON.
/// <https://yaml.org/spec/1.2.2/#52-character-encodings>
fn wide(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0xff, 0xfe, 0, 0, ..] | [1..=0x7f, 0, 0, 0, ..] => "UTF-32 (little-endian)",
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, 1..=0x7f, ..] => "UTF-32 (big-endian)",
        [0xff, 0xfe, ..] | [1..=0x7f, 0, 1..=0x7f, 0, ..] => "UTF-16 (little-endian)",
        [0xfe, 0xff, ..] | [0, 1..=0x7f, 0, 1..=0x7f, ..] => "UTF-16 (big-endian)",
        _ => return None,
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> Box<Finding> {
    let finding = Finding::error(
        Code::UnreadableFile,
        FieldPath::root(),
        format!("cannot read `{name}`: {}", reason(error)),
    );
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Box::new(finding.hint("check the path; `-` is standard input"))
        }
        _ => Box::new(finding),
    }
}

/// The system's reason, without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let mut reason = text[..end].to_owned();
    if let Some(first) = reason.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    reason
}

/// The files of a folder, by name.
fn folder(path: &Path) -> Result<Vec<PathBuf>, Box<Finding>> {
    let name = path.display().to_string();
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(&name, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&name, &error))?;
        let path = entry.path();
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or("");
        let hidden = path.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"."));
        if EXTENSIONS.contains(&extension) && !hidden && !is_folder(&entry) {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("`{name}` has no file that ends in .yaml, .yml or .json");
        let finding = Finding::error(Code::NothingToRead, FieldPath::root(), message);
        let hint = "subfolders are not read, nor names that begin with a dot: name them one by one";
        return Err(finding.hint(hint).into());
    }
    Ok(paths)
}

/// Whether an entry is a folder, or a link to one. Only what a link leads to has to be asked for.
fn is_folder(entry: &std::fs::DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_dir(),
        _ => entry.path().is_dir(),
    }
}

/// A finding about a whole file.
pub(super) fn at_start(finding: Finding, path: &Path) -> Finding {
    let file = Arc::new(path.to_owned());
    finding.at(Some(Location { file, line: 1, column: 1, span: 0..0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Result<String, String> {
        decoded(bytes.to_vec(), "a.yaml").map_err(|it| it.message)
    }

    #[test]
    fn the_encoding_of_a_text_is_recognized() {
        let text = "kind: Pipeline\n";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let wide_little: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let wide_big: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for (mark, bytes, encoding) in [
            (&b"\xff\xfe"[..], &little, "UTF-16 (little-endian)"),
            (b"\xfe\xff", &big, "UTF-16 (big-endian)"),
            (b"\xff\xfe\0\0", &wide_little, "UTF-32 (little-endian)"),
            (b"\0\0\xfe\xff", &wide_big, "UTF-32 (big-endian)"),
        ] {
            let message = format!("`a.yaml` is text in {encoding}, and not in UTF-8");
            assert_eq!(told(&[mark, bytes].concat()), Err(message.clone()));
            assert_eq!(told(bytes), Err(message));
        }
        assert_eq!(told("# größe\n".as_bytes()), Ok("# größe\n".to_owned()));
        assert_eq!(told(b""), Ok(String::new()));
        let latin = decoded(b"a: 1\n# gr\xf6\xdfe\n".to_vec(), "a.yaml").unwrap_err();
        assert_eq!(
            latin.message,
            "`a.yaml` is not UTF-8 text: byte 9, in line 2, starts no character"
        );
        assert!(latin.hint.unwrap().contains("iconv"));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_a_folder_is_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a.yaml");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("b.yaml")).unwrap();
        let mut findings = Vec::new();
        let files = Source::Path(folder.path().to_owned()).files(&mut findings);
        assert!(files.is_empty());
        let messages: Vec<_> = findings.into_iter().map(|it| it.message).collect();
        let message = |name: &str| {
            let name = folder.path().join(name);
            format!("cannot read `{}`: it is not a regular file", name.display())
        };
        assert_eq!(messages, [message("a.yaml"), message("b.yaml")]);
    }
}
