//! Everything that is found out before anything is written, for an apply and for a plan of one.

use std::collections::BTreeSet;

use futures::future::join;
use wellhead_render::ResourceSet;

use crate::decide::{self, Allowed, PipelinePlan};
use crate::dry_run::{self, Conflicts};
use crate::error::{ClusterError, Problem};
use crate::job::{self, Job};
use crate::object::PipelineRef;
use crate::plan::scale_down;
use crate::preflight::{self, Asked};
use crate::session::Session;
use crate::warning::Heard;
use crate::{ending, leftover, live, lock, recreate, storage, warning};

/// How to find out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckOptions<'a> {
    /// What to ask about an object of which somebody else owns a field.
    pub(crate) conflicts: Conflicts,
    /// What is not refused.
    pub(crate) allowed: Allowed,
    /// Whose claims may be deleted by a scale-down.
    pub(crate) consented: &'a [PipelineRef],
}

/// What an apply would do, and everything that speaks against it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) plans: Vec<PipelinePlan>,
    pub(crate) problems: Vec<Problem>,
}

/// Compares with what exists, and asks the server about every change.
///
/// An error means that nothing could be found out; what is refused is in the result.
pub(crate) async fn check(
    session: &Session<'_>,
    sets: &[ResourceSet],
    options: CheckOptions<'_>,
) -> Result<Checked, ClusterError> {
    let jobs = job::prepare(sets, session.cluster.default_namespace())?;
    let pipelines: Vec<_> = jobs.iter().map(|job| &job.pipeline).collect();
    // First of all: who has written since then has written the Lease, too.
    let heads = match lock::heads(session, &pipelines).await {
        Ok(heads) => heads,
        Err(problem) => return Err(unreadable(session, &jobs, problem).await),
    };
    let wanted = jobs.iter().flat_map(Job::wanted).map(|wanted| &wanted.object);
    let mut live = match live::read(session, wanted).await {
        Ok(live) => live,
        Err(problem) => return Err(unreadable(session, &jobs, problem).await),
    };
    if options.allowed.recreate {
        recreate::finish_orphaning(session, &mut live).await?;
    }
    let unfinished = recreate::unfinished(session, &jobs, &heads, &live).await?;
    let mut problems = Vec::new();
    let mut plans: Vec<_> = jobs
        .into_iter()
        .zip(heads.into_iter().zip(unfinished))
        .map(|(job, (head, unfinished))| {
            let found = decide::Found { head, unfinished, live: &mut live };
            decide::decide(job, found, options.allowed, &mut problems)
        })
        .collect();
    let ending = ending::namespaces(session, &problems).await;
    if !ending.is_empty() {
        let steps = plans.iter().flat_map(PipelinePlan::steps);
        let live = steps.filter_map(|step| Some((&step.object, step.live.as_ref()?))).collect();
        ending::tell_namespaces(&mut problems, &ending, &live);
    }
    let classes = storage::check_classes(session, &mut plans).await;
    problems
        .extend(classes.map_err(|failure| failure.describe("cannot read storage classes", ""))?);
    problems.extend(leftover::settle(session, &mut plans, options.allowed.adopt).await);
    problems.extend(leftover::taking_nothing(&plans));
    let facts = Asked::of(&plans).read(session);
    let (refused, facts) =
        join(dry_run::check(session, &mut plans, options.conflicts), facts).await;
    problems.extend(refused);
    problems.extend(scale_down::refused(session, &plans, options.consented).await);
    // A namespace that is missing is no fault of a single object: it is told once.
    let mut namespaces = BTreeSet::new();
    problems.retain(|problem| {
        let namespace = problem.object.as_ref().map(|object| object.namespace.clone());
        problem.code != "WH0409" || namespaces.insert(namespace)
    });
    // An unreachable server is no refusal.
    let lost =
        |problem: &Problem| matches!(problem.code, "WH0410" | "WH0411" | "WH0412" | "WH0413");
    if let Some(at) = problems.iter().position(lost) {
        return Err(ClusterError::Request(Box::new(problems.swap_remove(at))));
    }
    leftover::warn(&mut plans, &problems);
    preflight::judge(&facts?, &mut plans, &mut problems);
    let said = session.heard.map(Heard::all).unwrap_or_default();
    for (at, said) in warning::assign(said, &plans) {
        plans[at].warnings.push(said);
    }
    Ok(Checked { plans, problems })
}

/// What exists cannot be read; where the rights are missing, so may be others.
async fn unreadable(session: &Session<'_>, jobs: &[Job], problem: Problem) -> ClusterError {
    match problem.code {
        "WH0408" => preflight::unreadable(session, jobs, problem).await,
        _ => problem.into(),
    }
}

impl Checked {
    /// What an apply would do, unless anything speaks against it.
    pub(crate) fn accepted(self) -> Result<Vec<PipelinePlan>, ClusterError> {
        if self.problems.is_empty() {
            Ok(self.plans)
        } else {
            Err(ClusterError::Refused(self.problems))
        }
    }
}
