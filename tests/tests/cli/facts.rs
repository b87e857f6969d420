//! `--facts`: what the operator tells plugins, and what entries grant of it.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};
use wellhead_tests::guest::{Guest, Judge, Told};

use crate::context::{Context, output};

const FACTS: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Facts
spec:
  storageClasses: [{provisioner: csi.acme.example, name: fast}]
  tiers: {gold: 3}
";
const RENDER: [&str; 5] = ["render", "-f", "db.yaml", "-c", "team.yaml"];
const WARNING: [Told<'static>; 1] = [Told {
    warns: true,
    code: None,
    message: "not told",
    arguments: &[],
    path: None,
    hint: None,
    link: None,
}];

/// A folder with [`FACTS`], and a validator that warns of what it reads by a function of the host.
fn asking(asks: (&str, &str, &str, u32), lines: &[&str]) -> Context {
    let context = Context::with_guests(&[("judge", &Guest::new(), lines)]);
    let judge = Judge {
        facts: &["storageClasses"],
        findings: &WARNING,
        asks: Some(asks),
        ..Judge::default()
    };
    context.write("judge.wasm", judge.build());
    context.write("facts.yaml", FACTS);
    context
}

fn with_facts<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--facts", "facts.yaml"]].concat()
}

/// What the validator warned of.
fn read(context: &Context, arguments: &[&str]) -> String {
    let arguments = [arguments, &["-o", "json"]].concat();
    let output = output(&mut context.command(&arguments));
    let document: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let said = &document["diagnostics"][0]["says"][0]["message"];
    said.as_str().expect("the validator warns").to_owned()
}

/// A plugin gets what its entry grants, as JSON whose keys are in order, and nothing where no file tells it.
#[test]
fn a_plugin_reads_the_facts_that_its_entry_grants() {
    let context = asking(("facts", "get", "storageClasses", 1), &["facts: [storageClasses]"]);
    let explain = ["explain", "replicas", "-f", "db.yaml", "-c", "team.yaml"];
    let told = read(&context, &with_facts(&explain));
    assert_eq!(told, r#"[{"name":"fast","provisioner":"csi.acme.example"}]"#);
    assert_eq!(read(&context, &explain), "not told");
    let run = ["plugin", "run", "judge.wasm", "-f", "db.yaml"];
    let ran = context.run(&with_facts(&run));
    assert!(ran.contains(r#"it warns: "[{\"name\":\"fast\","#), "{ran}");
}

/// A fact that is not granted ends the run, and the message has the line to add.
#[test]
fn a_fact_that_is_not_granted_ends_the_run() {
    let context = asking(("facts", "get", "tiers", 1), &["facts: [storageClasses]"]);
    assert_snapshot!(context.run(&with_facts(&RENDER)));
    let context = asking(("facts", "get", "no\u{1b}[2J", 1), &[]);
    let run = context.run(&with_facts(&RENDER));
    assert!(
        run.contains("error[WH0607]") && !run.contains("help") && !run.contains('\u{1b}'),
        "{run}"
    );
}

/// What a plugin was told is a part of what an object was made from.
#[test]
fn provenance_has_the_digest_of_the_facts_that_a_plugin_got() {
    let five = Guest::sets_replicas(5);
    let lines: &[&str] = &["grants: [replicas]", "facts: [tiers]"];
    let context = Context::with_guests(&[("five", &five, lines)]);
    let digest = |facts: &str| {
        context.write("facts.yaml", facts);
        let made =
            context.run(&with_facts(&[&RENDER[..], &["-q", "--provenance", "made.json"]].concat()));
        assert!(made.starts_with("exit code: 0"), "{made}");
        let made = std::fs::read(context.path("made.json")).unwrap();
        serde_json::from_slice::<Value>(&made).unwrap()["plugins"][0]["factsDigest"].clone()
    };
    let granted = digest(FACTS);
    assert_eq!(granted, json!(wellhead_chain::digest(br#"{"tiers":{"gold":3}}"#)));
    assert_eq!(digest(&FACTS.replace("fast", "slow")), granted, "it is not granted");
    assert_ne!(digest(&FACTS.replace('3', "4")), granted);
    assert_eq!(digest(&FACTS.replace("tiers", "others")), Value::Null);
}

/// A file of facts is read as strictly as others, and no plugin sees one that is wrong.
#[test]
fn facts_that_are_wrong_have_their_lines() {
    let context = asking(("facts", "get", "tiers", 1), &["facts: [tiers, \"a b\"]"]);
    context.write("facts.yaml", FACTS.replace("tiers", "\"\\e[2J\"") + "  tiers: 1\n  tiers: 2\n");
    assert_snapshot!(context.run(&with_facts(&RENDER)));
    let twice = context.run(&with_facts(&[&RENDER[..], &["--facts", "-", "-f", "-"]].concat()));
    assert!(twice.contains("standard input is named more than once"), "{twice}");
}

/// Nothing that a file of facts holds takes a run down.
#[test]
fn hostile_facts_are_refused_or_stopped_at_a_budget() {
    let context = asking(("facts", "get", "tiers", 1_000_000), &["facts: [tiers]"]);
    let text = "x".repeat(30 << 10);
    context.write("facts.yaml", FACTS.replace("gold: 3", &format!("gold: {text}")));
    let run = context.run(&with_facts(&RENDER));
    assert!(run.contains("error[WH0512]") && run.contains("limits.traffic"), "{run}");
    let mut names = String::new();
    for at in 0..700_000 {
        let _ = writeln!(names, "  a{at}: 1");
    }
    context.write("facts.yaml", FACTS.to_owned() + &names);
    let run = context.run(&with_facts(&RENDER));
    assert!(run.contains("error[WH0102]") && run.len() < 2_000, "{run}");
    let file = std::fs::File::create(context.path("facts.yaml")).unwrap();
    file.set_len(1 << 30).unwrap();
    let run = context.run(&with_facts(&RENDER));
    assert!(run.starts_with("exit code: 1") && run.contains("facts.yaml"), "{run}");
}

/// What a plugin asks for, and what it says of itself, is shown before it is used.
#[test]
fn a_description_shows_what_a_plugin_asks_for() {
    let context = Context::with_pipeline();
    let judge = Judge {
        opens: &["serviceAccountName", "containers.*.image"],
        facts: &["storageClasses", "no name"],
        license: Some("Apache-2.0"),
        homepage: Some("https://acme.example/judge"),
        min_host: Some("0.1.0"),
        ..Judge::default()
    };
    context.write("judge.wasm", judge.build());
    let shown = context.run(&["plugin", "inspect", "judge.wasm"]);
    assert_snapshot!(shown.split("\n\n").skip(1).collect::<Vec<_>>().join("\n\n"));
    assert_snapshot!(context.run(&["plugin", "check", "judge.wasm"]));
}

/// A plugin that says that this host is too old for it does not run.
#[test]
fn a_plugin_that_needs_a_newer_host_is_refused() {
    let context = Context::with_guests(&[("judge", &Guest::new(), &[])]);
    context.write("judge.wasm", Judge { min_host: Some("99.0.0"), ..Judge::default() }.build());
    assert_snapshot!(context.run(&RENDER));
    let check = context.run(&["plugin", "check", "judge.wasm"]);
    assert!(
        check.contains("ERROR    description    plugin `judge` needs a newer Wellhead"),
        "{check}"
    );
    assert!(context.run(&["plugin", "inspect", "judge.wasm"]).contains("Wellhead 99.0.0 or later"));
}

/// A recording has the facts that the plugin could read, and no others, so that its run needs no file of facts.
#[test]
fn a_recording_has_the_facts_that_were_granted() {
    let context = asking(("facts", "get", "storageClasses", 1), &[]);
    let run = ["plugin", "run", "judge.wasm", "-f", "db.yaml", "--record", "run.json"];
    assert!(context.run(&with_facts(&run)).contains(r#"[{\"name\":\"fast\","#));
    let recorded = std::fs::read(context.path("run.json")).unwrap();
    let recorded: Value = serde_json::from_slice(&recorded).unwrap();
    let facts = json!({"storageClasses": [{"name": "fast", "provisioner": "csi.acme.example"}]});
    assert_eq!(recorded["facts"], facts, "it asks for no `tiers`");
    std::fs::remove_file(context.path("facts.yaml")).unwrap();
    let replay = ["plugin", "replay", "run.json", "judge.wasm"];
    let again = context.run(&replay);
    assert!(again.starts_with("exit code: 0"), "{again}");
    let mut other = recorded;
    other["facts"]["storageClasses"][0]["name"] = json!("slow");
    context.write("run.json", other.to_string());
    let again = context.run(&replay);
    assert!(again.starts_with("exit code: 1") && again.contains("slow"), "{again}");
}
