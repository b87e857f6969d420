//! Making a revision of each pipeline that changes: its record, its objects, and the end of the oldest records.

use futures::future::join_all;
use jiff::Timestamp;
use serde_json::json;

use crate::apply::{ApplyOptions, Wait};
use crate::decide::PipelinePlan;
use crate::error::Problem;
use crate::history::About;
use crate::lease::{Applied, Head};
use crate::lock::Lock;
use crate::object::PipelineRef;
use crate::progress::Event;
use crate::record::{self, Content, Known, New, Part, Summary};
use crate::session::Session;
use crate::write::{self, Written};
use crate::{identity, json};

/// What became of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct Revised {
    pub(crate) written: Written,
    /// The revision that is complete.
    pub(crate) number: Option<i64>,
}

/// Brings every pipeline to its plan. Those that need writing are held by `lock`, in their order.
///
/// An error means that a Lease was lost; what was written by then stays, and a new look goes on from it.
pub(crate) async fn all(
    session: &Session<'_>,
    plans: &[PipelinePlan],
    lock: Lock,
    options: &ApplyOptions,
) -> Result<Vec<Revised>, Problem> {
    let mut lock = lock;
    let work = async {
        let makers = Makers::new(session, plans, options).await?;
        let each = plans.iter().enumerate().map(|(at, plan)| makers.make(session, at, plan));
        Ok::<_, Problem>(join_all(each).await)
    };
    let revised = match lock.hold(session, work).await {
        Ok(Ok(revised)) => revised,
        // Nothing was written; the first finding tells all.
        Ok(Err(problem)) => {
            lock.abandon(session).await;
            let failed = Written { problems: vec![problem], ..Written::default() };
            return Ok(vec![Revised { written: failed, number: None }]);
        }
        Err(lost) => {
            lock.abandon(session).await;
            return Err(lost);
        }
    };
    let each = plans.iter().zip(&revised).enumerate();
    let held = each.filter(|(_, (plan, _))| plan.needs_writing());
    let releases = held.zip(lock.into_leases()).map(|((at, (plan, revised)), lease)| {
        let rolling_back = options.is_rollback(at) && options.wait != Wait::No;
        let applied = revised.number.map(|revision| {
            let revisions = plan.head.notes_with(revision, &plan.digest, options.keep_revisions);
            Applied { revision, rolling_back, revisions }
        });
        lease.release(session, applied)
    });
    let failed: Vec<_> = join_all(releases).await.into_iter().filter_map(Result::err).collect();
    let mut revised = revised;
    if let (Some(first), false) = (revised.first_mut(), failed.is_empty()) {
        first.written.problems.extend(failed);
    }
    Ok(revised)
}

/// What every pipeline of a run needs to be recorded.
struct Makers<'a> {
    options: &'a ApplyOptions,
    known: Known,
    /// Whom the cluster knows this run as.
    by: String,
}

impl<'a> Makers<'a> {
    async fn new(
        session: &Session<'_>,
        plans: &[PipelinePlan],
        options: &'a ApplyOptions,
    ) -> Result<Self, Problem> {
        let mut pipelines: Vec<_> =
            plans.iter().filter(|it| it.needs_writing()).map(|it| &it.pipeline).collect();
        if pipelines.is_empty() {
            return Ok(Self { options, known: Known::new(), by: String::new() });
        }
        pipelines.sort();
        let namespaces = pipelines.chunk_by(|a, b| a.namespace == b.namespace);
        let lists = namespaces.map(|all| record::list(session, &all[0].namespace, all));
        let (lists, by) = futures::join!(join_all(lists), user(session));
        let known = lists.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
        Ok(Self { options, known: known.collect(), by })
    }

    async fn make(&self, session: &Session<'_>, at: usize, plan: &PipelinePlan) -> Revised {
        if !plan.needs_writing() {
            let written = write::pipeline(session, plan, self.options.wait).await;
            return Revised { written, number: Some(plan.head.revision()) };
        }
        if session.stop.is_stopped() {
            let written = Written { stopped: true, ..Written::default() };
            return Revised { written, number: None };
        }
        let parts = self.known.get(&plan.pipeline).map_or(&[][..], Vec::as_slice);
        let number = match self.record(session, at, plan, parts).await {
            Ok(number) => number,
            Err(problem) => {
                let written = Written { problems: vec![problem], ..Written::default() };
                return Revised { written, number: None };
            }
        };
        let written = write::pipeline(session, plan, self.options.wait).await;
        let complete = written.problems.is_empty() && !written.stopped;
        if complete {
            self.prune(session, number, parts).await;
        }
        Revised { written, number: complete.then_some(number) }
    }

    /// Records what is about to be written, unless a run that died has done it. Returns the revision's number.
    async fn record(
        &self,
        session: &Session<'_>,
        at: usize,
        plan: &PipelinePlan,
        parts: &[Part],
    ) -> Result<i64, Problem> {
        let (pipeline, digest) = (&plan.pipeline, plan.digest.as_str());
        let newest = record::newest(record::firsts(parts).map(|it| it.number), &plan.head);
        let same = record::firsts(parts).any(|it| it.number == newest && it.digest == digest);
        // One that no run applied to its end is looked into: its digest may be all that is right about it.
        if same
            && (plan.head.notes(newest, digest)
                || record::holds(session, pipeline, newest, digest).await)
        {
            return Ok(newest);
        }
        let number =
            newest.checked_add(1).filter(|it| *it <= record::HIGHEST).ok_or_else(|| {
                Problem::new("WH0417", format!("{pipeline} has used up the numbers of revisions"))
                    .hint(format!("wellhead delete {} keeps its claims", pipeline.name))
            })?;
        let about = self.options.about.get(at).cloned().unwrap_or_default();
        let About { spec, plugins, rollback_to } = about;
        let summary = Summary {
            made: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            by: self.by.clone(),
            from: identity::local(),
            message: self.options.message.clone(),
            wellhead: env!("CARGO_PKG_VERSION").to_owned(),
            plugins,
            rollback_to,
        };
        let content = Content { spec, objects: plan.set.clone() };
        record::write(session, New { pipeline, number, digest, summary, content: &content })
            .await?;
        Ok(number)
    }

    /// Removes the oldest revisions, and parts of revisions that were never finished. That is no reason to fail.
    async fn prune(&self, session: &Session<'_>, number: i64, parts: &[Part]) {
        let mut whole: Vec<i64> =
            record::firsts(parts).map(|it| it.number).filter(|it| *it < number).collect();
        whole.push(number);
        whole.sort_unstable();
        whole.dedup();
        let kept = whole.len().min(self.options.keep_revisions.max(1));
        let kept = &whole[whole.len() - kept..];
        // The first part goes last: a revision that can be seen is whole.
        let gone =
            parts.iter().rev().filter(|it| it.number <= number && !kept.contains(&it.number));
        for part in gone {
            if let Err(problem) = record::remove(session, &part.object, &part.uid).await {
                session.progress.event(Event::Warning(problem));
            }
        }
    }
}

/// Whom the cluster knows this run as, and this machine's user where it does not tell.
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review>
async fn user(session: &Session<'_>) -> String {
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let question = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = session.review(path, &question).await.unwrap_or_default();
    match json::text(&answer, "/status/userInfo/username") {
        "" => identity::local(),
        name => name.to_owned(),
    }
}

/// The pipelines that a run would write to, with their Leases.
pub(crate) fn writing(plans: &[PipelinePlan]) -> Vec<(&PipelineRef, &Head)> {
    let writing = plans.iter().filter(|plan| plan.needs_writing());
    writing.map(|plan| (&plan.pipeline, &plan.head)).collect()
}
