//! Everything that is known before the first write.

pub(crate) mod accepted;
pub(crate) mod dry_run;
pub(crate) mod migration;
pub(crate) mod preflight;
pub(crate) mod scale_down;
pub(crate) mod shelf;
pub(crate) mod storage_class;
pub(crate) mod wave;
