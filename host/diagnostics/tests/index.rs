//! The index of the error pages. `BLESS=1 cargo test -p wellhead-diagnostics --test index` writes it.

#![expect(clippy::unwrap_used, reason = "the folder of the pages is there")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use wellhead_diagnostics::Code;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors"))
}

/// What the first digits of a code say.
const PARTS: [(&str, &str); 13] = [
    ("WH01", "Files of pipelines, customizations and plugin projects"),
    ("WH02", "Storage and immutable fields"),
    ("WH03", "Pods and volumes that do not become ready"),
    ("WH04", "The API server, and what else writes to it"),
    ("WH05", "Plugins"),
    ("WH06", "Grants, protected fields, conflicts and the order of plugins"),
    ("WH07", "The command line, rendered trees and imports"),
    ("WH080", "Plugin projects and builds"),
    ("WH081", "Libraries of plugins"),
    ("WH082", "Plugin tests"),
    ("WH084", "Registries"),
    ("WH085", "Content of registries"),
    ("WH086", "Locks and trust policies"),
];

fn index() -> String {
    let mut text = String::from(
        "# Errors and warnings\n\n\
         Each has a code that keeps its meaning. `wellhead explain CODE` prints the same page.\n",
    );
    for (start, what) in PARTS {
        write!(text, "\n## {what}\n\n| code | meaning |\n|---|---|\n").unwrap();
        for code in Code::ALL.iter().filter(|it| it.id().starts_with(start)) {
            writeln!(text, "| [{code}]({code}.md) | {} |", code.title()).unwrap();
        }
    }
    text
}

#[test]
fn the_index_lists_every_code() {
    let (file, index) = (folder().join("README.md"), index());
    for code in Code::ALL {
        assert!(index.contains(&format!("[{code}]")), "no part of the index has {code}");
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &index).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), index);
}

#[test]
fn every_page_is_that_of_a_code() {
    let names = std::fs::read_dir(folder()).unwrap();
    let names: BTreeSet<String> = names
        .map(|it| it.unwrap().file_name().to_str().unwrap().to_owned())
        .filter(|it| it != "README.md")
        .collect();
    let pages = Code::ALL.iter().map(|code| format!("{code}.md"));
    let known: BTreeSet<String> = pages.collect();
    assert_eq!(names, known);
}
