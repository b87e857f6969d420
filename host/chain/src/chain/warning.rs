//! What a validator finds without stopping the work.

use wellhead_spec::Severity;

use crate::Words;

/// A finding of a validator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PluginWarning {
    /// Name of the chain entry.
    pub plugin: String,
    /// How much it matters to the plugin. An error stops the work, unless the entry is on trial.
    pub severity: Severity,
    /// Whether the entry is on trial.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit: bool,
    /// Path of the field, as the plugin wrote it.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub hint: Option<String>,
    /// How many more findings it stands for. Then the message is the host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<usize>,
}

impl PluginWarning {
    /// What the plugin says; `None` where the host says how many more findings there are.
    pub fn words(&self) -> Option<Words> {
        let words = || Words::of(&self.message, self.path.as_deref(), self.hint.as_deref());
        self.more.is_none().then(words)
    }
}
