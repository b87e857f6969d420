//! Commands that talk to a cluster.

pub(crate) mod apply;
pub(crate) mod consent;
pub(crate) mod delete;
pub(crate) mod drift;
pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod plan;
pub(crate) mod plan_file;
pub(crate) mod prepared;
pub(crate) mod rollback;
pub(crate) mod status;
pub(crate) mod volumes;
