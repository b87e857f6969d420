//! Gathers all that a plugin consists of in a registry, signatures included.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use super::Listed;
use crate::content::manifest::{Descriptor, MANIFEST, Manifest};
use crate::content::{digest_of, strict};
use crate::error::Result;
use crate::registry::Resolved;
use crate::signature::find::{Artifacts, At, FoundSignatures, MAX_SIGNATURE, find};
use crate::{Pinned, Registry, RegistryError, Store};

/// Most bytes of all signatures of a plugin: a hundred of them have 1 MiB.
const MOST: usize = 8 << 20;

/// A plugin with all that belongs to it. Its component is in the store.
#[derive(Clone, Debug)]
pub struct PackedPlugin {
    /// Where it comes from.
    pub source: PluginReference,
    /// Its manifest.
    pub manifest: Manifest,
    /// What may be signatures of it.
    pub signatures: FoundSignatures,
    /// Contents but the component.
    pub(super) contents: BTreeMap<Digest, Vec<u8>>,
    /// What the layout lists, with the tag where it has one.
    pub(super) listed: Vec<(Option<String>, Listed)>,
}

/// What a manifest of a signature consists of.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parts {
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    subject: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// Keeps what is read of a registry.
struct Kept<'r> {
    at: At<'r>,
    contents: RefCell<BTreeMap<Digest, Vec<u8>>>,
}

impl Artifacts for Kept<'_> {
    fn referrers(&self, manifest: &Digest) -> Result<Vec<Digest>> {
        self.at.referrers(manifest)
    }

    fn document(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.keep(self.at.document(name)?)
    }

    fn small(&self, descriptor: &Descriptor) -> Result<Option<Vec<u8>>> {
        if let Some(bytes) = self.contents.borrow().get(&descriptor.digest) {
            return Ok(Some(bytes.clone()));
        }
        self.keep(self.at.small(descriptor)?)
    }
}

impl Kept<'_> {
    fn keep(&self, found: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
        let Some(bytes) = found else { return Ok(None) };
        let mut contents = self.contents.borrow_mut();
        if contents.values().map(Vec::len).sum::<usize>() + bytes.len() > MOST {
            let message = format!("its signatures have more than {} MiB", MOST >> 20);
            return Err(RegistryError::new(Code::ContentTooLarge, message));
        }
        contents.insert(digest_of(&bytes), bytes.clone());
        Ok(Some(bytes))
    }
}

impl Registry {
    /// Gathers a plugin, of which the manifest may be known. Its component goes into the store.
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve), [`fetch`](Self::fetch) and [`signatures`](Self::signatures).
    pub fn pack(
        &self,
        source: &PluginReference,
        manifest: Option<&Digest>,
        store: &Store,
    ) -> Result<PackedPlugin> {
        let resolved = self.resolve_all(source, manifest).map_err(|error| error.of(source))?;
        self.fetch(source, &Pinned::from(&resolved.manifest.component), store)?;
        self.packed(source, resolved).map_err(|error| error.of(source))
    }

    fn packed(&self, source: &PluginReference, resolved: Resolved) -> Result<PackedPlugin> {
        let Resolved { manifest, bytes, config } = resolved;
        let at = At { registry: self, source };
        let kept = Kept { at, contents: RefCell::default() };
        let signatures = find(&kept, &manifest.digest)?;
        let mut contents = BTreeMap::new();
        let mut listed = vec![(source.tag().map(str::to_owned), listed(&bytes, None))];
        for evidence in &signatures.evidence {
            let Some(bytes) = kept.contents.borrow().get(&evidence.found_in).cloned() else {
                continue;
            };
            let Ok(parts) = strict::<Parts>(&bytes) else { continue };
            for part in parts.layers.iter().chain(&parts.config) {
                let content = kept.small(part)?.ok_or_else(|| incomplete(&evidence.found_in))?;
                contents.insert(part.digest.clone(), content);
            }
            // A signature that does not say of what it is one is found by its tag.
            let tag =
                parts.subject.is_none().then(|| format!("sha256-{}.sig", manifest.digest.hex()));
            listed.push((tag, self::listed(&bytes, parts.artifact_type)));
            contents.insert(evidence.found_in.clone(), bytes);
        }
        contents.insert(manifest.digest.clone(), bytes);
        contents.insert(manifest.config.digest.clone(), config);
        listed.sort();
        listed.dedup();
        Ok(PackedPlugin { source: source.clone(), manifest, signatures, contents, listed })
    }
}

fn listed(bytes: &[u8], artifact_type: Option<String>) -> Listed {
    Listed {
        media_type: MANIFEST.to_owned(),
        digest: digest_of(bytes),
        size: bytes.len() as u64,
        artifact_type,
        annotations: BTreeMap::new(),
    }
}

fn incomplete(signature: &Digest) -> RegistryError {
    let message = format!(
        "the registry does not have all of the signature {signature}, or more than {} KiB of it",
        MAX_SIGNATURE >> 10
    );
    RegistryError::new(Code::NotInRegistry, message)
        .hint("ask its author to sign it again: `wellhead plugin sign`")
}
