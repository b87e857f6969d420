//! What each case has for itself: a namespace, a folder, a proxy, and the command.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Service};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;
use wellhead_harness::{
    ControlPlane, Exchange, Options, Proxy, SharedControlPlane, controlplane_binary,
    fresh_namespace,
};

use crate::spec::Spec;
use crate::state::{AUTOSCALER, NOTE, PERSON, State};

/// Seconds that a lock lives: short, so that a case that waits for its end is short.
const LEASE: (&str, &str) = ("WELLHEAD_LEASE_SECONDS", "2");

/// So long that it is not renewed, which would be a request more or less.
const LONG_LEASE: &str = "30";

/// Runs a future to its end.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().expect("a runtime starts")
    });
    runtime.block_on(future)
}

/// A control plane that a case may break.
pub(crate) fn own_control_plane(change: impl FnOnce(Options) -> Options) -> ControlPlane {
    let binary = controlplane_binary().expect("it is built");
    ControlPlane::start(&binary, &change(Options::temporary())).expect("it starts")
}

/// Polls until something is there.
pub(crate) fn await_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    // Bounds a test that fails; no condition takes a tenth of it.
    for _ in 0..1_200 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("never: {what}")
}

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether it died of a signal, as by the crash hook.
    pub(crate) fn crashed(&self) -> bool {
        self.status.signal().is_some()
    }

    /// Holds the exit code to one.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Holds what it said to these words, whatever the line breaks.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let said = format!("{}\n{}", self.stdout, self.stderr);
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "no word of `{word}` in:\n{said}");
        }
        self
    }
}

/// A command that runs. It ends with its owner.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.0.as_ref().expect("it is not finished").id()
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Ran {
        let child = self.0.take().expect("it is not finished");
        Ran::of(&child.wait_with_output().expect("it can be waited for"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A namespace with a stranger in it, a folder with a pipeline, and a proxy between the command and the server.
pub(crate) struct Case {
    pub(crate) proxy: Proxy,
    pub(crate) namespace: String,
    pub(crate) client: kube::Client,
    pub(crate) folder: tempfile::TempDir,
    resizer: OnceLock<Resizer>,
}

/// Plays the storage driver of a namespace: volumes become as large as their claims ask. It ends with its owner.
struct Resizer(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Resizer {
    fn start(claims: Api<PersistentVolumeClaim>) -> Self {
        let over = std::sync::Arc::<std::sync::atomic::AtomicBool>::default();
        let ended = std::sync::Arc::clone(&over);
        std::thread::spawn(move || {
            while !ended.load(std::sync::atomic::Ordering::SeqCst) {
                // Whatever goes wrong is tried again.
                let _ = block_on(grow(&claims));
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        });
        Self(over)
    }
}

impl Drop for Resizer {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

async fn grow(claims: &Api<PersistentVolumeClaim>) -> Result<(), kube::Error> {
    for claim in claims.list(&ListParams::default()).await? {
        let claim = serde_json::to_value(claim).expect("it is JSON");
        let wanted = &claim["spec"]["resources"]["requests"]["storage"];
        let has = &claim["status"]["capacity"]["storage"];
        if has.is_string() && has != wanted {
            let patch = Patch::Merge(json!({"status": {"capacity": {"storage": wanted}}}));
            let name = claim["metadata"]["name"].as_str().unwrap_or_default();
            claims.patch_status(name, &PatchParams::default(), &patch).await?;
        }
    }
    Ok(())
}

impl Case {
    /// On the control plane that all cases share.
    pub(crate) fn new(name: &str) -> Self {
        Self::on(SharedControlPlane::get(), name)
    }

    /// On a control plane that it may break.
    pub(crate) fn on(control_plane: &ControlPlane, name: &str) -> Self {
        let proxy = Proxy::start(control_plane).expect("a proxy starts");
        let client = block_on(client(control_plane.kubeconfig().to_owned()));
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (namespace, resizer) = (fresh_namespace(name), OnceLock::new());
        let case = Self { proxy, namespace, client, folder, resizer };
        case.create_namespace();
        case.create_stranger();
        case
    }

    /// Another machine whose user works on the same namespace.
    pub(crate) fn other_host(&self, control_plane: &ControlPlane) -> Self {
        let proxy = Proxy::start(control_plane).expect("a proxy starts");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = self.folder.path().join("db.yaml");
        std::fs::copy(file, folder.path().join("db.yaml")).expect("it can be copied");
        let (client, namespace) = (self.client.clone(), self.namespace.clone());
        Self { proxy, namespace, client, folder, resizer: OnceLock::new() }
    }

    pub(crate) fn create_namespace(&self) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let body = typed(json!({"metadata": {"name": self.namespace}}));
        block_on(namespaces.create(&PostParams::default(), &body)).expect("a namespace");
    }

    /// An object with our labels that is not ours.
    pub(crate) fn create_stranger(&self) {
        let labels = json!({
            "app.kubernetes.io/managed-by": "wellhead", "app.kubernetes.io/instance": "db"});
        let body: Service = typed(json!({
            "metadata": {"name": "stranger", "labels": labels},
            "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}));
        block_on(self.api().create(&PostParams::default(), &body)).expect("a service");
    }

    /// Lets volumes grow from here on. Nothing else of the control plane can do that.
    pub(crate) fn let_volumes_grow(&self) {
        self.resizer.get_or_init(|| Resizer::start(self.api()));
    }

    /// Deletes the namespace; nobody waits for that.
    pub(crate) fn finish(self) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        block_on(namespaces.delete(&self.namespace, &DeleteParams::background()))
            .expect("the namespace can be deleted");
    }

    pub(crate) fn api<T>(&self) -> Api<T>
    where
        T: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn state(&self) -> State {
        block_on(State::read(&self.client, &self.namespace))
    }

    /// Writes the pipeline's file.
    pub(crate) fn write(&self, spec: &Spec) {
        let path = self.folder.path().join("db.yaml");
        std::fs::write(path, spec.text()).expect("it can be written");
    }

    /// The command with its arguments, through the proxy.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .args(["-n", &self.namespace])
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", self.proxy.kubeconfig())
            .env("WELLHEAD_YES", "1")
            .env(LEASE.0, LEASE.1)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("the command can be started"))
    }

    /// Runs it with a lock that lives so many seconds.
    pub(crate) fn run_with_lease(&self, seconds: &str, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).env(LEASE.0, seconds).output();
        Ran::of(&output.expect("the command can be started"))
    }

    /// Runs it with one request in flight at a time, and lets it die at the place, e.g. `3:sent`.
    pub(crate) fn run_until(&self, place: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let output = command.env("WELLHEAD_CRASH_AT", place).env(LEASE.0, LONG_LEASE).output();
        Ran::of(&output.expect("the command can be started"))
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running(Some(self.command(arguments).spawn().expect("the command can be started")))
    }

    /// Sets the number of replicas as an autoscaler does, and waits for its pods.
    pub(crate) fn scale(&self, replicas: usize) {
        let sets: Api<StatefulSet> = self.api();
        let params = by(AUTOSCALER);
        let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
        block_on(sets.patch_scale("db", &params, &patch)).expect("it scales");
        await_some("every replica is ready", || {
            let set = block_on(sets.get("db")).expect("it exists");
            let ready = set.status.and_then(|it| it.ready_replicas);
            (ready == i32::try_from(replicas).ok()).then_some(())
        });
    }

    /// Annotates the StatefulSet as a person does.
    pub(crate) fn annotate(&self, value: &str) {
        let sets: Api<StatefulSet> = self.api();
        let patch = Patch::Merge(json!({"metadata": {"annotations": {NOTE: value}}}));
        block_on(sets.patch("db", &by(PERSON), &patch)).expect("a person may write");
    }

    /// Applies a spec and expects that it becomes ready.
    #[track_caller]
    pub(crate) fn apply(&self, spec: &Spec) {
        self.write(spec);
        self.run(&["apply", "-f", "db.yaml"]).ends_with(0);
    }
}

fn by(manager: &str) -> PatchParams {
    PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() }
}

/// The writes among requests.
pub(crate) fn writes(record: &[Exchange]) -> Vec<String> {
    let writes = record.iter().filter(|it| it.request.is_write());
    writes.map(|it| it.request.to_string()).collect()
}

/// A typed object from JSON.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).expect("the JSON fits the type")
}

/// A client past the proxy.
pub(crate) async fn client(kubeconfig: PathBuf) -> kube::Client {
    // Another test of this process may have chosen it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig can be read");
    let mut config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .expect("the kubeconfig is good");
    // What the server says is what a case wants to know.
    config.default_retry = false;
    kube::Client::try_from(config).expect("a client")
}

/// The command, which cargo puts beside the folder of this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let folder = test.parent().and_then(std::path::Path::parent).expect("it is in PROFILE/deps");
    let binary = folder.join("wellhead");
    assert!(binary.is_file(), "run `cargo build --package wellhead` first, or `cargo xtask test`");
    binary
}
