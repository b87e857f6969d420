//! The commands in the documentation print what the documentation shows.
//!
//! `wellhead_tests::document` says how they are written. Blocks of ```` ```console cluster ```` run one
//! after the other against a control plane of their own, the others without a cluster. Those of
//! `docs/plugins` run in a folder of their own: `tests/tests/authoring` follows them.

use std::path::Path;
use std::process::Command;

use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_spec::{Finding, Source, load, load_facts, load_lock, load_trust_policy};
use wellhead_tests::built;
use wellhead_tests::document::{Block, blocks, matches, steps};
use wellhead_tests::repository::{ROOT, files, place};

/// Where documents with such blocks are, in the order in which they run: README.md leaves the cluster as it was.
const PLACES: [&str; 3] = ["README.md", "docs", "examples"];
/// Where others are, which other tests follow.
const GUIDES: &str = "docs/plugins/";

/// The blocks of this kind in every document.
fn all(info: &str) -> Vec<Block> {
    let files = PLACES.iter().flat_map(|it| files(it, "md"));
    let files = files.filter(|it| !place(it).starts_with(GUIDES));
    files.flat_map(|file| blocks(&file, info)).collect()
}

#[test]
fn commands_without_a_cluster_print_what_is_shown() {
    built::plugins();
    check(all("console"), Path::new("/no/kubeconfig"));
}

#[test]
fn commands_against_a_cluster_print_what_is_shown() {
    built::plugins();
    let binary = controlplane_binary().expect("`cargo xtask cluster build` builds it");
    let cluster = ControlPlane::start(&binary, &Options::temporary()).expect("it starts");
    check(all("console cluster"), cluster.kubeconfig());
}

#[test]
fn documents_in_the_documentation_are_valid() {
    let mut blocks = all("yaml");
    blocks.retain(|it| it.text.contains("apiVersion: wellhead.dev/"));
    assert!(blocks.len() > 4, "the documents are found");
    for Block { place, text } in blocks {
        let findings = findings_of(Source::Text { name: place.into(), text: text.clone() }, &text);
        assert!(findings.is_empty(), "{findings:#?}");
    }
}

/// What the reader of the document's kind finds.
fn findings_of(source: Source, text: &str) -> Vec<Finding> {
    let loaded = match text.lines().find_map(|it| it.strip_prefix("kind: ")) {
        Some("Facts") => load_facts(&[source]).1,
        Some("Lock") => load_lock(&source).err().unwrap_or_default(),
        Some("TrustPolicy") => load_trust_policy(&source).err().unwrap_or_default(),
        _ => load(&[source]),
    };
    loaded.findings
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
