//! Fields that the pipeline and another field manager set, where the pipeline says whose value wins.
//!
//! What is sent for them is decided from the live object and its managedFields alone, before anything is compared:
//! their value (`share`), nothing (`yield`), or ours (`take`), which the server then refuses until it is forced.

pub(crate) mod contested;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use wellhead_render::OwnedField;
use wellhead_spec::{FieldPath, OwnershipPolicy};

use crate::model::ownership::SharedField;
use contested::ContestedField;

/// The policies of the fields of one object, by the leaves that we would set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(BTreeMap<FieldPath, OwnershipPolicy>);

/// The policies of each object, by its kind and name. The last that names a field decides.
pub(crate) fn by_object(owned: &[OwnedField]) -> HashMap<(&str, &str), Policies> {
    let mut objects: HashMap<_, Policies> = HashMap::new();
    for OwnedField { kind, name, path, policy, .. } in owned {
        let own = objects.entry((kind.as_str(), name.as_str())).or_default();
        own.0.insert(path.clone(), *policy);
    }
    objects
}

impl Policies {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The policy of a field. Of one that the server replaces as a whole: the most yielding of its parts.
    pub(crate) fn at(&self, field: &FieldPath) -> Option<OwnershipPolicy> {
        // What is inside a field is sorted directly behind it.
        let inside = self.0.range(field.clone()..).take_while(|(path, _)| field.contains(path));
        inside.map(|(_, policy)| *policy).max()
    }

    /// Puts the live values into what will be sent where others set them and may keep them. The result says of which
    /// fields a policy decided.
    pub(crate) fn resolve(&self, body: &mut Value, live: &Value) -> Vec<ContestedField> {
        if self.is_empty() {
            return Vec::new();
        }
        let contested = contested::find(self, body, live);
        for field in contested.iter().filter(|field| field.shared.policy != OwnershipPolicy::Take) {
            if let (Some(live), Some(ours)) = (&field.live, body.pointer_mut(&field.pointer)) {
                *ours = live.clone();
            }
        }
        contested
    }

    /// What will be sent, decided again from an object that was read again.
    pub(crate) fn resolve_again(&self, body: &mut Value, live: &Value) {
        let contested = self.resolve(body, live);
        drop_yielded(body, &contested);
    }
}

/// Leaves what is given up out of what will be sent, and maps and items of which nothing is left.
pub(crate) fn drop_yielded(body: &mut Value, contested: &[ContestedField]) {
    let given_up: Vec<_> = contested.iter().filter(|field| field.is_given_up()).collect();
    // The last first, so that the positions of those before it stay right.
    for field in given_up.iter().rev().filter(|field| !field.is_key) {
        remove(body, &field.pointer);
    }
    // Of an item the keys go last, and only when nothing else is left: the innermost items before those around them.
    let mut items = HashMap::<&str, (usize, usize, Vec<&str>)>::new();
    for (position, field) in given_up.iter().enumerate().filter(|(_, field)| field.is_key) {
        let Some((item, key)) = field.pointer.rsplit_once('/') else { continue };
        let depth = item.matches('/').count();
        items.entry(item).or_insert((depth, position, Vec::new())).2.push(key);
    }
    let mut items: Vec<_> = items
        .into_iter()
        .map(|(item, (depth, position, keys))| (depth, position, item, keys))
        .collect();
    items.sort();
    for (.., item, keys) in items.into_iter().rev() {
        let fields = body.pointer(item).and_then(Value::as_object);
        if fields.is_some_and(|fields| fields.keys().all(|it| keys.contains(&it.as_str()))) {
            remove(body, item);
        }
    }
}

/// The fields that are left to others, as they are reported. Keys of items go with the fields beside them.
pub(crate) fn left_to_others(contested: Vec<ContestedField>) -> Vec<SharedField> {
    let left =
        contested.into_iter().filter(|it| !it.is_key && it.shared.policy != OwnershipPolicy::Take);
    left.map(|field| field.shared).collect()
}

/// Removes a field or an item, and what is empty without it.
fn remove(body: &mut Value, pointer: &str) {
    let mut pointer = pointer;
    while let Some((parent, last)) = pointer.rsplit_once('/') {
        match body.pointer_mut(parent) {
            Some(Value::Object(fields)) => {
                fields.remove(&last.replace("~1", "/").replace("~0", "~"));
                if !fields.is_empty() {
                    return;
                }
            }
            Some(Value::Array(items)) => {
                if let Some(index) = last.parse().ok().filter(|it| *it < items.len()) {
                    items.remove(index);
                }
                if !items.is_empty() {
                    return;
                }
            }
            _ => return,
        }
        pointer = parent;
    }
}

#[cfg(test)]
mod tests;
