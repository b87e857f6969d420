//! From a run to its record.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use serde_json::Value;
use wellhead_chain::{History, MASKED, Outcome, PluginWarning, Provenance, Step, Writer, mask};
use wellhead_render::{Alike, ObjectOrigins, Origin, OriginSource, object_leaves, origins};
use wellhead_spec::{FieldPath, Located, Pipeline};

use super::{
    By, LeafRecord, Leaves, ObjectRecord, PipelineRecord, ProvenanceRecord, StepRecord,
    WaivedRecord,
};
use crate::pipeline::Run;

/// The record of a run.
pub(super) fn of_run(run: &Run) -> ProvenanceRecord {
    let mut tables = Tables::default();
    let pipelines = run.inputs.pipelines.iter().zip(&run.outcomes);
    let pipelines = pipelines.map(|(base, outcome)| of_pipeline(base, outcome, &mut tables));
    let pipelines = pipelines.collect();
    ProvenanceRecord { plugins: tables.plugins.items, reasons: tables.reasons.items, pipelines }
}

/// What many fields share.
#[derive(Default)]
struct Tables {
    plugins: Table<Writer>,
    reasons: Table<String>,
}

/// Items, each once, by their index.
struct Table<T> {
    items: Vec<T>,
    known: HashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The index of an item.
    fn index(&mut self, item: &T) -> usize {
        if let Some(&index) = self.known.get(item) {
            return index;
        }
        self.known.insert(item.clone(), self.items.len());
        self.items.push(item.clone());
        self.items.len() - 1
    }
}

fn of_pipeline(base: &Located<Pipeline>, outcome: &Outcome, tables: &mut Tables) -> PipelineRecord {
    let history = outcome.provenance.replay(base.to_draft());
    let metadata = &outcome.pipeline.metadata;
    let objects = objects(&outcome.pipeline, &history, tables);
    let recorded = |(path, steps): (&FieldPath, &Vec<Step>)| {
        let step = |step| {
            let mut record = record(base, &outcome.provenance, path, step, tables);
            if history.is_hidden(path) {
                record.value = record.value.map(|_| MASKED.into());
            }
            record
        };
        (path.clone(), steps.iter().map(step).collect())
    };
    PipelineRecord {
        name: metadata.name.to_string(),
        namespace: metadata.namespace.as_ref().map(ToString::to_string),
        file: base.file().display().to_string(),
        objects,
        fields: history.fields().iter().map(recorded).collect(),
        waived: outcome.warnings.iter().filter(|it| it.waived).map(waived).collect(),
    }
}

fn waived(finding: &PluginWarning) -> WaivedRecord {
    WaivedRecord {
        plugin: finding.plugin.clone(),
        code: finding.details.code.clone(),
        path: finding.path.clone(),
        message: finding.message.clone(),
    }
}

/// The leaves of the objects that a pipeline renders to. What the claims of replicas have alike is made once.
fn objects(pipeline: &Pipeline, history: &History, tables: &mut Tables) -> Vec<ObjectRecord> {
    let mut leaf = |Origin { path, value, source, .. }: &Origin, shown: Option<&Value>| {
        let shown = || Some(shown.cloned().unwrap_or_else(|| mask(path, value)));
        let leaf = match source {
            OriginSource::Spec(from) => {
                let given = history.of(from).last().and_then(|step| step.value.as_ref());
                let value = if given == Some(value) { None } else { shown() };
                LeafRecord { from: Some(from.clone()), value, reason: None }
            }
            OriginSource::Default(reason) => {
                let reason = Some(tables.reasons.index(&(*reason).to_owned()));
                LeafRecord { from: None, value: shown(), reason }
            }
        };
        (path.clone(), leaf)
    };
    let mut known: Option<(Arc<Alike>, Leaves)> = None;
    let objects = origins(pipeline).map(|object| {
        let ObjectOrigins { api_version, kind, name, alike, own } = object;
        let shared = match known.take() {
            Some((of, shared)) if Arc::ptr_eq(&of, &alike) => shared,
            _ => {
                let shown = leaves(&alike.object);
                alike.leaves.iter().map(|it| leaf(it, shown.get(&it.path))).collect()
            }
        };
        let fields = shared.and(own.iter().map(|it| leaf(it, None)));
        known = Some((alike, shared));
        ObjectRecord { api_version, kind, name, fields }
    });
    objects.collect()
}

/// The leaves of an object as they may be shown.
fn leaves(object: &Value) -> BTreeMap<FieldPath, Value> {
    let shown = mask(&FieldPath::root(), object);
    object_leaves(&shown).into_iter().map(|(path, value)| (path, value.clone())).collect()
}

fn record(
    base: &Located<Pipeline>,
    provenance: &Provenance,
    path: &FieldPath,
    step: &Step,
    tables: &mut Tables,
) -> StepRecord {
    let by = match step.write.map(|index| &provenance.writes[index]) {
        Some(write) => By::Plugin {
            plugin: tables.plugins.index(provenance.writer(write)),
            reason: write.reason.as_ref().map(|reason| tables.reasons.index(&reason.to_string())),
            completes: write.completes,
        },
        None => by_base(base, path),
    };
    let value = step.value.as_ref().map(|value: &Value| mask(path, value));
    StepRecord { by, value }
}

/// Who gave a field its first value.
fn by_base(base: &Located<Pipeline>, path: &FieldPath) -> By {
    let location = match base.location(path) {
        None if *path == FieldPath::of(["namespace"]) => return By::CommandLine,
        location => location.unwrap_or_else(|| base.nearest(path)),
    };
    By::Base { line: location.line, column: location.column }
}
