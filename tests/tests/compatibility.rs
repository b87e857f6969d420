//! Plugins that were built for a later version of the contract, on this host. What becomes of earlier
//! ones is in `host/chain/src/compatibility.rs`.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::sync::Arc;

use serde_json::json;
use wellhead_chain::{
    Allocation, Chain, Compiler, Engine, Entry, LoadOptions, Plugin, PluginError,
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
    let [old, new] =
        [wellhead_chain::CONTRACT_VERSION, &version.to_string()].map(|it| format!("@{it}"));
    let mut module = wat::parse_str(guest.wat().replace(&old, &new)).unwrap();
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
