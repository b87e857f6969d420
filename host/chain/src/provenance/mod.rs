//! Who set which field, to what, and why.

pub(crate) mod history;
pub(crate) mod log;
pub(crate) mod trace;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::session::changes::Changes;

/// A plugin that ran.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Writer {
    /// Name of the chain entry.
    pub name: String,
    /// Version, as the plugin itself says.
    pub version: String,
    /// SHA-256 of the component, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The customization that the entry stands in.
    pub customization: String,
    /// SHA-256 of the facts that the entry grants and that were told, as one JSON object without blanks whose keys are in
    /// order: `sha256:` and 64 hexadecimal digits.
    #[serde(default, rename = "factsDigest", skip_serializing_if = "Option::is_none")]
    pub facts_digest: Option<String>,
}

/// One edit that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Write {
    /// The field.
    pub path: FieldPath,
    /// The plugin, an index into [`Provenance::writers`].
    pub writer: usize,
    /// The value after; `None` when the field was removed.
    pub new: Option<Value>,
    /// The index at which the field came into its list as a new item, before the one that stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insert: Option<usize>,
    /// The plugin's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Whether the host made it, to complete what the plugin added. The reason is the host's then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub completes: bool,
    /// What it changes of a map or list that was there before; none for an edit of the whole field.
    #[serde(skip)]
    pub(crate) changes: Option<Box<Changes>>,
    /// The item of a list without keys that it removed.
    #[serde(skip)]
    pub(crate) removed: Option<Value>,
}

impl Write {
    /// An edit that sets a whole field, or removes it.
    pub(crate) fn of(writer: usize, path: FieldPath, new: Option<Value>) -> Self {
        Self {
            path,
            writer,
            new,
            insert: None,
            reason: None,
            completes: false,
            changes: None,
            removed: None,
        }
    }

    /// Whether its value has this field, which is at or below its own.
    pub(crate) fn sets(&self, path: &FieldPath) -> bool {
        self.path.contains(path) && self.new.as_ref().is_none_or(|new| holds(new, &self.path, path))
    }
}

/// Every edit of a chain, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Provenance {
    /// The plugins that ran, in order.
    pub writers: Vec<Arc<Writer>>,
    /// Their edits.
    pub writes: Vec<Write>,
}

impl Provenance {
    /// The edits that decided a field, the oldest first: those of the field itself, of what it
    /// stands in, and of what stands in it.
    pub fn history<'p>(&'p self, path: &'p FieldPath) -> impl Iterator<Item = &'p Write> + 'p {
        self.writes.iter().filter(move |write| path.contains(&write.path) || write.sets(path))
    }

    /// The plugin that made an edit.
    pub fn writer(&self, write: &Write) -> &Writer {
        &self.writers[write.writer]
    }
}

/// Whether a value that was written at `at` has a field at `path`, which is `at` or below it.
fn holds(value: &Value, at: &FieldPath, path: &FieldPath) -> bool {
    let below = &path.segments()[at.segments().len().min(path.segments().len())..];
    // Only the first step is looked at: below it, the value is the plugin's as a whole.
    match (value, below.first()) {
        (_, None) | (Value::Array(_), Some(_)) => true,
        (Value::Object(fields), Some(wellhead_spec::Segment::Key(key))) => {
            fields.contains_key(key.as_str())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provenance(writes: &[(&str, Option<Value>)]) -> Provenance {
        let writes = writes.iter();
        let writes = writes.map(|(path, new)| Write::of(0, path.parse().unwrap(), new.clone()));
        Provenance { writers: Vec::new(), writes: writes.collect() }
    }

    fn history(provenance: &Provenance, path: &str) -> usize {
        provenance.history(&path.parse().unwrap()).count()
    }

    #[test]
    fn a_field_is_decided_by_edits_of_itself_and_of_what_it_stands_in() {
        let provenance = provenance(&[
            ("containers.side", Some(json!({"name": "side", "image": "a"}))),
            ("containers.side.image", Some(json!("b"))),
            ("containers.nginx.image", Some(json!("c"))),
        ]);
        assert_eq!(history(&provenance, "containers.side.image"), 2);
        assert_eq!(history(&provenance, "containers.side.args"), 0);
        assert_eq!(history(&provenance, "containers.side"), 2);
        assert_eq!(history(&provenance, "containers"), 3);
    }
}
