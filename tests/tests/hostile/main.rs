//! The sandbox against plugins that are broken or hostile.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test ends the test")]

mod alone;
mod budgets;
mod chain;
mod corpus;
mod isolation;
mod load;
mod mutants;
mod support;
mod values;
