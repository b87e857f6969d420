//! Making a revision of a pipeline that changes: its record, its objects, and the end of the oldest records.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use jiff::Timestamp;
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use serde_json::json;
use wellhead_diagnostics::Code;

use super::write;
use super::write::WriteResult;
use crate::api::client::Client;
use crate::check::accepted::Accepted;
use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::json::typed::lenient;
use crate::model::object::PipelineRef;
use crate::model::options::{ApplyOptions, Wait};
use crate::model::progress::Event;
use crate::model::remedy::Remedy;
use crate::model::revision::{About, HIGHEST};
use crate::store::lease::Applied;
use crate::store::lease::acquired::Lease;
use crate::store::lease::held::Held;
use crate::store::record::{Content, Summary};
use crate::store::revisions::{Known, New, Part};
use crate::store::{identity, revisions};

/// Namespaces whose records are asked for at once.
const AT_ONCE: usize = 16;

/// What became of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct PipelineResult {
    pub(crate) written: WriteResult,
    /// The revision that is complete.
    pub(crate) number: Option<i64>,
}

/// A pipeline that is to be brought to its plan.
pub(crate) struct Work<'p> {
    pub(crate) plan: &'p Accepted,
    /// What the history notes of it.
    pub(crate) about: About,
    /// Whether another run wrote since the records were read.
    pub(crate) again: bool,
}

/// What every pipeline of a run needs to be recorded.
pub(crate) struct RevisionRecorder<'a> {
    options: &'a ApplyOptions,
    known: Known,
    /// Whom the cluster knows this run as.
    by: String,
}

impl<'a> RevisionRecorder<'a> {
    /// Reads the records of pipelines that are to be written. Their Leases were read before: who takes one as it was read
    /// then knows that no run has made a record since.
    pub(crate) async fn new(
        client: &Client<'_>,
        pipelines: &[&PipelineRef],
        options: &'a ApplyOptions,
    ) -> Result<Self, Problem> {
        if pipelines.is_empty() {
            return Ok(Self { options, known: Known::new(), by: String::new() });
        }
        let mut namespaces = BTreeMap::<&str, Vec<&PipelineRef>>::new();
        for pipeline in pipelines {
            namespaces.entry(&pipeline.namespace).or_default().push(pipeline);
        }
        let by = user(client).await;
        let mut known = Known::new();
        for some in namespaces.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let lists = some.iter().map(|(namespace, all)| revisions::list(client, namespace, all));
            known.extend(try_join_all(lists).await?.into_iter().flatten());
        }
        Ok(Self { options, known, by })
    }

    /// Brings a pipeline to its plan, under its Lease.
    ///
    /// An error means that the Lease was lost; what was written by then stays, and a new look goes on from it.
    pub(crate) async fn apply(
        &self,
        client: &Client<'_>,
        work: Work<'_>,
        lease: Lease,
    ) -> Result<PipelineResult, Problem> {
        let mut held = Held::begin(client, lease);
        let rolling_back = work.about.rollback_to.is_some() && self.options.wait != Wait::No;
        let plan = work.plan.plan();
        let mut result = match held.hold(Box::pin(self.apply_held(client, work))).await {
            Ok(result) => result,
            Err(lost) => {
                // The next run waits until it expires, where it cannot be given back.
                let _ = held.release(client, None).await;
                return Err(lost);
            }
        };
        let applied = result.number.map(|revision| {
            let most = self.options.keep_revisions;
            let revisions = plan.lease_state.notes_with(revision, &plan.digest, most);
            Applied { revision, rolling_back, revisions }
        });
        if let Err(problem) = held.release(client, applied).await {
            result.written.problems.push(problem);
        }
        Ok(result)
    }

    async fn apply_held(&self, client: &Client<'_>, work: Work<'_>) -> PipelineResult {
        let Work { plan: accepted, about, again } = work;
        let plan = accepted.plan();
        if client.stop.is_stopped() {
            let written = WriteResult { stopped: true, ..WriteResult::default() };
            return PipelineResult { written, number: None };
        }
        let failed = |problem| {
            let written = WriteResult { problems: vec![problem], ..WriteResult::default() };
            PipelineResult { written, number: None }
        };
        let read = if again {
            revisions::list(client, &plan.pipeline.namespace, &[&plan.pipeline]).await
        } else {
            Ok(Known::new())
        };
        let read = match read {
            Ok(read) => read,
            Err(problem) => return failed(problem),
        };
        let known = if again { &read } else { &self.known };
        let parts = known.get(&plan.pipeline).map_or(&[][..], Vec::as_slice);
        let number = match self.record(client, about, plan, parts).await {
            Ok(number) => number,
            Err(problem) => return failed(problem),
        };
        let written = write::write_pipeline(client, accepted, self.options.wait).await;
        let complete = written.problems.is_empty() && !written.stopped;
        if complete {
            self.prune(client, number, parts).await;
        }
        PipelineResult { written, number: complete.then_some(number) }
    }

    /// Records what is about to be written, unless a run that died has done it. Returns the revision's number.
    async fn record(
        &self,
        client: &Client<'_>,
        about: About,
        plan: &PipelinePlan,
        parts: &[Part],
    ) -> Result<i64, Problem> {
        let (pipeline, digest) = (&plan.pipeline, plan.digest.as_str());
        let newest =
            revisions::newest(revisions::firsts(parts).map(|it| it.number), &plan.lease_state);
        let same = revisions::firsts(parts).any(|it| it.number == newest && it.digest == digest);
        // One that no run applied to its end is looked into: its digest may be all that is right about it.
        if same
            && (plan.lease_state.notes(newest, digest)
                || revisions::holds(client, pipeline, newest, digest).await)
        {
            return Ok(newest);
        }
        let number = newest.checked_add(1).filter(|it| *it <= HIGHEST).ok_or_else(|| {
            Problem::new(
                Code::UnusableRevision,
                format!("{pipeline} has used up the numbers of revisions"),
            )
            .remedy(Remedy::DeletePipeline { pipeline: pipeline.clone() })
        })?;
        let About { spec, origin, plugins, rollback_to } = about;
        let summary = Summary {
            made: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            by: self.by.clone(),
            from: identity::local(),
            message: self.options.message.clone(),
            wellhead: env!("CARGO_PKG_VERSION").to_owned(),
            plugins,
            rollback_to,
        };
        let content = Content::new(spec, origin, plan.set.clone());
        revisions::write(client, New { pipeline, number, digest, summary, content: &content })
            .await?;
        Ok(number)
    }

    /// Removes the oldest revisions, and parts of revisions that were never finished. That is no reason to fail.
    async fn prune(&self, client: &Client<'_>, number: i64, parts: &[Part]) {
        let mut whole: Vec<i64> =
            revisions::firsts(parts).map(|it| it.number).filter(|it| *it < number).collect();
        whole.push(number);
        whole.sort_unstable();
        whole.dedup();
        let kept = whole.len().min(self.options.keep_revisions.max(1));
        let kept = &whole[whole.len() - kept..];
        // The first part goes last: a revision that can be seen is whole.
        let gone =
            parts.iter().rev().filter(|it| it.number <= number && !kept.contains(&it.number));
        for part in gone {
            if let Err(problem) = revisions::remove(client, &part.object, &part.uid).await {
                client.progress.event(Event::Warning(problem));
            }
        }
    }
}

/// Whom the cluster knows this run as, and this machine's user where it does not tell.
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review>
async fn user(client: &Client<'_>) -> String {
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let question = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = client.review(path, &question).await.unwrap_or_default();
    let user = lenient::<SelfSubjectReview>(&answer).status.and_then(|it| it.user_info);
    let name = user.and_then(|it| it.username).filter(|it| !it.is_empty());
    name.unwrap_or_else(identity::local)
}
