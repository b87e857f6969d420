//! What others do with the same objects.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{must_succeed, scratch, wellhead};

/// The pipeline that is changed and rolled back.
pub(crate) const FIRST: &str = "app-000";
const IMAGE: &str = "nginx:1.14.2";
const OTHER_IMAGE: &str = "nginx:1.27";

/// The path of Helm 4; `cargo xtask bench` sets it.
const HELM: &str = "WELLHEAD_BENCH_HELM";

pub(crate) struct Peers {
    kubeconfig: PathBuf,
    pipelines: PathBuf,
    kubectl: bool,
    helm: Option<OsString>,
}

impl Peers {
    pub(crate) fn find(kubeconfig: &Path, count: usize) -> Self {
        // What an earlier run left may be of other pipelines.
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("the folder can be created");
        let helm = env::var_os(HELM);
        Self {
            kubeconfig: kubeconfig.to_owned(),
            pipelines: pipelines(count),
            kubectl: is_there("kubectl"),
            helm,
        }
    }

    pub(crate) fn has_kubectl(&self) -> bool {
        self.kubectl
    }

    pub(crate) fn has_helm(&self) -> bool {
        self.helm.is_some()
    }

    /// The file of the pipelines.
    pub(crate) fn pipelines(&self) -> &Path {
        &self.pipelines
    }

    /// The objects that the pipelines render to.
    pub(crate) fn objects(&self, namespace: &str) -> Vec<Value> {
        let said = must_succeed("render", self.render(namespace).args(["-o", "json"]));
        let mut list: Value = serde_json::from_slice(&said).expect("it is JSON");
        match list["items"].take() {
            Value::Array(objects) => objects,
            _ => Vec::new(),
        }
    }

    fn render(&self, namespace: &str) -> Command {
        render(&self.pipelines, namespace)
    }

    /// `kubectl apply` or `diff` of the objects, as one file.
    pub(crate) fn kubectl(&self, verb: &str, namespace: &str) -> Command {
        let objects = folder().join(format!("{namespace}.yaml"));
        if !objects.is_file() {
            let text = must_succeed("render", &mut self.render(namespace));
            fs::write(&objects, text).expect("the file can be written");
        }
        let mut command =
            self.kubectl_with(&[verb, "--server-side", "--field-manager", "wellhead"]);
        command.arg("-f").arg(objects);
        command
    }

    /// The first pipeline gets another image.
    pub(crate) fn kubectl_change(&self, namespace: &str) -> Command {
        let objects = folder().join("changed-objects.yaml");
        let text = must_succeed("render", &mut render(&changed(), namespace));
        fs::write(&objects, text).expect("the file can be written");
        let apply = ["apply", "--server-side", "--field-manager", "wellhead"];
        let mut command = self.kubectl_with(&apply);
        command.arg("-f").arg(objects);
        command
    }

    pub(crate) fn kubectl_undo(&self, namespace: &str) -> Command {
        let set = format!("statefulset/{FIRST}");
        self.kubectl_with(&["rollout", "undo", &set, "--namespace", namespace])
    }

    fn kubectl_with(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(&self.kubeconfig);
        command.arg("--cache-dir").arg(scratch().join("kubectl")).args(arguments);
        command
    }

    /// `helm upgrade --install` of a chart for each pipeline, one after the other.
    pub(crate) fn helm_upgrade(&self, namespace: &str) -> Command {
        self.in_charts("upgrade --install \"$(basename \"$chart\")\" \"$chart\"", namespace)
    }

    /// The first pipeline gets another image.
    pub(crate) fn helm_change(&self, namespace: &str) -> Command {
        let chart = self.charts(namespace).join(FIRST);
        for entry in fs::read_dir(chart.join("templates")).expect("the chart has templates") {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("it can be read");
            fs::write(&path, text.replace(IMAGE, OTHER_IMAGE)).expect("it can be written");
        }
        let chart = chart.into_os_string().into_string().expect("the path is a text");
        self.helm_with(&["upgrade", FIRST, &chart], namespace)
    }

    pub(crate) fn helm_rollback(&self, namespace: &str) -> Command {
        self.helm_with(&["rollback", FIRST], namespace)
    }

    fn helm_with(&self, arguments: &[&str], namespace: &str) -> Command {
        let mut command = Command::new(self.helm.as_deref().unwrap_or_default());
        command.args(arguments);
        self.with_helm(&mut command, namespace);
        command
    }

    fn in_charts(&self, action: &str, namespace: &str) -> Command {
        let mut command = Command::new("sh");
        let script = format!("for chart in \"$CHARTS\"/*; do \"$HELM\" {action} || exit 1; done");
        command.args(["-c", &script]).env("CHARTS", self.charts(namespace));
        self.with_helm(&mut command, namespace);
        command
    }

    fn with_helm(&self, command: &mut Command, namespace: &str) {
        command.env("HELM", self.helm.as_deref().unwrap_or_default());
        command.env("KUBECONFIG", &self.kubeconfig).env("HELM_NAMESPACE", namespace);
        for home in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(home, scratch().join("helm"));
        }
    }

    /// A chart for each pipeline, which has its objects as they are.
    fn charts(&self, namespace: &str) -> PathBuf {
        let charts = folder().join(format!("charts-{namespace}"));
        if charts.is_dir() {
            return charts;
        }
        let rendered = folder().join(format!("rendered-{namespace}"));
        let mut render = self.render(namespace);
        must_succeed("render", render.arg("--output-dir").arg(&rendered));
        for entry in fs::read_dir(rendered.join(namespace)).expect("a folder for the namespace") {
            let pipeline = entry.expect("an entry");
            let name = pipeline.file_name().into_string().expect("a name");
            let chart = charts.join(&name);
            fs::create_dir_all(&chart).expect("the folder can be created");
            let about = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
            fs::write(chart.join("Chart.yaml"), about).expect("the file can be written");
            fs::rename(pipeline.path(), chart.join("templates")).expect("it can be moved");
        }
        charts
    }
}

fn render(pipelines: &Path, namespace: &str) -> Command {
    let mut command = wellhead();
    command.args(["render", "--quiet", "-n", namespace, "-f"]).arg(pipelines);
    command
}

fn folder() -> PathBuf {
    scratch().join("cluster")
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.args(["version", "--client"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The file of the first pipeline with another image.
pub(crate) fn changed() -> PathBuf {
    let path = folder().join("changed.yaml");
    fs::write(&path, pipeline(0).replace(IMAGE, OTHER_IMAGE)).expect("the file can be written");
    path
}

/// A file with pipelines of one replica and one claim each.
fn pipelines(count: usize) -> PathBuf {
    let path = folder().join("pipelines.yaml");
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
      image: {IMAGE}
      ports: [{{containerPort: 80}}]
  claims:
    - name: data
      size: 1Gi
      mountPath: /data
"
    )
}
