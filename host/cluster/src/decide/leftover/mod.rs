//! What stays of an object although the pipeline does not say it, because somebody who applied it before owns it.
//!
//! Server-side apply removes a field that its manager no longer says, unless another manager has it, too. After a
//! takeover that is every field. The rule by which a field is left behind, and told:
//!
//! - the pipeline does not say it, it exists, and removing it would change the object: a default of the server is none,
//! - who owns it is an earlier applier: the maker of the object, or a tool by which people apply manifests; or we own
//!   it, too, as an earlier apply said it,
//! - no policy of the pipeline leaves it to its owner, and it is no note that a tool keeps for itself.
//!
//! It goes when somebody asks for it: `--take FIELD` takes a field from all of its owners. `--adopt` ends the entries
//! of earlier appliers in the record of managers: what the pipeline says is ours alone, as is what an earlier apply
//! said and what stands in the way of the pipeline; what no pipeline ever said stays with them, and is told. What the
//! server filled in, and nobody owns, goes by itself where it is in the way.
//!
//! Two writes do it (`take`): the record of managers is changed under the object's resourceVersion, which changes no
//! value, and the apply that follows removes what is ours and not said. Pods restart once, if at all, and after a crash
//! in between any apply of the same files ends it.

mod find;
mod managers;
mod merged;
mod take;
mod told;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde::Serialize;
use serde_json::{Value, json};
use wellhead_render::{TakenFields, fields_of, object_leaves};
use wellhead_spec::FieldPath;

use super::compare::{Decision, PipelinePlan, Step};
use crate::api::failure::Failure;
use crate::api::session::Session;
use crate::api::transport::Mode;
use crate::managed_fields::owners::Owner;
use crate::managed_fields::policy::SharedField;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::Kind;
use find::{Found, Unit};
use managers::{Change, Entry, Role};

pub(crate) use take::{hand_over, take};
pub(crate) use told::{Takes, beside, in_the_way, warn};

/// A field or an item that stays although the pipeline does not say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftBehind {
    /// Where it stands in the object. Items of lists are named as in a pipeline.
    pub path: FieldPath,
    /// The field of a pipeline that it would be; none where no pipeline has such a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPath>,
    /// Its value, as it is.
    pub value: Value,
    /// Who owns it.
    pub owners: Vec<Owner>,
    /// Where it stands, as a JSON pointer.
    #[serde(skip)]
    pub(crate) pointer: String,
    /// Whether what the pipeline says cannot be stored beside it.
    #[serde(skip)]
    pub(crate) in_the_way: bool,
    /// Whether it goes along with the entries of earlier appliers.
    #[serde(skip)]
    pub(crate) adoptable: bool,
}

/// What was found of one object, and what is to become of it.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// What the pipeline says, before policies gave up any of it.
    wanted: Value,
    found: Found,
    /// What stays.
    pub(crate) stay: Vec<LeftBehind>,
    /// What goes, and how.
    pub(crate) takeover: Option<Takeover>,
}

/// A change of the record of managers before an object is applied.
#[derive(Debug, Default)]
pub(crate) struct Takeover {
    /// What goes along with the apply.
    drops: Vec<Unit>,
    /// What stays with earlier appliers where their entries end; none where they stay as they are.
    kept: Option<Vec<Unit>>,
    /// Those who own anything of the object.
    owners: Vec<Owner>,
}

/// A field or an item that goes.
pub(crate) struct Gone {
    pub(crate) path: FieldPath,
    pub(crate) value: Value,
    /// Who owns it now.
    pub(crate) owners: Vec<Owner>,
}

/// Looks for what an object has and the pipeline does not say. `wanted` is what it says before policies give up any of
/// it, `shared` of which they decided.
pub(crate) fn find(kind: Kind, wanted: &Value, live: &Value, shared: &[SharedField]) -> Leftovers {
    let entries = managers::entries(kind, live);
    let shared: BTreeSet<_> = shared.iter().map(|it| it.path.clone()).collect();
    let found = find::find(kind, wanted, live, &entries, &shared);
    let wanted = if found.units.is_empty() { Value::Null } else { wanted.clone() };
    Leftovers { wanted, found, ..Leftovers::default() }
}

impl Leftovers {
    /// Whether a pattern names what stays of an object or goes.
    fn takes(&self, step: &Step, take: &TakenFields) -> bool {
        self.found.units.iter().any(|unit| is_taken(step.object.kind, unit, take))
    }
}

impl Takeover {
    /// Whether more changes than the record of managers.
    pub(crate) fn removes(&self) -> bool {
        !self.drops.is_empty()
    }

    /// What goes, as it is told.
    pub(crate) fn gone(&self) -> impl Iterator<Item = Gone> + '_ {
        let owner = |at: &usize| self.owners.get(*at).cloned();
        self.drops.iter().filter(|unit| !unit.twice).map(move |unit| Gone {
            path: unit.path.clone(),
            value: unit.value.clone(),
            owners: unit.entries.iter().filter_map(owner).collect(),
        })
    }

    /// What goes, as a record of managers has it.
    pub(crate) fn record(&self) -> Value {
        let mut record = json!({});
        for unit in &self.drops {
            managers::insert(&mut record, &unit.record, json!({}));
        }
        record
    }

    /// Whether it ends the claim of another manager to a field.
    pub(crate) fn settles(&self, field: &FieldPath) -> bool {
        self.drops.iter().any(|unit| unit.path.contains(field))
    }

    /// The object as it would be, without what goes along and what goes by itself.
    fn applied(&self, step: &Step, live: &Value, body: &Value) -> Value {
        let drops = self.drops.iter().map(|unit| (unit.pointer.as_str(), &unit.record));
        let goes = step.leftovers.found.goes.iter();
        let gone: Vec<_> = drops.chain(goes.map(|(at, record)| (at.as_str(), record))).collect();
        let mut object = merged::without(live, in_order(gone.iter().map(|it| it.0)).into_iter());
        // A map of which nobody owns anything goes as a whole.
        let entries = managers::entries(step.object.kind, live);
        for (pointer, record) in &gone {
            let (Some((map, _)), Some((_, parents))) =
                (pointer.rsplit_once('/'), record.split_last())
            else {
                continue;
            };
            let is_map = map.ends_with("/annotations") || map.ends_with("/labels");
            let owned = |key: &String| {
                let path = [parents, &[format!("f:{key}")]].concat();
                entries.iter().enumerate().any(|it| self.leaves(it, &path))
            };
            let rest = object.pointer(map).and_then(Value::as_object);
            if is_map && body.pointer(map).is_none() && !rest.is_some_and(|it| it.keys().any(owned))
            {
                object = merged::without(&object, std::iter::once(map));
            }
        }
        merged::applied(&object, body)
    }

    /// Whether an entry of the record still names a field after the change.
    fn leaves(&self, (number, entry): (usize, &Entry<'_>), path: &[String]) -> bool {
        entry.role != Role::Ours
            && managers::get(entry.fields, path).is_some()
            && match &self.kept {
                Some(kept) if entry.role == Role::Applier => {
                    kept.iter().any(|it| it.record == path && it.entries.contains(&number))
                }
                _ => !self.drops.iter().any(|it| it.record == path),
            }
    }
}

/// Places in their order in the object: those of one list by their numbers.
fn in_order<'p>(pointers: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let mut pointers: Vec<_> = pointers.collect();
    let key = |pointer: &&str| -> Vec<(usize, String)> {
        pointer.split('/').map(|it| (it.parse().unwrap_or_default(), it.to_owned())).collect()
    };
    pointers.sort_by_cached_key(key);
    pointers
}

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

async fn one(
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
async fn defaults(session: &Session<'_>, step: &Step, live: &Value) -> Result<Vec<bool>, Failure> {
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

fn is_metadata(unit: &Unit) -> bool {
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

async fn ask(
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

/// Whether a pattern of fields of pipelines names what is left behind, or what it stands in.
fn is_taken(kind: Kind, unit: &Unit, take: &TakenFields) -> bool {
    let pattern = take.pattern.and_below();
    fields_of(kind.word(), &unit.path).iter().any(|field| pattern.matches(field))
}
