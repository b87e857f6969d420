//! `wellhead plugin bench`.

use wellhead_tests::guest::Guest;

use crate::context::{Context, PIPELINE, json};

/// Time, fuel, memory and edits, against what the author promises and what a host allows.
#[test]
fn calls_are_measured() {
    let context = Context::new();
    context
        .write("plugin.wasm", Guest::sets_replicas(5).name("five").writes(&["replicas"]).build());
    context.write(
        "plugin.yaml",
        "apiVersion: wellhead.dev/v1alpha1\nkind: PluginProject\nbudget: {fuel: 5000}\n",
    );
    context.write("cases/b/pipeline.yaml", PIPELINE);
    context.write("cases/b/expected.yaml", PIPELINE);
    context.write("cases/a/pipeline.yaml", PIPELINE);
    context.write("cases/a/expected-error.txt", "WH0521: the plugin refuses\n");
    let measured = json(&mut context.command(&["plugin", "bench", "-o", "json"]));
    assert_eq!(measured["kind"], "PluginBench");
    assert_eq!(measured["case"], "b", "the first that ends well");
    assert_eq!(measured["usage"]["edits"], 1);
    assert_eq!(measured["budget"]["fuel"], 5_000);
    assert_eq!(measured["limits"]["fuel"], 500_000_000);
    let number = |field: &str| measured[field].as_u64().unwrap();
    assert!(number("calls") >= 200 && number("size") > 0);
    assert!(number("p50") > 0 && number("p50") <= number("p99"));
    let shown = context.run(&["plugin", "bench", "plugin.wasm", "--case", "cases/a"]);
    assert!(shown.contains("five 1.0.0") && shown.contains("on case a"), "{shown}");
    assert!(shown.contains("BUDGET  DEFAULT LIMIT"), "{shown}");
}

/// A plugin without a project gets a small pipeline, and one that fails is measured as well.
#[test]
fn a_plugin_without_a_project_is_measured() {
    let context = Context::new();
    context.write("p.wasm", Guest::rejects("no").build());
    let shown = context.run(&["plugin", "bench", "p.wasm"]);
    assert!(shown.starts_with("exit code: 0") && shown.contains("on a small pipeline"), "{shown}");
    assert!(shown.contains("each call fails: plugin `guest` refuses the pipeline"), "{shown}");
    let missing = context.run(&["plugin", "bench", "p.wasm", "--case", "none"]);
    assert!(missing.starts_with("exit code: 1") && missing.contains("WH0821"), "{missing}");
}
