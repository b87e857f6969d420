//! What an apply would do to each object, and what that means. Nothing is written.

pub(crate) mod alike;
mod between;
pub(crate) mod changes;
pub(crate) mod effect;
pub(crate) mod expected;

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wellhead_render::ResourceSet;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::packed::Packed;
use crate::api::warning::Heard;
use crate::check::dry_run::Conflicts;
use crate::check::wave::{CheckOptions, Wave};
use crate::check::{preflight, scale_down, wave};
use crate::decide::compare::Allowed;
use crate::decide::desired::{Rendered, Source};
use crate::decide::leftover::takeover::LeftBehind;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::decide::pod_changes::Pods;
use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::options::PlanOptions;
use crate::model::ownership::SharedField;
use crate::model::progress::Progress;
use crate::observe::ownership::applied_by_us;
use changes::FieldChange;
use effect::Effect;

/// What an apply would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// One entry for each pipeline, in the order given.
    pub pipelines: Vec<PlannedPipeline>,
    /// Why an apply would be refused; without any it would be accepted.
    pub problems: Vec<Problem>,
    /// Whether the apply takes over what earlier appliers set, see [`PlanOptions::adopt`].
    pub adopts: bool,
    /// Requests sent to the API server, retries included.
    pub requests: u64,
}

/// What an apply would do to one pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedPipeline {
    /// The pipeline.
    pub pipeline: PipelineRef,
    /// Its objects: Service, claims, StatefulSet.
    pub objects: Vec<PlannedObject>,
    /// What the user should know.
    pub warnings: Vec<Problem>,
}

/// What an apply would do to one object. Values are as they are: who prints them masks what may be a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedObject {
    /// The object.
    pub object: ObjectRef,
    /// Its uid; none when it does not exist.
    pub uid: Option<String>,
    /// What would happen to it.
    pub action: PlannedAction,
    /// Whether it does not exist although the rest of its pipeline does: it was deleted.
    pub missing: bool,
    /// What that means, the least serious first.
    pub effects: Vec<Effect>,
    /// Each leaf that would change, in order. Those of a new object are made when they are asked for.
    pub(crate) changed: Vec<FieldChange>,
    /// The fields that the pipeline sets and leaves to another field manager that sets them, too.
    pub left: Vec<SharedField>,
    /// What the object keeps although the pipeline does not say it.
    pub left_behind: Vec<LeftBehind>,
    /// The fields that Wellhead owns or would own, as they are; null for a new object.
    pub before: Packed,
    /// The same fields as the server would store them.
    pub after: Packed,
}

/// What would happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedAction {
    /// It does not exist.
    Create,
    /// It exists and would be changed.
    Update,
    /// It would be taken off its pods, which keep running, and created again.
    Recreate,
    /// Its data would be moved to another volume, which gets its name.
    Migrate,
    /// It is as wanted; nothing would be sent.
    Unchanged,
    /// It cannot become what is wanted: [`Plan::problems`] say why.
    Refused,
}

impl Plan {
    /// How many objects would meet this fate.
    pub fn count(&self, action: PlannedAction) -> usize {
        let objects = self.pipelines.iter().flat_map(|pipeline| &pipeline.objects);
        objects.filter(|object| object.action == action).count()
    }

    /// Adds pipelines that were looked at together.
    pub(crate) fn add(&mut self, wave: &Wave) {
        let objects = wave.problems.iter().filter_map(|it| it.object.clone());
        let refused: HashSet<_> = objects.collect();
        self.pipelines.extend(wave.plans.iter().map(|plan| {
            let mut planned = planned_pipeline(plan, &refused);
            planned.add_needs(&wave.problems);
            planned
        }));
        self.problems.extend(wave.problems.iter().cloned());
    }

    /// Whether an apply would change nothing.
    pub fn is_empty(&self) -> bool {
        let mut objects = self.pipelines.iter().flat_map(|pipeline| &pipeline.objects);
        objects.all(|object| object.action == PlannedAction::Unchanged)
    }
}

impl PlannedObject {
    /// Whether it does not exist.
    pub fn is_new(&self) -> bool {
        self.uid.is_none()
    }

    /// Each leaf that would change, in order. Of a new object: every leaf.
    pub fn changes(&self) -> Cow<'_, [FieldChange]> {
        if self.is_new() && self.action != PlannedAction::Unchanged {
            changes::between(&self.before.unpack(), &self.after.unpack(), None).into()
        } else {
            Cow::Borrowed(&self.changed)
        }
    }
}

impl PlannedPipeline {
    /// Tells of each object for which the cluster has too little.
    fn add_needs(&mut self, problems: &[Problem]) {
        let beyond = self.warnings.iter().chain(problems);
        let beyond: Vec<_> =
            beyond.filter(|it| preflight::INSUFFICIENT.contains(&it.code)).collect();
        for object in &mut self.objects {
            let of_it = beyond.iter().filter(|it| it.object.as_ref() == Some(&object.object));
            object.effects.extend(of_it.map(|it| Effect::NeedsMore { why: it.what.clone() }));
            object.effects.sort();
            object.effects.dedup();
        }
    }
}

impl Cluster {
    /// Says what [`Cluster::apply`] would do with these objects, by the same steps, and writes nothing.
    ///
    /// What an apply would refuse is part of the plan; an error means that the cluster could not be asked.
    pub async fn plan(
        &self,
        sets: &[ResourceSet],
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Plan, ClusterError> {
        self.plan_from(&Rendered { sets, about: &[] }, options, progress).await
    }

    /// [`Cluster::plan`] of pipelines that are rendered when they are asked for.
    pub async fn plan_from(
        &self,
        source: &dyn Source,
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Plan, ClusterError> {
        let before = self.requests_sent();
        let stop = &options.stop;
        let heard = Heard::default();
        let client = Client::new(self, progress, stop, &heard);
        let consented =
            scale_down::consented(&options.delete_claims, source, self.default_namespace())?;
        let how = CheckOptions {
            conflicts: Conflicts::Preview,
            allowed: Allowed { recreate: options.recreate, adopt: options.adopt },
            consented: &consented,
            again: false,
        };
        let mut plan = Plan { adopts: options.adopt, ..Plan::default() };
        Box::pin(wave::check(&client, source, how, |wave| plan.add(&wave))).await?;
        if stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        Ok(Plan { requests: self.requests_sent() - before, ..plan })
    }
}

fn planned_pipeline(plan: &PipelinePlan, refused: &HashSet<ObjectRef>) -> PlannedPipeline {
    let objects = objects(plan, refused).collect();
    let PipelinePlan { pipeline, warnings, lease_state, .. } = plan;
    // What is planned may be something else once that run is done.
    let busy = lease_state.holder().filter(|it| !it.is_gone()).map(|it| it.problem(pipeline));
    let warnings = warnings.iter().cloned().chain(busy).collect();
    PlannedPipeline { pipeline: pipeline.clone(), objects, warnings }
}

/// What would happen to each object of a pipeline.
fn objects<'p>(
    plan: &'p PipelinePlan,
    refused: &'p HashSet<ObjectRef>,
) -> impl Iterator<Item = PlannedObject> + 'p {
    let pods = plan.stateful_set.live.as_ref().map(Pods::of);
    let claims: HashSet<_> =
        pods.map(|pods| pods.claims(pods.ordinals.clone())).into_iter().flatten().collect();
    plan.steps().map(move |step| planned_object(step, is_missing(step, plan, &claims), refused))
}

/// Whether an object must have existed: the objects around it say so. `claims` are those of its replicas.
fn is_missing(step: &Step, plan: &PipelinePlan, claims: &HashSet<String>) -> bool {
    if step.live.is_some() {
        return false;
    }
    let stateful_set = plan.stateful_set.live.as_ref();
    match (step.object.kind, stateful_set) {
        (Kind::Service, Some(set)) => json::text(set, "/spec/serviceName") == step.object.name,
        (Kind::PersistentVolumeClaim, Some(_)) => claims.contains(&step.object.name),
        (Kind::StatefulSet, None) => {
            let service = plan.service.as_ref().and_then(|step| step.live.as_ref());
            service.is_some_and(applied_by_us)
        }
        _ => false,
    }
}

fn planned_object(step: &Step, missing: bool, refused: &HashSet<ObjectRef>) -> PlannedObject {
    let action = match step.decision {
        _ if refused.contains(&step.object) => PlannedAction::Refused,
        Decision::Create => PlannedAction::Create,
        Decision::Update => PlannedAction::Update,
        Decision::Recreate => PlannedAction::Recreate,
        Decision::Migrate => PlannedAction::Migrate,
        Decision::Leave => PlannedAction::Unchanged,
        Decision::Refuse => PlannedAction::Refused,
    };
    let object = step.object.clone();
    let (before, after) = match action {
        PlannedAction::Unchanged => (Value::Null, Value::Null),
        _ => changes::compared(step),
    };
    let mut changes = match action {
        PlannedAction::Unchanged => Vec::new(),
        _ => changes::of_step(step, &before, &after),
    };
    for change in &mut changes {
        change.policy = change.policy.or_else(|| step.policies.at(&change.path));
    }
    let effects = match action {
        PlannedAction::Unchanged => Vec::new(),
        _ => effect::effects(step, &changes),
    };
    let uid = step.uid().map(str::to_owned);
    // There may be tens of thousands of new claims, of which the values are enough.
    if uid.is_none() {
        changes = Vec::new();
    }
    let (before, after) = (Packed::of(&before), Packed::of(&after));
    let left = step.shared.clone();
    let left_behind = step.left_behind().to_vec();
    PlannedObject {
        object,
        uid,
        action,
        missing,
        effects,
        changed: changes,
        left,
        left_behind,
        before,
        after,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::{PlannedAction, planned_object};
    use crate::check::preflight::fixture;
    use crate::model::object::Kind;

    #[test]
    fn the_leaves_of_a_new_object_are_made_when_they_are_asked_for() {
        let body =
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Block"}});
        let step = fixture::step(Kind::PersistentVolumeClaim, "data-db-0", &body);
        let planned = planned_object(&step, false, &HashSet::new());
        assert_eq!(planned.action, PlannedAction::Create);
        assert!(planned.is_new() && planned.changed.is_empty());
        let changes = planned.changes();
        let shown = changes.iter().map(|it| (it.path.to_string(), it.to.clone().unwrap()));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                ("spec.resources.requests.storage".to_owned(), json!("1Gi")),
                ("spec.volumeMode".to_owned(), json!("Block")),
            ]
        );
    }
}
