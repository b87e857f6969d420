//! Where a registry keeps signatures: among the referrers of a manifest, or under a tag made of its digest.
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use super::evidence::{Content, Evidence};
use crate::content::manifest::{Descriptor, MANIFEST, MAX_MANIFEST};
use crate::content::{digest_of, strict};
use crate::error::Result;
use crate::registry::{Wanted, place};
use crate::wire::client::Wish;
use crate::{Registry, RegistryError};

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation of a layer that has the signature over it.
const SIMPLE_SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// Most referrers and layers that are looked at: each takes two requests.
const MOST: usize = 50;
/// Most bytes of a signature: one with a certificate has 5 KiB.
const MAX_SIGNATURE: u64 = 256 << 10;

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

impl Registry {
    /// Everything in a registry that may be a signature of a manifest. A registry that does not answer the question is an
    /// error: its plugins are not unsigned.
    pub fn signatures(
        &self,
        source: &PluginReference,
        manifest: &Digest,
    ) -> Result<FoundSignatures> {
        self.found(source, manifest).map_err(|error| error.of(source))
    }

    fn found(&self, source: &PluginReference, manifest: &Digest) -> Result<FoundSignatures> {
        let mut found = Vec::new();
        let referrers = self.referrers(source, manifest)?;
        let left_out = referrers.len().saturating_sub(MOST);
        for referrer in referrers.into_iter().take(MOST) {
            let Some((bytes, _)) = self.document(source, referrer.digest.as_str())? else {
                continue;
            };
            // What is not as the index and the manifest say is left out.
            let Ok(read) = strict::<SignatureManifest>(&bytes) else { continue };
            let about_it = read.subject.is_some_and(|it| it.digest == *manifest);
            let [layer] = &read.layers[..] else { continue };
            if digest_of(&bytes) != referrer.digest
                || !about_it
                || layer.descriptor.media_type != BUNDLE
            {
                continue;
            }
            if let Some(text) = self.text(source, &layer.descriptor)? {
                found.push(Evidence { found_in: referrer.digest, content: Content::Bundle(text) });
            }
        }
        found.extend(self.simple(source, manifest)?);
        Ok(FoundSignatures { evidence: found, left_out })
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

    /// Signatures of cosign 2.
    fn simple(&self, source: &PluginReference, manifest: &Digest) -> Result<Vec<Evidence>> {
        let tag = format!("sha256-{}.sig", manifest.hex());
        let Some((bytes, _)) = self.document(source, &tag)? else { return Ok(Vec::new()) };
        let found_in = digest_of(&bytes);
        let read = strict::<SignatureManifest>(&bytes).map_err(|_| {
            let message = format!("the registry has what is not a signature under {tag}");
            RegistryError::new(Code::RegistryFails, message)
        })?;
        let mut found = Vec::new();
        for layer in read.layers.iter().take(MOST) {
            let signature = layer.annotations.get(SIMPLE_SIGNATURE);
            let Some(signature) = signature.filter(|_| layer.descriptor.media_type == SIMPLE)
            else {
                continue;
            };
            if let Some(payload) = self.text(source, &layer.descriptor)? {
                let content = Content::Simple { payload, signature: signature.clone() };
                found.push(Evidence { found_in: found_in.clone(), content });
            }
        }
        Ok(found)
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

    /// Small content, if it is there, and a text.
    fn text(&self, source: &PluginReference, descriptor: &Descriptor) -> Result<Option<String>> {
        if descriptor.size > MAX_SIGNATURE {
            return Ok(None);
        }
        let (digest, size) = (&descriptor.digest, descriptor.size);
        let wanted = Wanted { source, digest, size, what: "a signature" };
        let mut bytes = Vec::new();
        match self.blob(&place(source), &wanted, &mut bytes) {
            Ok(()) => Ok(String::from_utf8(bytes).ok()),
            Err(error) if error.code == Code::NotInRegistry => Ok(None),
            Err(error) => Err(error),
        }
    }
}
