//! Newer versions of plugins: what `outdated` tells, and what `upgrade` makes of customizations and locks.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use insta::assert_snapshot;
use wellhead_harness::registry::{Answer, Asked, Content, Published, Registry, digest};
use wellhead_tests::guest::Guest;

use crate::context::{Context, json, output};

const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];
const OUTDATED: [&str; 3] = ["outdated", "-c", "team.yaml"];
const UPGRADE: [&str; 3] = ["upgrade", "-c", "team.yaml"];

/// What a registry does instead of what an honest one does.
type Lie = dyn Fn(&Asked) -> Option<Answer> + Send;

/// What a registry has, which a test changes.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Has>>);

#[derive(Default)]
struct Has {
    published: Vec<Published>,
    lie: Option<Box<Lie>>,
}

impl Shelf {
    fn has(&self) -> MutexGuard<'_, Has> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let has = self.has();
        if let Some(lie) = has.lie.as_ref().and_then(|lie| lie(asked)) {
            return lie;
        }
        if asked.path.contains("/tags/list") {
            let tags: Vec<_> = has.published.iter().map(|it| &it.version).collect();
            return Answer::new(200, serde_json::json!({"tags": tags}).to_string());
        }
        let mut answers = has.published.iter().map(|it| it.answer(asked));
        answers.find(|it| it.status == 200).unwrap_or_else(|| Answer::new(404, ""))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Published>)) {
        change(&mut self.has().published);
    }

    fn lie(&self, lie: impl Fn(&Asked) -> Option<Answer> + Send + 'static) {
        self.has().lie = Some(Box::new(lie));
    }

    fn is_honest(&self) {
        self.has().lie = None;
    }
}

/// A team that runs version 0.1.0, which its lock has, of a plugin that is in a registry in three versions.
struct Team {
    shelf: Shelf,
    registry: Registry,
    context: Context,
}

/// A version that sets as many replicas as its second number says, and 3.
fn version(version: &str, replicas: i32, asks: &[&str]) -> Published {
    let component = Guest::sets_replicas(replicas).version(version).writes(asks).build();
    Published::new("acme/replicas", version, component)
}

impl Team {
    fn new() -> Self {
        let shelf = Shelf::default();
        shelf.change(|it| {
            it.extend([
                version("0.1.0", 4, &["replicas"]),
                version("0.1.1", 5, &["replicas"]),
                version("0.2.0", 6, &["replicas", "labels.*"]),
            ]);
        });
        let answers = shelf.clone();
        let registry = Registry::start(None, move |asked| answers.answer(asked));
        let registry = registry.expect("a port of this machine is free");
        let it = Self { shelf, registry, context: Context::with_pipeline() };
        it.policy("");
        it.team("# our team\n", "oci://REGISTRY/acme/replicas:0.1.0  # why not newer?", "");
        assert!(it.run(&["lock", "-c", "team.yaml", "--accept"]).starts_with("exit code: 0"));
        it
    }

    /// A policy with these lines of its rules.
    fn policy(&self, lines: &str) {
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  default: allow\n  \
             registries:\n  - host: REGISTRY\n    plainHttp: true\n{lines}"
        );
        self.write("trust.yaml", &text);
    }

    fn team(&self, head: &str, source: &str, lines: &str) {
        let text = format!(
            "{head}apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\nspec:\n  plugins:\n  \
             - name: more\n    source:   {source}\n    grants: [replicas]\n{lines}"
        );
        self.write("team.yaml", &text);
    }

    fn write(&self, file: &str, text: &str) {
        self.context.write(file, text.replace("REGISTRY", &self.registry.host()));
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.context.command(arguments);
        command.env("WELLHEAD_TRUST_POLICY", self.context.path("trust.yaml"));
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let shown = self.context.show(&output(&mut self.command(arguments)));
        shown.replace(&self.registry.host(), "REGISTRY")
    }

    fn read(&self, file: &str) -> String {
        let text = fs::read_to_string(self.context.path(file)).expect("it is there");
        text.replace(&self.registry.host(), "REGISTRY")
    }

    /// Customization and lock.
    fn files(&self) -> [String; 2] {
        [self.read("team.yaml"), self.read("wellhead.lock")]
    }

    fn renders(&self, replicas: i32) {
        let shown = self.run(&RENDER);
        assert!(shown.contains(&format!("replicas: {replicas}")), "{shown}");
    }
}

#[test]
fn newer_versions_are_listed_with_what_is_compatible() {
    let it = Team::new();
    let shown = it.run(&OUTDATED);
    let lines: Vec<_> = shown.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["exit", "code:", "0"], "{shown}");
    assert_eq!(lines[2], ["SOURCE", "LOCKED", "COMPATIBLE", "NEWEST", "NOTES"]);
    assert_eq!(lines[3], ["oci://REGISTRY/acme/replicas:0.1.0", "0.1.0", "0.1.1", "0.2.0", "-"]);
    assert!(it.run(&[&OUTDATED[..], &["--exit-code"]].concat()).starts_with("exit code: 2"));
    let found = json(&mut it.command(&[&OUTDATED[..], &["-o", "json"]].concat()));
    assert_eq!(found["kind"], "OutdatedPlugins");
    assert_eq!(found["plugins"][0]["entries"], serde_json::json!(["team/more"]));
    assert_eq!(found["plugins"][0]["newest"], "0.2.0");
    it.shelf.change(|it| it.truncate(1));
    let latest = it.run(&[&OUTDATED[..], &["--exit-code"]].concat());
    assert!(latest.starts_with("exit code: 0"), "{latest}");
    it.write("none.yaml", "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: none}\nspec: {plugins: []}\n");
    let none = it.run(&["outdated", "-c", "none.yaml"]);
    assert!(none.contains("no entry runs a plugin of a registry"), "{none}");
}

#[test]
fn what_became_of_a_version_is_a_note() {
    let it = Team::new();
    let noted = |what: &str| {
        let shown = it.run(&[&OUTDATED[..], &["--exit-code"]].concat());
        assert!(shown.starts_with("exit code: 2") && shown.contains(what), "{what}: {shown}");
    };
    let component = digest(&version("0.2.0", 6, &["replicas", "labels.*"]).component);
    it.policy(&format!("  deny:\n  - component: {component}\n    reason: CVE-2026-1\n"));
    noted("0.1.1       0.1.1   0.2.0 is denied: CVE-2026-1");
    let component = digest(&version("0.1.0", 4, &["replicas"]).component);
    it.policy(&format!("  deny:\n  - component: {component}\n    reason: CVE-2026-2\n"));
    noted("0.2.0   denied: CVE-2026-2");
    it.policy("");
    it.shelf.change(|it| it[0] = version("0.1.0", 9, &["replicas"]));
    noted("the registry has other content");
    it.renders(4);
    it.shelf.change(|it| drop(it.remove(0)));
    noted("not in the registry any more");
    fs::remove_file(it.context.path("wellhead.lock")).expect("it is there");
    noted("not in the lock");
    it.team("", "oci://REGISTRY/acme/replicas:stable", "");
    noted("not a semantic version");
}

#[test]
fn a_registry_that_is_not_asked_or_does_not_answer_is_an_error_with_its_place() {
    let it = Team::new();
    let asked = it.registry.asked().len();
    let offline = it.run(&[&OUTDATED[..], &["--offline"]].concat());
    assert!(offline.starts_with("exit code: 10") && offline.contains("WH0863"), "{offline}");
    it.write(
        "trust.yaml",
        "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: platform}\nspec: {}\n",
    );
    for command in [&OUTDATED, &UPGRADE] {
        let refused = it.run(command);
        assert!(refused.starts_with("exit code: 4") && refused.contains("WH0861"), "{refused}");
        assert!(refused.contains("--> team.yaml:8:15"), "{refused}");
    }
    assert_eq!(it.registry.asked().len(), asked);
}

#[test]
fn an_upgrade_changes_the_version_and_nothing_else_of_the_file() {
    let it = Team::new();
    let [team, _] = it.files();
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(it.context.path("team.yaml"), mode.clone()).expect("it is ours");
    let dry = it.run(&[&UPGRADE[..], &["--dry-run"]].concat());
    assert_snapshot!(dry, @r"
    exit code: 0
    ----- stdout -----
    ----- stderr -----
    team.yaml:8: team/more: oci://REGISTRY/acme/replicas:0.1.0 -> oci://REGISTRY/acme/replicas:0.1.1
    wellhead.lock would be written
    team.yaml would be written
    ");
    assert_eq!(it.files()[0], team);
    assert_snapshot!(it.run(&UPGRADE), @r"
    exit code: 0
    ----- stdout -----
    ----- stderr -----
    team.yaml:8: team/more: oci://REGISTRY/acme/replicas:0.1.0 -> oci://REGISTRY/acme/replicas:0.1.1
    wellhead.lock is written
    team.yaml is written
    ");
    let [new, lock] = it.files();
    assert_eq!(new, team.replace("replicas:0.1.0", "replicas:0.1.1"));
    assert!(lock.contains("replicas:0.1.1\n") && !lock.contains("replicas:0.1.0"), "{lock}");
    assert_eq!(
        fs::metadata(it.context.path("team.yaml")).expect("it is there").permissions().mode()
            & 0o777,
        mode.mode()
    );
    it.renders(5);
    assert!(it.run(&[&RENDER[..], &["--frozen"]].concat()).starts_with("exit code: 0"));
    let again = it.run(&UPGRADE);
    assert!(again.contains("no newer version, and the lock is up to date"), "{again}");
    assert_eq!(it.files(), [new, lock]);
    let done = json(
        &mut it.command(&[&UPGRADE[..], &["-o", "json", "--to", "newest", "--accept"]].concat()),
    );
    assert_eq!(done["kind"], "PluginUpgrade");
    assert_eq!((&done["written"], &done["upgrades"][0]["line"]), (&true.into(), &8.into()));
    it.renders(6);
}

#[test]
fn quotes_and_flow_style_stay_and_digests_follow() {
    let it = Team::new();
    let [old, new] = [version("0.1.0", 4, &["replicas"]), version("0.1.1", 5, &["replicas"])];
    let [was, is] = [&old, &new].map(|it| digest(&it.manifest));
    let [component, becomes] = [&old, &new].map(|it| digest(&it.component));
    let text = format!(
        "{{\"apiVersion\": \"wellhead.dev/v1alpha1\", \"kind\": \"Customization\", \"metadata\": {{\"name\": \"team\"}},\r\n\
         \"spec\": {{\"plugins\": [{{\"name\": \"more\", \"digest\": \"{component}\", \"grants\": [\"replicas\"],\r\n\
         \"source\": \"oci://REGISTRY/acme/replicas:0.1.0@{was}\"}}]}}}}\r\n"
    );
    it.write("team.yaml", &text);
    let shown = it.run(&[&UPGRADE[..], &["--accept"]].concat());
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    let wanted = text.replace(&format!("0.1.0@{was}"), &format!("0.1.1@{is}"));
    assert_eq!(it.files()[0], wanted.replace(&component, &becomes));
    it.renders(5);
}

#[test]
fn an_upgrade_that_is_declined_leaves_everything_and_the_old_version_works() {
    let it = Team::new();
    let before = it.files();
    let to = [&UPGRADE[..], &["--to", "newest"]].concat();
    assert_snapshot!(it.run(&to), @r"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    team.yaml:8: team/more: oci://REGISTRY/acme/replicas:0.1.0 -> oci://REGISTRY/acme/replicas:0.2.0
    error[WH0860]: the plugin asks to write `labels.*`, and wellhead.lock has no consent to that
    help: if it is right, add `--accept=asks`, or `--accept` for everything
    ");
    assert!(it.run(&[&to[..], &["--dry-run"]].concat()).starts_with("exit code: 4"));
    assert!(it.run(&[&to[..], &["--accept=grants"]].concat()).starts_with("exit code: 4"));
    assert_eq!(it.files(), before);
    it.renders(4);
    assert!(it.run(&[&to[..], &["--accept=asks"]].concat()).starts_with("exit code: 0"));
    it.renders(6);
    let after = it.files();
    let back = ["upgrade", "more", "-c", "team.yaml", "--to", "0.1.0"];
    let refused = it.run(&back);
    assert!(refused.contains("older than `0.2.0`"), "{refused}");
    assert_eq!(it.files(), after);
    assert!(it.run(&[&back[..], &["--accept=rollback"]].concat()).starts_with("exit code: 0"));
    assert_eq!(it.files(), before, "the same inputs give the same bytes");
}

/// The lock with the plugins of both: what an upgrade writes first.
fn both(old: &str, new: &str) -> String {
    let (head, first) = old.split_once("- source").expect("it has a plugin");
    let (_, second) = new.split_once("- source").expect("it has a plugin");
    format!("{head}- source{first}- source{second}")
}

#[test]
fn an_upgrade_that_ends_in_between_leaves_what_works_and_the_same_command_finishes() {
    let it = Team::new();
    let [old, old_lock] = it.files();
    assert!(it.run(&UPGRADE).starts_with("exit code: 0"));
    let [new, new_lock] = it.files();
    let middle = both(&old_lock, &new_lock);
    for (team, lock, replicas) in [(&old, &middle, 4), (&new, &middle, 5)] {
        it.write("team.yaml", team);
        it.write("wellhead.lock", lock);
        it.renders(replicas);
        let shown = it.run(&UPGRADE);
        assert!(shown.starts_with("exit code: 0"), "{shown}");
        assert_eq!(it.files(), [new.clone(), new_lock.clone()]);
    }
}

#[test]
fn a_registry_that_fails_at_any_request_leaves_everything_unchanged() {
    let it = Team::new();
    let before = it.files();
    let mut failed = 0;
    loop {
        let start = it.registry.asked().len();
        let count = Arc::new(Mutex::new(0));
        it.shelf.lie(move |_| {
            let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
            *count += 1;
            (*count == failed + 1).then(|| Answer::new(403, ""))
        });
        let shown = it.run(&UPGRADE);
        if it.registry.asked().len() - start <= failed {
            assert!(shown.starts_with("exit code: 0"), "{shown}");
            break;
        }
        assert!(shown.starts_with("exit code: 1") && shown.contains("WH0845"), "{failed}: {shown}");
        assert_eq!(it.files(), before, "at request {failed}");
        it.shelf.is_honest();
        failed += 1;
    }
    assert!(failed >= 4, "tags, manifest, config and component are asked for");
    it.renders(5);
}

#[test]
fn a_list_of_versions_that_lies_is_bounded_and_says_nothing_of_itself() {
    let it = Team::new();
    let before = it.files();
    let tags = |answer: fn() -> Answer| {
        it.shelf.lie(move |asked| asked.path.contains("/tags/list").then(answer));
        let shown = it.run(&UPGRADE);
        assert_eq!(it.files(), before, "{shown}");
        shown
    };
    let endless = tags(|| Answer::content(Content::Endless));
    assert!(endless.starts_with("exit code: 15") && endless.contains("WH0847"), "{endless}");
    let html = tags(|| Answer::new(200, "<html>secret</html>"));
    assert!(html.starts_with("exit code: 1") && !html.contains("secret"), "{html}");
    let strange = tags(|| {
        Answer::new(
            200,
            r#"{"tags":["\u001b[31m9.9.9","9.9.9/../x","latest","99999999999999999999.0.0"]}"#,
        )
    });
    assert!(strange.contains("no newer version"), "{strange}");
    let asked = it.registry.asked().len();
    let pages =
        tags(|| Answer::new(200, r#"{"tags":["0.1.0"]}"#).header("link", "</v2/x>; rel=next"));
    assert!(pages.contains("no newer version"), "{pages}");
    assert!(it.registry.asked().len() - asked <= 21, "pages have a bound");
    let gone = tags(|| Answer::new(200, r#"{"tags":["0.1.0","0.1.7"]}"#));
    assert!(gone.starts_with("exit code: 10") && gone.contains("replicas:0.1.7"), "{gone}");
    let other = version("0.1.9", 7, &["replicas"]);
    it.shelf.change(|it| it.push(Published { version: "0.1.7".to_owned(), ..other }));
    let other = tags(|| Answer::new(200, r#"{"tags":["0.1.0","0.1.7"]}"#));
    assert!(other.starts_with("exit code: 4") && other.contains("WH0854"), "{other}");
}

#[test]
fn a_source_that_is_not_in_the_file_as_text_is_left_to_its_author() {
    let it = Team::new();
    let refused = |shown: &str| {
        assert!(shown.starts_with("exit code: 1") && shown.contains("WH0867"), "{shown}");
    };
    it.team("", "\"oci://REGISTRY/acme/replicas:0\\x2e1.0\"", "");
    let before = it.files();
    let shown = it.run(&UPGRADE);
    refused(&shown);
    assert!(shown.contains("write `source: oci://REGISTRY/acme/replicas:0.1.1`"), "{shown}");
    assert_eq!(it.files(), before);
    let alias = "  - {name: other, source: *it, grants: [replicas], overrides: [replicas]}\n";
    it.team("", "&it oci://REGISTRY/acme/replicas:0.1.0", alias);
    let before = it.files();
    refused(&it.run(&["upgrade", "more", "-c", "team.yaml", "--accept"]));
    assert_eq!(it.files(), before);
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    let it = Team::new();
    for (arguments, said) in [
        (&["--to", "latest"][..], "different plugin from day to day"),
        (&["--to", "a/b"], "a version has at most 128"),
        (&["--locked"], "`--locked` lets no lock change"),
    ] {
        let shown = it.run(&[&UPGRADE[..], arguments].concat());
        assert!(shown.starts_with("exit code: 2") && shown.contains(said), "{shown}");
    }
    let shown = it.run(&["upgrade", "other", "-c", "team.yaml"]);
    let said = "no entry `other` runs a plugin of a registry";
    assert!(shown.starts_with("exit code: 2") && shown.contains(said), "{shown}");
    let shown = it.run(&["upgrade", "-c", "-"]);
    assert!(shown.starts_with("exit code: 2") && shown.contains("cannot be edited"), "{shown}");
    let shown = it.run(&["upgrade", "team/more", "-c", "team.yaml", "--to", "7.0.0"]);
    assert!(shown.starts_with("exit code: 10") && shown.contains("WH0843"), "{shown}");
}
