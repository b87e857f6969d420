//! What was rendered before: a tree, or a file that `render` printed.

use std::path::{Path, PathBuf};
use std::{fs, io};

use wellhead::{Previous, Severity, Source, load_manifests};
use wellhead_diagnostics::Code;

use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;

/// Reads objects and the notes about claims that are gone.
pub(super) fn read(files: &[PathBuf], unreadable: &mut Vec<Diagnostic>) -> Previous {
    let sources: Vec<Source> = files.iter().cloned().map(Source::from).collect();
    let manifests = load_manifests(&sources);
    let texts = |file: &Path| manifests.text(file);
    let errors = manifests.findings.iter().filter(|it| it.severity == Severity::Error);
    unreadable.extend(errors.map(|it| {
        let hint = "put it right, or delete it: nothing of it is kept then";
        Diagnostic::of_finding(it, texts).hint(hint)
    }));
    let mut previous = Previous::default();
    for file in files {
        previous.add_notes(manifests.text(file).unwrap_or_default());
    }
    for object in manifests.objects {
        previous.add(object.value);
    }
    previous
}

/// Reads what `--immutable-from` names: a file, or a folder with all that is below it.
pub(crate) fn named(path: &Path) -> Result<Previous, Failure> {
    let mut files = Vec::new();
    collect(path, &mut files).map_err(|error| {
        let what = format!("{} cannot be read", path.display());
        let hint = "`--immutable-from` names what `wellhead render` wrote before: a file or a folder; leave it out the \
                    first time";
        let what = Diagnostic::error(Code::Usage, what).fact(error.to_string()).hint(hint);
        Failure::Usage(Box::new(what))
    })?;
    files.sort();
    let mut unreadable = Vec::new();
    let previous = read(&files, &mut unreadable);
    if unreadable.is_empty() { Ok(previous) } else { Err(Failure::Unreadable(unreadable)) }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_manifest = path
            .extension()
            .is_some_and(|it| ["yaml", "yml", "json"].iter().any(|known| it == *known));
        // A link to a folder may lead back.
        if kind.is_dir() {
            collect(&path, files)?;
        } else if is_manifest {
            files.push(path);
        }
    }
    Ok(())
}
