//! The commands in the documentation print what the documentation shows.
//!
//! `wellhead_tests::document` says how they are written. Blocks of ```` ```console cluster ```` run one
//! after the other against a control plane of their own, the others without a cluster.

use std::path::Path;
use std::process::Command;

use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_spec::{Source, load};
use wellhead_tests::built;
use wellhead_tests::document::{Block, blocks, matches, steps};

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
    let blocks = DOCUMENTS.iter().flat_map(|file| blocks(&Path::new(ROOT).join(file), "console"));
    check(blocks.collect(), Path::new("/no/kubeconfig"));
}

#[test]
fn commands_against_a_cluster_print_what_is_shown() {
    built::plugins();
    let binary = controlplane_binary().expect("`cargo xtask cluster build` builds it");
    let cluster = ControlPlane::start(&binary, &Options::temporary()).expect("it starts");
    let blocks =
        DOCUMENTS.iter().flat_map(|file| blocks(&Path::new(ROOT).join(file), "console cluster"));
    check(blocks.collect(), cluster.kubeconfig());
}

#[test]
fn documents_in_the_documentation_are_valid() {
    let blocks = blocks(&Path::new(ROOT).join("host/spec/README.md"), "yaml");
    assert!(!blocks.is_empty());
    for Block { place, text } in blocks {
        let loaded = load(&[Source::Text { name: place.into(), text }]);
        assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    }
}

/// Runs every command, and reports all that print something else.
fn check(blocks: Vec<Block>, kubeconfig: &Path) {
    assert!(!blocks.is_empty(), "no document has a command");
    let mut wrong = Vec::new();
    for block in blocks {
        for step in steps(&block) {
            let printed = print_of(&step.command, kubeconfig);
            if !matches(&step.expected, &printed) {
                wrong.push(format!("{}: $ {}\n{printed}", block.place, step.command));
            }
        }
    }
    assert!(wrong.is_empty(), "these print something else:\n\n{}", wrong.join("\n\n"));
}

/// What a command prints, standard error included.
fn print_of(command: &str, kubeconfig: &Path) -> String {
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(ROOT)
        .env("PATH", built::path_with_wellhead())
        .env("KUBECONFIG", kubeconfig)
        .env("WELLHEAD_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env("NO_COLOR", "1")
        .env_remove("WELLHEAD_NAMESPACE")
        .env_remove("WELLHEAD_CONTEXT")
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("text")
}
