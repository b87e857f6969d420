//! A version of the contract, read.

use std::path::Path;

use wit_parser::{PackageId, Resolve};

/// Folder of the contract's latest track, below the repository's root.
pub(super) const CONTRACT: &str = "wit/v0.2";
/// Folders of all tracks that the host offers.
pub(super) const TRACKS: [&str; 2] = ["wit/v0.1", CONTRACT];

/// A version of the contract.
pub(super) struct Package {
    pub(super) resolve: Resolve,
    pub(super) id: PackageId,
}

impl Package {
    /// Reads a folder of WIT files.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let mut resolve = Resolve::default();
        let (id, _) = resolve
            .push_dir(folder)
            .map_err(|error| format!("{} is no WIT package: {error:#}", folder.display()))?;
        Ok(Self { resolve, id })
    }
}
