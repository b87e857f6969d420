//! The commands, a file for each.

pub(crate) mod cache;
pub(crate) mod cluster;
pub(crate) mod completion;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod lock;
pub(crate) mod man;
pub(crate) mod plugin;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod update;
pub(crate) mod version;
