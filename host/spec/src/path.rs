//! Paths of fields, as grants, findings, edits and provenance write them.
//!
//! A path names a field of a pipeline: `replicas`, `containers.nginx.image`,
//! `claims.data.storageClass`, `podLabels["example.com/team"]`. It is written without the `spec.`
//! and `metadata.` of the file: `name`, `namespace`, `labels` and `annotations` are the metadata's,
//! all others the spec's. Items of a list with a key are named by it (a container by its name, a
//! port by `80/TCP`, a mount by its path), items of other lists by their index: `args[0]`.

use std::fmt;
use std::str::FromStr;

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field, the key of a map, or the key of a list item.
    Key(String),
    /// An item of a list without keys.
    Index(usize),
}

/// Path of a field; see the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Segment>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a field path: {reason} at character {at}")]
pub struct ParsePathError {
    text: String,
    reason: &'static str,
    at: usize,
}

impl FieldPath {
    /// The path of the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of these keys.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        keys.into_iter().map(|key| Segment::Key(key.to_owned())).collect()
    }

    /// This path and one more key.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Segment::Key(key.into()))
    }

    /// This path and one more index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// This path and one more segment.
    #[must_use]
    pub fn with(&self, segment: Segment) -> Self {
        let mut segments = Vec::with_capacity(self.0.len() + 1);
        segments.extend_from_slice(&self.0);
        segments.push(segment);
        Self(segments)
    }

    /// The steps, from the document down.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The path without its last step; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// Whether this path is `other` or above it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

/// Whether a key needs no quotes.
fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'))
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) if is_plain(key) => f.write_str(key),
            // A JSON string: quotes, backslashes and control characters are escaped.
            Self::Key(key) => write!(f, "[{}]", serde_json::Value::from(key.as_str())),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            let plain = matches!(segment, Segment::Key(key) if is_plain(key));
            if position > 0 && plain {
                f.write_str(".")?;
            }
            write!(f, "{segment}")?;
        }
        Ok(())
    }
}

impl FromStr for FieldPath {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let fail = |reason| ParsePathError { text: text.to_owned(), reason, at };
            let (segment, tail) = if let Some(inner) = rest.strip_prefix('[') {
                parse_bracket(inner).map_err(fail)?
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (key, tail) = rest.split_at(end);
                if !is_plain(key) {
                    return Err(fail("a key with such characters is written [\"in quotes\"]"));
                }
                (Segment::Key(key.to_owned()), tail)
            };
            segments.push(segment);
            rest = match tail.strip_prefix('.') {
                Some("") => return Err(fail("a key is missing after the last dot")),
                Some(next) => next,
                None => tail,
            };
        }
        if segments.is_empty() {
            return Err(ParsePathError { text: String::new(), reason: "it is empty", at: 0 });
        }
        Ok(Self(segments))
    }
}

/// Parses what follows a `[`: a JSON string or an index, and the `]`.
fn parse_bracket(inner: &str) -> Result<(Segment, &str), &'static str> {
    if inner.starts_with('"') {
        let mut stream = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let Some(Ok(key)) = stream.next() else { return Err("a quoted key is not closed") };
        let tail = inner[stream.byte_offset()..].strip_prefix(']').ok_or("a `]` is missing")?;
        return Ok((Segment::Key(key), tail));
    }
    let (digits, tail) = inner.split_once(']').ok_or("a `]` is missing")?;
    let index =
        digits.parse().map_err(|_| "an index is a number, a key is written [\"in quotes\"]")?;
    Ok((Segment::Index(index), tail))
}
