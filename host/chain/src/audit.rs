//! What an entry on trial (`audit: true`) would have done.

use serde::Serialize;
use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::error::PluginError;
use crate::provenance::Write;
use crate::session::shown;
use crate::text::sanitize;

/// What an entry on trial would have done. None of it has an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Name of the chain entry.
    pub plugin: String,
    /// The edits that it would have made, in order.
    pub edits: Vec<WouldBeEdit>,
    /// Why its run would have stopped the work, if it would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<WouldBeFault>,
}

/// An edit that was computed and given up. Values are texts for people: those of environment
/// variables are not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WouldBeEdit {
    /// The field.
    pub path: String,
    /// The value before.
    pub old: String,
    /// The value after.
    pub new: String,
    /// The plugin's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A fault that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WouldBeFault {
    /// The code.
    pub code: &'static str,
    /// What failed, in one line.
    pub message: String,
    /// Why.
    pub causes: Vec<String>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Audit {
    pub(crate) fn new(plugin: &str, edits: &[Write], error: Option<&PluginError>) -> Self {
        let fault = error.map(|error| WouldBeFault {
            code: error.fault.code(),
            message: error.to_string(),
            causes: error.fault.causes(),
            hints: error.fault.hints(),
        });
        Self { plugin: plugin.to_owned(), edits: edits.iter().map(edit).collect(), fault }
    }
}

fn edit(write: &Write) -> WouldBeEdit {
    let text = |path: &FieldPath, value: Option<&Value>, absent: &str| match value {
        Some(_) => shown(path, value),
        None => absent.to_owned(),
    };
    WouldBeEdit {
        path: sanitize(&write.path.to_string(), 300),
        old: text(&write.path, write.old.as_ref(), "(not set)"),
        new: text(&write.path, write.new.as_ref(), "(removed)"),
        reason: write.reason.as_deref().map(str::to_owned),
    }
}
