//! A tree of files for GitOps, one for each object.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use wellhead::{Object, Run, to_yaml};

use super::codes;
use super::diagnostic::Diagnostic;
use super::failure::Failure;
use super::printer::Printer;

/// The folder of pipelines without a namespace. No namespace has such a name.
const NO_NAMESPACE: &str = "_";
/// What tells a file of ours from others.
const MARK: &str = "app.kubernetes.io/managed-by: wellhead";
/// How the names of our files begin.
const KINDS: [&str; 3] = ["service-", "persistentvolumeclaim-", "statefulset-"];

#[derive(Default)]
struct Counts {
    written: usize,
    unchanged: usize,
    removed: usize,
}

/// Writes the objects of a run below a folder.
pub(crate) fn write(directory: &Path, run: &Run, printer: &Printer) -> Result<(), Failure> {
    let mut counts = Counts::default();
    for (outcome, set) in run.outcomes.iter().zip(run.sets()) {
        let metadata = &outcome.pipeline.metadata;
        let namespace = metadata.namespace.as_ref().map_or(NO_NAMESPACE, |name| name.as_str());
        let folder = directory.join(namespace).join(metadata.name.as_str());
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        let mut kept = HashSet::new();
        for object in set.objects() {
            let path = folder.join(file_name(&object));
            let text = to_yaml(std::slice::from_ref(&object));
            let changed = replace(&path, &text).map_err(|error| failed(&path, &error))?;
            *(if changed { &mut counts.written } else { &mut counts.unchanged }) += 1;
            kept.insert(path);
        }
        counts.removed += remove_stale(&folder, &kept).map_err(|error| failed(&folder, &error))?;
    }
    let Counts { written, unchanged, removed } = counts;
    let place = directory.display();
    printer.line(&format!("{place}: {written} written, {unchanged} unchanged, {removed} removed"));
    Ok(())
}

fn file_name(object: &Object) -> String {
    format!("{}-{}.yaml", object.kind.to_lowercase(), object.name)
}

/// Writes a file as a whole, unless it has this text already.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
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

/// Removes files of ours that were not written now.
fn remove_stale(folder: &Path, kept: &HashSet<PathBuf>) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !kept.contains(&path) && is_ours(&path) {
            fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.extension().is_some_and(|it| it == "yaml")
        && KINDS.iter().any(|kind| name.starts_with(kind))
        && fs::read_to_string(path).is_ok_and(|text| text.contains(MARK))
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> Failure {
    let what = format!("cannot write {}", path.display());
    Failure::File(Box::new(Diagnostic::error(codes::OUTPUT, what).fact(error.to_string())))
}
