//! A pipeline, and plugins to run over it.

use std::sync::Arc;

use serde_json::json;
use wellhead_chain::{
    Allocation, Chain, Compiler, Engine, Entry, LoadOptions, Outcome, Plugin, PluginError,
};
use wellhead_spec::{Pipeline, PluginEntry};
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

pub(crate) fn engine() -> Engine {
    Engine::new(Allocation::OnDemand, compiler()).unwrap()
}

/// Plugins are compiled as the command does it.
pub(crate) fn compiler() -> Compiler {
    Compiler::program(built::wellhead())
}

pub(crate) fn pipeline() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 3,
            "containers": [{"name": "db", "image": "postgres:17"}],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        },
    }))
    .unwrap()
}

pub(crate) fn load(guest: &Guest) -> Result<Arc<Plugin>, PluginError> {
    Plugin::from_bytes(&engine(), "guest", &guest.build(), &LoadOptions::default()).map(Arc::new)
}

/// An entry of a customization with some settings.
pub(crate) fn entry(name: &str, settings: &serde_json::Value) -> PluginEntry {
    let mut entry = json!({"name": name, "source": "guest.wasm"});
    for (key, value) in settings.as_object().unwrap() {
        entry[key] = value.clone();
    }
    serde_json::from_value(entry).unwrap()
}

/// A chain of guests; each has a name and the settings of its entry.
pub(crate) fn chain(guests: &[(&str, Guest, serde_json::Value)]) -> Result<Chain, PluginError> {
    let entries = guests
        .iter()
        .map(|(name, guest, settings)| Entry::new(&entry(name, settings), "team", load(guest)?));
    Ok(Chain::new(entries.collect::<Result<_, _>>()?))
}

/// Runs guests as a chain.
pub(crate) fn run(
    guests: &[(&str, Guest, serde_json::Value)],
) -> Result<Outcome, Vec<PluginError>> {
    chain(guests).map_err(|error| vec![error])?.run(&pipeline())
}

/// The one error of a run that must fail.
pub(crate) fn failure(guests: &[(&str, Guest, serde_json::Value)]) -> PluginError {
    let mut errors = run(guests).expect_err("the run fails");
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}
