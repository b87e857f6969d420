//! What plugins did and logged, as lines for their authors.

use wellhead::{Error, Level};

use super::report::PluginReport;
use super::trace;
use crate::cli::output::printer::Printer;

/// Prints what plugins did, where that was asked for, and what they logged for their authors.
pub(crate) fn print_logs<'o>(reports: impl Iterator<Item = PluginReport<'o>>, printer: &Printer) {
    for PluginReport { pipeline, calls, .. } in reports {
        print_calls(pipeline, calls, printer);
    }
}

/// The same of pipelines that failed.
pub(crate) fn print_logs_of(error: &Error, printer: &Printer) {
    let Error::Plugins(failures) = error else { return };
    for failure in failures {
        let pipeline = failure.pipeline.as_ref().map_or("", |it| it.as_str());
        print_calls(pipeline, &failure.runs, printer);
        // Warnings of a run that succeeds are printed as such.
        for call in &failure.runs {
            for line in call.log.iter().filter(|line| line.level == Level::Warn) {
                printer.detail(&of_call(pipeline, call, &trace::said(line)));
            }
        }
    }
}

fn print_calls(pipeline: &str, calls: &[wellhead_chain::Run], printer: &Printer) {
    for call in calls {
        for line in trace::lines(call) {
            printer.asked(&of_call(pipeline, call, &line));
        }
        for line in call.log.iter().filter(|line| line.level != Level::Warn) {
            printer.detail(&of_call(pipeline, call, &trace::said(line)));
        }
        if call.dropped > 0 {
            let more = format!("{} more messages were dropped", call.dropped);
            printer.detail(&of_call(pipeline, call, &more));
        }
    }
}

/// A line about a call.
fn of_call(pipeline: &str, call: &wellhead_chain::Run, line: &str) -> String {
    format!("{pipeline}: plugin `{}`: {line}", call.plugin)
}
