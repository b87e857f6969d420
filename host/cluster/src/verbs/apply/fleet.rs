//! Writing any number of pipelines, each in its turn and with a fate of its own.
//!
//! All of them are checked first, and a refusal of one writes nothing of any ([`check`]). From then on each pipeline is a
//! critical section of its own: its Lease is taken when its turn comes, if no run wrote it since it was read at the
//! check, and given back when its last object is written. Another run that came in between, or a Lease that is lost,
//! makes this one pipeline be looked at again, under the same rules as at the check. One that fails leaves the others
//! alone.
//!
//! As many have their turn at once as there may be requests in flight: an overloaded server gets fewer, and the Leases
//! that are held do not wait for each other.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures::future::FutureExt as _;

use super::accepted;
use super::accepted::{Attempt, Noted};
use super::finished::Finished;
use super::record::{RevisionRecorder, Work};
use super::turns::Turns;
use crate::api::client::Client;
use crate::api::warning::Heard;
use crate::check::accepted::Accepted;
use crate::check::dry_run::Conflicts;
use crate::check::scale_down;
use crate::check::shelf::Shelved;
use crate::check::wave;
use crate::check::wave::{CheckOptions, Wave};
use crate::decide::compare::Allowed;
use crate::decide::desired::{Only, Source};
use crate::decide::plan::Decision;
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::options::ApplyOptions;
use crate::model::ownership::SharedField;
use crate::model::progress::Event;
use crate::model::report::Fate;
use crate::store::lease::state::LeaseState;
use crate::store::lock;
use crate::store::lock::MAX_ATTEMPTS;
use crate::verbs::plan::expected::Expected;

/// What an apply shall do, and with what.
pub(crate) struct Fleet<'a> {
    pub(crate) client: &'a Client<'a>,
    pub(crate) source: &'a dyn Source,
    pub(crate) options: &'a ApplyOptions,
    pub(crate) expected: &'a Expected<'a>,
    /// Whose claims may be deleted by a scale-down.
    consented: Arc<[PipelineRef]>,
}

/// What the check said of all pipelines.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// By position; none of what is to be written.
    finished: Vec<Option<Finished>>,
    shelf: BTreeMap<usize, Shelved>,
    problems: Vec<Problem>,
    /// What is not as it was planned.
    differences: Vec<Problem>,
    seen: HashSet<ObjectRef>,
    unchanged: usize,
    to_write: usize,
    shared: Vec<(ObjectRef, SharedField)>,
}

/// A pipeline that waits for its turn.
pub(super) struct Waiting {
    pub(super) at: usize,
    /// What to do. None where another run wrote since: then it is looked at again.
    pub(super) plan: Option<Shelved>,
    /// How often it was looked at again.
    pub(super) attempts: u32,
}

/// How a turn ended.
pub(super) enum Turn {
    Over(usize, Box<Finished>),
    /// Another run holds the pipeline.
    Held(Box<(Waiting, PipelineRef, LeaseState)>),
}

impl<'a> Fleet<'a> {
    /// Refuses options that name pipelines which the source does not have.
    pub(crate) fn new(
        client: &'a Client<'a>,
        source: &'a dyn Source,
        options: &'a ApplyOptions,
        expected: &'a Expected<'a>,
    ) -> Result<Self, ClusterError> {
        let namespace = client.cluster.default_namespace();
        let consented = scale_down::consented(&options.delete_claims, source, namespace)?.into();
        Ok(Self { client, source, options, expected, consented })
    }

    /// Checks everything, and writes what is to be written. The result has the pipelines in the order given.
    pub(crate) async fn write(&self) -> Result<Vec<Finished>, ClusterError> {
        let mut checked = self.check_all(Conflicts::Report, |_| ()).await?;
        if checked.problems.is_empty() {
            checked.problems = std::mem::take(&mut checked.differences);
            checked.problems.extend(self.expected.absent(&checked.seen));
            checked.problems.sort_by(|a, b| a.object.cmp(&b.object));
        }
        self.write_checked(checked).await
    }

    /// Checks everything, and hands every wave to `see` before it keeps of it what an apply needs.
    pub(crate) async fn check_all(
        &self,
        conflicts: Conflicts,
        mut see: impl FnMut(&Wave),
    ) -> Result<Outcome, ClusterError> {
        let mut checked = Outcome::default();
        let on_wave = |wave| {
            see(&wave);
            self.add(&mut checked, wave);
        };
        wave::check(self.client, self.source, self.how(conflicts), on_wave).await?;
        Ok(checked)
    }

    /// Writes what is to be written of what was checked, if nothing speaks against any of it.
    pub(crate) async fn write_checked(
        &self,
        checked: Outcome,
    ) -> Result<Vec<Finished>, ClusterError> {
        if !checked.problems.is_empty() {
            return Err(ClusterError::Refused(checked.problems));
        }
        if self.client.stop.is_stopped() {
            return Err(ClusterError::Stopped { report: None });
        }
        let writing: Vec<_> = checked.shelf.values().map(|it| &it.pipeline).collect();
        let recorder = RevisionRecorder::new(self.client, &writing, self.options).await?;
        self.announce(&checked);
        let mut turns = Turns::new(self, &recorder, checked.finished);
        for (at, shelved) in checked.shelf {
            let (pipeline, lease_state) = (shelved.pipeline.clone(), shelved.lease_state.clone());
            turns.wait(Waiting { at, plan: Some(shelved), attempts: 0 }, &pipeline, &lease_state);
        }
        Ok(turns.run().await)
    }

    /// Checks everything, and hands back the plan of each.
    pub(crate) async fn check(&self) -> Result<Vec<Accepted>, ClusterError> {
        let (mut accepted, mut problems) = (Vec::new(), Vec::new());
        let on_wave = |wave: Wave| match wave.accept() {
            Ok(plans) => accepted.extend(plans),
            Err(found) => problems.extend(found),
        };
        wave::check(self.client, self.source, self.how(Conflicts::Report), on_wave).await?;
        if problems.is_empty() { Ok(accepted) } else { Err(ClusterError::Refused(problems)) }
    }

    fn how(&self, conflicts: Conflicts) -> CheckOptions<'_> {
        let ApplyOptions { recreate, adopt, .. } = *self.options;
        let allowed = Allowed { recreate, adopt };
        let consented = &self.consented;
        CheckOptions { conflicts, allowed, consented, again: false }
    }

    /// Keeps of a wave what there is to tell and to write.
    fn add(&self, checked: &mut Outcome, wave: Wave) {
        let first = checked.finished.len();
        for plan in &wave.plans {
            checked.differences.extend(self.expected.differences(plan));
            for step in plan.steps() {
                match step.decision {
                    Decision::Leave => checked.unchanged += 1,
                    _ => checked.to_write += 1,
                }
                let shared = step.shared.iter().map(|it| (step.object.clone(), it.clone()));
                checked.shared.extend(shared);
                if self.expected.is_any() {
                    checked.seen.insert(step.object.clone());
                }
            }
            let writes = plan.needs_writing();
            checked.finished.push((!writes).then(|| Finished::unchanged(plan, self.options)));
        }
        match wave.accept() {
            Ok(plans) if checked.problems.is_empty() => {
                let writing = (first..).zip(plans).filter(|(_, plan)| plan.needs_writing());
                checked.shelf.extend(writing.map(|(at, plan)| (at, Shelved::from(plan))));
            }
            // One that is refused keeps all from being written.
            Ok(_) => {}
            Err(problems) => checked.problems.extend(problems),
        }
    }

    fn announce(&self, checked: &Outcome) {
        let tell = |event| self.client.progress.event(event);
        let Outcome { finished, unchanged, to_write, .. } = checked;
        let (pipelines, unchanged, to_write) = (finished.len(), *unchanged, *to_write);
        tell(Event::Checked { pipelines, unchanged, to_write });
        for (object, field) in &checked.shared {
            tell(Event::LeftToOthers { object: object.clone(), field: field.clone() });
        }
        let warnings = finished.iter().enumerate().flat_map(|(at, finished)| {
            let shelved = checked.shelf.get(&at).map(|it| &it.warnings);
            let known = finished.as_ref().map(|it| &it.report.warnings);
            shelved.or(known).into_iter().flatten().cloned()
        });
        let warnings: Vec<_> = warnings.collect();
        if !warnings.is_empty() {
            tell(Event::Warnings(warnings));
        }
        for outcome in finished.iter().flatten().flat_map(|it| &it.report.objects) {
            tell(Event::Object(outcome.clone()));
        }
    }

    /// Writes one pipeline under its Lease, and tells of all that was written, be it in several attempts.
    pub(super) async fn turn(&self, waiting: Waiting, recorder: &RevisionRecorder<'_>) -> Turn {
        let progress = self.client.progress;
        let noted = Noted::new(progress);
        let client = &Client { progress: &noted, ..*self.client };
        let fleet = Fleet { client, consented: Arc::clone(&self.consented), ..*self };
        let mut turn = Box::pin(fleet.attempts(waiting, recorder, &noted)).await;
        if let Turn::Over(_, finished) = &mut turn {
            noted.complete(finished);
        }
        turn
    }

    /// Writes one pipeline under its Lease, and looks at it again where another run came in between.
    async fn attempts(
        &self,
        waiting: Waiting,
        recorder: &RevisionRecorder<'_>,
        noted: &Noted<'_>,
    ) -> Turn {
        let Waiting { at, plan, mut attempts } = waiting;
        let namespace = self.client.cluster.default_namespace();
        let over = |finished| Turn::Over(at, Box::new(finished));
        let failed = |problems, touched| over(self.failed(at, problems, touched));
        let (mut again, mut lost) = (plan.is_none(), None);
        let mut plan = match plan.map(|it| it.take(self.source, at, namespace)).transpose() {
            Ok(plan) => plan,
            Err(problem) => return failed(vec![problem], false),
        };
        loop {
            let planned = match plan.take() {
                Some(plan) => plan,
                None if self.client.stop.is_stopped() => {
                    let fate = if lost.is_some() { Fate::Stopped } else { Fate::NotBegun };
                    return over(Finished::left(self.source, at, namespace, fate));
                }
                None if attempts == MAX_ATTEMPTS => {
                    let pipeline =
                        Finished::left(self.source, at, namespace, Fate::Failed).report.pipeline;
                    let touched = lost.is_some();
                    return failed(
                        vec![lost.unwrap_or_else(|| lock::contended(&pipeline))],
                        touched,
                    );
                }
                None => match self.look(at).await {
                    Ok(plan) => plan,
                    Err(problems) if problems.is_empty() => continue,
                    Err(problems) => return failed(problems, lost.is_some()),
                },
            };
            attempts += 1;
            let work = Work { plan: &planned, about: self.source.about(at), again };
            match accepted::attempt(self.client, recorder, work, self.options).await {
                Attempt::Done(finished) => return Turn::Over(at, finished),
                Attempt::Held(_) => {
                    let waiting = Waiting { at, plan: None, attempts };
                    let plan = planned.plan();
                    return Turn::Held(Box::new((
                        waiting,
                        plan.pipeline.clone(),
                        plan.lease_state.clone(),
                    )));
                }
                Attempt::Changed => {}
                Attempt::Lost(problem) => {
                    noted.lost(planned.plan());
                    lost = Some(problem);
                }
                Attempt::Failed(problem) => return failed(vec![problem], lost.is_some()),
            }
            again = true;
        }
    }

    /// Looks at one pipeline again, as the check of all did. The problems are empty where a stop was asked for.
    async fn look(&self, at: usize) -> Result<Accepted, Vec<Problem>> {
        let only = Only { source: self.source, at };
        let mut seen = None;
        // Others write at the same time: what the server says now is about this one.
        let heard = Heard::default();
        let client = Client { heard: Some(&heard), ..*self.client };
        let how = CheckOptions { again: true, ..self.how(Conflicts::Report) };
        let looked = wave::check(&client, &only, how, |wave| seen = Some(wave)).boxed();
        looked.await.map_err(|error| error.problems().to_vec())?;
        let plans: Option<Vec<_>> = seen.map(Wave::accept).transpose()?;
        let plan = plans.and_then(|mut plans| plans.pop()).ok_or_else(Vec::new)?;
        let differences = self.expected.differences(plan.plan());
        if differences.is_empty() { Ok(plan) } else { Err(differences) }
    }

    pub(super) fn failed(&self, at: usize, problems: Vec<Problem>, touched: bool) -> Finished {
        let namespace = self.client.cluster.default_namespace();
        let mut finished = Finished::left(self.source, at, namespace, Fate::Failed);
        finished.report.problems = problems;
        finished.touched = touched;
        finished
    }
}
