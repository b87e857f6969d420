//! Who a connection is: the checks of kubectl, and what is sent.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use jiff::Timestamp;
use serde::Deserialize;
use wellhead_diagnostics::Code;

use super::helper::Helper;
use super::identity;
use super::identity::Identity;
use super::kubeconfig::{AuthProvider, ClusterEntry, UserEntry};
use super::options::Impersonate;
use super::world::World;
use crate::model::error::Problem;

/// Where the header `Authorization` comes from.
pub(super) enum Source {
    /// There is none: a certificate, or nothing at all, says who this is.
    Nothing,
    /// The same for all requests.
    Fixed(HeaderValue),
    /// A file that is read again once a minute.
    File { path: PathBuf, user: String },
    /// A program.
    Helper(Box<Helper>),
}

/// What a user sends.
pub(super) struct Credentials {
    pub(super) source: Source,
    pub(super) identity: Option<Identity>,
}

/// Checks a user as kubectl does before it sends anything, and reads what it needs. Over plain HTTP nothing secret is
/// sent.
pub(super) fn credentials(
    user: &UserEntry,
    name: &str,
    cluster: &ClusterEntry,
    is_tls: bool,
    world: &World<'_>,
) -> Result<Credentials, Problem> {
    check(user, name)?;
    let helper = user.exec.as_ref().map(|exec| Helper::new(exec, name)).transpose()?;
    let identity = identity::of_user(user, name, is_tls, world)?;
    if !is_tls {
        return Ok(Credentials { source: Source::Nothing, identity: None });
    }
    let provided = user.auth_provider.as_ref().map(|it| of_provider(it, name)).transpose()?;
    let has_name = !user.username.is_empty();
    let source = if !user.token_file.is_empty() || !user.token.is_empty() {
        if has_name {
            return Err(exclusive(name, "it has a token and a password; only one can be sent"));
        }
        token(user, name, world)?
    } else if has_name {
        let pair = format!("{}:{}", user.username, user.password);
        Source::Fixed(secret(&format!("Basic {}", STANDARD.encode(pair)), name)?)
    } else if identity.is_some() {
        Source::Nothing
    } else if let Some(token) = provided {
        Source::Fixed(token)
    } else if let Some(helper) = helper {
        Source::Helper(Box::new(helper.for_cluster(cluster, world)))
    } else {
        return Err(Problem::new(
            Code::NoClusterConfig,
            format!("user `{name}` has no credentials"),
        )
        .why("no credentials were sent: its entry of the kubeconfig names none")
        .hint("log in with the tool that wrote the kubeconfig, or pass --user NAME"));
    };
    Ok(Credentials { source, identity })
}

/// Fields that exclude each other, and fields that need others.
fn check(user: &UserEntry, name: &str) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    let has_password = !user.username.is_empty() || !user.password.is_empty();
    if !user.token.is_empty() && has_password {
        wrong.push("it has a token and a password; only one can be sent");
    }
    if user.exec.is_some() && user.auth_provider.is_some() {
        wrong.push("it has both `exec` and `auth-provider`");
    }
    let needs_user = !user.impersonate_uid.is_empty()
        || !user.impersonate_groups.is_empty()
        || !user.impersonate_extra.is_empty();
    if needs_user && user.impersonate.is_empty() {
        wrong.push("it impersonates a uid, groups or extra values, and no user: `as` is missing");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(exclusive(name, &wrong.join("\n")))
}

fn exclusive(name: &str, why: &str) -> Problem {
    Problem::new(Code::NoClusterConfig, format!("user `{name}` cannot be used"))
        .why(why)
        .hint("correct its entry in the kubeconfig")
}

/// A token in a file goes before one that is given beside it, as long as it can be read.
fn token(user: &UserEntry, name: &str, world: &World<'_>) -> Result<Source, Problem> {
    let path = PathBuf::from(&user.token_file);
    if !user.token_file.is_empty() {
        match token_of(&path, name, world.read) {
            Ok(_) => return Ok(Source::File { path, user: name.to_owned() }),
            Err(problem) if user.token.is_empty() => return Err(problem),
            Err(_) => {}
        }
    }
    bearer(&user.token, name).map(Source::Fixed)
}

/// Adds what the options impersonate to what the kubeconfig does; options win.
pub(super) fn impersonate(user: &mut UserEntry, options: &Impersonate) -> Result<(), Problem> {
    if let Some(name) = &options.user {
        user.impersonate.clone_from(name);
    }
    if let Some(uid) = &options.uid {
        user.impersonate_uid.clone_from(uid);
    }
    if !options.groups.is_empty() {
        user.impersonate_groups.clone_from(&options.groups);
    }
    if user.impersonate.is_empty() && (options.uid.is_some() || !options.groups.is_empty()) {
        return Err(Problem::new(
            Code::NoClusterConfig,
            "--as-group and --as-uid need a user to be",
        )
        .hint("pass --as USER, too"));
    }
    let texts = [&user.impersonate, &user.impersonate_uid].into_iter();
    let extra = user.impersonate_extra.values().flatten();
    for text in texts.chain(&user.impersonate_groups).chain(extra) {
        if HeaderValue::from_str(text).is_err() {
            return Err(Problem::new(
                Code::NoClusterConfig,
                "who to be cannot be sent to the server",
            )
            .why("it holds a character that no header can have")
            .hint("correct --as, --as-group and --as-uid, or `as...` of the kubeconfig's user"));
        }
    }
    Ok(())
}

/// The token of a file, as a header.
pub(super) fn token_of(
    path: &Path,
    user: &str,
    read: impl Fn(&Path) -> std::io::Result<Vec<u8>>,
) -> Result<HeaderValue, Problem> {
    let problem = |why: String| {
        Problem::new(Code::NoClusterConfig, format!("`tokenFile` of user `{user}` cannot be used"))
            .why(format!("{}: {why}", path.display()))
            .hint("log in again, or correct the entry in the kubeconfig")
    };
    let bytes = read(path).map_err(|error| problem(super::load::words(&error)))?;
    let token = String::from_utf8_lossy(&bytes);
    match token.trim() {
        "" => Err(problem("it is empty".to_owned())),
        token => secret(&format!("Bearer {token}"), user),
    }
}

/// The header of a token.
pub(super) fn bearer(token: &str, user: &str) -> Result<HeaderValue, Problem> {
    secret(&format!("Bearer {token}"), user)
}

fn secret(value: &str, user: &str) -> Result<HeaderValue, Problem> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Problem::new(
            Code::NoClusterConfig,
            format!("the credentials of user `{user}` cannot be sent"),
        )
        .why("they hold a line break or another character that no header can have")
        .hint("correct them in the kubeconfig, or log in again")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The token of a way to log in that kubectl has built in, as long as it has not expired. The others were removed
/// from kubectl. <https://kubernetes.io/blog/2022/05/03/kubernetes-1-24-release-announcement/>
fn of_provider(provider: &AuthProvider, user: &str) -> Result<HeaderValue, Problem> {
    let name = &provider.name;
    let problem = |why: &str, hint: &str| {
        Problem::new(
            Code::NoClusterConfig,
            format!("`auth-provider` of user `{user}` cannot be used"),
        )
        .why(why)
        .hint(hint)
    };
    let instead = match name.as_str() {
        "oidc" => {
            let token = provider.config.get("id-token").filter(|it| !it.is_empty());
            return match token {
                Some(token) if !has_expired(token) => bearer(token, user),
                _ => Err(problem(
                    "its `id-token` is missing or has expired",
                    "run `kubectl get --raw /version`, which gets another one, then the same command again",
                )),
            };
        }
        "gcp" => "gke-gcloud-auth-plugin",
        "azure" => "kubelogin",
        _ => {
            let why = "kubectl knows no provider of this name";
            return Err(problem(why, "name a credential helper in `exec` instead"));
        }
    };
    let why = format!("kubectl has no provider `{name}` any more");
    Err(problem(&why, &format!("generate the kubeconfig again: `{instead}` takes its place")))
}

/// Whether a JSON Web Token is over, or is none. <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4>
fn has_expired(token: &str) -> bool {
    // Only this one is kept of what may be many.
    #[derive(Default, Deserialize)]
    struct Claims {
        exp: Option<i64>,
    }
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).unwrap_or_default();
    let claims: Claims = serde_json::from_slice(&claims).unwrap_or_default();
    claims.exp.is_none_or(|end| end <= Timestamp::now().as_second())
}
