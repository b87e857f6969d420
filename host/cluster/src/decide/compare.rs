//! What to do about each object, decided from what is wanted and what exists.

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::desired::{Desired, Wanted};
use super::immutable::Templates;
use super::leftover::takeover;
use super::leftover::takeover::Leftovers;
use super::plan::{Decision, PipelinePlan, Step};
use super::{claim, immutable, recreation};
use crate::managed_fields::{policy, unchanged};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, PipelineRef};
use crate::observe::live::Live;
use crate::observe::ownership::Verdict;
use crate::observe::{ending, expansion, ownership};
use crate::store::handover::{PendingRecreate, Replacement};
use crate::store::lease::Head;

/// What exists of the pipelines of a run, and who wrote to this one last.
pub(crate) struct Found<'l> {
    pub(crate) head: Head,
    pub(crate) unfinished: Option<PendingRecreate>,
    pub(crate) live: &'l mut Live,
}

/// What is refused unless somebody asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// A StatefulSet is made anew where it cannot change.
    pub(crate) recreate: bool,
    /// Objects that are not Wellhead's are taken over.
    pub(crate) adopt: bool,
}

/// Compares one pipeline with what exists. Everything that speaks against it is collected into `problems`.
pub(crate) fn decide(
    job: Desired,
    Found { head, unfinished, live }: Found<'_>,
    allowed: Allowed,
    problems: &mut Vec<Problem>,
) -> PipelinePlan {
    let mut warnings = Vec::new();
    let workload_exists = live.contains_key(&job.stateful_set.object);
    let mut found = Findings { problems, warnings: &mut warnings, allowed };
    let mut decide = |wanted: Wanted| step(wanted, live, &job.pipeline, &mut found);
    let service = job.service.map(&mut decide);
    let mut claims: Vec<_> = job.claims.into_iter().map(&mut decide).collect();
    let mut stateful_set = decide(job.stateful_set);
    // The claims of replicas that somebody else removed are made when they come back, by the controller.
    claims.retain(|claim| claim.live.is_some() || stateful_set.needs(claim));
    if let (Some(unfinished), false) = (&unfinished, workload_exists) {
        stateful_set.anew = unfinished.anew(&stateful_set.body).map(Box::new);
        if stateful_set.anew.is_none() {
            warnings.push(unfinished.lost(&stateful_set.object));
        }
    }
    if !workload_exists {
        warnings.extend(reused_claims(&claims, &job.pipeline));
    }
    let Desired { pipeline, set, take, digest, .. } = job;
    PipelinePlan {
        pipeline,
        service,
        claims,
        stateful_set,
        warnings,
        head,
        set,
        take,
        digest,
        unfinished,
    }
}

struct Findings<'a> {
    problems: &'a mut Vec<Problem>,
    warnings: &'a mut Vec<Problem>,
    allowed: Allowed,
}

fn step(wanted: Wanted, live: &mut Live, pipeline: &PipelineRef, found: &mut Findings<'_>) -> Step {
    let Wanted { object, body, policies } = wanted;
    let live = live.remove(&object);
    let (decision, fixed, anew, preview) = (Decision::Create, Vec::new(), None, None);
    let (shared, leftovers) = (Vec::new(), Leftovers::default());
    let mut step =
        Step { object, body, live, decision, fixed, anew, preview, policies, shared, leftovers };
    let Some(live) = &step.live else { return step };
    let (object, body) = (&step.object, &mut step.body);
    match ownership::judge(object, body, live, pipeline, found.allowed.adopt) {
        Verdict::Ours => {}
        Verdict::Adopt(warning) => found.warnings.push(warning),
        Verdict::Refuse(problem) => {
            found.problems.push(problem);
            step.decision = Decision::Refuse;
            return step;
        }
    }
    // Only a StatefulSet is made anew, and most objects of a run stay as they are.
    let wanted = if object.kind == Kind::StatefulSet { body.clone() } else { Value::Null };
    let units = step.policies.settle(body, live);
    let mut unchangeable = Vec::new();
    match object.kind {
        Kind::StatefulSet => {
            let mut whole = body.clone();
            policy::withdraw(&mut whole, &units);
            step.fixed = immutable::keep(body, live);
            match immutable::keep_templates(object, body, live, found.allowed.recreate) {
                Templates::Same => {}
                Templates::Kept(warning) => found.warnings.push(*warning),
                Templates::Fixed(fixed) => step.fixed.push(fixed),
            }
            step.anew = (!step.fixed.is_empty()).then(|| Box::new(Replacement::new(wanted, whole)));
            if found.allowed.recreate {
                found.warnings.extend(recreation::left_behind(object, live, &step.fixed));
            } else {
                found.problems.extend(step.fixed.iter().map(|fixed| fixed.problem(object)));
            }
        }
        Kind::PersistentVolumeClaim => unchangeable = claim::unchangeable(object, body, live),
        _ => {}
    }
    let said = body.clone();
    policy::withdraw(body, &units);
    step.shared = policy::left_to_others(units);
    body["metadata"]["uid"] = json::uid(live).into();
    step.decision = if !unchangeable.is_empty() {
        Decision::Refuse
    } else if step.anew.is_some() {
        if found.allowed.recreate { Decision::Recreate } else { Decision::Update }
    } else if unchanged::is_unchanged(body, live) {
        Decision::Leave
    } else {
        Decision::Update
    };
    if step.decision != Decision::Refuse {
        step.leftovers = takeover::find(object.kind, &said, live, &step.shared);
    }
    found.problems.extend(unchangeable);
    if object.kind == Kind::PersistentVolumeClaim {
        found.warnings.extend(ending::lost(object, live, pipeline));
    }
    if object.kind == Kind::PersistentVolumeClaim && step.decision == Decision::Leave {
        let outstanding = expansion::outstanding(live, None);
        found.warnings.extend(outstanding.map(|reason| reason.problem));
    }
    step
}

/// A new workload on claims of an old one starts with the old data; that must not be a surprise.
fn reused_claims(claims: &[Step], pipeline: &PipelineRef) -> Option<Problem> {
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
