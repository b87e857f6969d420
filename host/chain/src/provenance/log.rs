//! What a plugin says while it works.

use serde::{Deserialize, Serialize};

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Someone should look at it.
    Warn,
    /// What the plugin did.
    Info,
    /// Details for its author.
    Debug,
}

/// One message, sanitized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The message.
    pub message: String,
    /// The field that the plugin edited last, or tried to; in a trace, that it read or edited last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
