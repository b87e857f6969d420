//! Credential helpers: what of them is told, and how often they run.

use std::fs;

use crate::bed::said;
use crate::endpoints::{Endpoint, Manner, certificate};

/// A kubeconfig whose user has this helper.
fn config(port: u16, exec: &str) -> String {
    let authority = certificate("authority.pem");
    format!(
        "current-context: c\nclusters: [{{name: c, cluster: {{server: 'https://localhost:{port}', certificate-authority: '{authority}'}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}}}]\n"
    )
}

const STATUS: [&str; 2] = ["status", "db"];

#[test]
fn nothing_that_a_helper_is_told_or_prints_is_shown() {
    let env = "env: [{name: AWS_SECRET_ACCESS_KEY, value: TOPSECRET}]";
    for (exec, wanted) in [
        (
            "command: sh, args: [-c, \"echo 'session expired, run: aws sso login' >&2; echo TOPSECRET; exit 255\"], installHint: install it with brew",
            vec![
                "the credential helper `sh` of user `u` ended with 255",
                "session expired, run: aws sso login",
                "help: install it with brew",
            ],
        ),
        (
            "command: no-such-helper, args: [TOPSECRET], installHint: install it with brew",
            vec![
                "the credential helper `no-such-helper` of user `u` is not installed",
                "help: install it with brew",
            ],
        ),
        (
            "command: no-such-helper, args: [TOPSECRET]",
            vec!["is not installed", "help: install it, or correct `command`"],
        ),
        (
            "command: sh, args: [-c, 'kill -9 $$; echo TOPSECRET']",
            vec!["the credential helper `sh` of user `u` was ended by signal 9"],
        ),
        (
            "command: echo, args: [TOPSECRET]",
            vec!["printed something that is not an ExecCredential"],
        ),
        ("command: sh, args: [-c, 'yes TOPSECRET']", vec!["printed more than 1 MiB"]),
        (
            "command: sh, args: [-c, 'printf \"\\033[31mred\\n\" >&2; exit 1']",
            vec!["ended with 1", "\\u{1b}[31mred"],
        ),
    ] {
        let said = said(&[("config", &config(1, &format!("{exec}, {env}")))], &[], &STATUS);
        assert!(!said.contains("TOPSECRET"), "{said}");
        assert!(!said.contains("KUBERNETES_EXEC_INFO"), "{said}");
        assert!(said.contains("error[WH0411]"), "{said}");
        for text in wanted {
            assert!(said.contains(text), "{text}: {said}");
        }
    }
}

/// A helper that counts its runs in a file and prints a token with the number, good until a time.
fn counting(folder: &std::path::Path, expires: &str, before: &str) -> String {
    let script = folder.join("helper");
    let count = folder.join("count").display().to_string();
    let text = format!(
        "#!/bin/sh\n{before}\necho x >>'{count}'\nn=$(grep -c x '{count}')\nprintf '{{\"kind\":\"ExecCredential\",\
         \"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{{\"token\":\"t%s\"{expires}}}}}' \"$n\"\n"
    );
    fs::write(&script, text).expect("a file can be written");
    format!("command: sh, args: ['{}']", script.display())
}

/// Asks the server for several things, one after the other.
fn plan(port: u16, exec: &str) -> String {
    let pipeline = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: db}\n\
                    spec:\n  replicas: 0\n  containers: [{name: main, image: 'nginx:1.27'}]\n";
    let files = [("config", config(port, exec)), ("db.yaml", pipeline.to_owned())];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    said(&files, &[], &["plan", "-f", "db.yaml"])
}

/// The first tokens that a server saw, each once.
fn tokens(endpoint: &Endpoint) -> Vec<String> {
    let mut seen = endpoint.seen();
    seen.dedup();
    seen.truncate(2);
    seen
}

#[test]
fn a_helper_runs_once_and_again_when_its_token_is_over_or_refused() {
    let until = |time: &str| format!(",\"expirationTimestamp\":\"{time}\"");
    for (expires, manner, wanted) in [
        (String::new(), Manner::Answers, vec!["tls as Bearer t1"]),
        (until("2100-01-01T00:00:00Z"), Manner::Answers, vec!["tls as Bearer t1"]),
        (String::new(), Manner::Refuses("t1"), vec!["tls as Bearer t1", "tls as Bearer t2"]),
        (
            until("2001-01-01T00:00:00Z"),
            Manner::Answers,
            vec!["tls as Bearer t1", "tls as Bearer t2"],
        ),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let endpoint = Endpoint::tls("server", manner);
        let said = plan(endpoint.port, &counting(folder.path(), &expires, ""));
        assert_eq!(tokens(&endpoint), wanted, "{expires}: {said}");
    }
}

#[test]
fn a_helper_that_fails_in_the_middle_of_a_run_is_told_like_one_at_its_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let endpoint = Endpoint::tls("server", Manner::Answers);
    let expires = ",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"";
    let count = folder.path().join("count").display().to_string();
    let before = format!("if test -e '{count}'; then echo gone >&2; echo TOPSECRET; exit 3; fi");
    let said = plan(endpoint.port, &counting(folder.path(), expires, &before));
    assert!(said.contains("error[WH0411]"), "{said}");
    assert!(said.contains("the credential helper `sh` of user `u` ended with 3"), "{said}");
    assert!(said.contains("gone") && !said.contains("TOPSECRET"), "{said}");
    assert_eq!(tokens(&endpoint), ["tls as Bearer t1"]);
}
