//! Files of several sources, each of which is read once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wellhead_diagnostics::Code;

use super::source;
use super::source::{File, Identity, Source};
use crate::{FieldPath, Finding, parallel};

/// Reads the files of sources. One that is given again, also by another name or a link, is a finding.
pub(super) fn files(
    threads: NonZero<usize>,
    sources: &[Source],
    findings: &mut Vec<Finding>,
) -> Vec<File> {
    let named: Vec<_> = sources.iter().flat_map(Source::named).collect();
    let mut seen: HashMap<Identity, Arc<PathBuf>> = HashMap::new();
    let mut files = Vec::with_capacity(named.len());
    let read = parallel::map(threads, parallel::SMALL, named.into_iter(), |_, it| it.read());
    for read in read {
        match read {
            Err(finding) => findings.push(*finding),
            Ok((None, file)) => files.push(file),
            Ok((Some(identity), file)) => match seen.entry(identity) {
                Entry::Occupied(first) => findings.push(again(&file.path, first.get())),
                Entry::Vacant(entry) => {
                    entry.insert(file.path.clone());
                    files.push(file);
                }
            },
        }
    }
    files
}

fn again(path: &Path, first: &Path) -> Finding {
    let name = path.display();
    let message = if path == first {
        format!("`{name}` is given twice")
    } else {
        format!("`{name}` is the file `{}`, which is given already", first.display())
    };
    let finding = Finding::error(Code::DuplicateFile, FieldPath::root(), message);
    source::at_start(finding.hint("name it once: the file, its folder or its link"), path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_whatever_it_is_called() {
        let folder = std::env::temp_dir().join(format!("wellhead-once-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.yaml");
        std::fs::write(&file, "a: 1\n").unwrap();
        std::fs::write(folder.join(".#a.yaml"), "not: read\n").unwrap();
        let mut given = vec![Source::Path(file.clone()), Source::Path(folder.clone())];
        given.push(Source::Path(folder.join(".").join("a.yaml")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a.yaml", folder.join("link.yml")).unwrap();
            given.push(Source::Path(folder.join("link.yml")));
        }
        given.push(Source::Text { name: file.clone(), text: "b: 2\n".into() });
        let mut findings = Vec::new();
        let files = files(parallel::threads(), &given, &mut findings);
        std::fs::remove_dir_all(&folder).unwrap();
        let texts: Vec<_> = files.iter().map(|it| &*it.text).collect();
        assert_eq!(texts, ["a: 1\n", "b: 2\n"]);
        // The folder's file and its link, the other spelling, and the link by name.
        assert_eq!(findings.len(), if cfg!(unix) { 4 } else { 2 });
        assert_eq!(findings[0].message, format!("`{}` is given twice", file.display()));
        assert!(findings.iter().all(|it| it.code == Code::DuplicateFile), "{findings:?}");
    }
}
