//! One document of a file: its typed value, and where each of its fields stands.

use std::collections::HashSet;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::source::File;
use super::tree::{Node, Place};
use super::yaml::{Issue, IssueKind, Parsed};
use super::{quick, syntax, tree, yaml};
use crate::read::Kind;
use crate::{FieldPath, Finding, Location, PathMap, Segment, Severity, draft, read};

/// A typed document and where each of its fields stands.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The typed document.
    pub value: T,
    pub(super) warnings: Box<[Finding]>,
    pub(super) document: Document,
}

/// A document as it stands in its file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) file: File,
    /// Its number in the file, from 1.
    number: usize,
    /// Byte of the file at which it starts, and how many it has.
    start: usize,
    len: usize,
    /// Lines of the file before it.
    lines: usize,
    /// What it says and where. Of thousands of documents hardly one is asked for it, so it is read again then.
    pub(super) tree: OnceLock<Box<Tree>>,
}

/// What a document says: `metadata` and `spec`, and where each of their parts stands.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) value: Value,
    pub(super) node: Node,
}

/// What became of a document.
pub(super) struct Typed<T> {
    pub(super) value: Option<Located<T>>,
    pub(super) findings: Vec<Finding>,
}

/// Findings that something is not there. Where a document has an error, that may be why.
const OF_ABSENCE: [Code; 4] =
    [Code::NoContainer, Code::UnknownVolume, Code::UnmountedClaim, Code::SelectorMismatch];

fn has_index(path: &FieldPath) -> bool {
    path.segments().iter().any(|segment| matches!(segment, Segment::Index(_)))
}

impl Document {
    pub(super) fn new(file: &File, number: usize, chunk: yaml::Chunk<'_>, tree: Tree) -> Self {
        let yaml::Chunk { text, start, lines } = chunk;
        let tree = OnceLock::from(Box::new(tree));
        Self { file: file.clone(), number, start, len: text.len(), lines, tree }
    }

    pub(super) fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Box::new(self.read_again()))
    }

    /// The document as it was read before.
    fn read_again(&self) -> Tree {
        tracing::trace!("a document is parsed again, for its places");
        let text = &self.file.text[self.start..self.start + self.len];
        let chunk = yaml::Chunk { text, start: self.start, lines: self.lines };
        let parsed = quick::read(chunk).map_or_else(|| yaml::parse(chunk), Ok);
        let Ok(Parsed { mut value, node, .. }) = parsed else {
            unreachable!("the same text was read before")
        };
        if let Value::Object(fields) = &mut value {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        Tree { value, node }
    }

    /// Reads the value into its type and checks it.
    pub(super) fn read<T: Kind>(
        mut self,
        mut findings: Vec<Finding>,
        check: fn(&T) -> Vec<Finding>,
    ) -> Typed<T> {
        let read = read::read::<T>(&self.tree().value);
        let mut known: HashSet<_> = findings.iter().map(|it| it.path.clone()).collect();
        for (finding, path) in read.findings.into_iter().zip(&read.paths) {
            if known.insert(finding.path.clone()) {
                let place =
                    tree::place(&self.tree().node, path, finding.code == Code::UnknownField);
                findings.push(finding.at(Some(self.file.location(place))));
            }
        }
        let clean = findings.is_empty();
        if let Some(value) = &read.value {
            // A field that is wrong is filled in, and items may be called by it.
            let written = serde_json::to_value(value).ok().filter(|_| !clean).unwrap_or_default();
            let filled_in = read.paths.iter().map(|it| draft::field_path(&written, it));
            let unsure: PathMap<()> = filled_in.chain(known).collect();
            let sure = |more: &Finding| {
                clean
                    || !OF_ABSENCE.contains(&more.code)
                        && (read.in_place || !has_index(&more.path))
                        && !unsure.touches(&more.path)
            };
            let more: Vec<_> = check(value).into_iter().filter(sure).collect();
            findings.extend(more.into_iter().map(|finding| self.locate(finding)));
        }
        findings.sort_by_key(|finding| finding.location.as_ref().map(|it| it.span.start));
        let bad = findings.iter().any(|finding| finding.severity == Severity::Error);
        let value = read.value.filter(|_| !bad).map(|value| {
            self.tree = OnceLock::new();
            Located { value, warnings: findings.clone().into(), document: self }
        });
        Typed { value, findings }
    }

    pub(super) fn issue(&self, issue: &Issue) -> Finding {
        let path = draft::field_path(&self.tree().value, &issue.path);
        let (code, message, hint) = match issue.kind {
            IssueKind::DuplicateKey(first) => {
                let message = format!("duplicate key, first in line {first}");
                (Code::DuplicateKey, message, "remove one of them")
            }
            IssueKind::NoValue => {
                let message = "the field has no value".to_owned();
                (Code::MissingValue, message, "write a value, or remove the line")
            }
            IssueKind::NotText => {
                let hint = syntax::hint_of_key(&self.file.text[issue.place.start as usize..]);
                (Code::WrongType, "the key is not text".to_owned(), hint)
            }
            IssueKind::OutOfRange => {
                let message = "the number is too large for any field".to_owned();
                (Code::InvalidValue, message, "put it in quotes if it is meant as text")
            }
        };
        Finding::error(code, path, message).hint(hint).at(Some(self.file.location(issue.place)))
    }

    fn find(&self, path: &FieldPath) -> tree::Found {
        let Tree { value, node } = self.tree();
        tree::find(value, node, path)
    }

    pub(super) fn locate(&self, finding: Finding) -> Finding {
        if finding.location.is_some() {
            return finding;
        }
        let found = self.find(&finding.path);
        let about_key = finding.code == Code::UnknownField;
        let place = if about_key { found.key } else { found.place };
        finding.at(Some(self.file.location(place)))
    }
}

impl File {
    pub(super) fn location(&self, place: Place) -> Location {
        Location {
            file: self.path.clone(),
            line: place.line as usize,
            column: place.column as usize,
            span: place.start as usize..place.end as usize,
        }
    }
}

impl yaml::Chunk<'_> {
    /// Its first line.
    pub(super) fn place(&self) -> Place {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place {
            line: small(self.lines + 1),
            column: 1,
            start: small(self.start),
            end: small(self.start),
        }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Located<T> {
    pub(super) fn map<U>(self, form: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: form(self.value), warnings: self.warnings, document: self.document }
    }

    /// The file, as the user named it; `-` for standard input.
    pub fn file(&self) -> &Arc<PathBuf> {
        &self.document.file.path
    }

    /// The whole text of the file.
    pub fn text(&self) -> &Arc<str> {
        &self.document.file.text
    }

    /// The document's number in its file, from 1.
    pub fn document(&self) -> usize {
        self.document.number
    }

    /// What should be looked at in the document, with its places. [`Loaded::findings`] has it, too.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Where a field stands; `None` when the file does not have it.
    pub fn location(&self, path: &FieldPath) -> Option<Location> {
        let found = self.document.find(path);
        let whole = found.depth == path.segments().len();
        whole.then(|| self.document.file.location(found.place))
    }

    /// Where a field stands, or what would hold it if the file had it.
    pub fn nearest(&self, path: &FieldPath) -> Location {
        let found = self.document.find(path);
        self.document.file.location(found.place)
    }

    /// A finding with its place, unless it has one already.
    #[must_use]
    pub fn locate(&self, finding: Finding) -> Finding {
        self.document.locate(finding)
    }
}
