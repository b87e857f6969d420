//! Times commands in turn.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wellhead_harness::target_dir;
use wellhead_tests::built;
use wellhead_tests::figures::Figures;

/// A name, and what makes one run of a command.
pub(crate) type Contender<'c> = (&'c str, &'c dyn Fn() -> Command);

/// Runs every command once unmeasured, then all of them in turn: what else the machine does meets
/// all alike. Adds the median of each, and how the first compares with every other.
pub(crate) fn in_turn(figures: &mut Figures, rounds: usize, contenders: &[Contender]) {
    for (name, command) in contenders {
        must_succeed(name, &mut command());
    }
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for _ in 0..rounds {
        for ((name, command), times) in contenders.iter().zip(&mut times) {
            times.push(time(name, &mut command()));
        }
    }
    let mut medians = Vec::new();
    for ((name, _), times) in contenders.iter().zip(&mut times) {
        times.sort_unstable();
        let milliseconds = |tenth: usize| times[(rounds - 1) * tenth / 10].as_secs_f64() * 1e3;
        let (low, high) = (milliseconds(1), milliseconds(9));
        let note = format!("median of {rounds}, 10th to 90th percentile {low:.2} to {high:.2}");
        figures.add(name, milliseconds(5), "ms", &note);
        medians.push((name, milliseconds(5)));
    }
    let (ours, median) = medians[0];
    for (theirs, other) in &medians[1..] {
        figures.add(&format!("{ours} / {theirs}"), median / other, "", "of the medians");
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
    let mut command = Command::new(built::wellhead());
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
