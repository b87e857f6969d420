//! The answer about one field.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use wellhead::Location;

/// Digits of a digest that are enough for a person.
const SHORT_DIGEST: usize = "sha256:".len() + 12;

/// One field: its value, who set it, what was there before, and why.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    /// The pipeline.
    pub(super) pipeline: String,
    /// The object, where the field is one of an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<String>,
    /// The field.
    pub(super) field: String,
    /// Its value; `None` when it is not set.
    pub(super) value: Option<Value>,
    /// Who decided it.
    pub(super) set_by: SetBy,
    /// What it was before, the oldest first.
    pub(super) before: Vec<Before>,
    /// Why, in the words of who decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// A value that was replaced.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Before {
    /// The value; `None` when the field was not set.
    pub(super) value: Option<Value>,
    /// Who had set it; `None` when nobody had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_by: Option<SetBy>,
}

/// Who decides a field.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(super) enum SetBy {
    /// The user's file.
    BaseSpec {
        /// Where it stands.
        location: Location,
    },
    /// `-n`.
    CommandLine,
    /// A plugin.
    Plugin {
        /// Name of the chain entry.
        name: String,
        /// Its version.
        version: String,
        /// Its digest.
        digest: String,
        /// The customization of the entry.
        customization: String,
    },
    /// Wellhead, as nobody else did.
    Default,
}

impl fmt::Display for SetBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseSpec { location } => write!(f, "base spec {location}"),
            Self::CommandLine => f.write_str("command line -n"),
            Self::Plugin { name, version, digest, customization } => {
                let digest = digest.get(..SHORT_DIGEST).unwrap_or(digest);
                write!(f, "plugin {name} {version} of {customization} ({digest})")
            }
            Self::Default => f.write_str("host default"),
        }
    }
}

impl Row {
    /// Field, value, set by, before, reason.
    pub(super) fn cells(&self) -> [String; 5] {
        let before = self.before.iter().map(|it| shown(it.value.as_ref())).collect::<Vec<_>>();
        [
            self.field.clone(),
            shown(self.value.as_ref()),
            self.set_by.to_string(),
            before.join(" -> "),
            self.reason.clone().unwrap_or_default(),
        ]
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "(not set)".to_owned(),
        Some(Value::String(text)) => wellhead_chain::sanitize(text, 200),
        Some(value) => value.to_string(),
    }
}
