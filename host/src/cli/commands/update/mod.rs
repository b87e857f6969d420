//! Other versions of plugins: which there are, how they are taken, and what they change.

pub(crate) mod impact;
pub(crate) mod outdated;
pub(crate) mod upgrade;
