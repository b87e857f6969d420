//! Requests to registries: with the credential that belongs there, one hop at a time.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Response};
use ureq::config::AutoHeaderValue;
use ureq::{Agent, Body};
use wellhead_diagnostics::Code;

use super::body::Timed;
use super::challenge::{self, Challenge};
use super::origin::{Origin, parse};
use super::words::explain;
use crate::auth::Credential;
use crate::auth::token::{self, Access, Wanted};
use crate::error::Result;
use crate::wire::trust::Roots;
use crate::{Options, RegistryError};

/// Most redirects of one request.
const HOPS: usize = 5;
/// How often a request is sent at most.
const TRIES: u32 = 3;
/// Most bytes of the head of an answer.
const HEAD: usize = 64 << 10;
/// Where requests for Docker Hub go.
const HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// Where something of a registry is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The registry, as references call it: credentials and settings are found by it.
    pub(crate) host: String,
    pub(crate) repository: String,
}

/// What a request is for: a word of the API's path, and what it is about.
pub(crate) struct Wish<'w> {
    /// `manifests/...`, `blobs/...` or `tags/list`.
    pub(crate) path: &'w str,
    pub(crate) accept: Option<&'w str>,
}

/// What a header of authorization is for.
type Key = (String, String, Access);

/// Sends requests.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) options: Options,
    roots: Roots,
    agents: Mutex<HashMap<Origin, Agent>>,
    /// The header that a repository wants, by host, repository and what is done.
    authorizations: Mutex<HashMap<Key, String>>,
    user_agent: OnceLock<String>,
}

impl Credential {
    /// The header of a password.
    pub(crate) fn basic(&self) -> Option<String> {
        let Self::Password { user, password } = self else { return None };
        Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
    }
}

impl Client {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            roots: Roots::default(),
            agents: Mutex::default(),
            authorizations: Mutex::default(),
            user_agent: OnceLock::new(),
        }
    }

    /// The answer to a request, whatever its status but one that this follows, answers or repeats; and where it came from.
    pub(crate) fn get(&self, place: &Place, wish: &Wish<'_>) -> Result<(Response<Body>, Origin)> {
        let home = self.origin(&place.host);
        let mut answered = Vec::new();
        let path = format!("/v2/{}/{}", place.repository, wish.path);
        let (mut origin, mut at) = (home.clone(), path.clone());
        let mut hops = 0;
        loop {
            let send = |header: Option<&str>| self.send_again(&origin, &at, wish.accept, header);
            // Only the registry itself sees its credential.
            let response = if origin == home {
                self.authorized(place, Access::Read, &mut answered, send)?
            } else {
                send(None)?
            };
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {
                    hops += 1;
                    if hops > HOPS {
                        let message = format!("{} redirects more than {HOPS} times", place.host);
                        return Err(RegistryError::new(Code::RegistryFails, message));
                    }
                    (origin, at) = redirect(&response, &origin, &home)?;
                }
                _ => return Ok((response, origin)),
            }
        }
    }

    /// The answer to a request that is sent with the header which its registry wants to see, and remembered for the next one.
    /// `answered` has the kinds that were answered; each is once.
    pub(super) fn authorized(
        &self,
        place: &Place,
        access: Access,
        answered: &mut Vec<&'static str>,
        send: impl Fn(Option<&str>) -> Result<Response<Body>>,
    ) -> Result<Response<Body>> {
        let key = (place.host.clone(), place.repository.clone(), access);
        let known = || self.authorizations.lock().unwrap_or_else(PoisonError::into_inner);
        let mut header = known().get(&key).cloned();
        loop {
            let response = send(header.as_deref())?;
            if response.status().as_u16() != 401 {
                return Ok(response);
            }
            let answer = self.answer(place, access, response.headers(), answered)?;
            known().insert(key.clone(), answer.clone());
            header = Some(answer);
        }
    }

    /// The header that answers what a registry wants to see.
    fn answer(
        &self,
        place: &Place,
        access: Access,
        headers: &HeaderMap,
        answered: &mut Vec<&'static str>,
    ) -> Result<String> {
        let home = &self.origin(&place.host);
        let challenges = challenge::read(headers);
        let credential = self.options.credentials.find(
            &place.host,
            &place.repository,
            self.options.deadlines.helper,
        )?;
        for challenge in &challenges {
            match challenge {
                Challenge::Bearer { realm, service } if !answered.contains(&"bearer") => {
                    answered.push("bearer");
                    let (host, repository) = (&*place.host, &*place.repository);
                    let service = service.as_deref();
                    let wanted = Wanted { host, origin: home, repository, realm, service, access };
                    return Ok(format!(
                        "Bearer {}",
                        token::get(self, &wanted, credential.as_ref())?
                    ));
                }
                Challenge::Basic if !answered.contains(&"basic") => {
                    if let Some(header) = credential.as_ref().and_then(Credential::basic) {
                        answered.push("basic");
                        return Ok(header);
                    }
                }
                _ => {}
            }
        }
        let host = &place.host;
        let message = match &credential {
            Some(_) => format!("{host} refuses the credential for {}", place.repository),
            None => format!(
                "{host} wants a credential for {}, and there is none in {}",
                place.repository,
                self.options.credentials.places()
            ),
        };
        Err(RegistryError::new(Code::RegistryCredentials, message)
            .hint(format!("log in: `oras login {host}`")))
    }

    /// Where requests for a registry go.
    pub(crate) fn origin(&self, host: &str) -> Origin {
        let plain = self.options.settings(host).is_some_and(|it| it.plain_http);
        let host = if host == HUB.0 { HUB.1 } else { host };
        let origin = Origin::of(host, !plain);
        // A policy cannot say it of another machine; options that are made otherwise might.
        if origin.is_local() { origin } else { Origin::of(host, true) }
    }

    /// Sends a request, and again where the answer says that it may then go well.
    fn send_again(
        &self,
        origin: &Origin,
        path: &str,
        accept: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Response<Body>> {
        let mut wait = self.options.deadlines.retry;
        for tried in 1.. {
            let sent = self.send(origin, path, accept, authorization);
            let last = tried == TRIES;
            let asked = match &sent {
                Ok(response)
                    if matches!(response.status().as_u16(), 429 | 500 | 502 | 503 | 504) =>
                {
                    if last {
                        let status = response.status().as_u16();
                        let message =
                            format!("{origin} answers with status {status}, {TRIES} times");
                        return Err(RegistryError::new(Code::RegistryFails, message));
                    }
                    retry_after(response.headers())
                }
                Err(error) if error.may_pass() && !last => None,
                _ => return sent,
            };
            let asked = asked.map(|it| it.min(self.options.deadlines.retry_after));
            std::thread::sleep(asked.unwrap_or(wait));
            wait *= 2;
        }
        unreachable!("the last try returns")
    }

    /// Sends a request once.
    pub(crate) fn send(
        &self,
        origin: &Origin,
        path: &str,
        accept: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Response<Body>> {
        let mut request = self.agent(origin)?.get(origin.url(path));
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        tracing::debug!(%origin, "a request is sent");
        plain(request.call().map_err(|error| explain(&error, origin))?, origin)
    }

    /// Sends a form.
    pub(crate) fn post_form(
        &self,
        origin: &Origin,
        path: &str,
        form: &str,
    ) -> Result<Response<Body>> {
        let request = self
            .agent(origin)?
            .post(origin.url(path))
            .content_type("application/x-www-form-urlencoded");
        plain(request.send(form).map_err(|error| explain(&error, origin))?, origin)
    }

    /// The body of an answer that may have so many bytes.
    pub(crate) fn body(&self, response: Response<Body>, origin: &Origin, most: u64) -> Timed {
        Timed::new(response.into_body(), self.options.deadlines.for_bytes(most), origin)
    }

    /// What connects to an origin, and keeps its connections.
    pub(super) fn agent(&self, origin: &Origin) -> Result<Agent> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(origin) {
            return Ok(agent.clone());
        }
        let deadlines = &self.options.deadlines;
        let proxy = self.options.proxies.to(origin).map(|it| ureq::Proxy::new(&it)).transpose();
        let user_agent =
            self.user_agent.get_or_init(|| format!("wellhead/{}", env!("CARGO_PKG_VERSION")));
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEAD)
            .user_agent(user_agent)
            .accept(AutoHeaderValue::None)
            .accept_encoding("identity")
            .proxy(proxy.map_err(|error| explain(&error, origin))?)
            .timeout_resolve(Some(deadlines.connect))
            .timeout_connect(Some(deadlines.connect))
            .timeout_recv_response(Some(deadlines.silence))
            .timeout_per_read(Some(deadlines.silence));
        if origin.tls {
            config = config.tls_config(self.roots.tls(&self.options, origin)?);
        }
        let agent = Agent::new_with_config(config.build());
        agents.insert(origin.clone(), agent.clone());
        Ok(agent)
    }
}

/// Where a redirect leads.
fn redirect(response: &Response<Body>, from: &Origin, home: &Origin) -> Result<(Origin, String)> {
    let refused = |why: &str| {
        RegistryError::new(
            Code::RegistryFails,
            format!("{from} redirects, which is not followed: {why}"),
        )
    };
    let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
    let (to, path) = parse(location.unwrap_or_default(), from).map_err(&refused)?;
    if !to.tls && from.tls {
        return Err(refused("it leads from https to http"));
    }
    if to.is_near() && !home.is_local() {
        return Err(refused("it leads to this machine or its neighbours"));
    }
    Ok((to, path))
}

/// An answer whose body is as it was asked for: nothing unpacks it.
fn plain(response: Response<Body>, origin: &Origin) -> Result<Response<Body>> {
    let encoding = response.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let message = format!("{origin} answers with compressed content, which was not asked for");
        return Err(RegistryError::new(Code::NotAWasmArtifact, message));
    }
    Ok(response)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
