//! One request to the API server: the connection, deadlines and retries, and what a failure means.

pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod connect;
#[cfg(debug_assertions)]
pub(crate) mod crash;
pub(crate) mod failure;
pub(crate) mod pace;
pub(crate) mod packed;
pub(crate) mod pauses;
pub(crate) mod reply;
pub(crate) mod transport;
pub(crate) mod warning;
