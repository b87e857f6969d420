//! What a component imports and exports.

use wasmparser::{Parser, Payload};

use super::EncodeError;
use crate::shown::in_code;

/// Most names in one message.
const NAMED: usize = 5;

/// What a component imports and exports, by name.
#[derive(Debug, Default)]
pub(crate) struct Interfaces {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

impl Interfaces {
    /// Those of a component. What is inside of its parts is not theirs.
    pub(crate) fn of(component: &[u8]) -> Result<Self, EncodeError> {
        let malformed = |error: wasmparser::Error| EncodeError::Component(error.to_string());
        let mut found = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(malformed)? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        found.imports.push(import.map_err(malformed)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        found.exports.push(export.map_err(malformed)?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The first names of many.
pub(crate) fn names(all: &[String]) -> String {
    let shown: Vec<String> = all.iter().take(NAMED).map(|it| in_code(it)).collect();
    match all.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
