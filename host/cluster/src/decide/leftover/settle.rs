//! Deciding of everything that was found.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::Value;
use wellhead_render::{TakenFields, object_leaves};

use super::entry::{Role, Unit};
use super::managers::Change;
use super::takeover::{Leftovers, Takeover, is_taken};
use super::{managers, merged};
use crate::api::failure::Failure;
use crate::api::session::Session;
use crate::api::transport::Mode;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::model::error::Problem;
use crate::model::json;

/// Decides of everything that was found. The result is what cannot be found out.
pub(crate) async fn settle(
    session: &Session<'_>,
    plans: &mut [PipelinePlan],
    adopt: bool,
) -> Vec<Problem> {
    let steps = plans.iter_mut().flat_map(|plan| {
        let PipelinePlan { service, claims, stateful_set, take, .. } = plan;
        let take = &*take;
        service.iter_mut().chain(claims).chain([stateful_set]).map(move |step| (step, take))
    });
    let open = steps.filter(|(step, _)| step.live.is_some() && step.decision != Decision::Refuse);
    let settled = join_all(open.map(|(step, take)| one(session, step, take, adopt))).await;
    settled.into_iter().flatten().collect()
}

pub(crate) async fn one(
    session: &Session<'_>,
    step: &mut Step,
    take: &[TakenFields],
    adopt: bool,
) -> Option<Problem> {
    let Some(live) = &step.live else { return None };
    let kind = step.object.kind;
    let entries = managers::entries(kind, live);
    let applied_before = entries.iter().any(|it| it.role == Role::Applier);
    let Leftovers { found, .. } = &step.leftovers;
    if found.units.is_empty() && !(adopt && applied_before) {
        return None;
    }
    let defaults = match defaults(session, step, live).await {
        Ok(defaults) => defaults,
        Err(failure) => return Some(failure.problem("ask about", &step.object)),
    };
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
    let told = stay.iter().map(|unit| unit.told(kind, &entries)).collect();
    if changes {
        let owners = entries.iter().map(|it| it.owner.clone()).collect();
        step.leftovers.takeover = Some(Takeover { drops, kept, owners });
        if step.decision == Decision::Leave {
            step.decision = Decision::Update;
        }
    }
    step.leftovers.stay = told;
    None
}

/// Which of what was found the server would fill in again, so that nothing changes without it.
pub(crate) async fn defaults(
    session: &Session<'_>,
    step: &Step,
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
    let stored = match ask(session, step, live, &all.applied(step, live, &step.leftovers.wanted))
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
        // What stands in a field is sorted directly behind it.
        may_be(unit) && !differs.range(unit.path.clone()..).take(1).any(|it| unit.path.contains(it))
    };
    Ok(units.iter().map(is_default).collect())
}

pub(crate) fn is_metadata(unit: &Unit) -> bool {
    unit.pointer.starts_with("/metadata/")
}

/// What the server would store in place of an object.
pub(crate) async fn preview(
    session: &Session<'_>,
    step: &Step,
    takeover: &Takeover,
) -> Result<Value, Problem> {
    let live = step.live.as_ref().unwrap_or(&Value::Null);
    let stored = ask(session, step, live, &takeover.applied(step, live, &step.body)).await;
    let mut stored = stored.map_err(|failure| failure.problem("apply", &step.object))?;
    stored["metadata"]["managedFields"] = live["metadata"]["managedFields"].clone();
    Ok(stored)
}

pub(crate) async fn ask(
    session: &Session<'_>,
    step: &Step,
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
    session.merge_as(Mode::DryRun, &step.object, &patch).await
}
