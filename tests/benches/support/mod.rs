//! Times commands in turn.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wellhead_harness::target_dir;
use wellhead_tests::built;
use wellhead_tests::figures::Figures;

/// One contender.
pub(crate) struct Turn<'t> {
    name: &'t str,
    rounds: usize,
    run: Box<dyn Fn(usize) -> Duration + 't>,
    times: Vec<Duration>,
}

impl<'t> Turn<'t> {
    /// Runs in so many rounds; a run gets its number and returns its time.
    pub(crate) fn new(name: &'t str, rounds: usize, run: impl Fn(usize) -> Duration + 't) -> Self {
        Self { name, rounds, run: Box::new(run), times: Vec::new() }
    }

    /// Milliseconds at a tenth of all times, which are sorted.
    fn milliseconds(&self, tenth: usize) -> f64 {
        self.times[(self.times.len() - 1) * tenth / 10].as_secs_f64() * 1e3
    }
}

/// Runs all of them round by round: what else the machine does meets all alike. Adds the median of each, and how the
/// others compare with the first.
pub(crate) fn in_turns(figures: &mut Figures, mut turns: Vec<Turn<'_>>) {
    let rounds = turns.iter().map(|it| it.rounds).max().unwrap_or_default();
    for round in 0..rounds {
        for turn in turns.iter_mut().filter(|it| round < it.rounds) {
            turn.times.push((turn.run)(round));
        }
    }
    for turn in &mut turns {
        turn.times.sort_unstable();
        let (low, high) = (turn.milliseconds(1), turn.milliseconds(9));
        let note =
            format!("median of {}, 10th to 90th percentile {low:.2} to {high:.2}", turn.rounds);
        figures.add(turn.name, turn.milliseconds(5), "ms", &note);
    }
    let [ours, others @ ..] = &turns[..] else { return };
    for other in others {
        let what = format!("{} / {}", other.name, ours.name);
        let ratio = other.milliseconds(5) / ours.milliseconds(5);
        figures.add(&what, ratio, "", "of the medians");
    }
}

/// Time from the start of a command to its end. What it prints goes nowhere.
pub(crate) fn time(name: &str, command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the command starts");
    let time = start.elapsed();
    assert!(status.success(), "{name} failed: {status}");
    time
}

/// Standard output of a command that succeeds.
pub(crate) fn must_succeed(name: &str, command: &mut Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed: {}\n{said}", output.status);
    output.stdout
}

/// The command, with a cache of its own and without the settings of whoever runs this.
pub(crate) fn wellhead() -> Command {
    wellhead_at(&built::wellhead())
}

/// The same for a copy of the command.
pub(crate) fn wellhead_at(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("WELLHEAD_CACHE_DIR", scratch().join("cache"));
    for name in ["WELLHEAD_NAMESPACE", "WELLHEAD_CONTEXT", "WELLHEAD_LOG", "KUBECONFIG"] {
        command.env_remove(name);
    }
    command
}

/// A folder for files that benchmarks write.
pub(crate) fn scratch() -> PathBuf {
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).expect("the folder can be created");
    folder
}
