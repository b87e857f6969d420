//! Signatures of plugins: found in a registry, kept in the store, and checked with the keys of a trust policy.

pub(crate) mod evidence;
pub(crate) mod find;
pub(crate) mod key;
pub(crate) mod private;
pub(crate) mod sign;
