//! What every command gets.

use super::args::global::Global;
use super::output::printer::Printer;

/// What every command gets.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) printer: Printer,
}
