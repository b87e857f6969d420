//! A plan as it is shown: values masked, and who set each of them.

use serde::Serialize;
use serde_json::Value;
use wellhead::provenance::{ObjectRecord, PipelineRecord, ProvenanceRecord};
use wellhead::{FieldPath, Plan};
use wellhead_chain::mask;
use wellhead_cluster::{
    Effect, FieldChange, Kind, ObjectRef, Owner, PlannedAction, PlannedObject, PlannedPipeline,
};
use wellhead_render::replace_leaves;

use super::super::explain::answer;

/// What `plan -o json` prints.
#[derive(Serialize)]
pub(crate) struct View {
    pub(crate) summary: Summary,
    /// Every object that is not as wanted, in the order in which they would be applied.
    pub(crate) changes: Vec<Change>,
}

#[derive(Serialize)]
pub(crate) struct Summary {
    pub(crate) create: usize,
    pub(crate) update: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
}

/// One object.
#[derive(Serialize)]
pub(crate) struct Change {
    /// `NAMESPACE/NAME` of its pipeline.
    pub(crate) pipeline: String,
    #[serde(rename = "ref")]
    pub(crate) object: ObjectRef,
    pub(crate) action: PlannedAction,
    /// Whether somebody deleted it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) missing: bool,
    /// The most serious of the effects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) impact: Option<Value>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) fields: Vec<Field>,
    /// The fields that Wellhead owns or would own, before and after.
    #[serde(skip)]
    pub(crate) before: Value,
    #[serde(skip)]
    pub(crate) after: Value,
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
    /// Who in the chain gave the new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) set_by: Option<String>,
    /// Whether Wellhead owns the field now.
    #[serde(skip)]
    pub(crate) ours: bool,
    /// Who else owns the field now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) owners: Vec<Owner>,
}

impl View {
    pub(crate) fn new(plan: &Plan, record: &ProvenanceRecord) -> Self {
        let summary = Summary {
            create: plan.count(PlannedAction::Create),
            update: plan.count(PlannedAction::Update),
            unchanged: plan.count(PlannedAction::Unchanged),
            refused: plan.count(PlannedAction::Refused),
        };
        let pipelines = plan.pipelines.iter().zip(&record.pipelines);
        let changes = pipelines.flat_map(|(planned, known)| {
            let changing =
                planned.objects.iter().filter(|it| it.action != PlannedAction::Unchanged);
            changing.map(move |object| change(planned, object, Known { record, pipeline: known }))
        });
        Self { summary, changes: changes.collect() }
    }
}

/// Who set what in one pipeline.
#[derive(Clone, Copy)]
struct Known<'r> {
    record: &'r ProvenanceRecord,
    pipeline: &'r PipelineRecord,
}

impl Known<'_> {
    fn object(&self, object: &ObjectRef) -> Option<&ObjectRecord> {
        let kind = match object.kind {
            Kind::Service => "Service",
            Kind::StatefulSet => "StatefulSet",
            _ => "PersistentVolumeClaim",
        };
        self.pipeline.objects.iter().find(|it| it.kind == kind && it.name == object.name)
    }

    fn set_by(&self, object: &ObjectRef, path: &FieldPath) -> Option<String> {
        let leaf = self.object(object)?.fields.get(path)?;
        Some(answer::set_by(self.record, self.pipeline, leaf))
    }
}

fn change(planned: &PlannedPipeline, object: &PlannedObject, known: Known<'_>) -> Change {
    let impact = object.effects.last().and_then(|it| serde_json::to_value(it).ok());
    let field = |change: &FieldChange| Field {
        path: change.path.clone(),
        from: change.from.as_ref().map(|value| mask(&change.path, value)),
        to: change.to.as_ref().map(|value| mask(&change.path, value)),
        set_by: match change.to {
            Some(_) => known.set_by(&object.object, &change.path),
            None => None,
        },
        ours: change.ours,
        owners: change.owners.clone(),
    };
    Change {
        pipeline: planned.pipeline.to_string(),
        object: object.object.clone(),
        action: object.action,
        missing: object.missing,
        impact: impact.map(|it| it["impact"].clone()),
        effects: object.effects.clone(),
        fields: object.changes.iter().map(field).collect(),
        before: masked(&object.before, &[]),
        after: masked(&object.after, &object.changes),
    }
}

/// A value with its secrets masked. One that changes is told apart from what it was.
fn masked(value: &Value, changes: &[FieldChange]) -> Value {
    let mut shown = value.clone();
    replace_leaves(&mut shown, |path, leaf| {
        let hidden = mask(path, leaf);
        if hidden != *leaf {
            let differs = changes.iter().any(|it| it.path == *path && it.from.is_some());
            *leaf = if differs { "(masked, another value)".into() } else { hidden };
        }
    });
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_masked_and_its_change_is_seen() {
        let env = |value: &str| {
            json!({"spec": {"template": {"spec": {"containers": [
                {"name": "db", "env": [{"name": "DB_PASSWORD", "value": value}]}]}}}})
        };
        let change = FieldChange {
            path: "spec.template.spec.containers.db.env.DB_PASSWORD.value".parse().unwrap(),
            from: Some(json!("one")),
            to: Some(json!("two")),
            ours: true,
            owners: Vec::new(),
        };
        assert_eq!(masked(&env("one"), &[]), env("(masked)"));
        assert_eq!(masked(&env("two"), &[change]), env("(masked, another value)"));
    }
}
