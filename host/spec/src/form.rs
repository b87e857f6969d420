//! How a pipeline is kept between its reading and its plugins.

use std::borrow::Cow;

use crate::{Metadata, Pipeline};

/// A form of a pipeline. Thousands wait for their plugins at the same time, and most have a dozen of the fields that a
/// pipeline has room for.
pub trait Form: Send + Sync + Sized {
    /// The form of a pipeline.
    fn of(pipeline: Pipeline) -> Self;
    /// Its name, namespace, labels and annotations.
    fn metadata(&self) -> &Metadata;
    /// The same, to be changed.
    fn metadata_mut(&mut self) -> &mut Metadata;
    /// The pipeline.
    fn pipeline(&self) -> Cow<'_, Pipeline>;
}

impl Form for Pipeline {
    fn of(pipeline: Pipeline) -> Self {
        pipeline
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn pipeline(&self) -> Cow<'_, Pipeline> {
        Cow::Borrowed(self)
    }
}

/// A pipeline in as few bytes as it can be, a tenth of what it takes otherwise.
#[derive(Clone, Debug)]
pub struct Packed {
    metadata: Metadata,
    /// As JSON.
    spec: Box<[u8]>,
}

/// Why a spec can be written and read back.
const WRITTEN: &str = "because every key of a spec is text, and what is written reads back";

impl Form for Packed {
    fn of(pipeline: Pipeline) -> Self {
        let spec = serde_json::to_vec(&pipeline.spec).expect(WRITTEN);
        Self { metadata: pipeline.metadata, spec: spec.into() }
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn pipeline(&self) -> Cow<'_, Pipeline> {
        let spec = serde_json::from_slice(&self.spec).expect(WRITTEN);
        Cow::Owned(Pipeline { metadata: self.metadata.clone(), spec })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, load};

    #[test]
    fn a_packed_pipeline_is_the_same_again() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let mut packed = 0;
        for folder in std::fs::read_dir(format!("{root}/tests/golden")).unwrap() {
            let loaded = load(&[Source::Path(folder.unwrap().path().join("pipeline.yaml"))]);
            for pipeline in loaded.pipelines {
                let again = Packed::of(pipeline.value.clone());
                assert_eq!(again.metadata(), &pipeline.metadata);
                assert_eq!(*again.pipeline(), pipeline.value);
                packed += 1;
            }
        }
        assert!(packed > 5);
    }
}
