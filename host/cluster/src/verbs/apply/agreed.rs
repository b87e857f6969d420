//! An apply that goes on from the check of its plan.
//!
//! Between the two a person reads and agrees. Where nothing was written to the cluster meanwhile, what was checked is
//! still true, and neither the dry run nor the preflight is done again. Otherwise everything is checked again, and
//! applied only if it is what was agreed to.

use std::collections::HashMap;

use serde_json::Value;

use super::fleet::{Fleet, Outcome};
use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::check::dry_run::Conflicts;
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
    kept: Kept,
}

/// What a check found out, and of which cluster.
#[derive(Debug)]
pub(super) struct Kept {
    outcome: Outcome,
    versions: Versions,
}

impl Kept {
    /// What was found out, if the cluster is as it was at the check.
    pub(super) async fn if_current(self, client: &Client<'_>) -> Result<Option<Outcome>, Problem> {
        let is_current = self.versions.now(client).await? == self.versions;
        Ok(is_current.then_some(self.outcome))
    }
}

/// The versions of what the server had at a check; none of what did not exist.
#[derive(Debug, Default, PartialEq)]
struct Versions {
    leases: Vec<(PipelineRef, Option<String>)>,
    objects: HashMap<ObjectRef, Option<String>>,
}

impl Versions {
    fn add(&mut self, plan: &PipelinePlan) {
        let lease = plan.lease_state.resource_version().map(str::to_owned);
        self.leases.push((plan.pipeline.clone(), lease));
        let objects = plan.steps().map(|it| (it.object.clone(), it.live.as_ref().map(version)));
        self.objects.extend(objects);
    }

    /// The same as they are now. Leases are read first: who writes to a pipeline writes its Lease before.
    async fn now(&self, client: &Client<'_>) -> Result<Self, Problem> {
        let pipelines: Vec<_> = self.leases.iter().map(|it| &it.0).collect();
        let leases = lock::lease_states(client, &pipelines).await?;
        let leases = leases.iter().map(|it| it.resource_version().map(str::to_owned));
        let leases = pipelines.into_iter().cloned().zip(leases).collect();
        let mut found =
            client.by_name(self.objects.keys().collect(), |live| version(&live)).await?;
        let objects = self.objects.keys().map(|it| (it.clone(), found.remove(it))).collect();
        Ok(Self { leases, objects })
    }
}

fn version(live: &Value) -> String {
    json::text(live, "/metadata/resourceVersion").to_owned()
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
        let expected = Expected::default();
        let fleet = Fleet::new(client, source, options, &expected)?;
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
        Ok(CheckedPlan { plan, kept: Kept { outcome, versions } })
    }

    /// Applies what was planned by [`Cluster::plan_checked`] with the same source and options: that, or nothing.
    pub async fn apply_checked(
        &self,
        source: &dyn Source,
        checked: CheckedPlan,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let CheckedPlan { plan, kept } = checked;
        let objects = plan.expected();
        let expected = Expected::agreed(&objects);
        self.apply_as(source, (&expected, Some(kept)), options, progress).await
    }
}
