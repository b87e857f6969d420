//! The rules of ARCHITECTURE.md about who may know whom, enforced: between crates, and between the files of one.

#![expect(clippy::unwrap_used, reason = "the output of cargo metadata has a fixed form")]

mod commands;
mod floors;
mod imports;
mod reads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use wellhead_tests::repository::{ROOT, files, place, place_in};

/// What a crate must never link, not even through another crate.
const NEVER: [(&str, &[&str]); 9] = [
    ("wellhead-diagnostics", &["wasmtime", "kube", "tokio", "k8s-openapi", "wellhead-spec"]),
    ("wellhead-spec", &["wasmtime", "kube", "tokio", "wellhead-chain", "wellhead-cluster"]),
    ("wellhead-chain", &["kube", "tokio", "wellhead-render", "wellhead-cluster"]),
    ("wellhead-render", &["wasmtime", "kube", "tokio", "wellhead-chain", "wellhead-cluster"]),
    ("wellhead-cluster", &["wasmtime", "wellhead-chain"]),
    ("wellhead-registry", &["wasmtime", "kube", "tokio", "wellhead-chain", "wellhead-cluster"]),
    ("wellhead-toolchain", &["wasmtime", "kube", "tokio", "wellhead-chain", "wellhead-cluster"]),
    ("wellhead-harness", &["wasmtime", "kube", "wellhead"]),
    ("wellhead", &["wellhead-harness"]),
];

/// Packages by name, with everything that they link.
struct Graph {
    names: BTreeMap<String, String>,
    edges: BTreeMap<String, Vec<String>>,
}

impl Graph {
    fn read(manifest: &Path) -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
            .arg(manifest)
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let packages = metadata["packages"].as_array().unwrap();
        let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
        let links = |dep: &&Value| {
            dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
        };
        Self {
            names: packages.iter().map(|it| (text(&it["id"]), text(&it["name"]))).collect(),
            edges: nodes
                .iter()
                .map(|node| {
                    let deps = node["deps"].as_array().unwrap().iter();
                    (text(&node["id"]), deps.filter(links).map(|dep| text(&dep["pkg"])).collect())
                })
                .collect(),
        }
    }

    fn linked(&self, name: &str) -> BTreeSet<&str> {
        let start = self.names.iter().find(|(_, it)| *it == name).expect("the crate exists").0;
        let (mut seen, mut todo) = (BTreeSet::new(), vec![start]);
        while let Some(id) = todo.pop() {
            for next in &self.edges[id] {
                if seen.insert(next.as_str()) {
                    todo.push(next);
                }
            }
        }
        seen.iter().map(|id| self.names[*id].as_str()).collect()
    }
}

/// The parser that counts and the one that compiles must read the same bytes in the same way.
#[test]
fn the_pre_check_parses_with_the_version_that_wasmtime_uses() {
    let graph = Graph::read(&root().join("Cargo.toml"));
    let parser = |name: &str| {
        let id = graph.names.iter().find(|(_, it)| *it == name).expect("the crate exists").0;
        graph.edges[id].iter().find(|it| graph.names[*it] == "wasmparser").expect("it parses")
    };
    for name in ["wasmtime", "wasmtime-environ", "wasmtime-internal-cranelift"] {
        assert_eq!(parser(name), parser("wellhead-chain"), "{name}");
    }
}

fn root() -> &'static Path {
    Path::new(ROOT)
}

/// The sources below a folder of the repository, by their places in it.
fn sources(folder: &str) -> Vec<String> {
    files(folder, "rs").iter().map(|file| place_in(folder, file)).collect()
}

#[test]
fn no_crate_links_what_its_boundary_forbids() {
    let graph = Graph::read(&root().join("Cargo.toml"));
    let mut broken = Vec::new();
    for (name, never) in NEVER {
        let linked = graph.linked(name);
        broken.extend(
            never.iter().filter(|it| linked.contains(**it)).map(|it| format!("{name} links {it}")),
        );
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_sdk_links_no_crate_of_the_host() {
    let graph = Graph::read(&root().join("plugins/Cargo.toml"));
    let linked = graph.linked("wellhead-plugin");
    let host: Vec<_> = linked.iter().filter(|name| name.starts_with("wellhead")).collect();
    assert!(host.is_empty(), "{host:?}");
}

/// Whether a line of source has the identifier of a code as a text of its own.
fn has_code_as_text(line: &str) -> bool {
    line.match_indices("\"WH").any(|(at, _)| {
        let text = line[at + 1..].split('"').next().unwrap_or_default();
        text.len() == 6 && text[2..].bytes().all(|it| it.is_ascii_digit())
    })
}

/// A slip of a text compiles; that of a name does not.
#[test]
fn codes_are_values_and_nothing_compares_their_text() {
    assert!(has_code_as_text(r#"if problem.code == "WH0401" {"#));
    assert!(!has_code_as_text(r#"say("error[WH0401]")"#));
    let mut found = Vec::new();
    for part in ["", "spec/", "chain/", "render/", "cluster/", "toolchain/"] {
        for file in files(&format!("host/{part}src"), "rs") {
            let text = std::fs::read_to_string(&file).unwrap();
            let lines = text.lines().zip(1..).filter(|(line, _)| has_code_as_text(line));
            found.extend(lines.map(|(line, at)| format!("{}:{at}:{line}", place(&file))));
        }
    }
    assert!(found.is_empty(), "name the code as `Code::...`: {found:#?}");
}
