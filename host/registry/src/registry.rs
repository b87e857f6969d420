//! What can be asked of a registry.

use std::io::Write;
use std::path::PathBuf;

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use crate::content::manifest::{self, MAX_MANIFEST, Manifest};
use crate::content::{check_config, digest_of, strict};
use crate::error::Result;
use crate::wire::client::{Client, Place, Wish};
use crate::{Component, Options, RegistryError, Store};

/// Most bytes of a page of versions, and most pages.
const PAGE: u64 = 1 << 20;
const PAGES: usize = 20;
/// Most bytes of the answer that says why there is no other.
const ERROR: u64 = 64 << 10;

/// Asks registries. One that is used for several plugins keeps connections and tokens.
#[derive(Debug)]
pub struct Registry {
    pub(crate) client: Client,
}

/// Content that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) source: &'w PluginReference,
    pub(crate) digest: &'w Digest,
    pub(crate) size: u64,
    /// What it is, in words.
    pub(crate) what: &'static str,
}

/// A manifest with its bytes, and those of its config.
pub(crate) struct Resolved {
    pub(crate) manifest: Manifest,
    pub(crate) bytes: Vec<u8>,
    pub(crate) config: Vec<u8>,
}

/// A component that is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Its digest.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
}

impl From<&Component> for Pinned {
    fn from(component: &Component) -> Self {
        Self { digest: component.digest.clone(), size: component.size }
    }
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Deserialize)]
struct OneError {
    code: String,
}

impl Registry {
    /// Nothing is asked yet.
    pub fn new(options: Options) -> Self {
        Self { client: Client::new(options) }
    }

    /// The manifest that a registry has under a reference, with its config checked. Where the reference has a version and
    /// a digest, they must agree.
    pub fn resolve(&self, source: &PluginReference) -> Result<Manifest> {
        self.resolve_all(source, None).map(|it| it.manifest).map_err(|error| error.of(source))
    }

    /// The same with the bytes of both. A digest is asked for instead of the version, where it is known.
    pub(crate) fn resolve_all(
        &self,
        source: &PluginReference,
        known: Option<&Digest>,
    ) -> Result<Resolved> {
        let digest = known.or_else(|| source.digest());
        let name = known.map(Digest::as_str).or_else(|| source.tag());
        let name = name.or_else(|| digest.map(Digest::as_str)).unwrap_or_default();
        let (bytes, content_type) = self.manifest(source, name)?;
        let is = digest_of(&bytes);
        if let Some(wanted) = digest.filter(|it| **it != is) {
            return Err(wrong_content("the manifest", wanted, &is));
        }
        let manifest = manifest::read(&bytes, content_type.as_deref())?;
        let config = &manifest.config;
        let wanted =
            Wanted { source, digest: &config.digest, size: config.size, what: "the config" };
        let config = self.first(source, |place| {
            let mut bytes = Vec::new();
            self.blob(place, &wanted, &mut bytes).map(|()| bytes)
        })?;
        check_config(&config, &manifest)?;
        Ok(Resolved { manifest, bytes, config })
    }

    /// The bytes of a manifest, and what the registry says that they are.
    pub(crate) fn manifest(
        &self,
        source: &PluginReference,
        name: &str,
    ) -> Result<(Vec<u8>, Option<String>)> {
        self.accepted(source, name, manifest::ACCEPTED)
    }

    /// The same, of these media types.
    pub(crate) fn accepted(
        &self,
        source: &PluginReference,
        name: &str,
        accept: &str,
    ) -> Result<(Vec<u8>, Option<String>)> {
        let wish = Wish { path: &format!("manifests/{name}"), accept: Some(accept) };
        let (response, origin) = self.client.get(&place(source), &wish)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(self.refused(response, &origin, source, "the version"));
        }
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let body = self.client.body(response, &origin, MAX_MANIFEST);
        Ok((body.all(MAX_MANIFEST, "a manifest")?, content_type))
    }

    /// Brings a component into a store, unless it is there, and names its file.
    pub fn fetch(
        &self,
        source: &PluginReference,
        component: &Pinned,
        store: &Store,
    ) -> Result<PathBuf> {
        if let Some(path) = store.path(&component.digest, component.size) {
            return Ok(path);
        }
        let (digest, size) = (&component.digest, component.size);
        let wanted = Wanted { source, digest, size, what: "the component" };
        let once = || {
            self.first(source, |place| store.write(digest, |file| self.blob(place, &wanted, file)))
        };
        // A registry that breaks off may do better the next time.
        let fetched = once().or_else(|error| if error.may_pass() { once() } else { Err(error) });
        fetched.map_err(|error| error.of(source))
    }

    /// What the first of a registry's mirrors has, or else the registry itself.
    fn first<T>(&self, source: &PluginReference, get: impl Fn(&Place) -> Result<T>) -> Result<T> {
        let settings = self.client.options.settings(source.host());
        for mirror in settings.iter().flat_map(|it| &it.mirrors) {
            let (host, prefix) = mirror.split_once('/').unwrap_or((mirror, ""));
            let separator = if prefix.is_empty() { "" } else { "/" };
            let repository = format!("{prefix}{separator}{}", source.repository());
            match get(&Place { host: host.to_owned(), repository }) {
                Err(error) if error.code != Code::StoreUnusable => {
                    tracing::debug!(mirror = host, %error, "a mirror does not help");
                }
                done => return done,
            }
        }
        get(&place(source))
    }

    /// Writes content with a digest and a size, as far as it is what was wanted. The error says when it is not.
    pub(crate) fn blob(
        &self,
        place: &Place,
        wanted: &Wanted<'_>,
        to: &mut (impl Write + ?Sized),
    ) -> Result<()> {
        let Wanted { source, digest, size, what } = *wanted;
        let wish = Wish { path: &format!("blobs/{digest}"), accept: None };
        let (response, origin) = self.client.get(place, &wish)?;
        if response.status().as_u16() != 200 {
            return Err(self.refused(response, &origin, source, what));
        }
        let mut body = self.client.body(response, &origin, size);
        let longer = || {
            let message = format!("{origin} sends more than the {size} bytes of {what}");
            RegistryError::new(Code::ContentTooLarge, message)
        };
        if body.length().is_some_and(|it| it > size) {
            return Err(longer());
        }
        let (mut sum, mut seen, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
        loop {
            let read = body.read(&mut buffer)?;
            seen += read as u64;
            if seen > size {
                return Err(longer());
            }
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            to.write_all(&buffer[..read]).map_err(|error| cannot_write(&error))?;
        }
        if seen < size {
            let message = format!("{what} ends after {seen} of {size} bytes");
            return Err(RegistryError::new(Code::WrongContent, message));
        }
        let is = Digest::of_sum(&sum.finalize().into());
        if is == *digest { Ok(()) } else { Err(wrong_content(what, digest, &is)) }
    }

    /// The versions of a repository, as the registry lists them.
    pub fn versions(&self, source: &PluginReference) -> Result<Vec<String>> {
        self.tags(source).map_err(|error| error.of(source))
    }

    fn tags(&self, source: &PluginReference) -> Result<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        for _ in 0..PAGES {
            let last = found.last().map(|it| format!("&last={}", crate::wire::origin::query(it)));
            let path = format!("tags/list?n=1000{}", last.unwrap_or_default());
            let (response, origin) =
                self.client.get(&place(source), &Wish { path: &path, accept: None })?;
            if response.status().as_u16() != 200 {
                return Err(self.refused(response, &origin, source, "the repository"));
            }
            let more = response.headers().contains_key(http::header::LINK);
            let bytes =
                self.client.body(response, &origin, PAGE).all(PAGE, "a list of versions")?;
            let page: Tags = strict(&bytes).map_err(|_| {
                let message = format!("{origin} answers with what is not a list of versions");
                RegistryError::new(Code::RegistryFails, message)
            })?;
            // A tag that is none is left out: nothing else could be asked for by it.
            let tags = page.tags.unwrap_or_default();
            let before = found.len();
            found.extend(tags.into_iter().filter(|it| wellhead_spec::is_tag(it)));
            if !more || found.len() == before {
                break;
            }
        }
        Ok(found)
    }

    /// Why a registry answers with another status.
    pub(crate) fn refused(
        &self,
        response: http::Response<ureq::Body>,
        origin: &crate::wire::origin::Origin,
        source: &PluginReference,
        what: &str,
    ) -> RegistryError {
        let status = response.status().as_u16();
        match status {
            404 => {
                let known = self.client.body(response, origin, ERROR).all(ERROR, "an error");
                let errors = known.ok().and_then(|it| strict::<Errors>(&it).ok());
                let no_repository =
                    errors.is_some_and(|it| it.errors.iter().any(|it| it.code == "NAME_UNKNOWN"));
                let what = if no_repository { "the repository" } else { what };
                RegistryError::new(Code::NotInRegistry, format!("{origin} does not have {what}"))
                    .hint("check its name; a private repository may need a login")
            }
            401 | 403 => {
                let message = format!("{origin} refuses access to {what}");
                RegistryError::new(Code::RegistryCredentials, message).hint(format!(
                    "log in with a user that may read it: `oras login {}`",
                    source.host()
                ))
            }
            _ => RegistryError::new(
                Code::RegistryFails,
                format!("{origin} answers with status {status}"),
            ),
        }
    }
}

pub(crate) fn place(source: &PluginReference) -> Place {
    Place { host: source.host().to_owned(), repository: source.repository().to_owned() }
}

fn wrong_content(what: &str, wanted: &Digest, is: &Digest) -> RegistryError {
    let message = format!("{what} has the digest {is} instead of {wanted}");
    RegistryError::new(Code::WrongContent, message).hint(
        "the registry or something before it changed the content; try again, and tell who runs it",
    )
}

fn cannot_write(error: &std::io::Error) -> RegistryError {
    RegistryError::new(Code::StoreUnusable, format!("the component cannot be written: {error}"))
}
