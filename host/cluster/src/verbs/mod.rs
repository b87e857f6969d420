//! The public calls: each has a file or a folder of its own.

pub(crate) mod apply;
pub(crate) mod delete;
pub(crate) mod deletions;
pub(crate) mod drift;
pub(crate) mod facts;
pub(crate) mod list;
pub(crate) mod plan;
pub(crate) mod rollback;
pub(crate) mod statuses;
pub(crate) mod volumes;
pub(crate) mod wait;
pub(crate) mod workload;
