//! Where everything stands: the shape of a document with the place of every key and value.

use serde_json::Value;

use crate::draft;
use crate::{FieldPath, Segment};

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
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Box<str>,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.parts {
            Parts::Map(entries) => entries.iter().find(|entry| &*entry.key == key),
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

/// Follows a canonical path through a document. Answers with the place of the deepest value that
/// is there and how many segments of the path were followed. A scalar's place is its own, that of
/// a map or list under a key is the key's.
pub(crate) fn find(document: &Value, root: &Node, path: &FieldPath) -> (Place, usize) {
    let segments = path.segments();
    let mut value = Some(document);
    let mut node = root;
    let mut place = root.place;
    if let Some(Segment::Key(first)) = segments.first()
        && let Some(section) = draft::section(first)
    {
        let Some(entry) = root.entry(section) else { return (place, 0) };
        (node, place) = (&entry.node, entry.place);
        value = document.get(section);
    }
    for (depth, segment) in segments.iter().enumerate() {
        match (segment, &node.parts) {
            (Segment::Key(key), Parts::Map(_)) => {
                let Some(entry) = node.entry(key) else { return (place, depth) };
                node = &entry.node;
                place = if matches!(node.parts, Parts::None) { node.place } else { entry.place };
                value = value.and_then(|value| value.get(key));
            }
            (segment, Parts::List(_)) => {
                let keys = draft::key_of(&segments[..depth]);
                let position = match (value.and_then(Value::as_array), segment) {
                    (Some(items), segment) => keys.position(items, segment),
                    (None, Segment::Index(index)) => Some(*index),
                    (None, Segment::Key(_)) => None,
                };
                let found = position.and_then(|index| Some((index, node.item(index)?)));
                let Some((index, item)) = found else { return (place, depth) };
                (node, place) = (item, item.place);
                value = value.and_then(|value| value.get(index));
            }
            _ => return (place, depth),
        }
    }
    (place, segments.len())
}
