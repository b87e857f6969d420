//! A folder, doubles to reach, and programs that try.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cases::Case;
use crate::endpoints::{Endpoint, Manner, certificate};

/// One set of doubles. Cases run on it one after the other.
pub(crate) struct Bed {
    folder: tempfile::TempDir,
    /// With the names by which cases call them.
    endpoints: Vec<(&'static str, Endpoint)>,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let tls = Endpoint::tls("server", Manner::Answers);
        let plain = Endpoint::plain();
        let (port, both) = (tls.port, [tls.port, plain.port]);
        let endpoints = vec![
            ("A", Endpoint::http_proxy("proxy-a", both, "200 OK")),
            ("B", Endpoint::http_proxy("proxy-b", both, "200 OK")),
            ("HTTPS", Endpoint::https_proxy(port)),
            ("SOCKS", Endpoint::socks_proxy(port)),
            ("PLAIN", plain),
            ("TLS", tls),
        ];
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, endpoints }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A text of a case with what its names stand for on this bed.
    pub(crate) fn filled(&self, text: &str) -> String {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let text = text.replace("{DIR}", &folder).replace("{CERTS}", &certificate(""));
        self.endpoints.iter().fold(text, |text, (name, endpoint)| {
            text.replace(&format!("{{{name}}}"), &endpoint.port.to_string())
        })
    }

    /// A program in the folder and the environment of a case, which nobody types to.
    fn command(&self, program: &Path, case: &Case) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder()).env("KUBECONFIG", self.folder().join("config"));
        command.current_dir(self.folder()).stdin(Stdio::null());
        for (name, value) in &case.environment {
            command.env(name, self.filled(value));
        }
        command.args(case.arguments.iter().map(|it| self.filled(it)));
        if !case.arguments.iter().any(|it| it.starts_with("--request-timeout")) {
            command.arg("--request-timeout=1s");
        }
        command
    }

    fn write(&self, case: &Case) {
        for entry in std::fs::read_dir(self.folder()).expect("the folder is there").flatten() {
            let path = entry.path();
            let _ = if path.is_dir() {
                std::fs::remove_dir_all(path)
            } else {
                std::fs::remove_file(path)
            };
        }
        for (name, content) in &case.files {
            let path = self.folder().join(name);
            std::fs::create_dir_all(path.parent().expect("it is in the folder"))
                .and_then(|()| match std::str::from_utf8(content) {
                    Ok(text) => std::fs::write(&path, self.filled(text)),
                    Err(_) => std::fs::write(&path, content),
                })
                .and_then(|()| std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)))
                .expect("a file can be written");
        }
    }

    /// What Wellhead does with a case.
    pub(crate) fn wellhead(&self, case: &Case) -> (String, Output) {
        self.write(case);
        let mut command = self.command(&wellhead_tests::built::wellhead(), case);
        let output = command.args(["status", "db"]).output().expect("the command starts");
        let said = String::from_utf8_lossy(&output.stderr);
        (self.outcome(said.contains("[WH0411]")), output)
    }

    /// What kubectl does with it.
    pub(crate) fn kubectl(&self, kubectl: &Path, case: &Case) -> String {
        self.write(case);
        let output = self.command(kubectl, case).arg("version").output();
        let said = String::from_utf8(output.expect("kubectl starts").stderr).unwrap_or_default();
        let tried = (said.contains("nable to connect to the server:")
            || said.contains("The connection to the server")
            || said.contains("server gave HTTP response")
            || said.contains("Error from server"))
            && !["tls: private key", "tls: failed to find"].iter().any(|it| said.contains(it))
            && !said.contains("getting credentials:")
            && !said.contains("refusing to use HTTP_PROXY")
            && !said.contains("invalid header field value");
        self.outcome(!said.is_empty() && !tried)
    }

    /// What the doubles saw; without that, whether something was tried elsewhere.
    fn outcome(&self, is_refused: bool) -> String {
        let mut seen = BTreeSet::new();
        for (_, endpoint) in &self.endpoints {
            for event in endpoint.seen() {
                // Ports differ from run to run.
                seen.insert(self.endpoints.iter().fold(event, |event, (name, endpoint)| {
                    event.replace(&format!(":{}", endpoint.port), &format!(":{name}"))
                }));
            }
        }
        let seen = seen.into_iter().collect::<Vec<_>>().join("; ");
        match (seen.is_empty(), is_refused) {
            (false, _) => seen,
            (true, true) => "refused".to_owned(),
            (true, false) => "elsewhere".to_owned(),
        }
    }
}

/// What Wellhead prints, in a folder of its own with these files, the first of which is its kubeconfig.
pub(crate) fn said(
    files: &[(&str, &str)],
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("a file can be written");
    }
    let mut command = Command::new(wellhead_tests::built::wellhead());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", folder.path()).env("KUBECONFIG", folder.path().join(files[0].0));
    command.current_dir(folder.path());
    command.envs(environment.iter().copied()).args(arguments).stdin(Stdio::null());
    let output = command.output().expect("the command starts");
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}
