//! Plugins in a file: saved where their registry is reached, loaded where it is not.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use insta::assert_snapshot;
use wellhead_harness::registry::writable::{Habits, Writable};
use wellhead_harness::registry::{Answer, Content, Published, Registry, digest};
use wellhead_tests::guest::Guest;

use crate::context::{Context, json, output};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/registry/tests/keys");
const SOURCE: &str = "oci://REGISTRY/acme/replicas:1.0.0";
const LOCK: [&str; 4] = ["lock", "-c", "team.yaml", "--accept"];
const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];
const SAVE: [&str; 6] = ["plugin", "save", "-c", "team.yaml", "--out", "plugins.tar"];
const LOAD: [&str; 3] = ["plugin", "load", "plugins.tar"];

/// A registry with a signed plugin, a team that locked it, and two machines: one that reaches the registry, and one whose store is
/// empty.
struct Gap {
    double: Writable,
    context: Context,
}

impl Gap {
    fn new() -> Self {
        let double = Writable::start(Habits::default()).expect("a port of this machine is free");
        let it = Self { double, context: Context::with_pipeline() };
        let guest = Guest::sets_replicas(5).version("1.0.0").writes(&["replicas"]);
        it.context.write("replicas.wasm", guest.build());
        for (name, file) in
            [("author.key", "private.pem"), ("author.pub", "p256.pub"), ("other.pub", "p384.pub")]
        {
            let key = std::fs::read(Path::new(KEYS).join(file)).expect("it is in the repository");
            it.context.write(name, key);
        }
        it.policy("author.pub", "");
        let host = it.double.registry.host();
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\nspec:\n  plugins:\n  \
             - name: more\n    source: oci://{host}/acme/replicas:1.0.0\n    grants: [replicas]\n"
        );
        it.context.write("team.yaml", text);
        it.near(&["plugin", "push", "replicas.wasm", "oci://REGISTRY/acme/replicas"]);
        it.near(&["plugin", "sign", SOURCE, "--key", "author.key"]);
        let locked = it.near(&LOCK);
        assert!(locked.starts_with("exit code: 0"), "{locked}");
        it
    }

    /// A policy that requires a signature of a key, with more lines.
    fn policy(&self, key: &str, more: &str) {
        let host = self.double.registry.host();
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  sources:\n  \
             - repository: {host}/acme/**\n    name: acme\n    require: [{{key: {{file: {key}}}}}]\n  registries:\n  \
             - host: {host}\n    plainHttp: true\n{more}"
        );
        self.context.write("trust.yaml", text);
    }

    fn command(&self, cache: &str, arguments: &[&str]) -> Command {
        let host = self.double.registry.host();
        let arguments: Vec<_> = arguments.iter().map(|it| it.replace("REGISTRY", &host)).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut command = self.context.command(&arguments);
        command.env("WELLHEAD_TRUST_POLICY", self.context.path("trust.yaml"));
        command.env("WELLHEAD_CACHE_DIR", self.context.path(cache));
        command
    }

    fn run(&self, cache: &str, arguments: &[&str]) -> String {
        let shown = self.context.show(&output(&mut self.command(cache, arguments)));
        shown.replace(&self.double.registry.host(), "REGISTRY")
    }

    /// What a command prints as a document.
    fn json(&self, cache: &str, arguments: &[&str]) -> serde_json::Value {
        json(&mut self.command(cache, &[arguments, &["-o", "json"]].concat()))
    }

    /// On the machine that reaches the registry.
    fn near(&self, arguments: &[&str]) -> String {
        self.run("near", arguments)
    }

    /// On the other one.
    fn far(&self, arguments: &[&str]) -> String {
        self.run("far", arguments)
    }

    fn far_store_is_empty(&self) -> bool {
        let store = self.context.path("far/store");
        std::fs::read_dir(store).map_or(true, |mut it| it.next().is_none())
    }

    fn asked(&self) -> usize {
        self.double.registry.asked().len()
    }
}

#[test]
fn a_saved_lock_runs_where_no_registry_is_reached() {
    let it = Gap::new();
    let expected = it.near(&RENDER);
    assert!(expected.contains("replicas: 5"), "{expected}");
    assert_snapshot!(it.near(&SAVE), @r"
    exit code: 0
    ----- stdout -----
    oci://REGISTRY/acme/replicas:1.0.0
      manifest   sha256:[DIGEST]
      component  sha256:[DIGEST], 3679 bytes
      signatures 1
    file       plugins.tar
    ----- stderr -----
    ");
    let saved = std::fs::read(it.context.path("plugins.tar")).expect("it is written");
    let asked = it.asked();

    let frozen = [&RENDER[..], &["--frozen"]].concat();
    let missing = it.far(&frozen);
    assert!(missing.starts_with("exit code: 4") && missing.contains("WH0855"), "{missing}");
    assert!(missing.contains("`wellhead plugin load`"), "{missing}");
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 0
    ----- stdout -----
    oci://REGISTRY/acme/replicas:1.0.0
      manifest   sha256:[DIGEST]
      component  sha256:[DIGEST], 3679 bytes
      signatures 1, as rule `acme` requires
    ----- stderr -----
    ");
    assert_eq!(it.far(&frozen), expected);
    assert_eq!(
        it.far(&LOAD),
        it.far(&[&LOAD[..], &["--offline"]].concat()),
        "it may be loaded again"
    );
    assert_eq!(it.asked(), asked, "no registry is asked");

    // A damaged component is replaced by the next load.
    let store = it.context.path("far/store");
    let component = std::fs::read_dir(&store).expect("it is there").flatten();
    let component =
        component.map(|it| it.path()).find(|it| it.extension().is_some_and(|it| it == "wasm"));
    let component = component.expect("it is loaded");
    let good = std::fs::read(&component).expect("it is there");
    std::fs::write(&component, vec![0; good.len()]).expect("it is ours");
    assert!(!it.far(&frozen).starts_with("exit code: 0"));
    it.far(&LOAD);
    assert_eq!(it.far(&frozen), expected);

    // The same plugins are the same bytes, from the lock and by their references.
    it.near(&["plugin", "save", SOURCE, "--out", "again.tar"]);
    assert_eq!(std::fs::read(it.context.path("again.tar")).expect("it is written"), saved);
}

#[test]
fn programs_get_documents() {
    let it = Gap::new();
    let saved = it.json("near", &SAVE);
    let loaded = it.json("far", &LOAD);
    assert_eq!((&saved["kind"], &saved["file"]), (&"PluginsSaved".into(), &"plugins.tar".into()));
    assert_eq!(loaded["kind"], "PluginsLoaded");
    let (saved, loaded) = (&saved["plugins"][0], &loaded["plugins"][0]);
    let source = SOURCE.replace("REGISTRY", &it.double.registry.host());
    assert_eq!((&saved["source"], &loaded["sources"][0]), (&source.clone().into(), &source.into()));
    for same in ["manifest", "component", "size", "signatures"] {
        assert!(!saved[same].is_null() && saved[same] == loaded[same], "{same}: {saved} {loaded}");
    }
    assert_eq!(loaded["rules"], serde_json::json!(["acme"]));
}

/// What the policy of the other machine refuses stays out of its store.
#[test]
fn a_file_is_held_to_the_policy_of_the_machine_that_loads_it() {
    let it = Gap::new();
    it.near(&SAVE);
    it.policy("other.pub", "");
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0855]: plugins.tar: oci://REGISTRY/acme/replicas:1.0.0: rule `acme` of the trust policy requires a signature by other.pub, and the one that was found is not one: sha256:[DIGEST]: it is not of this key
    help: ask its author which key signs it, and the operator which key is right
    ");
    let component = digest(&std::fs::read(it.context.path("replicas.wasm")).expect("it is there"));
    it.policy(
        "author.pub",
        &format!("  deny:\n  - component: {component}\n    reason: CVE-2026-1234\n"),
    );
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0861]: plugins.tar: oci://REGISTRY/acme/replicas:1.0.0: the trust policy denies this plugin: CVE-2026-1234
    ");
    let policy = std::fs::read_to_string(it.context.path("trust.yaml")).expect("it is there");
    it.context.write("trust.yaml", policy.replace("/acme/**", "/others/**"));
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0861]: plugins.tar: oci://REGISTRY/acme/replicas:1.0.0: no rule of the trust policy names REGISTRY/acme/replicas
    help: use a repository that it names, or ask the operator for a rule
    ");
    assert!(it.far_store_is_empty());
}

#[test]
fn a_file_that_is_not_what_was_saved_is_refused() {
    let it = Gap::new();
    it.near(&SAVE);
    let good = std::fs::read(it.context.path("plugins.tar")).expect("it is written");
    let middle =
        good.windows(4).position(|it| it == b"\0asm").expect("the component is in it") + 100;
    let mut flipped = good.clone();
    flipped[middle] ^= 1;
    it.context.write("plugins.tar", flipped);
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0846]: plugins.tar: the content sha256:[DIGEST] has the digest sha256:[DIGEST]
    help: get the file again, and compare its checksum with that of its maker
    ");
    it.context.write("plugins.tar", &good[..middle]);
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 11
    ----- stdout -----
    ----- stderr -----
    error[WH0865]: plugins.tar: it ends in the middle of a member
    ");
    it.context.write("plugins.tar", "a text");
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 11
    ----- stdout -----
    ----- stderr -----
    error[WH0865]: plugins.tar: it is not a tar
    help: `wellhead plugin save` and `oras backup` write such files
    ");
    std::fs::remove_file(it.context.path("plugins.tar")).expect("it is there");
    assert_snapshot!(it.far(&LOAD), @r"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0501]: plugins.tar: it cannot be read: No such file or directory (os error 2)
    ");
    assert!(it.far_store_is_empty());
}

#[test]
fn what_cannot_be_saved_is_told() {
    let it = Gap::new();
    let offline = it.near(&[&SAVE[..], &["--offline"]].concat());
    assert!(offline.starts_with("exit code: 10") && offline.contains("WH0863"), "{offline}");
    assert_snapshot!(it.near(&["plugin", "save", "--out", "plugins.tar"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <SOURCE>...

    Usage: wellhead plugin save --out <FILE> --trust-policy <FILE> <SOURCE>...

    For more information, try '--help'.
    ");
    assert_snapshot!(it.near(&["plugin", "save", "oci://REGISTRY/acme/none:1.0.0", "oci://REGISTRY/acme/other:1.0.0", "--out", "plugins.tar"]), @r"
    exit code: 10
    ----- stdout -----
    ----- stderr -----
    error[WH0843]: oci://REGISTRY/acme/none:1.0.0: REGISTRY does not have the version
    help: check its name; a private repository may need a login
    error[WH0843]: oci://REGISTRY/acme/other:1.0.0: REGISTRY does not have the version
    help: check its name; a private repository may need a login
    ");
    it.policy("other.pub", "");
    let unsigned = it.near(&SAVE);
    assert!(unsigned.starts_with("exit code: 4") && unsigned.contains("WH0855"), "{unsigned}");
    let lock = std::fs::read_to_string(it.context.path("wellhead.lock")).expect("it is written");
    std::fs::remove_file(it.context.path("wellhead.lock")).expect("it is there");
    let not_locked = it.near(&SAVE);
    assert!(
        not_locked.starts_with("exit code: 4") && not_locked.contains("WH0842"),
        "{not_locked}"
    );
    it.policy("author.pub", "");
    let edited = lock.replace("\n  size: ", "\n  size: 1");
    it.context.write("wellhead.lock", edited);
    let other = it.near(&SAVE);
    assert!(other.starts_with("exit code: 4") && other.contains("error[WH0846]"), "{other}");
    it.context.write("empty.yaml", "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: none}\nspec: {plugins: []}\n");
    std::fs::remove_file(it.context.path("wellhead.lock")).expect("it is there");
    let nothing = it.near(&["plugin", "save", "-c", "empty.yaml", "--out", "plugins.tar"]);
    assert!(
        nothing.starts_with("exit code: 2") && nothing.contains("nothing to save"),
        "{nothing}"
    );
    assert!(!it.context.path("plugins.tar").exists());
}

/// Killed while a component comes: no file is there, and the same command ends well.
#[test]
fn a_save_that_is_killed_leaves_no_file_and_goes_on() {
    let component = Guest::sets_replicas(5).writes(&["replicas"]).build();
    let published = Published::new("acme/replicas", "1.0.0", component);
    let is_slow = Arc::new(AtomicBool::new(true));
    let (slow, plugin) = (Arc::clone(&is_slow), published.clone());
    let registry = Registry::start(None, move |asked| {
        if slow.load(Ordering::SeqCst) && asked.path.ends_with(&digest(&plugin.component)) {
            return Answer::content(Content::Silence(plugin.component[..100].to_vec()));
        }
        plugin.answer(asked)
    });
    let registry = registry.expect("a port of this machine is free");
    let context = Context::new();
    let host = registry.host();
    context.write("trust.yaml", format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: p}}\nspec:\n  default: allow\n  \
         registries:\n  - host: {host}\n    plainHttp: true\n"
    ));
    let source = format!("oci://{host}/acme/replicas:1.0.0");
    let command = || {
        let mut command = context.command(&["plugin", "save", &source, "--out", "plugins.tar"]);
        command.env("WELLHEAD_TRUST_POLICY", context.path("trust.yaml"));
        command
    };
    let mut killed =
        command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let store = context.path("cache/store");
    let unfinished = || std::fs::read_dir(&store).map_or(0, Iterator::count);
    while unfinished() == 0 {
        assert!(killed.try_wait().expect("it is a child").is_none(), "it waits for the component");
        std::thread::yield_now();
    }
    killed.kill().and_then(|()| killed.wait()).expect("it is a child");
    assert!(!context.path("plugins.tar").exists());
    is_slow.store(false, Ordering::SeqCst);
    let shown = context.show(&output(&mut command()));
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    assert!(context.run(&LOAD).starts_with("exit code: 0"));
}

#[test]
fn a_plugin_of_a_registry_is_inspected_without_a_customization() {
    let it = Gap::new();
    let shown = it.far(&["plugin", "inspect", SOURCE]);
    let (registry, rest) = shown.split_once("digest    ").expect("it has a digest");
    assert_snapshot!(registry, @r#"
    exit code: 0
    ----- stdout -----
    guest 1.0.0
    "A plugin for tests."

    registry  oci://REGISTRY/acme/replicas:1.0.0
    manifest  sha256:[DIGEST]
    signed by author.pub (rule `acme`)
    "#);
    let local = it.far(&["plugin", "inspect", "replicas.wasm"]);
    assert!(local.ends_with(rest), "the rest is that of the file: {shown}");
    let registry = &it.json("far", &["plugin", "inspect", SOURCE])["registry"];
    assert_eq!(
        (&registry["rule"], &registry["signedBy"][0]),
        (&"acme".into(), &"author.pub".into())
    );
    it.policy("other.pub", "");
    let refused = it.far(&["plugin", "inspect", SOURCE]);
    assert!(refused.starts_with("exit code: 4") && refused.contains("WH0855"), "{refused}");
    let offline = it.far(&["plugin", "inspect", SOURCE, "--offline"]);
    assert!(offline.starts_with("exit code: 10") && offline.contains("WH0863"), "{offline}");
    let none = it.far(&["plugin", "inspect", "oci://REGISTRY/acme/replicas"]);
    assert!(none.starts_with("exit code: 1\n") && none.contains("WH0841"), "{none}");
}

/// What leaves the store is what its digest says, whatever happened to the store.
#[test]
fn a_damaged_component_is_not_pulled() {
    let it = Gap::new();
    let store = it.context.path("near/store");
    let files = std::fs::read_dir(store).expect("it is there").flatten().map(|it| it.path());
    let component = files.filter(|it| it.extension().is_some_and(|it| it == "wasm")).last();
    let component = component.expect("it was locked");
    let good = std::fs::read(&component).expect("it is there");
    std::fs::write(&component, vec![0; good.len()]).expect("it is ours");
    assert!(it.near(&["plugin", "pull", SOURCE, "--out", "copy.wasm"]).starts_with("exit code: 0"));
    assert_eq!(std::fs::read(it.context.path("copy.wasm")).expect("it is written"), good);
}

#[test]
fn the_store_is_shown_and_cleared() {
    let it = Gap::new();
    it.near(&SAVE);
    assert!(!it.far(&["cache", "list"]).contains("store"), "it is empty");
    it.far(&LOAD);
    let bytes = std::fs::read(it.context.path("replicas.wasm")).expect("it is there");
    let short = &digest(&bytes)["sha256:".len()..][..12];
    assert_snapshot!(it.far(&["cache", "list"]).replace(short, "DIGEST"), @r"
    exit code: 0
    ----- stdout -----
    0 compiled plugins, 0 MiB of 512 MiB

    COMPONENT       VERSION  SIZE     CAME  DIGEST
    (not compiled)           0.1 MiB  now   DIGEST

    1 component, signatures of 1 plugin, 0.1 MiB in the store
    ----- stderr -----
    ");
    it.far(&[&RENDER[..], &["--frozen"]].concat());
    let shown = it.far(&["cache", "list"]);
    assert!(shown.contains("\nguest      1.0.0"), "a compiled plugin has a name: {shown}");
    let document = it.json("far", &["cache", "list"]);
    let store = &document["store"];
    assert_eq!(
        (&store["signatures"], &store["components"][0]["version"]),
        (&1.into(), &"1.0.0".into())
    );
    let cleared = it.far(&["cache", "clear"]);
    assert!(cleared.contains("removed 1 compiled plugin, "), "{cleared}");
    assert!(
        it.far(&[&RENDER[..], &["--frozen"]].concat()).starts_with("exit code: 0"),
        "the store stays"
    );
    // A run that was killed an hour ago, and one that may still write.
    for (name, hours) in [(".new-1-0", 2), (".new-2-0", 0)] {
        let path = it.context.path("far/store").join(name);
        let file = std::fs::File::create(path).expect("it is ours");
        let then = std::time::SystemTime::now() - std::time::Duration::from_hours(hours);
        file.set_modified(then).expect("it is ours");
    }
    let cleared = it.far(&["cache", "clear", "--store"]);
    assert!(cleared.contains("removed 1 compiled plugin and 1 component, "), "{cleared}");
    let left = std::fs::read_dir(it.context.path("far/store")).expect("it is there").flatten();
    assert_eq!(left.map(|it| it.file_name()).collect::<Vec<_>>(), [".new-2-0"]);
    let missing = it.far(&[&RENDER[..], &["--frozen"]].concat());
    assert!(missing.starts_with("exit code: 4"), "{missing}");
}

/// The commands of the guide, in their order, with another name of the registry.
#[test]
fn the_guide_is_followed() {
    let it = Gap::new();
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guides/air-gap.md");
    let guide = std::fs::read_to_string(guide).expect("it is in the repository");
    let blocks = guide.split("```text\n").skip(1).filter_map(|it| it.split("```").next());
    let commands: Vec<&str> =
        blocks.flat_map(str::lines).filter_map(|it| it.strip_prefix("wellhead ")).collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for command in commands {
        let words: Vec<_> = command.split(' ').collect();
        let far = words.contains(&"load") || words.contains(&"--frozen");
        let shown = if far { it.far(&words) } else { it.near(&words) };
        assert!(shown.starts_with("exit code: 0"), "{command}: {shown}");
        assert!(words[0] != "render" || shown.contains("replicas: 5"), "{shown}");
    }
}
