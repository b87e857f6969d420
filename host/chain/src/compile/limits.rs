//! What the compilation of one plugin may cost.

use std::time::Duration;

use crate::limits::budget::of_processor_time;

/// Processor time of any plugin. Those that are smaller than 1 MiB take less than 1 s, 3 s on a machine
/// that others use, too.
const CPU: Duration = Duration::from_secs(10);
/// Processor time for each MiB of a plugin. What toolchains make (Rust, C, Go, JavaScript with 17 MB,
/// Python with 18.5 MB) takes 0.8 to 1.1 s for each, and up to 2.3 s on a machine that others use, too:
/// more than twice that.
const CPU_PER_MIB: Duration = Duration::from_secs(6);
/// Time on the clock, in times of the processor time. It ends a child that hangs, and nothing else: with
/// two busy processors, 0.6 s of processor time once took 40 s.
const PATIENCE: u32 = 60;
/// Bytes of address space. Python, which needs the most, fits into 1 GiB.
const MEMORY: u64 = 2 << 30;
/// Bytes of machine code. JavaScript, which has the most, comes to 79 MB.
const ARTEFACT: u64 = 256 << 20;

/// Processor time of checking a config against its schema. What honest schemas take is a part of a
/// millisecond, and most of it is the start of the child.
const CONFIG_CPU: Duration = Duration::from_secs(2);
/// Processor time of finding the source lines of a crash. A component in Rust with all of its debug
/// information takes less than 1 s.
const LINES_CPU: Duration = Duration::from_secs(10);
/// Bytes of address space of these two.
const SMALL_MEMORY: u64 = 1 << 30;

/// What the compilation of one plugin may cost, where it differs from the defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompileLimits {
    /// Time of a processor, in whole seconds; left out: 10 s, and 6 s for each MiB of the plugin.
    pub cpu: Option<Duration>,
    /// Time on the clock; left out: 60 times the processor time.
    pub wall: Option<Duration>,
    /// Bytes of address space; left out: 2 GiB.
    pub memory: Option<u64>,
    /// Bytes of machine code; left out: 256 MiB.
    pub artefact: Option<u64>,
}

/// A limit of [`CompileLimits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileLimit {
    /// Seconds of a processor.
    Cpu,
    /// Bytes of address space.
    Memory,
    /// Bytes of machine code.
    Artefact,
}

/// What the compilation of a certain plugin may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Whole seconds: what the system counts.
    pub(super) cpu: u64,
    pub(super) wall: Duration,
    pub(super) memory: u64,
    pub(super) artefact: u64,
}

impl CompileLimits {
    /// For a plugin of so many bytes.
    pub(super) fn of(&self, bytes: usize) -> Allowance {
        let mib = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        let cpu = self.cpu.unwrap_or_else(|| CPU.saturating_add(CPU_PER_MIB.saturating_mul(mib)));
        Allowance {
            cpu: cpu.as_secs().max(1),
            wall: self.wall.unwrap_or_else(|| cpu.saturating_mul(PATIENCE)),
            memory: self.memory.unwrap_or(MEMORY),
            artefact: self.artefact.unwrap_or(ARTEFACT),
        }
    }
}

impl CompileLimits {
    /// For a config and its schema.
    pub(super) fn of_config(&self) -> Allowance {
        self.small(CONFIG_CPU)
    }

    /// For the source lines of a crash.
    pub(super) fn of_lines(&self) -> Allowance {
        self.small(LINES_CPU)
    }

    /// For work that makes no machine code.
    fn small(&self, cpu: Duration) -> Allowance {
        let limits = Self {
            cpu: Some(self.cpu.unwrap_or(cpu)),
            memory: Some(self.memory.unwrap_or(SMALL_MEMORY)),
            artefact: Some(0),
            ..*self
        };
        limits.of(0)
    }
}

impl Allowance {
    /// The value of a limit, in its unit.
    pub(super) fn value(&self, limit: CompileLimit) -> u64 {
        match limit {
            CompileLimit::Cpu => self.cpu,
            CompileLimit::Memory => self.memory,
            CompileLimit::Artefact => self.artefact,
        }
    }
}

impl CompileLimit {
    /// The limit in words, with its value and the processor time that was used.
    pub fn describe(self, value: u64, processor: Duration) -> String {
        match self {
            Self::Cpu => of_processor_time(processor, Duration::from_secs(value)),
            Self::Memory => format!("it may take {value} bytes of memory"),
            Self::Artefact => format!("it may have {value} bytes of machine code"),
        }
    }

    /// What an operator may do.
    pub(crate) fn hints(self) -> Vec<String> {
        let option = match self {
            Self::Cpu => "`--compile-cpu`",
            Self::Memory => "`--compile-memory`",
            Self::Artefact => return Vec::new(),
        };
        vec![format!("an operator who trusts the plugin may raise {option}")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_plugins_are_given_more_time() {
        let limits = CompileLimits::default();
        assert_eq!(limits.of(100).cpu, 10);
        assert_eq!(limits.of(17 << 20).cpu, 10 + 17 * 6);
        assert_eq!(limits.of(17 << 20).wall, Duration::from_mins(10 + 17 * 6));
        assert_eq!(limits.of(100).memory, limits.of(17 << 20).memory);
    }

    #[test]
    fn what_the_operator_says_holds_for_every_plugin() {
        let limits =
            CompileLimits { cpu: Some(Duration::from_secs(5)), ..CompileLimits::default() };
        assert_eq!(limits.of(100), limits.of(17 << 20));
        assert_eq!(limits.of(100).cpu, 5);
    }

    #[test]
    fn there_is_always_a_second() {
        let limits = CompileLimits { cpu: Some(Duration::ZERO), ..CompileLimits::default() };
        assert_eq!(limits.of(100).cpu, 1);
    }
}
