//! What the tests and benchmarks share: plugins written by hand, what other commands build, and how
//! figures are written down.

pub mod built;
pub mod claim;
pub mod dice;
pub mod document;
pub mod figures;
pub mod guest;
pub mod nest;
pub mod repository;
pub mod speech;
