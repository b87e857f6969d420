//! Sending what changed: the Service and the claims first, then the StatefulSet that needs them.

use std::borrow::Cow;
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use wellhead_spec::OwnershipPolicy;

use super::Wait;
use crate::api::failure::Failure;
use crate::api::session::Session;
use crate::api::transport::Mode;
use crate::decide::compare::{Decision, PipelinePlan, Step};
use crate::decide::leftover;
use crate::managed_fields::conflict::field_conflicts;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::progress::Event;
use crate::model::report::{Action, ObjectOutcome};
use crate::observe::ownership::applied_by_us;
use crate::recreate::Orphan;
use crate::{FIELD_MANAGER, recreate};

/// An update that keeps losing against another writer is given up after so many tries.
const RACES: u32 = 6;

/// What became of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) objects: Vec<ObjectOutcome>,
    pub(crate) problems: Vec<Problem>,
    /// The StatefulSet as it is now, if it was reached.
    pub(crate) stateful_set: Option<Value>,
    /// Pods that ran without a StatefulSet, and that this one is to adopt.
    pub(crate) orphans: Vec<Orphan>,
    /// What the user should know.
    pub(crate) warnings: Vec<Problem>,
    /// Whether a stop was asked for before everything was sent.
    pub(crate) stopped: bool,
}

/// How long controllers may take to let go of a StatefulSet's pods where no limit is asked for and nothing is waited for.
const LETTING_GO: Duration = Duration::from_mins(1);

/// Writes one pipeline.
pub(crate) async fn pipeline(session: &Session<'_>, plan: &PipelinePlan, wait: Wait) -> Written {
    let mut written = Written::default();
    // A Service with a new selector finds the pods only once they have its labels.
    let service_last = recreate::changes_selector(&plan.stateful_set);
    let service = plan.service.as_ref().filter(|_| !service_last);
    let first = service.into_iter().chain(&plan.claims);
    for result in join_all(first.map(|step| object(session, step))).await {
        written.add(result);
    }
    if written.problems.is_empty() && !written.stopped {
        written.stateful_set(session, plan, wait).await;
        if let (true, Some(service), Some(_)) = (service_last, &plan.service, &written.stateful_set)
        {
            written.add(now(session, service).await);
            written.objects.rotate_right(1);
        }
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

    async fn stateful_set(&mut self, session: &Session<'_>, plan: &PipelinePlan, wait: Wait) {
        let step = &plan.stateful_set;
        let is_left = wait == Wait::No && step.decision == Decision::Recreate;
        let result = match step.decision {
            Decision::Recreate if !session.stop.is_stopped() => {
                let limit = match wait {
                    Wait::UntilDone { timeout } => timeout,
                    Wait::No => Some(LETTING_GO),
                };
                self.recreate(session, plan, limit).await
            }
            Decision::Create if may_adopt(plan) && !session.stop.is_stopped() => {
                match recreate::prepare_adoption(session, step).await {
                    Ok(orphans) => {
                        self.orphans = orphans;
                        create(session, step).await
                    }
                    Err(problem) => Err(vec![problem]),
                }
            }
            _ => match hand_back(session, plan).await {
                Ok(()) => object(session, step).await,
                Err(problem) => Err(vec![problem]),
            },
        };
        let result = match (result, &plan.unfinished) {
            (Ok(Some(done)), Some(unfinished)) if step.decision != Decision::Recreate => {
                unfinished.remove(session).await.map(|()| Some(done)).map_err(|it| vec![it])
            }
            (result, _) => result,
        };
        if is_left && result.is_ok() {
            let warning = recreate::not_replaced(step);
            self.warnings.extend(warning.clone());
            if let Some(warning) = warning {
                session.progress.event(Event::Warning(warning));
            }
        }
        self.stateful_set = result.as_ref().ok().and_then(|done| Some(done.as_ref()?.1.clone()));
        self.add(result);
    }

    async fn recreate(
        &mut self,
        session: &Session<'_>,
        plan: &PipelinePlan,
        limit: Option<Duration>,
    ) -> Done {
        let done = recreate::run(session, plan, limit).await.map_err(|problem| vec![problem])?;
        self.orphans = done.orphans;
        self.warnings = done.warnings;
        let outcome =
            ObjectOutcome { object: plan.stateful_set.object.clone(), action: Action::Recreated };
        session.progress.event(Event::Object(outcome.clone()));
        Ok(Some((outcome, done.now)))
    }
}

/// Whether a StatefulSet that does not exist may have existed: what stands around it is ours, or a run had begun to make
/// it anew.
fn may_adopt(plan: &PipelinePlan) -> bool {
    let around = plan.service.iter().chain(&plan.claims);
    plan.unfinished.is_some() || around.filter_map(|step| step.live.as_ref()).any(applied_by_us)
}

/// Writes one object, or nothing when somebody asked to stop.
async fn object(session: &Session<'_>, step: &Step) -> Done {
    let writes = !matches!(step.decision, Decision::Leave | Decision::Refuse);
    if writes && session.stop.is_stopped() { Ok(None) } else { now(session, step).await }
}

/// Creates a StatefulSet, with what others had set of the one that an earlier run has deleted.
async fn create(session: &Session<'_>, step: &Step) -> Done {
    let Some(anew) = &step.anew else { return object(session, step).await };
    let now = recreate::finish(session, &step.object, anew).await;
    let now = now.map_err(|problem| vec![problem])?;
    let outcome = ObjectOutcome { object: step.object.clone(), action: Action::Created };
    session.progress.event(Event::Object(outcome.clone()));
    Ok(Some((outcome, now)))
}

/// Hands back what others had set of a StatefulSet that an earlier run has created.
async fn hand_back(session: &Session<'_>, plan: &PipelinePlan) -> Result<(), Problem> {
    match (&plan.unfinished, &plan.stateful_set.live) {
        (Some(unfinished), Some(live))
            if unfinished.is_created(live) && !session.stop.is_stopped() =>
        {
            recreate::complete(session, &plan.stateful_set.object, unfinished, live).await
        }
        _ => Ok(()),
    }
}

/// Writes one object.
async fn now(session: &Session<'_>, step: &Step) -> Done {
    let (action, now) = match (step.decision, &step.live) {
        (Decision::Leave | Decision::Refuse, live) => {
            (Action::Unchanged, live.clone().unwrap_or_default())
        }
        (Decision::Create, _) => (Action::Created, send(session, step, Mode::Write).await?),
        (Decision::Update | Decision::Recreate, _) => {
            if let Some(takeover) = &step.leftovers.takeover {
                leftover::take(session, step, takeover).await.map_err(|problem| vec![problem])?;
            }
            (Action::Updated, send(session, step, Mode::Write).await?)
        }
    };
    let outcome = ObjectOutcome { object: step.object.clone(), action };
    session.progress.event(Event::Object(outcome.clone()));
    Ok(Some((outcome, now)))
}

/// Applies one object. A field conflict is final where no policy of the pipeline decides it; losing a race against
/// another writer is not.
pub(crate) async fn send(
    session: &Session<'_>,
    step: &Step,
    mode: Mode,
) -> Result<Value, Vec<Problem>> {
    let mut body = Cow::Borrowed(&step.body);
    let mut newer = None;
    let mut races = 0;
    loop {
        let live = newer.as_ref().or(step.live.as_ref());
        let failure = match once(session, step, Sent { body: &body, live }, mode).await {
            Ok(result) => return Ok(result),
            Err(Refusal::Final(problems)) => return Err(problems),
            Err(Refusal::Race(failure)) => failure,
        };
        let found =
            check_identity(session, step, &failure).await.map_err(|problem| vec![problem])?;
        races += 1;
        if races == RACES {
            return Err(vec![failure.problem("apply", &step.object)]);
        }
        if let Some(found) = found {
            step.policies.again(body.to_mut(), &found);
            newer = Some(found);
        }
        tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(races)).await;
    }
}

/// What is sent, and what it was decided from.
#[derive(Clone, Copy)]
struct Sent<'a> {
    body: &'a Value,
    live: Option<&'a Value>,
}

/// Why one try did not succeed.
enum Refusal {
    Final(Vec<Problem>),
    /// Somebody else wrote between the read and the write.
    Race(Failure),
}

/// One try. Where every conflict is about a field that the pipeline takes, they are taken from the owners that were
/// looked at: the server refuses the forced request when the object is not the one that was read.
async fn once(
    session: &Session<'_>,
    step: &Step,
    sent: Sent<'_>,
    mode: Mode,
) -> Result<Value, Refusal> {
    let object = &step.object;
    let failure = match session.apply(object, sent.body, mode).await {
        Ok(result) => return Ok(result),
        Err(failure) if failure.is_conflict() => failure,
        Err(failure) => return Err(Refusal::Final(vec![failure.problem("apply", object)])),
    };
    let conflicts = failure.status().map(|it| field_conflicts(it, object, sent.body, sent.live));
    let conflicts = conflicts.unwrap_or_default();
    if conflicts.is_empty() {
        return Err(Refusal::Race(failure));
    }
    let Some(live) = sent.live else { return Err(Refusal::Final(conflicts)) };
    // What was created whole and not handed back, for somebody killed us, is ours all the same.
    let is_ours = |conflict: &Problem| conflict.manager.as_deref() == Some(FIELD_MANAGER);
    let policy = |conflict: &Problem| {
        if is_ours(conflict) {
            Some(OwnershipPolicy::Take)
        } else {
            step.policies.at(conflict.path.as_ref()?)
        }
    };
    let (decided, open): (Vec<_>, Vec<_>) =
        conflicts.into_iter().partition(|conflict| policy(conflict).is_some());
    if !open.is_empty() {
        // The fields of an object that took the place of ours belong to somebody else, but that is not what to say.
        if mode == Mode::Write {
            let same = check_identity(session, step, &failure).await;
            same.map_err(|problem| Refusal::Final(vec![problem]))?;
        }
        return Err(Refusal::Final(open));
    }
    if !decided.iter().all(|conflict| policy(conflict) == Some(OwnershipPolicy::Take)) {
        return Err(Refusal::Race(failure));
    }
    let mut body = sent.body.clone();
    body["metadata"]["resourceVersion"] = json::text(live, "/metadata/resourceVersion").into();
    session.apply(object, &body, mode.forced()).await.map_err(|failure| match failure {
        failure if failure.is_conflict() => Refusal::Race(failure),
        failure => Refusal::Final(vec![failure.problem("apply", object)]),
    })
}

/// The object as it is now. A conflict over one that is no longer the one we read cannot be won.
async fn check_identity(
    session: &Session<'_>,
    step: &Step,
    failure: &Failure,
) -> Result<Option<Value>, Problem> {
    let Some(uid) = step.uid() else { return Ok(None) };
    let found =
        session.get(&step.object).await.map_err(|failure| failure.problem("read", &step.object))?;
    let what = match &found {
        Some(now) if json::uid(now) == uid => return Ok(found),
        Some(_) => format!("{} was replaced by another object of the same name", step.object),
        None => format!("{} was deleted while it was being updated", step.object),
    };
    Err(Problem::new("WH0405", what)
        .on(&step.object)
        .why(failure.reason())
        .hint("run the same command again to decide on what is there now"))
}
