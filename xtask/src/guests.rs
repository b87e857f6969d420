//! `cargo xtask guests`: builds the plugins as components.
//!
//! Each `cdylib` of a guest workspace becomes `target/guests/<package>.wasm`: cargo makes a core
//! module whose custom sections describe its world, and [`component`] wraps it.

mod command;
mod component;
mod error;
mod toolchain;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use self::error::GuestsError;
pub(crate) use self::toolchain::Choice;
use self::toolchain::Toolchain;
use self::workspace::Workspace;

/// Workspaces of guests, below the repository's root. Those that do not exist are skipped.
const WORKSPACES: [&str; 2] = ["plugins", "tests/guests"];

/// Arguments of `cargo xtask guests`.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// The Rust compiler to use.
    #[arg(long, value_enum, default_value_t)]
    toolchain: Choice,
}

/// A built guest.
pub(crate) struct Guest {
    /// Name of its package, e.g. `storage-class`.
    pub(crate) name: String,
    /// The component.
    pub(crate) path: PathBuf,
    /// Size of the component in bytes.
    pub(crate) size: usize,
}

/// Builds all guests, and prints each with its size.
pub(crate) fn run(args: &Args) -> Result<(), GuestsError> {
    for guest in build(&repository(), args.toolchain)? {
        println!("{:>8} bytes  {}  {}", guest.size, guest.name, guest.path.display());
    }
    Ok(())
}

/// Builds all guests of the repository at `root` into its `target/guests`.
pub(crate) fn build(root: &Path, choice: Choice) -> Result<Vec<Guest>, GuestsError> {
    let toolchain = Toolchain::find(choice)?;
    let output = root.join("target/guests");
    fs::create_dir_all(&output).map_err(GuestsError::file(&output))?;
    let mut guests = Vec::new();
    for folder in WORKSPACES.map(|name| root.join(name)) {
        if folder.join("Cargo.toml").is_file() {
            let workspace = Workspace::read(&toolchain, &folder)?;
            workspace.build(&toolchain)?;
            for (name, module) in workspace.modules() {
                let path = output.join(format!("{name}.wasm"));
                let size = encode(&module, &path)?;
                guests.push(Guest { name: name.to_owned(), path, size });
            }
        }
    }
    Ok(guests)
}

/// Encodes a core module into a component and returns its size. An unchanged component is not
/// written again, so that its time of change says when it changed.
fn encode(module: &Path, path: &Path) -> Result<usize, GuestsError> {
    let bytes = fs::read(module).map_err(GuestsError::file(module))?;
    let component = component::encode(&bytes)
        .map_err(|source| GuestsError::Encode { path: module.to_owned(), source })?;
    if fs::read(path).ok().as_ref() != Some(&component) {
        // Whoever reads it meanwhile sees the old or the new component, never a part of one.
        let partial = path.with_extension("wasm.partial");
        fs::write(&partial, &component).map_err(GuestsError::file(&partial))?;
        fs::rename(&partial, path).map_err(GuestsError::file(path))?;
    }
    Ok(component.len())
}

/// The repository that this binary was built from.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("because xtask is a folder of the repository")
        .to_owned()
}
