//! What errors and warnings of every part of Wellhead have in common.

mod code;

pub use code::{Code, UnknownCode};
