//! What the tests share: plugins written by hand, and what other commands build.

pub mod built;
pub mod guest;
