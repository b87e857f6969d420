//! What to do about each object: the desired objects beside the live ones.

pub(crate) mod claim;
pub(crate) mod compare;
pub(crate) mod desired;
pub(crate) mod immutable;
pub(crate) mod leftover;
pub(crate) mod migration;
pub(crate) mod plan;
pub(crate) mod pod_changes;
pub(crate) mod recreation;
pub(crate) mod send;
