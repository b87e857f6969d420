//! What the compilation of one plugin may cost.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use wellhead::{CompileLimits, Compiler};
use wellhead_spec::Quantity;

/// Limits of the process that compiles a plugin.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Compilation of plugins")]
pub(crate) struct Compiling {
    /// CPU time limit for compiling a plugin; the wall-clock limit is 60 times as long [default: 10s + 6s per
    /// MiB of the plugin]
    #[arg(long, global = true, value_name = "DURATION", env = "WELLHEAD_COMPILE_CPU")]
    #[arg(value_parser = duration, hide_short_help = true, hide_env_values = true)]
    compile_cpu: Option<Duration>,
    /// Memory limit for compiling a plugin [default: 2Gi]
    #[arg(long, global = true, value_name = "SIZE", env = "WELLHEAD_COMPILE_MEMORY")]
    #[arg(value_parser = bytes, hide_short_help = true, hide_env_values = true)]
    compile_memory: Option<u64>,
}

impl Compiling {
    /// A child process of this program, within these limits.
    pub(crate) fn compiler(&self) -> Compiler {
        let (cpu, memory) = (self.compile_cpu, self.compile_memory);
        let limits = CompileLimits { cpu, memory, ..CompileLimits::default() };
        Compiler::this_program().with_limits(limits)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse().ok().and_then(|it: SignedDuration| Duration::try_from(it).ok());
    // The system counts processor time in seconds.
    let whole = parsed.filter(|it| it.subsec_nanos() == 0 && !it.is_zero());
    whole.ok_or_else(|| "write whole seconds or minutes, such as 90s or 2m".to_owned())
}

fn bytes(text: &str) -> Result<u64, String> {
    let quantity = Quantity::new(text).ok();
    let bytes = quantity.and_then(|it| u64::try_from(it.whole()).ok()).filter(|it| *it > 0);
    bytes.ok_or_else(|| "write a size such as 512Mi or 4Gi".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_and_minutes_are_read() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("2m").unwrap(), Duration::from_mins(2));
        for text in ["", "0s", "500ms", "1.5s", "-5s", "5", "soon"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_kubernetes_writes_them() {
        assert_eq!(bytes("4Gi").unwrap(), 4 << 30);
        for text in ["", "0", "-1Gi", "much", "100000000000E"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
