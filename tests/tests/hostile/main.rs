//! The sandbox against plugins that are broken or hostile.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test ends the test")]

mod budgets;
mod chain;
mod load;
mod support;
mod values;
