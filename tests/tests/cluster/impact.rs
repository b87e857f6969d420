//! `wellhead impact` on the real control plane: what it says of each release is what a plan says after the upgrade.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;
use wellhead_harness::registry::{Answer, Published, Registry};
use wellhead_tests::guest::Guest;

use crate::plan_cli::Cli;

fn pipeline(name: &str) -> String {
    format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {{name: {name}}}\nspec:\n  replicas: 1\n  \
         claims: [{{name: data, size: 1Gi, mountPath: /data}}]\n  containers: [{{name: db, image: 'postgres:17'}}]\n---\n"
    )
}

/// A customization of one pipeline, with these lines of its entry `more`, and more entries.
fn customization(pipeline: &str, source: &str, lines: &str, more: &str) -> String {
    format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: for-{pipeline}}}\nspec:\n  \
         select: {{names: [{pipeline}]}}\n  plugins:\n  - name: more\n    source: {source}\n    {lines}\n{more}---\n"
    )
}

fn more(replicas: i32, version: &str) -> Guest {
    Guest::sets_replicas(replicas).version(version).writes(&["replicas"])
}

fn label(version: &str) -> Guest {
    Guest::sets_label("team", "search").version(version)
}

/// What a command prints, and whether it ended well.
fn json(command: &mut Command) -> (bool, Value) {
    let output = command.output().expect("the command can be started");
    let document = serde_json::from_slice(&output.stdout);
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), document.unwrap_or_else(|_| panic!("no document: {}", said())))
}

/// Object, action and effects of each change, by its pipeline.
fn changes<'v>(all: impl Iterator<Item = &'v Value>) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for change in all {
        let pipeline = change["pipeline"].as_str().expect("it is named").to_owned();
        let part = serde_json::json!([change["ref"], change["action"], change["effects"]]);
        found.entry(pipeline).or_default().push(part);
    }
    found
}

/// Four releases that run `more.wasm`, and one that runs no plugin.
struct Releases {
    cli: Cli,
}

const RELEASES: [&str; 5] = ["changes", "fixed", "labels", "none", "tries"];

impl Releases {
    async fn new(test: &str) -> Self {
        let it = Self { cli: Cli::new(test).await };
        it.write("more.wasm", more(2, "0.1.0").build());
        it.write("last.wasm", more(3, "0.1.0").build());
        it.write("db.yaml", RELEASES.map(pipeline).concat());
        let last = "  - name: last\n    source: last.wasm\n    grants: [replicas]\n    overrides: [replicas]\n";
        let own = [
            customization("changes", "more.wasm", "grants: [replicas]", ""),
            customization("fixed", "more.wasm", "grants: [replicas]", last),
            customization("labels", "more.wasm", "grants: [replicas, 'labels.*']", ""),
            customization("tries", "more.wasm", "grants: ['**']\n    audit: true", ""),
        ];
        it.write("team.yaml", own.concat());
        let apply = ["apply", "--yes", "-f", "db.yaml", "-c", "team.yaml"];
        let applied = it.command(&apply).output();
        let applied = applied.expect("the command can be started");
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        it
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.cli.folder.path().join(file), content).expect("it can be written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let namespace = ["-n", self.cli.env.namespace.as_str()];
        self.cli.command(&[arguments, &namespace[..]].concat())
    }

    fn impact(&self, more: &[&str]) -> Value {
        let components = ["--component", "more.wasm", "--component", "last.wasm"];
        let arguments = ["impact", "new.wasm", "--plugin", "more", "-o", "json"];
        json(&mut self.command(&[&arguments[..], &components, more].concat())).1
    }

    fn verdicts(found: &Value) -> BTreeMap<&str, &str> {
        let all = found["releases"].as_array().expect("a list").iter();
        all.map(|it| {
            (it["name"].as_str().expect("a name"), it["verdict"].as_str().expect("a word"))
        })
        .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_on_each_release_is_what_a_plan_says_after_the_upgrade() {
    let it = Releases::new("impact").await;
    let old = more(2, "0.1.0").build();
    let before = it.cli.env.versions().await;
    for (new, expected) in [
        (
            more(2, "0.1.1"),
            [Some("unchanged"), Some("unchanged"), Some("unchanged"), None, Some("unchanged")],
        ),
        (
            more(4, "0.2.0"),
            [Some("changed"), Some("unchanged"), Some("changed"), None, Some("unchanged")],
        ),
        (
            more(1, "0.3.0"),
            [Some("changed"), Some("unchanged"), Some("changed"), None, Some("unchanged")],
        ),
        (
            label("0.4.0"),
            [
                Some("needs-consent"),
                Some("needs-consent"),
                Some("changed"),
                None,
                Some("unchanged"),
            ],
        ),
        (
            Guest::rejects("no"),
            [Some("fails"), Some("fails"), Some("fails"), None, Some("unchanged")],
        ),
    ] {
        it.write("new.wasm", new.build());
        let found = it.impact(&[]);
        let verdicts = Releases::verdicts(&found);
        for (name, expected) in RELEASES.iter().zip(expected) {
            assert_eq!(verdicts.get(name).copied(), expected, "{name}: {found}");
        }
        it.write("more.wasm", new.build());
        let planned = |name: &str| {
            it.write("one.yaml", pipeline(name));
            json(&mut it.command(&["plan", "-o", "json", "-f", "one.yaml", "-c", "team.yaml"]))
        };
        for release in found["releases"].as_array().expect("a list") {
            let name = release["name"].as_str().expect("a name");
            let (accepted, plan) = planned(name);
            let of_plan = changes(plan["changes"].as_array().into_iter().flatten());
            let of_impact = changes(release["changes"].as_array().into_iter().flatten());
            match &verdicts[name] {
                &"unchanged" | &"changed" => {
                    assert!(accepted, "{name}: {plan}");
                    assert_eq!(of_impact, of_plan, "{name}");
                }
                _ => assert!(
                    !accepted && release["code"] == plan["diagnostics"][0]["code"],
                    "{name}: {plan} {release}"
                ),
            }
        }
        it.write("more.wasm", &old);
    }
    assert_eq!(it.cli.env.versions().await, before, "nothing is written");
    it.cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_is_unknown_and_says_why() {
    let it = Releases::new("impact-unknown").await;
    it.write("new.wasm", more(4, "0.2.0").build());
    let arguments = ["impact", "new.wasm", "--plugin", "more", "--exit-code"];
    let output = it.command(&arguments).output().expect("the command can be started");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.starts_with("4 releases run more. With 0.2.0: 4 unknown."), "{shown}");
    assert!(shown.contains("plugin `more` was a file, and none with the digest"), "{shown}");
    let output = it.command(&["impact", "new.wasm", "--plugin", "other", "--exit-code"]).output();
    let output = output.expect("the command can be started");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        (output.status.code(), shown.as_str()),
        (Some(0), "Checked 5 releases: none runs other.\n")
    );

    // A run that died, and one that was rolled back.
    let lease = serde_json::json!({"metadata": {"annotations": {"wellhead.dev/revision": "7"}}});
    let (params, patch) = (kube::api::PatchParams::default(), kube::api::Patch::Merge(&lease));
    it.cli
        .env
        .leases()
        .patch("wellhead.changes", &params, &patch)
        .await
        .expect("it can be patched");
    let found = it.impact(&[]);
    assert_eq!(Releases::verdicts(&found)["changes"], "unknown", "{found}");
    assert_eq!(Releases::verdicts(&found)["labels"], "changed", "{found}");
    it.cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_of_registries_are_had_by_what_the_record_notes() {
    let it = Releases { cli: Cli::new("impact-registry").await };
    let [old, new] = [("0.1.0", 2), ("0.2.0", 4)].map(|(version, replicas)| {
        Published::new("acme/replicas", version, more(replicas, version).build())
    });
    let registry = Registry::start(None, move |asked| {
        let answers = [old.answer(asked), new.answer(asked)];
        answers.into_iter().find(|it| it.status == 200).unwrap_or_else(|| Answer::new(404, ""))
    });
    let registry = registry.expect("a port of this machine is free");
    let host = registry.host();
    it.write("trust.yaml", format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {{name: platform}}\nspec:\n  default: allow\n  \
         registries: [{{host: '{host}', plainHttp: true}}]\n"
    ));
    let source = format!("oci://{host}/acme/replicas:0.1.0");
    it.write("team.yaml", customization("changes", &source, "grants: [replicas]", ""));
    it.write("db.yaml", pipeline("changes"));
    let run = |arguments: &[&str]| {
        let mut command = it.command(arguments);
        command.env("WELLHEAD_TRUST_POLICY", it.cli.folder.path().join("trust.yaml"));
        command.env("WELLHEAD_CACHE_DIR", it.cli.folder.path().join("cache"));
        command
    };
    let done = |arguments: &[&str]| {
        let output = run(arguments).output().expect("the command can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    done(&["lock", "-c", "team.yaml", "--accept"]);
    done(&[
        "apply",
        "--yes",
        "--wait=false",
        "-m",
        "from a registry",
        "-f",
        "db.yaml",
        "-c",
        "team.yaml",
    ]);
    let (_, shown) = json(&mut run(&["history", "show", "changes", "-o", "json"]));
    let entry = &shown["chain"][0];
    assert_eq!(entry["source"], source.as_str());
    assert!(entry["manifest"].as_str().is_some_and(|it| it.starts_with("sha256:")), "{shown}");
    fs::remove_dir_all(it.cli.folder.path().join("cache/store")).expect("it is there");
    let newer = format!("oci://{host}/acme/replicas:0.2.0");
    let (_, found) = json(&mut run(&["impact", &newer, "-o", "json"]));
    assert_eq!(Releases::verdicts(&found), [("changes", "changed")].into(), "{found}");
    let changes = found["releases"][0]["changes"].as_array().expect("a list");
    assert_eq!(changes.last().expect("the StatefulSet")["impact"], "starts-pods", "{found}");
    // The next apply of the upgrade does what was said.
    done(&["upgrade", "-c", "team.yaml", "--to", "0.2.0"]);
    let plan = done(&["plan", "-f", "db.yaml", "-c", "team.yaml"]);
    assert!(plan.contains("starts 2 pods"), "{plan}");
    it.cli.env.finish().await;
}
