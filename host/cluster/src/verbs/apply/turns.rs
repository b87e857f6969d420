//! The turns of pipelines: as many at once as requests may be in flight, and those later that another run holds.

use std::collections::{BTreeMap, VecDeque};

use futures::future::{BoxFuture, FutureExt as _, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt as _};
use wellhead_diagnostics::Code;

use super::finished::Finished;
use super::fleet::{Fleet, Turn, Waiting};
use super::record::RevisionRecorder;
use crate::model::error::ENDINGS;
use crate::model::object::PipelineRef;
use crate::model::report::Fate;
use crate::store::lease::state::LeaseState;
use crate::store::lock::{Freed, Queue};

/// An error of the server that no later try of the same request healed. So many pipelines in a row that end with it mean
/// that the next ones would, too.
const SERVER_ERROR: (Code, usize) = (Code::UnusableAnswer, 16);

/// The turns of all pipelines that are to be written.
pub(super) struct Turns<'a> {
    fleet: &'a Fleet<'a>,
    recorder: &'a RevisionRecorder<'a>,
    finished: Vec<Option<Finished>>,
    ready: VecDeque<Waiting>,
    held: BTreeMap<PipelineRef, Waiting>,
    /// Who holds those. None while they are looked at.
    queue: Option<Queue>,
    /// Held since the last look.
    newly: Vec<(PipelineRef, LeaseState)>,
    /// Pipelines in a row that failed by an error of the server.
    errors: usize,
    /// Whether no further turn begins.
    ended: bool,
}

impl<'a> Turns<'a> {
    pub(super) fn new(
        fleet: &'a Fleet<'a>,
        recorder: &'a RevisionRecorder<'a>,
        finished: Vec<Option<Finished>>,
    ) -> Self {
        Self {
            fleet,
            recorder,
            finished,
            ready: VecDeque::new(),
            held: BTreeMap::new(),
            queue: Some(Queue::new(fleet.options.lock_timeout)),
            newly: Vec::new(),
            errors: 0,
            ended: false,
        }
    }

    /// Lets a pipeline wait for its turn, or for the run that holds it.
    pub(super) fn wait(
        &mut self,
        waiting: Waiting,
        pipeline: &PipelineRef,
        lease_state: &LeaseState,
    ) {
        if lease_state.holder().is_some_and(|it| !it.is_gone()) {
            self.held.insert(pipeline.clone(), Waiting { plan: None, ..waiting });
            self.newly.push((pipeline.clone(), lease_state.clone()));
        } else {
            self.ready.push_back(waiting);
        }
    }

    /// Gives every pipeline its turn.
    pub(super) async fn run(mut self) -> Vec<Finished> {
        let client = self.fleet.client;
        let mut turns = FuturesUnordered::<BoxFuture<'_, Turn>>::new();
        let mut looking = OptionFuture::<BoxFuture<'_, (Queue, Vec<Freed>)>>::default();
        loop {
            while turns.len() < client.in_flight() && !self.is_over() {
                let Some(next) = self.ready.pop_front() else { break };
                turns.push(self.fleet.turn(next, self.recorder).boxed());
            }
            if let Some(mut queue) = self.queue.take_if(|_| !self.held.is_empty()) {
                for (pipeline, lease_state) in self.newly.drain(..) {
                    queue.add(client, pipeline, &lease_state);
                }
                looking = Some(queue.look(client).boxed()).into();
            }
            tokio::select! {
                Some(turn) = turns.next() => self.note(turn),
                Some((queue, freed)) = &mut looking, if self.queue.is_none() => {
                    self.queue = Some(queue);
                    self.free(freed);
                }
                else => break,
            }
            if turns.is_empty() && self.is_over() {
                break;
            }
        }
        drop((turns, looking));
        self.into_finished()
    }

    /// Whether no further turn begins.
    fn is_over(&self) -> bool {
        self.ended || self.fleet.client.stop.is_stopped()
    }

    fn note(&mut self, turn: Turn) {
        match turn {
            Turn::Held(held) => self.wait(held.0, &held.1, &held.2),
            Turn::Over(at, finished) => {
                let failed_with =
                    |code: Code| finished.report.problems.iter().any(|it| it.code == code);
                let (error, most) = SERVER_ERROR;
                self.errors = if failed_with(error) { self.errors + 1 } else { 0 };
                self.ended |= self.errors >= most || ENDINGS.into_iter().any(failed_with);
                self.finished[at] = Some(*finished);
            }
        }
    }

    /// Goes on with pipelines of which something is known.
    fn free(&mut self, freed: Vec<Freed>) {
        for (pipeline, known) in freed {
            let Some(waiting) = self.held.remove(&pipeline) else { continue };
            match known {
                Ok(()) => self.ready.push_back(waiting),
                Err(problem) => {
                    let failed = self.fleet.failed(waiting.at, vec![problem], false);
                    self.note(Turn::Over(waiting.at, Box::new(failed)));
                }
            }
        }
    }

    fn into_finished(self) -> Vec<Finished> {
        let (source, namespace) =
            (self.fleet.source, self.fleet.client.cluster.default_namespace());
        let left = |at| Finished::left(source, at, namespace, Fate::NotBegun);
        let all = self.finished.into_iter().enumerate();
        all.map(|(at, finished)| finished.unwrap_or_else(|| left(at))).collect()
    }
}
