//! What happened to the pipeline so far, for validators.
//!
//! In native tests a field was set by `plugin` when the test edited it, and nothing is live.

use crate::EditError;
#[cfg(target_arch = "wasm32")]
use crate::bindings::wellhead::plugin::context as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::context as host;

/// The value that a field had before any plugin ran, as JSON.
pub fn base(path: &str) -> Result<Option<String>, EditError> {
    host::base(path)
}

/// The name of the chain entry that set a field last; `None` when no plugin did.
pub fn set_by(path: &str) -> Result<Option<String>, EditError> {
    host::set_by(path)
}

/// The value that the field has in the cluster, as JSON; `None` when it has none, or when the run knows
/// no cluster.
pub fn live(path: &str) -> Result<Option<String>, EditError> {
    host::live(path)
}

/// Whether the run knows what is live. It never does while a plugin transforms: the same inputs give
/// the same pipeline, whatever is in the cluster.
pub fn knows_live() -> bool {
    host::knows_live()
}
