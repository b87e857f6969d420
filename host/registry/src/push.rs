//! Puts a plugin into a registry: what it consists of first, its version last.

use http::Method;
use http::header::{CONTENT_LENGTH, HeaderName};
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use crate::content::artifact::Artifact;
use crate::content::digest_of;
use crate::content::manifest::MANIFEST;
use crate::error::Result;
use crate::registry::place;
use crate::wire::change::Change;
use crate::wire::client::Place;
use crate::wire::origin::query;
use crate::{Registry, RegistryError};

/// Bytes of a piece, where a registry does not take a component at once.
const PIECE: usize = 4 << 20;
/// What a registry says that it has stored.
const STORED: HeaderName = HeaderName::from_static("docker-content-digest");
const BYTES: &str = "application/octet-stream";

/// What a push did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The version is new.
    New,
    /// The registry had the same plugin under this version; nothing was written.
    AlreadyThere,
    /// The version was another plugin before.
    Replaced,
}

/// A manifest or an index.
#[derive(Clone, Copy)]
pub(crate) struct Document<'d> {
    /// A version or a digest.
    pub(crate) name: &'d str,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: &'d [u8],
}

impl Registry {
    /// Puts a plugin into a repository, under the version of the reference. A version that is another plugin is an error, unless
    /// it may be replaced. A push that ends in the middle leaves no version, and the same push goes on.
    pub fn push(
        &self,
        target: &PluginReference,
        artifact: &Artifact,
        may_replace: bool,
    ) -> Result<Pushed> {
        self.pushed(target, artifact, may_replace).map_err(|error| error.of(target))
    }

    fn pushed(
        &self,
        target: &PluginReference,
        artifact: &Artifact,
        may_replace: bool,
    ) -> Result<Pushed> {
        let place = place(target);
        let tag = target.tag().unwrap_or_default();
        let before = match self.manifest(target, tag) {
            Ok((bytes, _)) => Some(digest_of(&bytes)),
            Err(error) if error.code == Code::NotInRegistry => None,
            Err(error) => return Err(error),
        };
        if before.as_ref() == Some(&artifact.digest) {
            return Ok(Pushed::AlreadyThere);
        }
        if let Some(before) = before.as_ref().filter(|_| !may_replace) {
            let message = format!(
                "the registry has another plugin under {tag}: manifest {before} instead of {}",
                artifact.digest
            );
            return Err(RegistryError::new(Code::VersionTaken, message).hint(
                "give the plugin a new version; those who locked this one would be refused",
            ));
        }
        for content in [&artifact.config, &artifact.component] {
            let digest = digest_of(content);
            let once = || self.put_blob(&place, &digest, content);
            once().or_else(|error| if error.may_pass() { once() } else { Err(error) })?;
        }
        // Whoever sees the version finds everything that it consists of.
        for name in [artifact.digest.as_str(), tag] {
            self.put_manifest(&place, name, artifact)?;
        }
        Ok(if before.is_some() { Pushed::Replaced } else { Pushed::New })
    }

    /// Writes content, unless the registry has it.
    pub(crate) fn put_blob(&self, place: &Place, digest: &Digest, content: &[u8]) -> Result<()> {
        let path = format!("/v2/{}/blobs/{digest}", place.repository);
        let response = self.change(place, Method::HEAD, &path, &[])?;
        if response.status().as_u16() == 200 {
            let length = response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok());
            if length.is_none_or(|it| it.parse() == Ok(content.len())) {
                return Ok(());
            }
        }
        let upload = self.start(place)?;
        let last = format!("digest={}", query(digest.as_str()));
        let response = self.change(place, Method::PUT, &with(&upload, &last), content)?;
        match response.status().as_u16() {
            201 => Ok(()),
            413 | 416 => self.put_pieces(place, &last, content),
            _ => Err(self.refused_push(place, response.status().as_u16())),
        }
    }

    /// Writes content piece by piece.
    fn put_pieces(&self, place: &Place, last: &str, content: &[u8]) -> Result<()> {
        let mut upload = self.start(place)?;
        let mut start = 0;
        for piece in content.chunks(PIECE) {
            let range = Some(format!("{start}-{}", start + piece.len() - 1));
            let change = Change {
                method: Method::PATCH,
                path: &upload,
                media_type: BYTES,
                content: piece,
                range,
            };
            let response = self.client.change(place, &change)?;
            if response.status().as_u16() != 202 {
                return Err(self.refused_push(place, response.status().as_u16()));
            }
            upload = self.client.upload(place, &response)?;
            start += piece.len();
        }
        let response = self.change(place, Method::PUT, &with(&upload, last), &[])?;
        match response.status().as_u16() {
            201 => Ok(()),
            status => Err(self.refused_push(place, status)),
        }
    }

    /// Begins an upload: where its content goes.
    fn start(&self, place: &Place) -> Result<String> {
        let path = format!("/v2/{}/blobs/uploads/", place.repository);
        let response = self.change(place, Method::POST, &path, &[])?;
        match response.status().as_u16() {
            202 => self.client.upload(place, &response),
            status => Err(self.refused_push(place, status)),
        }
    }

    fn put_manifest(&self, place: &Place, name: &str, artifact: &Artifact) -> Result<()> {
        let document = Document { name, media_type: MANIFEST, bytes: &artifact.manifest };
        let response = self.put_document(place, &document)?;
        let stored = response.headers().get(STORED).and_then(|it| it.to_str().ok());
        if stored.is_some_and(|it| it != artifact.digest.as_str()) {
            let message =
                format!("{} says that it stored another manifest than it was sent", place.host);
            return Err(RegistryError::new(Code::WrongContent, message));
        }
        Ok(())
    }

    /// Writes a manifest or an index.
    pub(crate) fn put_document(
        &self,
        place: &Place,
        document: &Document<'_>,
    ) -> Result<http::Response<ureq::Body>> {
        let path = format!("/v2/{}/manifests/{}", place.repository, document.name);
        let Document { media_type, bytes, .. } = *document;
        let change =
            Change { method: Method::PUT, path: &path, media_type, content: bytes, range: None };
        let response = self.client.change(place, &change)?;
        match response.status().as_u16() {
            201 => Ok(response),
            status => Err(self.refused_push(place, status)),
        }
    }

    fn change(
        &self,
        place: &Place,
        method: Method,
        path: &str,
        content: &[u8],
    ) -> Result<http::Response<ureq::Body>> {
        let change = Change { method, path, media_type: BYTES, content, range: None };
        self.client.change(place, &change)
    }

    /// Why a registry does not take what it is sent.
    fn refused_push(&self, place: &Place, status: u16) -> RegistryError {
        let Place { host, repository } = place;
        match status {
            403 => {
                let message = format!("{host} takes no pushes to {repository} from this user");
                RegistryError::new(Code::PushRefused, message)
                    .hint(format!("log in with a user that may write it: `oras login {host}`"))
            }
            405 => RegistryError::new(Code::PushRefused, format!("{host} takes no pushes"))
                .hint("it may be a mirror or read-only: push to the registry that it copies"),
            413 => {
                RegistryError::new(Code::PushRefused, format!("{host} takes no content this large"))
            }
            _ => RegistryError::new(
                Code::RegistryFails,
                format!("{} answers a push with status {status}", self.client.origin(host)),
            ),
        }
    }
}

/// A place with a query, or with one more part of it.
fn with(upload: &str, query: &str) -> String {
    let separator = if upload.contains('?') { '&' } else { '?' };
    format!("{upload}{separator}{query}")
}
