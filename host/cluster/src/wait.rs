//! Waiting until every replica is ready and every claim bound.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use serde_json::Value;
use tokio::time::Instant;

use crate::error::Problem;
use crate::events;
use crate::failure::Failure;
use crate::live::Live;
use crate::object::{Kind, ObjectRef, PipelineRef};
use crate::progress::Event;
use crate::reasons::{self, Outlook, Reason};
use crate::rollout::{self, Readiness};
use crate::session::Session;
use crate::{json, live};

/// The first pause between two looks; later pauses are half as long again, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Looks before reasons are asked for: most rollouts are done by then or on a good way.
const LOOKS_BEFORE_REASONS: u32 = 3;

/// A reason that hardly heals ends the wait when it was there so many times in a row.
const GRACE: u32 = 5;

/// Claims whose events are read at each look; one is as good as a hundred.
const CLAIMS_ASKED: usize = 3;

/// What to wait for.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) pipeline: PipelineRef,
    pub(crate) stateful_set: ObjectRef,
    pub(crate) claims: Vec<ObjectRef>,
    /// The generation that our write made; an older status says nothing.
    pub(crate) generation: i64,
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) readiness: Readiness,
    /// Empty when everything is ready.
    pub(crate) problems: Vec<Problem>,
}

/// One target and what was seen of it.
struct Watched<'a> {
    target: &'a Target,
    readiness: Readiness,
    /// Reasons of the last look, and how often in a row each was seen.
    reasons: Vec<Reason>,
    streaks: HashMap<String, u32>,
    told: HashSet<String>,
    ended: Option<Vec<Problem>>,
}

/// Waits for every target. One that cannot become ready does not keep the others from being waited for.
pub(crate) async fn until_ready(
    session: &Session<'_>,
    targets: &[Target],
    timeout: Option<Duration>,
) -> Vec<Outcome> {
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let mut watched: Vec<_> = targets.iter().map(Watched::new).collect();
    let (mut pause, mut looks) = (FIRST_PAUSE, 0);
    loop {
        if let Err(problem) = look(session, &mut watched, looks >= LOOKS_BEFORE_REASONS).await {
            for one in watched.iter_mut().filter(|one| one.ended.is_none()) {
                one.ended = Some(vec![problem.clone()]);
            }
        }
        looks += 1;
        let over = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let all_ended = watched.iter().all(|one| one.ended.is_some());
        if all_ended || over || session.stop.is_stopped() {
            return watched.into_iter().map(|one| one.outcome(timeout)).collect();
        }
        let next = Instant::now() + pause;
        let until = deadline.map_or(next, |deadline| deadline.min(next));
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = session.stop.stopped() => {}
        }
        pause = (pause + pause / 2).min(LONGEST_PAUSE);
    }
}

async fn look(
    session: &Session<'_>,
    watched: &mut [Watched<'_>],
    with_reasons: bool,
) -> Result<(), Problem> {
    let open = watched.iter().filter(|one| one.ended.is_none()).map(|one| one.target);
    let objects =
        open.flat_map(|target| std::iter::once(&target.stateful_set).chain(&target.claims));
    let found = live::read(session, objects).await?;
    let open = watched.iter_mut().filter(|one| one.ended.is_none());
    let updates = open.map(|one| one.update(session, &found, with_reasons));
    try_join_all(updates).await.map(drop)
}

impl<'a> Watched<'a> {
    fn new(target: &'a Target) -> Self {
        Self {
            target,
            readiness: Readiness::default(),
            reasons: Vec::new(),
            streaks: HashMap::new(),
            told: HashSet::new(),
            ended: None,
        }
    }

    async fn update(
        &mut self,
        session: &Session<'_>,
        found: &Live,
        with_reasons: bool,
    ) -> Result<(), Problem> {
        let object = &self.target.stateful_set;
        let Some(stateful_set) = found.get(object) else {
            let what = format!("{object} was deleted while it was waited for");
            self.ended = Some(vec![Problem::new("WH0405", what).on(object)]);
            return Ok(());
        };
        let claims: Vec<_> =
            self.target.claims.iter().filter_map(|claim| found.get(claim)).collect();
        let unbound: Vec<_> = claims
            .iter()
            .copied()
            .filter(|claim| json::text(claim, "/status/phase") != "Bound")
            .collect();
        let (all, bound) = (self.target.claims.len(), claims.len() - unbound.len());
        let readiness = rollout::readiness(stateful_set, self.target.generation, all, bound);
        self.tell(session, readiness);
        if readiness.complete {
            self.ended = Some(Vec::new());
        } else if with_reasons {
            let reasons = find_reasons(session, object, stateful_set, &unbound).await;
            let reasons = reasons.map_err(|failure| failure.problem("watch", object))?;
            self.observe(session, reasons);
        }
        Ok(())
    }

    fn tell(&mut self, session: &Session<'_>, readiness: Readiness) {
        let pipeline = self.target.pipeline.clone();
        if readiness.complete {
            session.progress.event(Event::Ready { pipeline });
        } else if readiness != self.readiness {
            // Progress of any kind means that what hindered it may be over.
            self.streaks.clear();
            session.progress.event(Event::Waiting { pipeline, readiness });
        }
        self.readiness = readiness;
    }

    /// Counts how often in a row each reason was seen, and ends the wait when waiting longer is pointless.
    fn observe(&mut self, session: &Session<'_>, reasons: Vec<Reason>) {
        let mut streaks = HashMap::new();
        for reason in &reasons {
            let key = reason.problem.to_string();
            let streak = self.streaks.get(&key).copied().unwrap_or_default() + 1;
            if self.told.insert(key.clone()) {
                let (pipeline, problem) = (self.target.pipeline.clone(), reason.problem.clone());
                session.progress.event(Event::Problem { pipeline, problem });
            }
            streaks.insert(key, streak);
        }
        let hopeless = reasons.iter().any(|reason| match reason.outlook {
            Outlook::MayHeal => false,
            Outlook::Unlikely => streaks[&reason.problem.to_string()] >= GRACE,
            Outlook::Never => true,
        });
        (self.streaks, self.reasons) = (streaks, reasons);
        if hopeless {
            self.ended = Some(self.problems());
        }
    }

    /// The reasons, those that need help first.
    fn problems(&self) -> Vec<Problem> {
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|reason| reason.outlook == Outlook::MayHeal);
        reasons.into_iter().map(|reason| reason.problem.clone()).collect()
    }

    fn outcome(self, timeout: Option<Duration>) -> Outcome {
        let problems = match &self.ended {
            Some(problems) => problems.clone(),
            None => self.out_of_time(timeout),
        };
        Outcome { readiness: self.readiness, problems }
    }

    fn out_of_time(&self, timeout: Option<Duration>) -> Vec<Problem> {
        let Readiness { desired, ready, updated, claims, claims_bound, .. } = self.readiness;
        let object = &self.target.stateful_set;
        let limit =
            timeout.map(|limit| format!(" within {} s", limit.as_secs())).unwrap_or_default();
        let counts = format!(
            "{ready} of {desired} replicas ready, {updated} updated, {claims_bound} of {claims} claims bound"
        );
        let summary = Problem::new("WH0308", format!("{object} is not ready{limit}: {counts}"))
            .on(object)
            .hint(format!("it may still become ready: {}", object.kubectl("get")));
        std::iter::once(summary).chain(self.problems()).collect()
    }
}

/// Asks pods, unbound claims and the StatefulSet's own events.
async fn find_reasons(
    session: &Session<'_>,
    object: &ObjectRef,
    stateful_set: &Value,
    unbound: &[&Value],
) -> Result<Vec<Reason>, Failure> {
    let namespace = object.namespace.as_str();
    let asked = unbound.iter().take(CLAIMS_ASKED).map(|claim| async move {
        let event = events::failure_of(session, namespace, json::uid(claim)).await?;
        Ok::<_, Failure>(reasons::of_claim(claim, event.as_ref()))
    });
    let claims = join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let pods = pods(session, stateful_set).await?;
    let mut found: Vec<_> = claims.into_iter().flatten().collect();
    found.extend(pods.iter().filter_map(|pod| reasons::of_pod(pod, stateful_set)));
    let replicas = json::number(stateful_set, "/spec/replicas");
    if found.is_empty() && i64::try_from(pods.len()).is_ok_and(|pods| pods < replicas) {
        let event = events::failure_of(session, namespace, json::uid(stateful_set)).await?;
        found.extend(event.and_then(|event| reasons::of_stateful_set(object, &event)));
    }
    Ok(found)
}

/// The pods that a StatefulSet owns, by ordinal.
pub(crate) async fn pods(
    session: &Session<'_>,
    stateful_set: &Value,
) -> Result<Vec<Value>, Failure> {
    let namespace = json::text(stateful_set, "/metadata/namespace");
    let labels = json::selector(stateful_set);
    let mut pods = session.list(Kind::Pod, namespace, &labels, "").await?;
    let owner = json::uid(stateful_set);
    pods.retain(|pod| {
        let owners = json::items(pod, "/metadata/ownerReferences");
        owners.iter().any(|found| json::text(found, "/uid") == owner)
    });
    pods.sort_by_key(|pod| {
        let ordinal = json::name(pod).rsplit('-').next();
        ordinal.and_then(|ordinal| ordinal.parse::<u32>().ok())
    });
    Ok(pods)
}
