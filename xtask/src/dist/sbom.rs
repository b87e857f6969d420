//! The software bill of materials: every crate that the command links.
//!
//! <https://cyclonedx.org/docs/1.5/json/>

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};
use wellhead_toolchain::read;

use super::package::{Package, time};
use super::payload::Payload;
use crate::guests;

/// What `cargo metadata` prints, of format version 1.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Crate>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Crate {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None where the crate itself uses it; else its build script or its tests do.
    kind: Option<String>,
}

/// Builds it in the format `CycloneDX` 1.5.
pub(super) fn package(payload: &Payload) -> Result<Package, String> {
    let metadata = metadata(&payload.target.triple)?;
    let crates: BTreeMap<_, _> = metadata.packages.iter().map(|it| (it.id.as_str(), it)).collect();
    let nodes: BTreeMap<_, _> =
        metadata.resolve.nodes.iter().map(|it| (it.id.as_str(), it)).collect();
    let root = metadata.packages.iter().find(|it| it.name == "wellhead" && it.source.is_none());
    let root = root.ok_or("cargo metadata has no package wellhead")?;
    let linked = linked(&root.id, &nodes);
    let mut components: Vec<_> = linked
        .iter()
        .filter(|id| **id != root.id)
        .filter_map(|id| crates.get(id).map(|it| (&it.name, &it.version, component(it))))
        .collect();
    components.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let mut dependencies: Vec<_> = linked
        .iter()
        .filter_map(|id| {
            let of = crates.get(id)?;
            let on: BTreeSet<_> =
                links(nodes.get(id)?).filter_map(|id| crates.get(id).map(|it| purl(it))).collect();
            Some((purl(of), on))
        })
        .collect();
    dependencies.sort();
    let dependencies: Vec<_> =
        dependencies.iter().map(|(of, on)| json!({"ref": of, "dependsOn": on})).collect();
    let mut command = component(root);
    command["type"] = "application".into();
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": time(payload.epoch)?, "component": command},
        "components": components.into_iter().map(|it| it.2).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    let bytes = serde_json::to_vec_pretty(&bom).map_err(|error| error.to_string())?;
    Ok(Package { name: format!("{}.cdx.json", payload.stem()), bytes })
}

fn metadata(triple: &str) -> Result<Metadata, String> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", triple];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(guests::repository());
    let printed = read(&mut cargo).map_err(|error| guests::describe(&error))?;
    serde_json::from_str(&printed).map_err(|error| format!("cargo metadata: {error}"))
}

/// The crates that a crate links, itself among them.
fn linked<'a>(root: &'a str, nodes: &BTreeMap<&'a str, &'a Node>) -> BTreeSet<&'a str> {
    let mut linked = BTreeSet::new();
    let mut next = vec![root];
    while let Some(id) = next.pop() {
        if linked.insert(id) {
            next.extend(nodes.get(id).into_iter().flat_map(|node| links(node)));
        }
    }
    linked
}

/// What a crate itself uses, and neither its build script nor its tests only.
fn links(node: &Node) -> impl Iterator<Item = &str> {
    let normal = |it: &&Dependency| it.dep_kinds.iter().any(|it| it.kind.is_none());
    node.deps.iter().filter(normal).map(|it| it.pkg.as_str())
}

fn component(of: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(of),
        "name": of.name,
        "version": of.version,
        "purl": purl(of),
    });
    if let Some(license) = &of.license {
        // Older crates write the slash, which SPDX does not have.
        component["licenses"] = json!([{"expression": license.replace('/', " OR ")}]);
    }
    if let Some(repository) = &of.repository {
        component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
    }
    component
}

/// <https://github.com/package-url/purl-spec/blob/main/types-doc/cargo-definition.md>
fn purl(of: &Crate) -> String {
    format!("pkg:cargo/{}@{}", of.name, of.version)
}
