//! What each field of a pipeline was, step by step: the recorded edits, made again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use serde_json::Value;
use wellhead_spec::draft::leaves;
use wellhead_spec::{FieldPath, Segment};

use crate::session::changes;
use crate::session::draft::Fields;
use crate::{Provenance, Write, mask};

/// The values that every field of a pipeline had, from the base spec to the last edit.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    draft: Value,
    steps: BTreeMap<FieldPath, Vec<Step>>,
    hidden: HashSet<FieldPath>,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The edit, an index into [`Provenance::writes`]; `None` for the base spec.
    pub write: Option<usize>,
    /// The value; `None` when the edit removed the field.
    pub value: Option<Value>,
}

impl Provenance {
    /// Makes the edits again, over the draft that the first plugin got.
    pub fn replay(&self, base: Value) -> History {
        let first = |(path, value): (FieldPath, &Value)| {
            (path, vec![Step { write: None, value: Some(value.clone()) }])
        };
        let steps = leaves(&base, &FieldPath::root()).into_iter().map(first).collect();
        let hidden = mask::hidden(&FieldPath::root(), &base);
        let mut draft = Fields::new(base);
        let mut history = History { draft: Value::Null, steps, hidden };
        for (index, write) in self.writes.iter().enumerate() {
            let around = scope(write, &draft);
            let mut before = leaves_around(&draft, &around);
            let moved = changes::kept(write, |list| draft.get(list));
            for (list, kept) in &moved {
                move_items(&mut history.steps, list, kept);
            }
            if write.insert.is_some() && around == write.path {
                // What is there is not what the item replaces.
                before.retain(|path, _| !around.contains(path));
            } else {
                for (list, kept) in &moved {
                    move_items(&mut before, list, kept);
                }
            }
            draft.make_again(write);
            let takes_place = write.new.is_none() && !moved.is_empty() && around == write.path;
            let mut after = leaves_around(&draft, &around);
            // What comes to the place of an item that goes is not set by this edit.
            after.retain(|path, _| !(takes_place && around.contains(path)));
            let seen = beside(&around, write.new.as_ref());
            if let Some(value) = draft.get(&seen) {
                history.hidden.extend(mask::hidden(&seen, value));
            }
            history.note(index, before, after);
        }
        history.draft = draft.into_draft();
        history
    }
}

impl History {
    /// The draft after all edits.
    pub fn draft(&self) -> &Value {
        &self.draft
    }

    /// Every field that ever had a value, with its values, the oldest first. Fields hold no others:
    /// they are what [`leaves`] gives.
    pub fn fields(&self) -> &BTreeMap<FieldPath, Vec<Step>> {
        &self.steps
    }

    /// The values of one field, the oldest first; none for a field that never had one.
    pub fn of(&self, path: &FieldPath) -> &[Step] {
        self.steps.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether a field ever had a value that is not shown: its name says so, its looks, or what stood beside it.
    pub fn is_hidden(&self, path: &FieldPath) -> bool {
        self.hidden.contains(path)
    }

    /// Notes what an edit changed. A value that an edit repeats is still that of who gave it first.
    fn note(
        &mut self,
        write: usize,
        mut before: BTreeMap<FieldPath, Value>,
        after: BTreeMap<FieldPath, Value>,
    ) {
        for (path, value) in after {
            if before.remove(&path).as_ref() != Some(&value) {
                self.push(path, Step { write: Some(write), value: Some(value) });
            }
        }
        for path in before.into_keys() {
            self.push(path, Step { write: Some(write), value: None });
        }
    }

    fn push(&mut self, path: FieldPath, step: Step) {
        self.steps.entry(path).or_default().push(step);
    }
}

/// Moves what is known of the items of a list to where they stand after an edit: `kept` tells of each item where it stood
/// before. What was at a place that another item takes goes with it, unless it only changes there.
fn move_items<V>(known: &mut BTreeMap<FieldPath, V>, list: &FieldPath, kept: &[Option<usize>]) {
    let stays = |(at, from): (usize, &Option<usize>)| from.is_none_or(|from| from == at);
    if kept.iter().enumerate().all(stays) {
        return;
    }
    let to: HashMap<usize, usize> =
        kept.iter().enumerate().filter_map(|(at, from)| Some(((*from)?, at))).collect();
    let below = known.range::<[Segment], _>((Bound::Included(list.segments()), Bound::Unbounded));
    let below: Vec<_> = below.map(|it| it.0).take_while(|it| list.contains(it)).cloned().collect();
    let depth = list.segments().len();
    let mut moved = Vec::new();
    for path in below {
        let Some(Segment::Index(from)) = path.segments().get(depth) else { continue };
        let at = to.get(from).copied().or_else(|| match kept.get(*from) {
            Some(Some(_)) => None,
            Some(None) | None => Some(*from),
        });
        let Some(value) = known.remove(&path) else { continue };
        if let Some(at) = at {
            let steps = path.segments().iter().cloned().enumerate();
            let step = |(place, it)| if place == depth { Segment::Index(at) } else { it };
            moved.push((steps.map(step).collect::<FieldPath>(), value));
        }
    }
    known.extend(moved);
}

/// The leaves at and below a path, and those above it that are empty maps or lists.
fn leaves_around(draft: &Fields, at: &FieldPath) -> BTreeMap<FieldPath, Value> {
    let below = draft.get(at).map_or_else(Vec::new, |value| leaves(value, at));
    let above = (1..at.segments().len()).filter_map(|depth| {
        let path: FieldPath = at.segments()[..depth].iter().cloned().collect();
        let value = draft.get(&path).filter(|value| is_empty(value))?;
        Some((path, value))
    });
    below.into_iter().chain(above).map(|(path, value)| (path, value.clone())).collect()
}

/// The part of a draft that an edit can change. One of an item of a list without keys changes this item, unless what it
/// removes leaves something empty behind, which goes along.
fn scope(write: &Write, draft: &Fields) -> FieldPath {
    let Some((list, index, goes_on)) = changes::through(&write.path) else {
        return write.path.clone();
    };
    let others = || draft.get(&list).and_then(Value::as_array).is_some_and(|it| it.len() > 1);
    if write.new.is_some() || (!goes_on && others()) { list.index(index) } else { list }
}

/// The part of a draft that tells whether a value may be shown: texts such as arguments tell it of those beside them.
fn beside(at: &FieldPath, new: Option<&Value>) -> FieldPath {
    match changes::through(at) {
        Some((list, index, _)) if new.is_some_and(Value::is_object) => list.index(index),
        Some((list, ..)) => list,
        None => at.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Limits;
    use crate::session::{Rights, Session};

    fn base() -> Value {
        json!({
            "name": "db",
            "labels": {},
            "containers": [{"name": "a", "image": "x", "args": ["1", "2"], "env": []}],
            "tolerations": [{"key": "a"}, {"key": "b"}],
        })
    }

    /// Fields of every kind: plain ones, whole lists, items with a key and with an index.
    fn path() -> impl Strategy<Value = FieldPath> {
        let paths = [
            "replicas",
            "labels",
            "labels.team",
            "labels[\"a.b/c\"]",
            "containers.a",
            "containers.b",
            "containers.a.image",
            "containers.b.image",
            "containers.a.args",
            "containers.a.args[0]",
            "containers.a.args[1]",
            "containers.a.env.X",
            "containers.a.env.X.value",
            "containers.a.resources.limits.cpu",
            "tolerations",
            "tolerations[0]",
            "tolerations[0].key",
            "tolerations[1].key",
        ];
        prop::sample::select(Vec::from(paths)).prop_map(|text| text.parse().unwrap())
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        let values = [
            json!(1),
            json!("x"),
            json!({}),
            json!([]),
            json!(["1", "2", "3"]),
            json!({"name": "a", "image": "x"}),
            json!({"name": "b", "env": [{"name": "X", "value": "1"}]}),
            json!([{"key": "b"}]),
        ];
        prop::option::of(prop::sample::select(Vec::from(values)))
    }

    /// An item is written with its own key, and a list stays a list, as every function of the
    /// contract has it.
    fn fits(path: &FieldPath, value: Option<&Value>) -> bool {
        let item = |name: &str| value.is_none_or(|value| value["name"] == name);
        match path.to_string().as_str() {
            "containers.a" => item("a"),
            "containers.b" => item("b"),
            "containers.a.env.X" => value.is_none(),
            "labels" => value.is_none_or(Value::is_object),
            "containers.a.args" | "tolerations" => value.is_none_or(Value::is_array),
            _ => true,
        }
    }

    proptest! {
        #[test]
        fn recorded_edits_made_again_give_the_same_draft_and_the_last_step_of_each_leaf(
            edits in prop::collection::vec((path(), value(), any::<bool>()), 0..12),
            plugins in 1..4_usize,
        ) {
            let rights = Rights {
                grants: vec!["**".parse().unwrap()],
                overrides: vec!["**".parse().unwrap()],
                ..Rights::default()
            };
            let (mut draft, mut provenance) = (base(), Provenance::default());
            for part in edits.chunks(edits.len().div_ceil(plugins).max(1)) {
                provenance.writers.push(crate::Writer {
                    name: "p".to_owned(),
                    version: String::new(),
                    digest: String::new(),
                    customization: String::new(),
                    facts_digest: None,
                }.into());
                let mut session =
                    Session::new(draft, provenance, rights.clone().into(), Limits::default());
                for (path, value, comes_in) in part.iter().filter(|it| fits(&it.0, it.1.as_ref())) {
                    let _ = match (path.segments().last(), value) {
                        (Some(Segment::Index(index)), Some(value)) if *comes_in => {
                            session.insert(path.clone(), *index, value.clone())
                        }
                        _ => session.edit(path.clone(), value.clone()),
                    };
                }
                (draft, provenance, _) = session.finish();
            }
            let history = provenance.replay(base());
            prop_assert_eq!(history.draft(), &draft);
            let leaves = leaves(&draft, &FieldPath::root());
            for (path, value) in &leaves {
                let last = history.of(path).last().and_then(|step| step.value.as_ref());
                prop_assert_eq!(last, Some(*value), "{}", path);
            }
            for (path, steps) in history.fields() {
                let gone = steps.last().is_some_and(|step| step.value.is_none());
                prop_assert_eq!(gone, !leaves.iter().any(|it| it.0 == *path), "{}", path);
                prop_assert!(steps.windows(2).all(|it| it[0].value != it[1].value), "{}", path);
                prop_assert!(steps.windows(2).all(|it| it[0].write < it[1].write), "{}", path);
            }
        }
    }
    #[test]
    fn an_item_keeps_who_set_it_where_another_one_comes_before_it() {
        let write = |path: &str, new: Option<Value>, insert| crate::Write {
            insert,
            ..crate::Write::of(0, path.parse().unwrap(), new)
        };
        let writes = vec![
            write("tolerations[2]", Some(json!({"key": "mine"})), Some(2)),
            write("tolerations[0]", Some(json!({"key": "first"})), Some(0)),
            write("tolerations[1]", None, None),
            write("tolerations", Some(json!([{"key": "b"}, {"key": "mine"}, {"key": "c"}])), None),
        ];
        let history = Provenance { writers: Vec::new(), writes }.replay(base());
        let by = |path: &str| history.of(&path.parse().unwrap()).last().unwrap().write;
        assert_eq!(by("tolerations[0].key"), None, "it is the base's");
        assert_eq!(by("tolerations[1].key"), Some(0));
        assert_eq!(by("tolerations[2].key"), Some(3));
    }
}
