//! What each object is made of, beside the rules that lead from its fields back to the spec.

pub(crate) mod claim;
pub(crate) mod labels;
pub(crate) mod pod;
pub(crate) mod service;
pub(crate) mod stateful_set;
