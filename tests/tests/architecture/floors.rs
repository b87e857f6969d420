//! Where files stand, and in which direction they import.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Crate, Imports};
use super::sources;

/// The floors of the cluster crate, the lowest first. A file imports from floors below its own, and from its own.
const FLOORS: [&str; 11] = [
    "model",
    "managed_fields",
    "api",
    "observe",
    "store",
    "decide",
    "recreate",
    "migrate",
    "check",
    "wait",
    "verbs",
];

/// Most files that may import each other in a circle: a type, its parts, and those who read and write them.
const CIRCLE: usize = 4;

/// Most sources on one level of a folder, `mod.rs`, `lib.rs` and `main.rs` aside: as many as a reader takes in at once.
///
/// Folders of tests are left out, for nothing imports a test: it is found by its name.
const FOLDER: usize = 12;

/// Most lines of a file, and of the unit tests in it.
const FILE: usize = 400;

/// Files that are longer, with lines that none may pass: each is to be split where its next subject ends.
const LONGER: [(&str, usize); 3] = [
    ("host/chain/src/chain/mod.rs", 480),
    ("host/chain/src/error.rs", 450),
    ("host/chain/src/plugin/mod.rs", 460),
];

/// The folders of sources that are held to this.
const CRATES: [&str; 10] = [
    "host/src",
    "host/chain/src",
    "host/cluster/src",
    "host/registry/src",
    "host/render/src",
    "host/spec/src",
    "host/toolchain/src",
    "tests/harness/src",
    "tests/src",
    "xtask/src",
];

/// Imports that run upwards, and folders that are on no floor.
fn upwards(imports: &Imports) -> Vec<String> {
    let floor = |file: &str| FLOORS.iter().position(|it| file.split('/').next() == Some(*it));
    let mut wrong = Vec::new();
    for (file, imported) in imports {
        let Some(own) = floor(file) else {
            if file.contains('/') {
                wrong.push(format!("{file} is on no floor"));
            }
            continue;
        };
        for other in imported {
            if floor(other).is_none_or(|other| other > own) {
                wrong.push(format!("{file} imports {other}"));
            }
        }
    }
    wrong
}

/// The files that a file reaches.
fn reached<'i>(imports: &'i Imports, from: &'i str) -> BTreeSet<&'i str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        let next = imports.get(file).into_iter().flatten().map(String::as_str);
        open.extend(next.filter(|it| seen.insert(*it)));
    }
    seen
}

/// The circles of more files than are allowed.
fn circles(imports: &Imports) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reached(imports, file))).collect();
    let circle = |file: &&str| -> Vec<&str> {
        let around = reached[*file].iter().copied();
        around.filter(|it| reached.get(it).is_some_and(|back| back.contains(*file))).collect()
    };
    reached.keys().map(circle).filter(|it| it.len() > CIRCLE).collect()
}

/// Folders with more sources than are allowed.
fn crowded(files: &[String]) -> Vec<String> {
    let mut folders = BTreeMap::<&str, usize>::new();
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        if !matches!(name, "mod.rs" | "lib.rs" | "main.rs" | "tests.rs") {
            *folders.entry(folder).or_default() += 1;
        }
    }
    let crowded = folders.into_iter().filter(|(_, count)| *count > FOLDER);
    crowded.map(|(folder, count)| format!("{folder} has {count} sources")).collect()
}

/// The lines of a file before its unit tests, and those of these.
fn lengths(text: &str) -> [usize; 2] {
    let all = text.lines().count();
    let tests = text.lines().zip(text.lines().skip(1)).position(|(attribute, module)| {
        attribute == "#[cfg(test)]" && module.starts_with("mod ") && module.ends_with('{')
    });
    let before = tests.unwrap_or(all);
    [before, all - before]
}

/// Whether a file is longer than it may be.
fn is_long(file: &str, text: &str) -> bool {
    let longer = LONGER.iter().find(|(it, _)| *it == file);
    lengths(text).into_iter().any(|lines| lines > longer.map_or(FILE, |it| it.1))
}

#[test]
fn no_file_of_the_cluster_crate_imports_upwards() {
    let wrong = upwards(&Crate::read("host/cluster/src").imports());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Imports of the command line that run from what commands share to commands, or from what is shown to failures.
fn against_the_grain(imports: &Imports) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, imported) in imports {
        let forbidden: &[&str] = match file.strip_prefix("cli/") {
            Some(inside) if inside.starts_with("commands/") => continue,
            Some(inside) if inside.starts_with("output/") => &["cli/commands/", "cli/failure.rs"],
            Some(_) => &["cli/commands/"],
            None => continue,
        };
        let found = imported.iter().filter(|it| forbidden.iter().any(|no| it.starts_with(no)));
        wrong.extend(found.map(|other| format!("{file} imports {other}")));
    }
    wrong
}

#[test]
fn nothing_that_commands_share_imports_a_command() {
    let wrong = against_the_grain(&Crate::read("host/src").imports());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_crate_has_a_large_circle_of_imports() {
    let mut wrong = Vec::new();
    for name in CRATES {
        let imports = Crate::read(name).imports();
        wrong.extend(circles(&imports).iter().map(|it| format!("{name}: {}", it.join(" "))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_folder_has_more_sources_than_a_reader_takes_in() {
    let files = CRATES
        .iter()
        .flat_map(|name| sources(name).into_iter().map(move |file| format!("{name}/{file}")));
    let wrong = crowded(&files.collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_source_is_longer_than_a_reader_holds_in_mind() {
    let mut wrong = Vec::new();
    for name in CRATES {
        for file in sources(name).iter().filter(|file| !file.ends_with("tests.rs")) {
            let file = format!("{name}/{file}");
            let text = std::fs::read_to_string(super::root().join(&file));
            let text = text.expect("a source is readable");
            if is_long(&file, &text) {
                wrong.push(format!("{file}: {:?}", lengths(&text)));
            }
            if LONGER.iter().any(|it| it.0 == file) && lengths(&text)[0] <= FILE {
                wrong.push(format!("{file} needs no exception"));
            }
        }
    }
    assert!(wrong.is_empty(), "lines, and those of unit tests: {wrong:#?}");
}

#[test]
fn a_long_file_is_found_with_its_tests_counted_apart() {
    let lines = |count: usize| "fn f() {}\n".repeat(count);
    let with_tests =
        |code, tests| format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(code), lines(tests));
    assert_eq!(lengths(&with_tests(7, 2)), [7, 5]);
    assert!(!is_long("a.rs", &with_tests(FILE, FILE - 3)));
    assert!(is_long("a.rs", &lines(FILE + 1)) && is_long("a.rs", &with_tests(1, FILE)));
    let declared = format!("{}#[cfg(test)]\nmod tests;\n", lines(FILE));
    assert!(is_long("a.rs", &declared), "they are in another file");
}

/// A crate of these sources.
fn of(files: &[(&str, &str)]) -> Imports {
    Crate::parse(files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())))
        .imports()
}

#[test]
fn an_import_upwards_is_found_however_it_is_written() {
    let verb = ("verbs/apply.rs", "pub struct Wait;\npub fn wait() {}");
    let root = ("lib.rs", "mod api; mod verbs;\npub use verbs::apply::Wait;");
    let folders = [("api/mod.rs", "pub mod call;"), ("verbs/mod.rs", "pub mod apply;")];
    for (text, imported) in [
        ("use crate::verbs::apply::Wait;", true),
        ("use crate::{verbs::apply::{self as it, Wait}};", true),
        ("use super::super::verbs::apply;", true),
        ("use crate::verbs;\nfn f() { verbs::apply::wait() }", true),
        ("fn f() { crate::verbs::apply::wait() }", true),
        ("fn f() -> Vec<crate::verbs::apply::Wait> { vec![] }", true),
        ("fn f() { assert!(true, \"{:?}\", (crate::verbs::apply::wait(),)) }", true),
        // By a re-export of the root.
        ("use crate::Wait;", true),
        ("#[cfg(test)]\nmod tests { use crate::verbs::apply::Wait; }", false),
        ("/// [`crate::verbs::apply::Wait`]\nfn f() {}", false),
        ("use other::verbs::apply::Wait;", false),
    ] {
        let [api, verbs] = folders;
        let imports = of(&[root, api, verbs, verb, ("api/call.rs", text)]);
        let found = imports["api/call.rs"].contains("verbs/apply.rs");
        assert_eq!(found, imported, "{text}: {imports:?}");
        assert_eq!(!upwards(&imports).is_empty(), imported, "{text}: {imports:?}");
    }
}

#[test]
fn a_file_on_no_floor_is_found() {
    assert_eq!(upwards(&of(&[("other/new.rs", "")])), ["other/new.rs is on no floor"]);
    assert!(upwards(&of(&[("lib.rs", ""), ("model/object.rs", "")])).is_empty());
}

#[test]
fn an_import_of_a_command_or_a_failure_is_found_where_it_is_shared() {
    let command = ("cli/commands/apply.rs", "pub struct Apply;");
    let failure = ("cli/failure.rs", "pub struct Failure;");
    let (a_command, a_failure) =
        ("use crate::cli::commands::apply::Apply;", "use crate::cli::failure::Failure;");
    for (file, text, is_wrong) in [
        ("cli/output/printer.rs", a_command, true),
        ("cli/output/printer.rs", a_failure, true),
        ("cli/args/files.rs", a_command, true),
        ("cli/args/files.rs", a_failure, false),
        ("cli/commands/plan.rs", a_command, false),
    ] {
        let imports = of(&[command, failure, (file, text)]);
        assert_eq!(!against_the_grain(&imports).is_empty(), is_wrong, "{file}: {text}");
    }
}

#[test]
fn a_circle_is_found_by_its_length() {
    let ring = |length: usize| {
        let file = |at: usize| {
            (format!("f{at}.rs"), format!("use crate::f{}::S;\npub struct S;", (at + 1) % length))
        };
        Crate::parse((0..length).map(file)).imports()
    };
    assert!(circles(&ring(CIRCLE)).is_empty());
    let imports = ring(CIRCLE + 1);
    assert_eq!(circles(&imports).iter().map(Vec::len).collect::<Vec<_>>(), [CIRCLE + 1]);
}

#[test]
fn a_crowded_folder_is_found() {
    let files = |count| -> Vec<_> {
        let files = (0..count).map(|at| format!("a/f{at}.rs"));
        files.chain(["a/mod.rs".to_owned(), "b/one.rs".to_owned()]).collect()
    };
    assert!(crowded(&files(FOLDER)).is_empty());
    assert_eq!(crowded(&files(FOLDER + 1)), ["a has 13 sources"]);
}
