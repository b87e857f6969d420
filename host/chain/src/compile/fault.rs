//! What is wrong with a component, or with its compiler.

use crate::error::Fault;
use crate::text::{SHOWN_CHARACTERS, sanitize};

pub(crate) fn malformed(cause: &str) -> Fault {
    Fault::Malformed { cause: sanitize(cause, SHOWN_CHARACTERS) }
}

pub(crate) fn not_compiled(cause: &str) -> Fault {
    Fault::NotCompiled { cause: sanitize(cause, SHOWN_CHARACTERS) }
}
