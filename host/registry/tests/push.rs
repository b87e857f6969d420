//! Plugins that are pushed: the same bytes each time, nothing half-written, and no version that changes.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::time::Duration;

use wellhead_diagnostics::Code;
use wellhead_harness::registry::writable::{Habits, Writable};
use wellhead_registry::{
    Artifact, Claims, Deadlines, Options, Pinned, Pushed, Registry, SigningKey, Store,
};
use wellhead_spec::{PluginReference, RegistrySettings};

/// Keys that OpenSSL made for these tests, and that sign nothing else.
const KEY: &str = include_str!("keys/private.pem");
const OTHER: &str = include_str!("keys/private-ed25519.pem");

fn client(double: &Writable) -> Registry {
    let text = format!(r#"{{"host": "{}", "plainHttp": true}}"#, double.registry.host());
    let settings: RegistrySettings = serde_json::from_str(&text).unwrap();
    let deadlines = Deadlines { retry: Duration::from_millis(1), ..Deadlines::default() };
    Registry::new(Options { registries: vec![settings], deadlines, ..Options::default() })
}

fn artifact(component: &[u8]) -> Artifact {
    let claims = Claims {
        created: "1970-01-01T00:00:00Z".into(),
        file: "a.wasm".into(),
        exports: vec!["transform".into()],
        imports: vec!["log".into()],
        annotations: [("org.opencontainers.image.version".into(), "0.1.0".into())].into(),
    };
    Artifact::new(component.to_vec(), &claims)
}

fn target(double: &Writable) -> PluginReference {
    format!("oci://{}/acme/a:0.1.0", double.registry.host()).parse().unwrap()
}

/// Requests that write.
fn writes(double: &Writable) -> usize {
    double.registry.asked().iter().filter(|it| !["GET", "HEAD"].contains(&&*it.method)).count()
}

#[test]
fn what_was_pushed_is_pulled_and_is_not_pushed_again() {
    let double = Writable::start(Habits::default()).unwrap();
    let (client, target, artifact) = (client(&double), target(&double), artifact(b"component"));
    assert_eq!(client.push(&target, &artifact, false), Ok(Pushed::New));
    let written = writes(&double);
    assert_eq!(client.push(&target, &artifact, false), Ok(Pushed::AlreadyThere));
    assert_eq!(writes(&double), written, "the second push writes nothing");
    assert_eq!(client.versions(&target).unwrap(), ["0.1.0"]);
    let manifest = client.resolve(&target).unwrap();
    assert_eq!(manifest.digest, artifact.digest);
    let folder = tempfile::tempdir().unwrap();
    let pinned = Pinned::from(&manifest.component);
    let path = client.fetch(&target, &pinned, &Store::new(folder.path())).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"component");
}

#[test]
fn a_plugin_has_one_digest_wherever_it_is_pushed() {
    let one = artifact(b"component");
    assert_eq!(one.digest, artifact(b"component").digest);
    assert_ne!(one.digest, artifact(b"other").digest);
    let double = Writable::start(Habits::default()).unwrap();
    client(&double).push(&target(&double), &one, false).unwrap();
    let stored = double.stored();
    let manifest = stored.manifests.values().next().unwrap();
    let expected = concat!(
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
        r#""config":{"mediaType":"application/vnd.wasm.config.v0+json","#,
        r#""digest":"sha256:5919905f603be582f9fafc7c2742ed9565c71dad1de2c98da6942f5e44b5d094","size":217},"#,
        r#""layers":[{"mediaType":"application/wasm","#,
        r#""digest":"sha256:6985ca1f4daa5a584a28eae043a239cb96689af1337ea13afb63e00c2bf512fa","size":9,"#,
        r#""annotations":{"org.opencontainers.image.title":"a.wasm"}}],"#,
        r#""annotations":{"org.opencontainers.image.version":"0.1.0"}}"#,
    );
    assert_eq!(String::from_utf8_lossy(manifest), expected);
}

#[test]
fn a_version_is_replaced_only_where_that_was_said() {
    let double = Writable::start(Habits::default()).unwrap();
    let (client, target) = (client(&double), target(&double));
    client.push(&target, &artifact(b"one"), false).unwrap();
    let before = double.stored().manifests;
    let refused = client.push(&target, &artifact(b"two"), false).unwrap_err();
    assert_eq!(refused.code, Code::VersionTaken);
    assert!(refused.message.contains("0.1.0"), "{refused}");
    assert_eq!(double.stored().manifests, before);
    assert_eq!(client.push(&target, &artifact(b"two"), true), Ok(Pushed::Replaced));
}

#[test]
fn a_registry_that_takes_no_pushes_says_so() {
    for (status, code, says) in [
        (405, Code::PushRefused, "takes no pushes"),
        (403, Code::PushRefused, "from this user"),
        (401, Code::RegistryCredentials, ""),
        (500, Code::RegistryFails, "status 500"),
        (307, Code::RegistryFails, "status 307"),
    ] {
        let double =
            Writable::start(Habits { refuses: Some(status), ..Habits::default() }).unwrap();
        let error = client(&double).push(&target(&double), &artifact(b"one"), false).unwrap_err();
        assert_eq!(error.code, code, "{status}: {error}");
        assert!(error.message.contains(says), "{status}: {error}");
        assert!(error.message.contains(&double.registry.host()), "{status}: {error}");
        assert!(double.stored().manifests.is_empty());
    }
}

#[test]
fn a_component_too_large_for_one_request_goes_in_pieces() {
    let double = Writable::start(Habits { piece: Some(4 << 20), ..Habits::default() }).unwrap();
    let component: Vec<u8> = (0..9_000_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    let artifact = artifact(&component);
    client(&double).push(&target(&double), &artifact, false).unwrap();
    assert_eq!(double.stored().blobs[artifact.component_digest.as_str()], component);
    let pieces = double.registry.asked().iter().filter(|it| it.method == "PATCH").count();
    assert_eq!(pieces, 3);
}

/// Whichever request fails: no version is there before all that it consists of, and the same push ends well.
#[test]
fn a_push_that_failed_anywhere_leaves_no_version_and_goes_on() {
    let whole = Writable::start(Habits::default()).unwrap();
    client(&whole).push(&target(&whole), &artifact(b"component"), false).unwrap();
    let requests = whole.registry.asked().len();
    assert!(requests > 6, "{requests}");
    for at in 0..requests {
        let double = Writable::start(Habits { fails_at: Some(at), ..Habits::default() }).unwrap();
        let (client, target) = (client(&double), target(&double));
        let failed = client.push(&target, &artifact(b"component"), false);
        let is_there = |stored: &wellhead_harness::registry::writable::Stored| {
            stored.manifests.keys().any(|it| it.1 == "0.1.0")
        };
        assert!(failed.is_ok() || !is_there(&double.stored()), "request {at}: {failed:?}");
        double.becomes(Habits::default());
        client.push(&target, &artifact(b"component"), false).unwrap();
        assert!(is_there(&double.stored()), "request {at}");
    }
}

#[test]
fn an_upload_that_leads_elsewhere_is_not_followed() {
    use wellhead_harness::registry::{Answer, Registry as Double};
    let double = Double::start(None, |asked| match &*asked.method {
        "POST" => Answer::new(202, "").header("location", "https://other.example/v2/x?y=z"),
        _ => Answer::new(404, r#"{"errors":[]}"#),
    })
    .unwrap();
    let text = format!(r#"{{"host": "{}", "plainHttp": true}}"#, double.host());
    let registries = vec![serde_json::from_str::<RegistrySettings>(&text).unwrap()];
    let client = Registry::new(Options { registries, ..Options::default() });
    let target = format!("oci://{}/acme/a:0.1.0", double.host()).parse().unwrap();
    let error = client.push(&target, &artifact(b"one"), false).unwrap_err();
    assert_eq!(error.code, Code::RegistryFails);
    assert!(error.message.contains("another host"), "{error}");
}

/// A registry that lists referrers, and one where clients keep the list: both have one signature after two runs.
#[test]
fn a_plugin_is_signed_once_and_the_signature_is_found() {
    for referrers in [true, false] {
        let double = Writable::start(Habits { referrers, ..Habits::default() }).unwrap();
        let (client, target) = (client(&double), target(&double));
        client.push(&target, &artifact(b"component"), false).unwrap();
        let [key, other] = [KEY, OTHER].map(|it| SigningKey::from_pem(it.as_bytes()).unwrap());
        let signed = client.sign(&target, &key).unwrap();
        assert!(!signed.already);
        let written = writes(&double);
        let again = client.sign(&target, &key).unwrap();
        assert_eq!((again.already, &again.signature), (true, &signed.signature));
        assert_eq!(writes(&double), written, "the second run writes nothing");
        client.sign(&target, &other).unwrap();
        let found = client.signatures(&target, &signed.manifest).unwrap().evidence;
        assert_eq!(found.len(), 2);
        for key in [&key, &other] {
            let good = found.iter().filter(|it| it.check(&key.public(), &signed.manifest).is_ok());
            assert_eq!(good.count(), 1);
        }
    }
}

/// Whichever request fails, the same command ends with the plugin signed.
#[test]
fn a_signature_that_failed_anywhere_is_written_by_the_same_command() {
    let key = SigningKey::from_pem(KEY.as_bytes()).unwrap();
    let whole = Writable::start(Habits::default()).unwrap();
    client(&whole).push(&target(&whole), &artifact(b"component"), false).unwrap();
    let before = whole.registry.asked().len();
    client(&whole).sign(&target(&whole), &key).unwrap();
    for at in 0..whole.registry.asked().len() - before {
        let double = Writable::start(Habits::default()).unwrap();
        let (client, target) = (client(&double), target(&double));
        client.push(&target, &artifact(b"component"), false).unwrap();
        double.becomes(Habits { fails_at: Some(at), ..Habits::default() });
        let _ = client.sign(&target, &key);
        double.becomes(Habits::default());
        let signed = client.sign(&target, &key).unwrap();
        let found = client.signatures(&target, &signed.manifest).unwrap().evidence;
        assert!(found.iter().any(|it| it.check(&key.public(), &signed.manifest).is_ok()), "{at}");
    }
}

#[test]
fn what_is_not_a_private_key_that_can_sign_is_named() {
    let file =
        |name: &str| std::fs::read(format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for (pem, says) in [
        (file("keys/p256.pub"), "public key"),
        (b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n".to_vec(), "has a password"),
        (
            b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n".to_vec(),
            "PKCS #8",
        ),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(), "neither of"),
        (b"secret".to_vec(), "no private key"),
    ] {
        let error = SigningKey::from_pem(&pem).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
