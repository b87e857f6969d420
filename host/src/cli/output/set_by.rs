//! Who gave a value, in words.

use wellhead::provenance::{By, LeafRecord, PipelineRecord, ProvenanceRecord};
use wellhead_chain::{Writer, quote, sanitize};

/// Digits of a digest that are enough for a person.
const SHORT_DIGEST: usize = "sha256:".len() + 12;
/// Most characters of a cell, before the table shortens it.
pub(crate) const CELL: usize = 200;

/// Who gave the values of one pipeline.
pub(crate) struct Sources<'r> {
    pub(crate) record: &'r ProvenanceRecord,
    pub(crate) pipeline: &'r PipelineRecord,
}

impl Sources<'_> {
    /// Who gave a leaf of an object its value.
    pub(crate) fn leaf(&self, leaf: &LeafRecord) -> String {
        let given = leaf.from.as_ref().and_then(|from| self.pipeline.fields.get(from)?.last());
        given.map_or_else(|| "host default".to_owned(), |step| self.of(&step.by).0)
    }

    /// Who gave a value, and why.
    pub(crate) fn of(&self, by: &By) -> (String, String) {
        match by {
            By::Base { line, column } => {
                let place = format!("base spec {}:{line}:{column}", self.pipeline.file);
                (sanitize(&place, CELL), String::new())
            }
            By::CommandLine => ("command line -n".to_owned(), String::new()),
            By::Plugin { plugin, reason, completes } => {
                let who = self.record.plugins.get(*plugin).map_or_else(String::new, |it| {
                    let digest = it.digest.get(..SHORT_DIGEST).unwrap_or(&it.digest);
                    // Last and in quotes, because it is the plugin's own word.
                    let Writer { name, version, customization, .. } = it;
                    let version = quote(version, CELL);
                    format!("plugin {name} of {customization} ({digest}) {version}")
                });
                let reason = if *completes { self.reason(*reason) } else { self.quoted(*reason) };
                (sanitize(&who, CELL), reason)
            }
        }
    }

    /// A reason in Wellhead's words.
    pub(crate) fn reason(&self, index: Option<usize>) -> String {
        let reason = index.and_then(|it| self.record.reasons.get(it));
        reason.map_or_else(String::new, |it| sanitize(it, CELL))
    }

    /// A reason in a plugin's words.
    fn quoted(&self, index: Option<usize>) -> String {
        let reason = index.and_then(|it| self.record.reasons.get(it));
        reason.map_or_else(String::new, |it| quote(it, CELL))
    }
}
