//! The client of a connection, and the credentials that it sends while they change.

use std::path::Path;
use std::time::Duration;

use http::HeaderValue;
use jiff::Timestamp;
use kube::{Client, Config};
use tokio::sync::Mutex;
use tokio::time::Instant;
use wellhead_diagnostics::Code;

use super::identity::Identity;
use super::user;
use super::user::{Credentials, Source};
use crate::api::failure::words;
use crate::model::error::Problem;

/// Most bytes of the file of a token.
const TOKEN: u64 = 1 << 20;

/// How long a token of a file is used until the file is read again, as in client-go.
const FILE_IS_FRESH: Duration = Duration::from_mins(1);

/// How requests leave. Credentials are added here and not by the client library, which quotes the variables and the
/// output of a helper where it fails, and runs it several times.
pub(crate) struct Connection {
    config: Config,
    source: Source,
    /// The server, for messages.
    pub(crate) server: String,
    /// The proxy in between and where it was found, for messages.
    pub(crate) proxy: Option<String>,
    /// Held while a helper runs, so that it runs once for all requests.
    state: Mutex<State>,
}

struct State {
    access: Access,
    identity: Option<Identity>,
    expires: Option<Timestamp>,
    read: Instant,
    /// Whether no request had these credentials yet: what a helper has just printed is tried, whatever its clock says.
    is_new: bool,
}

/// What one request needs.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) client: Client,
    pub(crate) authorization: Option<HeaderValue>,
    /// Which credentials these are: others have another number.
    number: u64,
}

impl Connection {
    /// Makes the client, and gets the credentials.
    pub(super) async fn open(
        config: Config,
        credentials: Credentials,
        server: String,
        proxy: Option<String>,
    ) -> Result<Self, Problem> {
        let identity = credentials.identity;
        let (client, read) = (client(&config, identity.as_ref(), &server)?, Instant::now());
        let authorization = match &credentials.source {
            Source::Fixed(value) => Some(value.clone()),
            _ => None,
        };
        let access = Access { client, authorization, number: 0 };
        let state = State { access, identity, expires: None, read, is_new: false };
        let state = Mutex::new(state);
        let connection = Self { config, source: credentials.source, server, proxy, state };
        if matches!(connection.source, Source::File { .. } | Source::Helper(_)) {
            let mut state = connection.state.lock().await;
            connection.renew(&mut state).await?;
            state.is_new = true;
            drop(state);
        }
        Ok(connection)
    }

    /// A connection without credentials.
    #[cfg(test)]
    pub(crate) fn plain(url: &str) -> Self {
        let mut config = Config::new(url.parse().expect("a URL"));
        config.default_retry = false;
        let client = client(&config, None, url).expect("a client");
        let access = Access { client, authorization: None, number: 0 };
        let read = Instant::now();
        let state = State { access, identity: None, expires: None, read, is_new: false };
        let (source, state) = (Source::Nothing, Mutex::new(state));
        Self { config, source, server: url.to_owned(), proxy: None, state }
    }

    /// What the next request needs. Credentials that expired are obtained again first, which may take as long as
    /// a user needs to log in.
    pub(crate) async fn access(&self) -> Result<Access, Problem> {
        let mut state = self.state.lock().await;
        let is_over = match &self.source {
            Source::Nothing | Source::Fixed(_) => false,
            Source::File { .. } => state.read.elapsed() > FILE_IS_FRESH,
            Source::Helper(_) => state.expires.is_some_and(|end| end <= Timestamp::now()),
        };
        if is_over && !std::mem::take(&mut state.is_new) {
            self.renew(&mut state).await?;
        }
        Ok(state.access.clone())
    }

    /// Others than those that the server did not accept, where there can be others.
    pub(crate) async fn other(&self, refused: &Access) -> Result<Option<Access>, Problem> {
        if !matches!(self.source, Source::Helper(_)) {
            return Ok(None);
        }
        let mut state = self.state.lock().await;
        if state.access.number == refused.number {
            self.renew(&mut state).await?;
        }
        let is_other = state.access.number != refused.number;
        Ok(is_other.then(|| state.access.clone()))
    }

    async fn renew(&self, state: &mut State) -> Result<(), Problem> {
        state.read = Instant::now();
        let (authorization, identity) = match &self.source {
            Source::Nothing | Source::Fixed(_) => return Ok(()),
            Source::File { path, user } => {
                let read =
                    user::token_of(path, user, |path: &Path| wellhead_spec::read_file(path, TOKEN));
                match read {
                    // Files of tokens may be gone for a moment, and be removed after the start.
                    // https://github.com/kubernetes/kubernetes/issues/68164
                    Err(_) if state.access.authorization.is_some() => return Ok(()),
                    read => (Some(read?), None),
                }
            }
            Source::Helper(helper) => {
                let obtained = Box::pin(helper.run()).await?;
                state.expires = obtained.expires;
                let token = obtained.token.map(|token| user::bearer(&token, helper.user()));
                (token.transpose()?, obtained.identity)
            }
        };
        if matches!(self.source, Source::Helper(_)) && identity != state.identity {
            state.access.client = client(&self.config, identity.as_ref(), &self.server)?;
            state.identity = identity;
            state.access.number += 1;
        }
        if authorization != state.access.authorization {
            state.access.authorization = authorization;
            state.access.number += 1;
        }
        Ok(())
    }
}

/// A client that sends no credentials but a certificate.
fn client(config: &Config, identity: Option<&Identity>, server: &str) -> Result<Client, Problem> {
    let mut config = config.clone();
    if let Some(identity) = identity {
        let (certificate, key) = identity.encoded();
        config.auth_info.client_certificate_data = Some(certificate);
        config.auth_info.client_key_data = Some(key.into());
    }
    Client::try_from(config).map_err(|error| {
        let words = words::words(&error);
        Problem::new(Code::NoClusterConfig, format!("cannot prepare the connection to {server}"))
            .why(words.said)
            .hint("check the cluster, user and proxy entries of the kubeconfig")
    })
}
