//! Plugins whose digest an operator wrote down.

use std::path::Path;

use crate::plugin::load;
use crate::{Engine, Fault, LoadOptions, Plugin, PluginError, digest};

impl Plugin {
    /// [`Plugin::load`], if the file has this digest: `sha256:` and 64 hexadecimal digits. The bytes that are compared are
    /// those that are compiled and run.
    pub fn load_pinned(
        engine: &Engine,
        name: &str,
        path: &Path,
        pinned: &str,
        options: &LoadOptions<'_>,
    ) -> Result<Self, PluginError> {
        let bytes = load::read(path, &options.limits.structure).map_err(|fault| fault.of(name))?;
        let found = digest(&bytes);
        if found != pinned {
            return Err(Fault::WrongDigest { pinned: pinned.to_owned(), found }.of(name));
        }
        Self::from_bytes(engine, name, &bytes, options)
    }
}
