//! The golden cases.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use wellhead_spec::{Metadata, Pipeline, PipelineSpec};

/// A file of a golden case.
#[derive(Deserialize)]
struct Document {
    metadata: Metadata,
    spec: PipelineSpec,
}

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

/// The pipeline of a golden case.
pub(crate) fn pipeline(case: &Path) -> Pipeline {
    let file = case.join("pipeline.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let Document { metadata, spec } =
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Pipeline { metadata, spec }
}

/// The pipeline of a golden case by name.
pub(crate) fn case(name: &str) -> Pipeline {
    let cases = cases();
    pipeline(cases.iter().find(|path| path.ends_with(name)).unwrap())
}

/// A pipeline as one object in which its paths resolve.
pub(crate) fn draft(pipeline: &Pipeline) -> Value {
    let mut document = serde_json::to_value(pipeline).unwrap();
    let metadata = document["metadata"].take();
    let mut draft = document["spec"].take();
    draft.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
    draft
}
