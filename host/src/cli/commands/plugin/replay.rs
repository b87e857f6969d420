//! `wellhead plugin replay`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::authoring::{Identity, Recording, ReplayDifference};
use wellhead_chain::TraceStep;
use wellhead_diagnostics::Code;

use super::run::masked;
use super::test::loading;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::plugins::trace;

/// Repeat a recorded run of a plugin, and print the first difference
///
/// The plugin gets the pipeline, the config and the grants of the recording; their files are not needed. The
/// recorded plugin itself makes no difference. For another build of it, the first differing step shows what
/// the change of its code does. Exit code 0: no difference; 1: a difference.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// A file that `wellhead plugin run --record` wrote
    recording: PathBuf,
    /// The component
    #[arg(value_name = "FILE")]
    plugin: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginReplay {
    recorded: Identity,
    plugin: Identity,
    steps: usize,
    difference: Option<ReplayDifference>,
}

impl Replay {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let recording = Recording::read(&self.recording)?;
        let replay = recording.replay(&self.plugin, &loading(context))?;
        let (printer, steps) = (&context.printer, recording.steps());
        if !replay.is_same_plugin {
            printer.line("the plugin differs from the recorded one");
        }
        let diagnostic = replay.difference.as_ref().map(describe).map(|one| {
            // Why it did nothing more.
            let ended = matches!(replay.difference, Some(ReplayDifference::Step { now: None, .. }));
            let failed = replay.run.result.as_ref().err().and_then(|errors| errors.first());
            match failed.filter(|_| ended) {
                Some(error) => one.fact(format!("because {error}")),
                None => one,
            }
        });
        if self.is_json() {
            let body = PluginReplay {
                recorded: recording.plugin.clone(),
                plugin: replay.run.plugin.clone(),
                steps,
                difference: replay.difference.clone().map(hidden),
            };
            printer.print(diagnostic.as_slice());
            let diagnostics = diagnostic.into_iter().collect();
            printer.json(&Envelope::new("PluginReplay", body, diagnostics))?;
        } else if let Some(diagnostic) = diagnostic {
            printer.print(&[diagnostic]);
        } else {
            let s = if steps == 1 { "" } else { "s" };
            printer.text(&format!("{steps} step{s}, no difference\n"))?;
        }
        Ok(if replay.difference.is_some() { Exit::Error } else { Exit::Done })
    }
}

fn describe(difference: &ReplayDifference) -> Diagnostic {
    let error = |what: String| Diagnostic::error(Code::ReplayDiffers, what);
    match difference {
        ReplayDifference::Step { number, recorded, now } => {
            let line = |step: Option<&TraceStep>, other: Option<&TraceStep>| match (step, other) {
                (None, _) => "nothing more".to_owned(),
                (Some(step), other) => trace::line_beside(step, other.unwrap_or(step)),
            };
            let (recorded, now) = (recorded.as_deref(), now.as_deref());
            error(format!("the plugin differs at step {number}"))
                .fact(format!("recorded  {}", line(recorded, now)))
                .fact(format!("now       {}", line(now, recorded)))
        }
        ReplayDifference::Result { recorded, now } => {
            let lines = |of: &wellhead::authoring::RecordedResult| {
                let mut lines: Vec<String> =
                    of.error.iter().flat_map(|it| it.lines()).map(str::to_owned).collect();
                lines.extend(of.warnings.iter().cloned());
                if lines.is_empty() { vec!["it did its work".to_owned()] } else { lines }
            };
            let one = error("the plugin does the same, and ends otherwise".to_owned());
            let one =
                lines(recorded).iter().fold(one, |one, it| one.fact(format!("recorded  {it}")));
            lines(now).iter().fold(one, |one, it| one.fact(format!("now       {it}")))
        }
        ReplayDifference::Fuel { recorded, now } => {
            error(format!("the same plugin used {now} units of fuel, and {recorded} when recorded"))
                .hint("the host or the machine differs: record the run again")
        }
    }
}

/// A difference whose secrets are hidden.
fn hidden(difference: ReplayDifference) -> ReplayDifference {
    match difference {
        ReplayDifference::Step { number, recorded, now } => ReplayDifference::Step {
            number,
            recorded: recorded.map(|it| masked(&it).into()),
            now: now.map(|it| masked(&it).into()),
        },
        other => other,
    }
}
