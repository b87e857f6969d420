//! Plugins of track 0.2 of the contract, and those that were built for a later version, on this host. What becomes of
//! earlier ones is in `host/chain/src/compatibility.rs`.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::sync::Arc;

use serde_json::{Value, json};
use wellhead_chain::{
    Allocation, Chain, Compiler, Engine, Entry, Failure, LoadOptions, Outcome, Plugin, PluginError,
};
use wellhead_diagnostics::Code;
use wellhead_tests::guest::{Guest, StringEncoding};
use wit_component::{ComponentEncoder, embed_component_metadata};
use wit_parser::Resolve;

/// The contract as its next version could be.
const EXTENDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compatibility/extended");

/// The plugin, built for the next version of the contract.
fn of_the_next_version(guest: &Guest) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(EXTENDED).unwrap();
    let version = resolve.packages[package].name.version.clone().unwrap();
    assert_ne!(version.to_string(), wellhead_chain::CONTRACT_VERSION);
    // Fields of the description that are new are empty in memory that is zero.
    let text = guest.wat().replace("@0.1.0", &format!("@{version}"));
    let mut module = wat::parse_str(text).unwrap();
    let world = resolve.select_world(&[package], Some("transformer")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

fn load(component: &[u8]) -> Result<Plugin, PluginError> {
    let engine = Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap();
    Plugin::from_bytes(&engine, "newer", component, &LoadOptions::default())
}

#[test]
fn a_plugin_of_the_next_version_that_calls_nothing_new_runs() {
    let plugin = load(&of_the_next_version(&Guest::sets_replicas(7))).unwrap();
    let entry = json!({"name": "newer", "source": "newer.wasm", "grants": ["replicas"]});
    let entry =
        Entry::new(&serde_json::from_value(entry).unwrap(), "test", Arc::new(plugin)).unwrap();
    let pipeline = json!({
        "metadata": {"name": "db"},
        "spec": {"containers": [{"name": "db", "image": "postgres:17"}]},
    });
    let outcome = Chain::new(vec![entry]).run(&serde_json::from_value(pipeline).unwrap()).unwrap();
    assert_eq!(outcome.pipeline.spec.replicas, Some(7));
}

#[test]
fn a_plugin_that_calls_what_this_host_does_not_have_is_refused_by_its_name() {
    let guest = Guest::new().imports(
        r#"(import "wellhead:plugin/pipeline@0.1.0" "additions-of" (func (param i32) (result i32)))"#,
    );
    let error = load(&of_the_next_version(&guest)).unwrap_err();
    assert_eq!(error.fault.code(), Code::WrongWorld, "{error}");
    let causes = error.fault.causes();
    assert!(causes.iter().any(|it| it.contains("additions")), "{causes:?}");
}

/// A plugin of track 0.2, which calls what its config lists; `cargo xtask guests` builds it.
const GENERIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/generic-edits.wasm");

/// Runs entries of it, each with its name, its config, and more fields.
fn run(entries: &[(&str, Value, Value)]) -> Result<Outcome, Failure> {
    let component = std::fs::read(GENERIC).unwrap();
    let plugin = Arc::new(load(&component).unwrap());
    let entry = |(name, config, more): &(&str, Value, Value)| {
        let mut entry = json!({"name": name, "source": "x.wasm", "config": config});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let entry = serde_json::from_value(entry).unwrap();
        Entry::new(&entry, "test", Arc::clone(&plugin)).unwrap()
    };
    let pipeline = json!({
        "metadata": {"name": "db"},
        "spec": {
            "containers": [{"name": "db", "image": "postgres:17", "args": ["a", "b"]}],
            "tolerations": [{"key": "base"}],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        },
    });
    let chain = Chain::new(entries.iter().map(entry).collect()).verifying_determinism();
    chain.observe(&serde_json::from_value(pipeline).unwrap())
}

fn call(call: &str, path: &str, json: &Value) -> Value {
    json!({"call": call, "path": path, "json": json.to_string()})
}

/// What an entry logged.
fn said(outcome: &Outcome, at: usize) -> Vec<&str> {
    outcome.runs[at].log.iter().map(|it| it.message.as_str()).collect()
}

#[test]
fn a_plugin_of_track_0_2_reads_and_writes_any_field_by_its_path() {
    let calls = json!([
        call("get", "containers.db.args", &json!(null)),
        call("get", "hostAliases", &json!(null)),
        call("set", "hostAliases[\"10.0.0.1\"]", &json!({"hostnames": ["a"]})),
        call("set", "containers.db.stdin", &json!(true)),
        call("set", "containers.db.env.X", &json!({"value": "1"})),
        call("append", "tolerations", &json!({"key": "mine"})),
        {"call": "insert", "path": "containers.db.args", "json": "\"0\"", "at": "first"},
        {"call": "insert", "path": "containers.db.args", "json": "\"ab\"", "at": "after containers.db.args[1]"},
        {"call": "insert", "path": "initContainers", "json": "{\"name\":\"last\",\"image\":\"b:1\"}", "at": "first"},
        {"call": "insert", "path": "initContainers", "json": "{\"name\":\"first\",\"image\":\"b:1\"}",
            "at": "before initContainers.last"},
        call("remove", "containers.db.args[3]", &json!(null)),
        call("get", "containers.db.args", &json!(null)),
    ]);
    let outcome = run(&[("one", json!({"calls": calls}), json!({"grants": ["**"]}))]).unwrap();
    assert_eq!(
        said(&outcome, 0),
        [
            r#"["a","b"]"#,
            "none",
            "ok",
            "ok",
            "ok",
            "tolerations[1]",
            "containers.db.args[0]",
            "containers.db.args[2]",
            "initContainers.last",
            "initContainers.first",
            "ok",
            r#"["0","a","ab"]"#,
        ]
    );
    let spec = serde_json::to_value(&outcome.pipeline.spec).unwrap();
    assert_eq!(spec["hostAliases"], json!([{"ip": "10.0.0.1", "hostnames": ["a"]}]));
    assert_eq!(spec["containers"][0]["stdin"], true);
    assert_eq!(spec["containers"][0]["env"], json!([{"name": "X", "value": "1"}]));
    assert_eq!(spec["tolerations"], json!([{"key": "base"}, {"key": "mine"}]));
    let names: Vec<_> =
        spec["initContainers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["first", "last"]);
}

#[test]
fn two_plugins_append_to_one_list() {
    let append =
        |key: &str| json!({"calls": [call("append", "tolerations", &json!({"key": key}))]});
    let grants = || json!({"grants": ["tolerations"]});
    let outcome =
        run(&[("gpus", append("gpu"), grants()), ("spot", append("spot"), grants())]).unwrap();
    let spec = serde_json::to_value(&outcome.pipeline.spec).unwrap();
    assert_eq!(spec["tolerations"], json!([{"key": "base"}, {"key": "gpu"}, {"key": "spot"}]));
}

#[test]
fn what_no_path_may_do_is_told() {
    let calls = json!([
        call("get", "containers.db.imge", &json!(null)),
        call("get", "not a path", &json!(null)),
        call("set", "containers", &json!([])),
        call("set", "containers.db", &json!({"image": "x"})),
        call("set", "containers[0].image", &json!("x")),
        call("set", "containers.db.name", &json!("other")),
        call("set", "containers.db.env.X", &json!({"name": "Y", "value": "1"})),
        call("set", "replicas", &json!("many")),
        call("set", "replicas", &json!(null)),
        call("set", "tolerations[0]", &json!({"kye": "a"})),
        call("set", "tolerations[7]", &json!({"key": "a"})),
        call("remove", "claims.data", &json!(null)),
        call("append", "containers", &json!({"name": "db", "image": "x"})),
        call("append", "replicas", &json!(1)),
        {"call": "insert", "path": "containers", "json": "{\"name\":\"a\",\"image\":\"x\"}", "at": "first"},
    ]);
    let outcome = run(&[("one", json!({"calls": calls}), json!({"grants": ["**"]}))]).unwrap();
    assert_eq!(
        said(&outcome, 0),
        [
            "invalid containers.db.imge: no pipeline has this field",
            "invalid not a path: `not a path` is not a field path: a key with such characters is written \
             [\"in quotes\"] at character 1",
            "invalid containers: it is not changed as a whole: change its items",
            "invalid containers.db: the main container is not removed or replaced: change its fields",
            "invalid containers[0].image: items of this list go by their `name`",
            "invalid containers.db.name: an item is known by it: remove the item, and add another one",
            "invalid containers.db.env.X: the item has another `name` than its path",
            "invalid replicas: found string \"many\", expected an integer",
            "invalid replicas: null is not a value: to remove a field, call `remove`",
            "invalid tolerations[0]: there is no field `kye` (did you mean `key`?)",
            "not-found tolerations[7]: what the field belongs to does not exist",
            "invalid claims.data: a claim cannot be removed, because its data goes by it",
            "invalid containers.db: it is there already; to change it, set `containers.db`",
            "invalid replicas: it is not a list",
            "invalid containers.a: the first container is the main one, and stays first",
        ]
    );
}

#[test]
fn grants_protection_and_facts_hold_for_every_path() {
    for (calls, grants, code) in [
        (call("set", "hostNetwork", &json!(true)), json!(["**"]), "`hostNetwork` is protected"),
        (
            call("append", "containers.db.envFrom", &json!({"secretRef": {"name": "a"}})),
            json!(["**"]),
            "`containers.db.envFrom[0].secretRef` is protected",
        ),
        (
            call("set", "dnsPolicy", &json!("None")),
            json!(["replicas"]),
            "`dnsPolicy` is not granted",
        ),
        (call("append", "tolerations", &json!({})), json!([]), "`tolerations[1]` is not granted"),
        (call("fact", "storageClasses", &json!(null)), json!(["**"]), "the fact `storageClasses`"),
    ] {
        let config = json!({"calls": [calls]});
        let failure = run(&[("one", config, json!({"grants": grants}))]).unwrap_err();
        let causes = failure.errors[0].fault.causes();
        assert!(causes.iter().any(|it| it.starts_with(code)), "{code}: {causes:?}");
    }
}

#[test]
fn a_validator_of_track_0_2_knows_the_base_and_who_set_a_field() {
    let calls = json!([call("set", "replicas", &json!(5))]);
    let judges = json!([
        call("base", "replicas", &json!(null)),
        call("base", "containers.db.image", &json!(null)),
        call("set-by", "replicas", &json!(null)),
        call("set-by", "containers.db.image", &json!(null)),
        call("live", "replicas", &json!(null)),
    ]);
    let config = json!({"calls": calls, "judges": judges, "finds": "tag-missing"});
    let outcome = run(&[("one", config, json!({"grants": ["replicas"]}))]).unwrap();
    let said = said(&outcome, 1);
    assert_eq!(said, ["none", "\"postgres:17\"", "one", "none", "none"]);
    let warning = serde_json::to_value(&outcome.warnings[0]).unwrap();
    assert_eq!(warning["code"], "tag-missing");
    assert_eq!(warning["arguments"], json!({"image": "nginx"}));
    assert_eq!(warning["link"], "https://plugins.example/tags");
}

#[test]
fn what_a_plugin_of_track_0_2_says_about_itself_and_a_rejection_are_kept() {
    let plugin = load(&std::fs::read(GENERIC).unwrap()).unwrap();
    let about = plugin.description();
    assert_eq!(about.license.as_deref(), Some("Apache-2.0"));
    assert_eq!(about.homepage.as_deref(), Some("https://plugins.example/generic-edits"));
    assert_eq!((about.opens.len(), about.facts.len()), (1, 1));
    assert_eq!(plugin.contract_version(), "0.2.0");
    let config = json!({"rejects": "unknown-tier"});
    let failure = run(&[("one", config, json!({"grants": []}))]).unwrap_err();
    let wellhead_chain::Fault::Rejected { details, path, .. } = &failure.errors[0].fault else {
        panic!("{:?}", failure.errors)
    };
    assert_eq!(details.code.as_deref(), Some("unknown-tier"));
    assert_eq!(details.arguments["tier"], "gold");
    assert_eq!(path.as_deref(), Some("replicas"));
}
