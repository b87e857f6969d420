//! What there is to say when something is rendered on top of what was rendered before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wellhead::{Frozen, Kept, Named, Refused};
use wellhead_chain::sanitize;
use wellhead_diagnostics::Code;
use wellhead_spec::from_difference;

use crate::cli::output::diagnostic::Diagnostic;

/// Most characters of a value.
const VALUE: usize = 400;
/// Objects that one message names.
const NAMED: usize = 10;
const CLAIM: &str = "PersistentVolumeClaim";
const SET: &str = "StatefulSet";
const REPLICAS: &str = "spec.replicas";
const SIZE: &str = "spec.resources.requests.storage";
const STRATEGY: &str = "spec.updateStrategy";
const TEMPLATES: &str = "spec.volumeClaimTemplates";

/// Where the objects are that were rendered before.
pub(crate) enum Before<'a> {
    /// In the files of a tree.
    Tree(&'a [PathBuf]),
    /// In what was named.
    Named(&'a Path),
}

impl Before<'_> {
    /// The file of an object.
    fn file(&self, kind: &str, name: &str) -> String {
        match self {
            Self::Named(path) => path.display().to_string(),
            Self::Tree(files) => {
                let file = format!("{}-{name}.yaml", kind.to_lowercase());
                let found = files.iter().find(|it| it.ends_with(&file));
                found.map_or(file, |it| it.display().to_string())
            }
        }
    }
}

/// Everything that should be looked at.
pub(crate) fn of_frozen(frozen: &Frozen, before: &Before<'_>) -> Vec<Diagnostic> {
    let mut groups: BTreeMap<[String; 4], Vec<&Kept>> = BTreeMap::new();
    for kept in &frozen.kept {
        let Kept { kind, field, stays, asked, .. } = kept;
        let key = [kind.clone(), field.clone(), stays.to_string(), asked.to_string()];
        groups.entry(key).or_default().push(kept);
    }
    let mut said: Vec<_> = groups.values().map(|kept| of_kept(kept, frozen, before)).collect();
    let is_fixed =
        |it: &&Kept| it.kind == SET && it.field != STRATEGY && !it.field.starts_with(TEMPLATES);
    let fixed: Vec<&str> =
        frozen.kept.iter().filter(is_fixed).map(|it| it.field.as_str()).collect();
    // Objects of the other kinds are sorted before it.
    if let Some(last) = said.last_mut().filter(|_| !fixed.is_empty()) {
        *last = last.clone().hint(recreate(frozen, before, &fixed));
    }
    for kind in [CLAIM, "Service"] {
        let left: Vec<&Named> = frozen.left.iter().filter(|it| it.kind == kind).collect();
        said.extend(of_left(&left, frozen, before));
    }
    said
}

/// What cannot be.
pub(crate) fn of_refused(frozen: &Frozen, before: &Before<'_>) -> Vec<Diagnostic> {
    let one = |refused: &Refused| {
        let Refused { kind, name, field, what, why } = refused;
        let (object, file) = (shown(kind, name), before.file(kind, name));
        let message = format!("{what}, and {object} is in {file} already");
        let mut one = Diagnostic::error(Code::RenderedFieldImmutable, message).fact(*why);
        one.object = Some(object);
        one.field = Some(field.clone());
        one
    };
    let (scaled, fixed): (Vec<_>, Vec<_>) =
        frozen.refused.iter().partition(|it| it.field == REPLICAS);
    let mut said: Vec<_> = scaled.into_iter().map(one).collect();
    if let Some(last) = said.pop() {
        let file = before.file(SET, &frozen.refused[0].name);
        let last = last.hint("keep the claims: write `whenScaled: Retain`, also if only for as long as that is applied");
        said.push(last.hint(format!("to let their data go, delete {file} and render again")));
    }
    said.extend(fixed.iter().copied().map(one));
    if let Some(last) = said.pop_if(|_| !fixed.is_empty()) {
        let fields: Vec<&str> = fixed.iter().map(|it| it.field.as_str()).collect();
        let last = last.hint("take the change back, or give the claim another name");
        said.push(last.hint(recreate(frozen, before, &fields)));
    }
    said
}

/// Claims whose controller would make them otherwise, if it came first.
pub(crate) fn of_order(frozen: &Frozen) -> Option<Diagnostic> {
    let (first, others) = frozen.differing.split_first()?;
    let message = format!("{} is new, and not as its claim template", shown(CLAIM, first));
    let mut one = Diagnostic::warning(Code::ClaimsBeforeStatefulSet, message)
        .fact("Flux and kpt apply a StatefulSet before its claims, and its controller makes them by the template first")
        .hint("for Flux, add `--layout flux`; for kpt, make its folders `claims` and `workload` two packages");
    one.object = Some(shown(CLAIM, first));
    one.also = others.iter().map(|it| shown(CLAIM, it)).collect();
    Some(one)
}

fn of_kept(kept: &[&Kept], frozen: &Frozen, before: &Before<'_>) -> Diagnostic {
    let Kept { kind, name, field, stays, asked } = kept[0];
    let (object, file) = (shown(kind, name), before.file(kind, name));
    let template = field.strip_prefix(TEMPLATES).and_then(|it| it.strip_prefix('.'));
    let mut one = if let Some(template) = template {
        let message =
            format!("the claim template `{template}` of {object} keeps the value in {file}");
        Diagnostic::warning(Code::RenderedFieldKept, message)
            .fact("claim templates of a StatefulSet are immutable; the claims are rendered as the pipeline sets them")
            .hint("only replicas that something else adds, such as an autoscaler, get volumes by the template")
    } else {
        let short = field.strip_prefix("spec.").unwrap_or(field);
        let message = format!("`{short}` of {object} stays {} as in {file}", value(stays, asked));
        let why = match field.as_str() {
            SIZE => "volumes cannot shrink",
            STRATEGY => {
                "the server refuses it together with the `rollingUpdate` that it has defaulted"
            }
            _ => "the field is immutable",
        };
        let asked = value(asked, stays);
        Diagnostic::warning(Code::RenderedFieldKept, message)
            .fact(format!("the pipeline asks for {asked}, and {why}"))
    };
    for it in frozen.retained.iter().filter(|_| field == "spec.serviceName") {
        let object = shown(&it.kind, &it.name);
        one = one.fact(format!("{object} stays, too: the pods have their DNS names by it"));
    }
    if field == STRATEGY {
        let first = "`updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}`";
        one = one.hint(format!("render and apply {first} first; then remove it"));
    }
    if kind == CLAIM && ["spec.storageClassName", SIZE].contains(&field.as_str()) {
        one = one.hint("`ordinals` of the claim gives new replicas a class or size of their own");
    }
    one.object = Some(object);
    one.field = Some(field.clone());
    one.also = kept[1..].iter().map(|it| shown(&it.kind, &it.name)).collect();
    one
}

fn of_left(left: &[&Named], frozen: &Frozen, before: &Before<'_>) -> Option<Diagnostic> {
    let Named { kind, name } = left.first()?;
    let object = shown(kind, name);
    let message = match left.len() - 1 {
        0 => format!("{object} leaves what is rendered"),
        others => format!("{object} and {others} more leave what is rendered"),
    };
    let mut one = Diagnostic::warning(Code::ObjectNoLongerRendered, message);
    for it in left.iter().take(NAMED) {
        one = one.fact(before.file(&it.kind, &it.name));
    }
    one.object = Some(object);
    if kind != CLAIM {
        let fact = "tools that prune delete it, and the pods lose their DNS names until something else creates it";
        return Some(one.fact(fact));
    }
    let names: Vec<&str> = left.iter().take(NAMED).map(|it| it.name.as_str()).collect();
    let command = format!("kubectl delete pvc{} {}", in_namespace(frozen), names.join(" "));
    let fact = match left.len() {
        _ if frozen.deletes_when_scaled() => {
            return Some(one.fact(
                "`whenScaled: Delete` lets Kubernetes delete the claims of replicas that go, and their data",
            ));
        }
        1 => {
            "it stays in the cluster with its volume, and is used again when its replica comes back"
        }
        _ => {
            "they stay in the cluster with their volumes, and are used again when their replicas come back"
        }
    };
    Some(one.fact(fact).hint(format!("to delete the data for good: `{command}`")))
}

/// How to recreate a StatefulSet with immutable fields that change.
fn recreate(frozen: &Frozen, before: &Before<'_>, fields: &[&str]) -> String {
    let set = frozen.objects.iter().find(|it| it.kind == SET);
    let (name, namespace) = (set.map_or("", |it| it.name.as_str()), in_namespace(frozen));
    let file = before.file(SET, name);
    let orphan = format!("`kubectl delete statefulset{namespace} {name} --cascade=orphan`");
    let rest = if fields.contains(&"spec.selector") {
        format!(
            "and `kubectl delete pods{namespace} -l SELECTOR` with the selector of {file}: claims are kept, and pods are recreated"
        )
    } else {
        "pods and claims are kept, and the new StatefulSet adopts them".to_owned()
    };
    let stop = if fields.contains(&"spec.selector") { " " } else { ": " };
    format!(
        "to change it, delete {file} and render again; before that is applied, {orphan}{stop}{rest}"
    )
}

fn in_namespace(frozen: &Frozen) -> String {
    let namespace = frozen.objects.first().and_then(|it| it.namespace.as_ref());
    namespace.map(|it| format!(" -n {it}")).unwrap_or_default()
}

fn shown(kind: &str, name: &str) -> String {
    format!("{}/{name}", kind.to_lowercase())
}

/// A value that is set against another one.
fn value(value: &Value, other: &Value) -> String {
    if value.is_null() {
        return "unset".to_owned();
    }
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let text = sanitize(&from_difference(&text(value), &text(other), VALUE), VALUE);
    format!("`{text}`")
}
