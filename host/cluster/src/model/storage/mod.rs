//! The storage of pipelines, and how it changes.

pub(crate) mod migration;
pub(crate) mod volume;
