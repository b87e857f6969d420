//! Paths of fields, as the host reads them.

use serde_json::Value;

use super::node::Key;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A field, the key of a map, or the key of an item of a list.
    Key(String),
    /// An item of a list without keys.
    Index(usize),
}

/// What the items of a list are known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A field, e.g. `name`.
    Field(&'static str),
    /// The number in a field, and the protocol: `80/TCP`.
    Port(&'static str),
    /// Their index.
    Index,
}

impl By {
    /// What the items of a list are known by.
    pub(super) fn of(list: &[&str]) -> Self {
        match list {
            [
                "containers" | "initContainers" | "volumes" | "claims" | "imagePullSecrets"
                | "resourceClaims",
            ]
            | ["resources", "claims"]
            | ["containers" | "initContainers", _, "env"]
            | ["containers" | "initContainers", _, "resources", "claims"] => Self::Field("name"),
            ["containers" | "initContainers", _, "ports"] => Self::Port("containerPort"),
            ["containers" | "initContainers", _, "volumeMounts"] => Self::Field("mountPath"),
            ["containers" | "initContainers", _, "volumeDevices"] => Self::Field("devicePath"),
            ["hostAliases"] => Self::Field("ip"),
            ["service", "ports"] => Self::Port("port"),
            _ => Self::Index,
        }
    }

    /// The key of an item in the form in which items are found; `None` in a list without keys, and for what is
    /// no key of this list.
    pub(super) fn key(self, label: &str) -> Option<Key> {
        match self {
            Self::Field(field) => Some(Key::of(field, label)),
            Self::Port(field) => {
                let (number, protocol) = label.split_once('/')?;
                Some(Key::port(field, number.parse().ok()?, protocol))
            }
            Self::Index => None,
        }
    }

    /// The key of an item as paths write it.
    pub(super) fn label(self, item: &Value) -> Option<String> {
        match self {
            Self::Field(field) => Some(item.get(field)?.as_str()?.to_owned()),
            Self::Port(field) => {
                let number = item.get(field)?.as_i64()?;
                let protocol = item.get("protocol").map_or(Some("TCP"), Value::as_str)?;
                Some(format!("{number}/{protocol}"))
            }
            Self::Index => None,
        }
    }

    /// The same in words.
    pub(super) fn said(self) -> String {
        match self {
            Self::Field(field) => format!("`{field}`"),
            Self::Port(field) => format!("`{field}` and protocol, e.g. `80/TCP`"),
            Self::Index => "index".to_owned(),
        }
    }
}

/// Reads a path; the error says why it is none.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let (step, tail) = match rest.strip_prefix('[') {
            Some(inside) => bracket(inside)?,
            None => plain(rest.strip_prefix('.').filter(|_| !steps.is_empty()).unwrap_or(rest))?,
        };
        steps.push(step);
        if tail.is_empty() {
            return Ok(steps);
        }
        if !tail.starts_with(['.', '[']) {
            return Err("a `.` or a `[` is missing");
        }
        rest = tail;
    }
}

fn plain(text: &str) -> Result<(Step, &str), &'static str> {
    let (key, tail) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/');
    match key {
        "" => Err("a key is missing"),
        "*" | "**" => Err("a path names one field, only a pattern has `*`"),
        _ if !key.bytes().all(is_plain) => {
            Err("a key with such characters is written [\"in quotes\"]")
        }
        _ => Ok((Step::Key(key.to_owned()), tail)),
    }
}

/// A step in brackets, of which the first is read.
fn bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    const WRONG: &str = "brackets hold a text in quotes or an index";
    if !inside.starts_with('"') {
        let (index, tail) = inside.split_once(']').ok_or("a `]` is missing")?;
        let is_index = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
        let index = index.parse().ok().filter(|_| is_index).ok_or(WRONG)?;
        return Ok((Step::Index(index), tail));
    }
    let mut texts = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    let key = texts.next().and_then(Result::ok).ok_or(WRONG)?;
    let tail = inside[texts.byte_offset()..].strip_prefix(']').ok_or("a `]` is missing")?;
    Ok((Step::Key(key), tail))
}
