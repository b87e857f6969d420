//! Long lists: what a command costs grows with their items and no faster, and a signal ends what computes.

use std::fs::read_to_string;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use wait4::Wait4 as _;

use crate::import::{Maker, make};
use crate::plan_cli::Cli;

const FEW: usize = 500;
const MANY: usize = 2_000;
/// Four times the items cost about four times the processor time; quadratic cost would be sixteen times. What does not
/// grow, and noise, stays below the double.
const MOST: f64 = 8.0;
/// Of a busy machine the least of so many runs counts.
const RUNS: usize = 2;

/// A pipeline without pods, whose container has so many variables.
fn pipeline(name: &str, variables: usize, value: &str) -> String {
    let variable = |at: usize| json!({"name": format!("V{at}"), "value": format!("{value}{at}")});
    let env: Value = (0..variables).map(variable).collect();
    let containers = json!([{"name": "main", "image": "nginx:1.27", "env": env}]);
    let pipeline = json!({"apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline",
        "metadata": {"name": name}, "spec": {"replicas": 0, "containers": containers}});
    format!("{pipeline:#}")
}

/// Processor time of a command, in seconds. Its exit code is one of `codes`.
fn processor_time(mut command: Command, codes: &[i32]) -> f64 {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let ended = child.expect("the command can be started").wait4().expect("it is our child");
    let code = ended.status.code();
    assert!(code.is_some_and(|it| codes.contains(&it)), "{command:?}: {code:?}");
    (ended.rusage.utime + ended.rusage.stime).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
async fn four_times_the_variables_cost_about_four_times_the_processor_time() {
    let cli = Cli::new("linear").await;
    let namespace = cli.env.namespace.clone();
    for variables in [FEW, MANY] {
        let name = format!("p{variables}");
        std::fs::write(cli.folder.path().join(&name), pipeline(&name, variables, "a"))
            .expect("a file");
        let other = cli.folder.path().join(format!("{name}-other"));
        std::fs::write(other, pipeline(&name, variables, "b")).expect("a file");
        let applied = cli.bare(&["apply", "--yes", "-f", &name, "-n", &namespace]);
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        // Somebody else sets all variables to something else.
        let rendered =
            cli.bare(&["render", "-o", "json", "-f", &format!("{name}-other"), "-n", &namespace]);
        let list: Value = serde_json::from_slice(&rendered.stdout).expect("a list");
        for object in list["items"].as_array().expect("items") {
            make(&cli.env, Maker::Helm, object).await;
        }
    }
    let commands: [(&str, &[&str], &str, &[i32]); 6] = [
        ("explain", &["-f"], "", &[0]),
        ("plan", &["-f"], "", &[4]),
        ("plan", &["--take", "containers", "-f"], "", &[0]),
        ("plan", &["-f"], "-other", &[0]),
        ("apply", &["--yes", "-f"], "", &[4]),
        ("drift", &["-f"], "", &[0]),
    ];
    for (word, arguments, file, codes) in commands {
        let [few, many] = [FEW, MANY].map(|variables| {
            let file = format!("p{variables}{file}");
            let words = [&[word], arguments, &[&file, "-n", &namespace]].concat();
            let times = (0..RUNS).map(|_| processor_time(cli.command(&words), codes));
            times.fold(f64::INFINITY, f64::min)
        });
        assert!(many < few * MOST, "{word} {arguments:?}: {few} s for {FEW}, {many} s for {MANY}");
    }
    cli.env.finish().await;
}

/// Whether a process catches SIGTERM, so that it does not end by it at once.
fn catches(child: &Child) -> bool {
    let status = read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask");
    let mask = u64::from_str_radix(caught.trim(), 16).expect("hexadecimal digits");
    mask >> (Signal::TERM.as_raw() - 1) & 1 == 1
}

/// Hundredths of seconds of processor time that a process used so far.
fn ticks(child: &Child) -> u64 {
    let stat = read_to_string(format!("/proc/{}/stat", child.id())).expect("it runs");
    // The name of the program, in brackets, may have blanks.
    let rest = stat.rsplit_once(')').expect("the name").1;
    let field = |at: usize| rest.split_whitespace().nth(at).and_then(|it| it.parse::<u64>().ok());
    field(11).zip(field(12)).map(|(user, system)| user + system).expect("its times")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_ends_a_plan_that_computes() {
    /// Seconds of processor time after the signal: five on the clock, and what other threads do. All of the plan takes
    /// more than twice as many.
    const MOST: f64 = 8.0;
    let cli = Cli::new("computes").await;
    let folder = cli.folder.path().join("many");
    std::fs::create_dir(&folder).expect("a folder");
    for number in 0..12 {
        let name = format!("p{number}");
        let file = folder.join(format!("{name}.yaml"));
        std::fs::write(file, pipeline(&name, 8_000, "a")).expect("a file");
    }
    let mut command = cli.command(&["plan", "-f", "many", "-n", &cli.env.namespace]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("the command can be started");
    let mut listens = None;
    while listens.is_none_or(|since| ticks(&child) < since + 100) {
        if listens.is_none() && catches(&child) {
            listens = Some(ticks(&child));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = ticks(&child);
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it runs");
    let ended = child.wait4().expect("it is our child");
    assert_eq!(ended.status.code(), Some(143));
    let used = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
    let after = used - f64::from(u32::try_from(before).expect("a small number")) / 100.0;
    assert!(after < MOST, "{after} s");
    cli.env.finish().await;
}
