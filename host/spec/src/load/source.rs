//! Where documents come from.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{FieldPath, Finding, Location, codes};

/// Most bytes of one file: about 20,000 pipelines.
const MAX_FILE: u64 = 64 << 20;
/// How files of a folder end that are read.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Where documents are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder: of a folder, its files that end in `.yaml`, `.yml` or `.json`, by name,
    /// without subfolders (as `kubectl -f` does it).
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

impl Source {
    /// Reads the files of the source.
    pub(crate) fn files(&self, findings: &mut Vec<Finding>) -> Vec<File> {
        let mut files = Vec::new();
        match self {
            Self::Text { name, text } => files.push(file(name, text.clone())),
            Self::Stdin => {
                let name = Path::new("-");
                match read_text(std::io::stdin().lock(), "standard input") {
                    Ok(text) => files.push(file(name, text)),
                    Err(finding) => findings.push(at_start(*finding, name)),
                }
            }
            Self::Path(path) if path.is_dir() => match folder(path) {
                Ok(paths) => {
                    for path in paths {
                        read_file(&path, &mut files, findings);
                    }
                }
                Err(finding) => findings.push(at_start(*finding, path)),
            },
            Self::Path(path) => read_file(path, &mut files, findings),
        }
        files
    }
}

fn file(path: &Path, text: String) -> File {
    File { path: Arc::new(path.to_owned()), text: text.into() }
}

fn read_file(path: &Path, files: &mut Vec<File>, findings: &mut Vec<Finding>) {
    let name = path.display().to_string();
    let text = std::fs::File::open(path)
        .map_err(|error| unreadable(&name, &error))
        .and_then(|opened| read_text(opened, &name));
    match text {
        Ok(text) => files.push(file(path, text)),
        Err(finding) => findings.push(at_start(*finding, path)),
    }
}

fn read_text(reader: impl std::io::Read, name: &str) -> Result<String, Box<Finding>> {
    let mut bytes = Vec::new();
    reader.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("`{name}` has more than 64 MiB");
        return Err(Finding::error(codes::TOO_LARGE, FieldPath::root(), message).into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("`{name}` is not UTF-8 text: byte {at} starts no character");
        Finding::error(codes::UNREADABLE, FieldPath::root(), message).into()
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> Box<Finding> {
    let finding = Finding::error(
        codes::UNREADABLE,
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
        let path = entry.map_err(|error| unreadable(&name, &error))?.path();
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or("");
        if EXTENSIONS.contains(&extension) && !path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("`{name}` has no file that ends in .yaml, .yml or .json");
        let finding = Finding::error(codes::NOTHING_FOUND, FieldPath::root(), message);
        return Err(finding.hint("subfolders are not read: name them one by one").into());
    }
    Ok(paths)
}

/// A finding about a whole file.
fn at_start(finding: Finding, path: &Path) -> Finding {
    let file = Arc::new(path.to_owned());
    finding.at(Some(Location { file, line: 1, column: 1, span: 0..0 }))
}
