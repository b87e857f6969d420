//! Lists without keys, such as `args` and `tolerations`: whose each of their items is.
//!
//! An item has no name that stays, so what other plugins did to it is kept beside its place, and moves with it.

use std::collections::HashMap;

use serde_json::Value;
use wellhead_spec::{FieldPath, PathMap};

use super::changes::{ListChange, through};
use crate::Write;

/// Whose an item is.
#[derive(Clone, Debug, Default)]
struct Item {
    /// The latest edit of another plugin that added or changed it, an index into the writes.
    theirs: Option<usize>,
    /// Whether the plugin that runs now added it.
    ours: bool,
}

/// Whose the items of a list are, as far as edits of the items themselves tell.
#[derive(Clone, Debug, Default)]
struct List {
    items: Vec<Item>,
    /// The items that other plugins removed, as text, and the edits that did it.
    gone: HashMap<String, usize>,
}

/// The same of each list without keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements(PathMap<List>);

impl Elements {
    /// Follows an edit. `at` is its index when another plugin made it.
    pub(super) fn follow(&mut self, write: &Write, at: Option<usize>) {
        if let Some((list, index, goes_on)) = through(&write.path) {
            return self.follow_item(write, at, (list, index, goes_on));
        }
        for part in write.parts() {
            // What stands in a list, or below one, is found by what stands around it.
            let below: Vec<_> = self.0.at_or_below(part).map(|it| it.0.clone()).collect();
            for list in below {
                *self.0.entry(list) = List::default();
            }
        }
        for change in write.changes.iter().flat_map(|it| &it.lists) {
            self.0.entry(change.list.clone()).follow(change, at);
        }
    }

    fn follow_item(
        &mut self,
        write: &Write,
        at: Option<usize>,
        (list, index, goes_on): (FieldPath, usize, bool),
    ) {
        let List { items, gone } = self.0.entry(list);
        let least = if goes_on || write.insert.is_none() { index + 1 } else { index };
        if items.len() < least {
            items.resize_with(least, Item::default);
        }
        match (goes_on, write.insert, &write.new) {
            (false, Some(_), Some(item)) => {
                if !gone.is_empty() {
                    gone.remove(&item.to_string());
                }
                items.insert(index, Item { theirs: at, ours: at.is_none() });
            }
            (false, None, None) => {
                items.remove(index);
                if let (Some(at), Some(old)) = (at, &write.removed) {
                    gone.insert(old.to_string(), at);
                }
            }
            _ if at.is_some() => items[index].theirs = at,
            _ => {}
        }
    }

    /// The latest edit of another plugin of an item, or of its list as a whole.
    pub(super) fn owner(
        &self,
        list: &FieldPath,
        index: usize,
        whole: Option<usize>,
    ) -> Option<usize> {
        match self.0.get(list).and_then(|it| it.items.get(index)) {
            Some(item) if item.ours => item.theirs,
            Some(item) => item.theirs.max(whole),
            None => whole,
        }
    }

    /// The edit of another plugin that removed such an item.
    pub(super) fn removal(&self, list: &FieldPath, item: &Value) -> Option<usize> {
        let gone = &self.0.get(list)?.gone;
        if gone.is_empty() { None } else { gone.get(&item.to_string()).copied() }
    }
}

impl List {
    /// Follows an edit of the list as a whole.
    fn follow(&mut self, change: &ListChange, at: Option<usize>) {
        let was = std::mem::take(&mut self.items);
        let item = |from: &Option<usize>| match from {
            Some(from) => was.get(*from).cloned().unwrap_or_default(),
            None => Item { theirs: at, ours: at.is_none() },
        };
        self.items = change.kept.iter().map(item).collect();
        if !self.gone.is_empty() {
            for (_, item) in &change.added {
                self.gone.remove(&item.to_string());
            }
        }
        if let Some(at) = at {
            self.gone.extend(change.dropped.iter().map(|it| (it.to_string(), at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Provenance;
    use crate::session::tests::{rights, session};
    use crate::session::{Rights, Session, Violation};

    /// What a plugin does to the list.
    #[derive(Clone, Debug)]
    enum Edit {
        Insert(prop::sample::Index),
        Remove(prop::sample::Index),
        /// The whole list, with an item less and one more, as a plugin that knows no inserts does it.
        Set(prop::sample::Index),
    }

    fn edit() -> impl Strategy<Value = Edit> {
        let at = any::<prop::sample::Index>;
        prop_oneof![
            3 => at().prop_map(Edit::Insert),
            2 => at().prop_map(Edit::Remove),
            1 => at().prop_map(Edit::Set),
        ]
    }

    fn tolerations(items: &[(u64, Option<usize>)]) -> Value {
        items.iter().map(|it| json!({"key": it.0.to_string()})).collect()
    }

    /// A model: each item has an identity, and an owner.
    fn model(items: &[(u64, Option<usize>)], edit: &Edit, next: u64) -> (usize, Vec<(u64, bool)>) {
        let mut new: Vec<_> = items.iter().map(|it| (it.0, false)).collect();
        match edit {
            Edit::Insert(at) => {
                let at = at.index(items.len() + 1);
                new.insert(at, (next, true));
                (at, new)
            }
            Edit::Remove(at) => {
                let at = at.index(items.len());
                new.remove(at);
                (at, new)
            }
            Edit::Set(at) => {
                let at = at.index(items.len());
                new.remove(at);
                new.push((next, true));
                (at, new)
            }
        }
    }

    proptest! {
        #[test]
        fn owners_move_with_their_items(
            turns in prop::collection::vec(prop::collection::vec(edit(), 0..6), 1..4)
        ) {
            let list: FieldPath = "tolerations".parse().unwrap();
            let mut items: Vec<(u64, Option<usize>)> = (0..3).map(|it| (it, None)).collect();
            let mut next = 3;
            let mut state = (json!({"tolerations": tolerations(&items)}), Provenance::default());
            for (plugin, edits) in turns.iter().enumerate() {
                let mut session = session(state.0, state.1, rights(&["**"], &[]));
                for edit in edits {
                    if items.len() < 2 {
                        break;
                    }
                    let (at, new) = model(&items, edit, next);
                    let foreign = items.get(at).is_some_and(|it| it.1.is_some_and(|it| it != plugin));
                    let expected = matches!(edit, Edit::Insert(_)) || !foreign;
                    let value = json!({"key": next.to_string()});
                    let whole: Vec<_> = new.iter().map(|it| (it.0, None)).collect();
                    let result = match edit {
                        Edit::Insert(_) => session.insert(list.index(at), at, value),
                        Edit::Remove(_) => session.edit(list.index(at), None),
                        Edit::Set(_) => session.edit(list.clone(), Some(tolerations(&whole))),
                    };
                    prop_assert_eq!(result.is_ok(), expected, "{:?} {:?}", edit, items);
                    if expected {
                        let owner = |id| items.iter().find(|it| it.0 == id).and_then(|it| it.1);
                        let with_owner =
                            |(id, ours): &(u64, bool)| (*id, if *ours { Some(plugin) } else { owner(*id) });
                        items = new.iter().map(with_owner).collect();
                        next += 1;
                    }
                }
                let (draft, provenance, _) = session.finish();
                prop_assert_eq!(&draft["tolerations"], &tolerations(&items));
                state = (draft, provenance);
            }
        }
    }

    fn two(
        first: impl FnOnce(&mut Session),
        second: Arc<Rights>,
        edits: impl FnOnce(&mut Session),
    ) -> Vec<Violation> {
        let draft = json!({"tolerations": [{"key": "base"}]});
        let mut one = session(draft, Provenance::default(), rights(&["**"], &[]));
        first(&mut one);
        let (draft, provenance, _) = one.finish();
        let mut other = session(draft, provenance, second);
        edits(&mut other);
        other.finish().2
    }

    #[test]
    fn a_conflict_is_about_the_item_that_goes() {
        let list: FieldPath = "tolerations".parse().unwrap();
        let append = |session: &mut Session| {
            assert!(session.insert(list.index(1), 1, json!({"key": "gpu"})).is_ok());
        };
        let set = |keys: &'static [&'static str]| {
            let list = list.clone();
            move |session: &mut Session| {
                let items = keys.iter().map(|it| json!({"key": it})).collect();
                drop(session.edit(list, Some(items)));
            }
        };
        let all = || rights(&["**"], &[]);
        assert!(two(append, all(), set(&["base", "gpu", "spot"])).is_empty());
        assert!(two(append, all(), set(&["spot", "gpu"])).is_empty(), "the base is nobody's");
        let [Violation::Conflict { path, earlier, .. }] = &two(append, all(), set(&["base"]))[..]
        else {
            panic!("no conflict")
        };
        assert_eq!((path.to_string().as_str(), earlier.as_str()), ("tolerations[1]", "0"));
        for overrides in ["tolerations", "tolerations[1]", "tolerations[*]"] {
            let rights = rights(&["**"], &[overrides]);
            assert!(two(append, rights, set(&["base"])).is_empty(), "{overrides}");
        }
        let remove = |session: &mut Session| drop(session.edit(list.clone(), None));
        let violations = two(remove, all(), |session| {
            drop(session.insert(list.index(0), 0, json!({"key": "spot"})));
        });
        assert!(matches!(violations[..], [Violation::Conflict { .. }]), "{violations:?}");
    }

    #[test]
    fn a_grant_of_added_items_is_one_of_no_other_edit() {
        let list: FieldPath = "tolerations".parse().unwrap();
        let keys = |keys: &[&str]| keys.iter().map(|it| json!({"key": it})).collect::<Value>();
        let attempt = |grant: &str, edit: &dyn Fn(&mut Session)| {
            two(|_| {}, rights(&[grant], &[]), |session| edit(session))
        };
        let insert = |session: &mut Session| {
            drop(session.insert(list.index(0), 0, json!({"key": "x"})));
        };
        let more =
            |session: &mut Session| drop(session.edit(list.clone(), Some(keys(&["base", "x"]))));
        let other = |session: &mut Session| drop(session.edit(list.clone(), Some(keys(&["x"]))));
        let none = |session: &mut Session| drop(session.edit(list.clone(), None));
        for grant in ["tolerations[+]", "tolerations", "tolerations[*]", "tolerations.**"] {
            assert!(attempt(grant, &insert).is_empty(), "{grant}");
            assert!(attempt(grant, &more).is_empty(), "{grant}");
            let allowed = grant != "tolerations[+]";
            assert_eq!(attempt(grant, &other).is_empty(), allowed, "{grant}");
            assert_eq!(attempt(grant, &none).is_empty(), allowed, "{grant}");
        }
        let hint = attempt("replicas", &insert)[0].hint().unwrap();
        assert!(hint.ends_with("tolerations[+]") || hint.contains("tolerations[+]"), "{hint}");
    }
}
