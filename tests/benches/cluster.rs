//! A hundred pipelines on a control plane of its own: the first apply, an apply and a plan when there is nothing to do,
//! and the rollback of one of them. Each beside its peers in one run (`kubectl`, Helm), and beside a bare client that sends the
//! same requests and does nothing else: that is the server's part.
#![expect(clippy::print_stdout, reason = "a benchmark says what it leaves out")]

#[path = "cluster/bare.rs"]
mod bare;
#[path = "cluster/peers.rs"]
mod peers;
mod support;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bare::Bare;
use peers::Peers;
use support::{Turn, in_turns, must_succeed, time, wellhead};
use wait4::Wait4 as _;
use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_tests::figures::Figures;

const PIPELINES: usize = 100;
/// Of what takes seconds; Helm, which takes a minute, runs in the first round alone.
const FIRST_ROUNDS: usize = 3;
const ROUNDS: usize = 7;

fn main() {
    // `cargo test --all-targets` runs this, too.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let binary = controlplane_binary().expect("`cargo xtask bench` builds the control plane");
    let control_plane =
        ControlPlane::start(&binary, &Options::temporary()).expect("the control plane starts");
    let bench = Bench::new(control_plane.kubeconfig());
    let mut figures = Figures::new("cluster");
    bench.first(&mut figures);
    bench.again(&mut figures);
    bench.plan(&mut figures);
    bench.rollback(&mut figures);
    figures.finish().expect("the figures can be written");
}

struct Bench<'k> {
    kubeconfig: &'k Path,
    bare: Bare,
    peers: Peers,
}

impl<'k> Bench<'k> {
    fn new(kubeconfig: &'k Path) -> Self {
        let peers = Peers::find(kubeconfig, PIPELINES);
        for (name, there) in [("kubectl", peers.has_kubectl()), ("Helm", peers.has_helm())] {
            if !there {
                println!(
                    "no comparison with {name}: it is not there; `cargo xtask bench` builds Helm"
                );
            }
        }
        Self { kubeconfig, bare: Bare::new(kubeconfig), peers }
    }

    /// A command on all pipelines, in a namespace.
    fn ours(&self, arguments: &[&str], namespace: &str) -> Command {
        let mut command = self.ours_in(arguments, namespace);
        command.arg("-f").arg(self.peers.pipelines());
        command
    }

    fn ours_in(&self, arguments: &[&str], namespace: &str) -> Command {
        let mut command = wellhead();
        command.args(arguments).args(["-n", namespace, "--kubeconfig"]).arg(self.kubeconfig);
        command
    }

    /// Every contender in namespaces of its own, which are new. Pods start in between.
    fn first(&self, figures: &mut Figures) {
        let in_new = |who: &str, run: &dyn Fn(&str) -> Duration, round: usize| {
            let namespace = namespace(who, round);
            self.bare.create_namespace(&namespace);
            let time = run(&namespace);
            self.bare.settle(&namespace, PIPELINES);
            time
        };
        let what = "first apply, 100 pipelines";
        let ours = |namespace: &str| time(what, &mut self.ours(APPLY, namespace));
        let mut turns = vec![Turn::new(what, FIRST_ROUNDS, |round| in_new("ours", &ours, round))];
        let bare = |namespace: &str| self.bare.first_apply(&self.peers.objects(namespace));
        turns.push(Turn::new("the same requests, bare", FIRST_ROUNDS, |round| {
            in_new("bare", &bare, round)
        }));
        let kubectl =
            |namespace: &str| time("kubectl", &mut self.peers.kubectl("apply", namespace));
        if self.peers.has_kubectl() {
            let run = |round| in_new("kubectl", &kubectl, round);
            turns.push(Turn::new("kubectl apply --server-side", FIRST_ROUNDS, run));
        }
        let helm = |namespace: &str| time("helm", &mut self.peers.helm_upgrade(namespace));
        if self.peers.has_helm() {
            turns.push(Turn::new("helm upgrade --install, one by one", 1, |round| {
                in_new("helm", &helm, round)
            }));
        }
        in_turns(figures, turns);
    }

    /// Nothing to do.
    fn again(&self, figures: &mut Figures) {
        let what = "apply, 100 pipelines as wanted";
        let of = |who: &str| namespace(who, 0);
        // The first run after pods became ready may read more.
        let said = must_succeed(what, &mut self.ours(APPLY, &of("ours")));
        assert!(said.starts_with(b"No changes"), "{}", String::from_utf8_lossy(&said));
        let ours = |_| time(what, &mut self.ours(APPLY, &of("ours")));
        let mut turns = vec![Turn::new(what, ROUNDS, ours)];
        turns.push(Turn::new("the same reads, bare", ROUNDS, |_| self.bare.lists(&of("ours"))));
        if self.peers.has_kubectl() {
            let run = |_| time("kubectl", &mut self.peers.kubectl("apply", &of("kubectl")));
            turns.push(Turn::new("kubectl apply --server-side, as wanted", ROUNDS, run));
        }
        if self.peers.has_helm() {
            let run = |_| time("helm", &mut self.peers.helm_upgrade(&of("helm")));
            turns.push(Turn::new("helm upgrade --install, as wanted", 1, run));
        }
        in_turns(figures, turns);
        self.processors(figures);
    }

    /// What the clients themselves cost when there is nothing to do.
    fn processors(&self, figures: &mut Figures) {
        let mut add = |what: &str, command: &mut Command| {
            let used = cpu(what, command).as_secs_f64() * 1e3;
            figures.add(what, used, "ms", "once, user and system");
        };
        add("CPU of apply as wanted", &mut self.ours(APPLY, &namespace("ours", 0)));
        if self.peers.has_kubectl() {
            let mut command = self.peers.kubectl("apply", &namespace("kubectl", 0));
            add("CPU of kubectl apply as wanted", &mut command);
        }
    }

    fn plan(&self, figures: &mut Figures) {
        let what = "plan, 100 pipelines as wanted";
        let ours = |_| time(what, &mut self.ours(&["plan", "--quiet"], &namespace("ours", 0)));
        let mut turns = vec![Turn::new(what, ROUNDS, ours)];
        if self.peers.has_kubectl() {
            let run =
                |_| time("kubectl", &mut self.peers.kubectl("diff", &namespace("kubectl", 0)));
            turns.push(Turn::new("kubectl diff --server-side", ROUNDS, run));
        }
        in_turns(figures, turns);
    }

    /// One pipeline with another image, and then to and fro between the two revisions. Pods restart in between.
    fn rollback(&self, figures: &mut Figures) {
        let of = |who: &str| namespace(who, 0);
        let what = "rollback of one pipeline";
        let mut change = self.ours_in(APPLY, &of("ours"));
        must_succeed(what, change.arg("-f").arg(peers::changed()));
        let back = ["rollback", peers::FIRST, "--yes", "--wait=false", "--quiet"];
        let settled = |who: &str, command: &mut Command| {
            self.bare.rolled_out(&of(who), peers::FIRST);
            time(what, command)
        };
        let ours = |_| settled("ours", &mut self.ours_in(&back, &of("ours")));
        let mut turns = vec![Turn::new(what, ROUNDS, ours)];
        if self.peers.has_kubectl() {
            must_succeed("kubectl", &mut self.peers.kubectl_change(&of("kubectl")));
            let run = |_| settled("kubectl", &mut self.peers.kubectl_undo(&of("kubectl")));
            turns.push(Turn::new("kubectl rollout undo", ROUNDS, run));
        }
        if self.peers.has_helm() {
            must_succeed("helm", &mut self.peers.helm_change(&of("helm")));
            let run = |_| settled("helm", &mut self.peers.helm_rollback(&of("helm")));
            turns.push(Turn::new("helm rollback", ROUNDS, run));
        }
        in_turns(figures, turns);
    }
}

const APPLY: &[&str] = &["apply", "--yes", "--wait=false", "--quiet"];

fn namespace(who: &str, round: usize) -> String {
    format!("bench-{who}-{round}")
}

/// Processor time of a command that succeeds, its own and the system's for it.
fn cpu(name: &str, command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("the command starts");
    let ended = child.wait4().expect("it can be waited for");
    assert!(ended.status.success(), "{name} failed: {}", ended.status);
    ended.rusage.utime + ended.rusage.stime
}
