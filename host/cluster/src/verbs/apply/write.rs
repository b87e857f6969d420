//! Sending what changed: the Service and the claims first, then the StatefulSet that needs them.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use crate::api::call::Mode;
use crate::api::client::Client;
use crate::check::accepted::Accepted;
use crate::decide::leftover::take;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::decide::send::send;
use crate::migrate::run;
use crate::migrate::run::Migrated;
use crate::model::error::Problem;
use crate::model::options::Wait;
use crate::model::progress::Event;
use crate::model::report::{Action, ObjectOutcome};
use crate::observe::live;
use crate::recreate::orphans::Orphan;
use crate::recreate::phase::Phase;
use crate::recreate::{steps, successor};
use crate::store::handover::Replacement;

/// What became of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct WriteResult {
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
const ORPHAN_TIMEOUT: Duration = Duration::from_mins(1);

/// Writes one pipeline.
pub(crate) async fn write_pipeline(
    client: &Client<'_>,
    plan: &Accepted,
    wait: Wait,
) -> WriteResult {
    let (plan, mut written) = (plan.plan(), WriteResult::default());
    // A Service with a new selector finds the pods only once they have its labels.
    let service_last = steps::changes_selector(&plan.stateful_set);
    let service = plan.service.as_ref().filter(|_| !service_last);
    let claims = plan.claims.iter().filter(|it| it.decision != Decision::Migrate);
    let first = service.into_iter().chain(claims);
    for result in join_all(first.map(|step| write_object(client, step))).await {
        written.add(result);
    }
    if written.problems.is_empty() && !written.stopped {
        written.stateful_set(client, plan, wait).await;
        if let (true, Some(service), Some(_)) = (service_last, &plan.service, &written.stateful_set)
        {
            written.add(write_now(client, service).await);
            written.objects.rotate_right(1);
        }
    }
    if written.problems.is_empty() && !written.stopped {
        written.migrate(client, plan).await;
    }
    written
}

type Done = Result<Option<(ObjectOutcome, Value)>, Vec<Problem>>;

impl WriteResult {
    fn add(&mut self, result: Done) {
        match result {
            Ok(Some((outcome, _))) => self.objects.push(outcome),
            Ok(None) => self.stopped = true,
            Err(problems) => self.problems.extend(problems),
        }
    }

    /// Moves data last: the templates of the StatefulSet are those of the new volumes by then.
    async fn migrate(&mut self, client: &Client<'_>, plan: &PipelinePlan) {
        let Migrated { objects, problems, stopped } = run::run(client, plan).await;
        if !objects.is_empty() {
            // Their pods have restarted since: what is waited for is as it is now.
            let moved = plan.claims.iter().filter_map(|it| it.migration.as_ref());
            let moved: Vec<_> = moved.map(|it| it.pod.as_str()).collect();
            self.orphans.retain(|it| !moved.contains(&it.name.as_str()));
            match live::read_one(client, &plan.stateful_set.object).await {
                Ok(now) => self.stateful_set = now,
                Err(problem) => self.problems.push(problem),
            }
        }
        self.objects.extend(objects);
        self.problems.extend(problems);
        self.stopped |= stopped;
    }

    async fn stateful_set(&mut self, client: &Client<'_>, plan: &PipelinePlan, wait: Wait) {
        let step = &plan.stateful_set;
        let is_left = wait == Wait::No && step.decision == Decision::Recreate;
        let result = match Phase::of(plan) {
            _ if client.stop.is_stopped() => write_object(client, step).await,
            Phase::Idle => write_object(client, step).await,
            Phase::Planned => {
                let limit = match wait {
                    Wait::UntilDone { timeout } => timeout,
                    Wait::No => Some(ORPHAN_TIMEOUT),
                };
                self.recreate(client, plan, limit).await
            }
            Phase::Deleted(replacement) => match steps::prepare_adoption(client, step).await {
                Ok(orphans) => {
                    self.orphans = orphans;
                    create_replacement(client, step, replacement).await
                }
                Err(problem) => Err(vec![problem]),
            },
            Phase::Created(pending, live) => {
                match successor::complete(client, &step.object, pending, live).await {
                    Ok(()) => write_object(client, step).await,
                    Err(problem) => Err(vec![problem]),
                }
            }
        };
        let result = match (result, &plan.pending) {
            (Ok(Some(done)), Some(pending)) if step.decision != Decision::Recreate => {
                pending.remove(client).await.map(|()| Some(done)).map_err(|it| vec![it])
            }
            (result, _) => result,
        };
        if is_left && result.is_ok() {
            let warning = steps::not_replaced(step);
            self.warnings.extend(warning.clone());
            if let Some(warning) = warning {
                client.progress.event(Event::Warning(warning));
            }
        }
        self.stateful_set = result.as_ref().ok().and_then(|done| Some(done.as_ref()?.1.clone()));
        self.add(result);
    }

    async fn recreate(
        &mut self,
        client: &Client<'_>,
        plan: &PipelinePlan,
        limit: Option<Duration>,
    ) -> Done {
        let done = steps::run(client, plan, limit).await.map_err(|problem| vec![problem])?;
        self.orphans = done.orphans;
        self.warnings = done.warnings;
        let outcome =
            ObjectOutcome { object: plan.stateful_set.object.clone(), action: Action::Recreated };
        client.progress.event(Event::Object(outcome.clone()));
        Ok(Some((outcome, done.now)))
    }
}

/// Writes one object, or nothing when a stop was asked for.
async fn write_object(client: &Client<'_>, step: &Step) -> Done {
    let writes = !matches!(step.decision, Decision::Leave | Decision::Migrate | Decision::Refuse);
    if writes && client.stop.is_stopped() { Ok(None) } else { write_now(client, step).await }
}

/// Creates a StatefulSet, with what others had set of the one that an earlier run has deleted.
async fn create_replacement(
    client: &Client<'_>,
    step: &Step,
    replacement: Option<&Replacement>,
) -> Done {
    let Some(replacement) = replacement else { return write_object(client, step).await };
    let now = successor::finish(client, &step.object, replacement).await;
    let now = now.map_err(|problem| vec![problem])?;
    let outcome = ObjectOutcome { object: step.object.clone(), action: Action::Created };
    client.progress.event(Event::Object(outcome.clone()));
    Ok(Some((outcome, now)))
}

/// Writes one object.
async fn write_now(client: &Client<'_>, step: &Step) -> Done {
    let (action, now) = match (step.decision, &step.live) {
        (Decision::Leave | Decision::Migrate | Decision::Refuse, live) => {
            (Action::Unchanged, live.clone().unwrap_or_default())
        }
        (Decision::Create, _) => (Action::Created, send(client, step, Mode::Write).await?),
        (Decision::Update | Decision::Recreate, _) => {
            if let Some(takeover) = step.takeover() {
                take::take(client, step, takeover).await.map_err(|problem| vec![problem])?;
            }
            (Action::Updated, send(client, step, Mode::Write).await?)
        }
    };
    let outcome = ObjectOutcome { object: step.object.clone(), action };
    client.progress.event(Event::Object(outcome.clone()));
    Ok(Some((outcome, now)))
}
