//! The documents, as types: a pipeline, a customization, and the project of a plugin.

pub(crate) mod claim;
pub(crate) mod customization;
pub(crate) mod facts;
pub(crate) mod fields;
pub(crate) mod limits;
mod map_only;
pub(crate) mod ownership;
pub(crate) mod pipeline;
pub(crate) mod project;
pub(crate) mod service;
pub(crate) mod volume_migration;

pub(crate) use map_only::map_only;
