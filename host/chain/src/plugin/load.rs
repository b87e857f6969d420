//! From a file to the bytes of a component.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::Path;

use super::foreign;
use crate::error::Fault;
use crate::{Cache, Limits, Structure, cache, precheck};

/// How a plugin is loaded.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions<'a> {
    /// Where compiled plugins are kept. Without one, every load compiles.
    pub cache: Option<&'a Cache>,
    /// Budgets: of what the plugin is made of, and for the call in which it describes itself.
    pub limits: Limits,
}

impl LoadOptions<'_> {
    /// What a plugin (its digest in hexadecimal) is called in the cache. One that passed under other
    /// budgets is called otherwise, so that what is found has passed.
    pub(crate) fn cache_key(&self, hex: &str) -> String {
        cache::key(hex, &self.budgets())
    }

    /// The part of that which the budgets decide.
    pub(crate) fn budgets(&self) -> String {
        format!("{:016x}", precheck::fingerprint(&self.limits.structure))
    }
}

/// Reads a file that is not too large.
pub(crate) fn read(path: &Path, budgets: &Structure) -> Result<Vec<u8>, Fault> {
    let unreadable = |cause| Fault::Unreadable { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    open(path, budgets)?.read_to_end(&mut bytes).map_err(unreadable)?;
    // A file can grow while it is read.
    within(bytes.len() as u64, budgets)?;
    Ok(bytes)
}

/// Opens a file that is not too large.
pub(crate) fn open(path: &Path, budgets: &Structure) -> Result<std::io::Take<File>, Fault> {
    let file = wellhead_spec::open_file(path).map_err(fault(path))?;
    within(file.metadata().map_err(fault(path))?.len(), budgets)?;
    Ok(file.take(budgets.file_bytes.saturating_add(1)))
}

/// What the system says about a file that is not too large.
pub(crate) fn inspect(path: &Path, budgets: &Structure) -> Result<Metadata, Fault> {
    let metadata = std::fs::metadata(path).map_err(fault(path))?;
    if !metadata.is_file() {
        return Err(fault(path)(std::io::Error::other("it is not a regular file")));
    }
    within(metadata.len(), budgets)?;
    Ok(metadata)
}

fn fault(path: &Path) -> impl Fn(std::io::Error) -> Fault {
    |cause| match cause.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing { path: path.to_owned() },
        _ => Fault::Unreadable { path: path.to_owned(), cause },
    }
}

fn within(file_bytes: u64, budgets: &Structure) -> Result<(), Fault> {
    let excesses = Structure { file_bytes, ..Structure::default() }.excesses(budgets);
    if excesses.is_empty() { Ok(()) } else { Err(Fault::Refused { excesses }) }
}

/// Tells a component from everything else by its first bytes.
pub(crate) fn recognize(bytes: &[u8]) -> Result<(), Fault> {
    match bytes {
        // The layer is 1 for a component, 0 for a core module.
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, _, 0, 0, ..] => {
            Err(Fault::CoreModule { host: foreign::host(bytes) })
        }
        _ => {
            let (seems, hint) = foreign::kind(bytes);
            Err(Fault::NotWebAssembly { seems, hint })
        }
    }
}
