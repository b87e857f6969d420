//! Credential helpers: programs that print credentials, as `exec` of a kubeconfig names them.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
//!
//! What such a program prints on standard output, and the values of its variables and arguments, are secrets: no
//! message holds any of them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};
use wellhead_diagnostics::Code;
use wellhead_spec::sanitize;

use super::identity::Identity;
use super::kubeconfig::{ClusterEntry, Exec};
use super::world::World;
use crate::model::error::Problem;

/// Most bytes that a helper may print.
const OUTPUT: u64 = 1 << 20;
/// Most bytes of what it says of itself that are kept.
const KEPT: usize = 8 << 10;
/// Most lines of that, and of a hint, that are shown, and characters of each.
const LINES: usize = 20;
const LINE: usize = 300;
/// Where a cluster keeps what its helper is given.
const EXTENSION: &str = "client.authentication.k8s.io/exec";

/// A helper, checked.
pub(super) struct Helper {
    exec: Exec,
    user: String,
    interactive: Interactive,
    cluster: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Interactive {
    Never,
    IfAvailable,
    Always,
}

/// What a helper gave.
#[derive(Default)]
pub(super) struct Obtained {
    pub(super) token: Option<String>,
    pub(super) identity: Option<Identity>,
    pub(super) expires: Option<Timestamp>,
}

impl Helper {
    /// Checks what kubectl checks before it runs one; all that is wrong at once.
    pub(super) fn new(exec: &Exec, user: &str) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let version = exec.api_version.strip_prefix("client.authentication.k8s.io/");
        if !matches!(version, Some("v1" | "v1beta1")) {
            wrong.push(
                "`apiVersion` is not client.authentication.k8s.io/v1 or \
                 client.authentication.k8s.io/v1beta1"
                    .to_owned(),
            );
        }
        if exec.command.is_empty() {
            wrong.push("`command` is missing".to_owned());
        }
        if exec.env.iter().any(|it| it.name.is_empty() || it.name.contains(['=', '\0'])) {
            wrong.push("an entry of `env` has no name that a variable can have".to_owned());
        }
        let texts = exec.args.iter().chain(exec.env.iter().map(|it| &it.value));
        if texts.chain([&exec.command]).any(|it| it.contains('\0')) {
            wrong.push("`command`, `args` or `env` hold a NUL".to_owned());
        }
        let interactive = match exec.interactive_mode.as_str() {
            "Never" => Interactive::Never,
            "IfAvailable" => Interactive::IfAvailable,
            "Always" => Interactive::Always,
            "" if version == Some("v1beta1") => Interactive::IfAvailable,
            _ => {
                wrong.push("`interactiveMode` is not Never, IfAvailable or Always".to_owned());
                Interactive::Never
            }
        };
        if !wrong.is_empty() {
            return Err(Problem::new(
                Code::NoClusterConfig,
                format!("`exec` of user `{user}` cannot be used"),
            )
            .why(wrong.join("\n"))
            .hint("correct it in the kubeconfig"));
        }
        Ok(Self { exec: exec.clone(), user: user.to_owned(), interactive, cluster: None })
    }

    /// Tells the helper about the cluster, where the kubeconfig wants that.
    pub(super) fn for_cluster(mut self, cluster: &ClusterEntry, world: &World<'_>) -> Self {
        if self.exec.provide_cluster_info {
            self.cluster = Some(cluster_info(cluster, world));
        }
        self
    }

    /// The user that it is for.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// The program's name, without its folder.
    fn name(&self) -> String {
        let name = Path::new(&self.exec.command).file_name();
        sanitize(&name.map(|it| it.to_string_lossy()).unwrap_or_default(), 100)
    }

    fn problem(&self, what: &str) -> Problem {
        let (name, user) = (self.name(), &self.user);
        let problem = Problem::new(
            Code::NoClusterConfig,
            format!("the credential helper `{name}` of user `{user}` {what}"),
        );
        match lines(&self.exec.install_hint) {
            hint if hint.is_empty() => {
                problem.hint("log in with the tool that it belongs to, then run the same command")
            }
            hint => problem.hint(hint),
        }
    }

    /// Runs the helper, as long as it takes: the user may be logging in. It ends with the future.
    pub(super) async fn run(&self) -> Result<Obtained, Problem> {
        let stdin = std::io::stdin().is_terminal();
        let interactive = match self.interactive {
            Interactive::Never => false,
            Interactive::IfAvailable => stdin,
            Interactive::Always if stdin => true,
            Interactive::Always => {
                return Err(self
                    .problem("asks for input, and standard input is not a terminal")
                    .hint("run the command in a terminal, or log in first"));
            }
        };
        let program = self.program()?;
        let mut command = tokio::process::Command::new(program);
        command
            .args(&self.exec.args)
            .envs(self.exec.env.iter().map(|it| (&it.name, &it.value)))
            .env("KUBERNETES_EXEC_INFO", self.info(interactive))
            .kill_on_drop(true)
            .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
            .stdout(Stdio::piped())
            // Who sits at a terminal sees at once what to do; elsewhere it becomes part of the message.
            .stderr(if std::io::stderr().is_terminal() {
                Stdio::inherit()
            } else {
                Stdio::piped()
            });
        let mut child = command
            .spawn()
            .map_err(|error| self.problem("cannot be started").why(super::load::words(&error)))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let ((output, is_more), said, status) =
            tokio::join!(output(stdout), said(stderr), child.wait());
        let status = status.map_err(|error| {
            self.problem("cannot be waited for").why(super::load::words(&error))
        })?;
        if is_more {
            return Err(self.problem(&format!("printed more than {} MiB", OUTPUT >> 20)));
        }
        if !status.success() {
            let problem = self.problem(&ended(status));
            return Err(if said.is_empty() { problem } else { problem.why(said) });
        }
        self.read(&output)
    }

    /// The program. A name alone is looked for in the folders of PATH, those of this process, and not in the
    /// working directory.
    fn program(&self) -> Result<PathBuf, Problem> {
        let command = Path::new(&self.exec.command);
        let found = if self.exec.command.contains('/') {
            command.is_file().then(|| command.to_owned())
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::env::split_paths(&path).filter(|it| it.is_absolute());
            folders.map(|it| it.join(command)).find(|it| is_executable(it))
        };
        found.ok_or_else(|| {
            let problem = self.problem("is not installed");
            if self.exec.install_hint.trim().is_empty() {
                problem.hint("install it, or correct `command` in the kubeconfig")
            } else {
                problem
            }
        })
    }

    fn info(&self, interactive: bool) -> String {
        let mut spec = json!({ "interactive": interactive });
        if let Some(cluster) = &self.cluster {
            spec["cluster"] = cluster.clone();
        }
        let version = &self.exec.api_version;
        json!({ "kind": "ExecCredential", "apiVersion": version, "spec": spec }).to_string()
    }

    /// Reads what it printed.
    fn read(&self, output: &[u8]) -> Result<Obtained, Problem> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Credential {
            kind: Option<String>,
            api_version: Option<String>,
            status: Option<Status>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Status {
            token: Option<String>,
            client_certificate_data: Option<String>,
            client_key_data: Option<String>,
            expiration_timestamp: Option<String>,
        }
        let options = serde_saphyr::options! { with_snippet: false };
        let read: Credential = serde_saphyr::from_slice_with_options(output, options)
            .map_err(|_| self.problem("printed something that is not an ExecCredential"))?;
        if read.kind.as_deref() != Some("ExecCredential") {
            return Err(self.problem("printed something that is not an ExecCredential"));
        }
        if read.api_version.as_deref() != Some(&self.exec.api_version) {
            return Err(
                self.problem("printed another `apiVersion` than the kubeconfig names for it")
            );
        }
        let status = read.status.ok_or_else(|| self.problem("printed no credentials"))?;
        let given = |it: Option<String>| it.filter(|it| !it.is_empty());
        let token = given(status.token);
        let identity = match (given(status.client_certificate_data), given(status.client_key_data))
        {
            (Some(certificate), Some(key)) => {
                let identity =
                    Identity { certificate: certificate.into_bytes(), key: key.into_bytes() };
                let wrong =
                    |why| self.problem("printed a certificate that cannot be used").why(why);
                identity.check().map_err(wrong)?;
                Some(identity)
            }
            (None, None) if token.is_none() => return Err(self.problem("printed no credentials")),
            (None, None) => None,
            _ => return Err(self.problem("printed one of certificate and key, not both")),
        };
        let expires = given(status.expiration_timestamp).map(|it| it.parse()).transpose();
        let expires = expires
            .map_err(|_| self.problem("printed an `expirationTimestamp` that is not a time"))?;
        Ok(Obtained { token, identity, expires })
    }
}

/// What a helper is given about the cluster.
fn cluster_info(cluster: &ClusterEntry, world: &World<'_>) -> Value {
    let mut info = json!({ "server": cluster.server });
    let mut add = |name: &str, value: Value| info[name] = value;
    if !cluster.tls_server_name.is_empty() {
        add("tls-server-name", json!(cluster.tls_server_name));
    }
    if cluster.insecure_skip_tls_verify {
        add("insecure-skip-tls-verify", json!(true));
    }
    let data = match cluster.certificate_authority.as_str() {
        "" => cluster.certificate_authority_data.replace(['\r', '\n'], ""),
        file => (world.read)(Path::new(file)).map(|it| STANDARD.encode(it)).unwrap_or_default(),
    };
    if !data.is_empty() {
        add("certificate-authority-data", json!(data));
    }
    if !cluster.proxy_url.is_empty() {
        add("proxy-url", json!(cluster.proxy_url));
    }
    if cluster.disable_compression {
        add("disable-compression", json!(true));
    }
    let config = cluster.extensions.iter().find(|it| it.name == EXTENSION);
    if let Some(config) = config {
        add("config", config.extension.clone());
    }
    info
}

/// Reads at most so many bytes, and whether there are more. Who writes more than that writes into a closed pipe.
async fn output(pipe: Option<impl AsyncRead + Unpin>) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // A broken pipe is as good as its end: the exit status decides.
        let _ = pipe.take(OUTPUT + 1).read_to_end(&mut bytes).await;
    }
    let is_more = bytes.len() as u64 > OUTPUT;
    (bytes, is_more)
}

/// The last of what a program says of itself, read to its end.
async fn said(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), vec![0; KEPT]);
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    lines(&String::from_utf8_lossy(&kept))
}

/// Text of others, a line each.
fn lines(text: &str) -> String {
    let all: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = &all[all.len().saturating_sub(LINES)..];
    last.iter().map(|line| sanitize(line, LINE)).collect::<Vec<_>>().join("\n")
}

fn ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    format!("ended with {}", status.code().unwrap_or(-1))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
