//! Provenance as a document: written beside the objects, and read again by `explain`.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use wellhead::ProvenanceRecord;
use wellhead::provenance::PipelineRecord;
use wellhead_diagnostics::Code;
use wellhead_spec::{JsonBounds, MAX_FILE, read_file};

use super::exit::Exit;
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

/// Most leaves of the objects of one pipeline that are printed: two claims of each of 10,000 replicas with 20 labels each
/// have 680,000. All of them have a few kilobytes of rendered objects for each.
const MAX_LEAVES: usize = 1_000_000;

/// Refuses a record of which a pipeline multiplies to more than a person reads.
pub(crate) fn bounded(record: &ProvenanceRecord) -> Result<(), Failure> {
    bounded_by(record, MAX_LEAVES)
}

fn bounded_by(record: &ProvenanceRecord, most: usize) -> Result<(), Failure> {
    let counts = record.pipelines.iter().map(|it| (it, it.leaves()));
    let what = counts.filter(|(_, leaves)| *leaves > most).map(|(pipeline, leaves)| {
        let PipelineRecord { name, objects, .. } = pipeline;
        let objects = objects.len();
        let message = format!("the {objects} objects of {name} have {leaves} fields");
        Diagnostic::error(Code::TooManyOrigins, message)
            .fact(format!("all of them are explained up to {most} fields of a pipeline"))
            .hint(format!(
                "explain one object: `wellhead explain statefulset/{name}` with the same files"
            ))
    });
    let what: Vec<_> = what.collect();
    if what.is_empty() { Ok(()) } else { Err(Failure::Several { exit: Exit::Error, what }) }
}

/// Writes the document as a whole, unless the file has it already.
pub(crate) fn write(
    path: &Path,
    record: &ProvenanceRecord,
    said: &[Diagnostic],
) -> Result<(), Failure> {
    bounded(record)?;
    let write = |out: &mut dyn io::Write| lines(out, record, said);
    file::replace_by(path, write).map_err(|error| Failure::unwritable(path, &error))?;
    Ok(())
}

/// The document with one line for each plugin, reason and pipeline, so that a change of one
/// pipeline is a change of one line.
fn lines(
    out: &mut dyn io::Write,
    record: &ProvenanceRecord,
    said: &[Diagnostic],
) -> io::Result<()> {
    write!(out, "{{\"apiVersion\":\"{API_VERSION}\",\"kind\":\"{KIND}\"")?;
    list(out, "plugins", &record.plugins)?;
    list(out, "reasons", &record.reasons)?;
    list(out, "pipelines", &record.pipelines)?;
    list(out, "diagnostics", said)?;
    out.write_all(b"}\n")
}

fn list<T: Serialize>(out: &mut dyn io::Write, name: &str, items: &[T]) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (at, item) in items.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        json::write_line(&mut *out, item)?;
    }
    out.write_all(if items.is_empty() { b"]" } else { b"\n]" })
}

/// What a document may have: an object and up to three values for each leaf, and as much for the histories of fields. One
/// that Wellhead writes has forty bytes for each of them.
const MOST: JsonBounds = JsonBounds {
    bytes: MAX_FILE,
    values: 6 * MAX_LEAVES as u64,
    nests: 2 * MAX_LEAVES as u64,
    parts: &[],
};

/// Least bytes that a document has for each of its objects and lists, where it has more than a few.
const LEAST_BYTES: u64 = 28;
/// Objects and lists that are few.
const FEW_NESTS: u64 = 100_000;

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
    let written = FEW_NESTS + bytes.len() as u64 / LEAST_BYTES;
    let most = JsonBounds { nests: MOST.nests.min(written), ..MOST };
    most.check(bytes).map_err(|why| format!("it is not a document of the command line: {why}"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_becomes_much_is_refused_before_it_is_decoded() {
        let many = |piece: &str| piece.repeat(7_000_000);
        for (forged, what) in [
            (format!("{{\"reasons\": [{}\"\"]}}", many("\"\",")), "values"),
            (format!("{{\"pipelines\": [{}{{}}]}}", many("{},")), "objects and lists"),
            (format!("{{\"plugins\": {}}}", "[".repeat(200)), "nested deeper"),
        ] {
            let why = parse(forged.as_bytes()).unwrap_err();
            assert!(why.contains(what), "{why}");
        }
    }

    #[test]
    fn a_pipeline_that_multiplies_is_told_with_what_to_ask_instead() {
        let record: ProvenanceRecord = serde_json::from_str(
            r#"{"plugins": [], "reasons": [], "pipelines": [{"name": "db", "file": "db.yaml", "fields": {}, "objects": [
                {"apiVersion": "v1", "kind": "Service", "name": "db", "fields": {"a": {"value": 1}, "b": {"value": 1}}},
                {"apiVersion": "v1", "kind": "Service", "name": "db", "fields": {"a": {"value": 1}}}]}]}"#,
        )
        .unwrap();
        assert!(bounded_by(&record, 3).is_ok());
        let Err(Failure::Several { what, .. }) = bounded_by(&record, 2) else {
            panic!("three are more than two");
        };
        assert_eq!(what[0].message, "the 2 objects of db have 3 fields");
    }
}
