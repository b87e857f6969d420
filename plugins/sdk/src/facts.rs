//! What the operator tells plugins about the cluster: storage classes, nodes, versions.
//!
//! Facts are data that somebody wrote down, never a look at the cluster, so that the same inputs give the
//! same pipeline. A plugin lists those that it reads in [`Plugin::FACTS`](crate::Plugin::FACTS). In native
//! tests they are what [`testing::facts`](crate::testing::facts) says.

use serde::de::DeserializeOwned;

#[cfg(target_arch = "wasm32")]
use crate::bindings::wellhead::plugin::facts as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::told as host;
use crate::{EditError, Rejection, convenience};

/// A fact as JSON, e.g. `storageClasses`; `None` when the operator tells nothing of this name. A fact that the chain
/// entry does not grant is denied, which ends the run.
pub fn get(name: &str) -> Result<Option<String>, EditError> {
    host::get(name)
}

/// The same, read into a type.
pub fn get_as<T: DeserializeOwned>(name: &str) -> Result<Option<T>, Rejection> {
    get(name)?.map(|json| convenience::read(&json, name)).transpose()
}
