//! `wellhead plugin bench`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use wellhead::authoring::{BenchRequest, Benchmark, CaseUsage, Identity, bench};
use wellhead_spec::Quantity;

use super::test::loading;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::table::table;

/// Measure calls of a plugin: time, fuel, memory, edits
///
/// Each call has a fresh instance, from a pool as for many pipelines. Fuel, memory and edits are the same on
/// every machine; times depend on this machine and this build of the command.
#[derive(Debug, Args)]
pub(super) struct Bench {
    /// The component [default: that of the project]
    #[arg(value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// Folder of the test case to run [default: the project's first that succeeds, else a small pipeline and
    /// an empty config]
    #[arg(long, value_name = "DIR")]
    case: Option<PathBuf>,
    /// The project's folder; its plugin.yaml has the budget
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

impl Bench {
    pub(super) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let measured = bench(&BenchRequest {
            folder: self.project.clone(),
            component: self.plugin.clone(),
            case: self.case.clone(),
            loading: loading(context),
        })?;
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginBench", &measured, Vec::new()))?;
        } else {
            context.printer.text(&text(&measured))?;
        }
        Ok(Exit::Done)
    }
}

fn text(measured: &Benchmark) -> String {
    let Identity { name, version, .. } = &measured.plugin;
    let case = measured.case.as_deref().map_or_else(
        || "a small pipeline".to_owned(),
        |case| format!("case {}", wellhead_chain::sanitize(case, 200)),
    );
    let mut text = format!("{name} {version}, {} bytes, on {case}\n", measured.size);
    if let Some(error) = &measured.error {
        let _ = writeln!(text, "each call fails: {error}");
    }
    let _ = writeln!(
        text,
        "\n{} calls: p50 {}, p99 {}\n",
        measured.calls,
        time(measured.p50),
        time(measured.p99)
    );
    let CaseUsage { fuel, memory, edits } = measured.usage;
    let promised = &measured.budget;
    let number = |it: Option<u64>| it.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let bytes = |it: &Quantity| u64::try_from(it.whole()).unwrap_or(u64::MAX);
    let row = |what: &str, used: u64, promised: Option<u64>, limit: u64| {
        [what.to_owned(), used.to_string(), number(promised), limit.to_string()]
    };
    text + &table(
        ["", "USED", "BUDGET", "DEFAULT LIMIT"],
        [
            row("fuel", fuel, promised.fuel, measured.limits.fuel),
            row("memory", memory, promised.memory.as_ref().map(bytes), measured.limits.memory),
            row("edits", edits, promised.edits, measured.limits.edits),
        ],
    )
}

/// Nanoseconds for people.
fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{}.{} µs", nanoseconds / 1_000, nanoseconds / 100 % 10),
        _ => format!("{}.{:02} ms", nanoseconds / 1_000_000, nanoseconds / 10_000 % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_that_fits() {
        for (nanoseconds, shown) in
            [(999, "999 ns"), (11_700, "11.7 µs"), (750_000, "750.0 µs"), (12_345_678, "12.34 ms")]
        {
            assert_eq!(time(nanoseconds), shown);
        }
    }
}
