//! What the tests share: plugins written by hand.

pub mod guest;
