//! Whether a component is made of the files that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::{Error, Library, Project};

/// Where a build notes what it was made of. The folder tells git to leave it out.
const NOTE: &str = ".wellhead/built";
/// Folders that tools fill, and those that decide nothing of a component.
const LEFT_OUT: [&str; 9] = [
    ".git",
    ".wellhead",
    ".venv",
    ".github",
    "node_modules",
    "target",
    "__pycache__",
    ".pytest_cache",
    "cases",
];
/// Files that decide nothing of a component.
const TEXTS: [&str; 5] = ["CHANGELOG.md", "LICENSE", "README.md", "ci.sh", ".gitignore"];

/// Files that a build itself writes: a new version of a project is in its `Cargo.lock` only after cargo ran.
const LOCKS: [&str; 4] = ["Cargo.lock", "go.sum", "package-lock.json", "uv.lock"];

/// The files that a component is made of, as they are at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Of all paths and contents but those of locks.
    sources: String,
    /// Of those of locks.
    locks: String,
    /// When one of them changed last.
    newest: Option<SystemTime>,
}

impl Inputs {
    /// Those of a project: the files of its folder, but for components, cases, texts, and what tools leave there, and the
    /// libraries that are plugged into it.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn of(project: &Project, libraries: &[Library]) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        collect(project.folder(), &mut BTreeSet::new(), &mut files)?;
        let (mut sha256, mut locks) = (Sha256::new(), Sha256::new());
        let mut newest = None;
        for (path, changed) in files {
            let content = digest(&path).map_err(Error::unread(&path))?;
            let name = path.strip_prefix(project.folder()).unwrap_or(&path).to_string_lossy();
            let is_lock = LOCKS.iter().any(|it| path.ends_with(it));
            let into = if is_lock { &mut locks } else { &mut sha256 };
            into.update((name.len() as u64).to_le_bytes());
            into.update(name.as_bytes());
            into.update(content);
            newest = newest.max(changed);
        }
        for library in libraries {
            sha256.update(Sha256::digest(library.component()));
            newest = newest.max(library.changed());
        }
        Ok(Self { sources: hex(sha256), locks: hex(locks), newest })
    }

    /// These, with the locks as a build left them.
    #[must_use]
    pub fn with_locks_of(self, after: &Self) -> Self {
        Self { locks: after.locks.clone(), ..self }
    }

    /// As the note has it.
    fn digest(&self) -> String {
        format!("{}-{}", self.sources, self.locks)
    }

    /// Whether a component was made of others. What the build noted decides; of a component that it did not make, or where
    /// it noted nothing, whether a file changed since.
    pub fn differ(&self, project: &Project, component: &Path) -> bool {
        let Ok(built) = digest(component) else { return true };
        let made = fs::read_to_string(project.folder().join(NOTE)).unwrap_or_default();
        match made.trim().split_once(' ') {
            Some((inputs, output)) if output == built => inputs != self.digest(),
            _ => {
                let built = component.metadata().and_then(|it| it.modified()).ok();
                self.newest > built
            }
        }
    }

    /// Notes that a component was made of these.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn note(&self, project: &Project, component: &[u8]) -> Result<(), Error> {
        let note = project.folder().join(NOTE);
        let folder = note.parent().unwrap_or(Path::new("."));
        let text = format!("{} {}\n", self.digest(), hex(Sha256::new_with_prefix(component)));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join(".gitignore"), "*\n"))
            .and_then(|()| fs::write(&note, text))
            .map_err(Error::unwritten(&note))
    }
}

/// All files below a folder that count, each with the time of its last change. Links are followed, since an SDK may be one,
/// to each folder once.
fn collect(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    files: &mut BTreeMap<PathBuf, Option<SystemTime>>,
) -> Result<(), Error> {
    let unread = |error| Error::unread(folder)(error);
    if !seen.insert(folder.canonicalize().map_err(unread)?) {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(unread)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>().map_err(unread)?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let metadata = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata.map_err(Error::unread(&path))?,
        };
        if metadata.is_dir() && !LEFT_OUT.contains(&&*name) {
            collect(&path, seen, files)?;
        }
        let is_component = path.extension().is_some_and(|it| it == "wasm");
        if metadata.is_file() && !is_component && !TEXTS.contains(&&*name) {
            files.insert(path, metadata.modified().ok());
        }
    }
    Ok(())
}

/// Of the content of a file, which may be as large as the disk.
fn digest(file: &Path) -> io::Result<String> {
    let mut file = io::BufReader::with_capacity(1 << 16, fs::File::open(file)?);
    let mut sha256 = Sha256::new();
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok(hex(sha256));
        }
        sha256.update(piece);
        let read = piece.len();
        file.consume(read);
    }
}

fn hex(sha256: Sha256) -> String {
    sha256.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A project in a folder, whose component is younger than all else.
    fn project() -> (tempfile::TempDir, Project, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let component = folder.path().join("plugin.wasm");
        fs::write(folder.path().join("plugin.c"), "int one;").unwrap();
        fs::create_dir_all(folder.path().join("cases/one")).unwrap();
        fs::write(&component, "one").unwrap();
        at(&component, 100);
        at(&folder.path().join("plugin.c"), 50);
        let project = Project::open(folder.path(), None).unwrap();
        (folder, project, component)
    }

    fn at(file: &Path, seconds: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().append(true).open(file).unwrap().set_modified(time).unwrap();
    }

    fn differ(project: &Project, component: &Path) -> bool {
        Inputs::of(project, &[]).unwrap().differ(project, component)
    }

    #[test]
    fn without_a_note_the_times_decide() {
        let (folder, project, component) = project();
        assert!(!differ(&project, &component));
        at(&folder.path().join("plugin.c"), 200);
        assert!(differ(&project, &component));
        fs::remove_file(&component).unwrap();
        at(&folder.path().join("plugin.c"), 50);
        assert!(differ(&project, &component));
    }

    #[test]
    fn with_a_note_the_content_decides() {
        let (folder, project, component) = project();
        let source = folder.path().join("plugin.c");
        Inputs::of(&project, &[]).unwrap().note(&project, b"one").unwrap();
        assert!(!differ(&project, &component));
        at(&source, 200);
        assert!(!differ(&project, &component), "it has the same content");
        fs::write(&source, "int two;").unwrap();
        at(&source, 10);
        assert!(differ(&project, &component), "it is older, and another");
    }

    #[test]
    fn what_a_build_writes_into_a_lock_makes_nothing_stale() {
        let (folder, project, component) = project();
        let before = Inputs::of(&project, &[]).unwrap();
        fs::write(folder.path().join("Cargo.lock"), "version = 2").unwrap();
        let after = Inputs::of(&project, &[]).unwrap();
        before.with_locks_of(&after).note(&project, b"one").unwrap();
        assert!(!differ(&project, &component));
        fs::write(folder.path().join("Cargo.lock"), "version = 3").unwrap();
        assert!(differ(&project, &component), "a person changed it since");
    }

    #[test]
    fn a_component_from_elsewhere_is_judged_by_its_time() {
        let (_folder, project, component) = project();
        Inputs::of(&project, &[]).unwrap().note(&project, b"another").unwrap();
        assert!(!differ(&project, &component));
        at(&component, 10);
        assert!(differ(&project, &component));
    }

    #[test]
    fn texts_cases_and_what_tools_leave_do_not_count() {
        let (folder, project, _) = project();
        let before = Inputs::of(&project, &[]).unwrap();
        for file in ["README.md", "cases/one/config.yaml", "target/x", ".venv/lib/y.py", "z.wasm"] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        assert_eq!(Inputs::of(&project, &[]).unwrap(), before);
        fs::create_dir_all(folder.path().join(".cargo")).unwrap();
        fs::write(folder.path().join(".cargo/config.toml"), "").unwrap();
        assert_ne!(Inputs::of(&project, &[]).unwrap(), before);
    }
}
