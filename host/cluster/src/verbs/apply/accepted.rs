//! Writing one pipeline by a plan that is accepted already.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wellhead_diagnostics::Code;

use super::finished::Finished;
use super::record::{RevisionRecorder, Work};
use crate::api::client::Client;
use crate::decide::plan::{Decision, PipelinePlan};
use crate::model::error::Problem;
use crate::model::object::PipelineRef;
use crate::model::options::ApplyOptions;
use crate::model::progress::{Event, Progress};
use crate::model::report::{Action, ObjectOutcome};
use crate::store::lease;
use crate::store::lease::acquired::{AcquireError, Lease};
use crate::store::lease::state::Holder;

/// How an attempt to write a pipeline ended.
pub(crate) enum Attempt {
    Done(Box<Finished>),
    /// Another run holds its Lease.
    Held(Holder),
    /// Another run wrote to it after its plan was made. Nothing was written.
    Changed,
    /// The Lease was lost while it was written.
    Lost(Problem),
    /// The server did not give the Lease. Nothing was written.
    Failed(Problem),
}

/// Writes a pipeline under its Lease, if no other run wrote to it since its plan was made.
pub(crate) async fn attempt(
    client: &Client<'_>,
    recorder: &RevisionRecorder<'_>,
    work: Work<'_>,
    options: &ApplyOptions,
) -> Attempt {
    let plan = work.plan.plan();
    if !plan.needs_writing() {
        return Attempt::Done(Box::new(Finished::unchanged(plan, options)));
    }
    if let Some(holder) = plan.lease_state.holder().filter(|it| !it.is_gone()) {
        return Attempt::Held(holder);
    }
    let lease = match Lease::acquire(client, &plan.pipeline, &plan.lease_state).await {
        Ok(lease) => lease,
        Err(AcquireError::Changed) => return Attempt::Changed,
        Err(AcquireError::Failed(problem)) => return Attempt::Failed(*problem),
    };
    match Box::pin(recorder.apply(client, work, lease)).await {
        Ok(result) => Attempt::Done(Box::new(Finished::result(plan, result, options))),
        Err(problem) => Attempt::Lost(problem),
    }
}

/// What is reported of a plan after which another run wrote.
pub(crate) fn outdated(pipeline: &PipelineRef) -> Problem {
    Problem::new(
        Code::NotAsPlanned,
        format!("another run wrote to {pipeline} after it was checked"),
    )
    .on(&lease::object(pipeline))
    .why("its Lease was written since; nothing was changed")
    .hint("check it again")
}

/// Keeps what was written of a pipeline, also by an attempt that lost its Lease.
pub(crate) struct Noted<'a> {
    progress: &'a dyn Progress,
    written: Mutex<Written>,
}

/// What attempts at a pipeline wrote.
#[derive(Default)]
struct Written {
    objects: Vec<ObjectOutcome>,
    /// What one that lost its Lease may have written, too: it did not live to see the answer.
    unseen: Vec<ObjectOutcome>,
}

impl<'a> Noted<'a> {
    pub(crate) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, written: Mutex::default() }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an attempt that lost its Lease.
    pub(crate) fn lost(&self, plan: &PipelinePlan) {
        let unseen = plan.steps().filter_map(|step| {
            let action = match step.decision {
                Decision::Create => Action::Created,
                Decision::Update => Action::Updated,
                Decision::Recreate => Action::Recreated,
                Decision::Migrate => Action::Migrated,
                Decision::Leave | Decision::Refuse => return None,
            };
            Some(ObjectOutcome { object: step.object.clone(), action })
        });
        self.written().unseen.extend(unseen);
    }

    /// Completes what the last attempt tells: for it, what an earlier one wrote is as wanted, or was not reached.
    pub(crate) fn complete(&self, finished: &mut Finished) {
        let Written { objects, unseen } = std::mem::take(&mut *self.written());
        for earlier in objects.into_iter().filter(|it| it.action != Action::Unchanged) {
            finished.add(earlier, true);
        }
        for earlier in unseen {
            finished.add(earlier, false);
        }
    }
}

impl Progress for Noted<'_> {
    fn event(&self, event: Event) {
        if let Event::Object(outcome) = &event {
            self.written().objects.push(outcome.clone());
        }
        self.progress.event(event);
    }
}
