//! Options that commands share.

pub(crate) mod accept;
pub(crate) mod allow;
pub(crate) mod compiling;
pub(crate) mod connecting;
pub(crate) mod duration;
pub(crate) mod files;
pub(crate) mod format;
pub(crate) mod global;
pub(crate) mod names;
pub(crate) mod sourcing;
pub(crate) mod take;
pub(crate) mod waiting;
