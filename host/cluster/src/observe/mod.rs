//! Reading objects of the cluster, and judging what they say.

pub(crate) mod diagnosis;
pub(crate) mod ending;
pub(crate) mod events;
pub(crate) mod expansion;
pub(crate) mod inventory;
pub(crate) mod live;
pub(crate) mod ownership;
pub(crate) mod pods;
pub(crate) mod rollout;
pub(crate) mod status;
