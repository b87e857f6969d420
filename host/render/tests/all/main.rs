//! Tests of the whole crate through its public surface.

mod cases;
mod golden;
mod objects;
mod origins;
mod properties;
mod seed;
