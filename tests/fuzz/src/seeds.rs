//! Inputs that get past the first checks, and words that they are made of.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scripted;

/// Steps of paths and patterns, and what joins them.
pub(crate) const STEPS: &[&str] = &[
    "*",
    "**",
    ".",
    ".*",
    ".**",
    "[*]",
    "[0]",
    "[\"",
    "\"]",
    "[\"*\"]",
    "\\u0000",
    "a",
    "containers",
    "image",
    "80/TCP",
    "\n",
    "[18446744073709551615]",
    "[18446744073709551616]",
];

/// Names and values of a pipeline: right ones, wrong ones, and those at a limit.
pub(crate) const WORDS: &[&str] = &[
    "",
    "db",
    "data",
    "A",
    "team",
    "sql",
    "1Gi",
    "100m",
    "1e3",
    "0.0000000001",
    "99999999999999999999Ei",
    "-1",
    "80",
    "nginx:1.14.2",
    "a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "/data",
    "/data/../etc",
    "..",
    "true",
    "null",
    "~",
    "- x",
    "a: b",
    "---",
    "line\nbreak",
    "tab\tand \u{1b}[31m",
    "\u{2028}\u{feff}\u{85}",
    "'quote\"",
    "{\"a\": 1}",
    "{\"nodeAffinity\": {}}",
    "[{\"key\": \"a\", \"operator\": \"Exists\"}]",
    "{\"runAsNonRoot\": true}",
    "{\"privileged\": true}",
    "{\"name\": \"db\", \"emptyDir\": {}}",
    "{\"emptyDir\": {}}",
    "{\"hostPath\": {\"path\": \"/\"}}",
    "{\"httpGet\": {\"port\": 80}}",
    "app.kubernetes.io/name",
    "example.com/team",
    "ReadWriteOnce",
    "Block",
    "Always",
    "SCTP",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Not A Name",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "| \n  ",
    "? ",
    "apiVersion: wellhead.dev/v1alpha1\n",
    "kind: Customization\n",
    "spec:\n",
    "  containers:\n",
    "  claims: [{name: data, size: 1Gi}]\n",
];

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The files of a folder that end in this way, by name.
fn files(path: &str, extension: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|it| it.path()).collect();
    paths.sort();
    let wanted = |path: &PathBuf| path.extension().is_some_and(|it| it == extension);
    paths.iter().filter(|it| wanted(it)).filter_map(|it| fs::read(it).ok()).collect()
}

/// Components: small ones of each kind of section, and a plugin.
pub(crate) fn components() -> Vec<Vec<u8>> {
    let texts = files("tests/fuzz/seeds/components", "wat");
    let components = texts.iter().map(|text| {
        wat::parse_bytes(text).expect("because the seeds are WebAssembly text").into_owned()
    });
    components.chain([scripted::component()]).collect()
}

/// A plugin with debug information, and components without.
pub(crate) fn components_with_lines() -> Vec<Vec<u8>> {
    files("tests/fuzz/seeds/lines", "wasm").into_iter().chain(components()).collect()
}

/// Files of pipelines and customizations, right and wrong ones, and changes of a right one.
pub(crate) fn documents() -> Vec<Vec<u8>> {
    let mut documents = files("host/spec/tests/corpus", "yaml");
    documents.extend(files("host/spec/tests/corpus", "json"));
    for example in ["minimal", "jupyter", "pytorch", "tensorflow", "team-customization"] {
        documents.extend(files(&format!("examples/{example}"), "yaml"));
    }
    documents.extend(changes().into_iter().map(|it| [b"\0".as_slice(), &it].concat()));
    documents
}

/// Patterns and paths.
pub(crate) fn paths() -> Vec<Vec<u8>> {
    let text = include_str!("../seeds/paths.txt");
    text.split_terminator("\n\n").map(|it| it.as_bytes().to_vec()).collect()
}

/// Kubeconfigs, one after the other with an empty line between them.
pub(crate) fn kubeconfigs() -> Vec<Vec<u8>> {
    let text = include_str!("../seeds/kubeconfigs.txt");
    text.split("\n\n").map(|it| it.as_bytes().to_vec()).collect()
}

/// What a kubeconfig may hold in another place.
pub(crate) const CONNECTIONS: &[&str] = &[
    "",
    "null",
    "~",
    "[]",
    "{}",
    "true",
    "1",
    "\"",
    "'",
    "|",
    "&a ",
    "*a",
    "<<: ",
    "---\n",
    "https://",
    "http://",
    "socks5://",
    "://",
    "[::1]",
    ":0",
    ":65536",
    "u:p@",
    "%00",
    "\u{0}",
    "\n",
    "-----BEGIN CERTIFICATE-----",
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
    "YQ==",
    "oidc",
    "gcp",
    "Always",
    "client.authentication.k8s.io/v1beta1",
];

/// Changes of a pipeline with every field.
pub(crate) fn changes() -> Vec<Vec<u8>> {
    // Each kind of change, at fields that are far from each other.
    let change = |what: u8| [what.wrapping_mul(37), 0, what];
    let one = (0..=u8::MAX).step_by(9).map(|what| change(what).to_vec());
    let some = (0..=u8::MAX).collect::<Vec<_>>();
    one.chain(some.chunks(16).map(|it| it.iter().flat_map(|it| change(*it)).collect())).collect()
}

/// Edits that a plugin makes.
pub(crate) fn scripts() -> Vec<Vec<u8>> {
    scripted::scripts()
}
