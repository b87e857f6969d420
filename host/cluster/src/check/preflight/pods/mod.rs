//! Pods as admission would make them, and what they ask for.

pub(crate) mod admitted;
pub(crate) mod demand;
pub(crate) mod limits;
