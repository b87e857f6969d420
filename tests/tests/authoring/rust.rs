//! Plugins in Rust.

use std::fs;
use std::sync::Mutex;

use crate::guide::{Shell, follow, kept};

/// Most bytes of the component that a new project becomes.
const SMALL: u64 = 100_000;

/// Projects of one name leave their module in one place.
static TARGET: Mutex<()> = Mutex::new(());

pub(crate) fn shell() -> Shell {
    Shell::new(vec![("CARGO_TARGET_DIR", kept("rust"))]).alone(&TARGET)
}

#[test]
fn the_guide_works_as_it_is_written() {
    follow("docs/plugins/rust.md", shell());
}

/// The template is itself a valid project: with its own name, nothing of it changes.
#[test]
fn a_new_project_is_formatted_locked_and_small() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new my-plugin --lang rust && cd my-plugin");
    shell.succeed("cargo fmt --check && cargo metadata --format-version 1 --locked");
    shell.succeed("wellhead plugin build");
    let size = fs::metadata(shell.path("my-plugin.wasm")).expect("it was built").len();
    assert!(size < SMALL, "it has {size} bytes");
    assert_eq!(shell.succeed("git init -q . && git status --short | grep -c wasm || true"), "0\n");
}

const MANIFEST: &str = r#"[package]
name = "my-plugin"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
smallvec = "1"

[profile.release]
panic = "abort"
"#;

/// Panics of its own, and of a package of the registry: each tells the file where it is.
const CODE: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn touch(at: usize, other: usize) -> u32 {
    let mut values = smallvec::SmallVec::<[u32; 4]>::from_slice(&[1, 2]);
    values[other] + values.remove(at)
}
"#;

/// Without the SDK, whose macros take long to compile. So it is no plugin, which is said once it is built.
#[test]
fn a_component_tells_neither_folder_nor_home() {
    let mut shell = Shell::new(Vec::new());
    shell.succeed("mkdir -p one/src home/registry deep");
    fs::write(shell.path("one/Cargo.toml"), MANIFEST).expect("a file can be written");
    fs::write(shell.path("one/src/lib.rs"), CODE).expect("a file can be written");
    shell.succeed(
        "cp -r one deep/two && for it in index cache; do \
         ln -s \"${CARGO_HOME:-$HOME/.cargo}/registry/$it\" home/registry; done",
    );
    let mut build = |variables: &str, folder: &str| {
        let build = format!("{variables} CARGO_NET_OFFLINE=true wellhead plugin build {folder}");
        let (told, passed) = shell.run(&format!("{build} --to {folder}.wasm"));
        assert!(!passed && told.contains("WH0505"), "{told}");
    };
    build("", "one");
    build("CARGO_HOME=$PWD/home", "deep/two");
    shell.succeed("cmp one.wasm deep/two.wasm");
    for place in ["/cargo/registry/smallvec-", "src/lib.rs"] {
        shell.succeed(&format!("grep -q {place} one.wasm"));
    }
}
