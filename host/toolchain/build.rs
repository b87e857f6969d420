//! Embeds the templates, and the SDKs that new projects get a copy of.
//!
//! A script and not a macro: it leaves out what building a template or an SDK in place leaves behind,
//! and cargo runs it again when a file appears.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folders, from the repository's root, each with a tree in every folder of it whose name begins
/// so.
const PARENTS: [(&str, &str); 2] = [("host/toolchain/templates", ""), ("plugins", "sdk")];
/// Files and folders that tools make, and tests: an SDK is tested here, not in every project.
const LEFT_OUT: [&str; 7] =
    ["target", "node_modules", "__pycache__", ".venv", ".pytest_cache", "sdk", "tests"];

/// Files by their path in a tree.
type Tree = BTreeMap<String, PathBuf>;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut trees: BTreeMap<String, Tree> = BTreeMap::new();
    for (parent, prefix) in PARENTS {
        for entry in fs::read_dir(root.join(parent))? {
            let path = entry?.path();
            let name = file_name(&path);
            if path.is_dir() && name.starts_with(prefix) {
                println!("cargo::rerun-if-changed={}", path.display());
                let mut tree = Tree::new();
                collect(&path, "", &mut tree)?;
                trees.insert(format!("{parent}/{name}"), tree);
            }
        }
    }
    println!("cargo::rerun-if-changed={}", root.join("host/toolchain/templates").display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("embedded.rs"), source(&trees))?;
    stub(&root, &out)
}

/// Assembles the stub for languages whose runtimes want WASI.
fn stub(root: &Path, out: &Path) -> io::Result<()> {
    let source = root.join("plugins/sdk-go/wasi_stub.wat");
    let module = wat::parse_file(source).map_err(io::Error::other)?;
    fs::write(out.join("wasi_stub.wasm"), module)
}

/// All files below a folder. Links are followed: an SDK's contract is one.
fn collect(folder: &Path, prefix: &str, tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = file_name(&path);
        let at = format!("{prefix}{name}");
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{at}/"), tree)?;
        } else {
            tree.insert(at, path);
        }
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The trees as an expression.
fn source(trees: &BTreeMap<String, Tree>) -> String {
    let mut text = "&[\n".to_owned();
    for (name, tree) in trees {
        let _ = writeln!(text, "    ({name:?}, &[");
        for (at, path) in tree {
            let path = path.to_string_lossy();
            let _ = writeln!(text, "        ({at:?}, include_bytes!({path:?})),");
        }
        text += "    ]),\n";
    }
    text + "]\n"
}
