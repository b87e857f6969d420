//! Signs a plugin in a registry, as `cosign sign --key` of cosign 3 does it without a log: a bundle that refers to the
//! manifest. <https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::HeaderName;
use serde_json::{Value, json};
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, PluginReference};

use super::evidence::{PAYLOAD, SIGNATURE, STATEMENT, authenticated};
use super::find::BUNDLE;
use super::private::SigningKey;
use crate::content::manifest::{INDEX, MANIFEST};
use crate::content::{digest_of, strict};
use crate::error::Result;
use crate::push::Document;
use crate::registry::place;
use crate::{Registry, RegistryError};

/// What a registry that lists referrers by itself answers with.
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
/// How often the list of referrers is written at most, where clients keep it.
const TRIES: usize = 3;

/// A plugin that has a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Digest of its manifest: what was signed.
    pub manifest: Digest,
    /// Digest of the signature's manifest.
    pub signature: Digest,
    /// Whether it had a signature of this key before, so that nothing was written.
    pub already: bool,
}

impl Registry {
    /// Signs what a registry has under a reference.
    pub fn sign(&self, source: &PluginReference, key: &SigningKey) -> Result<Signed> {
        self.signed(source, key).map_err(|error| error.of(source))
    }

    fn signed(&self, source: &PluginReference, key: &SigningKey) -> Result<Signed> {
        let plugin = self.resolve(source)?;
        let public = key.public();
        for evidence in self.signatures(source, &plugin.digest)?.evidence {
            if evidence.check(&public, &plugin.digest).is_ok() {
                let signature = evidence.found_in;
                return Ok(Signed { manifest: plugin.digest, signature, already: true });
            }
        }
        let place = place(source);
        let bundle = bundle(&plugin.digest, key)?.to_string().into_bytes();
        let empty = b"{}";
        for content in [&bundle[..], empty] {
            self.put_blob(&place, &digest_of(content), content)?;
        }
        let referrer = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": BUNDLE,
            "config": descriptor("application/vnd.oci.empty.v1+json", empty),
            "layers": [descriptor(BUNDLE, &bundle)],
            "subject": {"mediaType": MANIFEST, "digest": plugin.digest, "size": plugin.size},
            "annotations": {
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": SIGNATURE,
            },
        });
        let bytes = referrer.to_string().into_bytes();
        let signature = digest_of(&bytes);
        let document = Document { name: signature.as_str(), media_type: MANIFEST, bytes: &bytes };
        let response = self.put_document(&place, &document)?;
        if !response.headers().contains_key(&SUBJECT) {
            let mut listed = descriptor(MANIFEST, &bytes);
            listed["artifactType"] = BUNDLE.into();
            listed["annotations"] = referrer["annotations"].clone();
            self.list(source, &plugin.digest, &listed)?;
        }
        Ok(Signed { manifest: plugin.digest, signature, already: false })
    }

    /// Adds a referrer to the list that clients keep under a tag, where the registry keeps none. Another client may write the
    /// list at the same time, so that it is read again.
    fn list(&self, source: &PluginReference, manifest: &Digest, listed: &Value) -> Result<()> {
        let tag = format!("sha256-{}", manifest.hex());
        for _ in 0..=TRIES {
            let before = self.document(source, &tag)?;
            let before = before.and_then(|(bytes, _)| strict::<Value>(&bytes).ok());
            let mut index = before.filter(|it| it["manifests"].is_array()).unwrap_or_else(
                || json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}),
            );
            let Some(manifests) = index["manifests"].as_array_mut() else { break };
            if manifests.iter().any(|it| it["digest"] == listed["digest"]) {
                return Ok(());
            }
            manifests.push(listed.clone());
            let bytes = index.to_string().into_bytes();
            self.put_document(
                &place(source),
                &Document { name: &tag, media_type: INDEX, bytes: &bytes },
            )?;
        }
        let message = "other clients keep writing the list of its signatures";
        Err(RegistryError::new(Code::RegistryFails, message).hint("sign it again"))
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest_of(bytes), "size": bytes.len()})
}

/// A signature over the digest of a manifest.
fn bundle(manifest: &Digest, key: &SigningKey) -> Result<Value> {
    let statement = json!({
        "_type": STATEMENT,
        "subject": [{"digest": {"sha256": manifest.hex()}}],
        "predicateType": SIGNATURE,
        "predicate": {},
    });
    let payload = statement.to_string().into_bytes();
    let signature = key.sign(&authenticated(PAYLOAD, &payload)).ok_or_else(|| {
        RegistryError::new(Code::NotSigned, "the system gives no random numbers to sign with")
    })?;
    Ok(json!({
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": key.hint()}},
        "dsseEnvelope": {
            "payload": STANDARD.encode(payload),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": STANDARD.encode(signature)}],
        },
    }))
}
