//! `cargo xtask guests`: builds the plugins as components.
//!
//! Each `cdylib` of a guest workspace becomes `target/guests/<package>.wasm`, in the way in which
//! `wellhead plugin build` makes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wellhead_toolchain::rust::{self, TARGET, Workspace};
use wellhead_toolchain::{Error, Output, encode};

/// Workspaces of guests, below the repository's root. Those that do not exist are skipped.
const WORKSPACES: [&str; 2] = ["plugins", "tests/guests"];

/// A built guest.
struct Guest {
    /// Name of its package, e.g. `storage-class`.
    name: String,
    /// The component.
    path: PathBuf,
    /// Size of the component in bytes.
    size: usize,
}

/// Builds all guests, and prints each with its size.
pub(crate) fn run() -> Result<(), String> {
    for guest in build(&repository()).map_err(|error| describe(&error))? {
        println!("{:>8} bytes  {}  {}", guest.size, guest.name, guest.path.display());
    }
    Ok(())
}

/// Builds all guests of the repository at `root` into its `target/guests`.
fn build(root: &Path) -> Result<Vec<Guest>, Error> {
    if rust::check(root).is_err() {
        add_target(root);
        rust::check(root)?;
    }
    let output = root.join("target/guests");
    fs::create_dir_all(&output).map_err(unwritten(&output))?;
    let mut built = Vec::new();
    for folder in WORKSPACES.map(|name| root.join(name)) {
        if folder.join("Cargo.toml").is_file() {
            let workspace = Workspace::read(&folder, &["--locked"])?;
            let guests = workspace.guests();
            workspace.build(&guests, &[], Output::Show)?;
            for guest in guests {
                let path = output.join(format!("{}.wasm", guest.name));
                let size = write(&guest.module, &path)?;
                built.push(Guest { name: guest.name, path, size });
            }
        }
    }
    Ok(built)
}

/// Lets rustup add the target, where it is there; whether the compiler has it then is checked anyway.
fn add_target(root: &Path) {
    eprintln!("adding {TARGET} to the Rust toolchain");
    let _ = Command::new("rustup").args(["target", "add", TARGET]).current_dir(root).status();
}

/// Encodes a core module into a component and returns its size. An unchanged component is not
/// written again, so that its time of change says when it changed.
fn write(module: &Path, path: &Path) -> Result<usize, Error> {
    let bytes = fs::read(module).map_err(unwritten(module))?;
    let component =
        encode(&bytes).map_err(|source| Error::Encode { path: module.to_owned(), source })?;
    if fs::read(path).ok().as_ref() != Some(&component) {
        // A reader meanwhile sees the old or the new component, never a part of one.
        let partial = path.with_extension("wasm.partial");
        fs::write(&partial, &component).map_err(unwritten(&partial))?;
        fs::rename(&partial, path).map_err(unwritten(path))?;
    }
    Ok(component.len())
}

fn unwritten(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File { path, action: "read or written", source }
}

/// What failed, why, and what to type next, a line each.
pub(crate) fn describe(error: &Error) -> String {
    let facts = error.facts().into_iter().map(|fact| format!("\n  cause: {fact}"));
    let hints = error.hints().into_iter().map(|hint| format!("\n  hint: {hint}"));
    std::iter::once(error.to_string()).chain(facts).chain(hints).collect()
}

/// The repository that this binary was built from.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("because xtask is a folder of the repository")
        .to_owned()
}
