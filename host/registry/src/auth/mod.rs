//! Credentials: where they are looked for, and the form in which they are shown.

mod file;
mod helper;
pub(crate) mod token;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use wellhead_diagnostics::Code;

use crate::RegistryError;
use crate::error::Result;
use file::Found;

/// A user and a password, or a token that gives others.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Password { user: String, password: String },
    IdentityToken(String),
}

impl fmt::Debug for Credential {
    /// Without anything that is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password",
            Self::IdentityToken(_) => "IdentityToken",
        })
    }
}

/// Where credentials are looked for: the files of docker and podman, and the helpers that they name.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The only file, which must be there.
    named: Option<PathBuf>,
    /// The files that may be there: the first one that has something for a registry counts.
    usual: Vec<PathBuf>,
    /// Folders of helpers.
    path: Option<String>,
}

impl Credentials {
    /// What variables of the environment say, such as `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE` and `HOME`.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let folder = |name: &str| variable(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let home = folder("HOME");
        let docker = folder("DOCKER_CONFIG").or_else(|| Some(home.as_ref()?.join(".docker")));
        let config = folder("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
        let usual = [
            docker.map(|it| it.join("config.json")),
            folder("XDG_RUNTIME_DIR").map(|it| it.join("containers/auth.json")),
            config.map(|it| it.join("containers/auth.json")),
        ];
        Self {
            named: folder("WELLHEAD_REGISTRY_AUTH_FILE").or_else(|| folder("REGISTRY_AUTH_FILE")),
            usual: usual.into_iter().flatten().collect(),
            path: variable("PATH"),
        }
    }

    /// The credential for a repository of a registry, if there is one.
    pub(crate) fn find(
        &self,
        host: &str,
        repository: &str,
        helper: Duration,
    ) -> Result<Option<Credential>> {
        let (files, must_exist) = match &self.named {
            Some(file) => (std::slice::from_ref(file), true),
            None => (&*self.usual, false),
        };
        for path in files {
            let found = file::find(path, must_exist, host, repository)?;
            let credential = match found {
                None => None,
                Some(Found::Credential(it)) => Some(it),
                Some(Found::Helper(name)) => {
                    helper::ask(&name, file::key(host), self.path.as_deref(), helper)?
                }
            };
            if credential.is_some() {
                tracing::debug!(file = %path.display(), host, "a credential was found");
                return Ok(credential);
            }
        }
        Ok(None)
    }

    /// Where is looked, in words.
    pub(crate) fn places(&self) -> String {
        let files = self
            .named
            .iter()
            .chain(self.named.is_none().then_some(&self.usual).into_iter().flatten());
        let files: Vec<_> = files.map(|it| it.display().to_string()).collect();
        if files.is_empty() { "no file".to_owned() } else { files.join(", ") }
    }
}

fn unusable(message: String) -> RegistryError {
    RegistryError::new(Code::RegistryCredentials, message)
}
