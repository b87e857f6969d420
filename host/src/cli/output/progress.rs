//! What an apply or a deletion says while it works: one line that redraws itself on a terminal,
//! elsewhere a line for each change of state.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wellhead::{Event, Progress};
use wellhead_chain::sanitize;
use wellhead_cluster::{Action, Growth, PipelineRef, PodState, Problem, Readiness};

use super::diagnostic::Diagnostic;
use super::plan::text::shared;
use super::printer::Printer;

/// Longest silence where nothing redraws itself.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Most characters of a line.
const LINE: usize = 300;
/// Most pods of the block below the line.
const BLOCK: usize = 8;
/// Redraws of a terminal in a second.
const REDRAWS: u8 = 10;

/// Shows events.
#[derive(Clone)]
pub(crate) struct Reporter(Arc<Shared>);

struct Shared {
    printer: Printer,
    started: Instant,
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<String, Readiness>,
    /// Pods that are not ready, and what they do.
    pods: BTreeMap<String, String>,
    ready: usize,
    written: usize,
    last_line: Option<Instant>,
}

impl Reporter {
    /// Starts to show events; where nothing redraws itself, long silence is broken.
    pub(crate) fn start(printer: &Printer) -> Self {
        let bar = printer.is_interactive().then(spinner);
        let reporter = Self(Arc::new(Shared {
            printer: printer.clone(),
            started: Instant::now(),
            bar,
            state: Mutex::default(),
        }));
        if reporter.0.bar.is_none() {
            tokio::spawn(reporter.clone().heartbeat());
        }
        reporter
    }

    /// Removes what redraws itself.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0.bar {
            bar.finish_and_clear();
        }
    }

    async fn heartbeat(self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let (silent, waiting) = {
                let state = self.state();
                let since = state.last_line.unwrap_or(self.0.started).elapsed();
                (since >= HEARTBEAT, describe(&state))
            };
            if silent {
                self.line(&format!("still waiting: {waiting}"));
            }
        }
    }

    /// A line that stays.
    fn line(&self, text: &str) {
        self.state().last_line = Some(Instant::now());
        let line = format!("[{:>6.1}s] {text}", self.0.started.elapsed().as_secs_f64());
        self.above_bar(|| self.0.printer.line(&line));
    }

    fn warn(&self, problems: &[Problem]) {
        self.above_bar(|| self.0.printer.warnings(&Diagnostic::warnings(problems)));
    }

    fn above_bar(&self, print: impl FnOnce()) {
        match &self.0.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// A state that the next one replaces: on a terminal it is redrawn, elsewhere it is a line.
    fn change(&self, line: &str) {
        match &self.0.bar {
            Some(bar) => {
                let state = self.state();
                let pods = block(&state);
                bar.set_style(style(!pods.is_empty()));
                bar.set_prefix(pods);
                bar.set_message(describe(&state));
            }
            None => self.line(line),
        }
    }

    /// Elsewhere than on a terminal it is a line; there, pods that are ready leave the block below it.
    fn pod(&self, pipeline: &PipelineRef, pod: &str, state: PodState, revision: &str) {
        let name = format!("{pipeline}: pod {pod}");
        let text = format!("{}, revision {revision}", pod_state(state));
        let mut shared = self.state();
        shared.pods.remove(&name);
        if state != PodState::Ready {
            shared.pods.insert(name.clone(), text.clone());
        }
        drop(shared);
        self.change(&format!("{name} {text}"));
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Reporter {
    fn event(&self, event: Event) {
        match event {
            Event::Checked { unchanged, to_write, .. } if to_write > 0 => {
                self.line(&format!("checked: {to_write} to write, {unchanged} unchanged"));
            }
            Event::Object(outcome) if outcome.action != Action::Unchanged => {
                self.state().written += 1;
                let word = action(outcome.action);
                self.change(&format!("{} {word}", outcome.object));
            }
            Event::Waiting { pipeline, readiness } => {
                self.state().waiting.insert(pipeline.to_string(), readiness);
                self.change(&format!("{pipeline}: {}", shown(&readiness)));
            }
            Event::Ready { pipeline } => {
                let mut state = self.state();
                let waited = state.waiting.remove(&pipeline.to_string()).is_some();
                state.ready += 1;
                drop(state);
                if waited {
                    self.change(&format!("{pipeline}: ready"));
                }
            }
            Event::Pod { pipeline, pod, state, revision } => {
                self.pod(&pipeline, &pod, state, &revision);
            }
            Event::Growing { pipeline, claim, size, requested, growth } => {
                self.change(&format!(
                    "{pipeline}: claim {claim}: {}",
                    grown(&size, &requested, growth)
                ));
            }
            // It is an error when the wait ends, or heals by then.
            Event::Problem { pipeline, problem } => {
                self.line(&format!("{pipeline}: {}", sanitize(&problem.what, LINE)));
            }
            Event::Held { pipeline, holder, since } => {
                self.line(&format!(
                    "{pipeline}: waiting for {holder}, which holds the Lease since {since}"
                ));
            }
            Event::Warning(problem) => self.warn(&[problem]),
            Event::Warnings(problems) => self.warn(&problems),
            Event::LeftToOthers { object, field } => {
                let line = format!("left: {}", shared(&object, &field));
                self.above_bar(|| self.0.printer.detail(&sanitize(&line, LINE)));
            }
            Event::Retrying { request, reason, delay } => {
                self.line(&format!(
                    "{request}: {reason}; retrying in {:.1} s",
                    delay.as_secs_f64()
                ));
            }
            Event::Orphaning(object) => {
                self.change(&format!("orphaning the pods of {object} (they keep running)"));
            }
            Event::Orphaned(object) => {
                self.change(&format!(
                    "{object} is deleted, its pods keep running; creating it again"
                ));
            }
            Event::Replacing { pipeline, pod, claims } => {
                let kept = match &claims[..] {
                    [] => String::new(),
                    [claim] => format!(", its claim {claim} is kept"),
                    claims => format!(", its claims {} are kept", claims.join(", ")),
                };
                self.line(&format!("{pipeline}: replaces pod {pod}{kept}"));
            }
            Event::Migrating { pipeline, claim, pod, phase } => {
                self.line(&format!("{pipeline}: claim {claim} of pod {pod}: {}", phase.word()));
            }
            Event::Deleting(object) => self.change(&format!("deleting {object}")),
            Event::Deleted(object) => self.change(&format!("{object} is gone")),
            _ => {}
        }
    }
}

/// What happened to an object, in a word.
pub(crate) fn action(action: Action) -> &'static str {
    match action {
        Action::Created => "created",
        Action::Updated => "updated",
        Action::Recreated => "recreated",
        Action::Migrated => "migrated",
        Action::Unchanged => "unchanged",
    }
}

/// What a pod is doing, in a word.
fn pod_state(state: PodState) -> &'static str {
    match state {
        PodState::Pending => "pending",
        PodState::Starting => "starting",
        PodState::Ready => "ready",
        PodState::Failed => "failed",
        PodState::Terminating => "terminating",
        _ => "in another state",
    }
}

/// How far the volume of a claim is.
pub(crate) fn grown(size: &str, requested: &str, growth: Option<Growth>) -> String {
    let how = match growth {
        None => return requested.to_owned(),
        Some(Growth::Requested) => "waits for expansion",
        Some(Growth::Resizing) => "resizing",
        Some(Growth::FileSystem) => "waits for the file system to be resized",
        Some(Growth::Failed) => "cannot grow",
        Some(_) => "growing",
    };
    format!("{size} of {requested}, {how}")
}

/// How far a pipeline is.
pub(crate) fn shown(readiness: &Readiness) -> String {
    let Readiness { desired, ready, updated, claims, claims_bound, .. } = readiness;
    let mut text = format!("{ready}/{desired} ready");
    if updated < desired {
        let _ = write!(text, ", {updated}/{desired} updated");
    }
    if *claims > 0 {
        let _ = write!(text, ", {claims_bound}/{claims} claims bound");
    }
    text
}

fn describe(state: &State) -> String {
    match state.waiting.iter().next() {
        None => format!("{} written", state.written),
        Some((pipeline, readiness)) if state.waiting.len() == 1 && state.ready == 0 => {
            format!("{pipeline}: {}", shown(readiness))
        }
        Some((pipeline, readiness)) => {
            let all = state.waiting.len() + state.ready;
            format!("{}/{all} pipelines ready; {pipeline}: {}", state.ready, shown(readiness))
        }
    }
}

/// The pods that are not ready, a line for each.
fn block(state: &State) -> String {
    let lines = state.pods.iter().take(BLOCK).map(|(pod, doing)| format!("    {pod} {doing}"));
    let more = state.pods.len().saturating_sub(BLOCK);
    let more = (more > 0).then(|| format!("    and {more} more"));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}

fn style(with_block: bool) -> ProgressStyle {
    const LINE: &str = "{spinner} [{elapsed}] {wide_msg}";
    let block = if with_block { "\n{prefix}" } else { "" };
    let style = ProgressStyle::with_template(&format!("{LINE}{block}"));
    style.unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAWS));
    bar.set_style(style(false));
    bar.enable_steady_tick(Duration::from_millis(1_000 / u64::from(REDRAWS)));
    bar
}
