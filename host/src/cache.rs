//! Where Wellhead keeps what it can make again.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// The folder of compiled plugins: `compiled` in `WELLHEAD_CACHE_DIR`, else in `wellhead` of the
/// user's cache folder (`XDG_CACHE_HOME`, `~/.cache`). `None` when there is no home directory.
pub fn cache_directory() -> Option<PathBuf> {
    let named = std::env::var_os("WELLHEAD_CACHE_DIR").filter(|it| !it.is_empty());
    let directory = match named {
        Some(directory) => PathBuf::from(directory),
        None => etcetera::choose_base_strategy().ok()?.cache_dir().join("wellhead"),
    };
    Some(directory.join("compiled"))
}
