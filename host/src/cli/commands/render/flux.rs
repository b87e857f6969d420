//! Where files of a tree are, and what makes Flux apply them in their order.
//!
//! Flux and kpt apply a StatefulSet before its claims, and its controller is quick to make the claims by the templates.
//! Two folders and two `Kustomization`s put the claims first.

use std::path::{Component, Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};
use wellhead::Object;

/// How the files of a tree are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// One folder for each pipeline, for tools that apply claims before StatefulSets, as Argo CD and Helm do
    #[default]
    Flat,
    /// The claims in a folder of their own, and two Kustomizations of Flux that apply them first
    Flux,
}

/// Folders of a pipeline's folder, in the order in which they are applied.
pub(super) const PARTS: [&str; 2] = ["claims", "workload"];
/// Folder of the Kustomizations. No namespace has such a name.
const FOLDER: &str = "_flux";

/// The source that Flux reads a tree from.
#[derive(Clone, Debug)]
pub(crate) struct FluxSource {
    /// E.g. `GitRepository`.
    kind: String,
    name: String,
    namespace: String,
}

impl std::str::FromStr for FluxSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [kind, name] => (kind, "flux-system", name),
            [kind, namespace, name] => (kind, namespace, name),
            _ => return Err("it is written KIND/NAME or KIND/NAMESPACE/NAME".to_owned()),
        };
        let kinds = ["GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"];
        if !kinds.contains(&kind) {
            return Err(format!("the kind is one of {}", kinds.join(", ")));
        }
        let own = |text: &str| wellhead_spec::ObjectName::new(text).map(|it| it.to_string());
        let (name, namespace) = (own(name), own(namespace));
        let name = name.map_err(|error| error.to_string())?;
        let namespace = namespace.map_err(|error| error.to_string())?;
        Ok(Self { kind: kind.to_owned(), name, namespace })
    }
}

impl Layout {
    /// The folder of an object's file in the folder of its pipeline.
    pub(super) fn part(self, object: &Object) -> &'static str {
        match (self, object.kind.as_str()) {
            (Self::Flat, _) => "",
            (Self::Flux, "PersistentVolumeClaim") => PARTS[0],
            (Self::Flux, _) => PARTS[1],
        }
    }
}

/// The files of the Kustomizations of a pipeline.
pub(super) fn files(directory: &Path, namespace: &str, pipeline: &str) -> [PathBuf; 2] {
    PARTS.map(|part| directory.join(FOLDER).join(namespace).join(format!("{pipeline}-{part}.yaml")))
}

/// The Kustomizations of a pipeline, in the order of [`files`]; none of the claims where there are none, because Flux
/// fails without a folder. `path` is the pipeline's folder in the source, with `./` before it.
pub(super) fn kustomizations(
    source: &FluxSource,
    path: &str,
    objects: &[Object],
) -> [Option<Value>; 2] {
    let Some(set) = objects.iter().find(|it| it.kind == "StatefulSet") else { return [None, None] };
    let has_claims = objects.iter().any(|it| it.kind == "PersistentVolumeClaim");
    let name = |part: &str| format!("{}-{part}", set.name);
    let one = |part: &str, prune: bool| {
        let FluxSource { kind, name: source, namespace } = source;
        let mut metadata = json!({
            "name": name(part), "labels": {"app.kubernetes.io/managed-by": "wellhead"}});
        if let Some(namespace) = &set.namespace {
            metadata["namespace"] = namespace.as_str().into();
        }
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": metadata,
            "spec": {
                "interval": "10m",
                "path": format!("{path}/{part}"),
                "prune": prune,
                "sourceRef": {"kind": kind, "name": source, "namespace": namespace},
            },
        })
    };
    // Without `wait`: claims of a class that waits for its first consumer are pending until a pod comes.
    let claims = has_claims.then(|| one(PARTS[0], false));
    let mut workload = one(PARTS[1], true);
    if has_claims {
        workload["spec"]["dependsOn"] = json!([{"name": name(PARTS[0])}]);
    }
    [claims, Some(workload)]
}

/// Where a folder is in the repository that it is in; without a repository, as it was named. Empty for the root.
pub(super) fn path_in_source(directory: &Path) -> String {
    let full = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let root = full.ancestors().find(|it| it.join(".git").exists());
    let below = root.and_then(|root| full.strip_prefix(root).ok()).unwrap_or(directory);
    let steps = below.components().filter_map(|step| match step {
        Component::Normal(step) => Some(step.to_string_lossy()),
        _ => None,
    });
    let steps: Vec<_> = steps.collect();
    steps.join("/")
}
