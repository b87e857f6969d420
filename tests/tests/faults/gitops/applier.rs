//! What applies a tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use kube::Api;
use kube::api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams};
use serde_json::Value;
use wellhead_harness::{SharedControlPlane, build_applier};
use wellhead_spec::{Source, load_manifests};

use crate::bed::{Case, block_on};
use crate::state::text;

/// The parts of a tree with the layout of Flux, in their order.
const PARTS: [&str; 2] = ["claims", "workload"];
/// The field manager of the worst order.
const WORST: &str = "worst";

/// Who applies a tree and prunes what left it.
#[derive(Clone, Debug)]
pub(super) enum Applier {
    /// `kpt live`, each part as a package.
    Kpt,
    /// The library of Flux's kustomize-controller, each part as a Kustomization that prunes.
    Flux,
    /// Server-side apply of the StatefulSet, then of the Service, then of the claims, and deletion of what left, except
    /// for what says "keep" to a tool.
    Worst(Tool),
}

/// All of them, each with every tool whose annotation it may go by.
pub(super) const APPLIERS: [Applier; 5] = [
    Applier::Kpt,
    Applier::Flux,
    Applier::Worst(Tool::Helm),
    Applier::Worst(Tool::ArgoCd),
    Applier::Worst(Tool::Kapp),
];

/// Whose annotation keeps an object from the worst order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tool {
    Helm,
    ArgoCd,
    Kapp,
}

impl Tool {
    /// As the tool reads it, for an object that left and for one whose application is deleted.
    fn keeps(self, object: &Value, all_go: bool) -> bool {
        let annotation =
            |key: &str| object["metadata"]["annotations"][key].as_str().unwrap_or_default();
        match self {
            Self::Helm => annotation("helm.sh/resource-policy").trim().eq_ignore_ascii_case("keep"),
            Self::Kapp => annotation("kapp.k14s.io/delete-strategy") == "orphan",
            Self::ArgoCd => {
                let wanted = if all_go { "Delete=false" } else { "Prune=false" };
                let mut options = annotation("argocd.argoproj.io/sync-options").split(',');
                options.any(|option| option.trim() == wanted)
            }
        }
    }
}

impl Applier {
    pub(super) fn layout(&self) -> &'static str {
        if self.is_flat() { "flat" } else { "flux" }
    }

    /// Whether the StatefulSet comes before its claims.
    pub(super) fn is_flat(&self) -> bool {
        matches!(self, Self::Worst(_))
    }

    /// Makes what it needs in the cluster.
    pub(super) fn prepare(&self, case: &Case) {
        if let Self::Kpt = self {
            // Two at once would collide.
            static INSTALLED: OnceLock<()> = OnceLock::new();
            INSTALLED.get_or_init(|| {
                kpt(case, &["live", "install-resource-group"]).expect("kpt has its own kind");
            });
        }
    }

    /// Applies the tree, and prunes what left it.
    pub(super) fn apply(&self, case: &Case) -> Result<(), String> {
        match self {
            Self::Kpt => PARTS.iter().try_for_each(|part| kpt_apply(case, part)),
            Self::Flux => PARTS.iter().try_for_each(|part| flux(case, part, false)),
            Self::Worst(tool) => worst(case, *tool, &pipeline(case)),
        }
    }

    /// Deletes the application.
    pub(super) fn destroy(&self, case: &Case) -> Result<(), String> {
        match self {
            Self::Kpt => PARTS.iter().rev().try_for_each(|part| {
                kpt(case, &["live", "destroy", &shown(&pipeline(case).join(part))])
            }),
            Self::Flux => PARTS.iter().rev().try_for_each(|part| flux(case, part, true)),
            Self::Worst(tool) => worst(case, *tool, Path::new("/nowhere")),
        }
    }
}

/// The folder of the pipeline.
fn pipeline(case: &Case) -> PathBuf {
    case.folder.path().join("tree").join(&case.namespace).join("db")
}

/// Every YAML file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(path) = open.pop() {
        // A folder that is not there holds nothing.
        for entry in fs::read_dir(&path).into_iter().flatten() {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "yaml") {
                files.push(path);
            }
        }
    }
    files
}

/// Takes lines out of every file below a folder.
pub(super) fn edit(folder: &Path, stays: impl Fn(&str) -> bool) {
    for file in files(folder) {
        let text = fs::read_to_string(&file).expect("it can be read");
        let kept: String = text.split_inclusive('\n').filter(|line| stays(line)).collect();
        fs::write(&file, kept).expect("it can be written");
    }
}

/// Every object below a folder, but for what belongs to Flux or kpt.
pub(super) fn objects(folder: &Path) -> Vec<Value> {
    let files: Vec<_> = files(folder).into_iter().map(Source::from).collect();
    let objects = load_manifests(&files).objects.into_iter().map(|it| it.value);
    let kinds = ["Service", "StatefulSet", "PersistentVolumeClaim"];
    objects.filter(|it| kinds.contains(&text(it, "/kind"))).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn kpt_apply(case: &Case, part: &str) -> Result<(), String> {
    let package = pipeline(case).join(part);
    if !package.join("Kptfile").exists() {
        fs::create_dir_all(&package).expect("a folder can be made");
        kpt(case, &["pkg", "init", &shown(&package)])?;
        let (name, namespace) = (format!("db-{part}"), case.namespace.as_str());
        kpt(case, &["live", "init", &shown(&package), "--name", &name, "--namespace", namespace])?;
    }
    // Claims that the StatefulSet's controller made, and those that left and came back, belong to no package.
    let policy = ["--inventory-policy=adopt", "--reconcile-timeout=2m", "--output=events"];
    kpt(case, &[&["live", "apply", &shown(&package)], &policy[..]].concat())
}

/// Past the proxy, which passes no watch on as it comes: kpt tells of each object itself.
fn kpt(case: &Case, arguments: &[&str]) -> Result<(), String> {
    let home = case.folder.path();
    let mut command = Command::new("kpt");
    command
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("KUBECONFIG", SharedControlPlane::get().kubeconfig());
    let output = command.output().expect("kpt starts");
    let what = format!("kpt {}", arguments.join(" "));
    ran(&output, &what)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let refused = said
        .lines()
        .find(|it| it.starts_with("apply result:") && !it.ends_with("0 skipped, 0 failed"));
    refused.map_or(Ok(()), |_| Err(format!("{what}: {said}")))
}

fn flux(case: &Case, part: &str, is_deleted: bool) -> Result<(), String> {
    let binary = build_applier().expect("the applier can be built");
    let folder = pipeline(case).join(part);
    let mut command = Command::new(binary);
    command
        .args(["-name", &format!("db-{part}"), "-namespace", &case.namespace])
        .arg("-kubeconfig")
        .arg(case.proxy.kubeconfig())
        .arg("-inventory")
        .arg(case.folder.path().join(format!("{part}.json")));
    if !is_deleted {
        command.arg("-folder").arg(folder);
    }
    ran(&command.output().expect("it starts"), &format!("flux: {part}"))
}

fn ran(output: &Output, what: &str) -> Result<(), String> {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{what} ends with {}: {said}", output.status))
    }
}

fn worst(case: &Case, tool: Tool, folder: &Path) -> Result<(), String> {
    let mut now = objects(folder);
    let order = ["StatefulSet", "Service", "PersistentVolumeClaim"];
    now.sort_by_key(|it| order.iter().position(|kind| *kind == text(it, "/kind")));
    let client = block_on(crate::bed::client(case.proxy.kubeconfig().to_owned()));
    for object in &now {
        let (api, params) = (api(&client, object), PatchParams::apply(WORST).force());
        let patch = Patch::Apply(object);
        let patched = api.patch(text(object, "/metadata/name"), &params, &patch);
        block_on(patched).map_err(|error| format!("{}: {error}", identity(object)))?;
    }
    let inventory = case.folder.path().join("inventory.json");
    let before = fs::read(&inventory).ok().and_then(|it| serde_json::from_slice(&it).ok());
    let before: Vec<Value> = before.unwrap_or_default();
    let present: BTreeSet<String> = now.iter().map(identity).collect();
    for stale in before.iter().filter(|it| !present.contains(&identity(it))) {
        let (api, name) = (api(&client, stale), text(stale, "/metadata/name"));
        let live = block_on(api.get_opt(name)).map_err(|error| error.to_string())?;
        let Some(live) = live.map(|it| serde_json::to_value(it).expect("it is JSON")) else {
            continue;
        };
        if !tool.keeps(&live, now.is_empty()) {
            let deleted = block_on(api.delete(name, &DeleteParams::background()));
            deleted.map_err(|error| format!("{}: {error}", identity(stale)))?;
        }
    }
    fs::write(inventory, Value::from(now).to_string()).expect("it can be written");
    Ok(())
}

fn identity(object: &Value) -> String {
    format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"))
}

fn api(client: &kube::Client, object: &Value) -> Api<DynamicObject> {
    let (group, version) = match text(object, "/apiVersion").split_once('/') {
        Some((group, version)) => (group, version),
        None => ("", text(object, "/apiVersion")),
    };
    let kind = GroupVersionKind::gvk(group, version, text(object, "/kind"));
    let namespace = text(object, "/metadata/namespace");
    Api::namespaced_with(client.clone(), namespace, &ApiResource::from_gvk(&kind))
}
