//! The server's managedFields: who is in it, and what becomes of their entries.
//!
//! Its format, `FieldsV1`: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Found, Role, Unit};
use crate::managed_fields::owners;
use crate::model::json;
use crate::model::object::{FIELD_MANAGER, Kind, MANAGED_BY};
use crate::model::ownership::Owner;

/// Tools by which people write whole workloads, by the beginnings of their names.
const APPLIERS: [&str; 11] = [
    "kubectl",
    "helm",
    "argocd",
    "kustomize",
    "flux",
    "pulumi",
    "terraform",
    "kapp",
    "kluctl",
    "before-first-apply",
    "openapi-generator",
];

/// Commands that give an order or a note, and say nothing of what a workload is.
const ORDERS: [&str; 6] = [
    "kubectl-annotate",
    "kubectl-autoscale",
    "kubectl-debug",
    "kubectl-label",
    "kubectl-rollout",
    "kubectl-scale",
];

/// What only the whole manifest of a workload has, in a record.
const MAKER: [&str; 2] = ["f:spec", "f:selector"];

/// The entries of an object.
pub(super) fn entries(kind: Kind, live: &Value) -> Vec<Entry<'_>> {
    let entries = json::items(live, "/metadata/managedFields").iter().enumerate();
    let entries = entries.filter_map(|(at, entry)| {
        let text = |pointer| json::text(entry, pointer);
        let fields = entry.get("fieldsV1")?;
        let (manager, applied) = (text("/manager"), text("/operation") == "Apply");
        // What admission adds to our writes, or what we created whole, is in an entry of its own.
        let is_creator = manager == FIELD_MANAGER && !applied;
        if !text("/subresource").is_empty()
            || is_creator
            || text("/apiVersion") != kind.api_version()
        {
            return None;
        }
        let role = match manager {
            FIELD_MANAGER => Role::Ours,
            _ if is_applier(kind, manager, fields) => Role::Applier,
            _ => Role::Other,
        };
        let time = Some(text("/time").to_owned()).filter(|it| !it.is_empty());
        let owner = Owner { manager: manager.to_owned(), subresource: None, time };
        Some(Entry { at, role, owner, fields })
    });
    entries.collect()
}

fn is_applier(kind: Kind, manager: &str, fields: &Value) -> bool {
    let manager = manager.to_lowercase();
    let is_maker = || kind != Kind::PersistentVolumeClaim && get(fields, &MAKER).is_some();
    (APPLIERS.iter().any(|it| manager.starts_with(it)) && !ORDERS.contains(&manager.as_str()))
        || is_maker()
}

/// What is to become of the record.
pub(super) struct Change<'u> {
    /// What goes with the next apply.
    pub(super) drops: Vec<&'u Unit>,
    /// What stays with who applied the object before, where their entries end otherwise.
    pub(super) kept: Option<Vec<&'u Unit>>,
}

/// The record after a change: what goes is ours alone, so that the next apply, which does not say it, removes it. The
/// entries of earlier appliers keep what stays.
pub(super) fn changed(
    kind: Kind,
    live: &Value,
    entries: &[Entry<'_>],
    found: &Found,
    change: &Change<'_>,
) -> Vec<Value> {
    let mut record = json::items(live, "/metadata/managedFields").to_vec();
    let mut ended = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        let fields = &mut record[entry.at]["fieldsV1"];
        match (entry.role, &change.kept) {
            (Role::Ours, _) => {
                for unit in &change.drops {
                    insert(fields, &unit.record, json!({}));
                }
            }
            (Role::Applier, Some(kept)) => {
                *fields = left(entry.fields, number, kept, found);
            }
            _ => {
                let dropped = change.drops.iter().filter(|it| it.entries.contains(&number));
                dropped.for_each(|unit| remove(fields, &unit.record));
            }
        }
        if fields.as_object().is_none_or(Map::is_empty) {
            ended.push(entry.at);
        }
    }
    for at in ended.into_iter().rev() {
        record.remove(at);
    }
    let has_ours = entries.iter().any(|it| it.role == Role::Ours);
    if !has_ours && (!change.drops.is_empty() || change.kept.is_some()) {
        let mut fields = json!({});
        // The server takes a record without entries for one that was never kept, and every field for another manager's.
        let label = ["f:metadata", "f:labels", &format!("f:{}", MANAGED_BY.0)].map(str::to_owned);
        let drops = change.drops.iter().map(|unit| unit.record.as_slice());
        for path in drops.chain([label.as_slice()]) {
            insert(&mut fields, path, json!({}));
        }
        record.push(json!({"manager": FIELD_MANAGER, "operation": "Apply",
            "apiVersion": kind.api_version(), "fieldsType": "FieldsV1", "fieldsV1": fields}));
    }
    record
}

/// What an earlier applier keeps: what stays behind, what policies leave to it, and what no pipeline says.
fn left(fields: &Value, number: usize, kept: &[&Unit], found: &Found) -> Value {
    let metadata = fields.get("f:metadata").and_then(Value::as_object);
    let metadata = metadata.into_iter().flat_map(Map::keys);
    // The pipeline has a say in labels and annotations alone.
    let metadata =
        metadata.filter(|key| !["f:labels", "f:annotations", "."].contains(&key.as_str()));
    let mut paths: Vec<_> =
        metadata.map(|key| vec!["f:metadata".to_owned(), key.clone()]).collect();
    let stay = kept.iter().filter(|it| it.entries.contains(&number)).map(|it| &it.record);
    paths.extend(stay.chain(&found.shared).cloned());
    if paths.iter().any(|path| path[0] == MAKER[0] && get(fields, path).is_some()) {
        // By this it is known again as the maker.
        paths.push(MAKER.map(str::to_owned).to_vec());
    }
    let mut left = json!({});
    for path in &paths {
        if let Some(part) = get(fields, path) {
            insert(&mut left, path, part.clone());
        }
    }
    left
}

pub(super) fn get<'r>(record: &'r Value, path: &[impl AsRef<str>]) -> Option<&'r Value> {
    path.iter().try_fold(record, |record, key| record.get(key.as_ref()))
}

/// Adds a field to a record. What is owned as a whole stays so.
pub(super) fn insert(record: &mut Value, path: &[String], part: Value) {
    let added = path.iter().rev().fold(part, |part, key| json!({key.as_str(): part}));
    let before = match record.take() {
        Value::Object(fields) if fields.is_empty() => Value::Null,
        before => before,
    };
    *record = owners::union(before, &added);
}

/// Removes a field from a record, and what is empty without it: that would mean the whole field.
fn remove(record: &mut Value, path: &[String]) {
    let (Some((key, below)), Some(fields)) = (path.split_first(), record.as_object_mut()) else {
        return;
    };
    if let Some(part) = fields.get_mut(key) {
        remove(part, below);
        if below.is_empty() || part.as_object().is_some_and(Map::is_empty) {
            fields.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn what_is_removed_takes_empty_parents_with_it_and_leaves_the_rest() {
        let mut record = json!({"f:a": {"f:b": {"f:c": {}}, "f:d": {}}, "f:e": {"f:f": {}}});
        remove(&mut record, &path(&["f:e", "f:f"]));
        remove(&mut record, &path(&["f:a", "f:b"]));
        remove(&mut record, &path(&["f:none", "f:b"]));
        assert_eq!(record, json!({"f:a": {"f:d": {}}}));
    }

    #[test]
    fn what_is_inserted_stands_beside_the_rest() {
        let mut record = json!({});
        insert(&mut record, &path(&["f:a", "f:b"]), json!({}));
        insert(&mut record, &path(&["f:a", "f:c"]), json!({}));
        assert_eq!(record, json!({"f:a": {"f:b": {}, "f:c": {}}}));
    }

    #[test]
    fn who_made_the_object_and_tools_that_apply_are_appliers() {
        let maker = json!({"f:spec": {"f:selector": {}}});
        let part = json!({"f:spec": {"f:replicas": {}}});
        let is = |manager: &str, fields| is_applier(Kind::StatefulSet, manager, fields);
        assert!(is("my-operator", &maker) && !is("my-operator", &part));
        for manager in
            ["kubectl-client-side-apply", "helm", "argocd-controller", "pulumi-kubernetes-1"]
        {
            assert!(is(manager, &part), "{manager}");
        }
        for manager in ["kubectl-rollout", "kubectl-scale", "hpa", "kube-controller-manager"] {
            assert!(!is(manager, &part), "{manager}");
        }
        assert!(!is_applier(Kind::PersistentVolumeClaim, "kube-controller-manager", &maker));
    }
}
