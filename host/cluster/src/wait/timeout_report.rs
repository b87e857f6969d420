//! What else is to be said when a rollout does not come to its end: how far it came, the last events, the way back.

use futures::future::join_all;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Event;
use wellhead_diagnostics::Code;

use super::target::{Outcome, Target};
use super::way_back::{Answer, WayBack};
use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::json::typed::lenient;
use crate::model::object::{Kind, ObjectRef};
use crate::observe::{events, live, rollout};

/// Events of a pod that are shown.
const EVENTS: usize = 3;

/// Pods of a pipeline whose events are read; one is as good as a hundred.
const PODS_ASKED: usize = 3;

/// The outcomes, with more about each pod in them.
pub(crate) async fn explain(
    client: &Client<'_>,
    outcomes: Vec<(&Target, Outcome)>,
) -> Vec<Outcome> {
    let all = outcomes.into_iter().map(|(target, outcome)| of_one(client, target, outcome));
    join_all(all).await
}

async fn of_one(client: &Client<'_>, target: &Target, mut outcome: Outcome) -> Outcome {
    // Who stopped the wait does not want to wait for more.
    if client.stop.is_stopped() || !outcome.problems.iter().any(is_about_pods) {
        return outcome;
    }
    let set = live::read_one(client, &target.stateful_set).await;
    let set: StatefulSet = set.ok().flatten().as_ref().map(lenient).unwrap_or_default();
    let progress = format!(
        "{} of {} pods updated, {} ready",
        outcome.readiness.updated, outcome.readiness.desired, outcome.readiness.ready
    );
    let back = if has_earlier_revision(&set) {
        WayBack::find(client, &target.pipeline).await
    } else {
        None
    };
    let mut asked = 0;
    for problem in outcome.problems.iter_mut().filter(|problem| is_about_pods(problem)) {
        let mut lines: Vec<_> = problem.why.take().into_iter().collect();
        lines.push(progress.clone());
        let pod = problem.object.as_ref().filter(|it| it.kind == Kind::Pod);
        if let Some(pod) = pod.filter(|_| asked < PODS_ASKED) {
            asked += 1;
            lines.extend(last_events(client, pod).await);
        }
        // A pod of a failed revision is freed, not rolled back once more.
        let helping =
            back.as_ref().filter(|it| problem.code != Code::StuckRollout && it.concerns(problem));
        if let Some(back) = helping {
            let answer = match problem.code {
                Code::PodsRejected => back.ask(client, &set).await,
                _ => Answer::Admitted,
            };
            match answer {
                Answer::Admitted => {
                    let instead = problem.ways_out().join("; ");
                    (problem.remedy, problem.hints) = (Some(back.remedy(instead)), Vec::new());
                }
                Answer::Refused => lines.push(back.refused()),
                Answer::Unknown => {}
            }
        }
        problem.why = Some(lines.join("\n"));
    }
    outcome
}

/// About a pod, or about pods that are not made.
fn is_about_pods(problem: &Problem) -> bool {
    problem.code == Code::PodsRejected
        || problem.object.as_ref().is_some_and(|object| object.kind == Kind::Pod)
}

fn has_earlier_revision(stateful_set: &StatefulSet) -> bool {
    let current = rollout::current_revision(stateful_set);
    let update = rollout::update_revision(stateful_set);
    !current.is_empty() && current != update
}

/// The newest events of a pod, the oldest of them first; a warning is among them, if there is any. Not everybody may
/// read them.
async fn last_events(client: &Client<'_>, pod: &ObjectRef) -> Vec<String> {
    let about = format!("involvedObject.kind=Pod,involvedObject.name={}", pod.name);
    newest(&events::list(client, &pod.namespace, &about).await.unwrap_or_default())
}

fn newest(events: &[Event]) -> Vec<String> {
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_key(|event| events::last_seen(event));
    // An earlier pod of the same name is of no interest.
    let last = events.last().map(|event| event.involved_object.uid.clone());
    events.retain(|event| Some(&event.involved_object.uid) == last.as_ref());
    let warning = events.iter().rposition(|event| events::is_warning(event));
    let first = events.len().saturating_sub(EVENTS);
    if let Some(warning) = warning.filter(|at| *at < first) {
        events[first] = events[warning];
    }
    let line = |event: &&Event| {
        let [reason, message] =
            [&event.reason, &event.message].map(|it| it.as_deref().unwrap_or_default());
        let at = events::last_seen(event).map(|it| it.to_string()).unwrap_or_default();
        format!("event at {at}: {reason}: {message}")
    };
    events[first..].iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::has_earlier_revision;
    use crate::model::json::typed::{lenient, typed};

    fn newest(events: &[Value]) -> Vec<String> {
        let events: Vec<_> = events.iter().cloned().filter_map(typed).collect();
        super::newest(&events)
    }

    #[test]
    fn the_last_events_are_shown_in_their_order() {
        let event = |second: u8, uid: &str| {
            json!({"reason": "Failed", "message": format!("try {second}"),
                   "involvedObject": {"uid": uid},
                   "lastTimestamp": format!("2026-01-01T00:00:0{second}Z")})
        };
        let events = [event(4, "b"), event(0, "b"), event(3, "b"), event(2, "b")];
        let shown =
            [2, 3, 4].map(|it| format!("event at 2026-01-01T00:00:0{it}Z: Failed: try {it}"));
        assert_eq!(newest(&events), shown);
        let replaced = [event(1, "a"), event(2, "b"), event(3, "b"), event(4, "b")];
        assert_eq!(newest(&replaced), shown, "those of an earlier pod are left out");
    }

    #[test]
    fn the_newest_warning_is_shown_although_others_are_newer() {
        let event = |second: u8, kind: &str| {
            json!({"type": kind, "reason": kind, "message": second.to_string(),
                   "involvedObject": {"uid": "a"},
                   "lastTimestamp": format!("2026-01-01T00:00:0{second}Z")})
        };
        let kinds = ["Warning", "Warning", "Normal", "Normal", "Normal"];
        let events: Vec<_> = (0..5).map(|at| event(at, kinds[usize::from(at)])).collect();
        let shown: Vec<_> = newest(&events).iter().filter_map(|it| it.chars().last()).collect();
        assert_eq!(shown, ['1', '3', '4']);
    }

    #[test]
    fn a_first_rollout_has_nothing_to_go_back_to() {
        let set = |current: &str| {
            let revisions = json!({"currentRevision": current, "updateRevision": "db-2"});
            lenient(&json!({"status": revisions}))
        };
        assert!(has_earlier_revision(&set("db-1")));
        assert!(!has_earlier_revision(&set("db-2")));
        assert!(!has_earlier_revision(&lenient(&json!({}))));
    }
}
