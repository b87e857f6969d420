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
