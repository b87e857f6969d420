//! Where Wellhead keeps what it can make again.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use wellhead_chain::Cache;
use wellhead_spec::Quantity;

/// The user's cache of compiled plugins, in [`cache_directory`]. `WELLHEAD_CACHE_SIZE` (e.g. `1Gi`) says
/// how large it may become. `None` when there is no home directory.
pub fn user_cache() -> Option<Cache> {
    let cache = Cache::new(cache_directory()?);
    let Some(size) = variable("WELLHEAD_CACHE_SIZE") else { return Some(cache) };
    let bytes = Quantity::new(size).ok().and_then(|it| u64::try_from(it.whole()).ok());
    if bytes.is_none() {
        tracing::warn!("WELLHEAD_CACHE_SIZE is ignored: it is not a size such as 512Mi or 1Gi");
    }
    Some(match bytes {
        Some(bytes) => cache.with_capacity(bytes),
        None => cache,
    })
}

/// The folder of components of registries: `store` beside that of compiled plugins. `None` when there is no home
/// directory.
pub fn store_directory() -> Option<PathBuf> {
    Some(cache_directory()?.with_file_name("store"))
}

/// The folder of compiled plugins: `compiled` in `WELLHEAD_CACHE_DIR`, else in `wellhead` of the
/// user's cache folder (`XDG_CACHE_HOME`, `~/.cache`). `None` when there is no home directory.
pub fn cache_directory() -> Option<PathBuf> {
    let directory = match std::env::var_os("WELLHEAD_CACHE_DIR").filter(|it| !it.is_empty()) {
        Some(directory) => PathBuf::from(directory),
        None => etcetera::choose_base_strategy().ok()?.cache_dir().join("wellhead"),
    };
    Some(directory.join("compiled"))
}

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
