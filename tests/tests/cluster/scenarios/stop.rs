//! Signals.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{APPLY, Said, run};
use crate::plan_cli::Cli;

/// An apply that waits for pods that never become ready.
struct Waiting {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Waiting {
    fn start(cli: &Cli) -> Self {
        cli.change("postgres:17", "acme/db:unready");
        let arguments = [APPLY, &["-f", "db.yaml", "-n", &cli.env.namespace]].concat();
        let mut command = cli.command(&arguments);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the command can be started");
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut waiting = Self { child, err, said: String::new() };
        while !waiting.said.contains("0/2 ready") {
            let read = waiting.err.read_line(&mut waiting.said).expect("text");
            assert_ne!(read, 0, "it waits: {}", waiting.said);
        }
        waiting
    }

    fn end(mut self, signal: Signal) -> Said {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it runs");
        self.err.read_to_string(&mut self.said).expect("text");
        let status = self.child.wait().expect("it ends");
        Said { code: status.code(), out: String::new(), err: self.said }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_wait_says_that_the_change_stays_and_how_to_go_on() {
    let cli = Cli::new("row-stop").await;
    let said = Waiting::start(&cli).end(Signal::INT);
    let go_on = format!("help: go on: wellhead apply --yes -f db.yaml -n {}", cli.env.namespace);
    said.ends(130, &["what was written stays", &go_on]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_wait_says_the_same() {
    let cli = Cli::new("row-term").await;
    let said = Waiting::start(&cli).end(Signal::TERM);
    said.ends(143, &["what was written stays", "help: go on: wellhead apply --yes"]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_same_command_goes_on_without_a_flag() {
    let cli = Cli::new("row-kill").await;
    let said = Waiting::start(&cli).end(Signal::KILL);
    assert_eq!(said.code, None, "it had no time to say anything");
    run(&cli, &["apply", "--yes", "--wait=false"]).ends(0, &[]).prints(&["No changes. 4 objects"]);
    cli.env.finish().await;
}
