//! Where every field of every object comes from, as data that can be kept beside the objects.
//!
//! [`Provenance`](wellhead_chain::Provenance) is what a chain records: edits in their order. This
//! is what people and programs ask for: for each leaf of each object the field of the pipeline that
//! gives it, and for each field its values, with who gave each of them.
//!
//! Values that look like secrets are [masked](wellhead_chain::mask).

mod leaves;
mod record;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_chain::{Writer, mask};
use wellhead_render::{Object, object_leaves};
use wellhead_spec::FieldPath;

use crate::pipeline::Run;
pub use leaves::Leaves;

/// The provenance of a run. Within one `apiVersion` of the document that holds it, fields are only
/// ever added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProvenanceRecord {
    /// The plugins that set something, each once.
    pub plugins: Vec<Writer>,
    /// The reasons that plugins and Wellhead itself gave, each once.
    pub reasons: Vec<String>,
    /// The pipelines, in the order of the files.
    pub pipelines: Vec<PipelineRecord>,
}

/// The provenance of one pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineRecord {
    /// Its name.
    pub name: String,
    /// Its namespace, when the file or the command line names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The file of the base spec, as it was named; `-` for standard input.
    pub file: String,
    /// The objects, in the order in which they are applied.
    #[serde(deserialize_with = "leaves::objects")]
    pub objects: Vec<ObjectRecord>,
    /// Every field that the pipeline has or had, with its values, the oldest first.
    pub fields: BTreeMap<FieldPath, Vec<StepRecord>>,
    /// What plugins found and their entries waive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<WaivedRecord>,
}

/// A finding that a chain entry waives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaivedRecord {
    /// Name of the chain entry.
    pub plugin: String,
    /// The plugin's code for such findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The field, as the plugin wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is wrong, in the plugin's words.
    pub message: String,
}

/// The leaves of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRecord {
    /// E.g. `apps/v1`.
    pub api_version: String,
    /// E.g. `StatefulSet`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// Every leaf. Items of lists are named as in a pipeline, claim templates by their name.
    pub fields: Leaves,
}

/// Where a leaf of an object comes from: a field of the pipeline (`from`), or Wellhead (`reason`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeafRecord {
    /// The field of the pipeline that gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FieldPath>,
    /// The value, where it is not that of `from`: a default, or built from `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why Wellhead gives it a value, an index into [`ProvenanceRecord::reasons`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<usize>,
}

/// One value of a field, and who gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Who gave it.
    #[serde(flatten)]
    pub by: By,
    /// The value; left out when a plugin removed the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// Who gave a field a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum By {
    /// The file of the base spec.
    Base {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// `-n`.
    CommandLine,
    /// A plugin.
    Plugin {
        /// Which, an index into [`ProvenanceRecord::plugins`].
        plugin: usize,
        /// Why, in its words: an index into [`ProvenanceRecord::reasons`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<usize>,
        /// Whether Wellhead gave it, to complete what the plugin added. The reason is in Wellhead's words then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        completes: bool,
    },
}

impl Run {
    /// Where every field of every object comes from.
    pub fn provenance(&self) -> ProvenanceRecord {
        record::of_run(self)
    }
}

/// Why a field has a value that the pipeline does not give it.
const KEPT: &str = "kept from the previous rendering, because it is immutable";

impl ProvenanceRecord {
    /// Holds a pipeline's record to the objects that were rendered in the end: fields that are left to others go, and
    /// those that stay as they were rendered before say so. `asked` are the objects that the record is about.
    pub fn hold_to(&mut self, pipeline: usize, asked: &[Object], objects: &[Object]) {
        if asked == objects {
            return;
        }
        let known = self.reasons.iter().position(|it| it == KEPT);
        let reason = known.unwrap_or_else(|| {
            self.reasons.push(KEPT.to_owned());
            self.reasons.len() - 1
        });
        let record = std::mem::take(&mut self.pipelines[pipeline].objects);
        let by_name = |it: &Object| (it.kind.clone(), it.name.clone());
        let mut said: HashMap<_, _> =
            asked.iter().zip(record).map(|(it, record)| (by_name(it), (it, record))).collect();
        let held = objects.iter().map(|object| {
            let (asked, record) = said.remove(&by_name(object)).unzip();
            match record {
                Some(record) if asked == Some(object) => record,
                record => held(object, asked, record.as_ref(), reason),
            }
        });
        self.pipelines[pipeline].objects = held.collect();
    }
}

/// The record of an object that is not as it was asked for.
fn held(
    object: &Object,
    asked: Option<&Object>,
    record: Option<&ObjectRecord>,
    reason: usize,
) -> ObjectRecord {
    let asked = asked.map(|it| object_leaves(&it.value)).into_iter().flatten();
    let asked: HashMap<FieldPath, &Value> = asked.collect();
    let leaf = |(path, value): (FieldPath, &Value)| {
        let same = asked.get(&path).is_some_and(|it| *it == value);
        let said = record.filter(|_| same).and_then(|it| it.fields.get(&path));
        let leaf = said.cloned().unwrap_or_else(|| {
            let value = Some(mask(&path, value));
            LeafRecord { from: None, value, reason: Some(reason) }
        });
        (path, leaf)
    };
    let fields = object_leaves(&object.value).into_iter().map(leaf).collect();
    let Object { api_version, kind, name, .. } = object.clone();
    ObjectRecord { api_version, kind, name, fields }
}

impl PipelineRecord {
    /// How many leaves its objects have together.
    pub fn leaves(&self) -> usize {
        self.objects.iter().map(|it| it.fields.len()).sum()
    }

    /// The value of a leaf of one of its objects.
    pub fn value<'r>(&'r self, leaf: &'r LeafRecord) -> Option<&'r Value> {
        leaf.value.as_ref().or_else(|| self.fields.get(leaf.from.as_ref()?)?.last()?.value.as_ref())
    }
}

impl ProvenanceRecord {
    /// Whether every index leads somewhere, as in each record that this program writes.
    pub fn is_consistent(&self) -> bool {
        let reason = |index: &Option<usize>| index.is_none_or(|it| it < self.reasons.len());
        let step = |step: &StepRecord| match &step.by {
            By::Plugin { plugin, reason: why, .. } => *plugin < self.plugins.len() && reason(why),
            By::Base { .. } | By::CommandLine => true,
        };
        self.pipelines.iter().all(|pipeline| {
            let mut leaves = pipeline.objects.iter().flat_map(|it| it.fields.iter());
            let steps = pipeline.fields.values();
            steps.clone().all(|steps| !steps.is_empty())
                && steps.flatten().all(step)
                && leaves.all(|(_, leaf)| {
                    reason(&leaf.reason)
                        && pipeline.value(leaf).is_some()
                        && leaf.from.as_ref().is_none_or(|it| pipeline.fields.contains_key(it))
                })
        })
    }
}
