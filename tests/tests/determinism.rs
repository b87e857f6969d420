//! The first-party plugins do the same in every run, however they were compiled.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use wellhead::{Compiler, Error, Namespace, Pipeline, Request, Run, Source};
use wellhead_chain::{Allocation, Chain, Engine, Entry, LoadOptions, Outcome, Plugin};
use wellhead_diagnostics::Code;
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

/// A run of 200 pipelines, of which each tenth has an image that `allow` may refuse and a warning.
fn fleet(threads: usize, fuel: u64, allow: &str) -> Result<Run, Error> {
    let head = |kind, name: &str| {
        format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
        )
    };
    let pipelines = (0..200).map(|number| {
        let name = format!("app-{number:03}");
        let (image, size) =
            if number % 10 == 3 { ("strange.org/db:1", "1") } else { ("db:1", "1Gi") };
        let text = head("Pipeline", &name)
            + &format!("  containers: [{{name: db, image: '{image}'}}]\n")
            + &format!("  claims: [{{name: data, size: {size}, mountPath: /data}}]\n");
        Source::Text { name: format!("{name}.yaml").into(), text }
    });
    let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests");
    let customization = head("Customization", "fleet")
        + &format!(
            "  plugins:\n    \
             - {{name: images, source: '{guests}/image-policy.wasm', grants: ['containers.*.image'], \
                limits: {{fuel: {fuel}}}, config: {{mirrors: {{docker.io: registry.example.com}}, \
                allow: [registry.example.com, {allow}]}}}}\n    \
             - {{name: replicas, source: '{guests}/replicas.wasm', grants: [replicas], \
                config: {{rules: [{{select: {{namespaces: [fleet]}}, scale: {{min: 3, odd: true}}}}]}}}}\n"
        );
    let text = Source::Text { name: "fleet.yaml".into(), text: customization };
    wellhead::run(&Request {
        pipelines: pipelines.collect(),
        customizations: vec![text],
        namespace: Some(Namespace::new("fleet").unwrap()),
        compiler: Compiler::in_process(),
        threads: NonZero::new(threads),
        ..Request::default()
    })
}

#[test]
fn a_fleet_comes_out_the_same_with_any_number_of_threads() {
    let of = |threads| {
        let run = fleet(threads, 500_000_000, "strange.org").unwrap();
        let outcomes = run.outcomes.iter().map(|it| (&it.pipeline, &it.provenance, &it.runs));
        let told = format!("{:?} {:?}", outcomes.collect::<Vec<_>>(), run.warnings);
        (told, run.warnings.len(), run.sets().collect::<Vec<_>>())
    };
    let alone = of(1);
    assert_eq!((alone.1, alone.2.len()), (20, 200), "{}", alone.0);
    assert!(alone.2.iter().all(|set| set.claims.len() == 3));
    for threads in [2, 5] {
        assert!(of(threads) == alone, "{threads} threads");
    }
}

#[test]
fn pipelines_that_fail_are_told_in_their_order_with_any_number_of_threads() {
    let of = |threads, fuel| {
        let Err(Error::Plugins(failures)) = fleet(threads, fuel, "none.org") else { panic!() };
        let told = failures.iter().map(|it| {
            let pipeline = it.pipeline.as_ref().unwrap().to_string();
            (pipeline, it.error.fault.code(), it.error.to_string(), it.runs.clone())
        });
        told.collect::<Vec<_>>()
    };
    let alone = of(1, 500_000_000);
    let names: Vec<_> = alone.iter().map(|it| it.0.clone()).collect();
    let expected: Vec<_> = (0..20).map(|it| format!("app-{:03}", it * 10 + 3)).collect();
    assert_eq!(names, expected);
    // Who is over a budget would be so again and again: the first one is told, and none behind it.
    let costly = of(1, 1_000);
    assert_eq!(costly.len(), 1, "{costly:?}");
    assert_eq!((costly[0].0.as_str(), costly[0].1), ("app-000", Code::PluginOverBudget));
    for threads in [2, 5] {
        assert_eq!(of(threads, 500_000_000), alone, "{threads} threads");
        assert_eq!(of(threads, 1_000), costly, "{threads} threads");
    }
}
