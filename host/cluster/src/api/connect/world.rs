//! What a connection is made from, beside the files of a kubeconfig.

use std::path::{Path, PathBuf};

/// What a kubeconfig can refer to.
pub(crate) struct World<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) read: &'a dyn Fn(&Path) -> std::io::Result<Vec<u8>>,
    pub(super) home: Option<PathBuf>,
}
