//! The first-party plugins do the same in every run, however they were compiled.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use wellhead::{Compiler, Pipeline};
use wellhead_chain::{Allocation, Chain, Engine, Entry, LoadOptions, Outcome, Plugin};
use wellhead_tests::guest::Guest;

fn pipeline() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "namespace": "ml", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 2,
            "containers": [
                {"name": "db", "image": "postgres:17"},
                {"name": "metrics", "image": "docker.io/prom/exporter:1"},
            ],
            "claims": [
                {"name": "data", "size": "1Gi", "mountPath": "/data"},
                {"name": "log", "size": "2Gi", "mountPath": "/log"},
            ],
        },
    }))
    .unwrap()
}

/// Each plugin that is built, with a config that makes it edit.
fn plugins() -> [(&'static str, Value); 4] {
    [
        (
            "seven-edits",
            json!({"registry": "mirror.example.com", "storageClass": "fast", "replicas": 4}),
        ),
        ("storage-class", json!({"rules": [{"claims": ["data", "log"], "class": "replicated"}]})),
        (
            "image-policy",
            json!({
                "mirrors": {"docker.io": "registry.example.com/hub"},
                "allow": ["registry.example.com", "mirror.example.com"],
            }),
        ),
        (
            "replicas",
            json!({"rules": [{"select": {"namespaces": ["ml"]}, "scale": {"min": 5, "odd": true}}]}),
        ),
    ]
}

fn run(engine: &Engine) -> Outcome {
    let entry = |(name, config): (&str, Value)| {
        let file = format!("{}/../target/guests/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
        let plugin = Plugin::load(engine, name, Path::new(&file), &LoadOptions::default())
            .expect("`cargo xtask guests` built the plugin");
        let (grants, overrides) = (["**"], ["**"]);
        let entry = json!({
            "name": name, "source": file, "config": config, "grants": grants, "overrides": overrides,
        });
        Entry::new(&serde_json::from_value(entry).unwrap(), "test", Arc::new(plugin)).unwrap()
    };
    let chain = Chain::new(plugins().into_iter().map(entry).collect());
    chain.verifying_determinism().run(&pipeline()).unwrap()
}

/// Edits, messages, fuel and memory: with and without optimization, with and without a pool.
#[test]
fn every_engine_gives_the_same_edits_for_the_same_fuel() {
    let optimized = run(&Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap());
    assert!(optimized.runs.iter().all(|run| run.usage.edits > 0), "{:?}", optimized.runs);
    for engine in [
        Engine::unoptimized().unwrap(),
        Engine::new(Allocation::Pool { slots: 4 }, Compiler::in_process()).unwrap(),
    ] {
        let other = run(&engine);
        assert_eq!(other.pipeline, optimized.pipeline);
        assert_eq!(other.provenance, optimized.provenance);
        assert_eq!(other.runs, optimized.runs);
    }
}

/// What `wellhead plugin build` makes of a module, and what wit-component alone does.
#[test]
fn a_plugin_that_is_built_without_a_shim_does_the_same_for_the_same_fuel() {
    let engine = Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap();
    let outcome = |component: &[u8]| {
        let plugin = Plugin::from_bytes(&engine, "guest", component, &LoadOptions::default());
        let entry = json!({"name": "guest", "source": "guest.wasm", "grants": ["**"]});
        let plugin = Arc::new(plugin.unwrap());
        let entry = Entry::new(&serde_json::from_value(entry).unwrap(), "test", plugin).unwrap();
        let outcome = Chain::new(vec![entry]).run(&pipeline());
        outcome.map(|it| (it.pipeline, it.runs)).map_err(|errors| {
            errors.iter().map(|it| (it.fault.code(), it.fault.causes())).collect::<Vec<_>>()
        })
    };
    for (guest, succeeds) in [
        (Guest::sets_replicas(7), true),
        (Guest::sets_replicas(-1), true),
        (Guest::sets_label("example.com/tier", "storage"), true),
        (Guest::sets_label("kubernetes.io/tier", "storage"), false),
        (Guest::new(), true),
        (Guest::rejects("no"), false),
    ] {
        let built = wellhead_toolchain::encode(&guest.module()).unwrap();
        let (one, other) = (outcome(&built), outcome(&guest.build()));
        assert_eq!(one, other);
        assert_eq!(one.is_ok(), succeeds, "{one:?}");
    }
}
