//! `wellhead plugin check`.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::{Context, json};

fn check(guest: &Guest) -> String {
    let context = Context::new();
    context.write("p.wasm", guest.build());
    let shown = context.run(&["plugin", "check", "p.wasm"]);
    let lines =
        shown.lines().filter(|line| !line.contains("component  ") || line.contains("ERROR"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_plugin_that_every_host_takes() {
    assert_snapshot!(check(&Guest::sets_replicas(5).writes(&["replicas"])), @r#"
    exit code: 0
    ----- stdout -----
    ok       budgets        within all of them; 12 % of the nearest, `nesting`
    ok       compilation    within its limits of time and memory
    ok       contract       wellhead:plugin@0.1.0, transform
    ok       description    guest 1.0.0
    ok       config schema  configs can be checked against it
    ok       writes         it asks to write replicas
    -        cases          a component alone has none, so determinism is not checked

    A host would accept p.wasm.
    ----- stderr -----
    "#);
}

/// Everything at once, not the first.
#[test]
fn everything_that_is_wrong_with_what_a_plugin_says() {
    let asked = ["replicas", "a..b", "serviceAccountName", "containers.*.im*ge", "podLabel.a"];
    let guest = Guest::sets_replicas(5).says("").schema(r#"{"type": 7}"#).writes(&asked);
    assert_snapshot!(check(&guest), @r#"
    exit code: 1
    ----- stdout -----
    ok       budgets        within all of them; 12 % of the nearest, `nesting`
    ok       compilation    within its limits of time and memory
    ok       contract       wellhead:plugin@0.1.0, transform
    warning  description    guest 1.0.0
    ERROR    config schema  the plugin's config schema is not a JSON Schema
    ERROR    writes         `a..b` cannot be granted: it is not a pattern of fields
    -        cases          a component alone has none, so determinism is not checked

    A host would refuse p.wasm.
    ----- stderr -----
    warning[WH0527]: the plugin has no description
    help: write it into the project's manifest, or into what `describe` returns
    error[WH0506]: the plugin's config schema is not a JSON Schema
      its config schema: "7 is not valid under any of the schemas listed in the 'anyOf' keyword"
    help: correct what `describe` returns; hosts check each config against it
    error[WH0526]: `a..b` cannot be granted: it is not a pattern of fields
      `a..b` is not a field path: a key is missing at character 2
    help: `wellhead explain WH0526` has the syntax, e.g. `containers.*.image`
    warning[WH0526]: `serviceAccountName` is protected: an operator must open it by name
    help: say in the plugin's README why it needs the field
    error[WH0526]: `containers.*.im*ge` cannot be granted: it is not a pattern of fields
      `containers.*.im*ge` is not a field path: `*` matches a whole key, not a part of one at character 13
    help: `wellhead explain WH0526` has the syntax, e.g. `containers.*.image`
    error[WH0526]: `podLabel.a` means nothing: no pipeline has the field `podLabel`
    help: did you mean `podLabels`?
    "#);
}

#[test]
fn a_plugin_that_asks_for_nothing_is_a_warning() {
    assert_snapshot!(check(&Guest::sets_replicas(5).writes(&[])), @r#"
    exit code: 0
    ----- stdout -----
    ok       budgets        within all of them; 12 % of the nearest, `nesting`
    ok       compilation    within its limits of time and memory
    ok       contract       wellhead:plugin@0.1.0, transform
    ok       description    guest 1.0.0
    ok       config schema  configs can be checked against it
    warning  writes         it asks to write nothing
    -        cases          a component alone has none, so determinism is not checked

    A host would accept p.wasm.
    ----- stderr -----
    warning[WH0526]: the plugin edits and asks to write nothing
    help: name in `writes` of `describe` the fields that it sets
    "#);
}

#[test]
fn what_ends_a_check_is_told_with_what_was_not_reached() {
    let context = Context::new();
    context.write("p.wasm", b"\0asm\x01\0\0\0");
    assert_snapshot!(context.run(&["plugin", "check", "p.wasm"]), @r#"
    exit code: 1
    ----- stdout -----
    ERROR    component      plugin `p` is a core module, and a plugin is a component
    -        budgets        not reached
    -        compilation    not reached
    -        contract       not reached
    -        description    not reached
    -        config schema  not reached
    -        writes         not reached
    -        cases          not reached

    A host would refuse p.wasm.
    ----- stderr -----
    error[WH0503]: plugin `p` is a core module, and a plugin is a component
    help: turn the module into a component, e.g. with `wasm-tools component new`
    "#);
    let report = json(&mut context.command(&["plugin", "check", "p.wasm", "-o", "json"]));
    assert_eq!((&report["kind"], &report["accepted"]), (&"PluginCheck".into(), &false.into()));
    assert_eq!(report["checks"][0]["status"], "error");
    assert_eq!(report["diagnostics"][0]["code"], "WH0503");
}

/// An old plugin and a new one of other rights, schema and version.
fn compared(version: &str) -> Context {
    let context = Context::new();
    let old = Guest::sets_replicas(5).writes(&["replicas", "labels.**"]).schema(
        r#"{"type":"object","properties":{"size":{"type":"number"},"old":{}},"required":["size"]}"#,
    );
    let new = Guest::sets_replicas(5).writes(&["replicas", "labels.team", "hostUsers"]).schema(
        r#"{"type":"object","properties":{"size":{"type":"integer"},"more":{}},"required":["size","more"]}"#,
    );
    context.write("old.wasm", old.build());
    context.write("new.wasm", new.version(version).build());
    context
}

const AGAINST: [&str; 5] = ["plugin", "check", "new.wasm", "--against", "old.wasm"];

#[test]
fn a_version_that_does_not_tell_what_changed() {
    let shown = compared("1.1.0").run(&AGAINST);
    let (_, shown) = shown.split_once("ERROR    ").expect("the version is too low");
    assert_snapshot!(shown, @r"
    version        the version must be 2.0.0 or higher: it is 1.1.0

    What changed since 1.0.0, and the part of the version that it takes:
      major    it asks an operator to open `hostUsers`
      major    `config.more` is required now
      major    `config.old` is gone
      major    `config.size` may no longer be of type number
      minor    it does not ask to write `labels.**`

    A host would accept new.wasm.
    ----- stderr -----
    warning[WH0526]: `hostUsers` is protected: an operator must open it by name
    help: say in the plugin's README why it needs the field
    error[WH0528]: the version must be 2.0.0 or higher: it is 1.1.0
      old.wasm has version 1.0.0; what changed asks something of those who use it
    help: write version 2.0.0 into the project, and what changed into its CHANGELOG.md
    ");
}

#[test]
fn a_version_that_tells_what_changed() {
    let context = compared("2.0.0-rc.1");
    assert!(context.run(&AGAINST).starts_with("exit code: 0"));
    let shown = json(&mut context.command(&[&AGAINST[..], &["-o", "json"]].concat()));
    let compared = &shown["compared"];
    assert_eq!((&compared["least"], &compared["rises"]), (&"2.0.0".into(), &true.into()));
    assert_eq!(compared["differences"][0]["part"], "major");
}

/// The same file needs no other version; another one does, whatever it does.
#[test]
fn the_same_behaviour_in_another_file() {
    let context = Context::new();
    let build =
        |version: &str, says: &str| Guest::sets_replicas(5).version(version).says(says).build();
    context.write("old.wasm", build("1.2.3", "a"));
    context.write("new.wasm", build("1.2.3", "a"));
    assert!(context.run(&AGAINST).starts_with("exit code: 0"));
    context.write("new.wasm", build("1.2.3", "b"));
    let shown = context.run(&AGAINST);
    assert!(shown.contains("WH0528") && shown.contains("1.2.4 or higher"), "{shown}");
    context.write("new.wasm", build("1.2.4", "b"));
    assert!(context.run(&AGAINST).starts_with("exit code: 0"));
}
