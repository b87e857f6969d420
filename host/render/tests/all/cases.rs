//! The golden cases.

use std::path::{Path, PathBuf};

use wellhead_spec::{Pipeline, Source, load};

/// The folders of the golden cases, sorted.
pub(crate) fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let mut cases: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("pipeline.yaml").exists())
        .collect();
    cases.sort();
    assert!(cases.len() >= 8, "golden cases are missing: {cases:?}");
    cases
}

/// The pipeline of a golden case. It may have warnings and no errors.
pub(crate) fn pipeline(case: &Path) -> Pipeline {
    let mut loaded = load(&[Source::Path(case.join("pipeline.yaml"))]);
    assert!(!loaded.has_errors(), "{}: {:#?}", case.display(), loaded.findings);
    assert_eq!(loaded.pipelines.len(), 1, "{}: a case is one pipeline", case.display());
    loaded.pipelines.remove(0).value
}

/// The pipeline of a golden case by name.
pub(crate) fn case(name: &str) -> Pipeline {
    let cases = cases();
    pipeline(cases.iter().find(|path| path.ends_with(name)).unwrap())
}
