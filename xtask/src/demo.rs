//! `cargo xtask demo`: the seed workload through the whole flow, on a real control plane.
//!
//! Each step runs the real command and checks what it did; the first that does not hold ends the
//! demo with an error.

mod storage;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use wellhead_harness::{Control, ControlPlane, Options, start_detached, target_dir};

use crate::report::report;
use crate::{cargo, cluster, guests};

/// Namespace of the demo; every cluster has it.
const NAMESPACE: &str = "default";
/// The pipeline.
const PIPELINE: &str = "my-stateful-app";
const PIPELINE_FILE: &str = "examples/minimal/pipeline.yaml";
const CUSTOMIZATION_FILE: &str = "examples/minimal/customizations/production.yaml";
/// Replicas that the customization asks for.
const REPLICAS: usize = 5;

/// What happens at the end.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leaves the control plane running, and prints its kubeconfig.
    #[arg(long)]
    keep: bool,
}

/// Runs the demo.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    heading("Build the plugins, the command and the control plane");
    guests::run()?;
    cargo::run(cargo::BUILD_COMMAND, &[])?;
    let binary = cluster::build().map_err(|error| report(&error, error.hint()))?;

    heading("Start the control plane: etcd, API server, controllers, scheduler, CSI, three nodes");
    let started = |error: wellhead_harness::Error| report(&error, error.hint());
    if args.keep {
        let dir = target_dir().join("cluster").join("demo");
        let control =
            start_detached(&binary, &Options::in_dir(&dir).with_csi()).map_err(started)?;
        // Whatever happens, the person asked for the cluster to stay.
        let result = Demo::new(&control.kubeconfig()).run(&control);
        println!("\nThe control plane keeps running:");
        println!("  export KUBECONFIG={}", control.kubeconfig().display());
        println!("  cargo xtask cluster down --name demo");
        result?;
    } else {
        let options = Options::temporary().with_csi();
        let control_plane = ControlPlane::start(&binary, &options).map_err(started)?;
        Demo::new(control_plane.kubeconfig()).run(&control_plane)?;
    }
    next_commands();
    Ok(())
}

/// The command against one cluster.
struct Demo {
    command: PathBuf,
    kubeconfig: PathBuf,
}

impl Demo {
    fn new(kubeconfig: &Path) -> Self {
        Self { command: command(), kubeconfig: kubeconfig.to_owned() }
    }

    fn run(&self, control: &Control) -> Result<(), String> {
        let input = ["-f", PIPELINE_FILE, "-c", CUSTOMIZATION_FILE, "-n", NAMESPACE];
        let with = |command: &[&'static str]| [command, &input].concat();

        heading("Render: the pipeline, changed by three plugins, as objects");
        self.show(&with(&["render"]))?;

        heading("Apply, and wait until every replica is ready and every claim bound");
        self.show(&with(&["apply", "--yes"]))?;
        let status = self.json(&["status", PIPELINE, "-n", NAMESPACE])?;
        let workload = &status["pipelines"][0]["statefulSet"];
        for (field, what) in [("ready", "replicas are ready"), ("claimsBound", "claims are bound")]
        {
            expect(workload[field] == REPLICAS, || {
                format!("{} {what}, not {REPLICAS}", workload[field])
            })?;
        }

        heading("Status");
        self.show(&["status", PIPELINE, "-n", NAMESPACE])?;

        heading("Explain: who set the fields that differ from the pipeline's file");
        self.show(&with(&["explain", "--changed"]))?;

        heading("Apply again: nothing is written");
        let again = self.json(&with(&["apply", "--quiet"]))?;
        let summary = &again["summary"];
        println!("{summary}");
        let written = [&summary["created"], &summary["updated"]];
        expect(written.iter().all(|count| **count == 0), || "the second apply wrote".to_owned())?;

        heading("Delete: the workload goes, the claims stay");
        let deleted = self.json(&["delete", PIPELINE, "-n", NAMESPACE, "--yes"])?;
        let kept = deleted["pipelines"][0]["kept"].as_array().map_or(0, Vec::len);
        println!("{kept} claims kept, with their data");
        expect(kept == REPLICAS, || format!("{kept} claims were kept, not {REPLICAS}"))?;
        self.show(&["status", PIPELINE, "-n", NAMESPACE])?;
        self.storage(&control.storage())
    }

    /// Runs a command whose output the person sees.
    fn show(&self, arguments: &[&str]) -> Result<(), String> {
        let status = self
            .invocation(arguments)
            .status()
            .map_err(|error| format!("{} did not start: {error}", self.command.display()))?;
        expect(status.success(), || format!("`wellhead {}` failed: {status}", arguments.join(" ")))
    }

    /// Runs a command whose result is checked.
    fn json(&self, arguments: &[&str]) -> Result<Value, String> {
        let arguments = [arguments, &["-o", "json"]].concat();
        let output = self
            .invocation(&arguments)
            .stdout(Stdio::piped())
            .output()
            .map_err(|error| format!("{} did not start: {error}", self.command.display()))?;
        let failed = || {
            let words = String::from_utf8_lossy(&output.stderr);
            format!("`wellhead {}` failed: {}\n{words}", arguments.join(" "), output.status)
        };
        expect(output.status.success(), failed)?;
        serde_json::from_slice(&output.stdout).map_err(|error| format!("no JSON: {error}"))
    }

    fn invocation(&self, arguments: &[&str]) -> Command {
        println!("$ wellhead {}", arguments.join(" "));
        let mut command = Command::new(&self.command);
        command
            .args(arguments)
            .current_dir(guests::repository())
            .env("KUBECONFIG", &self.kubeconfig)
            .env("WELLHEAD_CACHE_DIR", target_dir().join("demo-cache"));
        command
    }
}

/// The built command.
fn command() -> PathBuf {
    target_dir().join("debug/wellhead")
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn heading(text: &str) {
    println!("\n==> {text}\n");
}

fn next_commands() {
    println!("\nEvery step held. To go on:");
    let (wellhead, repository) = (command(), guests::repository());
    // As it is typed in the repository's folder.
    let wellhead = wellhead.strip_prefix(repository).unwrap_or(&wellhead).display();
    for (command, what) in [
        ("cargo xtask demo --keep", "the same, and the cluster stays"),
        (&*format!("{wellhead} explain WH0126"), "what a warning means"),
        (
            &*format!("{wellhead} plugin inspect target/guests/replicas.wasm"),
            "what a plugin asks for",
        ),
        ("cargo xtask test", "every test"),
    ] {
        println!("  {command:<70} {what}");
    }
    println!("README.md has a five-minute tour; plugins/README.md says how to write a plugin.");
}
