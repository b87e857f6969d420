//! Requests: one hop at a time, each answer counted, each credential sent where it belongs.

pub(crate) mod body;
pub(crate) mod challenge;
pub(crate) mod change;
pub(crate) mod client;
pub(crate) mod origin;
pub(crate) mod proxy;
pub(crate) mod trust;
pub(crate) mod words;
