//! Options of every command.

use std::io;

use clap::{ArgAction, Args, ValueEnum};
use wellhead::Namespace;
use wellhead_chain::sanitize;

use super::compiling::Compiling;
use super::connecting::Connecting;
use super::sourcing::Sourcing;

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Namespace of pipelines that set none; an error for a pipeline that sets another one
    #[arg(short, long, global = true, env = "WELLHEAD_NAMESPACE", value_parser = namespace)]
    #[arg(hide_env_values = true)]
    pub(crate) namespace: Option<Namespace>,
    #[command(flatten)]
    pub(crate) connecting: Connecting,
    /// When to use colours; `auto` respects `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Print only results and errors, no progress and no warnings
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print more: logs and crash backtraces of plugins; twice: debug logs of Wellhead
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(flatten)]
    pub(crate) compiling: Compiling,
    #[command(flatten)]
    pub(crate) sourcing: Sourcing,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Global {
    /// Sends what the host itself logs to standard error. `WELLHEAD_LOG` is a filter like
    /// `wellhead_chain=debug`.
    pub(crate) fn start_logging(&self) {
        use tracing_subscriber::EnvFilter;

        // What libraries log is for those who look for faults in Wellhead, and in no form for others.
        let filter = match self.verbose {
            _ if self.quiet => "off,wellhead=error",
            0 | 1 => "off,wellhead=warn",
            2 => "debug",
            _ => "trace",
        };
        let builder = tracing_subscriber::fmt()
            .with_writer(|| Escaped)
            .without_time()
            .with_target(self.verbose > 0);
        // A logger that is set already, or a filter that is none, is no reason to stop.
        let filter = std::env::var("WELLHEAD_LOG").unwrap_or_else(|_| filter.to_owned());
        let _ = builder.with_env_filter(EnvFilter::new(filter)).try_init();
    }
}

/// Standard error for log lines. What they quote, down to the names in a plugin, may hold anything.
struct Escaped;

impl io::Write for Escaped {
    /// Each event is one write, with one line end.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        /// Most characters of an event.
        const EVENT: usize = 4_000;
        let text = String::from_utf8_lossy(event);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        writeln!(io::stderr(), "{}", sanitize(text, EVENT))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn namespace(text: &str) -> Result<Namespace, String> {
    Namespace::new(text).map_err(|error| error.to_string())
}
