//! Credential helpers: `docker-credential-NAME get`, with the registry on standard input.
//! <https://github.com/docker/docker-credential-helpers>
//!
//! What a helper prints is secret, also where it fails: no message has any of it.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use wellhead_spec::in_code;

use super::{Credential, unusable};
use crate::error::Result;

/// Most bytes that a helper may print.
const OUTPUT: u64 = 64 << 10;
/// Most characters of its name in a message.
const NAME: usize = 60;
/// The user that a helper names where the secret is a token that gives others.
const TOKEN_USER: &str = "<token>";
/// How helpers say that they have nothing.
const NOTHING: &str = "credentials not found";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    username: String,
    secret: String,
}

/// What a helper has for a registry.
pub(super) fn ask(
    name: &str,
    server: &str,
    path: Option<&str>,
    within: Duration,
) -> Result<Option<Credential>> {
    let of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let shown = in_code(&format!("docker-credential-{name}"), NAME);
    if name.is_empty() || !name.bytes().all(of_name) {
        return Err(unusable(format!("{shown} is not the name of a credential helper")));
    }
    let program = find(&format!("docker-credential-{name}"), path).ok_or_else(|| {
        unusable(format!("the credential helper {shown} is not in a folder of PATH"))
    })?;
    let printed = run(&program, server, within)
        .map_err(|why| unusable(format!("the credential helper {shown} {why}")))?;
    let (succeeded, printed) = printed;
    if !succeeded {
        if String::from_utf8_lossy(&printed).to_ascii_lowercase().contains(NOTHING) {
            return Ok(None);
        }
        return Err(unusable(format!("the credential helper {shown} failed for {server}"))
            .hint(format!("run `docker-credential-{name} get`, and type {server}")));
    }
    let printed: Printed = serde_json::from_slice(&printed)
        .map_err(|_| unusable(format!("the credential helper {shown} printed no credential")))?;
    Ok(Some(if printed.username == TOKEN_USER {
        Credential::IdentityToken(printed.secret)
    } else {
        Credential::Password { user: printed.username, password: printed.secret }
    }))
}

fn find(program: &str, path: Option<&str>) -> Option<PathBuf> {
    // A relative folder would be one of the project that Wellhead is run in.
    let folders = std::env::split_paths(path?).filter(|it| it.is_absolute());
    let files = folders.map(|it| it.join(program).with_extension(std::env::consts::EXE_EXTENSION));
    files.into_iter().find(|it| it.is_file())
}

/// Whether it succeeded, and what it printed on standard output.
fn run(
    program: &PathBuf,
    server: &str,
    within: Duration,
) -> std::result::Result<(bool, Vec<u8>), String> {
    let mut command = Command::new(program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("does not start: {error}"))?;
    // One that ends without reading is no reason to fail.
    let sent = child.stdin.take().map(|mut it| writeln!(it, "{server}"));
    drop(sent);
    let (sender, printed) = mpsc::channel();
    let output = child.stdout.take();
    // It ends with the helper's output, which the helper's end closes; a grandchild may keep it open, and the thread.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map(|it| it.take(OUTPUT + 1).read_to_end(&mut bytes));
        let _ = sender.send(read.is_some_and(|it| it.is_ok()).then_some(bytes));
    });
    let bytes = printed.recv_timeout(within);
    if bytes.as_ref().is_ok_and(|it| it.as_ref().is_some_and(|it| it.len() as u64 <= OUTPUT)) {
        let status = child.wait().map_err(|error| format!("cannot be waited for: {error}"))?;
        return Ok((status.success(), bytes.ok().flatten().unwrap_or_default()));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(match bytes {
        Err(_) => format!("did not answer in {} s", within.as_secs()),
        Ok(_) => "printed too much".to_owned(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// What a helper with this script gives.
    fn ask_one(script: &str, name: &str) -> Result<Option<Credential>> {
        let folder = tempfile::tempdir().expect("a test writes its own folder");
        let program = folder.path().join("docker-credential-x");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n"))
            .expect("a test writes its own folder");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700))
            .expect("a test writes its own folder");
        ask(name, "a.b", folder.path().to_str(), Duration::from_secs(2))
    }

    #[test]
    fn a_helper_gives_a_credential_a_token_or_nothing() {
        let password =
            ask_one(r#"read s; echo '{"Username":"'$s'","Secret":"secret"}'"#, "x").unwrap();
        assert_eq!(
            password,
            Some(Credential::Password { user: "a.b".into(), password: "secret".into() })
        );
        let token = ask_one(r#"echo '{"ServerURL":"a.b","Username":"<token>","Secret":"t"}'"#, "x")
            .unwrap();
        assert_eq!(token, Some(Credential::IdentityToken("t".into())));
        let none = ask_one("echo credentials not found in native keychain; exit 1", "x").unwrap();
        assert_eq!(none, None);
    }

    #[test]
    fn a_helper_that_fails_shows_no_secret() {
        for (script, name, said) in [
            ("echo secret; exit 1", "x", "failed"),
            ("echo secret", "x", "printed no credential"),
            ("head -c 1000000 /dev/zero; echo secret", "x", "printed too much"),
            ("exec sleep 60", "x", "did not answer"),
            ("", "y", "not in a folder of PATH"),
            ("", "../x", "not the name"),
        ] {
            let error = ask_one(script, name).unwrap_err();
            assert!(error.message.contains(said), "{error}");
            assert!(!error.message.contains("secret"), "{error}");
        }
    }
}
