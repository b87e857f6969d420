//! What a plugin learns beside the pipeline, in a native test.

use std::cell::RefCell;

use serde_json::Value;

use super::Pipeline;

thread_local! {
    static FACTS: RefCell<Value> = const { RefCell::new(Value::Null) };
    static PIPELINE: RefCell<Option<Pipeline>> = const { RefCell::new(None) };
}

/// What the operator tells from now on in this thread.
pub(crate) fn tell(told: Value) {
    FACTS.set(told);
}

/// Runs a plugin on a pipeline, which its questions are about.
pub(crate) fn about<T>(pipeline: &Pipeline, run: impl FnOnce() -> T) -> T {
    let before = PIPELINE.replace(Some(pipeline.clone()));
    let result = run();
    PIPELINE.set(before);
    result
}

/// The functions of the contract's `facts`.
pub(crate) mod facts {
    use crate::EditError;

    #[expect(clippy::unnecessary_wraps, reason = "the host's can fail")]
    pub(crate) fn get(name: &str) -> Result<Option<String>, EditError> {
        Ok(super::FACTS.with_borrow(|facts| facts.get(name).map(ToString::to_string)))
    }
}

/// The functions of the contract's `context`.
pub(crate) mod context {
    use super::PIPELINE;
    use crate::{EditError, Pipeline};

    pub(crate) fn base(path: &str) -> Result<Option<String>, EditError> {
        asked(|pipeline| pipeline.at_first().get(path))
    }

    pub(crate) fn set_by(path: &str) -> Result<Option<String>, EditError> {
        asked(|pipeline| {
            pipeline.get(path)?;
            let sets = |edit: &str| {
                let rest = path.strip_prefix(edit);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let edited = pipeline.edits().iter().any(|edit| sets(&edit.path));
            Ok(edited.then(|| "plugin".to_owned()))
        })
    }

    pub(crate) fn live(path: &str) -> Result<Option<String>, EditError> {
        asked(|pipeline| pipeline.get(path).map(|_| None))
    }

    pub(crate) fn knows_live() -> bool {
        false
    }

    fn asked(
        about: impl FnOnce(&Pipeline) -> Result<Option<String>, EditError>,
    ) -> Result<Option<String>, EditError> {
        PIPELINE.with_borrow(|pipeline| pipeline.as_ref().map_or(Ok(None), about))
    }
}
