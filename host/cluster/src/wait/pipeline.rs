//! One pipeline that is waited for, and what was seen of it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use wellhead_diagnostics::Code;

use super::changes::Seen;
use super::stuck_pods;
use super::target::{Found, Outcome, Target};
use crate::api::client::Client;
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{name, namespace, uid};
use crate::model::object::{Kind, ObjectRef};
use crate::model::progress::Event;
use crate::model::status::Readiness;
use crate::observe::diagnosis::{Outlook, Reason, silent};
use crate::observe::events::Occurrence;
use crate::observe::pods::Pods;
use crate::observe::{diagnosis, ending, events, expansion, rollout};
use crate::recreate::steps::lost_pods;

/// A reason that hardly heals ends the wait when it was there so many times in a row.
const GRACE: u32 = 5;

/// Claims whose events are read at each look; one is as good as a hundred.
const CLAIMS_ASKED: usize = 3;

/// A reason that was there at every look since some look.
#[derive(Clone, Debug, Default)]
struct Streak {
    looks: u32,
    /// The event that reported it at the first of them.
    first: Option<Occurrence>,
}

impl Streak {
    /// The same after one more look.
    fn next(mut self, reason: &Reason) -> Self {
        if self.looks == 0 {
            self.first = reason.reported;
        }
        self.looks += 1;
        self
    }

    /// Whether it was seen often enough to be no hiccup: an event must have come again, for it is reported long after it
    /// happened.
    fn is_lasting(&self, reason: &Reason) -> bool {
        self.looks >= GRACE && (reason.reported.is_none() || reason.reported != self.first)
    }
}

/// One target and what was seen of it.
pub(crate) struct Watched<'a> {
    pub(crate) target: &'a Target,
    readiness: Readiness,
    /// Reasons of the last look, and how often in a row each was seen.
    reasons: Vec<Reason>,
    streaks: HashMap<String, Streak>,
    reported: HashSet<String>,
    /// Pods that were deleted to let the rollout go on.
    replaced: HashSet<String>,
    /// The first pod that was not ready at the last look.
    unready: Option<ObjectRef>,
    warnings: Vec<Problem>,
    /// Pods and claims, to tell what changes of them.
    seen: Seen,
    ended: Option<Vec<Problem>>,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(target: &'a Target) -> Self {
        Self {
            target,
            readiness: Readiness::default(),
            reasons: Vec::new(),
            streaks: HashMap::new(),
            reported: HashSet::new(),
            replaced: HashSet::new(),
            unready: None,
            warnings: Vec::new(),
            seen: Seen::default(),
            ended: None,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    pub(crate) fn end(&mut self, problems: Vec<Problem>) {
        self.ended = Some(problems);
    }

    /// How far the rollout is, and the claims that have no volume yet.
    fn readiness<'f>(
        &self,
        stateful_set: &StatefulSet,
        found: &'f Found,
    ) -> (Readiness, Vec<&'f PersistentVolumeClaim>)
    where
        'a: 'f,
    {
        let target = self.target;
        let claims: Vec<_> = found.claims(&target.claims).collect();
        let unbound: Vec<_> =
            claims.iter().copied().filter(|claim| !ending::has_volume(claim)).collect();
        let (all, bound) = (self.target.claims.len(), claims.len() - unbound.len());
        let readiness = rollout::readiness(stateful_set, self.target.generation, all, bound);
        (readiness, unbound)
    }

    /// Whether it is ready by its objects alone, and its pods are of no interest.
    pub(crate) fn is_ready(&self, found: &Found) -> bool {
        let Some(stateful_set) = found.set(self.target) else { return false };
        let mut growing = found.claims(&self.target.growing);
        self.readiness(stateful_set, found).0.complete
            && !growing.any(|claim| expansion::of(claim).is_some())
            && self.target.orphans.is_empty()
            && !self.seen.has_looked()
    }

    pub(crate) async fn update(
        &mut self,
        client: &Client<'_>,
        (found, pods): (&Found, &Pods),
        with_reasons: bool,
    ) -> Result<(), Problem> {
        let object = &self.target.stateful_set;
        let Some(stateful_set) = found.set(self.target) else {
            let what = format!("{object} was deleted while it was waited for");
            self.end(vec![Problem::new(Code::ObjectReplaced, what).on(object)]);
            return Ok(());
        };
        let (mut readiness, unbound) = self.readiness(stateful_set, found);
        let grown: Vec<_> = found.claims(&self.target.growing).collect();
        for event in self.seen.claims(&self.target.pipeline, &grown) {
            client.progress.event(event);
        }
        let growing: Vec<_> =
            grown.into_iter().filter(|claim| expansion::of(claim).is_some()).collect();
        if self.is_ready(found) {
            self.report(client, readiness);
            self.end(Vec::new());
            return Ok(());
        }
        let watch = |failure: Failure| failure.problem("watch", object);
        let pods = match pods.of(client, stateful_set).await {
            // Not everybody may list pods; the wait goes on without them where none must be found again.
            Err(failure) if failure.is_forbidden() && self.target.orphans.is_empty() => {
                Cow::default()
            }
            pods => pods.map_err(watch)?,
        };
        for event in self.seen.pods(&self.target.pipeline, &pods) {
            client.progress.event(event);
        }
        let unready = pods.iter().find(|pod| !diagnosis::is_ready(pod));
        self.unready = unready.map(|pod| ObjectRef::of(Kind::Pod, &pod.metadata));
        let left_out = self.not_adopted(stateful_set, &pods);
        let blocked =
            stuck_pods::next(stateful_set, &pods, self.target.replace_stuck_pods).is_some();
        readiness.complete &= left_out.is_none() && growing.is_empty() && !blocked;
        self.report(client, readiness);
        if readiness.complete {
            self.warn_of_lost(client, stateful_set, &pods);
            self.end(Vec::new());
        } else if !self.replace(client, stateful_set, &pods).await && with_reasons {
            let reasons = find_reasons(client, self.target, stateful_set, &unbound, &pods).await;
            let mut reasons = reasons.map_err(watch)?;
            reasons.extend(outstanding(client, &growing).await.map_err(watch)?);
            reasons.extend(left_out);
            self.observe(client, reasons);
        }
        Ok(())
    }

    /// Deletes the pod that keeps the rollout from going on, if there is one; returns whether it did.
    async fn replace(&mut self, client: &Client<'_>, set: &StatefulSet, pods: &[Pod]) -> bool {
        let Some(pod) = stuck_pods::next(set, pods, self.target.replace_stuck_pods) else {
            return false;
        };
        if client.stop.is_stopped() {
            return false;
        }
        match stuck_pods::replace(client, &self.target.pipeline, pod).await {
            Ok(deleted) => {
                if deleted {
                    self.replaced.insert(name(&pod.metadata).to_owned());
                    self.streaks.clear();
                }
                deleted
            }
            Err(problem) => {
                self.end(vec![problem]);
                true
            }
        }
    }

    /// Why pods that ran before the StatefulSet are none of its pods yet, of those that it has room for.
    fn not_adopted(&self, stateful_set: &StatefulSet, pods: &[Pod]) -> Option<Reason> {
        let start = rollout::first_ordinal(stateful_set);
        let room = start..start + rollout::replicas(stateful_set);
        let orphans = self.target.orphans.iter().filter(|orphan| room.contains(&orphan.ordinal));
        let left: Vec<_> = orphans
            .filter(|orphan| !pods.iter().any(|pod| name(&pod.metadata) == orphan.name))
            .map(|orphan| orphan.name.as_str())
            .collect();
        let object = &self.target.stateful_set;
        (!left.is_empty()).then(|| {
            let what = format!("{object} has not adopted its pods: {}", left.join(", "));
            let problem = Problem::new(Code::PodsNotAdopted, what)
                .on(object)
                .why("they keep running, and nothing looks after them")
                .hint(
                    "the controller manager adopts them once it works: run the same command again",
                );
            Reason::new(Outlook::MayHeal, problem)
        })
    }

    /// A pod of the newest template that no one had to replace should be the one that it was.
    fn warn_of_lost(&mut self, client: &Client<'_>, stateful_set: &StatefulSet, pods: &[Pod]) {
        let newest = rollout::update_revision(stateful_set);
        let kept = |it: &str| pods.iter().any(|pod| uid(&pod.metadata) == it);
        let lives = |it: &str| pods.iter().any(|pod| name(&pod.metadata) == it);
        let orphans = self.target.orphans.iter();
        let lost = orphans
            .filter(|it| it.revision == newest && lives(&it.name) && !kept(&it.uid))
            .filter(|it| !self.replaced.contains(&it.name));
        let lost: Vec<_> = lost.map(|orphan| orphan.name.clone()).collect();
        if let Some(warning) = lost_pods(&self.target.stateful_set, &lost) {
            client.progress.event(Event::Warning(warning.clone()));
            self.warnings.push(warning);
        }
    }

    fn report(&mut self, client: &Client<'_>, readiness: Readiness) {
        let pipeline = self.target.pipeline.clone();
        if readiness.complete {
            client.progress.event(Event::Ready { pipeline });
        } else if readiness != self.readiness {
            // Progress of any kind means that what hindered it may be over.
            self.streaks.clear();
            client.progress.event(Event::Waiting { pipeline, readiness });
        }
        self.readiness = readiness;
    }

    /// Counts how often in a row each reason was seen, and ends the wait when waiting longer is pointless.
    fn observe(&mut self, client: &Client<'_>, mut reasons: Vec<Reason>) {
        if self.target.replace_stuck_pods {
            // Each of them gets its turn.
            reasons.retain(|reason| reason.problem.code != Code::StuckRollout);
        }
        let mut streaks = HashMap::new();
        for reason in &reasons {
            let key = reason.problem.to_string();
            let streak = self.streaks.get(&key).cloned().unwrap_or_default().next(reason);
            if self.reported.insert(key.clone()) {
                let (pipeline, problem) = (self.target.pipeline.clone(), reason.problem.clone());
                client.progress.event(Event::Problem { pipeline, problem });
            }
            streaks.insert(key, streak);
        }
        let hopeless = reasons.iter().any(|reason| match reason.outlook {
            Outlook::MayHeal => false,
            Outlook::Unlikely => streaks[&reason.problem.to_string()].is_lasting(reason),
            Outlook::Never => true,
        });
        (self.streaks, self.reasons) = (streaks, reasons);
        if hopeless {
            self.end(self.problems());
        }
    }

    /// The reasons, those that need help first.
    fn problems(&self) -> Vec<Problem> {
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|reason| reason.outlook == Outlook::MayHeal);
        reasons.into_iter().map(|reason| reason.problem.clone()).collect()
    }

    pub(crate) fn outcome(self, timeout: Option<Duration>) -> Outcome {
        let problems = match &self.ended {
            Some(problems) => problems.clone(),
            None => self.out_of_time(timeout),
        };
        Outcome { readiness: self.readiness, problems, warnings: self.warnings }
    }

    fn out_of_time(&self, timeout: Option<Duration>) -> Vec<Problem> {
        // Its pods are as they should be, and not what is waited for.
        let only_growth = |reason: &Reason| reason.problem.code == Code::ExpansionPending;
        if !self.reasons.is_empty() && self.reasons.iter().all(only_growth) {
            return self.problems();
        }
        let Readiness { desired, ready, updated, claims, claims_bound, .. } = self.readiness;
        let object = &self.target.stateful_set;
        let limit =
            timeout.map(|limit| format!(" within {} s", limit.as_secs())).unwrap_or_default();
        let counts = format!(
            "{ready} of {desired} replicas ready, {updated} updated, {claims_bound} of {claims} claims bound"
        );
        // What is wrong with a pod is said of it below, if it is known.
        let look = match &self.unready {
            Some(pod) if self.reasons.is_empty() => pod.kubectl("describe"),
            _ => object.kubectl("get"),
        };
        let summary =
            Problem::new(Code::NotReadyInTime, format!("{object} is not ready{limit}: {counts}"))
                .on(object)
                .hint(format!("it may still become ready: {look}"));
        std::iter::once(summary).chain(self.problems()).collect()
    }
}

/// What is outstanding of claims that grow, with the events of those that need an explanation first.
async fn outstanding(
    client: &Client<'_>,
    growing: &[&PersistentVolumeClaim],
) -> Result<Vec<Reason>, Failure> {
    let asked = growing.iter().enumerate().map(|(at, claim)| async move {
        let (namespace, uid) = (namespace(&claim.metadata), uid(&claim.metadata));
        let event = match at {
            0..CLAIMS_ASKED => events::failure_of(client, namespace, uid).await?,
            _ => None,
        };
        Ok::<_, Failure>(expansion::outstanding(claim, event.as_ref()))
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

/// Looks whether the class that an event misses is missing: it may have been made since. Not everybody may look.
async fn without_class(
    client: &Client<'_>,
    claim: &PersistentVolumeClaim,
    reason: Option<Reason>,
) -> Option<Reason> {
    let mut reason = reason?;
    if reason.problem.code == Code::StorageClassNotFound {
        let class = claim.storage_class().unwrap_or_default();
        match client.exists(&ObjectRef::new(Kind::StorageClass, "", class)).await {
            Ok(true) => return None,
            Ok(false) => reason.outlook = Outlook::Never,
            Err(_) => {}
        }
    }
    Some(reason)
}

/// Asks pods, unbound claims and the StatefulSet's own events.
async fn find_reasons(
    client: &Client<'_>,
    target: &Target,
    stateful_set: &StatefulSet,
    unbound: &[&PersistentVolumeClaim],
    pods: &[Pod],
) -> Result<Vec<Reason>, Failure> {
    let Target { stateful_set: object, pipeline, .. } = target;
    let namespace = object.namespace.as_str();
    let asked = unbound.iter().take(CLAIMS_ASKED).map(|claim| async move {
        let event = events::failure_of(client, namespace, uid(&claim.metadata)).await?;
        let reason = diagnosis::of_claim(claim, event.as_ref(), pipeline);
        Ok::<_, Failure>(without_class(client, claim, reason).await)
    });
    let claims = join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut found: Vec<_> = claims.into_iter().flatten().collect();
    let now = client.server_time();
    let reason = |pod| diagnosis::of_pod(pod, stateful_set).or_else(|| silent::of_silent(pod, now));
    found.extend(pods.iter().filter_map(reason));
    let replicas = rollout::replicas(stateful_set);
    if found.is_empty() && i64::try_from(pods.len()).is_ok_and(|pods| pods < replicas) {
        let event = events::failure_of(client, namespace, uid(&stateful_set.metadata)).await?;
        found.extend(event.and_then(|event| diagnosis::of_stateful_set(object, &event)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use wellhead_diagnostics::Code;

    use super::{GRACE, Streak};
    use crate::model::error::Problem;
    use crate::observe::diagnosis::{Outlook, Reason};

    fn seen(times: u32, last: impl Fn(u32) -> Option<i32>) -> bool {
        let reason = |look| Reason {
            problem: Problem::new(Code::PodsRejected, "refused"),
            outlook: Outlook::Unlikely,
            reported: last(look).map(|count| (None, count)),
        };
        let streak = (0..times).fold(Streak::default(), |streak, look| streak.next(&reason(look)));
        streak.is_lasting(&reason(times - 1))
    }

    #[test]
    fn what_an_event_tells_lasts_only_if_it_comes_again() {
        assert!(!seen(GRACE - 1, |_| None), "a state may be a hiccup");
        assert!(seen(GRACE, |_| None), "a state is looked at itself");
        assert!(!seen(100 * GRACE, |_| Some(1)), "an event is there long after what it tells");
        assert!(seen(GRACE, |look| i32::try_from(look).ok()));
        assert!(seen(GRACE, |look| Some(if look == GRACE - 1 { 2 } else { 1 })));
    }
}
