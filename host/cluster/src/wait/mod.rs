//! Waiting for a rollout, and saying why it does not come to its end.

pub(crate) mod changes;
pub(crate) mod pipeline;
pub(crate) mod ready;
pub(crate) mod stuck_pods;
pub(crate) mod target;
pub(crate) mod timeout_report;
pub(crate) mod way_back;
