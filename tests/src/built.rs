//! What other commands build and the tests use.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Makes sure that the first-party plugins are there as components.
///
/// # Panics
/// When one is not built.
pub fn plugins() {
    for name in ["image-policy", "replicas", "storage-class"] {
        plugin(name);
    }
}

/// A first-party plugin as a component.
///
/// # Panics
/// When it is not built.
pub fn plugin(name: &str) -> PathBuf {
    let path = format!("{}/../target/guests/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
    assert!(Path::new(&path).is_file(), "{path} is missing; `cargo xtask guests` builds it");
    path.into()
}

/// The command, as it was built beside this test.
///
/// # Panics
/// When it is not built.
pub fn wellhead() -> PathBuf {
    let test = env::current_exe().expect("a running program has a path");
    // Tests are in `deps` of the folder of the profile.
    let path = test.parent().and_then(Path::parent).expect("tests are two folders deep");
    let path = path.join(format!("wellhead{}", env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is missing; `cargo build -p wellhead` builds it", path.display());
    path
}

/// The path of programs, with the command before everything else.
///
/// # Panics
/// When the command is not built.
pub fn path_with_wellhead() -> OsString {
    let wellhead = wellhead();
    let folders = wellhead.parent().map(Path::to_owned).into_iter();
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.chain(env::split_paths(&path))).expect("folders of a PATH")
}
