//! Signatures of plugins as cosign writes them, and whether one is that of a key over a manifest.
//!
//! cosign 3 writes a Sigstore bundle: an envelope of DSSE around a statement about the manifest's digest. cosign 2 writes a
//! payload about the digest, and a signature over it.
//! <https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md>,
//! <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use wellhead_spec::Digest;

use super::key::PublicKey;
use crate::content::strict;

/// The type of a statement, of an envelope's payload, and of what a signature of cosign says.
pub(super) const STATEMENT: &str = "https://in-toto.io/Statement/v1";
pub(super) const PAYLOAD: &str = "application/vnd.in-toto+json";
pub(super) const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";
const SIMPLE: &str = "cosign container image signature";

/// What may be a signature of a plugin, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// Digest of what it was found in.
    pub found_in: Digest,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Content {
    /// A bundle, in JSON.
    Bundle(String),
    /// A payload, in JSON, and the signature over it in base64.
    Simple { payload: String, signature: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    digest: SubjectDigest,
}

#[derive(Deserialize)]
struct SubjectDigest {
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct SimplePayload {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

impl Evidence {
    /// Whether it is a signature of a key's owner over a manifest; the error says in a few words why not.
    pub fn check(&self, key: &PublicKey, manifest: &Digest) -> Result<(), &'static str> {
        match &self.content {
            Content::Bundle(text) => check_bundle(text, key, manifest),
            Content::Simple { payload, signature } => {
                let signature = decode(signature).ok_or("its signature is not base64")?;
                if !key.signed(payload.as_bytes(), &signature) {
                    return Err("it is not of this key");
                }
                let payload: SimplePayload =
                    strict(payload.as_bytes()).map_err(|_| "its payload cannot be read")?;
                if payload.critical.kind != SIMPLE {
                    return Err("it signs something else than a version");
                }
                same(payload.critical.image.digest == manifest.as_str())
            }
        }
    }
}

fn check_bundle(text: &str, key: &PublicKey, manifest: &Digest) -> Result<(), &'static str> {
    let bundle: Bundle = strict(text.as_bytes()).map_err(|_| "it cannot be read")?;
    let envelope = bundle.dsse_envelope.ok_or("it has no envelope of DSSE")?;
    let payload = decode(&envelope.payload).ok_or("its payload is not base64")?;
    let message = authenticated(&envelope.payload_type, &payload);
    let of_key = |it: &EnvelopeSignature| {
        decode(&it.sig).is_some_and(|signature| key.signed(&message, &signature))
    };
    // What is not signed is not looked at.
    if !envelope.signatures.iter().take(MOST).any(of_key) {
        return Err("it is not of this key");
    }
    if envelope.payload_type != PAYLOAD {
        return Err("its payload is not a statement");
    }
    let statement: Statement = strict(&payload).map_err(|_| "its statement cannot be read")?;
    if statement.kind != STATEMENT {
        return Err("its payload is not a statement");
    }
    if statement.predicate_type != SIGNATURE {
        return Err("it is an attestation, which is not a signature");
    }
    let of_manifest = |it: &Subject| it.digest.sha256.as_deref() == Some(manifest.hex());
    same(statement.subject.iter().any(of_manifest))
}

/// Most signatures of one envelope that are looked at.
const MOST: usize = 10;

fn same(is: bool) -> Result<(), &'static str> {
    if is { Ok(()) } else { Err("it is of another version") }
}

/// Base64, with or without line breaks.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|it| !it.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// What an envelope's signature is over.
/// <https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md#signature-definition>
pub(super) fn authenticated(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut message =
        format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}
