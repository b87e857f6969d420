//! How results, errors and progress are shown.

pub(crate) mod apply_result;
pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod envelope;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod mask;
pub(crate) mod plan;
pub(crate) mod plugins;
pub(crate) mod printer;
pub(crate) mod progress;
pub(crate) mod remedies;
pub(crate) mod set_by;
pub(crate) mod table;
