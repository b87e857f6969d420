//! Tokens: what a registry's token server gives for a credential, or for none.
//! <https://distribution.github.io/distribution/spec/auth/token/>, <https://distribution.github.io/distribution/spec/auth/oauth/>

use serde::Deserialize;
use wellhead_diagnostics::Code;

use super::Credential;
use crate::RegistryError;
use crate::content::strict;
use crate::error::Result;
use crate::wire::client::Client;
use crate::wire::origin::{Origin, parse, query};

/// Most bytes of an answer of a token server.
const ANSWER: u64 = 64 << 10;
/// Token servers of registries that are not asked for tokens themselves.
const KNOWN: [(&str, &str); 1] = [("docker.io", "auth.docker.io")];

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

/// What is done with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Access {
    /// As the scope of a token names it.
    fn actions(self) -> &'static str {
        match self {
            Self::Read => "pull",
            Self::Write => "pull,push",
        }
    }
}

/// What a token is for.
pub(crate) struct Wanted<'w> {
    /// The registry, as references call it.
    pub(crate) host: &'w str,
    /// Where its requests go.
    pub(crate) origin: &'w Origin,
    pub(crate) repository: &'w str,
    pub(crate) realm: &'w str,
    pub(crate) service: Option<&'w str>,
    pub(crate) access: Access,
}

/// Asks for a token.
pub(crate) fn get(
    client: &Client,
    wanted: &Wanted<'_>,
    credential: Option<&Credential>,
) -> Result<String> {
    let (origin, path) = server(client, wanted)?;
    let scope = query(&format!("repository:{}:{}", wanted.repository, wanted.access.actions()));
    let service = wanted.service.map(|it| format!("&service={}", query(it))).unwrap_or_default();
    let response = match credential {
        Some(Credential::IdentityToken(token)) => {
            let form = format!(
                "grant_type=refresh_token&client_id=wellhead&scope={scope}{service}&refresh_token={}",
                query(token)
            );
            client.post_form(&origin, &path, &form)?
        }
        other => {
            let separator = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{separator}scope={scope}{service}");
            client.send(&origin, &path, None, other.and_then(Credential::basic).as_deref())?
        }
    };
    let status = response.status().as_u16();
    let fails = |code, why: &str| {
        RegistryError::new(code, format!("{origin}, the token server of {}, {why}", wanted.host))
    };
    match status {
        200 => {}
        400 | 401 | 403 => {
            let error = fails(Code::RegistryCredentials, "refuses the credential");
            return Err(if credential.is_some() {
                error
            } else {
                fails(Code::RegistryCredentials, "gives no token without a credential")
            }
            .hint(format!("log in: `oras login {}`", wanted.host)));
        }
        300..=399 => {
            return Err(fails(
                Code::RegistryFails,
                "answers with a redirect, which is not followed",
            ));
        }
        _ => return Err(fails(Code::RegistryFails, &format!("answers with status {status}"))),
    }
    let bytes = client.body(response, &origin, ANSWER).all(ANSWER, "a token")?;
    let answer: Answer = strict(&bytes)
        .map_err(|_| fails(Code::RegistryFails, "answers with what is not a token"))?;
    let token = answer.token.or(answer.access_token).unwrap_or_default();
    if token.is_empty() || !token.bytes().all(|it| it.is_ascii_graphic()) {
        return Err(fails(Code::RegistryFails, "answers with what is not a token"));
    }
    Ok(token)
}

/// Where a token comes from: the registry itself, or a host that may give tokens for it.
fn server(client: &Client, wanted: &Wanted<'_>) -> Result<(Origin, String)> {
    let refused = |why: String| {
        let message = format!("{} wants a token of {why}", wanted.host);
        RegistryError::new(Code::RegistryCredentials, message)
    };
    let (origin, path) = parse(wanted.realm, wanted.origin)
        .map_err(|why| refused(format!("a server whose address cannot be used: {why}")))?;
    if !origin.tls && wanted.origin.tls {
        return Err(refused(format!("{origin} by HTTP, which would show the credential")));
    }
    let settings = client.options.settings(wanted.host);
    let named =
        settings.is_some_and(|it| it.token_hosts.iter().any(|it| *it == origin.to_string()));
    let known = KNOWN.contains(&(wanted.host, &origin.to_string()));
    if origin == *wanted.origin || named || known {
        return Ok((origin, path));
    }
    let shown = wellhead_spec::sanitize_name(&origin.to_string(), 100);
    Err(refused(format!("{shown}, which is another host")).hint(format!(
        "if it is right, add it to `tokenHosts` of {} in the trust policy",
        wanted.host
    )))
}
