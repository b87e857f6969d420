//! Asking the server about every change before anything is written.

use futures::future::join_all;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::call::Mode;
use crate::api::client::Client;
use crate::decide::leftover::{report, settle};
use crate::decide::plan::{Checked, Decision, PipelinePlan, Settled, Step};
use crate::decide::send::send;
use crate::model::error::Problem;
use crate::model::json;
use crate::recreate::preview;
use crate::recreate::preview::{Preview, Replaced};
use crate::store::handover::{PendingRecreate, Replacement};

/// Questions that are prepared at once. How many are in flight is up to the connection.
const AT_ONCE: usize = 64;

/// What to ask about an object of which another manager owns a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conflicts {
    /// Nothing more: the conflict is all that matters.
    Report,
    /// What it would be if no other manager owned a field, to be shown.
    Preview,
}

/// Dry-runs every step that would write, all pipelines at once. A step whose result is what exists becomes a step
/// that leaves the object alone, one that the server refuses is refused; the problems say why.
pub(crate) async fn check(
    client: &Client<'_>,
    plans: Vec<PipelinePlan<Settled>>,
    conflicts: Conflicts,
) -> (Vec<PipelinePlan>, Vec<Problem>) {
    let steps = plans.iter().flat_map(PipelinePlan::steps);
    let changing: Vec<_> = steps.filter(|step| step.decision.writes()).collect();
    let mut answers = Vec::with_capacity(changing.len());
    for some in changing.chunks(AT_ONCE) {
        let asked = some.iter().map(|step| ask(client, step, conflicts));
        answers.extend(join_all(asked).await);
    }
    let (mut answers, mut problems) = (answers.into_iter(), Vec::new());
    let plans = plans.into_iter().map(|mut plan| {
        let pending = plan.pending.take();
        let plan = plan.map(|step| {
            let answer = if step.decision.writes() { answers.next() } else { None };
            let answer = answer.unwrap_or_else(|| match step.decision {
                Decision::Migrate => Answer::migrated(&step),
                _ => Answer::unasked(&step),
            });
            answer.checked(step, pending.as_ref(), &mut problems)
        });
        PipelinePlan { pending, ..plan }
    });
    (plans.collect(), problems)
}

/// What the server said of one change.
struct Answer {
    decision: Decision,
    /// What it would store.
    stored: Option<Value>,
    /// The whole object to create, where a StatefulSet takes the place of another of which other managers set fields.
    full: Option<Value>,
    problems: Vec<Problem>,
}

impl Answer {
    /// That of a step of which nothing was asked.
    fn unasked(step: &Step<Settled>) -> Self {
        Self { decision: step.decision, stored: None, full: None, problems: Vec::new() }
    }

    /// That of a claim whose data are moved: what there is, with another class and size.
    fn migrated(step: &Step<Settled>) -> Self {
        let mut stored = step.live.clone().unwrap_or_else(|| step.body.clone());
        stored["spec"]["storageClassName"] = step.body["spec"]["storageClassName"].clone();
        stored["spec"]["resources"]["requests"]["storage"] =
            step.body["spec"]["resources"]["requests"]["storage"].clone();
        Self { stored: Some(stored), ..Self::unasked(step) }
    }

    /// That of one that cannot be written.
    fn refused(problems: Vec<Problem>) -> Self {
        Self { decision: Decision::Refuse, stored: None, full: None, problems }
    }

    /// The step of which this was said.
    fn checked(
        self,
        step: Step<Settled>,
        pending: Option<&PendingRecreate>,
        problems: &mut Vec<Problem>,
    ) -> Step {
        let Self { decision, stored, full, problems: found } = self;
        problems.extend(found);
        let stored = match (stored, pending, &step.replacement) {
            // What an earlier run has deleted is created with what other managers had set.
            (Some(stored), Some(pending), Some(_)) if step.live.is_none() => {
                Some(pending.preview(&stored))
            }
            (stored, ..) => stored,
        };
        let replacement = match (step.replacement, full) {
            (Some(replacement), Some(full)) => {
                Some(Box::new(Replacement { full: Some(full), ..*replacement }))
            }
            (replacement, _) => replacement,
        };
        let step = Step { replacement, ..step };
        step.into_stage(decision, |settled| Checked { settled, stored })
    }
}

/// Asks the server about one change.
async fn ask(client: &Client<'_>, step: &Step<Settled>, conflicts: Conflicts) -> Answer {
    if client.stop.is_stopped() {
        return Answer::unasked(step);
    }
    let asked = send(client, step, Mode::DryRun).await;
    let asked = match without_what_goes(client, step, asked).await {
        Ok(stored) => Answer { stored: Some(stored), ..Answer::unasked(step) },
        Err(problems) => {
            let problems = in_the_way(step, problems);
            let show = conflicts == Conflicts::Preview
                && problems.iter().all(|it| it.code == Code::FieldConflict);
            let stored = if show { send(client, step, Mode::Preview).await.ok() } else { None };
            Answer { stored, ..Answer::refused(problems) }
        }
    };
    let beside = report::beside(step);
    let decision = match asked.decision {
        _ if !beside.is_empty() => Decision::Refuse,
        Decision::Refuse => Decision::Refuse,
        _ if changes_nothing(step, asked.stored.as_ref()) => Decision::Leave,
        decision => decision,
    };
    let mut answer = Answer { decision, ..asked };
    answer.problems.extend(beside);
    match (&step.replacement, &step.live) {
        (Some(replacement), Some(live)) => {
            let is_done = decision == Decision::Recreate;
            let replaced = Replaced { live, replacement, is_done };
            with_replacement(client, step, replaced, answer).await
        }
        _ => answer,
    }
}

/// Whether the server would store what exists.
fn changes_nothing(step: &Step<Settled>, stored: Option<&Value>) -> bool {
    let (Some(live), Some(stored)) = (&step.live, stored) else { return false };
    step.replacement.is_none()
        && step.stage.takeover.is_none()
        && normalized(live) == normalized(stored)
}

/// Asks about the StatefulSet that is to be created, too.
async fn with_replacement(
    client: &Client<'_>,
    step: &Step<Settled>,
    replaced: Replaced<'_>,
    answer: Answer,
) -> Answer {
    let Answer { decision, stored, mut problems, .. } = answer;
    match preview::preview(client, step, replaced, stored).await {
        Some(Preview::Stored { stored, full }) => {
            Answer { decision, stored: Some(stored), full, problems }
        }
        Some(Preview::Refused(problem)) => {
            problems.push(*problem);
            Answer::refused(problems)
        }
        None => Answer { decision, stored: None, full: None, problems },
    }
}

/// What the server would store once fields are gone that others own. That settles what it refuses for their sake.
async fn without_what_goes(
    client: &Client<'_>,
    step: &Step<Settled>,
    asked: Result<Value, Vec<Problem>>,
) -> Result<Value, Vec<Problem>> {
    let Some(takeover) = step.stage.takeover.as_ref().filter(|it| it.removes()) else {
        return asked;
    };
    let settled = |problem: &Problem| match problem.code {
        Code::FieldConflict => problem.path.as_ref().is_some_and(|path| takeover.settles(path)),
        code => code == Code::InvalidObject,
    };
    match asked {
        Err(problems) if !problems.iter().all(settled) => Err(problems),
        _ => settle::preview(client, step, takeover).await.map_err(|problem| vec![problem]),
    }
}

/// What the server finds invalid for the sake of something that is left behind is reported as that.
fn in_the_way(step: &Step<Settled>, problems: Vec<Problem>) -> Vec<Problem> {
    let told = problems.into_iter().flat_map(|problem| {
        let in_the_way = match problem.code {
            Code::InvalidObject => report::in_the_way(step, &problem),
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
