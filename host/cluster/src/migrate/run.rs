//! The migrations of one pipeline, one pod after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use tokio::time::Instant;
use wellhead_diagnostics::Code;
use wellhead_spec::{MigrationOrder, VolumeMigration};

use super::abort;
use super::abort::Back;
use super::act::Actor;
use super::look::look;
use super::next::{Goal, Next, Seen, next};
use crate::api::client::Client;
use crate::api::pauses::Pauses;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{is_deleting, lenient, name};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::progress::Event;
use crate::model::report::{Action, ObjectOutcome};
use crate::model::storage::migration::MigrationPhase;
use crate::observe::diagnosis::is_ready;
use crate::observe::pods;
use crate::store::lease::notes;

/// The first and the longest pause between two looks.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What became of the migrations of a pipeline.
#[derive(Debug, Default)]
pub(crate) struct Migrated {
    pub(crate) objects: Vec<ObjectOutcome>,
    pub(crate) problems: Vec<Problem>,
    /// Whether a stop was asked for before all were done.
    pub(crate) stopped: bool,
}

/// Moves the data of every claim that is to get another volume. A request to stop is heard between two steps.
pub(crate) async fn run(client: &Client<'_>, plan: &PipelinePlan) -> Migrated {
    let mut migrated = Migrated::default();
    let Some(policy) = &plan.set.volume_migration else { return migrated };
    let mut pods = BTreeMap::<i64, Vec<&Step>>::new();
    for step in plan.claims.iter().filter(|it| it.decision == Decision::Migrate) {
        pods.entry(ordinal(&step.object.name)).or_default().push(step);
    }
    let is_noted = plan.lease_state.notes_migration();
    if pods.is_empty() && !is_noted {
        return migrated;
    }
    if !is_noted {
        migrated.problems.extend(notes::note_migration(client, &plan.pipeline, true).await.err());
        if !migrated.problems.is_empty() {
            return migrated;
        }
    }
    let mut pods: Vec<_> = pods.into_iter().collect();
    if policy.order() == MigrationOrder::HighestOrdinalFirst {
        pods.reverse();
    }
    for (ordinal, steps) in pods {
        let pod = format!("{}-{ordinal}", plan.pipeline.name);
        let pod = ObjectRef::new(Kind::Pod, &plan.pipeline.namespace, &pod);
        let claims =
            steps.iter().map(|step| Claim { goal: goal(&plan.pipeline, step), step }).collect();
        let work = Work { client, plan, policy, pod, claims };
        match Box::pin(work.run()).await {
            Ok(Ended::Done(objects)) => migrated.objects.extend(objects),
            Ok(Ended::Stopped) => {
                migrated.stopped = true;
                return migrated;
            }
            Err(problem) => {
                migrated.problems.push(problem);
                return migrated;
            }
        }
    }
    migrated.problems.extend(notes::note_migration(client, &plan.pipeline, false).await.err());
    migrated
}

/// The number at the end of a claim's name.
fn ordinal(claim: &str) -> i64 {
    claim.rsplit('-').next().and_then(|it| it.parse().ok()).unwrap_or_default()
}

/// What a claim is to become.
fn goal(pipeline: &PipelineRef, step: &Step) -> Goal {
    Goal {
        pipeline: pipeline.clone(),
        claim: step.object.clone(),
        class: step.body.storage_class().unwrap_or_default().to_owned(),
        size: json::text(&step.body, crate::decide::claim::SIZE).to_owned(),
        method: step.migration.as_ref().and_then(|it| it.method),
    }
}

/// A claim of the pod, and what it is to become.
struct Claim<'a> {
    goal: Goal,
    step: &'a Step,
}

/// The migrations of the claims of one pod.
struct Work<'a> {
    client: &'a Client<'a>,
    plan: &'a PipelinePlan,
    policy: &'a VolumeMigration,
    pod: ObjectRef,
    claims: Vec<Claim<'a>>,
}

/// How the work for one pod ended.
enum Ended {
    Done(Vec<ObjectOutcome>),
    Stopped,
}

impl Work<'_> {
    async fn run(&self) -> Result<Ended, Problem> {
        let limit = Duration::from_secs(self.policy.timeout_seconds().into());
        let deadline = Instant::now() + limit;
        let mut pauses = Pauses::new(None, PAUSES.0, PAUSES.1);
        let mut told = BTreeMap::new();
        loop {
            let mut looked = Vec::new();
            for claim in &self.claims {
                let (client, pipeline) = (self.client, &self.plan.pipeline);
                let seen = Box::pin(look(client, pipeline, &claim.goal, &self.pod)).await?;
                let next = next(&seen, &claim.goal)?;
                looked.push((claim, seen, next));
            }
            // Once a claim is swapped, its pod starts before anything else.
            let is_swapped = looked.iter().any(|it| it.2.is_filled() && it.2 != Next::Swap);
            if self.client.stop.is_stopped() && !is_swapped {
                return Ok(Ended::Stopped);
            }
            let Some((claim, seen, next)) = choose(&looked) else {
                let moved = |claim: &Claim<'_>| {
                    let object = claim.goal.claim.clone();
                    let outcome = ObjectOutcome { object, action: Action::Migrated };
                    self.client.progress.event(Event::Object(outcome.clone()));
                    outcome
                };
                return Ok(Ended::Done(self.claims.iter().map(moved).collect()));
            };
            self.tell(claim, next, &mut told);
            let waits = match next {
                Next::Await(what) => Some(what.clone()),
                Next::Hold => self.others_not_ready().await?,
                Next::Evict if Instant::now() >= deadline => Some(EVICTION.to_owned()),
                _ => None,
            };
            if let Next::Fail(what) = next {
                return Err(Box::pin(self.give_up(what, &looked)).await);
            }
            match waits {
                Some(what) if Instant::now() >= deadline => {
                    return Err(Box::pin(self.give_up(&what, &looked)).await);
                }
                Some(_) => pauses.pause(Duration::ZERO).await,
                None => {
                    self.actor(claim).take(next, seen).await?;
                    if *next == Next::Evict {
                        // A budget may have forbidden it.
                        pauses.pause(Duration::ZERO).await;
                    } else {
                        pauses = Pauses::new(None, PAUSES.0, PAUSES.1);
                    }
                }
            }
        }
    }

    fn actor<'s>(&'s self, claim: &'s Claim<'_>) -> Actor<'s> {
        Actor {
            client: self.client,
            pipeline: &self.plan.pipeline,
            policy: self.policy,
            goal: &claim.goal,
            wanted: &claim.step.body,
        }
    }

    /// Tells of each phase of each claim once.
    fn tell(&self, claim: &Claim<'_>, next: &Next, told: &mut BTreeMap<String, MigrationPhase>) {
        let Some(phase) = next.phase() else { return };
        if told.insert(claim.goal.claim.name.clone(), phase) != Some(phase) {
            self.client.progress.event(Event::Migrating {
                pipeline: self.plan.pipeline.clone(),
                claim: claim.goal.claim.name.clone(),
                pod: self.pod.name.clone(),
                phase,
            });
        }
    }

    /// The pods of other ordinals that are not ready: one at a time is away.
    async fn others_not_ready(&self) -> Result<Option<String>, Problem> {
        let object = &self.plan.stateful_set.object;
        let found = self.client.get(object).await.map_err(|it| it.problem("read", object))?;
        let Some(set) = found.as_ref().map(lenient::<StatefulSet>) else {
            return Ok(Some(format!("{object} does not exist")));
        };
        let found = pods::pods(self.client, &set).await;
        let found = found.map_err(|it| it.problem("read the pods of", object))?;
        let others = found.iter().filter(|pod| name(&pod.metadata) != self.pod.name);
        let others: Vec<_> = others.collect();
        let wanted = set.spec.as_ref().and_then(|it| it.replicas).unwrap_or(1);
        let missing = i64::from(wanted) - 1 > others.len().try_into().unwrap_or(i64::MAX);
        let ready =
            |pod: &k8s_openapi::api::core::v1::Pod| !is_deleting(&pod.metadata) && is_ready(pod);
        let mut not_ready =
            others.iter().filter(|pod| !ready(pod)).map(|pod| name(&pod.metadata).to_owned());
        Ok(match not_ready.next() {
            Some(pod) => Some(format!("pod {pod} is not ready, and one pod at a time may be away")),
            None if missing => Some("pods of other ordinals do not exist yet".to_owned()),
            None => None,
        })
    }

    /// Goes back to the old volumes where that is still possible, and says what kept the migration from going on.
    async fn give_up(&self, what: &str, looked: &[(&Claim<'_>, Seen, Next)]) -> Problem {
        let claim = &looked[0].0.goal.claim;
        let has_failed = looked.iter().any(|it| matches!(it.2, Next::Fail(_)));
        let seconds = self.policy.timeout_seconds();
        let text = if has_failed {
            format!("the data of {claim} cannot be moved")
        } else {
            format!("the data of {claim} were not moved within {seconds} s")
        };
        let problem = Problem::new(Code::MigrationStopped, text).on(claim);
        let mut went_back = true;
        for (claim, ..) in looked {
            let actor = self.actor(claim);
            went_back &= Box::pin(go_back(&actor, &self.pod)).await.unwrap_or(false);
        }
        let after = if went_back {
            "the pod has its old volume again"
        } else {
            "its name is the new volume's already, which has all data"
        };
        let problem = problem.why(format!("{what}; {after}"));
        let problem = if has_failed {
            problem
        } else {
            problem.hint("allow more time: `timeoutSeconds` of `volumeMigration`")
        };
        problem.retry(" once that is mended")
    }
}

const EVICTION: &str = "the pod cannot be evicted: a PodDisruptionBudget forbids it";

/// What is done next: whatever fills comes before the first swap, and all claims are swapped before the pod starts.
fn choose<'l, 'c>(
    looked: &'l [(&'c Claim<'c>, Seen, Next)],
) -> Option<(&'l Claim<'c>, &'l Seen, &'l Next)> {
    let open = looked.iter().filter(|it| it.2 != Next::Done);
    let open: Vec<_> = open.collect();
    let filling = open.iter().find(|it| !it.2.is_filled());
    let swapping = || open.iter().find(|it| it.2 == Next::Swap);
    let (claim, seen, next) = filling.or_else(swapping).or_else(|| open.first())?;
    Some((claim, seen, next))
}

/// Goes back to the old volume of one claim; the answer is whether that was still possible.
pub(crate) async fn go_back(actor: &Actor<'_>, pod: &ObjectRef) -> Result<bool, Problem> {
    let mut pauses = Pauses::new(Some(GOING_BACK), PAUSES.0, PAUSES.1);
    loop {
        let seen = Box::pin(look(actor.client, actor.pipeline, actor.goal, pod)).await?;
        match abort::back(&seen) {
            Back::Done => return Ok(true),
            Back::TooLate => return Ok(false),
            Back::Await if pauses.are_over() => return Ok(false),
            Back::Await => pauses.pause(Duration::ZERO).await,
            back => abort::take(actor, back, &seen).await?,
        }
    }
}

/// How long a way back waits for objects that are deleted.
const GOING_BACK: Duration = Duration::from_mins(1);
