//! What plugins do and say, as it is shown.

pub(crate) mod diagnostics;
pub(crate) mod logs;
pub(crate) mod report;
pub(crate) mod trace;
