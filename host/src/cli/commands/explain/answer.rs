//! An answer as a table: each field with its value and who gave it, and below it the values that
//! were overwritten, the latest first. Of a field that gives fields of many objects, such as the claims of all
//! replicas, they are below the first one.

use std::collections::HashSet;
use std::io;

use serde_json::Value;
use wellhead::FieldPath;
use wellhead::provenance::{LeafRecord, PipelineRecord, ProvenanceRecord, StepRecord};
use wellhead_chain::{sanitize, shown_beside};

use super::question;
use crate::cli::output::set_by::{CELL, Sources};
use crate::cli::output::table::{self, Take};

/// What takes the place of a field in the line of a value that was overwritten.
const OVERWRITTEN: &str = "  overwritten";

/// Of, field, value, set by, reason.
type Row = [String; 5];

/// Writes the answer as text. A pipeline may have as many rows as its claims have fields.
pub(super) fn write(out: &mut impl io::Write, record: &ProvenanceRecord) -> io::Result<()> {
    let is_empty = |it: &PipelineRecord| it.objects.is_empty() && it.fields.is_empty();
    if record.pipelines.iter().all(is_empty) {
        return writeln!(out, "No plugin changed anything.");
    }
    let about_one = record.pipelines.len() == 1 && record.pipelines[0].objects.is_empty();
    let each = |take: &mut Take<'_, 5>| {
        record.pipelines.iter().try_for_each(|pipeline| rows(record, pipeline, take))
    };
    if about_one {
        let header = ["FIELD", "VALUE", "SET BY", "REASON"];
        return table::write(out, header, |take| {
            each(&mut |[_, field, value, by, why]| take([field, value, by, why]))
        });
    }
    table::write(out, ["OF", "FIELD", "VALUE", "SET BY", "REASON"], each)
}

/// The leaves of the objects, and then the fields that none of them comes from.
fn rows(
    record: &ProvenanceRecord,
    pipeline: &PipelineRecord,
    take: &mut Take<'_, 5>,
) -> io::Result<()> {
    let words = Sources { record, pipeline };
    let of_pipeline = Rows { pipeline, words };
    let mut shown_fields = HashSet::new();
    for object in &pipeline.objects {
        let of = sanitize(&question::name(object), CELL);
        for (path, leaf) in object.fields.iter() {
            let is_first = leaf.from.as_ref().is_none_or(|from| shown_fields.insert(from));
            of_pipeline.leaf(&of, path, leaf, is_first).into_iter().try_for_each(&mut *take)?;
        }
    }
    let of = sanitize(&pipeline.name, CELL);
    let mut others = pipeline.fields.iter().filter(|it| !shown_fields.contains(it.0));
    others.try_for_each(|(path, steps)| {
        of_pipeline.field(&of, path, steps).into_iter().try_for_each(&mut *take)
    })
}

/// The rows of one pipeline.
struct Rows<'r> {
    pipeline: &'r PipelineRecord,
    words: Sources<'r>,
}

impl Rows<'_> {
    fn leaf(&self, of: &str, path: &FieldPath, leaf: &LeafRecord, is_first: bool) -> Vec<Row> {
        let [value, _] = shown([self.pipeline.value(leaf), None]);
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
        let rows = steps.iter().enumerate().rev().map(|(at, step)| {
            // A value is set against the one that it took the place of, and the first against the one after it.
            let other = at.checked_sub(1).unwrap_or(1);
            let other = steps.get(other).and_then(|it| it.value.as_ref());
            let [value, _] = shown([step.value.as_ref(), other]);
            let (by, reason) = self.words.of(&step.by);
            let is_latest = at + 1 == steps.len();
            let latest = || sanitize(&path.to_string(), CELL);
            let field = if is_latest { latest() } else { OVERWRITTEN.to_owned() };
            [of.to_owned(), field, value, by, reason]
        });
        rows.collect()
    }
}

/// Two values of a field, each as it fits into a cell of the table.
fn shown(values: [Option<&Value>; 2]) -> [String; 2] {
    shown_beside(values, ["(not set)"; 2], table::CELL)
}
