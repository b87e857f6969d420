//! An answer as a table: each field with its value and who gave it, and below it the values that
//! were overwritten, the latest first. Of a field that gives fields of many objects, such as the claims of all
//! replicas, they stand below the first one.

use serde_json::Value;
use wellhead::FieldPath;
use wellhead::provenance::{LeafRecord, PipelineRecord, ProvenanceRecord, StepRecord};
use wellhead_chain::{MASKED, quote_unless_word, sanitize};

use super::question;
use crate::cli::output::set_by::{CELL, Sources};
use crate::cli::output::table::table;

/// What stands for a field in the line of a value that was overwritten.
const OVERWRITTEN: &str = "  overwritten";

/// Of, field, value, set by, reason.
type Row = [String; 5];

/// The answer as text.
pub(super) fn text(record: &ProvenanceRecord) -> String {
    let rows: Vec<Row> = record.pipelines.iter().flat_map(|it| rows(record, it)).collect();
    if rows.is_empty() {
        return "No plugin changed anything.\n".to_owned();
    }
    let about_one = record.pipelines.len() == 1 && record.pipelines[0].objects.is_empty();
    if about_one {
        let header = ["FIELD", "VALUE", "SET BY", "REASON"];
        return table(
            header,
            rows.into_iter().map(|[_, field, value, by, why]| [field, value, by, why]),
        );
    }
    table(["OF", "FIELD", "VALUE", "SET BY", "REASON"], rows)
}

/// The leaves of the objects, and then the fields that none of them comes from.
fn rows(record: &ProvenanceRecord, pipeline: &PipelineRecord) -> Vec<Row> {
    let words = Sources { record, pipeline };
    let of_pipeline = Rows { pipeline, words };
    let mut rows = Vec::new();
    let mut told = std::collections::HashSet::new();
    for object in &pipeline.objects {
        let of = sanitize(&question::name(object), CELL);
        for (path, leaf) in &object.fields {
            let is_first = leaf.from.as_ref().is_none_or(|from| told.insert(from));
            rows.extend(of_pipeline.leaf(&of, path, leaf, is_first));
        }
    }
    let of = sanitize(&pipeline.name, CELL);
    for (path, steps) in pipeline.fields.iter().filter(|it| !told.contains(it.0)) {
        rows.extend(of_pipeline.field(&of, path, steps));
    }
    rows
}

/// The rows of one pipeline.
struct Rows<'r> {
    pipeline: &'r PipelineRecord,
    words: Sources<'r>,
}

impl Rows<'_> {
    fn leaf(&self, of: &str, path: &FieldPath, leaf: &LeafRecord, is_first: bool) -> Vec<Row> {
        let value = shown(self.pipeline.value(leaf));
        let Some(from) = &leaf.from else {
            let (by, why) = ("host default".to_owned(), self.words.reason(leaf.reason));
            return vec![[of.to_owned(), sanitize(&path.to_string(), CELL), value, by, why]];
        };
        let steps = self.pipeline.fields.get(from).map_or(&[][..], Vec::as_slice);
        let latest = steps.len().saturating_sub(if is_first { steps.len() } else { 1 });
        let mut rows = self.field(of, path, &steps[latest..]);
        if let (Some(first), Some(_)) = (rows.first_mut(), &leaf.value) {
            first[2] = value;
            if first[4].is_empty() {
                first[4] = sanitize(&format!("made from `{from}`"), CELL);
            }
        }
        rows
    }

    /// The value that a field has, and those that it had.
    fn field(&self, of: &str, path: &FieldPath, steps: &[StepRecord]) -> Vec<Row> {
        let told = steps.iter().rev().enumerate().map(|(age, step)| {
            let (by, reason) = self.words.of(&step.by);
            let field = match age {
                0 => sanitize(&path.to_string(), CELL),
                _ => OVERWRITTEN.to_owned(),
            };
            [of.to_owned(), field, shown(step.value.as_ref()), by, reason]
        });
        told.collect()
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "(not set)".to_owned(),
        Some(Value::String(text)) if text == MASKED => text.clone(),
        Some(Value::String(text)) => quote_unless_word(text, CELL),
        Some(value) => sanitize(&value.to_string(), CELL),
    }
}
