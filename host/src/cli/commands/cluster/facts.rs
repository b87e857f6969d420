//! `wellhead facts`: facts about a cluster for plugins.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wellhead_chain::{CONTRACT_VERSION, has_secret};
use wellhead_cluster::ClusterFacts;

use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Print facts about the cluster for plugins
///
/// Prints a file for `--facts` of `render`, `plan`, `apply`, `drift` and `explain`: `storageClasses`, `nodes` (labels,
/// allocatable, taints) and `versions`, in one order. What changes by itself (heartbeats, addresses, conditions) and
/// parameters of classes that may be secret are not in it. Plugins read the facts that their entries grant; keep the file
/// with the pipelines, so that the same files give the same objects.
///
/// Needs the right to list `nodes` and `storageclasses` (`storage.k8s.io`).
#[derive(Debug, Args)]
pub(crate) struct Facts {
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

impl Facts {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let facts = cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            Ok(cluster.facts().await?)
        })?;
        let document = document(facts);
        if self.is_json() {
            context.printer.json(&document)?;
        } else {
            context.printer.text(&wellhead::value_to_yaml(&document))?;
        }
        Ok(Exit::Done)
    }
}

fn document(facts: ClusterFacts) -> Value {
    let ClusterFacts { mut storage_classes, nodes, server } = facts;
    for class in &mut storage_classes {
        class.parameters.retain(|key, value| !may_be_secret(key, value));
    }
    json!({
        "apiVersion": wellhead_spec::API_VERSION,
        "kind": "Facts",
        "spec": {
            "storageClasses": storage_classes,
            "nodes": nodes,
            "versions": {
                "kubernetes": server,
                "wellhead": env!("CARGO_PKG_VERSION"),
                "contract": CONTRACT_VERSION,
            },
        },
    })
}

/// Whether a parameter may be a secret, or says where one is.
fn may_be_secret(key: &str, value: &str) -> bool {
    key.to_ascii_lowercase().contains("secret") || has_secret(&format!("{key}={value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
