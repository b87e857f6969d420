//! Manifests: files of Kubernetes objects, read as kubectl reads them.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::places::{Document, Places};
use super::source::whole::Whole;
use super::source::{File, Source, whole};
use super::tree::Place;
use super::{once, yaml};
use crate::{FieldPath, Finding, Location, parallel};

/// Deepest nesting of lists of objects in lists of objects.
const LISTS: usize = 4;

/// One Kubernetes object of a file.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The object as it is written.
    pub value: Value,
    /// Where its document begins.
    pub location: Location,
    document: Option<Document>,
}

/// What was read from [`Source`]s.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The objects, in the order of the sources. Those of a `List` are objects of their own.
    pub objects: Vec<Manifest>,
    /// Everything that cannot be read.
    pub findings: Vec<Finding>,
    texts: Vec<(Arc<PathBuf>, Arc<str>)>,
}

/// Reads the objects of manifests: YAML documents or JSON, lists included. Numbers and booleans mean
/// what they mean to kubectl, e.g. `0644` is octal and `3.0` an integer, and a field without a value is left out.
pub fn load_manifests(sources: &[Source]) -> Manifests {
    let mut read = Manifests::default();
    let files = once::files(parallel::threads(), sources, &mut read.findings);
    let mut whole = Whole::of(whole::OF_MANIFESTS);
    for file in whole::few(files, &mut read.findings) {
        if let Err(over) = read.file(&file, &mut whole) {
            read.findings.push(*over);
            break;
        }
    }
    read
}

impl Manifests {
    /// The text of a file that was read, for excerpts.
    pub fn text(&self, file: &std::path::Path) -> Option<&str> {
        self.texts.iter().find(|(path, _)| path.as_path() == file).map(|(_, text)| &**text)
    }

    /// Reads a file, up to a document with which there are too many values.
    fn file(&mut self, file: &File, whole: &mut Whole) -> Result<(), Box<Finding>> {
        self.texts.push((file.path.clone(), file.text.clone()));
        for (number, chunk) in (1..).zip(yaml::chunks(&file.text)) {
            let location = file.location(first_line(&chunk));
            if chunk.text.len() > yaml::MAX_MANIFEST {
                let message = "the document has more than 16 MiB";
                let finding = Finding::error(Code::DocumentTooLarge, FieldPath::root(), message);
                self.findings.push(finding.at(Some(file.location(chunk.place()))));
                continue;
            }
            match yaml::parse_manifest(chunk) {
                Ok(value) => {
                    let over = whole.add(whole::kept_values(&value), file, number);
                    over.map_or(Ok(()), |over| Err(Box::new(over)))?;
                    self.add(value, &location, &Document::new(file, &chunk), LISTS);
                }
                Err(error) => self.findings.push(error.finding(file)),
            }
        }
        Ok(())
    }

    fn add(&mut self, mut value: Value, location: &Location, document: &Document, lists: usize) {
        let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
        let is_list = kind.ends_with("List") && lists > 0;
        if is_list && let Some(Value::Array(items)) = value.get_mut("items") {
            for (index, item) in std::mem::take(items).into_iter().enumerate() {
                self.add(item, location, &document.item(index), lists - 1);
            }
        } else if !value.is_null() {
            let (location, document) = (location.clone(), Some(document.clone()));
            self.objects.push(Manifest { value, location, document });
        }
    }
}

/// The first line of a document that says something.
fn first_line(chunk: &yaml::Chunk<'_>) -> Place {
    let mut place = chunk.place();
    let mut at = chunk.start;
    for line in chunk.text.split_inclusive('\n') {
        let text = line.trim();
        if !text.is_empty() && !text.starts_with('#') && text != "---" {
            break;
        }
        at += line.len();
        place.line += 1;
    }
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { start: small(at), end: small(at + 1), ..place }
}

impl Manifest {
    /// An object that comes from elsewhere, e.g. from a cluster: `name` is what findings call it.
    pub fn new(value: Value, name: impl Into<PathBuf>) -> Self {
        let span: Range<usize> = 0..0;
        let location = Location { file: Arc::new(name.into()), line: 1, column: 1, span };
        Self { value, location, document: None }
    }

    /// Where its fields stand. Its document is read again, so ask once for many fields.
    pub fn places(&self) -> Places<'_> {
        Places::new(&self.value, self.document.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Manifests {
        load_manifests(&[Source::Text { name: "x.yaml".into(), text: text.to_owned() }])
    }

    #[test]
    fn documents_and_lists_are_objects() {
        let text = "# a comment\n---\nkind: A\n---\n---\nkind: List\nitems:\n- kind: B\n\
                    - {kind: BList, items: [{kind: C}]}\n";
        let read = read(text);
        assert!(read.findings.is_empty(), "{:?}", read.findings);
        let kinds: Vec<_> = read.objects.iter().map(|it| it.value["kind"].clone()).collect();
        assert_eq!(kinds, ["A", "B", "C"]);
        assert_eq!(read.objects[1].location.line, 6);
        assert_eq!(read.text(std::path::Path::new("x.yaml")), Some(text));
    }

    #[test]
    fn scalars_mean_what_they_mean_to_kubectl() {
        let read = read(
            "mode: 0644\nflag: yes\ntext: '0644'\nnone: null\nlist: [~, 1]\nhalf: 0.5\nbase: &b {a: 1}\n\
             more: {<<: *b, c: 2}\nwhole: [3.0, 1.00065e+09, -2.0, 0.0]\nhuge: 1e19\n",
        );
        assert!(read.findings.is_empty(), "{:?}", read.findings);
        assert_eq!(
            read.objects[0].value,
            json!({"mode": 420, "flag": true, "text": "0644", "none": null, "list": [null, 1], "half": 0.5,
                   "base": {"a": 1}, "more": {"a": 1, "c": 2}, "whole": [3, 1_000_650_000, -2, 0], "huge": 1e19})
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place_and_the_rest_is_read() {
        let read = read("kind: A\n---\nkind: {{ .Values.kind }}\n---\nkind: B\n");
        assert_eq!(read.objects.len(), 2);
        assert_eq!(read.findings.len(), 1);
        assert_eq!(read.findings[0].code, Code::Syntax);
        assert_eq!(read.findings[0].location.as_ref().map(|it| it.line), Some(3));
    }

    #[test]
    fn values_are_counted_as_documents_are_read() {
        let text: Arc<str> = "[1, 2]\n---\n{a: {b: 1}}\n---\n1\n".into();
        let file = File { path: Arc::new("a.yaml".into()), text };
        let read = |most| {
            let mut read = Manifests::default();
            let over = read.file(&file, &mut Whole::of(most)).err();
            (read.objects.len(), over.map(|it| it.message))
        };
        assert_eq!(read(27), (3, None));
        let message = |at| format!("document {at} of `a.yaml` and those before it have more than");
        assert_eq!(read(26), (2, Some(message(3) + " 26 values")));
        assert_eq!(read(25), (1, Some(message(2) + " 25 values")));
    }
}
