//! The table as a tree over the steps of paths, so that an edit is compared with those fields only
//! that it can reach.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::reserved::is_reserved;
use super::{PROTECTED, Protected, Touched, is_node_volume, is_selected, key};
use crate::draft::{ListKey, list_key};
use crate::{FieldPath, Segment};

/// One step of a protected field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The field of this name.
    Named(&'static str),
    /// `*`: any item of a list.
    Item,
    /// `{..}`: any key of a kind.
    Kind(Kind),
}

/// Keys that have something in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Label,
    Reserved,
    NodeVolume,
    Probe,
    Hook,
}

impl Step {
    fn parse(text: &'static str) -> Self {
        match text {
            "*" => Self::Item,
            "{label}" => Self::Kind(Kind::Label),
            "{reserved}" => Self::Kind(Kind::Reserved),
            "{node volume}" => Self::Kind(Kind::NodeVolume),
            "{probe}" => Self::Kind(Kind::Probe),
            "{hook}" => Self::Kind(Kind::Hook),
            name => Self::Named(name),
        }
    }

    pub(super) fn matches(self, segment: &Segment) -> bool {
        match self {
            Self::Item => true,
            Self::Named(name) => key(segment) == Some(name),
            Self::Kind(kind) => key(segment).is_some_and(|key| match kind {
                Kind::Label => true,
                Kind::Reserved => is_reserved(key),
                Kind::NodeVolume => is_node_volume(key),
                Kind::Probe => ["livenessProbe", "readinessProbe", "startupProbe"].contains(&key),
                Kind::Hook => ["postStart", "preStop"].contains(&key),
            }),
        }
    }
}

type Field = (Vec<Step>, &'static Protected);

/// Every field of the table.
pub(super) fn fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
        let rows = PROTECTED.iter().flat_map(|row| row.fields.iter().map(move |it| (it, row)));
        rows.map(|(field, row)| (field.split('.').map(Step::parse).collect(), row)).collect()
    });
    &FIELDS
}

/// What follows a step: more steps, or, at the end of a field, why it is protected.
#[derive(Default)]
struct Node {
    /// By name, in the order of [`by_length`]: every edit asks the first of these.
    named: Vec<(&'static str, Node)>,
    others: Vec<(Step, Node)>,
    row: Option<&'static Protected>,
}

static TREE: LazyLock<Node> = LazyLock::new(|| {
    let mut tree = Node::default();
    for (steps, row) in fields() {
        let end = steps.iter().fold(&mut tree, |node, step| node.child(*step));
        end.row = Some(row);
    }
    tree
});

/// Short names first: few have the same length, so few have to be compared by their letters.
fn by_length(name: &str) -> (usize, &str) {
    (name.len(), name)
}

impl Node {
    /// Where a name stands among `named`, or where it would.
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.named.binary_search_by(|it| by_length(it.0).cmp(&by_length(name)))
    }

    fn child(&mut self, step: Step) -> &mut Self {
        if let Step::Named(name) = step {
            let at = self.find(name).unwrap_or_else(|at| {
                self.named.insert(at, (name, Self::default()));
                at
            });
            return &mut self.named[at].1;
        }
        let at = self.others.iter().position(|it| it.0 == step).unwrap_or_else(|| {
            self.others.push((step, Self::default()));
            self.others.len() - 1
        });
        &mut self.others[at].1
    }
}

/// An edit that is searched.
struct Search<'v> {
    draft: &'v Value,
    path: &'v FieldPath,
    old: Option<&'v Value>,
    new: Option<&'v Value>,
    found: Vec<Touched>,
}

pub(super) fn touched(
    draft: &Value,
    path: &FieldPath,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Vec<Touched> {
    let mut search = Search { draft, path, old, new, found: Vec::new() };
    search.descend(&TREE, 0);
    search.found.sort_by(|one, other| one.path.cmp(&other.path));
    search.found
}

impl Search<'_> {
    /// Follows the edit's path from the root of the tree.
    fn descend(&mut self, node: &'static Node, depth: usize) {
        let segments = self.path.segments();
        let Some(segment) = segments.get(depth) else {
            let removed = matches!(segments.last(), Some(Segment::Key(_)))
                && self.new.is_none()
                && list_key(&segments[..depth - 1]) != ListKey::Index;
            return self.compare(node, &Place::Edit(self.path), (self.old, self.new), removed);
        };
        if let Some(row) = node.row
            && self.old != self.new
        {
            // A part of a protected field. Only the whole can tell whether it is an ordinary change.
            let path = segments[..depth].iter().cloned().collect();
            self.found.push(Touched { path, why: row.why.into() });
        }
        let named = key(segment).and_then(|key| node.find(key).ok());
        if let Some(at) = named {
            self.descend(&node.named[at].1, depth + 1);
        }
        for (step, next) in &node.others {
            if step.matches(segment) {
                self.descend(next, depth + 1);
            }
        }
    }

    /// Compares what stands at a place before and after. `gone` says that the item that it stands
    /// in is removed as a whole.
    fn compare(
        &mut self,
        node: &'static Node,
        at: &Place<'_>,
        (old, new): (Option<&Value>, Option<&Value>),
        gone: bool,
    ) {
        let old = old.filter(|it| !it.is_null());
        let new = new.filter(|it| !it.is_null());
        if old == new {
            return;
        }
        if let Some(row) = node.row {
            // Who may remove an item removes what stands in it, but for the data of a claim.
            let ordinary = (gone && row.unless != super::Unless::Added)
                || row
                    .unless
                    .holds(old, new, || at.key().is_some_and(|it| is_selected(self.draft, it)));
            if !ordinary {
                self.found.push(Touched { path: at.path(), why: row.why.into() });
            }
        }
        for (name, next) in &node.named {
            let values = (old.and_then(|it| it.get(name)), new.and_then(|it| it.get(name)));
            self.compare(next, &Place::Field(at, name), values, gone);
        }
        for (step, next) in &node.others {
            for (segment, old, new) in parts(at, old, new) {
                if step.matches(&segment) {
                    let gone = gone || (*step == Step::Item && new.is_none());
                    self.compare(next, &Place::Item(at, &segment), (old, new), gone);
                }
            }
        }
    }
}

/// A place at or below the edit's path. Most are passed by, so none is written out before it is told.
enum Place<'p> {
    Edit(&'p FieldPath),
    Field(&'p Place<'p>, &'static str),
    Item(&'p Place<'p>, &'p Segment),
}

impl Place<'_> {
    fn path(&self) -> FieldPath {
        match self {
            Self::Edit(path) => (*path).clone(),
            Self::Field(above, name) => above.path().key(*name),
            Self::Item(above, segment) => above.path().with((*segment).clone()),
        }
    }

    /// The last step.
    fn key(&self) -> Option<&str> {
        match self {
            Self::Edit(path) => path.segments().last().and_then(key),
            Self::Field(_, name) => Some(name),
            Self::Item(_, segment) => key(segment),
        }
    }
}

type Part<'v> = (Segment, Option<&'v Value>, Option<&'v Value>);

/// The fields or items of a value before and after. Of items with one key, each is told.
fn parts<'v>(at: &Place<'_>, old: Option<&'v Value>, new: Option<&'v Value>) -> Vec<Part<'v>> {
    let named = |value: Option<&'v Value>| -> Vec<(Segment, &'v Value)> {
        match value {
            Some(Value::Object(fields)) => {
                fields.iter().map(|(key, it)| (Segment::Key(key.into()), it)).collect()
            }
            Some(Value::Array(items)) => {
                let keys = list_key(at.path().segments());
                let items = items.iter().enumerate();
                items.map(|(index, it)| (keys.segment(it, index), it)).collect()
            }
            _ => Vec::new(),
        }
    };
    let (before, after) = (named(old), named(new));
    // A plugin chooses how many items there are, so none is looked for by walking through them.
    let mut first_before = HashMap::with_capacity(before.len());
    for (segment, value) in &before {
        first_before.entry(segment).or_insert(*value);
    }
    let kept: HashSet<&Segment> = after.iter().map(|it| &it.0).collect();
    let removed = before
        .iter()
        .filter(|it| !kept.contains(&it.0))
        .map(|(segment, value)| (segment.clone(), Some(*value), None));
    let mut parts: Vec<Part<'v>> = removed.collect();
    for (segment, value) in &after {
        parts.push((segment.clone(), first_before.get(segment).copied(), Some(*value)));
    }
    parts
}
