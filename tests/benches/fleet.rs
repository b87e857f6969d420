//! Fleets of small pipelines on a control plane of its own: the first apply, one that finds nothing to do, and the
//! deletion, by the number of pipelines. What must stay the same for each of them: requests and processor time.
//!
//! `WELLHEAD_FLEET=100,400` takes other numbers.

#[expect(dead_code, reason = "other benchmarks use the rest")]
mod support;

use std::env;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use support::{scratch, wellhead};
use wait4::Wait4 as _;
use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_tests::figures::Figures;

/// Pipelines of the fleets.
const NUMBERS: &str = "100,400,1000,5000";

fn main() {
    // `cargo test --all-targets` runs this, too.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let binary = controlplane_binary().expect("`cargo xtask bench` builds the control plane");
    let control_plane =
        ControlPlane::start(&binary, &Options::temporary()).expect("the control plane starts");
    let mut figures = Figures::new("fleet");
    let numbers = env::var("WELLHEAD_FLEET").unwrap_or_else(|_| NUMBERS.to_owned());
    for number in numbers.split(',') {
        let number = number.parse().expect("it is a number of pipelines");
        fleet(number, control_plane.kubeconfig(), &mut figures);
    }
    figures.finish().expect("the figures can be written");
}

/// Applies a fleet twice, and deletes it.
fn fleet(number: u32, kubeconfig: &Path, figures: &mut Figures) {
    let namespace = format!("fleet-{number}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let client = runtime.block_on(client(kubeconfig));
    runtime.block_on(create_namespace(&namespace, &client));
    let file = scratch().join(format!("{namespace}.yaml"));
    std::fs::write(&file, pipelines(number)).expect("the file can be written");
    for what in ["first apply", "apply as wanted"] {
        let mut command = wellhead();
        command.args(["apply", "--yes", "--wait=false", "--quiet", "-o", "json", "-n", &namespace]);
        command.arg("--kubeconfig").arg(kubeconfig).arg("-f").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        measure(&format!("{what}, {number} pipelines"), number, &mut command, figures);
        runtime.block_on(settle(&namespace, &client));
    }
    let mut command = wellhead();
    command.args(["delete", "--yes", "--quiet", "-o", "json", "-n", &namespace]);
    command.arg("--kubeconfig").arg(kubeconfig).arg("-f").arg(&file);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    measure(&format!("delete, {number} pipelines"), number, &mut command, figures);
}

fn measure(what: &str, number: u32, command: &mut Command, figures: &mut Figures) {
    let begun = Instant::now();
    let mut child = command.spawn().expect("the command starts");
    let stdout = child.stdout.take().expect("it is piped");
    let result: Value = serde_json::from_reader(stdout).expect("the result is JSON");
    let ended = child.wait4().expect("it can be waited for");
    assert!(ended.status.success(), "{what} failed: {}", ended.status);
    let wall = begun.elapsed().as_secs_f64();
    let used = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
    let requests = result["requests"].as_f64().unwrap_or_default();
    let memory = u32::try_from(ended.rusage.maxrss >> 20).expect("it is less than a petabyte");
    let mut add = |unit: &str, figure: f64, note: &str| figures.add(what, figure, unit, note);
    add("s", wall, "once, the control plane shares the processors");
    add("ms", used * 1e3 / f64::from(number), "processor time of each, user and system");
    if requests > 0.0 {
        add("", requests / f64::from(number), "requests for each");
    }
    add("MiB", memory.into(), "at most in memory");
}

/// A plain client.
async fn client(kubeconfig: &Path) -> kube::Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig can be read");
    let options = KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
    kube::Client::try_from(config.expect("the kubeconfig is good")).expect("a client")
}

async fn create_namespace(name: &str, client: &kube::Client) {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    let created = namespaces.create(&PostParams::default(), &namespace).await;
    created.expect("the namespace can be created");
}

/// Waits until the controller has seen every StatefulSet: until then it takes a part of the processors and of the server.
async fn settle(namespace: &str, client: &kube::Client) {
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
    let is_seen = |it: &StatefulSet| {
        let seen = it.status.as_ref().and_then(|status| status.observed_generation);
        seen == it.metadata.generation
    };
    while !sets.list(&ListParams::default()).await.expect("a list").iter().all(is_seen) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Pipelines without pods.
fn pipelines(number: u32) -> String {
    (0..number).fold(String::new(), |mut text, at| {
        let _ = write!(
            text,
            "---\napiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {{name: p{at}}}\nspec:\n  \
             replicas: 0\n  containers: [{{name: main, image: 'nginx:1.14.2'}}]\n  \
             claims: [{{name: data, size: 1Gi, mountPath: /data}}]\n"
        );
        text
    })
}
