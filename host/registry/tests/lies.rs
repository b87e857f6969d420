//! What a registry may say, and what must come of it: whatever it sends, nothing is kept that was not asked for, no
//! credential goes where it does not belong, and the error names the registry and shows no secret.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use wellhead_diagnostics::Code;
use wellhead_harness::registry::{Answer, Asked, Content, Published, Registry as Double, digest};
use wellhead_registry::{Credentials, Deadlines, Options, Pinned, Registry, RegistryError, Store};
use wellhead_spec::{PluginReference, RegistrySettings};

const REPOSITORY: &str = "acme/storage-class";
/// Base64 of `joe:secret`.
const SECRET: &str = "am9lOnNlY3JldA==";

fn published() -> Published {
    Published::new(REPOSITORY, "0.2.0", b"\0asm component".repeat(100))
}

/// A client of doubles, and a store in a folder of its own.
struct Client {
    options: Options,
    folder: TempDir,
}

impl Client {
    fn new(doubles: &[&Double]) -> Self {
        let settings = |double: &&Double| settings(&double.host());
        let deadlines = Deadlines { retry: Duration::from_millis(1), ..Deadlines::default() };
        let registries = doubles.iter().map(settings).collect();
        let options = Options { registries, deadlines, ..Options::default() };
        Self { options, folder: tempfile::tempdir().unwrap() }
    }

    /// With deadlines that a test can wait for.
    fn impatient(mut self) -> Self {
        self.options.deadlines.silence = Duration::from_millis(1_500);
        self.options.deadlines.answer = Duration::from_millis(1_500);
        self
    }

    /// With a credential for a registry.
    fn with_credential(mut self, key: &str) -> Self {
        let file = self.folder.path().join("auth.json");
        let text = format!(r#"{{"auths": {{"{key}": {{"auth": "{SECRET}"}}}}}}"#);
        std::fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        self.options.credentials =
            Credentials::of(|name| (name == "REGISTRY_AUTH_FILE").then(|| file.clone()));
        self
    }

    fn store(&self) -> Store {
        Store::new(self.folder.path().join("store"))
    }

    /// Resolves a version and fetches its component.
    fn pull(&self, host: &str) -> Result<std::path::PathBuf, RegistryError> {
        let source: PluginReference = format!("oci://{host}/{REPOSITORY}:0.2.0").parse().unwrap();
        let registry = Registry::new(self.options.clone());
        let manifest = registry.resolve(&source)?;
        registry.fetch(&source, &Pinned::from(&manifest.component), &self.store())
    }

    /// The error of a pull, which leaves nothing and shows nothing.
    fn refused(&self, host: &str) -> RegistryError {
        let error = self.pull(host).unwrap_err();
        let shown = format!("{error:?} {error}");
        assert!(shown.contains(host), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains(SECRET), "{shown}");
        let left = std::fs::read_dir(self.folder.path().join("store"));
        assert_eq!(left.map_or(0, Iterator::count), 0, "nothing is left in the store");
        error
    }
}

fn settings(host: &str) -> RegistrySettings {
    RegistrySettings {
        host: host.to_owned(),
        ca_file: None,
        mirrors: Vec::new(),
        token_hosts: Vec::new(),
        plain_http: true,
    }
}

/// A registry that answers what a function says, and else honestly.
fn lying(lie: impl Fn(&Asked, &Published) -> Option<Answer> + Send + Sync + 'static) -> Double {
    let honest = published();
    Double::start(None, move |asked| lie(asked, &honest).unwrap_or_else(|| honest.answer(asked)))
        .unwrap()
}

fn is_manifest(asked: &Asked) -> bool {
    asked.path.contains("/manifests/")
}

fn is_component(asked: &Asked, honest: &Published) -> bool {
    asked.path.ends_with(&digest(&honest.component))
}

/// The component with one bit that differs.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[7] ^= 1;
    bytes
}

/// Two requests of a registry that lies about one part: what it answers for it, and what must come of it.
type Lie = (&'static str, fn(&Asked, &Published) -> Option<Answer>, Code);

const LIES: [Lie; 17] = [
    (
        "another config of the same size",
        |asked, honest| {
            asked
                .path
                .ends_with(&digest(&honest.config))
                .then(|| Answer::new(200, flipped(&honest.config)))
        },
        Code::WrongContent,
    ),
    (
        "another component of the same size",
        |asked, honest| {
            is_component(asked, honest).then(|| Answer::new(200, flipped(&honest.component)))
        },
        Code::WrongContent,
    ),
    (
        "a component that is cut",
        |asked, honest| {
            is_component(asked, honest).then(|| Answer::new(200, &honest.component[1..]))
        },
        Code::WrongContent,
    ),
    (
        "a component that is longer",
        |asked, honest| {
            is_component(asked, honest)
                .then(|| Answer::new(200, [&honest.component[..], b"x"].concat()))
        },
        Code::ContentTooLarge,
    ),
    (
        "a component without an end",
        |asked, honest| is_component(asked, honest).then(|| Answer::content(Content::Endless)),
        Code::ContentTooLarge,
    ),
    (
        "a manifest without an end",
        |asked, _| is_manifest(asked).then(|| Answer::content(Content::Endless)),
        Code::ContentTooLarge,
    ),
    (
        "a large manifest",
        |asked, _| is_manifest(asked).then(|| Answer::new(200, vec![b' '; 2 << 20])),
        Code::ContentTooLarge,
    ),
    (
        "an error without an end",
        |asked, _| {
            is_manifest(asked).then(|| Answer { status: 404, ..Answer::content(Content::Endless) })
        },
        Code::NotInRegistry,
    ),
    (
        "a head that is too large",
        |asked, _| {
            is_manifest(asked).then(|| Answer::new(200, "").header("x", "y".repeat(200_000)))
        },
        Code::RegistryFails,
    ),
    (
        "compressed content",
        |asked, honest| {
            is_component(asked, honest).then(|| {
                Answer::new(200, honest.component.clone()).header("content-encoding", "gzip")
            })
        },
        Code::NotAWasmArtifact,
    ),
    (
        "a manifest that the registry calls an index",
        |asked, honest| {
            let kind = "application/vnd.oci.image.index.v1+json";
            is_manifest(asked)
                .then(|| Answer::new(200, honest.manifest.clone()).header("content-type", kind))
        },
        Code::NotAWasmArtifact,
    ),
    (
        "a manifest with a key that is there twice",
        |asked, honest| {
            let text = String::from_utf8(honest.manifest.clone()).unwrap();
            is_manifest(asked).then(|| Answer::new(200, text.replacen('{', r#"{"layers":[],"#, 1)))
        },
        Code::NotAWasmArtifact,
    ),
    (
        "what is not HTTP",
        |asked, _| is_manifest(asked).then(|| Answer::content(Content::Nothing)),
        Code::RegistryFails,
    ),
    (
        "errors of the server for ever",
        |asked, _| is_manifest(asked).then(|| Answer::new(503, "secret")),
        Code::RegistryFails,
    ),
    (
        "a version that is not there",
        |asked, _| {
            is_manifest(asked)
                .then(|| Answer::new(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#))
        },
        Code::NotInRegistry,
    ),
    (
        "no access",
        |asked, _| is_manifest(asked).then(|| Answer::new(403, "secret")),
        Code::RegistryCredentials,
    ),
    (
        "a component without its first request",
        |asked, honest| is_component(asked, honest).then(|| Answer::new(404, "")),
        Code::NotInRegistry,
    ),
];

#[test]
fn each_lie_is_refused_and_leaves_nothing() {
    for (what, lie, code) in LIES {
        let double = lying(lie);
        let error = Client::new(&[&double]).refused(&double.host());
        assert_eq!(error.code, code, "{what}: {error}");
        assert!(double.sent() < 16 << 20, "{what}: {} bytes were read", double.sent());
    }
}

#[test]
fn an_honest_registry_gives_the_component_and_is_asked_once_for_it() {
    let double = Double::with(&published()).unwrap();
    let client = Client::new(&[&double]);
    let path = client.pull(&double.host()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), published().component);
    let blobs = || double.asked().iter().filter(|it| is_component(it, &published())).count();
    assert_eq!(client.pull(&double.host()).unwrap(), path);
    assert_eq!(blobs(), 1, "what is in the store is not fetched again");
    // A file of another size counts as missing.
    std::fs::write(&path, "cut").unwrap();
    client.pull(&double.host()).unwrap();
    assert_eq!((blobs(), std::fs::read(&path).unwrap()), (2, published().component));
    let accepted = double.asked().iter().all(|it| it.header("accept-encoding") == Some("identity"));
    assert!(accepted, "nothing that is packed is asked for");
}

#[test]
fn a_digest_is_computed_and_not_believed() {
    let double = lying(|asked, honest| {
        let wrong = digest(b"another");
        is_manifest(asked).then(|| honest.answer(asked).header("docker-content-digest", wrong))
    });
    let client = Client::new(&[&double]);
    client.pull(&double.host()).unwrap();
    let registry = Registry::new(client.options.clone());
    let right = digest(&published().manifest);
    let of = |text: &str| {
        registry.resolve(&format!("oci://{}/{REPOSITORY}{text}", double.host()).parse().unwrap())
    };
    assert_eq!(of(":0.2.0").unwrap().digest.as_str(), right);
    assert_eq!(of(&format!("@{right}")).unwrap().digest.as_str(), right);
    assert_eq!(of(&format!(":0.2.0@{right}")).unwrap().digest.as_str(), right);
    let other = format!(":0.2.0@{}", digest(b"another"));
    assert_eq!(of(&other).unwrap_err().code, Code::WrongContent);
    let changed = lying(|asked, honest| {
        is_manifest(asked).then(|| Answer::new(200, [&honest.manifest[..], b" "].concat()))
    });
    let client = Client::new(&[&changed]);
    let source = format!("oci://{}/{REPOSITORY}@{right}", changed.host()).parse().unwrap();
    let error = Registry::new(client.options).resolve(&source).unwrap_err();
    assert_eq!(error.code, Code::WrongContent);
    assert!(error.message.contains(&right), "{error}");
}

#[test]
fn a_config_of_another_component_and_a_manifest_with_urls_change_nothing() {
    let mut other = published();
    other.config = String::from_utf8(other.config)
        .unwrap()
        .replace(&digest(&other.component), &digest(b"x"))
        .into_bytes();
    other.manifest = other.honest_manifest().to_string().into_bytes();
    let double = Double::with(&other).unwrap();
    assert_eq!(Client::new(&[&double]).refused(&double.host()).code, Code::NotAWasmArtifact);

    let elsewhere = lying(|_, _| None);
    let mut linked = published();
    let mut manifest = linked.honest_manifest();
    manifest["layers"][0]["urls"] = serde_json::json!([format!("http://{}/x", elsewhere.host())]);
    linked.manifest = manifest.to_string().into_bytes();
    let double = Double::with(&linked).unwrap();
    Client::new(&[&double]).pull(&double.host()).unwrap();
    assert_eq!(elsewhere.asked().len(), 0, "no URL of a manifest is asked");
}

#[test]
fn silence_and_drops_end_at_their_deadlines() {
    for (what, content) in [
        ("silence in a body", Content::Silence(vec![0])),
        ("drops", Content::Drip(Duration::from_millis(50))),
    ] {
        let double = lying(move |asked, honest| {
            is_component(asked, honest).then(|| Answer::content(content.clone()))
        });
        let error = Client::new(&[&double]).impatient().refused(&double.host());
        assert_eq!(error.code, Code::RegistryFails, "{what}: {error}");
        let asked = double.asked().iter().filter(|it| is_component(it, &published())).count();
        assert_eq!(asked, 2, "{what}: it is tried once more");
    }
}

#[test]
fn a_registry_that_is_busy_is_asked_again() {
    let count = AtomicUsize::new(0);
    let double = lying(move |asked, _| {
        let busy = is_manifest(asked) && count.fetch_add(1, Ordering::Relaxed) < 2;
        busy.then(|| Answer::new(429, "").header("retry-after", "0"))
    });
    Client::new(&[&double]).pull(&double.host()).unwrap();
    assert_eq!(double.asked().iter().filter(|it| is_manifest(it)).count(), 3);
}

#[test]
fn a_redirect_takes_no_credential_along_and_leads_nowhere_unsafe() {
    let target = lying(|asked, honest| {
        (asked.path == "/cdn").then(|| Answer::new(200, honest.component.clone()))
    });
    for host in ["127.0.0.1", "localhost"] {
        let location = format!("http://{host}:{}/cdn", target.port());
        let origin = lying(move |asked, honest| {
            if asked.header("authorization").is_none() {
                return Some(Answer::new(401, "").header("www-authenticate", "Basic"));
            }
            is_component(asked, honest)
                .then(|| Answer::new(307, "").header("location", location.clone()))
        });
        let client = Client::new(&[&origin]).with_credential(&origin.host());
        client.pull(&origin.host()).unwrap();
    }
    assert_eq!(target.asked().len(), 2);
    assert!(target.asked().iter().all(|it| it.header("authorization").is_none()));
    for location in
        ["file:///etc/passwd", "ftp://a.b/c", "//a.b/c", "http://joe:secret@a.b/", "", "x"]
    {
        let double = lying(move |asked, _| {
            is_manifest(asked).then(|| Answer::new(302, "").header("location", location))
        });
        let error = Client::new(&[&double]).refused(&double.host());
        assert_eq!(error.code, Code::RegistryFails, "{location}: {error}");
    }
    let circle = lying(|asked, _| {
        is_manifest(asked).then(|| Answer::new(302, "").header("location", &*asked.path))
    });
    assert_eq!(Client::new(&[&circle]).refused(&circle.host()).code, Code::RegistryFails);
    assert_eq!(circle.asked().len(), 6, "five redirects are followed");
}

/// A registry that wants a token of a realm.
fn wants_token(realm: String) -> Double {
    lying(move |asked, _| {
        let challenge =
            format!(r#"Bearer realm="{realm}",service="registry",scope="repository:*:push""#);
        let given = asked.header("authorization") == Some("Bearer token-of-server");
        (!given && asked.path.starts_with("/v2/"))
            .then(|| Answer::new(401, "").header("www-authenticate", challenge))
    })
}

#[test]
fn a_token_comes_from_the_registry_or_from_a_host_that_the_operator_names() {
    let server =
        Double::start(None, |_| Answer::new(200, r#"{"token": "token-of-server"}"#)).unwrap();
    let registry = wants_token(format!("http://{}/token", server.host()));
    let mut client = Client::new(&[&registry]).with_credential(&registry.host());
    let error = client.refused(&registry.host());
    assert_eq!(error.code, Code::RegistryCredentials);
    assert!(error.hint.unwrap().contains("tokenHosts"));
    assert_eq!(server.asked().len(), 0, "a host that nobody named sees nothing");

    client.options.registries[0].token_hosts = vec![server.host()];
    client.pull(&registry.host()).unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "one token is for all requests of a repository");
    assert_eq!(asked[0].header("authorization"), Some(&*format!("Basic {SECRET}")));
    let scope = "scope=repository%3Aacme%2Fstorage-class%3Apull&service=registry";
    assert_eq!(
        asked[0].path,
        format!("/token?{scope}"),
        "the scope is ours and not that of the registry"
    );
}

#[test]
fn a_token_server_that_misbehaves_is_refused() {
    let other = lying(|_, _| None);
    let redirect = Answer::new(302, "").header("location", format!("http://{}/", other.host()));
    for (what, answer, code) in [
        ("a redirect", redirect, Code::RegistryFails),
        ("no end", Answer::content(Content::Endless), Code::ContentTooLarge),
        ("no token", Answer::new(200, "{}"), Code::RegistryFails),
        (
            "a token with a line end",
            Answer::new(200, r#"{"token": "a\r\nb"}"#),
            Code::RegistryFails,
        ),
        ("refused", Answer::new(401, "secret"), Code::RegistryCredentials),
    ] {
        let server = Double::start(None, move |_| answer.clone()).unwrap();
        let registry = wants_token(format!("http://{}/token", server.host()));
        let mut client = Client::new(&[&registry]).with_credential(&registry.host());
        client.options.registries[0].token_hosts = vec![server.host()];
        assert_eq!(client.refused(&registry.host()).code, code, "{what}");
    }
    assert_eq!(other.asked().len(), 0);
    let registry = wants_token("http://joe:secret@127.0.0.1/".to_owned());
    let error = Client::new(&[&registry]).refused(&registry.host());
    assert_eq!(error.code, Code::RegistryCredentials);
}

#[test]
fn a_registry_that_never_has_enough_is_answered_once_in_each_way() {
    let double = lying(|asked, _| {
        let answer = Answer::new(401, "").header("www-authenticate", "Basic");
        Some(if asked.path.starts_with("/token") {
            Answer::new(200, r#"{"access_token": "x"}"#)
        } else {
            answer.header("www-authenticate", r#"Bearer realm="/token""#)
        })
    });
    let client = Client::new(&[&double]).with_credential(&double.host());
    let error = client.refused(&double.host());
    assert_eq!(error.code, Code::RegistryCredentials);
    assert_eq!(error.hint.unwrap(), format!("log in: `oras login {}`", double.host()));
    let manifests = double.asked().iter().filter(|it| is_manifest(it)).count();
    assert_eq!(manifests, 3, "without, with a password, with a token");
}

#[test]
fn a_credential_is_for_its_own_registry_and_repository() {
    let wants = || {
        lying(|asked, _| {
            let missing = asked.header("authorization").is_none();
            missing.then(|| Answer::new(401, "").header("www-authenticate", "Basic"))
        })
    };
    let (registry, mirror) = (wants(), wants());
    let mut client = Client::new(&[&registry, &mirror]).with_credential(&registry.host());
    client.options.registries[0].mirrors = vec![format!("{}/proxy", mirror.host())];
    client.pull(&registry.host()).unwrap();
    assert!(mirror.asked().iter().all(|it| it.path.starts_with("/v2/proxy/acme/")));
    assert!(
        !mirror.asked().is_empty()
            && mirror.asked().iter().all(|it| it.header("authorization").is_none())
    );

    let registry = wants();
    let other = format!("{}/other", registry.host());
    let error = Client::new(&[&registry]).with_credential(&other).refused(&registry.host());
    assert_eq!(error.code, Code::RegistryCredentials);
    assert!(registry.asked().iter().all(|it| it.header("authorization").is_none()));
}

#[test]
fn a_mirror_that_lies_is_passed_over() {
    let registry = Double::with(&published()).unwrap();
    let liar = lying(|_, honest| Some(Answer::new(200, flipped(&honest.component))));
    let mut client = Client::new(&[&registry, &liar]);
    client.options.registries[0].mirrors = vec![liar.host()];
    let path = client.pull(&registry.host()).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), published().component);
    assert!(
        liar.asked().iter().all(|it| it.path.contains("/blobs/")),
        "versions are not asked of a mirror"
    );
}

#[test]
fn versions_are_listed_within_bounds() {
    let double = lying(|asked, _| {
        asked
            .path
            .contains("/tags/")
            .then(|| Answer::new(200, r#"{"tags": ["0.2.0", "../x", "0.1.0", "\u001b[31m"]}"#))
    });
    let list = |double: &Double| {
        let source = format!("oci://{}/{REPOSITORY}:0.2.0", double.host()).parse().unwrap();
        Registry::new(Client::new(&[double]).options).versions(&source)
    };
    assert_eq!(list(&double).unwrap(), ["0.2.0", "0.1.0"]);
    let endless = lying(|_, _| Some(Answer::content(Content::Endless)));
    assert_eq!(list(&endless).unwrap_err().code, Code::ContentTooLarge);
    let pages = lying(|_, _| Some(Answer::new(200, r#"{"tags": ["a"]}"#).header("link", "x")));
    assert_eq!(list(&pages).unwrap().len(), 20, "a list that never ends does");
}

fn tls(certificate: &str) -> Arc<rustls::ServerConfig> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    let chain = CertificateDer::from_pem_file(folder.join(certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.unwrap().with_no_client_auth().with_single_cert(vec![chain], key).unwrap())
}

#[test]
fn a_certificate_must_be_of_a_trusted_authority_for_this_name_and_now() {
    let plugin = published();
    for (certificate, trusted, said) in [
        ("good.pem", true, ""),
        ("good.pem", false, "no authority that is trusted"),
        ("expired.pem", true, "expired"),
        ("other-name.pem", true, "another name"),
    ] {
        let plugin = plugin.clone();
        let double =
            Double::start(Some(tls(certificate)), move |asked| plugin.answer(asked)).unwrap();
        let mut client = Client::new(&[&double]);
        client.options.folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
        client.options.registries[0].plain_http = false;
        client.options.registries[0].ca_file = trusted.then(|| "ca.pem".to_owned());
        if said.is_empty() {
            client.pull(&double.host()).unwrap();
        } else {
            let error = client.refused(&double.host());
            assert_eq!(error.code, Code::RegistryUnreachable, "{error}");
            assert!(error.message.contains(said), "{error}");
            assert_eq!(double.asked().len(), 0);
        }
    }
}

#[test]
fn nothing_leads_from_https_to_http() {
    let plain = lying(|_, _| None);
    let (host, plugin) = (plain.host(), published());
    let realm = format!(r#"Bearer realm="http://{host}/token""#);
    for bearer in [true, false] {
        let (realm, host, plugin) = (realm.clone(), host.clone(), plugin.clone());
        let double = Double::start(Some(tls("good.pem")), move |asked| match bearer {
            true => Answer::new(401, "").header("www-authenticate", realm.clone()),
            false if is_manifest(asked) => {
                Answer::new(307, "").header("location", format!("http://{host}/"))
            }
            false => plugin.answer(asked),
        });
        let double = double.unwrap();
        let mut client = Client::new(&[&double]).with_credential(&double.host());
        client.options.folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
        client.options.registries[0].plain_http = false;
        client.options.registries[0].ca_file = Some("ca.pem".to_owned());
        client.refused(&double.host());
    }
    assert_eq!(plain.asked().len(), 0);
}
