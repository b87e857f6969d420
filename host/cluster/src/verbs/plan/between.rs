//! What one set of objects becomes by another, without a cluster: as a plan says it where every object is as it was rendered.

use std::collections::HashMap;

use serde_json::{Value, json};
use wellhead_render::ResourceSet;

use super::changes::between;
use super::effect::effects;
use super::{PlannedAction, PlannedObject, PlannedPipeline};
use crate::api::packed::Packed;
use crate::decide::claim::SIZE;
use crate::decide::desired::{Desired, Rendered, Wanted, prepare};
use crate::decide::immutable::{self, Fixed, Templates};
use crate::decide::leftover::takeover::Leftovers;
use crate::decide::plan::{Checked, Decision, Step};
use crate::decide::{claim, migration};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::storage::migration::Migration;

impl PlannedPipeline {
    /// What a pipeline of which the cluster holds one set of objects becomes by another one. The defaults of a server, other field
    /// managers and what only a cluster knows are no part of it. An object that is gone from the set stays in the cluster.
    ///
    /// # Errors
    /// Objects that cannot be written as JSON.
    pub fn between(
        before: &ResourceSet,
        after: &ResourceSet,
        default_namespace: &str,
    ) -> Result<Self, Box<Problem>> {
        let sets = [before.clone(), after.clone()];
        let source = Rendered { sets: &sets, about: &[] };
        let all = |at| -> Result<_, Box<Problem>> {
            let Desired { pipeline, service, claims, stateful_set, .. } =
                prepare(&source, at, default_namespace)?;
            let objects = service.into_iter().chain(claims).chain([stateful_set]);
            Ok((pipeline, objects.collect::<Vec<_>>()))
        };
        let (_, old) = all(0)?;
        let (pipeline, new) = all(1)?;
        let mut old: HashMap<_, _> = old.into_iter().map(|it| (it.object, it.body)).collect();
        let may_migrate = after.volume_migration.is_some();
        let planned = |wanted: Wanted| {
            let live = old.remove(&wanted.object);
            planned(&pipeline, wanted, live, may_migrate)
        };
        let objects = new.into_iter().map(planned).collect();
        Ok(Self { pipeline: pipeline.clone(), objects, warnings: Vec::new() })
    }
}

fn planned(
    pipeline: &PipelineRef,
    wanted: Wanted,
    live: Option<Value>,
    may_migrate: bool,
) -> PlannedObject {
    let Wanted { object, body, policies } = wanted;
    let (mut fixed, mut migration) = (Vec::new(), None);
    if let Some(live) = live.as_ref().filter(|_| object.kind == Kind::StatefulSet) {
        fixed = fixed_of(&object, &body, live);
    }
    let of_claim = match &live {
        Some(live) if object.kind == Kind::PersistentVolumeClaim => {
            claim_verdict(pipeline, (&object, &body), live, may_migrate)
        }
        _ => ClaimVerdict::Updates,
    };
    let (action, decision) = match &live {
        None => (PlannedAction::Create, Decision::Create),
        Some(live) if *live == body => (PlannedAction::Unchanged, Decision::Leave),
        // An apply recreates nothing that it is not asked to.
        Some(_) if !fixed.is_empty() => (PlannedAction::Refused, Decision::Refuse),
        Some(_) => match of_claim {
            ClaimVerdict::Updates => (PlannedAction::Update, Decision::Update),
            ClaimVerdict::Refused => (PlannedAction::Refused, Decision::Refuse),
            ClaimVerdict::Migrates(found) => {
                migration = Some(found);
                (PlannedAction::Migrate, Decision::Migrate)
            }
        },
    };
    let changed = live.as_ref().map(|live| between(live, &body, None)).unwrap_or_default();
    let uid = live.as_ref().map(|_| String::new());
    let (before, after) = (Packed::of(&live.clone().unwrap_or_default()), Packed::of(&body));
    let stage = Checked { stored: Some(body.clone()), ..Checked::default() };
    let step = Step {
        migration,
        object: object.clone(),
        body,
        live,
        decision,
        fixed,
        replacement: None,
        policies,
        shared: Vec::new(),
        leftovers: Leftovers::default(),
        stage,
    };
    let effects = match action {
        PlannedAction::Unchanged => Vec::new(),
        _ => effects(&step, &changed),
    };
    PlannedObject {
        object,
        uid,
        action,
        missing: false,
        effects,
        changed,
        left: Vec::new(),
        left_behind: Vec::new(),
        before,
        after,
    }
}

/// What becomes of a claim that changes.
enum ClaimVerdict {
    Updates,
    Migrates(Box<Migration>),
    Refused,
}

/// What a plan says of a claim that has a volume of the size that it asked for.
fn claim_verdict(
    pipeline: &PipelineRef,
    (object, wanted): (&ObjectRef, &Value),
    live: &Value,
    may_migrate: bool,
) -> ClaimVerdict {
    let mut bound = live.clone();
    let size = json::text(live, SIZE);
    bound["status"] = json!({"phase": "Bound", "capacity": {"storage": size}});
    match migration::decide(pipeline, (object, wanted), Some(&bound), None, may_migrate) {
        migration::Verdict::Migrates(migration) => ClaimVerdict::Migrates(migration),
        _ if claim::unchangeable(object, wanted, &bound).is_empty() => ClaimVerdict::Updates,
        _ => ClaimVerdict::Refused,
    }
}

/// The fields of a StatefulSet that would change and cannot.
fn fixed_of(object: &ObjectRef, body: &Value, live: &Value) -> Vec<Fixed> {
    let mut kept = body.clone();
    let mut fixed = immutable::keep(&mut kept, live);
    if let Templates::Fixed(templates) = immutable::keep_templates(object, &mut kept, live, false) {
        fixed.push(templates);
    }
    fixed
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wellhead_render::ResourceSet;

    use super::{PlannedAction, PlannedPipeline};

    fn set(class: &str, size: &str, migration: &Value) -> ResourceSet {
        serde_json::from_value(json!({
            "claims": [{"metadata": {"name": "data-db-0"}, "spec": {
                "storageClassName": class, "resources": {"requests": {"storage": size}}}}],
            "statefulSet": {"metadata": {"name": "db"}, "spec": {"selector": {}, "template": {}}},
            "volumeMigration": migration}))
        .unwrap()
    }

    #[test]
    fn a_claim_of_another_class_is_migrated_or_refused_as_a_plan_says() {
        let may = json!({"methods": ["Clone"]});
        for (class, size, migration, action) in [
            ("slow", "1Gi", &Value::Null, PlannedAction::Unchanged),
            ("slow", "2Gi", &Value::Null, PlannedAction::Update),
            ("fast", "1Gi", &Value::Null, PlannedAction::Refused),
            ("fast", "1Gi", &may, PlannedAction::Migrate),
            ("slow", "512Mi", &Value::Null, PlannedAction::Refused),
            ("slow", "512Mi", &may, PlannedAction::Migrate),
        ] {
            let before = set("slow", "1Gi", &Value::Null);
            let planned = PlannedPipeline::between(&before, &set(class, size, migration), "ns");
            assert_eq!(planned.unwrap().objects[0].action, action, "{class} {size} {migration}");
        }
    }
}
