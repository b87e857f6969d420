//! Deciding of everything that was found.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::future::join_all;
use serde_json::Value;
use wellhead_render::{TakenFields, object_leaves};

use super::entry::{Role, Unit};
use super::managers::Change;
use super::takeover::{Leftovers, Takeover, is_taken};
use super::{managers, merged};
use crate::api::call::Mode;
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::decide::plan::{Compared, Decision, PipelinePlan, Settled, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::ObjectRef;

/// What was decided of one object, or why that cannot be found out.
type Outcome = Result<Settled, Problem>;

/// Decides of everything that was found. `refused` are the objects that cannot be changed, whatever stays of them. The
/// problems are what cannot be found out.
pub(crate) async fn settle(
    client: &Client<'_>,
    plans: Vec<PipelinePlan<Compared>>,
    refused: &HashSet<ObjectRef>,
    adopt: bool,
) -> (Vec<PipelinePlan<Settled>>, Vec<Problem>) {
    let decision = |step: &Step<Compared>| {
        if refused.contains(&step.object) { Decision::Refuse } else { step.decision }
    };
    let steps = plans.iter().flat_map(|plan| plan.steps().map(move |step| (step, plan)));
    let settled = join_all(steps.map(|(step, plan)| async move {
        match &step.live {
            Some(live) if !matches!(decision(step), Decision::Refuse | Decision::Migrate) => {
                one(client, step, live, &plan.take, adopt).await
            }
            _ => Ok(Settled::default()),
        }
    }));
    let mut settled = settled.await.into_iter();
    let mut problems = Vec::new();
    let plans = plans.into_iter().map(|plan| {
        plan.map(|step| {
            let settled = settled.next().unwrap_or_else(|| Ok(Settled::default()));
            let settled = settled.unwrap_or_else(|problem| {
                problems.push(problem);
                Settled::default()
            });
            let decision = match decision(&step) {
                Decision::Leave if settled.takeover.is_some() => Decision::Update,
                decision => decision,
            };
            step.into_stage(decision, |Compared| settled)
        })
    });
    (plans.collect(), problems)
}

async fn one(
    client: &Client<'_>,
    step: &Step<Compared>,
    live: &Value,
    take: &[TakenFields],
    adopt: bool,
) -> Outcome {
    let kind = step.object.kind;
    let entries = managers::entries(kind, live);
    let applied_before = entries.iter().any(|it| it.role == Role::Applier);
    let Leftovers { found, .. } = &step.leftovers;
    if found.units.is_empty() && !(adopt && applied_before) {
        return Ok(Settled::default());
    }
    let defaults = defaults(client, step, live).await;
    let defaults = defaults.map_err(|failure| failure.problem("ask about", &step.object))?;
    let by_appliers =
        |unit: &Unit| unit.entries.iter().all(|at| entries[*at].role == Role::Applier);
    let (mut drops, mut stay) = (Vec::new(), Vec::new());
    for (unit, is_default) in found.units.iter().zip(defaults) {
        let nobodys = unit.entries.is_empty();
        let adopted = adopt && (unit.ours || unit.in_the_way) && by_appliers(unit);
        let taken = take.iter().any(|it| is_taken(kind, unit, it));
        if (unit.in_the_way && (nobodys || adopted)) || (!is_default && (adopted || taken)) {
            drops.push(unit.clone());
        } else if !is_default {
            stay.push(unit.clone());
        }
    }
    let kept = adopt.then(|| stay.clone());
    let change =
        Change { drops: drops.iter().collect(), kept: kept.as_ref().map(|it| it.iter().collect()) };
    let record = managers::changed(kind, live, &entries, found, &change);
    let changes = record.as_slice() != json::items(live, "/metadata/managedFields");
    let stay = stay.iter().map(|unit| unit.describe(kind, &entries)).collect();
    let owners = || entries.iter().map(|it| it.owner.clone()).collect();
    let takeover = changes.then(|| Takeover { drops, kept, owners: owners() });
    Ok(Settled { stay, takeover })
}

/// Which of what was found the server would fill in again, so that nothing changes without it.
pub(crate) async fn defaults(
    client: &Client<'_>,
    step: &Step<Compared>,
    live: &Value,
) -> Result<Vec<bool>, Failure> {
    let units = &step.leftovers.found.units;
    let none = vec![false; units.len()];
    // Of a list with keys no item is filled in, nor is a label.
    let may_be = |unit: &Unit| unit.list.is_none() && !is_metadata(unit);
    if !units.iter().any(may_be) {
        return Ok(none);
    }
    let all = Takeover { drops: units.clone(), ..Takeover::default() };
    let stored = match ask(client, step, live, &all.applied(step, live, &step.leftovers.wanted))
        .await
    {
        Ok(stored) => stored,
        // Without an answer nothing is taken for a default.
        Err(failure) if failure.status().is_some() && !failure.is_transient() => return Ok(none),
        Err(failure) => return Err(failure),
    };
    let then: BTreeMap<_, _> = object_leaves(&stored).into_iter().collect();
    let now = object_leaves(live).into_iter();
    let differs: BTreeSet<_> =
        now.filter(|(path, value)| then.get(path) != Some(value)).map(|(path, _)| path).collect();
    let is_default = |unit: &Unit| {
        // What is inside a field is sorted directly behind it.
        may_be(unit) && !differs.range(unit.path.clone()..).take(1).any(|it| unit.path.contains(it))
    };
    Ok(units.iter().map(is_default).collect())
}

pub(crate) fn is_metadata(unit: &Unit) -> bool {
    unit.pointer.starts_with("/metadata/")
}

/// What the server would store in place of an object.
pub(crate) async fn preview(
    client: &Client<'_>,
    step: &Step<Settled>,
    takeover: &Takeover,
) -> Result<Value, Problem> {
    let live = step.live.as_ref().unwrap_or(&Value::Null);
    let stored = ask(client, step, live, &takeover.applied(step, live, &step.body)).await;
    let mut stored = stored.map_err(|failure| failure.problem("apply", &step.object))?;
    stored["metadata"]["managedFields"] = live["metadata"]["managedFields"].clone();
    Ok(stored)
}

async fn ask<S>(
    client: &Client<'_>,
    step: &Step<S>,
    live: &Value,
    wanted: &Value,
) -> Result<Value, Failure> {
    let empty = serde_json::Map::new();
    let fields = |of: &Value| of.as_object().cloned().unwrap_or_else(|| empty.clone());
    let mut wanted = fields(wanted);
    // A LIST leaves these two out of its items.
    for field in ["apiVersion", "kind", "status"] {
        wanted.remove(field);
    }
    let mut from = fields(live);
    from.retain(|key, _| wanted.contains_key(key));
    let mut patch = Value::from(merged::patch(&from, &wanted));
    patch["metadata"]["uid"] = json::uid(live).into();
    client.merge_as(Mode::DryRun, &step.object, &patch).await
}
