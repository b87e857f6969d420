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
            (segment, Parts::List(_)) => {
                let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let position = draft::list_key(&segments[..depth]).position(items, segment);
                let item = position.and_then(|index| Some((index, node.item(index)?)));
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
