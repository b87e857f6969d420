//! How results are printed.

use clap::ValueEnum;

/// How commands print what is not an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Text {
    /// For people.
    Text,
    /// For programs.
    Json,
}
