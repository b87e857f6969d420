//! What to do about each object, decided from what is wanted and what exists.

use std::collections::HashMap;

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::desired::{Desired, Wanted};
use super::immutable::{Fixed, Templates};
use super::leftover::takeover;
use super::leftover::takeover::Leftovers;
use super::migration::Begun;
use super::plan::{Compared, Decision, PipelinePlan, Step};
use super::{claim, immutable, migration, recreation};
use crate::managed_fields::{policy, unchanged};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed::lenient;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::storage::migration::Migration;
use crate::observe::ending::Ending;
use crate::observe::live::Live;
use crate::observe::ownership::Verdict;
use crate::observe::{ending, expansion, ownership};
use crate::store::handover::{PendingRecreate, Replacement};
use crate::store::lease::state::LeaseState;

/// What exists of the pipelines of a run, and who wrote to this one last.
pub(crate) struct Found<'l> {
    pub(crate) lease_state: LeaseState,
    pub(crate) pending: Option<PendingRecreate>,
    /// The claims whose data an earlier run has begun to move.
    pub(crate) begun: &'l HashMap<ObjectRef, Begun>,
    pub(crate) live: &'l mut Live,
}

/// What is refused unless the user asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// A StatefulSet is recreated where it cannot change.
    pub(crate) recreate: bool,
    /// Objects of other managers are taken over.
    pub(crate) adopt: bool,
}

/// Compares one pipeline with what exists. Everything that speaks against it is collected into `problems`.
pub(crate) fn compare(
    desired: Desired,
    Found { lease_state, pending, begun, live }: Found<'_>,
    allowed: Allowed,
    problems: &mut Vec<Problem>,
) -> PipelinePlan<Compared> {
    let mut warnings = Vec::new();
    let workload_exists = live.contains_key(&desired.stateful_set.object);
    let mut found = Findings { problems, warnings: &mut warnings, allowed, migrates: false };
    let may_migrate = desired.set.volume_migration.is_some();
    let mut compare = |wanted: Wanted| {
        let live = live.remove(&wanted.object);
        let begun = begun.get(&wanted.object);
        if wanted.object.kind == Kind::PersistentVolumeClaim {
            let what = (&wanted.object, &wanted.body);
            match migration::decide(&desired.pipeline, what, live.as_ref(), begun, may_migrate) {
                migration::Verdict::Stays => {}
                migration::Verdict::Migrates(migration) => {
                    found.migrates = true;
                    return migrating(wanted, live, migration);
                }
                migration::Verdict::Refused(problem) => {
                    found.problems.push(*problem);
                    return refused(wanted, live);
                }
            }
        }
        step(wanted, live, &desired.pipeline, &mut found)
    };
    let service = desired.service.map(&mut compare);
    let mut claims: Vec<_> = desired.claims.into_iter().map(&mut compare).collect();
    let mut stateful_set = compare(desired.stateful_set);
    // The claims of replicas that another client removed are made when they come back, by the controller.
    claims.retain(|claim| claim.live.is_some() || stateful_set.needs(claim));
    if let (Some(pending), false) = (&pending, workload_exists) {
        let replacement = pending.replacement(&stateful_set.body).map(Box::new);
        if replacement.is_none() {
            warnings.push(pending.lost(&stateful_set.object));
        }
        stateful_set = Step { replacement, ..stateful_set };
    }
    if !workload_exists {
        warnings.extend(reused_claims(&claims, &desired.pipeline));
    }
    let Desired { pipeline, set, take, digest, .. } = desired;
    PipelinePlan {
        pipeline,
        service,
        claims,
        stateful_set,
        warnings,
        lease_state,
        set,
        take,
        digest,
        pending,
    }
}

struct Findings<'a> {
    problems: &'a mut Vec<Problem>,
    warnings: &'a mut Vec<Problem>,
    allowed: Allowed,
    /// Whether data of claims are moved: then the templates of the StatefulSet become those of the new volumes.
    migrates: bool,
}

/// A claim whose data are moved.
fn migrating(wanted: Wanted, live: Option<Value>, migration: Box<Migration>) -> Step<Compared> {
    let Wanted { object, body, policies } = wanted;
    let (decision, migration) = (Decision::Migrate, Some(migration));
    Step { live, decision, migration, ..Step::new(object, body, policies) }
}

/// An object that cannot become what is wanted.
fn refused(wanted: Wanted, live: Option<Value>) -> Step<Compared> {
    let Wanted { object, body, policies } = wanted;
    Step { live, decision: Decision::Refuse, ..Step::new(object, body, policies) }
}

/// What only some kinds of objects have.
#[derive(Default)]
struct OfKind {
    fixed: Vec<Fixed>,
    replacement: Option<Box<Replacement>>,
    /// Whether the replacement may take the object's place.
    recreates: bool,
    is_refused: bool,
}

/// Compares one object with what exists of it.
fn step(
    wanted: Wanted,
    live: Option<Value>,
    pipeline: &PipelineRef,
    found: &mut Findings<'_>,
) -> Step<Compared> {
    let Wanted { object, mut body, policies } = wanted;
    let Some(live) = live else { return Step::new(object, body, policies) };
    match ownership::judge(&object, &body, &live, pipeline, found.allowed.adopt) {
        Verdict::Ours => {}
        Verdict::Adopt(warning) => found.warnings.push(warning),
        Verdict::Refuse(problem) => {
            found.problems.push(problem);
            return refused(Wanted { object, body, policies }, Some(live));
        }
    }
    // Only a StatefulSet is recreated, and most objects of a run stay as they are.
    let rendered = (object.kind == Kind::StatefulSet).then(|| body.clone());
    let units = policies.resolve(&mut body, &live);
    let replacement = rendered.map(|rendered| {
        let mut body = body.clone();
        policy::drop_yielded(&mut body, &units);
        Replacement::new(rendered, body)
    });
    let OfKind { fixed, replacement, recreates, is_refused } = match replacement {
        Some(replacement) => stateful_set(&object, &mut body, replacement, &live, found),
        None if object.kind == Kind::PersistentVolumeClaim => {
            let problems = claim::unchangeable(&object, &body, &live);
            let is_refused = !problems.is_empty();
            found.problems.extend(problems);
            OfKind { is_refused, ..OfKind::default() }
        }
        None => OfKind::default(),
    };
    let said = body.clone();
    policy::drop_yielded(&mut body, &units);
    let shared = policy::left_to_others(units);
    body["metadata"]["uid"] = json::uid(&live).into();
    let decision = if is_refused {
        Decision::Refuse
    } else if replacement.is_some() {
        if recreates { Decision::Recreate } else { Decision::Update }
    } else if unchanged::is_unchanged(&body, &live) {
        Decision::Leave
    } else {
        Decision::Update
    };
    let leftovers = if is_refused {
        Leftovers::default()
    } else {
        takeover::find(object.kind, &said, &live, &shared)
    };
    if object.kind == Kind::PersistentVolumeClaim {
        let claim = lenient(&live);
        found.warnings.extend(ending::lost(&object, &Ending::of_claim(&claim), pipeline));
        if decision == Decision::Leave {
            let outstanding = expansion::outstanding(&claim, None);
            found.warnings.extend(outstanding.map(|reason| reason.problem));
        }
    }
    let live = Some(live);
    let new = Step::new(object, body, policies);
    Step { live, decision, fixed, replacement, shared, leftovers, ..new }
}

/// Puts the live values of immutable fields into what is sent. Where any differs, `replacement` is what would be created
/// instead.
fn stateful_set(
    object: &ObjectRef,
    body: &mut Value,
    replacement: Replacement,
    live: &Value,
    found: &mut Findings<'_>,
) -> OfKind {
    let mut fixed = immutable::keep(body, live);
    let recreates = found.allowed.recreate || (found.migrates && fixed.is_empty());
    match immutable::keep_templates(object, body, live, recreates) {
        Templates::Same => {}
        Templates::Kept(warning) => found.warnings.push(*warning),
        Templates::Fixed(templates) => fixed.push(templates),
    }
    if recreates {
        found.warnings.extend(recreation::left_behind(object, live, &fixed));
    } else {
        found.problems.extend(fixed.iter().map(|fixed| fixed.problem(object)));
    }
    let replacement = (!fixed.is_empty()).then(|| Box::new(replacement));
    OfKind { fixed, replacement, recreates, is_refused: false }
}

/// A new workload on claims of an old one starts with the old data; that must not be a surprise.
fn reused_claims(claims: &[Step<Compared>], pipeline: &PipelineRef) -> Option<Problem> {
    let reused: Vec<_> = claims
        .iter()
        .filter(|step| {
            step.live.as_ref().is_some_and(|live| json::text(live, "/status/phase") == "Bound")
        })
        .map(|step| step.object.name.as_str())
        .collect();
    (!reused.is_empty()).then(|| {
        Problem::new(
            Code::ClaimsReused,
            format!("{pipeline} starts on the data of claims that exist already"),
        )
        .why(format!("claims: {}", reused.join(", ")))
    })
}
