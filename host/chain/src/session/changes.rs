//! What an edit of a map or list changes of it: parts of maps, and items of lists.
//!
//! A plugin that sets a map with one more part decides that part, and no other.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;
use wellhead_spec::draft::{ListKey, list_key};
use wellhead_spec::{FieldPath, Segment};

use crate::Write;

/// What an edit changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// Fields that it sets, changes or removes. What stands below one of them is part of it.
    pub(crate) parts: Vec<FieldPath>,
    /// Lists without keys that were there before and are there after.
    pub(crate) lists: Vec<ListChange>,
}

/// What an edit changes of a list without keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListChange {
    pub(crate) list: FieldPath,
    /// Where each item stood before, if it did.
    pub(crate) kept: Vec<Option<usize>>,
    /// The items that come in, and where.
    pub(crate) added: Vec<(usize, Value)>,
    /// Where the items stood that go.
    pub(crate) gone: Vec<usize>,
    /// Those of them that do not come in elsewhere.
    pub(crate) dropped: Vec<Value>,
}

impl ListChange {
    fn of(list: FieldPath, old: &[Value], new: &[Value]) -> Self {
        let kept = aligned(old, new);
        let stays: HashSet<usize> = kept.iter().flatten().copied().collect();
        let added = kept.iter().enumerate().filter(|it| it.1.is_none());
        let added: Vec<_> = added.map(|(at, _)| (at, new[at].clone())).collect();
        let gone: Vec<_> = (0..old.len()).filter(|at| !stays.contains(at)).collect();
        let moved: HashSet<String> = if gone.is_empty() {
            HashSet::new()
        } else {
            added.iter().map(|it| it.1.to_string()).collect()
        };
        let dropped = gone.iter().map(|at| &old[*at]);
        let dropped = dropped.filter(|it| !moved.contains(&it.to_string())).cloned().collect();
        Self { list, kept, added, gone, dropped }
    }
}

impl Changes {
    /// What an edit changes that sets this field over that value.
    pub(crate) fn of(path: &FieldPath, old: Option<&Value>, new: Option<&Value>) -> Self {
        let mut changes = Self::default();
        changes.add(path.clone(), old, new);
        changes
    }

    fn add(&mut self, at: FieldPath, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) if old == new => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                for (key, value) in old {
                    self.add(at.key(key.as_str()), Some(value), new.get(key));
                }
                for (key, value) in new.iter().filter(|it| !old.contains_key(it.0)) {
                    self.add(at.key(key.as_str()), None, Some(value));
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => {
                let keys = list_key(at.segments());
                if keys == ListKey::Index {
                    self.lists.push(ListChange::of(at, old, new));
                } else {
                    self.add_items(at, keys, old, new);
                }
            }
            _ => self.parts.push(at),
        }
    }

    /// The changes of a list whose items have keys. Their order is a part of the list, and so are keys that are missing
    /// or there twice.
    fn add_items(&mut self, list: FieldPath, keys: ListKey, old: &[Value], new: &[Value]) {
        let by_key = |items: &[Value]| -> Option<HashMap<String, usize>> {
            let named =
                items.iter().enumerate().map(|(at, it)| Some((keys.of(it)?.to_string(), at)));
            let named: HashMap<_, _> = named.collect::<Option<_>>()?;
            (named.len() == items.len()).then_some(named)
        };
        let (Some(was), Some(is)) = (by_key(old), by_key(new)) else {
            return self.parts.push(list);
        };
        let key = |item: &Value| keys.of(item).map(|it| it.to_string()).unwrap_or_default();
        let places: Vec<_> = new.iter().filter_map(|it| was.get(&key(it))).collect();
        if !places.is_sorted() {
            return self.parts.push(list);
        }
        for item in old {
            let key = key(item);
            let after = is.get(&key).and_then(|at| new.get(*at));
            self.add(list.key(key.as_str()), Some(item), after);
        }
        for item in new {
            let key = key(item);
            if !was.contains_key(&key) {
                self.add(list.key(key.as_str()), None, Some(item));
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.lists.is_empty()
    }
}

impl Write {
    /// The fields that it decides. Lists without keys are about their items instead.
    pub(crate) fn parts(&self) -> &[FieldPath] {
        self.changes.as_ref().map_or(std::slice::from_ref(&self.path), |it| &it.parts)
    }
}

/// A path that leads through a list without keys: the list, the index of an item, and whether it goes on from there.
pub(crate) fn through(path: &FieldPath) -> Option<(FieldPath, usize, bool)> {
    let segments = path.segments();
    let (depth, index) = segments.iter().enumerate().find_map(|(depth, it)| match it {
        Segment::Index(index) => Some((depth, *index)),
        Segment::Key(_) => None,
    })?;
    let list = segments[..depth].iter().cloned().collect();
    Some((list, index, depth + 1 < segments.len()))
}

/// Where each item of a list after an edit stood before it, if it did: in their order, each at most once.
pub(super) fn aligned(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let same = |(one, other): &(&Value, &Value)| one == other;
    let start = old.iter().zip(new).take_while(same).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (at, item) in old.iter().enumerate().take(old.len() - end).skip(start) {
        places.entry(item.to_string()).or_default().push_back(at);
    }
    let mut next = start;
    let mut kept = Vec::with_capacity(new.len());
    for (at, item) in new.iter().enumerate() {
        if at < start {
            kept.push(Some(at));
        } else if at >= new.len() - end {
            kept.push(Some(old.len() - (new.len() - at)));
        } else {
            let places = places.get_mut(&item.to_string());
            let found = places.and_then(|places| {
                while places.front().is_some_and(|it| *it < next) {
                    places.pop_front();
                }
                places.pop_front()
            });
            next = found.map_or(next, |it| it + 1);
            kept.push(found);
        }
    }
    kept
}

/// The lists without keys whose items an edit moves, and where each of them stood before it. `value` gives what the draft
/// has before the edit.
pub(crate) fn kept<'v>(
    write: &Write,
    value: impl Fn(&FieldPath) -> Option<&'v Value>,
) -> Vec<(FieldPath, Vec<Option<usize>>)> {
    if let Some((list, index, goes_on)) = through(&write.path) {
        let length = value(&list).and_then(Value::as_array).map_or(0, Vec::len);
        if write.insert == Some(length) {
            // At the end, an item moves no other.
            return Vec::new();
        }
        let mut kept: Vec<_> = (0..length).map(Some).collect();
        match (goes_on, write.insert, &write.new) {
            (false, Some(_), _) if index <= length => kept.insert(index, None),
            (false, None, None) if index < length => drop(kept.remove(index)),
            _ => return Vec::new(),
        }
        return vec![(list, kept)];
    }
    if write.insert.is_some() {
        return Vec::new();
    }
    let changes = Changes::of(&write.path, value(&write.path), write.new.as_ref());
    changes.lists.into_iter().map(|it| (it.list, it.kept)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn items() -> impl Strategy<Value = Vec<Value>> {
        prop::collection::vec((0..4_u8).prop_map(Value::from), 0..8)
    }

    fn parts(path: &str, old: &Value, new: &Value) -> Vec<String> {
        let changes = Changes::of(&path.parse().unwrap(), Some(old), Some(new));
        let lists = changes.lists.iter().map(|it| {
            let added: Vec<_> = it.added.iter().map(|it| it.0).collect();
            format!("{}: {added:?} for {:?}", it.list, it.gone)
        });
        changes.parts.iter().map(ToString::to_string).chain(lists).collect()
    }

    #[test]
    fn a_map_that_is_set_changes_the_parts_that_differ() {
        let old = json!({"a": {"x": 1, "y": 2}, "b": 1, "c": 1});
        let new = json!({"a": {"x": 1, "y": 3}, "b": {"z": 1}, "d": {"z": 1}});
        assert_eq!(
            parts("affinity", &old, &new),
            ["affinity.a.y", "affinity.b", "affinity.c", "affinity.d"]
        );
        assert_eq!(parts("affinity", &old, &old), [""; 0]);
    }

    #[test]
    fn items_with_keys_are_parts_and_so_is_their_order() {
        let item = |name: &str, value: u8| json!({"name": name, "value": value});
        let env = "containers.a.env";
        let old = json!([item("A", 1), item("B", 1)]);
        assert_eq!(
            parts(env, &old, &json!([item("A", 2), item("C", 1)])),
            ["containers.a.env.A.value", "containers.a.env.B", "containers.a.env.C"]
        );
        for new in [
            json!([item("B", 1), item("A", 1)]),
            json!([item("A", 1), item("A", 1)]),
            json!([item("A", 1), {"value": 1}]),
        ] {
            assert_eq!(parts(env, &old, &new), [env]);
        }
    }

    #[test]
    fn lists_without_keys_change_by_item_however_deep_they_are() {
        let terms = |terms: &[&str]| json!({"podAffinity": {"preferred": terms}});
        let found = parts("affinity", &terms(&["a", "b"]), &terms(&["b", "c"]));
        assert_eq!(found, ["affinity.podAffinity.preferred: [1] for [0]"]);
    }

    #[test]
    fn an_item_that_moves_is_not_lost() {
        let of = |items: &[&str]| items.iter().map(|it| json!(it)).collect::<Vec<_>>();
        let change =
            ListChange::of(FieldPath::of(["args"]), &of(&["a", "b", "c"]), &of(&["b", "a"]));
        assert_eq!((change.gone, change.dropped), (vec![0, 2], of(&["c"])));
    }

    proptest! {
        #[test]
        fn items_are_aligned_in_their_order_and_each_once(old in items(), new in items()) {
            let kept = aligned(&old, &new);
            prop_assert_eq!(kept.len(), new.len());
            for (at, from) in kept.iter().enumerate() {
                if let Some(from) = from {
                    prop_assert_eq!(&old[*from], &new[at]);
                }
            }
            let from: Vec<_> = kept.iter().flatten().collect();
            prop_assert!(from.windows(2).all(|it| it[0] < it[1]), "{:?}", kept);
        }

        #[test]
        fn what_is_only_inserted_or_removed_is_all_that_changes(
            old in items(), at in any::<prop::sample::Index>()
        ) {
            let place = at.index(old.len() + 1);
            let mut new = old.clone();
            new.insert(place, Value::from("new"));
            let list = || FieldPath::of(["args"]);
            let change = ListChange::of(list(), &old, &new);
            prop_assert_eq!(change.added, vec![(place, Value::from("new"))]);
            prop_assert!(change.gone.is_empty());
            let change = ListChange::of(list(), &new, &old);
            prop_assert!(change.added.is_empty());
            prop_assert_eq!((change.gone, change.dropped), (vec![place], vec![Value::from("new")]));
        }
    }
}
