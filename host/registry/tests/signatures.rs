//! Signatures that a registry has, by the API for referrers and by tags, and what is one.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use wellhead_diagnostics::Code;
use wellhead_harness::registry::{Answer, Content, Registry as Double, digest};
use wellhead_registry::{
    Deadlines, Evidence, FoundSignatures, Options, PublicKey, Registry, RegistryError, Store,
};
use wellhead_spec::{Digest, PluginReference, RegistrySettings};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";

/// The digest of the plugin's manifest in all tests.
fn plugin() -> Digest {
    digest(b"the manifest").parse().unwrap()
}

struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    fn public(&self) -> PublicKey {
        let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut der: Vec<u8> = (0..head.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&head[at..at + 2], 16).unwrap())
            .collect();
        der.extend_from_slice(self.pair.public_key().as_ref());
        let pem = STANDARD.encode(der);
        PublicKey::from_pem(
            format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n").as_bytes(),
        )
        .unwrap()
    }

    fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(&self.random, message).unwrap())
    }

    /// A bundle as `cosign sign --key` of cosign 3 writes it without a log.
    fn bundle(&self, statement: &Value) -> Value {
        let (kind, payload) = ("application/vnd.in-toto+json", statement.to_string());
        let message = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
        json!({
            "mediaType": BUNDLE,
            "verificationMaterial": {"publicKey": {"hint": "x"}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": STANDARD.encode(&payload),
                "payloadType": kind,
                "signatures": [{"sig": self.sign(message.as_bytes())}],
            },
        })
    }
}

fn statement(digest: &str, predicate: &str) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": digest.trim_start_matches("sha256:")}}],
        "predicateType": predicate,
        "predicate": {},
    })
}

fn simple(digest: &str, kind: &str) -> String {
    json!({
        "critical": {
            "identity": {"docker-reference": "registry.example.com/acme/a"},
            "image": {"docker-manifest-digest": digest},
            "type": kind,
        },
        "optional": null,
    })
    .to_string()
}

/// What a registry has beside a plugin, by the end of the path that asks for it.
#[derive(Clone, Default)]
struct Contents(BTreeMap<String, Answer>);

impl Contents {
    fn blob(&mut self, bytes: &[u8]) -> Value {
        let digest = digest(bytes);
        self.0.insert(format!("blobs/{digest}"), Answer::new(200, bytes));
        json!({"digest": digest, "size": bytes.len()})
    }

    fn manifest(&mut self, name: Option<&str>, manifest: &Value) -> Value {
        let bytes = manifest.to_string().into_bytes();
        let digest = digest(&bytes);
        let answer = Answer::new(200, bytes.clone()).header("content-type", MANIFEST);
        self.0.insert(format!("manifests/{}", name.unwrap_or(&digest)), answer);
        json!({"mediaType": MANIFEST, "digest": digest, "size": bytes.len(), "artifactType": "x/y"})
    }

    /// Adds a bundle about a manifest, and returns its descriptor.
    fn bundle(&mut self, bundle: &Value, subject: &str) -> Value {
        let mut layer = self.blob(bundle.to_string().as_bytes());
        layer["mediaType"] = BUNDLE.into();
        let subject = json!({"mediaType": MANIFEST, "digest": subject, "size": 7});
        self.manifest(None, &json!({"schemaVersion": 2, "layers": [layer], "subject": subject}))
    }

    fn simple(&mut self, payload: &str, signature: &str) {
        let mut layer = self.blob(payload.as_bytes());
        layer["mediaType"] = SIMPLE.into();
        layer["annotations"] = json!({"dev.cosignproject.cosign/signature": signature});
        let tag = format!("sha256-{}.sig", plugin().hex());
        self.manifest(Some(&tag), &json!({"schemaVersion": 2, "layers": [layer]}));
    }

    fn index(descriptors: &[Value]) -> Answer {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors});
        Answer::new(200, index.to_string()).header("content-type", INDEX)
    }

    fn referrers(mut self, descriptors: &[Value]) -> Self {
        self.0.insert(format!("referrers/{}", plugin()), Self::index(descriptors));
        self
    }

    fn fallback(mut self, descriptors: &[Value]) -> Self {
        self.0.insert(format!("manifests/sha256-{}", plugin().hex()), Self::index(descriptors));
        self
    }

    fn found(&self) -> Result<FoundSignatures, RegistryError> {
        let contents = self.clone();
        let double = Double::start(None, move |asked| {
            let known = contents.0.iter().find(|it| asked.path.ends_with(&format!("/{}", it.0)));
            known.map_or_else(|| Answer::new(404, r#"{"errors":[]}"#), |it| it.1.clone())
        })
        .unwrap();
        let text = format!(r#"{{"host": "{}", "plainHttp": true}}"#, double.host());
        let registries = vec![serde_json::from_str::<RegistrySettings>(&text).unwrap()];
        let deadlines = Deadlines { retry: Duration::from_millis(1), ..Deadlines::default() };
        let source: PluginReference =
            format!("oci://{}/acme/a:0.1.0", double.host()).parse().unwrap();
        Registry::new(Options { registries, deadlines, ..Options::default() })
            .signatures(&source, &plugin())
    }

    /// Whether something that was found is a signature of the key's owner, or why each is not.
    fn checked(&self, key: &PublicKey) -> Result<(), Vec<&'static str>> {
        let results: Vec<_> =
            self.found().unwrap().evidence.iter().map(|it| it.check(key, &plugin())).collect();
        if results.iter().any(Result::is_ok) {
            return Ok(());
        }
        Err(results.into_iter().filter_map(Result::err).collect())
    }
}

#[test]
fn a_signature_is_found_by_the_api_by_the_fallback_tag_and_as_cosign_2_wrote_it() {
    let signer = Signer::new();
    let (key, digest) = (signer.public(), plugin().to_string());
    let mut contents = Contents::default();
    let descriptor = contents.bundle(&signer.bundle(&statement(&digest, SIGNATURE)), &digest);
    assert_eq!(contents.clone().referrers(std::slice::from_ref(&descriptor)).checked(&key), Ok(()));
    assert_eq!(contents.fallback(&[descriptor]).checked(&key), Ok(()));
    let payload = simple(&digest, "cosign container image signature");
    let mut contents = Contents::default();
    contents.simple(&payload, &signer.sign(payload.as_bytes()));
    assert_eq!(contents.checked(&key), Ok(()));
    assert_eq!(Contents::default().checked(&key), Err(vec![]));
}

#[test]
fn what_is_not_a_signature_of_the_key_over_the_plugin_says_why() {
    let (signer, other) = (Signer::new(), Signer::new());
    let (key, digest) = (signer.public(), plugin().to_string());
    let elsewhere = wellhead_harness::registry::digest(b"another manifest");
    let bundle = |statement: &Value| signer.bundle(statement);
    let mut broken = bundle(&statement(&digest, SIGNATURE));
    broken["dsseEnvelope"]["payload"] = STANDARD.encode(statement(&digest, "x").to_string()).into();
    let mut renamed = bundle(&statement(&digest, SIGNATURE));
    renamed["dsseEnvelope"]["payloadType"] = "text/plain".into();
    for (bundle, why) in [
        (other.bundle(&statement(&digest, SIGNATURE)), "it is not of this key"),
        (broken, "it is not of this key"),
        (renamed, "it is not of this key"),
        (bundle(&statement(&elsewhere, SIGNATURE)), "it is of another version"),
        (
            bundle(&statement(&digest, "https://slsa.dev/provenance/v1")),
            "it is an attestation, which is not a signature",
        ),
        (bundle(&json!({"_type": "x"})), "its statement cannot be read"),
        (json!({"messageSignature": {}}), "it has no envelope of DSSE"),
        (
            json!({"dsseEnvelope": {"payload": "*", "payloadType": "", "signatures": []}}),
            "its payload is not base64",
        ),
        (json!([]), "it cannot be read"),
    ] {
        let mut contents = Contents::default();
        let descriptor = contents.bundle(&bundle, &digest);
        assert_eq!(contents.referrers(&[descriptor]).checked(&key), Err(vec![why]), "{bundle}");
    }
    let right = "cosign container image signature";
    for (digest, kind, signature, why) in [
        (&elsewhere, right, None, "it is of another version"),
        (&digest, "another", None, "it signs something else than a version"),
        (&digest, right, Some("AAAA"), "it is not of this key"),
        (&digest, right, Some("*"), "its signature is not base64"),
    ] {
        let payload = simple(digest, kind);
        let signature = signature.map_or_else(|| signer.sign(payload.as_bytes()), str::to_owned);
        let mut contents = Contents::default();
        contents.simple(&payload, &signature);
        assert_eq!(contents.checked(&key), Err(vec![why]), "{kind}");
    }
    let payload = simple(&digest, right);
    let mut wrapped = signer.sign(payload.as_bytes());
    wrapped.insert(20, '\n');
    let mut contents = Contents::default();
    contents.simple(&payload, &wrapped);
    assert_eq!(contents.checked(&key), Ok(()), "base64 may have line breaks");
}

#[test]
fn the_right_signature_is_found_among_others() {
    let (signer, other) = (Signer::new(), Signer::new());
    let digest = plugin().to_string();
    let elsewhere = wellhead_harness::registry::digest(b"another manifest");
    let mut contents = Contents::default();
    let good = signer.bundle(&statement(&digest, SIGNATURE));
    let mut descriptors = vec![
        contents.bundle(&other.bundle(&statement(&digest, SIGNATURE)), &digest),
        contents.bundle(&good, &elsewhere),
        json!({"digest": elsewhere, "size": 1, "mediaType": MANIFEST}),
        contents.manifest(None, &json!({"layers": "none"})),
    ];
    let found = contents.clone().referrers(&descriptors).checked(&signer.public());
    assert_eq!(
        found,
        Err(vec!["it is not of this key"]),
        "a bundle about another manifest is left out"
    );
    descriptors.push(contents.bundle(&good, &digest));
    assert_eq!(contents.clone().referrers(&descriptors).checked(&signer.public()), Ok(()));
    let many: Vec<_> = (0..10_000).map(|_| descriptors[2].clone()).collect();
    let error = contents.clone().referrers(&many).found().unwrap_err();
    assert_eq!(error.code, Code::ContentTooLarge, "{error}");
    let found = contents.referrers(&many[..60]).found().unwrap();
    assert_eq!(
        (found.evidence.len(), found.left_out),
        (0, 10),
        "it says what it has not looked at"
    );
}

/// A registry that cannot say which signatures there are has not said that there are none.
#[test]
fn a_registry_that_does_not_answer_has_no_unsigned_plugins() {
    let referrers = format!("referrers/{}", plugin());
    let html = Answer::new(200, "<html>").header("content-type", "text/html");
    let junk = Answer::new(200, "[]").header("content-type", INDEX);
    let [tag, sig] = ["", ".sig"].map(|end| format!("manifests/sha256-{}{end}", plugin().hex()));
    for (path, answer, code) in [
        (&*referrers, Answer::new(500, ""), Code::RegistryFails),
        (&referrers, Answer::new(403, ""), Code::RegistryCredentials),
        (&referrers, html.clone(), Code::RegistryFails),
        (&referrers, junk.clone(), Code::RegistryFails),
        (&referrers, Answer::content(Content::Nothing), Code::RegistryFails),
        (&tag, Answer::new(429, ""), Code::RegistryFails),
        (&tag, html.clone(), Code::RegistryFails),
        (&tag, junk.clone(), Code::RegistryFails),
        (&sig, Answer::new(500, ""), Code::RegistryFails),
        (&sig, html.clone(), Code::RegistryFails),
    ] {
        let mut contents = Contents::default();
        contents.0.insert(path.to_owned(), answer);
        assert_eq!(contents.found().unwrap_err().code, code, "{path}");
    }
}

#[test]
fn no_bundle_with_a_changed_bit_is_accepted() {
    let signer = Signer::new();
    let (key, digest) = (signer.public(), plugin().to_string());
    let mut contents = Contents::default();
    let descriptor = contents.bundle(&signer.bundle(&statement(&digest, SIGNATURE)), &digest);
    let found = contents.referrers(&[descriptor]).found().unwrap().evidence;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("store"));
    store.keep_evidence(&plugin(), &found).unwrap();
    assert_eq!(store.evidence(&plugin()).as_ref(), Some(&found));
    let path = folder.path().join("store").join(format!("{}.signatures", plugin().hex()));
    let kept = std::fs::read(&path).unwrap();
    let (mut accepted, mut tried) = (0, 0);
    for bit in 0..8 * kept.len() {
        let mut changed = kept.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &changed).unwrap();
        tried += 1;
        let read = store.evidence(&plugin()).unwrap_or_default();
        let is_good = read.iter().any(|it| it.check(&key, &plugin()).is_ok());
        if is_good {
            // Where it was found, and what the bundle says beside the envelope, is in nobody's signature.
            accepted += 1;
            let text = |it: &[Evidence]| serde_json::to_string(it).unwrap();
            let envelope = |text: &str| {
                let text = text.replace('\\', "");
                let from = text.find("\"payload\"").unwrap();
                text[from..].split(']').next().unwrap().to_owned()
            };
            assert_eq!(envelope(&text(&read)), envelope(&text(&found)), "bit {bit}");
        }
    }
    assert!(tried > 5_000 && accepted < tried / 2, "{accepted} of {tried}");
}
