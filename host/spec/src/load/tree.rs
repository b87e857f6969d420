//! Where everything stands: the shape of a document with the place of every key and value.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use serde_json::Value;
use smol_str::SmolStr;

use crate::draft::ListKey;
use crate::{FieldPath, Segment, draft};

/// A place in a file, compactly. Lines and columns start at 1, bytes at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    /// In characters.
    pub(crate) column: u32,
    /// First byte.
    pub(crate) start: u32,
    /// The byte after the last one.
    pub(crate) end: u32,
}

/// A value's place and those of its parts.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) parts: Parts,
}

/// What a value has inside.
#[derive(Clone, Debug)]
pub(crate) enum Parts {
    None,
    List(Box<Many<Node>>),
    Map(Box<Many<Entry>>),
}

/// Items or entries, of which every field of a document may be asked for: what has more than a few is looked through
/// once and no more.
#[derive(Clone, Debug)]
pub(crate) struct Many<T> {
    all: Vec<T>,
    /// The first position of each key.
    positions: OnceLock<HashMap<SmolStr, usize>>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Box<str>,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl<T> Many<T> {
    /// Above this, an index costs less than it saves.
    const FEW: usize = 16;

    pub(crate) fn boxed(all: Vec<T>) -> Box<Self> {
        Box::new(Self { all, positions: OnceLock::new() })
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        self.all
    }
}

impl<T> Deref for Many<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.all
    }
}

impl Many<Entry> {
    fn find(&self, key: &str) -> Option<&Entry> {
        if self.len() <= Self::FEW {
            return self.iter().find(|entry| *entry.key == *key);
        }
        let positions = self.positions.get_or_init(|| {
            // No key stands twice here.
            self.iter().enumerate().map(|(at, entry)| (SmolStr::new(&entry.key), at)).collect()
        });
        self.get(*positions.get(key)?)
    }
}

impl Many<Node> {
    /// Position of the item that a segment names. `items` are the values of this list, and `keys` how paths name them.
    fn position(&self, items: &[Value], keys: ListKey, segment: &Segment) -> Option<usize> {
        match segment {
            Segment::Key(key) if self.len() > Self::FEW => {
                self.positions.get_or_init(|| keys.positions(items)).get(key).copied()
            }
            _ => keys.position(items, segment),
        }
    }
}

impl Node {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.parts {
            Parts::Map(entries) => entries.find(key),
            _ => None,
        }
    }

    fn item(&self, index: usize) -> Option<&Node> {
        match &self.parts {
            Parts::List(items) => items.get(index),
            _ => None,
        }
    }
}

/// How far a path could be followed through a document.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The deepest value that is there. A scalar's place is its own, that of a map or list under a
    /// key is the key's.
    pub(crate) place: Place,
    /// The key of that value; the value itself where it has none.
    pub(crate) key: Place,
    /// How many segments of the path were followed.
    pub(crate) depth: usize,
}

/// The place of a field by field names and list positions from the document down; of the deepest
/// part that is there where the field is not. `about_key` asks for the field's name, not its value.
pub(crate) fn place(root: &Node, path: &[Segment], about_key: bool) -> Place {
    let (mut node, mut found) = (root, root.place);
    for segment in path {
        match segment {
            Segment::Key(key) => {
                let Some(entry) = node.entry(key) else { return found };
                node = &entry.node;
                let scalar = matches!(node.parts, Parts::None);
                found = if scalar && !about_key { node.place } else { entry.place };
            }
            Segment::Index(index) => {
                let Some(item) = node.item(*index) else { return found };
                (node, found) = (item, item.place);
            }
        }
    }
    found
}

/// Follows a canonical path through a document.
pub(crate) fn find(document: &Value, root: &Node, path: &FieldPath) -> Found {
    let segments = path.segments();
    let mut value = Some(document);
    let mut node = root;
    let mut found = Found { place: root.place, key: root.place, depth: 0 };
    if let Some(Segment::Key(first)) = segments.first()
        && let Some(section) = draft::section(first)
    {
        match root.entry(section) {
            Some(entry) => {
                node = &entry.node;
                found = Found { place: entry.place, key: entry.place, depth: 0 };
                value = document.get(section);
            }
            // A document without sections, such as that of a project.
            None if root.entry(first).is_some() => {}
            None => return found,
        }
    }
    for (depth, segment) in segments.iter().enumerate() {
        match (segment, &node.parts) {
            (Segment::Key(key), Parts::Map(_)) => {
                let Some(entry) = node.entry(key) else { return found };
                node = &entry.node;
                let scalar = matches!(node.parts, Parts::None);
                found.place = if scalar { node.place } else { entry.place };
                found.key = entry.place;
                value = value.and_then(|value| value.get(key.as_str()));
            }
            (segment, Parts::List(nodes)) => {
                let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let keys = draft::list_key(&segments[..depth]);
                let position = nodes.position(items, keys, segment);
                let item = position.and_then(|index| Some((index, nodes.get(index)?)));
                let Some((index, item)) = item else { return found };
                node = item;
                (found.place, found.key) = (item.place, item.place);
                value = items.get(index);
            }
            _ => return found,
        }
        found.depth = depth + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::{FieldPath, Source, load};

    #[test]
    fn every_item_of_a_long_list_and_every_key_of_a_long_map_has_its_own_place() {
        let mut text = String::from("apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\n");
        text.push_str("metadata:\n  name: a\n  labels:\n");
        (0..100).for_each(|at| writeln!(text, "    l{at}: x").unwrap());
        text.push_str("spec:\n  containers:\n  - name: main\n    image: a:1\n    env:\n");
        (0..100).for_each(|at| writeln!(text, "    - {{name: V{at}, value: x}}").unwrap());
        text.push_str("    ports:\n");
        (1..101).for_each(|at| writeln!(text, "    - {{containerPort: {at}}}").unwrap());
        let loaded = load(&[Source::Text { name: "a.yaml".into(), text }]);
        let line = |path: FieldPath| loaded.pipelines[0].location(&path).map(|it| it.line);
        let env = FieldPath::of(["containers", "main", "env"]);
        let ports = FieldPath::of(["containers", "main", "ports"]);
        for at in 0..100 {
            assert_eq!(line(FieldPath::of(["labels"]).key(format!("l{at}"))), Some(6 + at));
            assert_eq!(line(env.key(format!("V{at}")).key("value")), Some(111 + at));
            assert_eq!(line(env.index(at).key("value")), Some(111 + at));
            let port = ports.key(format!("{}/TCP", at + 1));
            assert_eq!(line(port.key("containerPort")), Some(212 + at));
        }
        for missing in [env.key("V100"), env.index(100), ports.key("1/UDP"), ports.key("1")] {
            assert_eq!(line(missing.clone()), None, "{missing}");
        }
    }
}
