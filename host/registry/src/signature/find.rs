//! Where a registry keeps signatures: among the referrers of a manifest, or under a tag made of its digest.
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use super::evidence::{Content, Evidence};
use crate::content::manifest::{Descriptor, INDEX, MANIFEST, MAX_MANIFEST};
use crate::content::{digest_of, strict};
use crate::error::Result;
use crate::registry::{Wanted, place};
use crate::wire::client::Wish;
use crate::{Registry, RegistryError};

pub(super) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation of a layer that has the signature over it.
const SIMPLE_SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// Most referrers and layers that are looked at: each takes two requests.
const MOST: usize = 50;
/// Most bytes of a signature: one with a certificate has 5 KiB.
pub(crate) const MAX_SIGNATURE: u64 = 256 << 10;

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Referrer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referrer {
    digest: Digest,
}

/// What may be signatures of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundSignatures {
    /// What was found, in the order of the registry.
    pub evidence: Vec<Evidence>,
    /// How many artifacts refer to the manifest beyond those that were looked at.
    pub left_out: usize,
}

/// The manifest of what may be a signature.
#[derive(Deserialize)]
struct SignatureManifest {
    #[serde(default)]
    subject: Option<Referrer>,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    #[serde(flatten)]
    descriptor: Descriptor,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

/// Where artifacts are looked up: a registry, or a file that has them.
pub(crate) trait Artifacts {
    /// What refers to a manifest.
    fn referrers(&self, manifest: &Digest) -> Result<Vec<Digest>>;
    /// A manifest or an index by its digest or tag, if it is there.
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>>;
    /// A content of at most [`MAX_SIGNATURE`] bytes, if it is there.
    fn small(&self, descriptor: &Descriptor) -> Result<Option<Vec<u8>>>;
}

/// A repository of a registry.
pub(crate) struct At<'r> {
    pub(crate) registry: &'r Registry,
    pub(crate) source: &'r PluginReference,
}

impl Artifacts for At<'_> {
    fn referrers(&self, manifest: &Digest) -> Result<Vec<Digest>> {
        let referrers = self.registry.referrers(self.source, manifest)?;
        Ok(referrers.into_iter().map(|it| it.digest).collect())
    }

    fn document(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.registry.document(self.source, name)?.map(|it| it.0))
    }

    fn small(&self, descriptor: &Descriptor) -> Result<Option<Vec<u8>>> {
        self.registry.small(self.source, descriptor)
    }
}

/// Everything that may be a signature of a manifest.
pub(crate) fn find(artifacts: &impl Artifacts, manifest: &Digest) -> Result<FoundSignatures> {
    let mut found = Vec::new();
    let referrers = artifacts.referrers(manifest)?;
    let left_out = referrers.len().saturating_sub(MOST);
    for found_in in referrers.into_iter().take(MOST) {
        let Some(bytes) = artifacts.document(found_in.as_str())? else { continue };
        // What is not as the index and the manifest say is left out.
        let Ok(read) = strict::<SignatureManifest>(&bytes) else { continue };
        let about_it = read.subject.is_some_and(|it| it.digest == *manifest);
        let [layer] = &read.layers[..] else { continue };
        if digest_of(&bytes) != found_in || !about_it || layer.descriptor.media_type != BUNDLE {
            continue;
        }
        if let Some(text) = text(artifacts, &layer.descriptor)? {
            found.push(Evidence { found_in, content: Content::Bundle(text) });
        }
    }
    found.extend(simple(artifacts, manifest)?);
    Ok(FoundSignatures { evidence: found, left_out })
}

/// Signatures of cosign 2.
fn simple(artifacts: &impl Artifacts, manifest: &Digest) -> Result<Vec<Evidence>> {
    let tag = format!("sha256-{}.sig", manifest.hex());
    let Some(bytes) = artifacts.document(&tag)? else { return Ok(Vec::new()) };
    let found_in = digest_of(&bytes);
    let read = strict::<SignatureManifest>(&bytes).map_err(|_| {
        let message = format!("what is under {tag} is not a signature");
        RegistryError::new(Code::RegistryFails, message)
    })?;
    let mut found = Vec::new();
    for layer in read.layers.iter().take(MOST) {
        let signature = layer.annotations.get(SIMPLE_SIGNATURE);
        let Some(signature) = signature.filter(|_| layer.descriptor.media_type == SIMPLE) else {
            continue;
        };
        if let Some(payload) = text(artifacts, &layer.descriptor)? {
            let content = Content::Simple { payload, signature: signature.clone() };
            found.push(Evidence { found_in: found_in.clone(), content });
        }
    }
    Ok(found)
}

/// Small content, if it is there, and a text.
fn text(artifacts: &impl Artifacts, descriptor: &Descriptor) -> Result<Option<String>> {
    Ok(artifacts.small(descriptor)?.and_then(|it| String::from_utf8(it).ok()))
}

impl Registry {
    /// Everything in a registry that may be a signature of a manifest. A registry that does not answer the question is an
    /// error: its plugins are not unsigned.
    pub fn signatures(
        &self,
        source: &PluginReference,
        manifest: &Digest,
    ) -> Result<FoundSignatures> {
        find(&At { registry: self, source }, manifest).map_err(|error| error.of(source))
    }

    /// What refers to a manifest: by the API for that, or where the registry has none, by the tag that clients keep.
    fn referrers(&self, source: &PluginReference, manifest: &Digest) -> Result<Vec<Referrer>> {
        let wish = Wish { path: &format!("referrers/{manifest}"), accept: Some(INDEX) };
        let (response, origin) = self.client.get(&place(source), &wish)?;
        let is_index = |kind: Option<&str>| kind.is_some_and(|it| it.starts_with(INDEX));
        let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let not_a_list = || {
            let message = format!("{origin} answers with what is not a list of referrers");
            RegistryError::new(Code::RegistryFails, message)
        };
        let bytes = match response.status().as_u16() {
            200 if is_index(kind) => {
                let body = self.client.body(response, &origin, MAX_MANIFEST);
                body.all(MAX_MANIFEST, "a list of referrers")?
            }
            404 => {
                let tag = format!("sha256-{}", manifest.hex());
                match self.document(source, &tag)? {
                    Some((bytes, kind)) if is_index(kind.as_deref()) => bytes,
                    Some(_) => return Err(not_a_list()),
                    None => return Ok(Vec::new()),
                }
            }
            200 => return Err(not_a_list()),
            _ => return Err(self.refused(response, &origin, source, "the list of signatures")),
        };
        strict::<Index>(&bytes).map(|it| it.manifests).map_err(|_| not_a_list())
    }

    /// A manifest or an index, if it is there.
    pub(super) fn document(
        &self,
        source: &PluginReference,
        name: &str,
    ) -> Result<Option<(Vec<u8>, Option<String>)>> {
        let accept = format!("{MANIFEST}, {INDEX}");
        match self.accepted(source, name, &accept) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code == Code::NotInRegistry => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Small content, if it is there.
    fn small(&self, source: &PluginReference, descriptor: &Descriptor) -> Result<Option<Vec<u8>>> {
        let (digest, size) = (&descriptor.digest, descriptor.size);
        if size > MAX_SIGNATURE {
            return Ok(None);
        }
        let wanted = Wanted { source, digest, size, what: "a signature" };
        let mut bytes = Vec::new();
        match self.blob(&place(source), &wanted, &mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.code == Code::NotInRegistry => Ok(None),
            Err(error) => Err(error),
        }
    }
}
