//! Paths of fields, as grants, findings, edits and provenance write them.
//!
//! This is the grammar of paths and of [patterns](crate::PathPattern), which grants, openings and
//! overrides write (EBNF, <https://www.w3.org/TR/xml/#sec-notation>):
//!
//! ```text
//! path     ::= ( key | bracket ) ( "." key | bracket )*
//! pattern  ::= ( key | bracket | star ) ( "." ( key | "*" | "**" ) | bracket | "[*]" )* "[+]"?
//! star     ::= "*" | "**" | "[*]"
//! bracket  ::= "[" ( string | index ) "]"
//! key      ::= [A-Za-z0-9_/-]+
//! string   ::= a JSON string (RFC 8259), for keys that have other characters
//! index    ::= [0-9]+
//! ```
//!
//! A key names a field, the key of a map (a label, an annotation, a resource), or an item of a list
//! that has keys: containers, claims, volumes and variables go by their name, ports by
//! `NUMBER/PROTOCOL`, mounts by their path. An index names an item of any other list. `*` (also
//! `[*]`) stands for exactly one step, `**` for any number of steps, none included. `[+]` at the end stands for an item
//! that an edit adds to a list, and for no other. There are no
//! partial wildcards. A step in quotes is always a key: `["*"]` is the key `*`, and `["a"]` is the
//! same as `a`.
//!
//! Some that are right: `replicas`, `containers.*.image`, `podLabels["example.com/team"]`,
//! `containers.nginx.ports.80/TCP`, `containers.nginx.volumeMounts["/my data"].name`,
//! `tolerations[0].key`, `affinity.**`.

mod includes;
pub(crate) mod map;
pub(crate) mod pattern;
pub(crate) mod pattern_set;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::text::in_code;

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field, the key of a map, or the key of a list item.
    Key(SmolStr),
    /// An item of a list without keys.
    Index(usize),
}

/// Steps of most paths, which stand in place: every edit of a plugin makes and compares paths.
const STEPS: usize = 5;

/// Path of a field.
///
/// It names a field of a pipeline: `replicas`, `containers.nginx.image`,
/// `claims.data.storageClass`, `podLabels["example.com/team"]`. It is written without the `spec.`
/// and `metadata.` of the file: `name`, `namespace`, `labels` and `annotations` are the metadata's,
/// all others the spec's. Items of a list with a key are named by it (a container by its name, a
/// port by `80/TCP`, a mount by its path), items of other lists by their index: `args[0]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(SmallVec<[Segment; STEPS]>);

/// Most characters of a text that is no path.
const TOLD_CHARACTERS: usize = 300;

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a field path: {reason} at character {at}", in_code(text, TOLD_CHARACTERS))]
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
        keys.into_iter().map(|key| Segment::Key(key.into())).collect()
    }

    /// This path and one more key.
    #[must_use]
    pub fn key(&self, key: impl Into<SmolStr>) -> Self {
        self.with(Segment::Key(key.into()))
    }

    /// This path, one key longer, where [`FieldPath::key`] makes another one.
    #[must_use]
    pub fn then(mut self, key: impl Into<SmolStr>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// This path and one more index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// This path and one more segment.
    #[must_use]
    pub fn with(&self, segment: Segment) -> Self {
        let mut segments = SmallVec::with_capacity(self.0.len() + 1);
        segments.extend(self.0.iter().cloned());
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
        Some(rest.iter().cloned().collect())
    }

    /// Whether this path is `other` or above it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// Paths have the order of their steps.
impl Borrow<[Segment]> for FieldPath {
    fn borrow(&self) -> &[Segment] {
        &self.0
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether a key needs no quotes.
pub(crate) fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'))
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) if is_plain(key) => f.write_str(key),
            Self::Key(key) => write_quoted(f, key),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Writes a key as a JSON string in brackets. All but printable ASCII is escaped, so that no path
/// looks like another one, and so is the backtick, which would end the code that a path stands in.
fn write_quoted(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    f.write_str("[")?;
    for character in serde_json::Value::from(key).to_string().chars() {
        match character {
            ' '..='~' if character != '`' => write!(f, "{character}")?,
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
        }
    }
    f.write_str("]")
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
        parse(text, |token| match token {
            Token::Plain(key) if is_plain(key) => Ok(Segment::Key(key.into())),
            Token::Plain("*" | "**") => Err("a path names one field, only a pattern has `*`"),
            Token::Plain(_) => Err("a key with such characters is written [\"in quotes\"]"),
            Token::Bracket(segment) => Ok(segment),
            Token::Star => Err("a path names one item, only a pattern has `[*]`"),
            Token::Plus => Err("a path names one item, only a pattern has `[+]`"),
        })
        .map(|steps| Self(steps.into()))
    }
}

/// One step of a path as it is written.
pub(crate) enum Token<'t> {
    /// A key without quotes, not checked.
    Plain(&'t str),
    /// `["key"]` or `[7]`.
    Bracket(Segment),
    /// `[*]`.
    Star,
    /// `[+]`.
    Plus,
}

/// Parses the common syntax of paths and patterns: plain keys after a dot, and brackets.
pub(crate) fn parse<T>(
    text: &str,
    mut take: impl FnMut(Token<'_>) -> Result<T, &'static str>,
) -> Result<Vec<T>, ParsePathError> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let consumed = text.len() - rest.len();
        let fail = |reason| ParsePathError {
            text: text.to_owned(),
            reason,
            at: text[..consumed].chars().count() + 1,
        };
        let (token, tail) = if let Some(inner) = rest.strip_prefix('[') {
            parse_bracket(inner).map_err(fail)?
        } else {
            let rest = match rest.strip_prefix('.') {
                Some(next) if !steps.is_empty() => next,
                None if steps.is_empty() => rest,
                _ => return Err(fail("unexpected `.`")),
            };
            let (key, tail) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            if key.is_empty() {
                return Err(fail("a key is missing"));
            }
            (Token::Plain(key), tail)
        };
        steps.push(take(token).map_err(fail)?);
        if tail.is_empty() {
            return Ok(steps);
        }
        rest = tail;
    }
}

/// Parses what follows a `[`: a JSON string, an index or a star, and the `]`.
fn parse_bracket(inner: &str) -> Result<(Token<'_>, &str), &'static str> {
    if inner.starts_with('"') {
        let mut stream = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let Some(Ok(key)) = stream.next() else { return Err("a quoted key is not closed") };
        let tail = inner[stream.byte_offset()..].strip_prefix(']').ok_or("a `]` is missing")?;
        return Ok((Token::Bracket(Segment::Key(key.into())), tail));
    }
    let (digits, tail) = inner.split_once(']').ok_or("a `]` is missing")?;
    match digits {
        "*" => return Ok((Token::Star, tail)),
        "+" if tail.is_empty() => return Ok((Token::Plus, tail)),
        "+" => return Err("`[+]` is the last step, for an item that is added"),
        _ => {}
    }
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok());
    let index = number.flatten().ok_or("an index is a number, a key is written [\"in quotes\"]")?;
    Ok((Token::Bracket(Segment::Index(index)), tail))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keys that need quotes as often as keys that need none.
    pub(crate) fn segment() -> impl Strategy<Value = Segment> {
        prop_oneof![
            "[a-zA-Z0-9_/-]{1,6}".prop_map(|key| Segment::Key(key.into())),
            any::<String>().prop_map(|key| Segment::Key(key.into())),
            "[.*\\[\\]\"`a]{0,4}".prop_map(|key| Segment::Key(key.into())),
            (0..20_usize).prop_map(Segment::Index),
        ]
    }

    proptest! {
        #[test]
        fn a_path_reads_back_as_it_was_written(
            segments in prop::collection::vec(segment(), 1..6)
        ) {
            let path: FieldPath = segments.into_iter().collect();
            let is_harmless = |byte| matches!(byte, b' '..=b'~') && byte != b'`';
            prop_assert!(path.to_string().bytes().all(is_harmless));
            prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
        }

        #[test]
        fn any_text_is_a_path_or_an_error(text in any::<String>()) {
            if let Ok(path) = text.parse::<FieldPath>() {
                prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
            }
        }
    }

    #[test]
    fn a_path_has_a_parent_and_one_more_step() {
        let path = FieldPath::of(["containers", "db"]);
        assert_eq!(path.clone().then("image"), path.key("image"));
        assert_eq!(path.key("image").to_string(), "containers.db.image");
        assert_eq!(path.index(2).to_string(), "containers.db[2]");
        assert_eq!(path.key("image").parent(), Some(path));
        assert_eq!(FieldPath::of(["replicas"]).parent(), Some(FieldPath::root()));
        assert_eq!(FieldPath::root().parent(), None);
    }

    #[test]
    fn errors_name_the_reason_and_the_character() {
        for (text, reason) in [
            ("", "a key is missing at character 1"),
            (".a", "unexpected `.` at character 1"),
            ("a..b", "a key is missing at character 2"),
            ("a.", "a key is missing at character 2"),
            ("a[\"x\"]b", "unexpected `.` at character 7"),
            ("a[1", "a `]` is missing at character 2"),
            ("a[+1]", "an index is a number, a key is written [\"in quotes\"] at character 2"),
            ("a.b c", "a key with such characters is written [\"in quotes\"] at character 2"),
            ("a.*", "a path names one field, only a pattern has `*` at character 2"),
        ] {
            let error = text.parse::<FieldPath>().unwrap_err().to_string();
            assert!(error.ends_with(reason), "{text}: {error}");
        }
    }
}
