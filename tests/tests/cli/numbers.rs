//! Numbers in other spellings: each hint, followed literally, leads to the value that was meant.

use serde_json::Value;

use crate::context::{Context, json};

/// A pipeline with a field of each kind, of which one is replaced.
const PIPELINE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata: {name: db}
spec:
  replicas: 2
  securityContext: {runAsUser: 1000}
  service: {ports: [{name: http, port: 80}]}
  containers:
    - name: db
      image: postgres:17
      ports: [{containerPort: 8080}]
      volumeMounts: [{name: key, mountPath: /key}]
  volumes:
    - name: key
      secret: {secretName: tls, defaultMode: 0o640, items: [{key: a, path: a, mode: 0o400}]}
";

/// The first thing in backticks that a hint says to write.
fn told(context: &Context) -> String {
    let document = json(&mut context.command(&["render", "-q", "-f", "db.yaml", "-o", "json"]));
    let found = &document["diagnostics"][0];
    let hint = found["hints"][0].as_str().unwrap_or_default();
    assert!(hint.contains("write `"), "{found:#}");
    let write = hint.split_once("write `").unwrap_or_default().1;
    write.split('`').next().unwrap_or_default().to_owned()
}

fn rendered(context: &Context, pointer: &str) -> Value {
    let list = json(&mut context.command(&["render", "-q", "-f", "db.yaml", "-o", "json"]));
    let items = list["items"].as_array().expect("a list of objects").clone();
    let set = items.into_iter().find(|it| it["kind"] == "StatefulSet").expect("a StatefulSet");
    set.pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn a_hint_that_is_followed_leads_to_the_number_that_was_meant() {
    let mode = "/spec/template/spec/volumes/0/secret/defaultMode";
    let item = "/spec/template/spec/volumes/0/secret/items/0/mode";
    let user = "/spec/template/spec/securityContext/runAsUser";
    let port = "/spec/template/spec/containers/0/ports/0/containerPort";
    for (from, wrong, pointer, meant) in [
        ("0o640", "0644", mode, 0o644),
        ("0o640", "\"0644\"", mode, 0o644),
        ("0o640", "0_755", mode, 0o755),
        ("0o640", "644", mode, 0o644),
        ("0o640", "777", mode, 0o777),
        ("0o640", "4.2e2", mode, 420),
        ("0o400", "0400", item, 0o400),
        ("0o400", "00", item, 0),
        ("1000", "0100", user, 64),
        ("1000", "1.00065e+09", user, 1_000_650_000),
        ("1000", "1_000", user, 1000),
        ("1000", "\"0x3e8\"", user, 1000),
        ("8080", "08080", port, 8080),
        ("8080", "\"8080\"", port, 8080),
        ("replicas: 2", "replicas: 3.0", "/spec/replicas", 3),
        ("replicas: 2", "replicas: 1e1", "/spec/replicas", 10),
        ("replicas: 2", "replicas: 03", "/spec/replicas", 3),
    ] {
        let context = Context::new();
        context.write("db.yaml", PIPELINE.replacen(from, wrong, 1));
        let told = told(&context);
        let right = match from.strip_suffix(" 2") {
            Some(key) => format!("{key} {told}"),
            None => told,
        };
        context.write("db.yaml", PIPELINE.replacen(from, &right, 1));
        assert_eq!(rendered(&context, pointer), meant, "{wrong}: {right}");
    }
}
