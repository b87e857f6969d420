//! The contract as its next version could be, with additions of every kind that a track allows. A
//! test builds a host for it and runs plugins on that host which know nothing of them.

use std::fs;
use std::path::Path;

use super::package::{CONTRACT, Package};

/// Folder of the extended contract, below the repository's root.
pub(super) const EXTENDED: &str = "tests/compatibility/extended";

/// Before this, in the interface `pipeline`, everything new is put.
const ANCHOR: &str = "  /// One container: main container, sidecar or init container.\n";
const ADDITIONS: &str = "  /// A type that is new.
  record addition {
    /// A text.
    text: string,
  }

  /// A resource that is new.
  resource additions {
    /// A method.
    first: func() -> addition;
  }

  /// A function that is new.
  additions-of: func(target: borrow<pipeline>) -> additions;

";

/// The files of the extended contract: their names and texts.
pub(super) fn files(root: &Path) -> Result<Vec<(String, String)>, String> {
    let contract = Package::read(&root.join(CONTRACT))?;
    let name = &contract.resolve.packages[contract.id].name;
    let Some(version) = &name.version else { return Err(format!("{name} has no version")) };
    let package = |version: &str| format!("package {}:{}@{version};", name.namespace, name.name);
    let (old, new) = (
        package(&version.to_string()),
        package(&format!("{}.{}.{}", version.major, version.minor, version.patch + 1)),
    );
    let mut files = Vec::new();
    for name in ["context.wit", "facts.wit", "log.wit", "pipeline.wit", "types.wit", "world.wit"] {
        let path = root.join(CONTRACT).join(name);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let text = text.replacen(&old, &new, 1);
        files.push((name.to_owned(), text.replacen(ANCHOR, &format!("{ADDITIONS}{ANCHOR}"), 1)));
    }
    Ok(files)
}
