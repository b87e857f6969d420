//! Reads YAML and JSON text into a value and the place of each of its parts.
//!
//! The parser is hidden behind this module: nothing of it is in the public interface.

mod raw;

use std::collections::HashMap;
use std::ops::Range;

use serde::de::Deserialize as _;
use serde_json::{Map, Value};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};
use smol_str::SmolStr;
use wellhead_diagnostics::Code;

use super::source::File;
use super::syntax;
use super::tree::{Entry, Many, Node, Parts, Place};
use crate::{FieldPath, Finding, Segment, sanitize};
use raw::Raw;

/// Most bytes of one document. An object in a cluster cannot be larger: etcd refuses requests over
/// 1.5 MiB. <https://etcd.io/docs/v3.6/dev-guide/limit/>
pub(crate) const MAX_DOCUMENT: usize = 1 << 20;
/// Most bytes of one document of manifests: a list of many objects.
pub(crate) const MAX_MANIFEST: usize = 16 << 20;
/// Most values of one document of manifests.
const MAX_MANIFEST_NODES: usize = 1_000_000;
/// 2^63: the first whole number that no field holds.
const MAX_WHOLE: f64 = 9_223_372_036_854_775_808.0;
/// Most bytes and values of a document of facts: five thousand nodes with sixty values each have half of it.
pub(crate) const MAX_FACTS: usize = 16 << 20;
const MAX_FACTS_NODES: usize = 600_000;
/// Values, and bytes of text with what aliases repeat, of a document of each kind.
const DOCUMENT: (usize, usize) = (MAX_NODES, MAX_TEXT);
const FACTS: (usize, usize) = (MAX_FACTS_NODES, 2 * MAX_FACTS);
/// Deepest nesting. The deepest honest field, a weighted affinity term's label values, is below 20.
const MAX_DEPTH: usize = 64;
/// Most values of one document, anchors expanded.
const MAX_NODES: usize = 100_000;
/// Most bytes of all scalars of one document, anchors expanded; those of manifests.
const MAX_TEXT: usize = 4 * MAX_DOCUMENT;
const MAX_MANIFEST_TEXT: usize = 2 * MAX_MANIFEST;
/// Most anchors that a document may use.
const MAX_ALIASES: usize = 200;
/// Most characters of the parser's message.
const MESSAGE_CHARACTERS: usize = 1_000;

/// The text of one document and where it stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk<'t> {
    pub(crate) text: &'t str,
    /// Byte of the file at which it starts.
    pub(crate) start: usize,
    /// Lines of the file before it.
    pub(crate) lines: usize,
}

/// What a document says.
pub(crate) struct Parsed {
    pub(crate) value: Value,
    pub(crate) node: Node,
    pub(crate) issues: Vec<Issue>,
}

/// Something that is YAML, and yet cannot be meant.
pub(crate) struct Issue {
    pub(crate) kind: IssueKind,
    /// Field names and list positions from the document down.
    pub(crate) path: Vec<Segment>,
    pub(crate) place: Place,
}

pub(crate) enum IssueKind {
    /// A key stands twice; the first is on this line.
    DuplicateKey(u32),
    /// A key has no value.
    NoValue,
    /// A key is a number or the like.
    NotText,
    /// An integer that no field can hold.
    OutOfRange,
}

/// Why a document cannot be read.
pub(crate) struct SyntaxError {
    message: String,
    hint: Option<&'static str>,
    place: Place,
}

impl SyntaxError {
    /// The same as a finding about a file.
    pub(crate) fn finding(self, file: &File) -> Finding {
        let mut finding = Finding::error(Code::Syntax, FieldPath::root(), self.message);
        finding.hint = self.hint.map(str::to_owned);
        finding.at(Some(file.location(self.place)))
    }
}

/// Splits a text into its documents, without the empty ones. YAML forbids `---` and `...` at the
/// start of a line everywhere else, block scalars included, so this needs no parser, and an error
/// in one document does not hide the next. <https://yaml.org/spec/1.2.2/#rule-c-forbidden>
pub(crate) fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut start, mut first_line) = (skipped, 0);
    // Directives (`%YAML 1.2`) belong to the document after the next `---`.
    let (mut content, mut directives) = (false, false);
    let mut offset = skipped;
    for (number, line) in text[skipped..].split_inclusive('\n').enumerate() {
        let marker = ["---", "..."].into_iter().find(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.trim_start().len() < rest.len() || rest.is_empty())
        });
        if let Some(marker) = marker {
            if content {
                chunks.push(Chunk { text: &text[start..offset], start, lines: first_line });
            }
            if content || !directives {
                (start, first_line) = (offset, number);
                if marker == "..." {
                    (start, first_line) = (offset + line.len(), number + 1);
                }
            }
            (content, directives) = (has_content(&line[3..]), false);
        } else if line.starts_with('%') && !content {
            directives = true;
        } else {
            content |= has_content(line);
        }
        offset += line.len();
    }
    if content {
        chunks.push(Chunk { text: &text[start..], start, lines: first_line });
    }
    chunks
}

fn has_content(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

/// The places of a document of Kubernetes objects; `None` where anchors or keys that stand twice hide them.
pub(crate) fn places(chunk: Chunk<'_>) -> Option<Node> {
    parse_where(chunk, DOCUMENT, |_| true).ok().map(|it| it.node)
}

/// Reads one document.
pub(crate) fn parse(chunk: Chunk<'_>) -> Result<Parsed, SyntaxError> {
    parse_where(chunk, DOCUMENT, in_config)
}

/// Reads a plugin's config that is a document of its own.
pub(crate) fn parse_config(chunk: Chunk<'_>) -> Result<Parsed, SyntaxError> {
    parse_where(chunk, DOCUMENT, |_| true)
}

/// Reads a document of facts.
pub(crate) fn parse_facts(chunk: Chunk<'_>) -> Result<Parsed, SyntaxError> {
    parse_where(chunk, FACTS, |_| true)
}

/// Reads one document of Kubernetes objects as kubectl does: scalars as YAML 1.1 has them, merge keys
/// expanded. <https://github.com/kubernetes-sigs/yaml>
pub(crate) fn parse_manifest(chunk: Chunk<'_>) -> Result<Value, SyntaxError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_MANIFEST_NODES,
            max_total_scalar_bytes: MAX_MANIFEST_TEXT,
            max_aliases: MAX_ALIASES,
            max_documents: 1,
            max_depth: MAX_DEPTH,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Merge,
        strict_booleans: false,
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    let mut value = serde_saphyr::from_str_with_options(chunk.text, options)
        .map_err(|error| syntax_error(&error, chunk))?;
    whole_numbers(&mut value);
    Ok(value)
}

/// Writes whole numbers without a point, as the JSON has them that kubectl and Helm make of YAML: `1e9` is `1000000000`.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Number(number) => {
            let float = number.as_f64().filter(|it| number.is_f64() && it.fract() == 0.0);
            #[expect(clippy::cast_possible_truncation, reason = "2^63 is out of the range")]
            if let Some(float) = float.filter(|it| (-MAX_WHOLE..MAX_WHOLE).contains(it)) {
                *number = (float as i64).into();
            }
        }
        _ => {}
    }
}

/// Reads one document of so many values, and so many bytes of text. `nulls` says where a null is a value.
fn parse_where(
    chunk: Chunk<'_>,
    bounds: (usize, usize),
    nulls: fn(&[Segment]) -> bool,
) -> Result<Parsed, SyntaxError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: bounds.0,
            max_total_scalar_bytes: bounds.1,
            max_aliases: MAX_ALIASES,
            max_documents: 1,
            max_depth: MAX_DEPTH,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        // All duplicates are reported, here and not by the parser, which stops at the first.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        // Its excerpts could show secrets.
        with_snippet: false,
    };
    let read = serde_saphyr::with_deserializer_from_str_with_options(
        chunk.text,
        options,
        |deserializer| Spanned::<Raw>::deserialize(deserializer),
    );
    let raw = read.map_err(|error| syntax_error(&error, chunk))?;
    let mut builder = Builder { chunk, nulls, issues: Vec::new(), path: Vec::new() };
    let (value, node) = builder.value(raw);
    Ok(Parsed { value, node, issues: builder.issues })
}

fn syntax_error(error: &serde_saphyr::Error, chunk: Chunk<'_>) -> SyntaxError {
    use serde_saphyr::MessageFormatter;
    let message = serde_saphyr::UserMessageFormatter.format_message(error);
    let message = sanitize(&message, MESSAGE_CHARACTERS);
    let place = match error.location() {
        Some(location) if location.span().byte_offset().is_some() => place(&location, chunk),
        Some(location) => syntax::place(location.line(), location.column(), chunk),
        None => chunk.place(),
    };
    let hint = syntax::hint(&message, syntax::line(place, chunk));
    SyntaxError { message, hint, place }
}

/// A place in the file, from one in the chunk.
fn place(location: &serde_saphyr::Location, chunk: Chunk<'_>) -> Place {
    let span = location.span();
    let clamp = |offset: u64| {
        usize::try_from(offset).map_or(chunk.text.len(), |it| it.min(chunk.text.len()))
    };
    let start = clamp(span.byte_offset().unwrap_or(0));
    let end = clamp(span.byte_offset().unwrap_or(0) + span.byte_len().unwrap_or(0)).max(start);
    let number = |it: u64| usize::try_from(it).unwrap_or(1).max(1);
    at(start..end, number(location.line()), number(location.column()), chunk)
}

/// A place in the file, from what the parser says of one in the chunk; none where it does not know the bytes.
pub(super) fn place_of(span: &granit_parser::Span, chunk: Chunk<'_>) -> Option<Place> {
    Some(at(span.byte_range()?, span.start.line(), span.start.col() + 1, chunk))
}

/// A place in the file, from its bytes, line and column in the chunk. It ends with its first line.
fn at(bytes: Range<usize>, line: usize, column: usize, chunk: Chunk<'_>) -> Place {
    let first_line = chunk.text.get(bytes.clone()).unwrap_or("").lines().next().unwrap_or("");
    Place {
        line: small(chunk.lines + line),
        column: small(column),
        start: small(chunk.start + bytes.start),
        end: small(chunk.start + bytes.start + first_line.trim_end().len()),
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Makes the value and the tree of places, and notes what cannot be meant.
struct Builder<'t> {
    chunk: Chunk<'t>,
    nulls: fn(&[Segment]) -> bool,
    issues: Vec<Issue>,
    path: Vec<Segment>,
}

impl Builder<'_> {
    fn value(&mut self, raw: Spanned<Raw>) -> (Value, Node) {
        let place = place(&raw.referenced, self.chunk);
        let (value, parts) = match raw.value {
            Raw::Scalar(value) => {
                if value.is_f64() && self.is_integer(&raw.defined) {
                    self.note(IssueKind::OutOfRange, place);
                }
                (value, Parts::None)
            }
            Raw::List(items) => {
                let (values, nodes) = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| self.below(Segment::Index(index), item))
                    .unzip();
                (Value::Array(values), Parts::List(Many::boxed(nodes)))
            }
            Raw::Map(entries) => self.map(entries),
        };
        (value, Node { place, parts })
    }

    fn map(&mut self, entries: Vec<(Spanned<Raw>, Spanned<Raw>)>) -> (Value, Parts) {
        let mut fields = Map::new();
        let mut parts = Vec::with_capacity(entries.len());
        let mut lines: HashMap<SmolStr, u32> = HashMap::with_capacity(entries.len());
        for (raw_key, raw) in entries {
            let key_place = place(&raw_key.referenced, self.chunk);
            let (key, is_text) = match raw_key.value {
                Raw::Scalar(Value::String(key)) => (key, true),
                Raw::Scalar(other) => (other.to_string(), false),
                Raw::List(_) | Raw::Map(_) => (String::from("?"), false),
            };
            let name = SmolStr::new(&key);
            self.path.push(Segment::Key(name.clone()));
            match (is_text, lines.get(&name).copied()) {
                (false, _) => self.note(IssueKind::NotText, key_place),
                (true, Some(line)) => self.note(IssueKind::DuplicateKey(line), key_place),
                (true, None) => {
                    let (value, node) = self.value(raw);
                    if value.is_null() && !(self.nulls)(&self.path) {
                        self.note(IssueKind::NoValue, key_place);
                    } else {
                        fields.insert(key.clone(), value);
                    }
                    lines.insert(name, key_place.line);
                    parts.push(Entry { key: key.into(), place: key_place, node });
                }
            }
            self.path.pop();
        }
        (Value::Object(fields), Parts::Map(Many::boxed(parts)))
    }

    fn below(&mut self, segment: Segment, raw: Spanned<Raw>) -> (Value, Node) {
        self.path.push(segment);
        let made = self.value(raw);
        self.path.pop();
        made
    }

    fn note(&mut self, kind: IssueKind, place: Place) {
        self.issues.push(Issue { kind, path: self.path.clone(), place });
    }

    /// Whether a float is written as an integer: then it is one that does not fit.
    fn is_integer(&self, location: &serde_saphyr::Location) -> bool {
        let span = location.span();
        let (Some(start), Some(len)) = (span.byte_offset(), span.byte_len()) else { return false };
        let bytes = usize::try_from(start).ok().zip(usize::try_from(start + len).ok());
        let text = bytes.and_then(|(start, end)| self.chunk.text.get(start..end));
        text.is_some_and(|text| {
            let digits = text.trim().trim_start_matches(['+', '-']);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

/// Whether a path is inside a plugin's config, where a null is a value like any other.
fn in_config(path: &[Segment]) -> bool {
    let key = |depth: usize, name: &str| matches!(path.get(depth), Some(Segment::Key(key)) if key == name);
    path.len() > 4 && key(0, "spec") && key(1, "plugins") && key(3, "config")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_where_yaml_splits_it() {
        let texts = |text| chunks(text).iter().map(|it| (it.text, it.lines)).collect::<Vec<_>>();
        assert_eq!(texts("a: 1\n"), [("a: 1\n", 0)]);
        assert_eq!(
            texts("---\na: 1\n---\n# nothing\n---\nb: 1"),
            [("---\na: 1\n", 0), ("---\nb: 1", 4)]
        );
        assert_eq!(
            texts("a: |\n  ---\n  x\n--- {b: 1}\n"),
            [("a: |\n  ---\n  x\n", 0), ("--- {b: 1}\n", 3)]
        );
        assert_eq!(texts("a: 1\n...\nb: 1\n"), [("a: 1\n", 0), ("b: 1\n", 2)]);
        assert_eq!(texts("%YAML 1.2\n---\na: 1\n"), [("%YAML 1.2\n---\na: 1\n", 0)]);
        assert_eq!(
            texts("\u{feff}a: 1\r\n---\r\nb: 1\r\n"),
            [("a: 1\r\n", 0), ("---\r\nb: 1\r\n", 1)]
        );
        assert_eq!(texts("# nothing\n---\n---\n"), []);
        assert_eq!(texts("a---: 1\n----: 2\n"), [("a---: 1\n----: 2\n", 0)]);
    }
}
