//! What an entry on trial (`audit: true`) would have done.

use serde::Serialize;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::Words;
use crate::error::PluginError;
use crate::provenance::Write;
use crate::session::draft::Fields;
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
    pub code: Code,
    /// What failed, in one line.
    pub message: String,
    /// Why.
    pub causes: Vec<String>,
    /// What to do.
    pub hints: Vec<String>,
    /// What the plugin itself says about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<Words>,
}

impl Audit {
    /// What became of these writes, made over `draft`, and of the fault that ended them.
    pub(crate) fn new(
        plugin: &str,
        draft: Value,
        writes: &[Write],
        error: Option<&PluginError>,
    ) -> Self {
        let fault = error.map(|error| WouldBeFault {
            code: error.fault.code(),
            message: error.to_string(),
            causes: error.fault.causes(),
            hints: error.fault.hints(),
            says: error.fault.words(),
        });
        let mut draft = Fields::new(draft);
        let edits = writes.iter().map(|write| edit(&mut draft, write)).collect();
        Self { plugin: plugin.to_owned(), edits, fault }
    }
}

/// Makes one of the writes again, to know what it replaced.
fn edit(draft: &mut Fields, write: &Write) -> WouldBeEdit {
    let [old, new] = shown(&write.path, [draft.get(&write.path), write.new.as_ref()], "(not set)");
    draft.make_again(write);
    WouldBeEdit {
        path: sanitize(&write.path.to_string(), 300),
        old,
        new,
        reason: write.reason.as_deref().map(str::to_owned),
    }
}
