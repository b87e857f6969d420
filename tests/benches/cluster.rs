//! `wellhead apply` of 100 pipelines to a control plane of its own: the first time, and when there
//! is nothing to do, beside `kubectl apply --server-side` of the same objects.
#![expect(clippy::print_stdout, reason = "a benchmark says what it leaves out")]

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use support::{Contender, in_turn, must_succeed, scratch, time, wellhead};
use wellhead_harness::{ControlPlane, Options, controlplane_binary};
use wellhead_tests::figures::Figures;

const NAMESPACE: &str = "bench";

fn main() {
    // `cargo test --all-targets` runs this, too.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let binary = controlplane_binary().expect("`cargo xtask bench` builds the control plane");
    let control_plane =
        ControlPlane::start(&binary, &Options::temporary()).expect("the control plane starts");
    let kubeconfig = control_plane.kubeconfig();
    create_namespace(kubeconfig);
    let pipelines = pipelines(100);
    let mut figures = Figures::new("cluster");
    first(&mut figures, kubeconfig, &pipelines);
    again(&mut figures, kubeconfig, &pipelines);
    figures.finish().expect("the figures can be written");
}

fn first(figures: &mut Figures, kubeconfig: &Path, pipelines: &Path) {
    let name = "apply, 100 new pipelines, until all is ready";
    let time = time(name, &mut apply(kubeconfig, pipelines));
    figures.add(name, time.as_secs_f64() * 1e3, "ms", "once");
}

fn again(figures: &mut Figures, kubeconfig: &Path, pipelines: &Path) {
    let ours: Contender = ("apply, 100 pipelines as wanted", &|| apply(kubeconfig, pipelines));
    if !is_there("kubectl") {
        println!("no comparison with kubectl: it is not in PATH");
        return in_turn(figures, 7, &[ours]);
    }
    let objects = objects(pipelines);
    let theirs: Contender =
        ("kubectl apply --server-side", &|| kubectl_apply(kubeconfig, &objects));
    in_turn(figures, 7, &[ours, theirs]);
    // Else the two undid each other's work.
    let said = must_succeed(ours.0, &mut apply(kubeconfig, pipelines));
    assert!(said.starts_with(b"No changes"), "{}", String::from_utf8_lossy(&said));
}

fn apply(kubeconfig: &Path, pipelines: &Path) -> Command {
    let mut command = wellhead();
    command.args(["apply", "-n", NAMESPACE, "--timeout", "15m", "--kubeconfig"]).arg(kubeconfig);
    command.arg("-f").arg(pipelines);
    command
}

fn kubectl_apply(kubeconfig: &Path, objects: &Path) -> Command {
    let mut command = Command::new("kubectl");
    command.arg("--kubeconfig").arg(kubeconfig).arg("--cache-dir").arg(scratch().join("kubectl"));
    command.args(["apply", "--server-side", "--field-manager", "wellhead", "-f"]).arg(objects);
    command
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.args(["version", "--client"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A file with the objects that the pipelines render to.
fn objects(pipelines: &Path) -> PathBuf {
    let mut command = wellhead();
    command.args(["render", "--quiet", "-n", NAMESPACE, "-f"]).arg(pipelines);
    let path = scratch().join("objects-100.yaml");
    fs::write(&path, must_succeed("render", &mut command)).expect("the file can be written");
    path
}

/// A file with pipelines of one replica and one claim each.
fn pipelines(count: usize) -> PathBuf {
    let path = scratch().join("pipelines-100.yaml");
    let texts: Vec<String> = (0..count).map(pipeline).collect();
    fs::write(&path, texts.join("---\n")).expect("the file can be written");
    path
}

fn pipeline(number: usize) -> String {
    format!(
        "apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata:
  name: app-{number:03}
spec:
  replicas: 1
  containers:
    - name: nginx
      image: nginx:1.14.2
      ports: [{{containerPort: 80}}]
  claims:
    - name: data
      size: 1Gi
      mountPath: /data
"
    )
}

fn create_namespace(kubeconfig: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig can be read");
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
        let client = kube::Client::try_from(config.expect("the kubeconfig is good"));
        let namespaces: Api<Namespace> = Api::all(client.expect("a client"));
        let metadata = ObjectMeta { name: Some(NAMESPACE.to_owned()), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        let created = namespaces.create(&PostParams::default(), &namespace).await;
        created.expect("the namespace can be created");
    });
}
