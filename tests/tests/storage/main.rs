//! Claims, volumes and snapshots of real CSI sidecars, and the oracles that tests of storage rest on.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that has no value to go on with has failed"
)]

mod clone;
mod copy;
mod growth;
mod held;
mod migration;
mod oracles;
mod parts;
mod snapshot;
mod support;
