//! Whatever goes wrong, and wherever: the same command finishes the job, and no data is lost.
//!
//! `cells` numbers what can go wrong and what must be true then; each cell has a test named after it. `enumeration`
//! kills the command at every request. All of them use the real command on the real control plane, most of them
//! through the proxy of the harness, and end with the same questions (`oracle`).

#![expect(clippy::panic, reason = "helpers of tests panic as the tests themselves do")]

mod bed;
mod cells;
mod enumeration;
mod foreign;
mod gitops;
mod noop;
mod operation;
mod oracle;
mod spec;
mod state;
mod walks;
