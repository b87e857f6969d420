//! Plugins that share lists and maps: whose an item or a part is.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::context::Context;

const GENERIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/generic-edits.wasm");

/// Plugins that make these calls one after the other, each with its rights.
fn chain(plugins: &[(&str, &str, Value)]) -> Context {
    let context = Context::new();
    let pipeline = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata:
  name: db
spec:
  replicas: 3
  tolerations:
    - key: base
      operator: Exists
  containers:
    - name: db
      image: postgres:17
      args: [\"-c\", \"fsync=on\"]
";
    context.write("db.yaml", pipeline);
    context.write("p.wasm", std::fs::read(GENERIC).expect("`cargo xtask guests` builds it"));
    let entry = |(name, rights, calls): &(&str, &str, Value)| {
        format!(
            "    - name: {name}\n      source: p.wasm\n      {rights}\n      config: {}\n",
            json!({ "calls": calls })
        )
    };
    let entries: String = plugins.iter().map(entry).collect();
    context.write(
        "team.yaml",
        format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: team}}\nspec:\n  plugins:\n{entries}"
        ),
    );
    context
}

fn append(path: &str, item: &Value) -> Value {
    json!({"call": "append", "path": path, "json": item.to_string()})
}

fn tolerates(key: &str) -> Value {
    json!({"key": key, "operator": "Exists"})
}

fn spread(key: &str) -> Value {
    json!({"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway"})
}

/// Calls that append to each of the lists that plugins share most.
fn appends(name: &str) -> Value {
    json!([
        append("tolerations", &tolerates(name)),
        append("containers.db.args", &json!(name)),
        append("topologySpreadConstraints", &spread(name)),
    ])
}

const ADDS: &str =
    "grants: [\"tolerations[+]\", \"containers.db.args[+]\", \"topologySpreadConstraints[+]\"]";

#[test]
fn plugins_append_to_one_list_and_each_item_has_its_plugin() {
    let context = chain(&[("gpu", ADDS, appends("gpu")), ("spot", ADDS, appends("spot"))]);
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "--changed"];
    assert_snapshot!(context.run(&arguments));
    let arguments = ["render", "-q", "-f", "db.yaml", "-c", "team.yaml", "--trace"];
    let run = context.run(&arguments);
    let inserts: Vec<_> = run.lines().filter(|it| it.contains("insert ")).map(str::trim).collect();
    assert_snapshot!(inserts.join("\n"));
}

/// An item that comes before the others moves them, and takes nobody's name.
#[test]
fn an_item_that_moves_keeps_its_plugin() {
    let first = json!({"call": "insert", "path": "tolerations", "at": "first", "json": tolerates("spot").to_string()});
    let context = chain(&[
        ("gpu", ADDS, json!([append("tolerations", &tolerates("gpu"))])),
        ("spot", ADDS, json!([first])),
    ]);
    let arguments = ["explain", "-f", "db.yaml", "-c", "team.yaml", "--changed"];
    assert_snapshot!(context.run(&arguments));
}

#[test]
fn who_drops_what_another_plugin_added_is_in_conflict_about_it() {
    let set =
        |path: &str, value: Value| json!({"call": "set", "path": path, "json": value.to_string()});
    let one = json!([
        append("tolerations", &tolerates("gpu")),
        {"call": "remove", "path": "containers.db.args[1]"},
        set("dnsConfig", json!({"searches": ["gpu.example.com"]})),
    ]);
    let other = json!([
        set("tolerations", json!([tolerates("spot")])),
        append("containers.db.args", &json!("fsync=on")),
        set("dnsConfig", json!({"nameservers": ["10.0.0.10"]})),
    ]);
    let grants = "grants: ['**']";
    let context = chain(&[("gpu", grants, one.clone()), ("spot", grants, other.clone())]);
    let arguments = ["render", "-f", "db.yaml", "-c", "team.yaml"];
    assert_snapshot!(context.run(&arguments));
    let overrides =
        "overrides: [\"tolerations[1]\", \"containers.db.args[1]\", dnsConfig.searches]";
    let rights = format!("{grants}\n      {overrides}");
    let context = chain(&[("gpu", grants, one), ("spot", &rights, other)]);
    assert!(context.run(&arguments).starts_with("exit code: 0"), "the lines are the way out");
}

#[test]
fn a_plus_is_refused_where_nothing_can_be_added() {
    let rights = "grants: [\"replicas[+]\"]\n      opens: [\"tolerations[+]\", \"containers.*.securityContext.capabilities.add[+]\"]";
    let context = chain(&[("p", rights, json!([]))]);
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-c", "team.yaml"]));
    let text = std::fs::read_to_string(context.path("db.yaml")).unwrap();
    let ownership = "  ownership:\n    - {field: \"tolerations[+]\", policy: yield}\n";
    context.write("owned.yaml", format!("{text}{ownership}"));
    assert_snapshot!(context.run(&["render", "-f", "owned.yaml"]));
    assert_snapshot!(context.run(&["apply", "-f", "db.yaml", "--take", "tolerations[+]"]));
}
