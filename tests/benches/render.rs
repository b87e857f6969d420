//! `wellhead render` as a process, its plugins compiled and in the cache: one pipeline beside
//! `helm template` of a chart with the same Service and StatefulSet, a thousand, and ten thousand on one processor and on
//! all.
#![expect(clippy::print_stdout, reason = "a benchmark says what it leaves out")]

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Turn, in_turns, must_succeed, scratch, time, wellhead, wellhead_at};
use wait4::Wait4 as _;
use wellhead_tests::built;
use wellhead_tests::figures::Figures;

/// The path of Helm 4; `cargo xtask bench` sets it.
const HELM: &str = "WELLHEAD_BENCH_HELM";

fn main() {
    // `cargo test --all-targets` runs this, too.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut figures = Figures::new("render");
    cold(&mut figures);
    let folder = pipelines(1000);
    let thousand = "render, 1,000 pipelines in one run, 3 plugins";
    in_turns(&mut figures, vec![turn(thousand, 5, || render(wellhead(), &folder))]);
    fleet(&mut figures);
    figures.finish().expect("the figures can be written");
}

/// Rounds of a fleet.
const ROUNDS: usize = 5;

/// Ten thousand pipelines in one run, in turn on all processors and on one.
fn fleet(figures: &mut Figures) {
    let folder = pipelines(10_000);
    let on_all = || render(wellhead(), &folder);
    let on_one = || {
        let program = on_all();
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program.get_program()).args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    };
    let mut runs = [const { Vec::<Used>::new() }; 2];
    for _ in 0..ROUNDS {
        runs[0].push(used(&mut on_all()));
        runs[1].push(used(&mut on_one()));
    }
    let note = format!("median of {ROUNDS}, in turn with one processor");
    let median = |of: usize, value: fn(&Used) -> f64| {
        let mut values: Vec<f64> = runs[of].iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    let what = "render, 10,000 pipelines in one run, 3 plugins";
    let [all, one] = [0, 1].map(|of| median(of, |it| it.wall.as_secs_f64()));
    figures.add(what, all, "s", &note);
    figures.add(
        what,
        median(0, |it| it.processor.as_secs_f64()),
        "s",
        "processor time, user and system",
    );
    figures.add(what, median(0, |it| it.memory), "MiB", "at most in memory");
    figures.add(&format!("{what}, one processor / all"), one / all, "", "of the medians");
}

/// What a command took.
struct Used {
    wall: Duration,
    processor: Duration,
    /// Mebibytes at most.
    memory: f64,
}

fn used(command: &mut Command) -> Used {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let child = command.spawn().expect("the command starts; `taskset` is part of util-linux");
    let ended = child.wait4().expect("it can be waited for");
    assert!(ended.status.success(), "it failed: {}", ended.status);
    let memory = u32::try_from(ended.rusage.maxrss >> 10).expect("it is less than a petabyte");
    let processor = ended.rusage.utime + ended.rusage.stime;
    Used { wall: begun.elapsed(), processor, memory: f64::from(memory) / 1024.0 }
}

/// A run of a command for one pipeline, which starts with nothing but its cache: all of one command and
/// then all of the other, and in turn, where each finds the caches of the processor full of the other.
fn cold(figures: &mut Figures) {
    let minimal = source("../examples/minimal/pipeline.yaml");
    let wellhead = installed(built::wellhead().as_ref());
    let helm = env::var_os(HELM).map(|it| installed(it.as_ref()));
    if helm.is_none() {
        println!("no comparison with Helm: {HELM} does not name it; `cargo xtask bench` does");
    }
    let render = || render(wellhead_at(&wellhead), &minimal);
    let helm = helm.as_ref().map(|it| || helm_template(it));
    // In so short a time as one of ours the machine is now fast and now slow, so there are more of them.
    let mut turns = vec![row("render, cold, 3 plugins", 200, render)];
    turns.extend(helm.map(|helm| row("helm template", 50, helm)));
    in_turns(figures, turns);
    let mut turns = vec![turn("render, cold, 3 plugins, in turn", 50, render)];
    turns.extend(helm.map(|helm| turn("helm template, in turn", 50, helm)));
    in_turns(figures, turns);
}

/// A copy of a program, as an installation makes it. A linker leaves its file in the system's memory
/// in pieces that take half as long again to start from.
fn installed(program: &Path) -> PathBuf {
    let folder = scratch().join("installed");
    fs::create_dir_all(&folder).expect("the folder can be created");
    let copy = folder.join(program.file_name().expect("a program has a name"));
    fs::copy(program, &copy).expect("the program can be copied");
    copy
}

/// A command that was run once unmeasured.
fn turn<'t>(name: &'t str, rounds: usize, command: impl Fn() -> Command + 't) -> Turn<'t> {
    must_succeed(name, &mut command());
    Turn::new(name, rounds, move |_| time(name, &mut command()))
}

/// The same, with all of its runs before those of the next one.
fn row(name: &str, rounds: usize, command: impl Fn() -> Command) -> Turn<'_> {
    must_succeed(name, &mut command());
    let times: Vec<_> = (0..rounds).map(|_| time(name, &mut command())).collect();
    Turn::new(name, rounds, move |round| times[round])
}

fn render(mut command: Command, pipelines: &Path) -> Command {
    command.args(["render", "--quiet", "-n", "bench", "-f"]).arg(pipelines);
    command.arg("-c").arg(source("benches/render/customization.yaml"));
    command
}

fn helm_template(helm: &Path) -> Command {
    let mut command = Command::new(helm);
    command.args(["template", "bench", "--namespace", "bench"]).arg(source("benches/render/chart"));
    for home in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(home, scratch().join("helm"));
    }
    command
}

/// A folder with a file for each pipeline: the one of `examples/minimal` under other names.
fn pipelines(count: usize) -> PathBuf {
    let minimal = source("../examples/minimal/pipeline.yaml");
    let minimal = fs::read_to_string(minimal).expect("the example can be read");
    let folder = scratch().join(format!("pipelines-{count}"));
    fs::create_dir_all(&folder).expect("the folder can be created");
    for number in 0..count {
        let name = format!("app-{number:05}");
        let text = minimal.replace("my-stateful-app", &name);
        let text = text.replace("headless-service", &format!("{name}-peers"));
        fs::write(folder.join(name).with_extension("yaml"), text).expect("the file can be written");
    }
    folder
}

/// A file or folder of the repository, from the folder of this package.
fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
