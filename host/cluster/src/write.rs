//! Sending what changed: the Service and the claims first, then the StatefulSet that needs them.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use crate::conflict::field_conflicts;
use crate::decide::{Decision, PipelinePlan, Step};
use crate::error::Problem;
use crate::failure::Failure;
use crate::json;
use crate::progress::Event;
use crate::report::{Action, ObjectOutcome};
use crate::session::Session;
use crate::transport::Mode;

/// An update that keeps losing against another writer is given up after so many tries.
const RACES: u32 = 6;

/// What became of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) objects: Vec<ObjectOutcome>,
    pub(crate) problems: Vec<Problem>,
    /// The StatefulSet as it is now, if it was reached.
    pub(crate) stateful_set: Option<Value>,
    /// Whether a stop was asked for before everything was sent.
    pub(crate) stopped: bool,
}

/// Writes one pipeline.
pub(crate) async fn pipeline(session: &Session<'_>, plan: &PipelinePlan) -> Written {
    let mut written = Written::default();
    let first = std::iter::once(&plan.service).chain(&plan.claims);
    for result in join_all(first.map(|step| object(session, step))).await {
        written.add(result);
    }
    if written.problems.is_empty() && !written.stopped {
        let result = object(session, &plan.stateful_set).await;
        written.stateful_set = result.as_ref().ok().and_then(|done| Some(done.as_ref()?.1.clone()));
        written.add(result);
    }
    written
}

type Done = Result<Option<(ObjectOutcome, Value)>, Vec<Problem>>;

impl Written {
    fn add(&mut self, result: Done) {
        match result {
            Ok(Some((outcome, _))) => self.objects.push(outcome),
            Ok(None) => self.stopped = true,
            Err(problems) => self.problems.extend(problems),
        }
    }
}

/// Writes one object, or nothing when somebody asked to stop.
async fn object(session: &Session<'_>, step: &Step) -> Done {
    let (action, now) = match (step.decision, &step.live) {
        (Decision::Leave | Decision::Refuse, live) => {
            (Action::Unchanged, live.clone().unwrap_or_default())
        }
        _ if session.stop.is_stopped() => return Ok(None),
        (Decision::Create, _) => (Action::Created, send(session, step, Mode::Write).await?),
        (Decision::Update, _) => (Action::Updated, send(session, step, Mode::Write).await?),
    };
    let outcome = ObjectOutcome { object: step.object.clone(), action };
    session.progress.event(Event::Object(outcome.clone()));
    Ok(Some((outcome, now)))
}

/// Applies one object. A field conflict is final; losing a race against another writer is not.
pub(crate) async fn send(
    session: &Session<'_>,
    step: &Step,
    mode: Mode,
) -> Result<Value, Vec<Problem>> {
    let mut races = 0;
    loop {
        let failure = match session.apply(&step.object, &step.body, mode).await {
            Ok(result) => return Ok(result),
            Err(failure) if failure.is_conflict() => failure,
            Err(failure) => return Err(vec![failure.problem("apply", &step.object)]),
        };
        let conflicts = failure.status().map(|status| field_conflicts(status, step));
        if let Some(conflicts) = conflicts.filter(|conflicts| !conflicts.is_empty()) {
            return Err(conflicts);
        }
        check_identity(session, step, &failure).await.map_err(|problem| vec![problem])?;
        races += 1;
        if races == RACES {
            return Err(vec![failure.problem("apply", &step.object)]);
        }
        tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(races)).await;
    }
}

/// A conflict over an object that is no longer the one we read cannot be won.
async fn check_identity(
    session: &Session<'_>,
    step: &Step,
    failure: &Failure,
) -> Result<(), Problem> {
    let Some(uid) = step.uid() else { return Ok(()) };
    let found =
        session.get(&step.object).await.map_err(|failure| failure.problem("read", &step.object))?;
    let what = match &found {
        Some(found) if json::uid(found) == uid => return Ok(()),
        Some(_) => format!("{} was replaced by another object of the same name", step.object),
        None => format!("{} was deleted while it was being updated", step.object),
    };
    Err(Problem::new("WH0405", what)
        .on(&step.object)
        .why(failure.reason())
        .hint("run the same command again to decide on what is there now"))
}
