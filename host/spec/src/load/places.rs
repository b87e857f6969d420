//! Where the fields of an object stand in the file that it was read from.

use serde_json::Value;

use super::source::File;
use super::tree::{Node, Parts, Place};
use super::yaml;
use crate::{FieldPath, Location, Segment};

/// The document that holds an object, which is read again when places are asked for.
#[derive(Clone, Debug)]
pub(super) struct Document {
    file: File,
    start: usize,
    len: usize,
    lines: usize,
    /// Positions in the lists of objects around the object, from the outside.
    items: Vec<usize>,
}

impl Document {
    pub(super) fn new(file: &File, chunk: &yaml::Chunk<'_>) -> Self {
        let (start, lines) = (chunk.start, chunk.lines);
        Self { file: file.clone(), start, len: chunk.text.len(), lines, items: Vec::new() }
    }

    /// The same document, for an item of the list of objects that it holds.
    pub(super) fn item(&self, index: usize) -> Self {
        let mut item = self.clone();
        item.items.push(index);
        item
    }

    fn read(&self) -> Option<Node> {
        let text = self.file.text.get(self.start..self.start + self.len)?;
        let mut node = yaml::places(yaml::Chunk { text, start: self.start, lines: self.lines })?;
        for index in &self.items {
            node = item(entry(node, "items")?.1, *index)?;
        }
        Some(node)
    }
}

/// The places of an object's fields.
#[derive(Debug)]
pub struct Places<'m> {
    value: &'m Value,
    read: Option<(File, Node)>,
}

impl<'m> Places<'m> {
    pub(super) fn new(value: &'m Value, document: Option<&Document>) -> Self {
        let read = document.and_then(|it| Some((it.file.clone(), it.read()?)));
        Self { value, read }
    }

    /// Where a field stands, or the deepest part of its path that is there. `name` says how the path names an item of a
    /// list. `None` where nothing of it is there, or the document says nothing about places.
    pub fn locate(
        &self,
        path: &FieldPath,
        name: impl Fn(&FieldPath, &Value, usize) -> Segment,
    ) -> Option<Location> {
        let (file, root) = self.read.as_ref()?;
        let (mut node, mut value) = (root, self.value);
        let mut found: Option<Place> = None;
        let mut at = FieldPath::root();
        for segment in path.segments() {
            let below = match (&node.parts, segment, value) {
                (Parts::Map(_), Segment::Key(key), _) => node.entry(key).and_then(|it| {
                    let scalar = matches!(it.node.parts, Parts::None);
                    let place = if scalar { it.node.place } else { it.place };
                    Some((place, &it.node, value.get(key.as_str())?))
                }),
                (Parts::List(nodes), _, Value::Array(items)) => {
                    let mut pairs = items.iter().zip(&***nodes).enumerate();
                    let found =
                        pairs.find(|(index, (item, _))| name(&at, item, *index) == *segment);
                    found.map(|(_, (item, node))| (node.place, node, item))
                }
                _ => None,
            };
            let Some((place, next, part)) = below else { break };
            found = Some(place);
            (node, value) = (next, part);
            at = at.with(segment.clone());
        }
        found.map(|place| file.location(place))
    }
}

fn entry(node: Node, key: &str) -> Option<(Place, Node)> {
    match node.parts {
        Parts::Map(entries) => {
            entries.into_vec().into_iter().find(|it| *it.key == *key).map(|it| (it.place, it.node))
        }
        _ => None,
    }
}

fn item(node: Node, index: usize) -> Option<Node> {
    match node.parts {
        Parts::List(items) => items.into_vec().into_iter().nth(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{FieldPath, Segment, Source, load_manifests};

    fn lines(text: &str, paths: &[&str]) -> Vec<Option<(usize, usize)>> {
        let source = Source::Text { name: "x.yaml".into(), text: text.to_owned() };
        let read = load_manifests(&[source]);
        let object = read.objects.last().unwrap();
        let places = object.places();
        let by_name = |_: &FieldPath, item: &serde_json::Value, index| {
            item["name"].as_str().map_or(Segment::Index(index), |it| Segment::Key(it.into()))
        };
        let at = |path: &&str| places.locate(&path.parse().unwrap(), by_name);
        paths.iter().map(at).map(|it| it.map(|it| (it.line, it.column))).collect()
    }

    #[test]
    fn a_field_is_found_by_keys_names_and_positions_and_so_is_what_holds_a_missing_one() {
        let text =
            "kind: A\n---\nkind: B\nspec:\n  list:\n  - name: a\n    value: 1\n  - {value: 2}\n";
        let paths =
            ["spec.list.a.value", "spec.list[1].value", "spec.list.a.none", "spec.none", "none"];
        let expected = [Some((7, 12)), Some((8, 13)), Some((6, 5)), Some((4, 1)), None];
        assert_eq!(lines(text, &paths), expected);
    }

    #[test]
    fn an_object_of_a_list_of_objects_has_places_of_its_own() {
        let text =
            "kind: List\nitems:\n- kind: A\n  a: 1\n- kind: BList\n  items: [{kind: C, a: 2}]\n";
        assert_eq!(lines(text, &["a"]), [Some((6, 24))]);
    }

    #[test]
    fn a_document_with_anchors_has_no_places() {
        assert_eq!(lines("a: &a {b: 1}\nc: {<<: *a}\n", &["c.b"]), [None]);
    }
}
