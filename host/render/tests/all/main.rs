//! Tests of the whole crate through its public surface.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod cases;
mod golden;
mod immutable;
mod objects;
mod origins;
mod ownership;
mod properties;
mod seed;
