//! What a StatefulSet keeps.

use serde_json::Value;

use super::claim::{is_same_template, mode};
use super::{CLAIM, Frozen, Kept, Named, Previous, Refused, keep_field, put};
use crate::Object;

const TEMPLATES: &str = "volumeClaimTemplates";

/// Puts what a StatefulSet cannot change as it was.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/apps/validation/validation.go>,
/// `ValidateStatefulSetUpdate`.
pub(super) fn keep(was: Option<&Value>, next: &mut Object, frozen: &mut Frozen) {
    let Some(spec) = was.map(|it| &it["spec"]) else { return };
    keep_field(spec, next, "serviceName", &mut frozen.kept);
    let policy =
        |of: &Value| of["podManagementPolicy"].as_str().unwrap_or("OrderedReady").to_owned();
    if policy(spec) == policy(&next.value["spec"]) {
        put(spec, &mut next.value, "podManagementPolicy");
    } else {
        keep_field(spec, next, "podManagementPolicy", &mut frozen.kept);
    }
    if has_filled_in_partition(&spec["updateStrategy"])
        && next.value["spec"]["updateStrategy"]["type"] == "OnDelete"
    {
        keep_field(spec, next, "updateStrategy", &mut frozen.kept);
    }
    selector(spec, next, frozen);
    templates(spec, next, frozen);
}

/// Whether the server has filled in a `rollingUpdate.partition`. Nobody owns it, so that no apply takes it away, and
/// beside `OnDelete` the server refuses it. `SetDefaults_StatefulSet` of Kubernetes.
fn has_filled_in_partition(strategy: &Value) -> bool {
    let is_said = !strategy["rollingUpdate"]["partition"].is_null();
    let is_rolling = strategy["type"].is_null() || !strategy["rollingUpdate"].is_null();
    is_rolling && !is_said
}

/// A selector stays where it still finds the pods.
fn selector(spec: &Value, next: &mut Object, frozen: &mut Frozen) {
    let labels = &next.value["spec"]["template"]["metadata"]["labels"];
    let selected = &spec["selector"]["matchLabels"];
    let found =
        selected.as_object().into_iter().flatten().all(|(key, value)| labels[key] == *value);
    if found && spec["selector"]["matchExpressions"].is_null() {
        keep_field(spec, next, "selector", &mut frozen.kept);
    } else if spec["selector"] != next.value["spec"]["selector"] {
        let asked = &next.value["spec"]["selector"]["matchLabels"];
        frozen.refused.push(refused(
            next,
            "selector",
            format!("the selector {selected} would become {asked}"),
            "the selector of a StatefulSet is immutable, and the new pods would not match it",
        ));
    }
}

/// Replicas that would go, and their claims with them: no annotation keeps a claim from the StatefulSet's controller.
pub(super) fn deletes_claims(
    was: Option<&Value>,
    next: &Object,
    left: &[Named],
) -> Option<Refused> {
    let (was, now) = (&was?["spec"], &next.value["spec"]);
    if !deletes_when_scaled(&next.value) {
        return None;
    }
    let mut claims = left.iter().filter(|it| it.kind == CLAIM);
    let what = if now["replicas"].is_null() {
        let had = was["replicas"].as_i64().filter(|it| *it > 1)?;
        format!("`replicas` falls from {had} to 1 unless another field manager has set it")
    } else {
        let first = &claims.next()?.name;
        let others = match claims.count() {
            0 => String::new(),
            others => format!(" and of {others} more"),
        };
        format!("the replica of the claim {first}{others} goes")
    };
    let why = "with `whenScaled: Delete` Kubernetes deletes the claims of replicas that go, and their data";
    Some(refused(next, "replicas", what, why))
}

/// Whether the claims of replicas that go are deleted.
pub(super) fn deletes_when_scaled(set: &Value) -> bool {
    set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenScaled"] == "Delete"
}

/// Claim templates stay where they are the same ones by name.
fn templates(spec: &Value, next: &mut Object, frozen: &mut Frozen) {
    let list = |of: &Value| of[TEMPLATES].as_array().cloned().unwrap_or_default();
    let (old, new) = (list(spec), list(&next.value["spec"]));
    let missing = |of: &[Value], from: &[Value]| -> Vec<String> {
        let known: Vec<_> = from.iter().map(name).collect();
        of.iter().map(name).filter(|it| !known.contains(it)).map(str::to_owned).collect()
    };
    let changes = [("is new", missing(&new, &old)), ("is gone", missing(&old, &new))];
    let mut refuse = |what: String, why| frozen.refused.push(refused(next, TEMPLATES, what, why));
    for (how, claim) in
        changes.iter().flat_map(|(how, names)| names.iter().map(move |it| (how, it)))
    {
        refuse(
            format!("the claim \"{claim}\" {how}"),
            "the claim templates of a StatefulSet are immutable, and its pods get their volumes from them",
        );
    }
    let mut differing = Vec::new();
    for (old, new) in
        old.iter().filter_map(|old| Some((old, new.iter().find(|it| name(it) == name(old))?)))
    {
        let modes = [old, new].map(|it| mode(&it["spec"]["volumeMode"]));
        if modes[0] != modes[1] {
            refuse(
                format!(
                    "the claim \"{}\" would become {} instead of {}",
                    name(old),
                    modes[1],
                    modes[0]
                ),
                "the mode of a volume is immutable, and the containers would not find it",
            );
        } else if !is_same_template(old, new) {
            differing.push((name(old).to_owned(), old.clone(), new.clone()));
        }
    }
    put(spec, &mut next.value, TEMPLATES);
    frozen.kept.extend(differing.into_iter().map(|(template, stays, asked)| Kept {
        kind: next.kind.clone(),
        name: next.name.clone(),
        field: format!("spec.{TEMPLATES}.{template}"),
        stays,
        asked,
    }));
}

/// The Service that was rendered for a StatefulSet that now asks for another one, and cannot have it.
pub(super) fn other_service(
    previous: &Previous,
    before: Option<&Value>,
    asked: &Object,
) -> Option<Object> {
    let name = before?["spec"]["serviceName"].as_str()?;
    let is_other = asked.value["spec"]["serviceName"] != *name;
    is_other.then(|| previous.service(asked.namespace.as_deref(), name))?
}

fn refused(next: &Object, field: &str, what: String, why: &'static str) -> Refused {
    let (kind, name) = (next.kind.clone(), next.name.clone());
    Refused { kind, name, field: format!("spec.{field}"), what, why }
}

/// The name of a claim template.
pub(super) fn name(template: &Value) -> &str {
    template["metadata"]["name"].as_str().unwrap_or_default()
}
