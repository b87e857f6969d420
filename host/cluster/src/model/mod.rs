//! What all floors speak of: names, errors, reports and events. Data alone: no request leaves from here.

pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod object;
pub(crate) mod options;
pub(crate) mod ownership;
pub(crate) mod progress;
pub(crate) mod quantity;
pub(crate) mod remedy;
pub(crate) mod report;
pub(crate) mod revision;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod storage;
