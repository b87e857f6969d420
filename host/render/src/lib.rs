//! Pipeline spec to Kubernetes objects: pure, total, deterministic.
//!
//! The same pipeline always gives the same bytes. Nothing here reads a file, a clock or a cluster.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};

/// The objects of one pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceSet {
    /// The headless Service.
    pub service: Service,
    /// One claim for each claim of the spec and each replica, by claim and then by ordinal.
    pub claims: Vec<PersistentVolumeClaim>,
    /// The StatefulSet.
    pub stateful_set: StatefulSet,
}
