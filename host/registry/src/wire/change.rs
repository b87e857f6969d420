//! Requests that write: sent once, to the registry itself, and never redirected.

use http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, LOCATION};
use http::{Method, Request, Response};
use ureq::Body;
use wellhead_diagnostics::Code;

use super::client::{Client, Place};
use super::origin::{Origin, parse};
use super::words::explain;
use crate::RegistryError;
use crate::auth::token::Access;
use crate::error::Result;

/// A request that writes, or that asks whether something has to be written.
pub(crate) struct Change<'c> {
    pub(crate) method: Method,
    /// From the root of the registry, with the query.
    pub(crate) path: &'c str,
    /// The media type of the content.
    pub(crate) media_type: &'static str,
    pub(crate) content: &'c [u8],
    /// Which bytes of a whole these are, in the notation of `Content-Range`.
    pub(crate) range: Option<String>,
}

impl Client {
    /// The answer to a change, whatever its status but that of a missing credential.
    pub(crate) fn change(&self, place: &Place, change: &Change<'_>) -> Result<Response<Body>> {
        let home = self.origin(&place.host);
        let send = |header: Option<&str>| self.send_change(&home, change, header);
        self.authorized(place, Access::Write, &mut Vec::new(), send)
    }

    fn send_change(
        &self,
        home: &Origin,
        change: &Change<'_>,
        authorization: Option<&str>,
    ) -> Result<Response<Body>> {
        let mut request = Request::builder().method(&change.method).uri(home.url(change.path));
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(range) = &change.range {
            request = request.header(CONTENT_RANGE, range);
        }
        let unsendable = |_| {
            RegistryError::new(Code::RegistryFails, format!("{home} names an address that is none"))
        };
        let agent = self.agent(home)?;
        tracing::debug!(%home, method = %change.method, "a request is sent");
        let sent = if change.method == Method::HEAD {
            agent.run(request.body(()).map_err(unsendable)?)
        } else {
            let request = request.header(CONTENT_TYPE, change.media_type);
            let request = request.body(change.content).map_err(unsendable)?;
            let within = self.options.deadlines.for_bytes(change.content.len() as u64);
            agent.run(agent.configure_request(request).timeout_send_body(Some(within)).build())
        };
        sent.map_err(|error| explain(&error, home))
    }

    /// Where an upload goes on, from the root of the registry.
    pub(crate) fn upload(&self, place: &Place, response: &Response<Body>) -> Result<String> {
        let home = self.origin(&place.host);
        let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        let fails = |why: &str| {
            let message = format!("{home} names no place for an upload: {why}");
            RegistryError::new(Code::RegistryFails, message)
        };
        match parse(location.unwrap_or_default(), &home) {
            Ok((origin, path)) if origin == home => Ok(path),
            Ok(_) => Err(fails("it is on another host, which would see the credential")),
            Err(why) => Err(fails(why)),
        }
    }
}
