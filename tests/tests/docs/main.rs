//! What the documentation says, whoever shows it: pages, links and words.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod links;
mod words;
