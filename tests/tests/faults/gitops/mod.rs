//! Whatever applies a rendered tree, and prunes what left it: no claim is lost, and nothing is refused.
//!
//! The appliers are real: `kpt live`, the library of Flux's kustomize-controller (`tests/applier`), and server-side apply
//! in the worst order, which prunes as Helm, Argo CD and kapp read their annotations. The last two go through the proxy,
//! which sees what the server refuses; kpt tells of every object.
//!
//! `WELLHEAD_FAULTS_CHANGES=200`, which `cargo xtask faults --changes 200 gitops` sets, says how many changes a walk has.

mod applier;
mod control;
mod spec;
mod steps;
mod walk;

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::StatefulSet;
use kube::Api;
use serde_json::Value;

use crate::bed::{Case, await_some, block_on};
use crate::oracle::lost_claims;
use crate::state::{State, text};
use applier::Applier;
use spec::Spec;

/// A tree, what applies it, and every claim that there ever was.
struct Garden {
    case: Case,
    applier: Applier,
    /// The state after the last sync.
    before: State,
    /// Claims that were rendered at some time.
    rendered: BTreeMap<String, Value>,
    /// Whether claims lose what keeps them before they are applied, to see that the appliers do prune.
    is_stripped: bool,
}

/// The annotations by which each tool keeps a claim.
const KEEPS: [&str; 5] = [
    "argocd.argoproj.io/sync-options",
    "client.lifecycle.config.k8s.io/deletion",
    "helm.sh/resource-policy",
    "kapp.k14s.io/delete-strategy",
    "kustomize.toolkit.fluxcd.io/prune",
];

impl Garden {
    fn new(name: &str, applier: Applier) -> Self {
        let case = Case::new(name);
        case.let_volumes_grow();
        applier.prepare(&case);
        let before = case.state();
        Self { case, applier, before, rendered: BTreeMap::new(), is_stripped: false }
    }

    /// Renders a version on top of the tree, and applies the tree. The result is everything that is wrong, and what was
    /// said by the rendering.
    fn sync(&mut self, spec: &Spec) -> (Vec<String>, String) {
        let folder = self.case.folder.path();
        std::fs::write(folder.join("db.yaml"), spec.text()).expect("it can be written");
        let layout = self.applier.layout();
        let ran =
            self.case.run(&["render", "-f", "db.yaml", "--output-dir", "tree", "--layout", layout]);
        if !ran.status.success() {
            return (vec![format!("it cannot be rendered: {}", ran.stderr)], ran.stderr);
        }
        for claim in self.tree().into_iter().filter(|it| it["kind"] == "PersistentVolumeClaim") {
            self.rendered.insert(text(&claim, "/metadata/name").to_owned(), claim);
        }
        if self.is_stripped {
            applier::edit(&folder.join("tree"), |line| !KEEPS.iter().any(|it| line.contains(it)));
        }
        self.case.proxy.take_record();
        let mut wrong: Vec<_> = self.applier.apply(&self.case).err().into_iter().collect();
        wrong.extend(self.refusals());
        if wrong.is_empty() {
            self.settle();
        }
        wrong.extend(self.losses());
        (wrong, ran.stderr)
    }

    /// Deletes the application, as each tool does.
    fn delete(&mut self) -> Vec<String> {
        self.case.proxy.take_record();
        let mut wrong: Vec<_> = self.applier.destroy(&self.case).err().into_iter().collect();
        wrong.extend(self.refusals());
        await_some("the StatefulSet is gone", || {
            let sets: Api<StatefulSet> = self.case.api();
            block_on(sets.get_opt("db")).expect("a read").is_none().then_some(())
        });
        wrong.extend(self.losses());
        wrong
    }

    /// What the server refused of what was written.
    fn refusals(&self) -> Vec<String> {
        let record = self.case.proxy.take_record();
        let refused = record.iter().filter(|it| {
            let conflict_of_versions = it.request.to_string().contains("resourcegroups");
            it.request.is_write() && !conflict_of_versions && it.code.is_none_or(|code| code >= 400)
        });
        refused.map(|it| format!("{} ends with {:?}", it.request, it.code)).collect()
    }

    /// Claims that are gone, are being deleted, or that nothing rendered made.
    fn losses(&mut self) -> Vec<String> {
        let after = self.case.state();
        let mut wrong = lost_claims(&self.before, &after);
        for (name, claim) in after.of("persistentvolumeclaims") {
            if claim.pointer("/metadata/deletionTimestamp").is_some() {
                wrong.push(format!("claim {name} is being deleted"));
            }
            if !self.rendered.contains_key(name) {
                wrong.push(format!("claim {name} was made and is in no tree"));
            }
        }
        self.before = after;
        wrong
    }

    /// Waits until every pod is ready, and every claim has its volume and size: a person changes no more before.
    fn settle(&self) {
        await_some("every pod is ready, and every claim has what it asks for", || {
            let state = self.case.state();
            let set = state.of("statefulsets").next()?.1;
            let number = |pointer: &str| set.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
            // Pods keep their template until somebody deletes them.
            let on_delete = set.pointer("/spec/updateStrategy/type") == Some(&"OnDelete".into());
            let ready = number("/status/readyReplicas") == number("/spec/replicas")
                && number("/status/replicas") == number("/spec/replicas")
                && (on_delete || number("/status/updatedReplicas") == number("/spec/replicas"))
                && number("/status/observedGeneration") == number("/metadata/generation");
            let mut claims = state.of("persistentvolumeclaims");
            let all = claims.all(|(_, claim)| {
                let asked = claim.pointer("/spec/resources/requests/storage");
                text(claim, "/status/phase") == "Bound"
                    && claim.pointer("/status/capacity/storage") == asked
            });
            (ready && all).then_some(())
        });
    }

    /// The objects of the tree.
    fn tree(&self) -> Vec<Value> {
        applier::objects(&self.case.folder.path().join("tree"))
    }
}
