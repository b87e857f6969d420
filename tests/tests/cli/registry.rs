//! Plugins of registries: the lock, consent, the trust policy, and what is asked of whom.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use wellhead_harness::registry::writable::{Habits, Writable};
use wellhead_harness::registry::{Answer, Published, Registry, digest};
use wellhead_tests::guest::Guest;

use crate::context::Context;

const LOCK: [&str; 4] = ["lock", "-c", "team.yaml", "--accept"];
const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];

/// A registry with a plugin that sets replicas, and a team that uses it, under a policy that allows that.
struct Setting {
    registry: Registry,
    context: Context,
}

impl Setting {
    fn new(version: &str) -> Self {
        let component = Guest::sets_replicas(5).writes(&["replicas"]).build();
        let published = Published::new("acme/replicas", version, component);
        let registry = Registry::with(&published).expect("a port of this machine is free");
        let setting = Self { registry, context: Context::with_pipeline() };
        setting.policy("require: none");
        setting.team(version, "grants: [replicas]");
        setting
    }

    /// A policy whose rule for the registry has these lines.
    fn policy(&self, rule: &str) {
        let host = self.registry.host();
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  sources:\n  \
             - repository: {host}/acme/replicas\n    name: acme\n    {rule}\n  registries:\n  - host: {host}\n    \
             plainHttp: true\n"
        );
        self.context.write("operator/trust.yaml", text);
    }

    /// A customization that runs a version, with these lines of its entry.
    fn team(&self, version: &str, lines: &str) {
        let source = format!("oci://{}/acme/replicas:{version}", self.registry.host());
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\nspec:\n  plugins:\n  \
             - name: more\n    source: {source}\n    {lines}\n"
        );
        self.context.write("team.yaml", text);
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = self.context.command(arguments);
        command.env("WELLHEAD_TRUST_POLICY", self.context.path("operator/trust.yaml"));
        let shown = self.context.show(&crate::context::output(&mut command));
        shown.replace(&self.registry.host(), "REGISTRY")
    }

    fn lock(&self) -> Option<String> {
        std::fs::read_to_string(self.context.path("wellhead.lock")).ok()
    }
}

#[test]
fn a_locked_plugin_runs_from_the_store_and_asks_nobody() {
    let it = Setting::new("1.0.0");
    let shown = it.run(&RENDER);
    assert!(shown.starts_with("exit code: 4") && shown.contains("WH0842"), "{shown}");
    assert_eq!(it.registry.asked().len(), 0, "no version is looked up while something renders");

    let refused = it.run(&LOCK[..3]);
    assert!(refused.starts_with("exit code: 4") && refused.contains("WH0860"), "{refused}");
    assert!(refused.contains("`team/more` grants `replicas`"), "{refused}");
    assert_eq!(it.lock(), None);
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    let lock = it.lock().expect("it is written").replace(&it.registry.host(), "REGISTRY");
    assert!(lock.contains("- source: oci://REGISTRY/acme/replicas:1.0.0\n"), "{lock}");
    assert!(lock.contains("  - entry: team/more\n    grants:\n    - replicas\n"), "{lock}");

    let asked = it.registry.asked().len();
    let rendered = it.run(&RENDER);
    assert!(rendered.starts_with("exit code: 0") && rendered.contains("replicas: 5"), "{rendered}");
    for flag in ["--locked", "--offline", "--frozen"] {
        assert_eq!(it.run(&[&RENDER[..], &[flag]].concat()), rendered, "{flag}");
    }
    assert!(it.run(&["lock", "-c", "team.yaml", "--check"]).starts_with("exit code: 0"));
    assert_eq!(it.registry.asked().len(), asked, "a lock and a store that are complete ask nobody");

    std::fs::remove_dir_all(it.context.path("cache/store")).expect("it is there");
    std::fs::remove_dir_all(it.context.path("cache/compiled")).expect("it is there");
    let missing = it.run(&[&RENDER[..], &["--frozen"]].concat());
    assert!(missing.starts_with("exit code: 10") && missing.contains("WH0863"), "{missing}");
    assert_eq!(it.run(&RENDER), rendered);
    assert_eq!(
        it.registry.asked().len(),
        asked + 1,
        "the component alone is fetched, by its digest"
    );
}

#[test]
fn more_rights_need_consent_and_fewer_do_not() {
    let it = Setting::new("1.0.0");
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    let before = it.lock();
    it.team("1.0.0", "grants: [replicas, 'labels.*']");
    assert_snapshot!(it.run(&RENDER), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0860]: `team/more` grants `labels.*`, and wellhead.lock has no consent to that
     --> team.yaml:6:5
      |
    6 |   - name: more
      |     ^
    help: run `wellhead lock -c team.yaml --accept=grants`
    ");
    assert!(it.run(&LOCK[..3]).starts_with("exit code: 4"));
    assert!(it.run(&["lock", "-c", "team.yaml", "--accept=asks"]).starts_with("exit code: 4"));
    assert_eq!(it.lock(), before, "what nobody accepted is not written");
    assert!(it.run(&["lock", "-c", "team.yaml", "--accept=grants"]).starts_with("exit code: 0"));
    assert!(it.run(&RENDER).starts_with("exit code: 0"));
    it.team("1.0.0", "grants: [replicas]");
    assert!(it.run(&RENDER).starts_with("exit code: 0"), "fewer rights need no consent");
    assert!(it.run(&[&RENDER[..], &["--locked"]].concat()).starts_with("exit code: 4"));
    assert!(it.run(&["lock", "-c", "team.yaml", "--check"]).starts_with("exit code: 2"));
    assert!(it.run(&LOCK[..3]).starts_with("exit code: 0"));
    assert_eq!(it.lock(), before, "the same inputs give the same bytes");
    it.team("1.0.0", "grants: [replicas]\n    facts: [nodes]\n    waives: [tag-missing]");
    let refused = it.run(&RENDER);
    assert!(refused.contains("`team/more` reads the fact `nodes`"), "{refused}");
    assert!(refused.contains("`team/more` waives `tag-missing`"), "{refused}");
    assert!(it.run(&["lock", "-c", "team.yaml", "--accept=grants"]).starts_with("exit code: 0"));
    assert!(it.run(&[&RENDER[..], &["--locked"]].concat()).starts_with("exit code: 0"));
}

#[test]
fn a_lock_keeps_what_it_has_of_customizations_that_are_not_given() {
    let it = Setting::new("1.0.0");
    let team = std::fs::read_to_string(it.context.path("team.yaml")).expect("it is there");
    it.context.write("c/team.yaml", &team);
    it.context.write("c/other.yaml", team.replace("name: team", "name: other"));
    assert!(it.run(&["lock", "-c", "c", "--accept"]).starts_with("exit code: 0"));
    let lock = || std::fs::read_to_string(it.context.path("c/wellhead.lock")).expect("it is there");
    let both = lock();
    assert!(both.contains("entry: other/more") && both.contains("entry: team/more"), "{both}");
    assert!(it.run(&["lock", "-c", "c/team.yaml"]).starts_with("exit code: 0"));
    assert_eq!(lock(), both);
    std::fs::remove_file(it.context.path("c/other.yaml")).expect("it is there");
    assert!(it.run(&["lock", "-c", "c"]).starts_with("exit code: 0"));
    assert!(!lock().contains("other"), "with its folder, all of its customizations are given");
}

#[test]
fn the_policy_decides_before_anything_is_asked() {
    let it = Setting::new("1.0.0");
    for (rule, code, said) in [
        (
            "require: [{keyless: {issuer: https://a.b, identity: c, trustedRoot: d}}]",
            "WH0855",
            "requires a keyless signature",
        ),
        (
            "require: none\n    allow: {grants: ['labels.*']}",
            "WH0861",
            "allows no `grants` of `replicas`",
        ),
    ] {
        it.policy(rule);
        let shown = it.run(&LOCK);
        assert!(
            shown.starts_with("exit code: 4") && shown.contains(code) && shown.contains(said),
            "{shown}"
        );
    }
    it.policy("require: [{key: {file: acme.pub}}]");
    let shown = it.run(&LOCK);
    assert!(shown.starts_with("exit code: 1") && shown.contains("WH0864"), "{shown}");
    it.context.write("operator/acme.pub", Key::new().public());
    it.policy("require: [{key: {file: acme.pub}}, {key: {file: ./acme.pub}}]");
    let shown = it.run(&LOCK);
    assert!(shown.contains("one signature would be both"), "{shown}");
    it.policy("require: none\n    allow: {grants: [replicas], facts: [nodes]}");
    it.team("1.0.0", "grants: [replicas]\n    facts: [nodes, versions]\n    waives: [tag-missing]");
    let shown = it.run(&LOCK);
    for (list, name) in [("facts", "versions"), ("waives", "tag-missing")] {
        assert!(shown.contains(&format!("allows no `{list}` of `{name}`")), "{shown}");
    }
    assert!(!shown.contains("`nodes`"), "{shown}");
    it.team("1.0.0", "grants: [replicas]");
    it.policy("require: none");
    let other = it.registry.host().replace("127.0.0.1", "localhost");
    let text = std::fs::read_to_string(it.context.path("team.yaml")).expect("it is there");
    it.context.write("team.yaml", text.replace(&it.registry.host(), &other));
    let shown = it.run(&LOCK);
    assert!(
        shown.starts_with("exit code: 4") && shown.contains("no rule of the trust policy names"),
        "{shown}"
    );
    assert_eq!(it.registry.asked().len(), 0);

    it.team("1.0.0", "grants: [replicas]");
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    it.policy("require: none\n    allow: {grants: []}");
    let shown = it.run(&RENDER);
    assert!(
        shown.starts_with("exit code: 4") && shown.contains("WH0861"),
        "a lock allows nothing that the policy does not: {shown}"
    );
    it.context
        .write("operator/trust.yaml", "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\n");
    let shown = it.run(&RENDER);
    assert!(shown.starts_with("exit code: 1") && shown.contains("trust.yaml"), "{shown}");
}

#[test]
fn a_version_is_the_plugins_own() {
    let it = Setting::new("2.0.0");
    let shown = it.run(&LOCK);
    assert!(shown.starts_with("exit code: 4") && shown.contains("WH0854"), "{shown}");
    assert_eq!(it.lock(), None);
}

#[test]
fn a_lock_with_conflicts_is_refused_and_resolved() {
    let it = Setting::new("1.0.0");
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    let good = it.lock().expect("it is written");
    let size = good.lines().find(|it| it.starts_with("  size:")).expect("it has a size");
    let conflict = format!("<<<<<<< HEAD\n{size}\n=======\n  size: 7\n>>>>>>> topic");
    it.context.write("wellhead.lock", good.replace(size, &conflict));
    let shown = it.run(&RENDER);
    assert!(shown.starts_with("exit code: 1") && shown.contains("WH0862"), "{shown}");
    assert!(shown.contains("wellhead.lock:8:1"), "{shown}");
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    assert_eq!(it.lock(), Some(good));
}

#[test]
fn a_component_that_was_changed_in_the_store_does_not_run() {
    let it = Setting::new("1.0.0");
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    let store = it.context.path("cache/store");
    let file = std::fs::read_dir(store)
        .expect("it is there")
        .next()
        .expect("it has a file")
        .expect("it is readable")
        .path();
    let mut bytes = std::fs::read(&file).expect("it is readable");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).expect("it is ours");
    let shown = it.run(&RENDER);
    assert!(shown.starts_with("exit code: 4") && shown.contains("WH0517"), "{shown}");
}

/// A key of an author: its public half in PEM, and what it signs, in base64.
struct Key(ring::signature::EcdsaKeyPair, ring::rand::SystemRandom);

impl Key {
    fn new() -> Self {
        use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as KIND, EcdsaKeyPair};
        let random = ring::rand::SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&KIND, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&KIND, document.as_ref(), &random).expect("the key");
        Self(pair, random)
    }

    fn public(&self) -> String {
        use ring::signature::KeyPair as _;
        // What comes before each point of P-256. <https://www.rfc-editor.org/rfc/rfc5480>
        let head = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
        let der = [&head[..], self.0.public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn sign(&self, message: &str) -> String {
        STANDARD.encode(self.0.sign(&self.1, message.as_bytes()).expect("a signature"))
    }
}

impl Setting {
    /// A registry whose plugin has the signature of a key, as cosign 2 writes it, and a policy that requires one of another or
    /// the same key.
    fn signed(signer: &Key, required: &Key) -> Self {
        let component = Guest::sets_replicas(5).writes(&["replicas"]).build();
        let published = Published::new("acme/replicas", "1.0.0", component);
        let manifest = digest(&published.manifest);
        let payload = serde_json::json!({"critical": {
            "type": "cosign container image signature", "identity": {"docker-reference": ""},
            "image": {"docker-manifest-digest": manifest},
        }});
        let payload = payload.to_string();
        let signatures = serde_json::json!({"schemaVersion": 2, "layers": [{
            "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
            "digest": digest(payload.as_bytes()), "size": payload.len(),
            "annotations": {"dev.cosignproject.cosign/signature": signer.sign(&payload)},
        }]});
        let tag = format!("/manifests/{}.sig", manifest.replace(':', "-"));
        let registry = Registry::start(None, move |asked| {
            if asked.path.ends_with(&tag) {
                return Answer::new(200, signatures.to_string());
            }
            if asked.path.ends_with(&digest(payload.as_bytes())) {
                return Answer::new(200, payload.clone());
            }
            published.answer(asked)
        });
        let registry = registry.expect("a port of this machine is free");
        let setting = Self { registry, context: Context::with_pipeline() };
        setting.context.write("operator/keys/acme.pub", required.public());
        setting.policy("require: [{key: {file: keys/acme.pub}}]");
        setting.team("1.0.0", "grants: [replicas]");
        setting
    }
}

#[test]
fn a_plugin_with_the_signature_that_the_policy_requires_runs() {
    let key = Key::new();
    let it = Setting::signed(&key, &key);
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    assert!(it.lock().unwrap().contains("\n  signedBy: acme\n"));
    let asked = it.registry.asked().len();
    assert!(it.run(&RENDER).contains("replicas: 5"));
    assert!(it.run(&[&RENDER[..], &["--frozen"]].concat()).contains("replicas: 5"));
    assert_eq!(it.registry.asked().len(), asked, "the store keeps what was verified");
    // Another key in the policy counts from the next run on.
    it.context.write("operator/keys/acme.pub", Key::new().public());
    let refused = it.run(&[&RENDER[..], &["--offline"]].concat());
    assert!(refused.starts_with("exit code: 4") && refused.contains("WH0855"), "{refused}");
    // A rule that requires nothing any more has to be accepted.
    it.policy("require: none");
    let less = it.run(&["lock", "-c", "team.yaml"]);
    assert!(less.contains("no signature is required any more; rule `acme` did"), "{less}");
    assert!(it.run(&["lock", "-c", "team.yaml", "--accept=signer"]).starts_with("exit code: 0"));
}

#[test]
fn a_plugin_without_the_signature_that_the_policy_requires_is_refused_everywhere() {
    let it = Setting::signed(&Key::new(), &Key::new());
    assert_snapshot!(it.run(&LOCK), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0855]: oci://REGISTRY/acme/replicas:1.0.0: rule `acme` of the trust policy requires a signature by keys/acme.pub, and the one that was found is not one: sha256:[DIGEST]: it is not of this key
     --> team.yaml:7:13
      |
    7 |     source: oci://REGISTRY/acme/replicas:1.0.0
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: ask its author which key signs it, and the operator which key is right
    "#);
    assert_eq!(it.lock(), None);
    let pull =
        it.run(&["plugin", "pull", &format!("oci://{}/acme/replicas:1.0.0", it.registry.host())]);
    assert!(pull.starts_with("exit code: 4") && pull.contains("WH0855"), "{pull}");
    assert!(!it.context.path("replicas.wasm").exists());
    it.context.write(
        "operator/keys/acme.pub",
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
    );
    assert_snapshot!(it.run(&LOCK), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0864]: a key of the trust policy cannot be used: keys/acme.pub: this is a private key: name the public one, and keep this one
    help: name a public key in PEM, such as `cosign.pub`
    "#);
    it.policy(
        "require: [{keyless: {issuer: https://issuer.example, identity: a, trustedRoot: root.json}}]",
    );
    assert_snapshot!(it.run(&LOCK), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0855]: rule `acme` of the trust policy requires a keyless signature, and this version of Wellhead verifies signatures by key only
     --> team.yaml:7:13
      |
    7 |     source: oci://REGISTRY/acme/replicas:1.0.0
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

/// A project folder's worth of a plugin, and a registry that takes it under a policy of the author's machine.
struct Publishing {
    double: Writable,
    context: Context,
}

impl Publishing {
    fn new(habits: Habits) -> Self {
        let double = Writable::start(habits).expect("a port of this machine is free");
        let it = Self { double, context: Context::with_pipeline() };
        it.component("1.2.0+build.7", 5);
        let host = it.double.registry.host();
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  sources:\n  \
             - repository: {host}/acme/**\n    name: acme\n    require: none\n  registries:\n  - host: {host}\n    \
             plainHttp: true\n"
        );
        it.context.write("trust.yaml", text);
        it
    }

    fn component(&self, version: &str, replicas: i32) {
        let guest = Guest::sets_replicas(replicas).version(version).writes(&["replicas"]);
        self.context.write("replicas.wasm", guest.build());
    }

    fn run(&self, arguments: &[&str]) -> String {
        let host = self.double.registry.host();
        let arguments: Vec<_> = arguments.iter().map(|it| it.replace("REGISTRY", &host)).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut command = self.context.command(&arguments);
        command.env("WELLHEAD_TRUST_POLICY", self.context.path("trust.yaml"));
        self.context.show(&crate::context::output(&mut command)).replace(&host, "REGISTRY")
    }
}

const PUSH: [&str; 4] = ["plugin", "push", "replicas.wasm", "oci://REGISTRY/acme/replicas"];

#[test]
fn a_plugin_is_pushed_once_and_another_team_runs_it() {
    let it = Publishing::new(Habits::default());
    let pushed = it.run(&PUSH);
    assert!(pushed.contains("oci://REGISTRY/acme/replicas:1.2.0_build.7: pushed\n"), "{pushed}");
    let again = it.run(&PUSH);
    assert_eq!(again, pushed.replace(": pushed", ": already there"), "one component is one digest");
    assert!(
        it.run(&["plugin", "list", "oci://REGISTRY/acme/replicas"]).contains("\n1.2.0_build.7\n")
    );
    let source = "oci://REGISTRY/acme/replicas:1.2.0_build.7";
    let pulled = it.run(&["plugin", "pull", source, "--out", "copy.wasm"]);
    let component = pulled.lines().find(|it| it.starts_with("component")).unwrap();
    assert!(pushed.contains(component), "{pulled}");
    let bytes = |name| std::fs::read(it.context.path(name)).unwrap();
    assert_eq!(bytes("copy.wasm"), bytes("replicas.wasm"));
    let team = format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\nspec:\n  plugins:\n  \
         - name: more\n    source: {}\n    grants: [replicas]\n",
        source.replace("REGISTRY", &it.double.registry.host())
    );
    it.context.write("team.yaml", team);
    assert!(it.run(&LOCK).starts_with("exit code: 0"));
    assert!(it.run(&RENDER).contains("replicas: 5"));
}

#[test]
fn a_version_that_is_another_plugin_stays_what_it_is() {
    let it = Publishing::new(Habits::default());
    it.run(&PUSH);
    it.component("1.2.0+build.7", 6);
    let refused = it.run(&PUSH);
    assert!(refused.starts_with("exit code: 4"), "{refused}");
    assert!(
        refused.contains("error[WH0858]: oci://REGISTRY/acme/replicas:1.2.0_build.7"),
        "{refused}"
    );
    let replaced = it.run(&[&PUSH[..], &["--accept", "republished"]].concat());
    assert!(replaced.contains(": replaced\n"), "{replaced}");
}

#[test]
fn a_push_tells_what_is_wrong_and_what_to_type() {
    let it = Publishing::new(Habits { refuses: Some(405), ..Habits::default() });
    assert_snapshot!(it.run(&PUSH), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0859]: oci://REGISTRY/acme/replicas:1.2.0_build.7: REGISTRY takes no pushes
    help: it may be a mirror or read-only: push to the registry that it copies
    "#);
    assert_snapshot!(it.run(&["plugin", "push", "replicas.wasm", "oci://REGISTRY/acme/replicas:1.3.0"]), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0854]: oci://REGISTRY/acme/replicas:1.3.0 does not name version `1.2.0+build.7` of the plugin
    help: write oci://REGISTRY/acme/replicas:1.2.0_build.7, or leave the version out
    "#);
    assert_snapshot!(it.run(&["plugin", "push", "replicas.wasm", "oci://REGISTRY/other/replicas"]), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0861]: oci://REGISTRY/other/replicas:1.2.0_build.7: no rule of the trust policy names REGISTRY/other/replicas
    help: use a repository that it names, or ask the operator for a rule
    "#);
    assert_snapshot!(it.run(&["plugin", "push", "replicas.wasm", "REGISTRY/acme/replicas"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0841]: `REGISTRY/acme/replicas` is not a reference to a plugin: it does not begin with `oci://`
    help: write `oci://REGISTRY/acme/replicas`
    "#);
    assert_snapshot!(it.run(&["plugin", "push", "replicas.wasm", "oci://REGISTRY/acme/replicas", "--offline"]), @r#"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0863]: oci://REGISTRY/acme/replicas:1.2.0_build.7: --offline asks no registry
    "#);
    assert_snapshot!(it.run(&["plugin", "pull", "oci://REGISTRY/acme/replicas"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0841]: `oci://REGISTRY/acme/replicas` is not a reference to a plugin: it has no version
    help: write its version behind it, e.g. `oci://REGISTRY/acme/replicas:0.1.0`
    "#);
    assert_snapshot!(it.run(&["plugin", "list", "oci://REGISTRY/acme/none"]), @r#"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0843]: oci://REGISTRY/acme/none: REGISTRY does not have the repository
    help: check its name; a private repository may need a login
    "#);
    let dry = it.run(&[&PUSH[..], &["--dry-run"]].concat());
    assert!(dry.contains(": not pushed\n"), "{dry}");
}

#[test]
fn a_plugin_is_signed_by_its_author_and_verified_by_others() {
    let it = Publishing::new(Habits::default());
    it.run(&PUSH);
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/registry/tests/keys");
    for (name, file) in
        [("author.key", "private.pem"), ("author.pub", "p256.pub"), ("other.pub", "p384.pub")]
    {
        it.context.write(name, std::fs::read(format!("{keys}/{file}")).unwrap());
    }
    let source = "oci://REGISTRY/acme/replicas:1.2.0_build.7";
    let verify = ["plugin", "verify", source, "--key", "author.pub"];
    assert_snapshot!(it.run(&verify), @r#"
    exit code: 4
    ----- stdout -----
    oci://REGISTRY/acme/replicas:1.2.0_build.7
    manifest   sha256:[DIGEST]
    NOT by     author.pub
    ----- stderr -----
    "#);
    assert_snapshot!(it.run(&["plugin", "verify", source]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0707]: nothing says who must have signed oci://REGISTRY/acme/replicas:1.2.0_build.7
    help: pass `--key FILE`, or a trust policy whose rule for it requires a key
    "#);
    assert_snapshot!(it.run(&["plugin", "sign", source, "--key", "author.pub"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0707]: the key author.pub cannot sign: this is a public key: name the private one
    help: `openssl genpkey -algorithm ed25519 -out author.key` makes one
    "#);
    let signed = it.run(&["plugin", "sign", source, "--key", "author.key"]);
    assert!(signed.contains(&format!("{source}: signed\n")), "{signed}");
    let again = it.run(&["plugin", "sign", source, "--key", "author.key"]);
    assert_eq!(again, signed.replace(": signed", ": already signed"));
    assert_snapshot!(it.run(&verify), @r#"
    exit code: 0
    ----- stdout -----
    oci://REGISTRY/acme/replicas:1.2.0_build.7
    manifest   sha256:[DIGEST]
    signed by  author.pub
      sha256:[DIGEST]: a signature of this key
    ----- stderr -----
    "#);
    let other = it.run(&["plugin", "verify", source, "--key", "other.pub"]);
    assert!(
        other.starts_with("exit code: 4") && other.contains("it is not of this key"),
        "{other}"
    );
}

#[test]
fn a_plugin_that_no_rule_names_runs_with_a_warning_where_the_policy_says_so() {
    let it = Setting::new("1.0.0");
    let host = it.registry.host();
    let text = format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  default: warn\n  \
         registries:\n  - host: {host}\n    plainHttp: true\n"
    );
    it.context.write("operator/trust.yaml", text);
    let shown = it.run(&LOCK);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    assert!(
        shown.contains("warning[WH0861]: no rule of the trust policy names REGISTRY/acme/replicas"),
        "{shown}"
    );
    assert!(it.run(&RENDER).contains("replicas: 5"));
}

#[test]
fn a_store_that_cannot_be_written_is_told() {
    let it = Setting::new("1.0.0");
    it.context.write("cache/store", "a file where the folder has to be");
    let mut command = it.context.command(&LOCK);
    command.env("WELLHEAD_TRUST_POLICY", it.context.path("operator/trust.yaml"));
    command.env("WELLHEAD_CACHE_DIR", it.context.path("cache"));
    let shown = it.context.show(&crate::context::output(&mut command));
    assert!(shown.starts_with("exit code: 1") && shown.contains("error[WH0857]"), "{shown}");
    assert_eq!(it.lock(), None);
    assert!(it.context.path("cache/store").is_file(), "nothing is removed");
}
