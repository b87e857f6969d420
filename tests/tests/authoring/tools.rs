//! The pages that every language shares, with a project in Rust.

use crate::guide::follow;
use crate::rust::shell;

#[test]
fn testing_works_as_it_is_written() {
    follow("docs/plugins/testing.md", shell());
}

#[test]
fn shipping_works_as_it_is_written() {
    follow("docs/plugins/shipping.md", shell());
}

#[test]
fn debugging_works_as_it_is_written() {
    follow("docs/plugins/debugging.md", shell());
}

#[test]
fn sharing_code_works_as_it_is_written() {
    follow("docs/plugins/sharing-code.md", shell());
}

#[test]
fn facts_work_as_they_are_written() {
    follow("docs/plugins/facts.md", shell());
}
