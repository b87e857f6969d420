//! The pages that every language shares, with a project in Rust.

use crate::guide::{Shell, follow, kept};

fn shell() -> Shell {
    Shell::new(vec![("CARGO_TARGET_DIR", kept("rust"))])
}

#[test]
fn testing_works_as_it_is_written() {
    follow("docs/plugins/testing.md", shell());
}

#[test]
fn debugging_works_as_it_is_written() {
    follow("docs/plugins/debugging.md", shell());
}
