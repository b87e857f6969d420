//! Which fields of an object would change, of those that Wellhead owns or would own.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};
use wellhead_render::{item_name, object_leaves};
use wellhead_spec::{FieldPath, OwnershipPolicy, PathMap, Segment};

use super::alike::alike;
use crate::decide::leftover::takeover::Takeover;
use crate::decide::plan::Step;
use crate::managed_fields::owners;
use crate::model::object::Kind;
use crate::model::ownership::Owner;

/// One leaf that would change, or the order of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its path in the object. Items of lists are named as in a pipeline.
    pub path: FieldPath,
    /// Its value now; none when it is not set.
    pub from: Option<Value>,
    /// Its value then; none when it would be removed.
    pub to: Option<Value>,
    /// Whether it is a list whose items have another order: `from` and `to` are their names.
    pub order: bool,
    /// Whether Wellhead owns it now.
    pub ours: bool,
    /// Who else owns it now.
    pub owners: Vec<Owner>,
    /// Whose value wins in that case, where the pipeline says so.
    pub policy: Option<OwnershipPolicy>,
}

/// The fields that we own or would own, as they are and as the server would store them.
pub(super) fn compared(step: &Step) -> (Value, Value) {
    let live = step.live.as_ref();
    let now = live.map(owners::ours).unwrap_or_default();
    match (&step.stage.stored, live) {
        (Some(preview), live) if !step.takes_over() => {
            let record = owners::union(now, &owners::ours(preview));
            let before = live.map_or(Value::Null, |live| owners::project(&record, live));
            (before, owners::project(&record, preview))
        }
        (preview, live) => {
            let wanted = without_identity(&step.body);
            let now = owners::union(now, &step.taken_record());
            let before = live.map_or(Value::Null, |live| alike(&wanted, live, &now));
            let after = match preview {
                Some(preview) => alike(&wanted, preview, &Value::Null),
                // The server said no, or was not asked.
                None => with_fixed(wanted, step),
            };
            (before, after)
        }
    }
}

/// What would be sent, with the new values of fields that cannot change.
fn with_fixed(mut body: Value, step: &Step) -> Value {
    for fixed in &step.fixed {
        if let Some(value) = body.pointer_mut(fixed.pointer) {
            *value = fixed.wanted.clone();
        }
    }
    body
}

/// What every apply must name, and no field manager owns.
fn without_identity(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|key, _| key != "apiVersion" && key != "kind");
    }
    if let Some(Value::Object(metadata)) = body.get_mut("metadata") {
        metadata.retain(|key, _| !["name", "namespace", "uid"].contains(&key.as_str()));
    }
    body
}

/// What would change of an object. Where nothing that is ours shows why the server would store another spec, the fields
/// of all others are compared, too.
pub(super) fn of_step(step: &Step, before: &Value, after: &Value) -> Vec<FieldChange> {
    let live = step.live.as_ref();
    let mut changes = between(before, after, live);
    // The spec of a claim moves by itself, while it gets its volume.
    if let (Kind::StatefulSet, Some(live), Some(preview)) =
        (step.object.kind, live, &step.stage.stored)
        && live.get("spec") != preview.get("spec")
    {
        let spec = FieldPath::of(["spec"]);
        let known: HashSet<_> = changes.iter().map(|it| it.path.clone()).collect();
        let orders = orders(&live["spec"], &preview["spec"], spec);
        changes.extend(orders.into_iter().filter(|it| !known.contains(&it.path)));
        for part in [&["spec", "template"][..], &["spec"]] {
            let path = FieldPath::of(part.iter().copied());
            let [was, is] = [live, preview].map(|it| only(it, part));
            if was != is && !changes.iter().any(|it| path.contains(&it.path)) {
                changes.extend(between(&was, &is, Some(live)));
            }
        }
    }
    let gone: Vec<_> = step.takeover().into_iter().flat_map(Takeover::gone).collect();
    let gone_paths: PathMap<()> = gone.iter().map(|it| it.path.clone()).collect();
    changes.retain(|it| gone_paths.at_or_above(&it.path).next().is_none());
    changes.extend(gone.into_iter().map(|gone| FieldChange {
        path: gone.path,
        from: Some(gone.value),
        to: None,
        order: false,
        ours: false,
        owners: gone.owners,
        policy: Some(OwnershipPolicy::Take),
    }));
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    changes
}

/// A part of an object alone.
fn only(object: &Value, part: &[&str]) -> Value {
    let found = part.iter().try_fold(object, |value, key| value.get(key));
    let found = found.cloned().unwrap_or_default();
    part.iter().rev().fold(found, |value, key| json!({*key: value}))
}

/// Every leaf that differs and every list in another order, by path.
pub(super) fn between(before: &Value, after: &Value, live: Option<&Value>) -> Vec<FieldChange> {
    let mut changes = orders(before, after, FieldPath::root());
    changes.extend(differing(before, after, live));
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    changes
}

/// Lists of which items that stay have another order, or occur more or less often. The server compares lists as
/// they are, and so does the controller that starts pods.
fn orders(before: &Value, after: &Value, at: FieldPath) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let mut open = vec![(at, before, after)];
    while let Some((path, old, new)) = open.pop() {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let both = old.iter().filter_map(|(key, old)| Some((key, old, new.get(key)?)));
                open.extend(both.map(|(key, old, new)| (path.key(key.as_str()), old, new)));
            }
            (Value::Array(old), Value::Array(new)) => {
                let (old, new) = (named(&path, old), named(&path, new));
                if is_reordered(&old, &new) {
                    let names = |items: &[(Segment, &Value)]| {
                        items.iter().map(|(name, _)| plain(name)).collect::<Value>()
                    };
                    let (from, to) = (Some(names(&old)), Some(names(&new)));
                    let (owners, policy) = (Vec::new(), None);
                    let path = path.clone();
                    found.push(FieldChange {
                        path,
                        from,
                        to,
                        order: true,
                        ours: true,
                        owners,
                        policy,
                    });
                }
                let new: HashMap<_, _> = new.into_iter().collect();
                let both = old.into_iter().filter_map(|(name, old)| {
                    let new = *new.get(&name)?;
                    Some((path.with(name), old, new))
                });
                open.extend(both);
            }
            _ => {}
        }
    }
    found
}

/// A name without the quotes of a path.
fn plain(name: &Segment) -> String {
    match name {
        Segment::Key(key) => key.to_string(),
        Segment::Index(index) => index.to_string(),
    }
}

/// The items of a list with their names.
fn named<'v>(list: &FieldPath, items: &'v [Value]) -> Vec<(Segment, &'v Value)> {
    let items = items.iter().enumerate();
    items.map(|(index, item)| (item_name(list, item, index), item)).collect()
}

fn is_reordered(old: &[(Segment, &Value)], new: &[(Segment, &Value)]) -> bool {
    fn names<'s>(items: &'s [(Segment, &Value)]) -> HashSet<&'s Segment> {
        items.iter().map(|(name, _)| name).collect()
    }
    let (was, is) = (names(old), names(new));
    if was.len() != old.len() || is.len() != new.len() {
        // Of items that occur twice, their leaves show the last alone.
        return old != new;
    }
    let stay = old.iter().map(|(name, _)| name).filter(|name| is.contains(name));
    !stay.eq(new.iter().map(|(name, _)| name).filter(|name| was.contains(name)))
}

/// Every leaf that differs, by its path.
fn differing(before: &Value, after: &Value, live: Option<&Value>) -> Vec<FieldChange> {
    let (old, new) = (leaves(before), leaves(after));
    let paths = old.keys().chain(new.keys().filter(|path| !old.contains_key(*path)));
    let mut paths: Vec<_> = paths.filter(|path| old.get(*path) != new.get(*path)).collect();
    // A map or list that gets its first field, or loses its last one, shows by that field.
    paths.retain(|path| !is_parent(path, &old, &new) && !is_parent(path, &new, &old));
    if paths.is_empty() {
        return Vec::new();
    }
    paths.sort();
    let others = live.map(owners::others).unwrap_or_default();
    let ours = live.map(|live| owners::project(&owners::ours(live), live)).unwrap_or_default();
    let ours = leaves(&ours);
    let change = |path: &FieldPath| FieldChange {
        path: path.clone(),
        from: old.get(path).map(|value| (*value).clone()),
        to: new.get(path).map(|value| (*value).clone()),
        order: false,
        ours: ours.contains_key(path),
        owners: others
            .iter()
            .filter(|(_, paths)| paths.contains(path))
            .map(|(owner, _)| owner.clone())
            .collect(),
        policy: None,
    };
    paths.into_iter().map(change).collect()
}

/// Whether a map or list that is empty in one has fields in the other.
fn is_parent(
    path: &FieldPath,
    empty: &BTreeMap<FieldPath, &Value>,
    other: &BTreeMap<FieldPath, &Value>,
) -> bool {
    let is_empty = empty.get(path).is_some_and(|it| **it == json!({}) || **it == json!([]));
    // What is inside a field is sorted directly behind it.
    let inside =
        || other.range::<FieldPath, _>(path..).next().is_some_and(|(it, _)| path.contains(it));
    is_empty && !other.contains_key(path) && inside()
}

fn leaves(value: &Value) -> BTreeMap<FieldPath, &Value> {
    object_leaves(value).into_iter().filter(|(path, _)| !path.segments().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::between;

    fn container(name: &str, image: &str) -> Value {
        json!({"name": name, "image": image})
    }

    fn stateful_set(containers: &[Value]) -> Value {
        json!({"spec": {"template": {"spec": {"containers": containers}}}})
    }

    #[test]
    fn items_are_compared_by_their_name_and_not_by_their_place() {
        let before = stateful_set(&[container("a", "x:1")]);
        let after = stateful_set(&[container("new", "y:1"), container("a", "x:2")]);
        let changes = between(&before, &after, None);
        let shown: Vec<_> = changes
            .iter()
            .map(|it| format!("{} {:?} {:?}", it.path, it.from.is_some(), it.to.is_some()))
            .collect();
        assert_eq!(
            shown,
            [
                "spec.template.spec.containers.a.image true true",
                "spec.template.spec.containers.new.image false true",
                "spec.template.spec.containers.new.name false true",
            ]
        );
    }

    fn variables(names: &[&str]) -> Value {
        let one = |(index, name): (usize, &&str)| json!({"name": name, "value": index.to_string()});
        let env: Value = names.iter().enumerate().map(one).collect();
        stateful_set(&[json!({"name": "a", "env": env})])
    }

    fn orders(before: &Value, after: &Value) -> Vec<String> {
        let changes = between(before, after, None);
        let orders = changes.iter().filter(|it| it.order);
        let shown = |value: &Option<Value>| value.clone().unwrap_or_default().to_string();
        orders.map(|it| format!("{} {} {}", it.path, shown(&it.from), shown(&it.to))).collect()
    }

    #[test]
    fn another_order_is_a_change_of_the_list() {
        let path = "spec.template.spec.containers.a.env";
        assert_eq!(
            orders(&variables(&["A", "B"]), &variables(&["B", "A"])),
            [format!(r#"{path} ["A","B"] ["B","A"]"#)]
        );
        assert_eq!(orders(&variables(&["A", "B"]), &variables(&["NEW", "A", "B"])), [""; 0]);
        assert_eq!(
            orders(&variables(&["A", "B", "C"]), &variables(&["C", "B"])),
            [format!(r#"{path} ["A","B","C"] ["C","B"]"#)]
        );
    }

    #[test]
    fn an_item_that_stands_twice_is_no_longer_the_same_list_without_its_double() {
        let (twice, once) = (variables(&["A", "A"]), variables(&["A"]));
        let path = "spec.template.spec.containers.a.env";
        assert_eq!(orders(&twice, &once), [format!(r#"{path} ["A","A"] ["A"]"#)]);
        assert_eq!(orders(&twice, &twice), [""; 0]);
    }

    #[test]
    fn a_change_names_who_owns_the_field_now() {
        let mut live = json!({"spec": {"replicas": 5}});
        live["metadata"]["managedFields"] = json!([{"manager": "hpa", "operation": "Update",
            "fieldsV1": {"f:spec": {"f:replicas": {}}}}]);
        let before = json!({"spec": {"replicas": 5}});
        let changes = between(&before, &json!({"spec": {"replicas": 3}}), Some(&live));
        assert_eq!(changes.len(), 1);
        assert!(!changes[0].ours);
        assert_eq!(changes[0].owners[0].manager, "hpa");
    }
}
