//! The list of what the host does with what a plugin brings is complete.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder whose files are listed.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/chain/src");
/// Files of tests, which are part of no program.
const TESTS: [&str; 2] = ["precheck/tests.rs", "session/tests.rs"];

/// The rows of the table: the files of each, and all of its words in code.
fn rows() -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let text = include_str!("../../ARCHITECTURE.md");
    let table = text.split_once("### Work on what a plugin brings").unwrap().1;
    let table = table.split_once("\n## ").unwrap().0;
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.map(|row| (words(row.split('|').nth(1).unwrap()), words(row))).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The files, as the table names them, with what stands in them before their tests.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(Path::new(FOLDER), &mut found);
    let name = |path: &Path| path.strip_prefix(FOLDER).unwrap().to_str().unwrap().to_owned();
    let sources = found.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap()));
    let program = |text: String| text.split("\nmod tests {").next().unwrap().to_owned();
    sources
        .filter(|(name, _)| !TESTS.contains(&name.as_str()))
        .map(|(name, text)| (name, program(text)))
        .collect()
}

/// Functions that take bytes.
fn functions_of_bytes(text: &str) -> Vec<&str> {
    let signatures = text.split("fn ").skip(1);
    let taking = signatures.filter_map(|it| {
        let (name, rest) = it.split_once('(')?;
        let parameters = rest.split(['{', ';']).next()?.split("->").next()?;
        parameters.contains("[u8]").then_some(name.split('<').next()?)
    });
    taking.filter(|name| name.chars().all(|it| it.is_alphanumeric() || it == '_')).collect()
}

#[test]
fn every_file_that_may_work_on_what_a_plugin_brings_is_listed_with_its_bound() {
    let rows = rows();
    assert!(rows.len() > 10, "the table is read");
    let listed: BTreeSet<_> = rows.iter().flat_map(|row| row.0.clone()).collect();
    let there: BTreeSet<_> = sources().into_iter().map(|it| it.0).collect();
    let missing: Vec<_> = there.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the table of ARCHITECTURE.md: {missing:?}");
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(gone.is_empty(), "in the table of ARCHITECTURE.md, and not there: {gone:?}");
}

#[test]
fn every_function_that_takes_bytes_is_listed() {
    let rows = rows();
    let mut missing = Vec::new();
    for (file, text) in sources() {
        let words = rows.iter().find(|row| row.0.contains(&file)).map(|row| &row.1);
        for function in functions_of_bytes(&text) {
            if !words.is_some_and(|words| words.contains(function)) {
                missing.push(format!("{file}: {function}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in the table of ARCHITECTURE.md: {missing:#?}");
}
