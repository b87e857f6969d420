//! What one set of objects becomes by another, without a cluster: as a plan says it where every object is as it was rendered.

use serde_json::Value;
use wellhead_render::ResourceSet;

use super::changes::between;
use super::effect::effects;
use super::{PlannedAction, PlannedObject, PlannedPipeline};
use crate::api::packed::Packed;
use crate::decide::desired::{Desired, Rendered, Wanted, prepare};
use crate::decide::immutable::{self, Fixed, Templates};
use crate::decide::leftover::takeover::Leftovers;
use crate::decide::plan::{Checked, Decision, Step};
use crate::model::error::Problem;
use crate::model::object::Kind;

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
        let planned = |wanted: Wanted| {
            let live = old.iter().find(|it| it.object == wanted.object).map(|it| it.body.clone());
            planned(wanted, live)
        };
        let objects = new.into_iter().map(planned).collect();
        Ok(Self { pipeline, objects, warnings: Vec::new() })
    }
}

fn planned(wanted: Wanted, live: Option<Value>) -> PlannedObject {
    let Wanted { object, body, policies } = wanted;
    let mut fixed = Vec::new();
    if let Some(live) = live.as_ref().filter(|_| object.kind == Kind::StatefulSet) {
        fixed = fixed_of(&object, &body, live);
    }
    let (action, decision) = match &live {
        None => (PlannedAction::Create, Decision::Create),
        Some(live) if *live == body => (PlannedAction::Unchanged, Decision::Leave),
        // An apply recreates nothing that it is not asked to.
        Some(_) if !fixed.is_empty() => (PlannedAction::Refused, Decision::Refuse),
        Some(_) => (PlannedAction::Update, Decision::Update),
    };
    let changed = live.as_ref().map(|live| between(live, &body, None)).unwrap_or_default();
    let uid = live.as_ref().map(|_| String::new());
    let (before, after) = (Packed::of(&live.clone().unwrap_or_default()), Packed::of(&body));
    let stage = Checked { stored: Some(body.clone()), ..Checked::default() };
    let step = Step {
        migration: None,
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

/// The fields of a StatefulSet that would change and cannot.
fn fixed_of(object: &crate::model::object::ObjectRef, body: &Value, live: &Value) -> Vec<Fixed> {
    let mut kept = body.clone();
    let mut fixed = immutable::keep(&mut kept, live);
    if let Templates::Fixed(templates) = immutable::keep_templates(object, &mut kept, live, false) {
        fixed.push(templates);
    }
    fixed
}
