//! What is generated.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Generated files, by their path below the repository's root.
pub(super) type Files = BTreeMap<PathBuf, Vec<u8>>;
