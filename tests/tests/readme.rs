//! The commands in the documentation print what the documentation shows.
//!
//! In a block of ```` ```console ````, each line that starts with `$ ` is a command, and the lines up
//! to the next one are what it prints, on both streams. `[..]` stands for any characters of a line,
//! `...` for any lines. Blocks of ```` ```console cluster ```` run one after the other against a
//! control plane of their own, the others without a cluster.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_spec::{Source, load};
use wellhead_tests::built;

/// Every file with such blocks.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "examples/README.md",
    "examples/jupyter/README.md",
    "examples/minimal/README.md",
    "examples/pytorch/README.md",
    "examples/team-customization/README.md",
    "examples/tensorflow/README.md",
];

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn commands_without_a_cluster_print_what_is_shown() {
    built::plugins();
    let blocks = DOCUMENTS.iter().flat_map(|file| blocks(file, "console"));
    check(blocks.collect(), Path::new("/no/kubeconfig"));
}

#[test]
fn commands_against_a_cluster_print_what_is_shown() {
    built::plugins();
    let binary = controlplane_binary().expect("`cargo xtask cluster build` builds it");
    let cluster = ControlPlane::start(&binary, &Options::temporary()).expect("it starts");
    let blocks = DOCUMENTS.iter().flat_map(|file| blocks(file, "console cluster"));
    check(blocks.collect(), cluster.kubeconfig());
}

#[test]
fn documents_in_the_documentation_are_valid() {
    let blocks = blocks("host/spec/README.md", "yaml");
    assert!(!blocks.is_empty());
    for Block { place, text } in blocks {
        let loaded = load(&[Source::Text { name: place.into(), text }]);
        assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    }
}

/// What stands between two fences.
struct Block {
    place: String,
    text: String,
}

/// The blocks of a document whose first fence says `info`.
fn blocks(file: &str, info: &str) -> Vec<Block> {
    let document = fs::read_to_string(Path::new(ROOT).join(file)).expect("the document is there");
    let (mut blocks, mut inside): (Vec<Block>, Option<bool>) = (Vec::new(), None);
    for (index, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(found), None) => {
                inside = Some(found == info);
                if found == info {
                    let place = format!("{file}:{}", index + 1);
                    blocks.push(Block { place, text: String::new() });
                }
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => {
                let text = &mut blocks.last_mut().expect("a block was opened").text;
                *text += line;
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

/// Runs every command, and reports all that print something else.
fn check(blocks: Vec<Block>, kubeconfig: &Path) {
    assert!(!blocks.is_empty(), "no document has a command");
    let mut wrong = Vec::new();
    for Block { place, text } in blocks {
        let steps: Vec<&str> = text.strip_prefix("$ ").unwrap_or_default().split("\n$ ").collect();
        for step in steps {
            let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
            assert!(!command.is_empty(), "{place}: a block starts with `$ ` and a command");
            let printed = print_of(command, kubeconfig);
            if !matches(&lines(expected), &lines(&printed)) {
                wrong.push(format!("{place}: $ {command}\n{printed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these print something else:\n\n{}", wrong.join("\n\n"));
}

/// What a command prints, standard error included.
fn print_of(command: &str, kubeconfig: &Path) -> String {
    let wellhead = built::wellhead();
    let folders = wellhead.parent().map(Path::to_owned).into_iter();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(folders.chain(env::split_paths(&path))).expect("folders of a PATH");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(ROOT)
        .env("PATH", path)
        .env("KUBECONFIG", kubeconfig)
        .env("WELLHEAD_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env("NO_COLOR", "1")
        .env_remove("WELLHEAD_NAMESPACE")
        .env_remove("WELLHEAD_CONTEXT")
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("text")
}

/// Lines without blanks at their end, and without empty ones at the end.
fn lines(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

fn matches(expected: &[&str], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        (["...", rest @ ..], _) => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        ([first, rest @ ..], [line, others @ ..]) => {
            line_matches(first, line) && matches(rest, others)
        }
        _ => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((head, rest)) => line.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| line_matches(rest, &tail[at..]))
        }),
    }
}
