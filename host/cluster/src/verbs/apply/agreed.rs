//! An apply that goes on from the check of its plan.
//!
//! Between the two a person reads and agrees. Where nothing was written to the cluster meanwhile, what was checked is
//! still true, and neither the dry run nor the preflight is done again. Otherwise everything is checked again, and
//! applied only if it is what was agreed to.

use std::collections::HashMap;

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::Ending;
use super::fleet::{Fleet, Outcome};
use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::check::dry_run::Conflicts;
use crate::check::scale_down;
use crate::check::wave::Wave;
use crate::decide::desired::Source;
use crate::decide::plan::PipelinePlan;
use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::options::ApplyOptions;
use crate::model::progress::Progress;
use crate::model::report::ApplyReport;
use crate::observe::live::Reader as _;
use crate::store::lock;
use crate::verbs::plan::Plan;
use crate::verbs::plan::expected::Expected;

/// A plan, with everything that its check found out, for [`Cluster::apply_checked`].
#[derive(Debug)]
pub struct CheckedPlan {
    /// The plan.
    pub plan: Plan,
    outcome: Outcome,
    versions: Versions,
}

/// What existed at a check, by the versions of the server.
#[derive(Debug, Default, PartialEq)]
struct Versions {
    objects: HashMap<ObjectRef, String>,
    /// Of the Lease of each pipeline; none where there was no Lease.
    leases: Vec<(PipelineRef, Option<String>)>,
}

impl Versions {
    fn add(&mut self, plan: &PipelinePlan) {
        let lease = plan.lease_state.resource_version().map(str::to_owned);
        self.leases.push((plan.pipeline.clone(), lease));
        let live = plan.steps().filter_map(|step| Some((&step.object, step.live.as_ref()?)));
        self.objects.extend(live.map(|(object, live)| (object.clone(), version(live))));
    }

    /// The same as they are now. Leases are read first: who writes to a pipeline writes its Lease before.
    async fn now(
        client: &Client<'_>,
        pipelines: &[&PipelineRef],
        objects: Vec<&ObjectRef>,
    ) -> Result<Self, Problem> {
        let leases = lock::lease_states(client, pipelines).await?;
        let leases = leases.iter().map(|it| it.resource_version().map(str::to_owned));
        let leases = pipelines.iter().map(|it| (*it).clone()).zip(leases).collect();
        let objects = client.by_name(objects, |live| version(&live)).await?;
        Ok(Self { objects, leases })
    }
}

fn version(live: &Value) -> String {
    json::text(live, "/metadata/resourceVersion").to_owned()
}

impl CheckedPlan {
    /// Whether the cluster is as it was at the check.
    async fn is_current(&self, client: &Client<'_>) -> Result<bool, Problem> {
        let pipelines: Vec<_> = self.versions.leases.iter().map(|it| &it.0).collect();
        let planned = self.plan.pipelines.iter().flat_map(|it| &it.objects);
        let objects = planned.map(|it| &it.object).collect();
        Ok(Versions::now(client, &pipelines, objects).await? == self.versions)
    }
}

impl Cluster {
    /// [`Cluster::plan_from`] for an apply with these options, which goes on from what was found out.
    pub async fn plan_checked(
        &self,
        source: &dyn Source,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<CheckedPlan, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let client = &Client::new(self, progress, &options.stop, &heard);
        let consented =
            scale_down::consented(&options.delete_claims, source, self.default_namespace())?;
        let expected = &Expected::default();
        let fleet = Fleet { client, source, options, expected, consented: &consented };
        let mut plan = Plan { adopts: options.adopt, ..Plan::default() };
        let mut versions = Versions::default();
        let see = |wave: &Wave| {
            plan.add(wave);
            wave.plans.iter().for_each(|it| versions.add(it));
        };
        let outcome = Box::pin(fleet.check_all(Conflicts::Preview, see)).await?;
        if options.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        plan.requests = self.requests_sent() - before;
        Ok(CheckedPlan { plan, outcome, versions })
    }

    /// Applies what was planned by [`Cluster::plan_checked`] with the same source and options: that, or nothing.
    pub async fn apply_checked(
        &self,
        source: &dyn Source,
        checked: CheckedPlan,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let client = &Client::new(self, progress, &options.stop, &heard);
        let is_current = checked.is_current(client).await?;
        let expected = checked.plan.expected();
        let consented =
            scale_down::consented(&options.delete_claims, source, self.default_namespace())?;
        let expected = &Expected::all(&expected);
        let fleet = Fleet { client, source, options, expected, consented: &consented };
        let finished = if is_current {
            Box::pin(fleet.write_checked(checked.outcome)).await
        } else {
            Box::pin(fleet.write()).await
        };
        let finished = finished.map_err(|error| error.map_problems(look_again))?;
        let rolls_back = |at| source.rolls_back(at);
        Ending { client, options, before, rolls_back: &rolls_back }.end(finished).await
    }
}

/// There is no saved plan of it.
fn look_again(problem: Problem) -> Problem {
    if problem.code != Code::NotAsPlanned {
        return problem;
    }
    Problem {
        hints: vec!["run the same command again, and look at what it shows now".to_owned()],
        ..problem
    }
}
