//! Asking the server about every change before anything is written.

use futures::future::join_all;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::session::Session;
use crate::api::transport::Mode;
use crate::decide::leftover::{settle, told};
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::decide::send::send;
use crate::model::error::Problem;
use crate::model::json;
use crate::recreate::phase::Phase;
use crate::recreate::preview;

/// Questions that are prepared at once. How many are in flight is up to the connection.
const AT_ONCE: usize = 64;

/// What to ask about an object of which somebody else owns a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conflicts {
    /// Nothing more: the conflict is all that matters.
    Report,
    /// What it would be if nobody else owned a field, to be shown.
    Preview,
}

/// Dry-runs every step that would write, all pipelines at once. A step whose result is what exists becomes a step
/// that leaves the object alone, one that the server refuses is refused.
pub(crate) async fn check(
    session: &Session<'_>,
    plans: &mut [PipelinePlan],
    conflicts: Conflicts,
) -> Vec<Problem> {
    let steps = plans.iter_mut().flat_map(PipelinePlan::steps_mut);
    let changing = steps.filter(|step| {
        matches!(step.decision, Decision::Create | Decision::Update | Decision::Recreate)
    });
    let mut changing: Vec<_> = changing.collect();
    let mut problems = Vec::new();
    for some in changing.chunks_mut(AT_ONCE) {
        let asked = some.iter_mut().map(|step| one(session, step, conflicts));
        problems.extend(join_all(asked).await.into_iter().flatten());
    }
    for plan in plans.iter_mut() {
        let whole = match (Phase::of(plan), &plan.unfinished, &plan.stateful_set.preview) {
            (Phase::Deleted(Some(_)), Some(pending), Some(stored)) => pending.preview(stored),
            _ => continue,
        };
        plan.stateful_set.preview = Some(whole);
    }
    problems
}

async fn one(session: &Session<'_>, step: &mut Step, conflicts: Conflicts) -> Vec<Problem> {
    if session.stop.is_stopped() {
        return Vec::new();
    }
    let asked = send(session, step, Mode::DryRun).await;
    let (result, mut problems) = match without_what_goes(session, step, asked).await {
        Ok(result) => (Some(result), Vec::new()),
        Err(problems) => {
            let problems = in_the_way(step, problems);
            step.decision = Decision::Refuse;
            let show = conflicts == Conflicts::Preview
                && problems.iter().all(|it| it.code == Code::FieldConflict);
            let preview = if show { send(session, step, Mode::Preview).await.ok() } else { None };
            (preview, problems)
        }
    };
    if let (Some(live), Some(result), true) = (&step.live, &result, problems.is_empty())
        && step.anew.is_none()
        && step.leftovers.takeover.is_none()
        && normalized(live) == normalized(result)
    {
        step.decision = Decision::Leave;
    }
    step.preview = result;
    let beside = told::beside(step);
    if !beside.is_empty() {
        step.decision = Decision::Refuse;
        problems.extend(beside);
    }
    if step.anew.is_some() {
        problems.extend(preview::preview(session, step).await);
    }
    problems
}

/// What the server would store once fields are gone that others own. That settles what it refuses for their sake.
async fn without_what_goes(
    session: &Session<'_>,
    step: &Step,
    asked: Result<Value, Vec<Problem>>,
) -> Result<Value, Vec<Problem>> {
    let Some(takeover) = step.leftovers.takeover.as_ref().filter(|it| it.removes()) else {
        return asked;
    };
    let settled = |problem: &Problem| match problem.code {
        Code::FieldConflict => problem.path.as_ref().is_some_and(|path| takeover.settles(path)),
        code => code == Code::InvalidObject,
    };
    match asked {
        Err(problems) if !problems.iter().all(settled) => Err(problems),
        _ => settle::preview(session, step, takeover).await.map_err(|problem| vec![problem]),
    }
}

/// What the server finds invalid for the sake of something that is left behind is told as that.
fn in_the_way(step: &Step, problems: Vec<Problem>) -> Vec<Problem> {
    let told = problems.into_iter().flat_map(|problem| {
        let in_the_way = match problem.code {
            Code::InvalidObject => told::in_the_way(step, &problem),
            _ => Vec::new(),
        };
        if in_the_way.is_empty() { vec![problem] } else { in_the_way }
    });
    told.collect()
}

/// An object without what moves by itself: its status, and the counters and times of its record keeping. Who owns
/// which field belongs to the essence: taking ownership is a change.
fn normalized(object: &Value) -> Value {
    let mut copy = object.clone();
    let mut owners: Vec<Value> = json::items(&copy, "/metadata/managedFields")
        .iter()
        .filter(|entry| json::text(entry, "/subresource").is_empty())
        .cloned()
        .collect();
    for owner in owners.iter_mut().filter_map(Value::as_object_mut) {
        owner.remove("time");
    }
    owners.sort_by_cached_key(ToString::to_string);
    if let Some(fields) = copy.as_object_mut() {
        // A LIST leaves these two out of its items.
        for field in ["apiVersion", "kind", "status"] {
            fields.remove(field);
        }
    }
    if let Some(Value::Object(metadata)) = copy.get_mut("metadata") {
        metadata.remove("resourceVersion");
        metadata.remove("generation");
        metadata.insert("managedFields".to_owned(), owners.into());
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::normalized;

    fn object(time: &str, replicas: u8, fields: &Value) -> Value {
        json!({"metadata": {"resourceVersion": time, "managedFields": [
            {"manager": "kcm", "subresource": "status", "time": time},
            {"manager": "wellhead", "time": time, "fieldsV1": fields}]},
            "spec": {"replicas": replicas}, "status": {"seen": time}})
    }

    #[test]
    fn record_keeping_is_no_change_but_ownership_is() {
        let ours = json!({"f:spec": {"f:replicas": {}}});
        assert_eq!(normalized(&object("1", 3, &ours)), normalized(&object("2", 3, &ours)));
        assert_ne!(normalized(&object("1", 3, &ours)), normalized(&object("1", 4, &ours)));
        assert_ne!(normalized(&object("1", 3, &ours)), normalized(&object("1", 3, &json!({}))));
    }
}
