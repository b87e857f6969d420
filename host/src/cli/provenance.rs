//! Provenance as a document: written beside the objects, and read again by `explain`.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use wellhead::ProvenanceRecord;
use wellhead_diagnostics::Code;
use wellhead_spec::{MAX_FILE, read_file};

use super::failure::Failure;
use super::output::diagnostic::Diagnostic;
use super::output::envelope::{API_VERSION, Envelope};
use super::output::{file, json};

/// The kind of the document.
const KIND: &str = "Provenance";

/// The document of a record.
pub(crate) fn envelope(
    record: &ProvenanceRecord,
    said: Vec<Diagnostic>,
) -> Envelope<&ProvenanceRecord> {
    Envelope::new(KIND, record, said)
}

/// Writes the document as a whole, unless the file has it already.
pub(crate) fn write(
    path: &Path,
    record: &ProvenanceRecord,
    said: &[Diagnostic],
) -> Result<(), Failure> {
    let text = lines(record, said).map_err(io::Error::from)?;
    file::replace(path, &text).map_err(|error| Failure::unwritable(path, &error))?;
    Ok(())
}

/// The document with one line for each plugin, reason and pipeline, so that a change of one
/// pipeline is a change of one line.
fn lines(record: &ProvenanceRecord, said: &[Diagnostic]) -> serde_json::Result<String> {
    let mut text = format!("{{\"apiVersion\":\"{API_VERSION}\",\"kind\":\"{KIND}\"");
    list(&mut text, "plugins", &record.plugins)?;
    list(&mut text, "reasons", &record.reasons)?;
    list(&mut text, "pipelines", &record.pipelines)?;
    list(&mut text, "diagnostics", said)?;
    text.push_str("}\n");
    Ok(text)
}

fn list<T: Serialize>(text: &mut String, name: &str, items: &[T]) -> serde_json::Result<()> {
    let items: Vec<_> = items.iter().map(json::to_string).collect::<Result<_, _>>()?;
    let _ = write!(text, ",\n\"{name}\":[");
    if !items.is_empty() {
        let _ = write!(text, "\n{}\n", items.join(",\n"));
    }
    text.push(']');
    Ok(())
}

/// What tells whether a document can be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
}

/// Reads a document that [`write`] wrote, or that `explain -o json` printed.
pub(crate) fn read(path: &Path) -> Result<ProvenanceRecord, Failure> {
    let bytes = read_file(path, MAX_FILE)
        .map_err(|error| unusable(path, "it cannot be read").fact(error.to_string()))
        .map_err(|what| Failure::Usage(Box::new(what)))?;
    parse(&bytes).map_err(|why| Failure::Usage(Box::new(unusable(path, &why))))
}

fn parse(bytes: &[u8]) -> Result<ProvenanceRecord, String> {
    let head: Head = serde_json::from_slice(bytes)
        .map_err(|error| format!("it is not a JSON document of the command line: {error}"))?;
    if head.kind != KIND || head.api_version != API_VERSION {
        let Head { api_version, kind } = head;
        return Err(format!("its kind is {kind} ({api_version}), not {KIND} ({API_VERSION})"));
    }
    let record: ProvenanceRecord =
        serde_json::from_slice(bytes).map_err(|error| format!("it is damaged: {error}"))?;
    if !record.is_consistent() {
        return Err("it is damaged: an index or a field leads nowhere".to_owned());
    }
    Ok(record)
}

fn unusable(path: &Path, why: &str) -> Diagnostic {
    let what = format!("{} holds no provenance", path.display());
    let hint = "`wellhead render --provenance FILE` writes such a file";
    Diagnostic::error(Code::InvalidProvenanceFile, what).fact(why).hint(hint)
}
