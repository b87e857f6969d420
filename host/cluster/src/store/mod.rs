//! What Wellhead keeps of its own in the cluster: a Lease and the revisions of each pipeline.

pub(crate) mod handover;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod lease;
pub(crate) mod lock;
pub(crate) mod own;
pub(crate) mod packing;
pub(crate) mod record;
pub(crate) mod revisions;
pub(crate) mod rollback_target;
