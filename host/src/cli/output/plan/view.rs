//! A plan as it is shown: values masked, and who set each of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use serde::{Serialize, Serializer};
use serde_json::Value;
use wellhead::provenance::{ObjectRecord, PipelineRecord, ProvenanceRecord};
use wellhead::{FieldPath, Plan};
use wellhead_chain::mask_alone;
use wellhead_cluster::{
    Effect, FieldChange, Kind, LeftBehind, ObjectRef, Owner, PipelineRef, PlannedAction,
    PlannedObject, PlannedPipeline, SharedField,
};
use wellhead_render::object_leaves;
use wellhead_spec::OwnershipPolicy;

use crate::cli::output::json::is_zero;
use crate::cli::output::{mask, set_by};

/// What `plan -o json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View<'p> {
    pub(crate) summary: Summary,
    pub(crate) changes: Changes<'p>,
    /// Every field that a pipeline sets and leaves to another field manager that sets it, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<Left>,
    /// Everything that an object keeps although its pipeline does not say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_behind: Vec<Kept>,
}

/// Every object that is not as wanted, in the order in which they would be applied. There may be tens of thousands, so each
/// is made when it is shown.
pub(crate) struct Changes<'p> {
    plan: &'p Plan,
    known: SetBy<'p>,
}

/// What an object keeps although the pipeline does not say it.
#[derive(Serialize)]
pub(crate) struct Kept {
    /// `NAMESPACE/NAME` of its pipeline.
    pub(crate) pipeline: String,
    #[serde(rename = "ref")]
    pub(crate) object: ObjectRef,
    #[serde(flatten)]
    pub(crate) field: LeftBehind,
}

/// One field that is left to others.
#[derive(Serialize)]
pub(crate) struct Left {
    /// `NAMESPACE/NAME` of its pipeline.
    pub(crate) pipeline: String,
    #[serde(rename = "ref")]
    pub(crate) object: ObjectRef,
    #[serde(flatten)]
    pub(crate) field: SharedField,
}

#[derive(Serialize)]
pub(crate) struct Summary {
    pub(crate) create: usize,
    pub(crate) update: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) recreate: usize,
    /// Claims whose data move to another volume.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) migrate: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
}

/// One object.
pub(crate) struct Change<'p> {
    pub(crate) pipeline: &'p PipelineRef,
    pub(crate) object: &'p PlannedObject,
    known: Rc<Known<'p>>,
}

/// What `plan -o json` prints of one object.
#[derive(Serialize)]
struct WrittenChange<'c> {
    /// `NAMESPACE/NAME` of its pipeline.
    pipeline: String,
    #[serde(rename = "ref")]
    object: &'c ObjectRef,
    action: PlannedAction,
    /// Whether it was deleted outside Wellhead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    missing: bool,
    /// The most serious of the effects.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<Value>,
    effects: &'c [Effect],
    fields: Vec<Field>,
}

/// One leaf that would change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    pub(crate) path: FieldPath,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Value>,
    /// Whether it is a list in another order: `from` and `to` are the names of its items.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) order: bool,
    /// Who in the chain gave the new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) set_by: Option<String>,
    /// Whether Wellhead owns the field now.
    #[serde(skip)]
    pub(crate) ours: bool,
    /// Who else owns the field now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) owners: Vec<Owner>,
    /// Whose value is kept in that case, where the pipeline says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ownership: Option<OwnershipPolicy>,
}

impl<'p> View<'p> {
    /// The view of a plan; `known` tells who set what.
    pub(crate) fn new(plan: &'p Plan, known: SetBy<'p>) -> Self {
        let summary = Summary {
            create: plan.count(PlannedAction::Create),
            update: plan.count(PlannedAction::Update),
            recreate: plan.count(PlannedAction::Recreate),
            migrate: plan.count(PlannedAction::Migrate),
            unchanged: plan.count(PlannedAction::Unchanged),
            refused: plan.count(PlannedAction::Refused),
        };
        let left = plan.pipelines.iter().flat_map(left_to_others).collect();
        let left_behind = plan.pipelines.iter().flat_map(kept).collect();
        Self { summary, changes: Changes { plan, known }, left, left_behind }
    }
}

impl<'p> Changes<'p> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Change<'p>> + use<'p> {
        let known = self.known;
        self.plan.pipelines.iter().enumerate().flat_map(move |(at, planned)| {
            let known = Rc::new(known.of_pipeline(at));
            let changing =
                planned.objects.iter().filter(|it| it.action != PlannedAction::Unchanged);
            let pipeline = &planned.pipeline;
            changing.map(move |object| Change { pipeline, object, known: Rc::clone(&known) })
        })
    }
}

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// Who set the fields that a plan changes.
#[derive(Clone, Copy)]
pub(crate) enum SetBy<'r> {
    /// The files and plugins of a run.
    Run(&'r ProvenanceRecord),
    /// A revision of the history.
    Revision(i64),
    /// Another version of a plugin.
    Upgrade(&'r str),
}

impl<'r> SetBy<'r> {
    fn of_pipeline(self, at: usize) -> Known<'r> {
        match self {
            Self::Run(record) => match record.pipelines.get(at) {
                Some(pipeline) => {
                    let named = |it: &'r ObjectRecord| ((it.kind.as_str(), it.name.as_str()), it);
                    let objects = pipeline.objects.iter().map(named).collect();
                    Known::Run { record, pipeline, objects }
                }
                None => Known::Nothing,
            },
            Self::Revision(number) => Known::Revision(number),
            Self::Upgrade(source) => Known::Upgrade(source),
        }
    }
}

/// Who set what in one pipeline.
enum Known<'r> {
    Run {
        record: &'r ProvenanceRecord,
        pipeline: &'r PipelineRecord,
        /// By kind and name.
        objects: HashMap<(&'r str, &'r str), &'r ObjectRecord>,
    },
    Revision(i64),
    Upgrade(&'r str),
    Nothing,
}

impl<'r> Known<'r> {
    /// What the run says of an object.
    fn recorded(&self, object: &ObjectRef) -> Option<&'r ObjectRecord> {
        match self {
            Self::Run { objects, .. } => {
                objects.get(&(kind_of(object), object.name.as_str())).copied()
            }
            Self::Revision(_) | Self::Upgrade(_) | Self::Nothing => None,
        }
    }

    fn set_by(&self, object: Option<&ObjectRecord>, path: &FieldPath) -> Option<String> {
        match self {
            Self::Run { record, pipeline, .. } => {
                let leaf = object?.fields.get(path)?;
                Some(set_by::Sources { record, pipeline }.leaf(leaf))
            }
            Self::Revision(number) => Some(format!("revision {number}")),
            Self::Upgrade(source) => Some(format!("the upgrade to {source}")),
            Self::Nothing => None,
        }
    }
}

fn kind_of(object: &ObjectRef) -> &'static str {
    match object.kind {
        Kind::Service => "Service",
        Kind::StatefulSet => "StatefulSet",
        _ => "PersistentVolumeClaim",
    }
}

fn left_to_others(planned: &PlannedPipeline) -> impl Iterator<Item = Left> {
    let fields = planned.objects.iter().flat_map(|one| one.left.iter().map(move |it| (one, it)));
    fields.map(|(one, field)| Left {
        pipeline: planned.pipeline.to_string(),
        object: one.object.clone(),
        field: field.clone(),
    })
}

fn kept(planned: &PlannedPipeline) -> impl Iterator<Item = Kept> {
    let fields = planned.objects.iter();
    let fields = fields.flat_map(|one| one.left_behind.iter().map(move |it| (one, it)));
    fields.map(|(one, field)| {
        let mut field = field.clone();
        field.value = mask_alone(&field.path, &field.value);
        Kept { pipeline: planned.pipeline.to_string(), object: one.object.clone(), field }
    })
}

type Leaves<'v> = BTreeMap<FieldPath, &'v Value>;

fn leaves(value: &Value) -> Leaves<'_> {
    object_leaves(value).into_iter().collect()
}

impl Change<'_> {
    /// The leaves that would change.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let Self { object, known, .. } = self;
        let [before, after] =
            [&object.before, &object.after].map(|it| mask::masked(&it.unpack(), |_| false));
        let (old, new) = (leaves(&before), leaves(&after));
        let recorded = known.recorded(&object.object);
        let shown = |leaves: &Leaves<'_>, path: &FieldPath, value: &Value| {
            leaves.get(path).map_or_else(|| mask_alone(path, value), |it| (*it).clone())
        };
        let field = |change: &FieldChange| Field {
            path: change.path.clone(),
            from: change.from.as_ref().map(|value| shown(&old, &change.path, value)),
            to: change.to.as_ref().map(|value| shown(&new, &change.path, value)),
            order: change.order,
            set_by: match change.to {
                Some(_) if !change.order => known.set_by(recorded, &change.path),
                _ => None,
            },
            ours: change.ours,
            owners: change.owners.clone(),
            ownership: change.policy.filter(|_| !change.owners.is_empty()),
        };
        object.changes().iter().map(field).collect()
    }

    /// The fields that Wellhead owns or would own, before and after. A secret that differs is marked as another value.
    pub(crate) fn values(&self) -> (Value, Value) {
        let changes = self.object.changes();
        let differs = changes.iter().filter(|it| it.from.is_some()).map(|it| &it.path);
        let differs: HashSet<_> = differs.collect();
        let before = mask::masked(&self.object.before.unpack(), |_| false);
        let after = mask::masked(&self.object.after.unpack(), |path| differs.contains(path));
        (before, after)
    }
}

impl Serialize for Change<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { pipeline, object, .. } = self;
        let impact = object.effects.last().and_then(|it| serde_json::to_value(it).ok());
        WrittenChange {
            pipeline: pipeline.to_string(),
            object: &object.object,
            action: object.action,
            missing: object.missing,
            impact: impact.map(|it| it["impact"].clone()),
            effects: &object.effects,
            fields: self.fields(),
        }
        .serialize(to)
    }
}
