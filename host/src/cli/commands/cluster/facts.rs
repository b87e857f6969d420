//! `wellhead facts`: facts about a cluster for plugins.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use wellhead_chain::{CONTRACT_VERSION, has_secret};
use wellhead_cluster::{ClusterFacts, FactsWanted};
use wellhead_diagnostics::Code;
use wellhead_spec::{Severity, Source, load_facts};

use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;

/// Print facts about the cluster for plugins
///
/// Prints a file for `--facts` of `render`, `plan`, `apply`, `drift` and `explain`: `storageClasses`, `nodes` (labels,
/// allocatable, taints) and `versions`, in one order. What changes by itself (heartbeats, addresses, conditions) and
/// parameters of classes that may be secret are not in it. Plugins read the facts that their entries grant; keep the file
/// with the pipelines, so that the same files give the same objects.
///
/// Needs the right to list `nodes` and `storageclasses` (`storage.k8s.io`), or the one of those that is named.
#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// Facts to print [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<Name>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A YAML document
    Yaml,
    /// A JSON document; `--facts` reads it, too
    Json,
}

/// A fact that the cluster has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Name {
    /// Storage classes
    StorageClasses,
    /// Nodes, with labels, allocatable and taints
    Nodes,
    /// Versions of the API server, of Wellhead and of the plugin contract
    Versions,
}

impl Facts {
    fn has(&self, name: Name) -> bool {
        self.names.is_empty() || self.names.contains(&name)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let facts = cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            let wanted = FactsWanted {
                storage_classes: self.has(Name::StorageClasses),
                nodes: self.has(Name::Nodes),
            };
            Ok(cluster.facts(wanted).await?)
        })?;
        let document = document(facts, self.has(Name::Versions));
        let yaml = wellhead::value_to_yaml(&document);
        check(&yaml)?;
        if self.is_json() {
            context.printer.json(&document)?;
        } else {
            context.printer.text(&yaml)?;
        }
        Ok(Exit::Done)
    }
}

fn document(facts: ClusterFacts, versions: bool) -> Value {
    let ClusterFacts { storage_classes, nodes, server } = facts;
    let mut spec = Map::new();
    if let Some(mut classes) = storage_classes {
        for class in &mut classes {
            class.parameters.retain(|key, value| !may_be_secret(key, value));
        }
        spec.insert("storageClasses".to_owned(), json!(classes));
    }
    if let Some(nodes) = nodes {
        spec.insert("nodes".to_owned(), json!(nodes));
    }
    if versions {
        let wellhead = env!("CARGO_PKG_VERSION");
        let versions =
            json!({"kubernetes": server, "wellhead": wellhead, "contract": CONTRACT_VERSION});
        spec.insert("versions".to_owned(), versions);
    }
    json!({ "apiVersion": wellhead_spec::API_VERSION, "kind": "Facts", "spec": spec })
}

/// Refuses to print what `--facts` would not read again, such as the facts of a very large cluster.
fn check(yaml: &str) -> Result<(), Failure> {
    let source = Source::Text { name: "the facts".into(), text: yaml.to_owned() };
    let (_, loaded) = load_facts(&[source]);
    let mut errors = loaded.findings.into_iter().filter(|it| it.severity == Severity::Error);
    let Some(error) = errors.next() else { return Ok(()) };
    let what = "the cluster has more facts than a file of facts may have";
    let what = Diagnostic::error(Code::DocumentTooLarge, what).fact(error.message);
    let hint = "print those that plugins read, e.g. `wellhead facts storageClasses versions`";
    Err(Failure::Several { exit: Exit::Error, what: vec![what.hint(hint)] })
}

/// Whether a parameter may be a secret, or says where one is.
fn may_be_secret(key: &str, value: &str) -> bool {
    key.to_ascii_lowercase().contains("secret") || has_secret(&format!("{key}={value}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wellhead_cluster::NodeFacts;

    use super::*;

    /// What is printed can be read again, up to the largest file of facts.
    #[test]
    fn more_facts_than_a_file_may_have_are_an_error() {
        let labels: BTreeMap<_, _> =
            (0..40).map(|at| (format!("a.example/{at}"), at.to_string())).collect();
        let facts = |nodes: usize| {
            let node = |at| NodeFacts {
                name: format!("node-{at}"),
                labels: labels.clone(),
                allocatable: BTreeMap::new(),
                taints: Vec::new(),
            };
            let nodes = Some((0..nodes).map(node).collect());
            ClusterFacts { storage_classes: None, nodes, server: "v1.36.0".to_owned() }
        };
        let few = document(facts(50), true);
        assert!(few["spec"].get("storageClasses").is_none());
        assert!(check(&wellhead::value_to_yaml(&few)).is_ok());
        let many = wellhead::value_to_yaml(&document(facts(8_000), false));
        let Err(error) = check(&many) else { panic!("{} bytes", many.len()) };
        let told = error.diagnostics(false).remove(0);
        assert_eq!(told.code, Code::DocumentTooLarge);
        assert!(told.facts[0].len() < 300, "{:?}", told.facts);
    }

    #[test]
    fn parameters_that_may_be_secret_are_known() {
        for (key, value) in [
            ("csi.storage.k8s.io/provisioner-secret-name", "ceph"),
            ("secretNamespace", "default"),
            ("password", "hunter2hunter2"),
            ("url", "https://user:hunter2@a.example"),
        ] {
            assert!(may_be_secret(key, value), "{key}");
        }
        for (key, value) in [("type", "gp3"), ("iopsPerGB", "50"), ("fsType", "xfs")] {
            assert!(!may_be_secret(key, value), "{key}");
        }
    }
}
