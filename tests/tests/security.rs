//! What `docs/concepts/security.md` promises is tested: the tests and files that it names exist.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use wellhead_tests::repository::{ROOT, files};

/// What stands in code in a text.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of tests in a text: three words at least.
fn named(text: &str) -> BTreeSet<&str> {
    let is_name = |it: &&str| {
        it.matches('_').count() > 1
            && it.chars().all(|it| it == '_' || it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    code(text).filter(is_name).collect()
}

/// Every test of the workspace, those that the corpus makes of its table included.
fn tests() -> BTreeSet<String> {
    let folders = ["host", "tests/tests", "tests/fuzz"];
    let files: Vec<_> = folders.iter().flat_map(|it| files(it, "rs")).collect();
    let mut tests = BTreeSet::new();
    for text in files.iter().map(|file| fs::read_to_string(file).unwrap()) {
        let after = text.split("#[test]").skip(1).chain(text.split("#[tokio::test").skip(1));
        let name = |it: &str| Some(it.split_once("fn ")?.1.split_once('(')?.0.to_owned());
        tests.extend(after.filter_map(name));
        let cases = text.split("cases! {").skip(1).filter_map(|it| it.split_once("\n}"));
        for line in cases.flat_map(|(table, _)| table.lines()) {
            tests.extend(
                line.split([' ', ':']).find(|it| it.starts_with("case_")).map(str::to_owned),
            );
        }
    }
    tests
}

#[test]
fn every_test_and_file_that_is_named_exists() {
    let text = include_str!("../../docs/concepts/security.md");
    let (named, tests) = (named(text), tests());
    assert!(named.len() > 30 && tests.contains("case_51_wasi"), "both are read");
    let missing: Vec<_> = named.into_iter().filter(|name| !tests.contains(*name)).collect();
    assert!(
        missing.is_empty(),
        "docs/concepts/security.md names tests that are not there: {missing:#?}"
    );
    let is_source = |it: &&str| Path::new(it).extension().is_some_and(|it| it == "rs");
    for file in code(text).filter(is_source) {
        assert!(Path::new(ROOT).join(file).is_file(), "docs/concepts/security.md names {file}");
    }
}

#[test]
fn nobody_in_the_table_is_without_a_test() {
    let text = include_str!("../../docs/concepts/security.md");
    let table = text.split_once("## Who can do what").unwrap().1;
    let table = table.split_once("\nWhat does not hold:").unwrap().0;
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| **")).collect();
    assert!(rows.len() > 7, "the table is read");
    for row in rows {
        assert!(!named(row).is_empty() || row.contains("there is none yet"), "{row}");
    }
}
