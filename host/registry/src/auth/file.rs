//! Files of credentials, as docker, podman, oras and helm write them.
//! <https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md>

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use wellhead_spec::{JsonBounds, read_file};

use super::{Credential, unusable};
use crate::error::Result;

/// What a file may have: one of a person has a few registries.
const BOUNDS: JsonBounds = JsonBounds { bytes: 1 << 20, values: 50_000, nests: 20_000, parts: &[] };
/// The key of Docker Hub.
const HUB_KEY: &str = "https://index.docker.io/v1/";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// What a file has for a repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Credential(Credential),
    /// The name of a helper.
    Helper(String),
}

/// How files call a registry.
pub(super) fn key(host: &str) -> &str {
    if host == "docker.io" { HUB_KEY } else { host }
}

pub(super) fn find(
    path: &Path,
    must_exist: bool,
    host: &str,
    repository: &str,
) -> Result<Option<Found>> {
    let shown = path.display();
    let bytes = match read_file(path, BOUNDS.bytes) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => return Ok(None),
        Err(error) => {
            return Err(unusable(format!("the credentials in {shown} cannot be read: {error}")));
        }
    };
    // The parser's message may quote a secret.
    let config: Config = BOUNDS.decode(&bytes).map_err(|_| {
        unusable(format!(
            "the credentials in {shown} cannot be read: it is not JSON of docker or podman"
        ))
    })?;
    config
        .find(host, repository)
        .map_err(|why| unusable(format!("the credentials in {shown} {why}")))
}

impl Config {
    fn find(&self, host: &str, repository: &str) -> std::result::Result<Option<Found>, String> {
        let key = key(host);
        if let Some(helper) = self.cred_helpers.get(host).or_else(|| self.cred_helpers.get(key)) {
            return Ok(Some(Found::Helper(helper.clone())));
        }
        let name = format!("{host}/{repository}");
        // The longest path counts; a credential for another path of the host is not sent.
        let paths = name.match_indices('/').map(|it| it.0).chain([name.len()]).rev();
        let keys = paths.map(|end| name[..end].to_owned());
        let old = [format!("https://{host}/v1/"), format!("https://{host}"), key.to_owned()];
        for key in keys.chain(old) {
            if let Some(credential) =
                self.auths.get(&key).map(Entry::credential).transpose()?.flatten()
            {
                return Ok(Some(Found::Credential(credential)));
            }
        }
        Ok(self.creds_store.clone().map(Found::Helper))
    }
}

impl Entry {
    /// `None` for an empty one, which docker writes where a store has the credential.
    fn credential(&self) -> std::result::Result<Option<Credential>, String> {
        let given = |it: &Option<String>| it.clone().filter(|it| !it.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Ok(Some(Credential::IdentityToken(token)));
        }
        if let Some(auth) = given(&self.auth) {
            let text = STANDARD.decode(auth.trim()).ok().and_then(|it| String::from_utf8(it).ok());
            let pair = text.as_deref().and_then(|it| it.split_once(':'));
            let (user, password) =
                pair.ok_or("have an `auth` that is not base64 of USER:PASSWORD")?;
            return Ok(Some(Credential::Password {
                user: user.to_owned(),
                password: password.trim_end_matches('\0').to_owned(),
            }));
        }
        let pair = given(&self.username).zip(given(&self.password));
        Ok(pair.map(|(user, password)| Credential::Password { user, password }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &str, host: &str, repository: &str) -> Option<Found> {
        serde_json::from_str::<Config>(config).unwrap().find(host, repository).unwrap()
    }

    fn user(found: Option<Found>) -> Option<String> {
        match found {
            Some(Found::Credential(Credential::Password { user, .. })) => Some(user),
            Some(Found::Credential(Credential::IdentityToken(token))) => Some(token),
            Some(Found::Helper(name)) => Some(name),
            None => None,
        }
    }

    #[test]
    fn the_longest_path_counts_and_another_path_does_not() {
        let config = r#"{"auths": {
            "a.b": {"auth": "aG9zdDp4"},
            "a.b/acme": {"auth": "YWNtZTp4"},
            "c.d/other": {"auth": "b3RoZXI6eA=="},
            "https://e.f/v1/": {"username": "old", "password": "x"},
            "https://index.docker.io/v1/": {"identitytoken": "hub"},
            "g.h": {}
        }, "credHelpers": {"i.j": "helper"}, "credsStore": "store"}"#;
        for (host, repository, expected) in [
            ("a.b", "acme/x", "acme"),
            ("a.b", "acme", "acme"),
            ("a.b", "acme-evil/x", "host"),
            ("a.b", "other", "host"),
            ("c.d", "acme/x", "store"),
            ("c.d", "other/x", "other"),
            ("e.f", "x", "old"),
            ("docker.io", "library/x", "hub"),
            ("g.h", "x", "store"),
            ("i.j", "x", "helper"),
            ("a.b:5000", "x", "store"),
        ] {
            assert_eq!(
                user(find(config, host, repository)).as_deref(),
                Some(expected),
                "{host}/{repository}"
            );
        }
        assert_eq!(find("{}", "a.b", "x"), None);
    }

    #[test]
    fn a_secret_of_a_broken_file_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        for text in [
            r#"{"auths": {"a.b": {"auth": ["c2VjcmV0"]}}}"#,
            r#"{"auths": {"a.b": {"auth": "c2VjcmV0"}}}"#,
        ] {
            std::fs::write(&path, text).unwrap();
            let error = super::find(&path, false, "a.b", "x").unwrap_err();
            assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
        }
        let gone = folder.path().join("gone");
        assert_eq!(super::find(&gone, false, "a.b", "x"), Ok(None));
        assert!(super::find(&gone, true, "a.b", "x").is_err());
    }
}
