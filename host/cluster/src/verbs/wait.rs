//! Waiting for rollouts that are under way, of any run or client.

use k8s_openapi::api::apps::v1::StatefulSet;
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::decide::pod_changes::Pods;
use crate::model::error::{ClusterError, Problem};
use crate::model::json::typed::lenient;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::options::WaitOptions;
use crate::model::progress::Progress;
use crate::model::report::{ApplyReport, Fate, PipelineReport};
use crate::observe::live::Live;
use crate::observe::{expansion, live, rollout};
use crate::wait::ready;
use crate::wait::target::Target;

impl Cluster {
    /// Waits until every replica of these pipelines is ready and every claim bound, as [`Cluster::apply`] does after its
    /// writes. It writes nothing: no pod is deleted.
    ///
    /// The report has the readiness of each pipeline, in their order. Pipelines without a StatefulSet are refused, all at
    /// once; one that does not become ready in time, or cannot, ends with [`ClusterError::NotReady`], and says why.
    pub async fn wait(
        &self,
        pipelines: &[PipelineRef],
        options: &WaitOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let before = self.requests_sent();
        let heard = Heard::default();
        let client = &Client::new(self, progress, &options.stop, &heard);
        let targets = targets(client, pipelines).await?;
        let outcomes = ready::until_ready(client, &targets, options.timeout).await;
        let mut report = ApplyReport { pipelines: Vec::new(), requests: 0 };
        let mut problems = Vec::new();
        for (target, outcome) in targets.into_iter().zip(outcomes) {
            problems.extend(outcome.problems);
            report.pipelines.push(PipelineReport {
                pipeline: target.pipeline,
                fate: Fate::Unchanged,
                problems: Vec::new(),
                stateful_set: target.stateful_set.name,
                service: target.service,
                objects: Vec::new(),
                revision: None,
                warnings: outcome.warnings,
                readiness: Some(outcome.readiness),
            });
        }
        report.requests = self.requests_sent() - before;
        let report = Box::new(report);
        if problems.is_empty() {
            Ok(*report)
        } else if options.stop.is_stopped() {
            Err(ClusterError::Stopped { report: Some(report) })
        } else {
            Err(ClusterError::NotReady { problems, report })
        }
    }
}

fn stateful_set(pipeline: &PipelineRef) -> ObjectRef {
    ObjectRef::new(Kind::StatefulSet, &pipeline.namespace, &pipeline.name)
}

/// What there is to wait for.
async fn targets(
    client: &Client<'_>,
    pipelines: &[PipelineRef],
) -> Result<Vec<Target>, ClusterError> {
    let sets: Vec<_> = pipelines.iter().map(stateful_set).collect();
    let found = live::read(client, &sets).await?;
    let (there, absent): (Vec<_>, Vec<_>) =
        pipelines.iter().zip(sets).partition(|(_, object)| found.contains_key(object));
    if !absent.is_empty() {
        let problem = |(_, object): (_, ObjectRef)| {
            Problem::new(
                Code::ObjectReplaced,
                format!("{object} does not exist, so its rollout has no end"),
            )
            .on(&object)
            .hint("apply the pipeline first")
        };
        return Err(ClusterError::refused(absent.into_iter().map(problem).collect()));
    }
    let each = there.into_iter().map(|(pipeline, object)| target(pipeline, object, &found));
    let mut targets: Vec<_> = each.collect();
    // Volumes that grow are waited for, too, by any client.
    let claims = live::read(client, targets.iter().flat_map(|it| &it.claims)).await?;
    for target in &mut targets {
        let grows = |it: &&ObjectRef| {
            claims.get(it).is_some_and(|it| expansion::of(&lenient(it)).is_some())
        };
        target.growing = target.claims.iter().filter(grows).cloned().collect();
    }
    Ok(targets)
}

fn target(pipeline: &PipelineRef, object: ObjectRef, found: &Live) -> Target {
    let pods = Pods::of(&found[&object]);
    let set: StatefulSet = lenient(&found[&object]);
    let claims = pods.claims(pods.ordinals.clone()).into_iter();
    let claim =
        |name: String| ObjectRef::new(Kind::PersistentVolumeClaim, &object.namespace, &name);
    Target {
        pipeline: pipeline.clone(),
        service: set.spec.as_ref().and_then(|it| it.service_name.clone()).unwrap_or_default(),
        claims: claims.map(claim).collect(),
        generation: rollout::generation(&set),
        stateful_set: object,
        orphans: Vec::new(),
        growing: Vec::new(),
        replace_stuck_pods: false,
    }
}
