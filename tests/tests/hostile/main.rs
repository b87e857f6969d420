//! The sandbox against plugins that are broken or hostile.

mod chain;
mod load;
mod support;
