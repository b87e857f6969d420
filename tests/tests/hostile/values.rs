//! Values that plugins write: each is held to the syntax of its field at the edit, so that nothing
//! but data reaches an object.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;
use wellhead_chain::{Chain, Entry, Fault, LoadOptions, Outcome, Plugin};
use wellhead_spec::Severity;
use wellhead_tests::guest::{Guest, encode, escape};

use crate::support::{entry, pipeline, run};

const EVIL: &str = "x\n---\nkind: ClusterRoleBinding";

/// What an argument of a setter is.
enum Is<'t> {
    /// A text.
    Text(&'t str),
    /// A text in an `option`.
    Some(&'t str),
    /// A number.
    Number(i32),
}
use Is::{Number, Some as Given, Text};

/// A plugin that calls setters, each of a resource (`pipeline`, `container` for the main one, or
/// `service`), and goes on whatever they answer.
fn calls(calls: &[(&str, &[Is<'_>])]) -> Guest {
    let mut fields = String::from(
        r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
             (func $container (param i32) (result i32)))
           (import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.service"
             (func $service (param i32) (result i32)))"#,
    );
    let (mut data, mut body, mut at) = (String::new(), String::new(), 20_480);
    for (index, (method, arguments)) in calls.iter().enumerate() {
        let target = match method.split('.').next() {
            Some("pipeline") => "(local.get $target)".to_owned(),
            Some(resource) => format!("(call ${resource} (local.get $target))"),
            None => String::new(),
        };
        let (mut values, mut count) = (String::new(), 2);
        for argument in *arguments {
            let text = match argument {
                Number(number) => {
                    let _ = write!(values, "(i32.const {number}) ");
                    count += 1;
                    continue;
                }
                Text(text) => *text,
                Given(text) => {
                    values += "(i32.const 1) ";
                    count += 1;
                    *text
                }
            };
            let bytes = escape(text);
            let _ = writeln!(data, "(data (i32.const {at}) \"{bytes}\")");
            let _ = write!(values, "(i32.const {at}) (i32.const {}) ", text.len());
            (at, count) = (at + text.len(), count + 2);
        }
        let _ = write!(
            fields,
            "(import \"wellhead:plugin/pipeline@0.1.0\" \"[method]{method}\" (func $m{index} (param {})))",
            "i32 ".repeat(count)
        );
        let _ = writeln!(body, "(call $m{index} {target} {values} (i32.const 512))");
    }
    Guest::new().fields(&fields).fields(&data).transform(&format!("{body} (i32.const 256)"))
}

fn outcome(edits: &[(&str, &[Is<'_>])]) -> Outcome {
    run(&[("p", calls(edits), json!({"grants": ["**"]}))]).unwrap()
}

/// Asserts that no edit is made, and that the pipeline stays as it was.
fn refused(method: &str, arguments: &[Is<'_>]) {
    let outcome = outcome(&[(method, arguments)]);
    assert_eq!(outcome.provenance.writes, [], "{method}");
    assert_eq!(outcome.pipeline, pipeline(), "{method}");
}

#[test]
fn what_has_a_syntax_takes_no_line_break() {
    for (method, before) in [
        ("pipeline.set-label", "a"),
        ("pipeline.set-pod-label", "a"),
        ("pipeline.set-node-selector", "a"),
        ("container.set-limit", "cpu"),
        ("service.set-label", "a"),
    ] {
        refused(method, &[Text(before), Text(EVIL)]);
        refused(method, &[Text(EVIL), Text("1")]);
    }
    for method in ["pipeline.set-annotation", "pipeline.set-pod-annotation", "container.set-env"] {
        refused(method, &[Text(EVIL), Text("1")]);
        refused(method, &[Text("a"), Text("a\0b")]);
    }
    for method in [
        "pipeline.set-scheduler-name",
        "pipeline.set-priority-class-name",
        "pipeline.set-runtime-class-name",
        "pipeline.set-service-account-name",
        "container.set-working-dir",
        "container.set-image-pull-policy",
    ] {
        refused(method, &[Given(EVIL)]);
    }
    refused("container.set-image", &[Text(EVIL)]);
    refused("container.set-image", &[Text("../x")]);
    refused("pipeline.set-volume", &[Text(EVIL), Text(r#"{"emptyDir":{}}"#)]);
}

#[test]
fn kubernetes_parts_are_held_to_their_syntax() {
    let evil = "x\\n---\\nkind: ClusterRoleBinding";
    for (method, part) in [
        ("pipeline.set-tolerations", format!(r#"[{{"key":"{evil}","operator":"Exists"}}]"#)),
        ("pipeline.set-dns-config", format!(r#"{{"searches":["{evil}"]}}"#)),
        ("container.set-readiness-probe", format!(r#"{{"httpGet":{{"path":"{evil}","port":1}}}}"#)),
        ("container.set-env-from", format!(r#"[{{"configMapRef":{{"name":"{evil}"}}}}]"#)),
    ] {
        refused(method, &[Given(&part)]);
    }
    let volume = format!(r#"{{"configMap":{{"name":"{evil}"}}}}"#);
    refused("pipeline.set-volume", &[Text("v"), Text(&volume)]);
    let two = r#"{"configMap":{"name":"c"},"emptyDir":{}}"#;
    refused("pipeline.set-volume", &[Text("v"), Text(two)]);
    let two =
        r#"{"configMapKeyRef":{"name":"c","key":"k"},"fieldRef":{"fieldPath":"metadata.name"}}"#;
    refused("container.set-env-source", &[Text("A"), Text(two)]);
}

#[test]
fn numbers_out_of_range_and_names_in_use_are_refused() {
    refused("pipeline.set-replicas", &[Number(-1)]);
    refused("pipeline.set-replicas", &[Number(1_000_000_000)]);
    refused("pipeline.set-volume", &[Text("data"), Text(r#"{"emptyDir":{}}"#)]);
    let port = |number, name| [Number(number), Number(0), Given(name)];
    refused("container.set-port", &port(0, "a"));
    refused("container.set-port", &port(65_536, "a"));
    let two = outcome(&[
        ("container.set-port", &port(80, "web")),
        ("container.set-port", &port(81, "web")),
        ("container.set-port", &port(80, "www")),
        ("container.set-port", &port(82, "web")),
    ]);
    let ports = two.pipeline.spec.containers[0].ports.clone().unwrap();
    let ports: Vec<_> = ports.iter().map(|it| (it.container_port, it.name.as_deref())).collect();
    assert_eq!(ports, [(80, Some("www")), (82, Some("web"))]);
}

#[test]
fn free_texts_arrive_as_they_are() {
    let outcome = outcome(&[
        ("container.set-env", &[Text("A"), Text(EVIL)]),
        ("pipeline.set-annotation", &[Text("example.com/a"), Text(EVIL)]),
    ]);
    let objects = wellhead_render::render(&outcome.pipeline).objects();
    let stateful_set = &objects.last().unwrap().value;
    assert_eq!(stateful_set["metadata"]["annotations"]["example.com/a"], EVIL);
    let container = &stateful_set["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["env"][0], json!({"name": "A", "value": EVIL}));
    let documents = wellhead_render::to_yaml(&objects);
    assert_eq!(documents.lines().filter(|line| *line == "---").count(), objects.len() - 1);
}

#[test]
fn a_plugin_sees_what_the_plugins_before_it_left() {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.replicas"
            (func $replicas (param i32) (result i32)))
        (import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.set-replicas"
            (func $set_replicas (param i32 i32 i32)))"#;
    let doubles = || {
        Guest::new().fields(import).transform(
            "(call $set_replicas (local.get $target) \
               (i32.mul (i32.const 2) (call $replicas (local.get $target))) (i32.const 512)) \
             (i32.const 256)",
        )
    };
    let settings = json!({"grants": ["replicas"], "overrides": ["replicas"]});
    let outcome = run(&[
        ("one", doubles(), settings.clone()),
        ("trial", doubles(), json!({"grants": ["replicas"], "audit": true, "overrides": ["**"]})),
        ("two", doubles(), settings),
    ])
    .unwrap();
    assert_eq!(outcome.pipeline.spec.replicas, Some(12));
    assert_eq!(outcome.audits.len(), 1);
    assert_eq!((&*outcome.audits[0].edits[0].old, &*outcome.audits[0].edits[0].new), ("6", "12"));
    assert_eq!(outcome.provenance.writers.len(), 2);
}

#[test]
fn validators_judge_what_all_transformers_left() {
    // Objects unless there are five replicas.
    let core = format!(
        r#"(module
  (import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.replicas"
    (func $replicas (param i32) (result i32)))
  (import "wellhead:plugin/pipeline@0.1.0" "[resource-drop]pipeline" (func $drop (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) (i32.const 64))
  (func (export "wellhead:plugin/validate@0.1.0#validate") (param i32 i32 i32) (result i32)
    (i32.store (i32.const 264) (i32.ne (call $replicas (local.get 0)) (i32.const 5)))
    (call $drop (local.get 0)) (i32.const 256))
  (data (i32.const 64) "{}")
  (data (i32.const 260) "{}")
  (data (i32.const 512) "{}")
  (data (i32.const 1024) "{{}}guard1.0.0"))"#,
        escape(&words(&[1026, 5, 1031, 5, 1024, 0, 1024, 2, 1024, 0])),
        escape(&words(&[512, 0])),
        escape(&words(&[0, 0, 0, 0, 1024, 2, 0, 0, 0])),
    );
    let (engine, options) = (crate::support::engine(), LoadOptions::default());
    let judge = encode(&core, "validator");
    let judge = Plugin::from_bytes(&engine, "judge", &judge, &options).unwrap();
    let judge = Arc::new(judge);
    let five = Guest::sets_replicas(5).build();
    let five = Plugin::from_bytes(&engine, "five", &five, &options).unwrap();
    let five = Arc::new(five);
    let chain = |settings| {
        let judge = Entry::new(&entry("judge", &json!({})), "team", Arc::clone(&judge)).unwrap();
        let five = Entry::new(&entry("five", &settings), "team", Arc::clone(&five)).unwrap();
        Chain::new(vec![judge, five]).run(&pipeline())
    };
    chain(json!({"grants": ["replicas"]})).unwrap();
    let errors = chain(json!({"grants": ["replicas"], "audit": true})).unwrap_err();
    let Fault::Judged { findings } = &errors[0].fault else { panic!("{errors:?}") };
    assert_eq!((errors[0].plugin.as_str(), findings[0].severity), ("judge", Severity::Error));
}

#[test]
fn of_many_findings_the_first_are_told_and_the_rest_is_counted() {
    // 150 errors without words.
    let core = format!(
        r#"(module
  (import "wellhead:plugin/pipeline@0.1.0" "[resource-drop]pipeline" (func $drop (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) (i32.const 64))
  (func (export "wellhead:plugin/validate@0.1.0#validate") (param i32 i32 i32) (result i32)
    (i32.store (i32.const 260) (i32.const 2048)) (i32.store (i32.const 264) (i32.const 150))
    (call $drop (local.get 0)) (i32.const 256))
  (data (i32.const 64) "{}")
  (data (i32.const 1024) "{{}}guard1.0.0"))"#,
        escape(&words(&[1026, 5, 1031, 5, 1024, 0, 1024, 2, 1024, 0])),
    );
    let judge = encode(&core, "validator");
    let engine = crate::support::engine();
    let judge = Plugin::from_bytes(&engine, "judge", &judge, &LoadOptions::default()).unwrap();
    let entry = Entry::new(&entry("judge", &json!({})), "team", Arc::new(judge)).unwrap();
    let errors = Chain::new(vec![entry]).run(&pipeline()).unwrap_err();
    let Fault::Judged { findings } = &errors[0].fault else { panic!("{errors:?}") };
    assert_eq!(findings.len(), 101);
    assert!(findings.iter().all(|it| it.severity == Severity::Error));
    assert_eq!(findings[100].message, "it has 50 more findings");
}

/// Little-endian words as a text; each is less than 128 in every byte.
fn words(numbers: &[u32]) -> String {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    bytes.map(char::from).collect()
}
