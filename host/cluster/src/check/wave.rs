//! Everything that is found out before anything is written, for an apply and for a plan of one.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::join;
use wellhead_diagnostics::Code;

use super::accepted::Accepted;
use super::dry_run::Conflicts;
use super::preflight::access;
use super::preflight::facts::ClusterFacts;
use super::preflight::read::Query;
use super::{dry_run, migration, preflight, scale_down, storage_class};
use crate::api::client::Client;
use crate::api::packed::Packed;
use crate::api::warning;
use crate::decide::compare::Allowed;
use crate::decide::desired::{Desired, Named, Source};
use crate::decide::leftover::report::Takes;
use crate::decide::leftover::{report, settle};
use crate::decide::plan::PipelinePlan;
use crate::decide::{compare, desired};
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::observe::live::Live;
use crate::observe::{ending, live};
use crate::recreate::steps;
use crate::store::lease::state::LeaseState;
use crate::store::{handover, lock};

/// How to find out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckOptions<'a> {
    /// What to ask about an object of which another manager owns a field.
    pub(crate) conflicts: Conflicts,
    /// What is not refused.
    pub(crate) allowed: Allowed,
    /// Whose claims may be deleted by a scale-down.
    pub(crate) consented: &'a [PipelineRef],
    /// Whether this is a further look at one of the pipelines that were checked together.
    pub(crate) again: bool,
}

/// Most objects that are looked at together: each is in memory as it is, as it shall be, and as the server would store
/// it.
const WAVE: usize = 512;

/// Pipelines that were looked at together.
#[derive(Debug)]
pub(crate) struct Wave {
    /// What an apply would do, in the order given.
    pub(crate) plans: Vec<PipelinePlan>,
    /// Everything that speaks against it.
    pub(crate) problems: Vec<Problem>,
}

impl Wave {
    /// What may be written: all of it, or nothing where anything speaks against any of it.
    pub(crate) fn accept(self) -> Result<Vec<Accepted>, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(self.plans.into_iter().map(Accepted::new).collect())
        } else {
            Err(self.problems)
        }
    }
}

/// Compares with what exists, and asks the server about every change, a wave of pipelines after the other.
///
/// An error means that nothing could be found out; what is refused is in the waves.
pub(crate) async fn check(
    client: &Client<'_>,
    source: &dyn Source,
    options: CheckOptions<'_>,
    mut each: impl FnMut(Wave),
) -> Result<(), ClusterError> {
    let default = client.cluster.default_namespace();
    let named = desired::names(source, default)?;
    let pipelines: Vec<_> = named.iter().map(|it| &it.pipeline).collect();
    // First of all: who has written since then has written the Lease, too.
    let lease_states = match lock::lease_states(client, &pipelines).await {
        Ok(lease_states) => lease_states,
        Err(problem) => return Err(unreadable(client, &named, problem).await),
    };
    let live = match live::read_packed(client, named.iter().flat_map(|it| &it.objects)).await {
        Ok(live) => live,
        Err(problem) => return Err(unreadable(client, &named, problem).await),
    };
    let objects = named.iter().flat_map(|it| &it.objects);
    let claims = objects.filter(|it| it.kind == Kind::PersistentVolumeClaim).collect();
    let (facts, missing_namespaces, takes) =
        (ClusterFacts::default(), BTreeSet::new(), Takes::default());
    let mut checker = Checker { client, options, live, claims, facts, missing_namespaces, takes };
    let mut lease_states = lease_states.into_iter();
    let mut next = 0;
    while next < named.len() {
        if client.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        let first = next;
        let mut objects = 0;
        while next < named.len() && (next == first || objects + named[next].objects.len() <= WAVE) {
            objects += named[next].objects.len();
            next += 1;
        }
        let jobs = (first..next).map(|at| desired::prepare(source, at, default));
        let jobs = jobs.collect::<Result<Vec<_>, _>>();
        let jobs = jobs.map_err(|problem| ClusterError::Refused(vec![problem]))?;
        let lease_states = lease_states.by_ref().take(jobs.len()).collect();
        let mut wave = Box::pin(checker.wave(jobs, lease_states)).await?;
        // No reason to refuse: the same command may have taken it before it died.
        if let Some(last) = wave.plans.last_mut().filter(|_| next == named.len() && !options.again)
        {
            last.warnings.extend(checker.takes.nothing());
        }
        each(wave);
    }
    Ok(())
}

/// What is found out about all pipelines.
struct Checker<'a> {
    client: &'a Client<'a>,
    options: CheckOptions<'a>,
    live: HashMap<ObjectRef, Packed>,
    /// The claims of all pipelines.
    claims: HashSet<&'a ObjectRef>,
    facts: ClusterFacts,
    /// Namespaces of which it was reported that they are missing: that is no fault of a single object.
    missing_namespaces: BTreeSet<Option<String>>,
    /// Whether the fields that the run takes are anywhere.
    takes: Takes,
}

impl Checker<'_> {
    async fn wave(
        &mut self,
        jobs: Vec<Desired>,
        lease_states: Vec<LeaseState>,
    ) -> Result<Wave, ClusterError> {
        let (client, allowed) = (self.client, self.options.allowed);
        let objects = jobs.iter().flat_map(Desired::wanted).map(|wanted| &wanted.object);
        let live = objects.filter_map(|object| Some((object.clone(), self.live.remove(object)?)));
        let mut live: Live = live.map(|(object, packed)| (object, packed.unpack())).collect();
        let migrates = jobs.iter().any(|it| it.set.volume_migration.is_some());
        if allowed.recreate || migrates {
            steps::finish_orphaning(client, &mut live).await?;
        }
        let each = jobs.iter().zip(&lease_states);
        let each =
            each.map(|(job, lease_state)| (&job.pipeline, &job.stateful_set.object, lease_state));
        let pending = handover::pending(client, each, &live).await?;
        let begun = migration::begun(client, &jobs, &lease_states).await?;
        let mut problems = Vec::new();
        let plans: Vec<_> = jobs
            .into_iter()
            .zip(lease_states.into_iter().zip(pending))
            .map(|(job, (lease_state, pending))| {
                let found = compare::Found { lease_state, pending, begun: &begun, live: &mut live };
                compare::compare(job, found, allowed, &mut problems)
            })
            .collect();
        let ending = ending::namespaces(client, &problems).await;
        if !ending.is_empty() {
            let steps = plans.iter().flat_map(PipelinePlan::steps);
            let live = steps.filter_map(|step| Some((&step.object, step.live.as_ref()?))).collect();
            ending::report_namespaces(&mut problems, &ending, &live);
        }
        let mut plans = plans;
        problems.extend(migration::choose(client, &mut plans).await);
        let classes = storage_class::check_classes(client, &plans).await;
        let classes =
            classes.map_err(|failure| failure.describe("cannot read storage classes", ""))?;
        problems.extend(classes.problems);
        let (plans, unknown) = settle::settle(client, plans, &classes.claims, allowed.adopt).await;
        problems.extend(unknown);
        self.takes.note(&plans);
        let asked = Query::of(&plans, &self.claims);
        let ((mut plans, refused), facts) = join(
            dry_run::check(client, plans, self.options.conflicts),
            self.facts.learn(client, asked),
        )
        .await;
        problems.extend(refused);
        problems.extend(scale_down::refused(client, &plans, self.options.consented).await);
        problems.retain(|problem| {
            let namespace = problem.object.as_ref().map(|object| object.namespace.clone());
            problem.code != Code::NamespaceUnusable || self.missing_namespaces.insert(namespace)
        });
        if let Some(error) = ClusterError::unreachable(&mut problems) {
            return Err(error);
        }
        facts?;
        report::warn(&mut plans, &problems);
        // In a namespace that does not exist, everything is missing.
        if self.missing_namespaces.is_empty() {
            preflight::judge(&mut self.facts, &mut plans, &mut problems);
        }
        for (at, said) in warning::assign(client.take_heard(), plans.iter().map(owner)) {
            plans[at].warnings.push(said);
        }
        Ok(Wave { plans, problems })
    }
}

/// What a warning of the server can be about.
fn owner(plan: &PipelinePlan) -> (&PipelineRef, Vec<&ObjectRef>) {
    (&plan.pipeline, plan.steps().map(|step| &step.object).collect())
}

/// What exists cannot be read; where the rights are missing, so may be others.
async fn unreadable(client: &Client<'_>, named: &[Named], problem: Problem) -> ClusterError {
    match problem.code {
        Code::Forbidden => access::unreadable(client, named, problem).await,
        _ => problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wellhead_diagnostics::Code;

    use super::Wave;
    use crate::check::preflight::fixture::plan;
    use crate::model::error::Problem;

    #[test]
    fn nothing_is_accepted_while_anything_speaks_against_any_of_it() {
        let wave = |problems| Wave { plans: vec![plan("db", 1, &json!({}))], problems };
        assert_eq!(wave(Vec::new()).accept().unwrap().len(), 1);
        let problem = Problem::new(Code::FieldConflict, "a field is somebody else's".to_owned());
        assert_eq!(wave(vec![problem.clone()]).accept().unwrap_err(), [problem]);
    }
}
