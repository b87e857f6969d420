//! Selectors select as Kubernetes' do, and values of Kubernetes lose nothing.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wellhead_plugin::{LabelSelector, Probe, Toleration};

#[derive(Deserialize)]
struct Vectors {
    selected: Vec<Selected>,
}

#[derive(Deserialize)]
struct Selected {
    selector: LabelSelector,
    labels: std::collections::BTreeMap<String, String>,
    matches: bool,
}

#[test]
fn labels_are_selected_as_kubernetes_does() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../kubernetes.json")).unwrap();
    for Selected { selector, labels, matches } in vectors.selected {
        let labels: Vec<_> = labels.into_iter().collect();
        assert_eq!(selector.matches(&labels), matches, "{selector:?} {labels:?}");
    }
}

fn comes_back<T: DeserializeOwned + Serialize>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).expect("it is one");
    assert_eq!(serde_json::to_value(read).expect("it is JSON"), *value);
}

#[test]
fn what_has_no_name_here_stays() {
    comes_back::<Toleration>(&json!({}));
    comes_back::<Toleration>(&json!({ "key": "a", "new": { "b": [1.5] } }));
    comes_back::<Probe>(&json!({ "periodSeconds": 10, "new": true }));
    comes_back::<Probe>(&json!({ "exec": { "command": ["a"], "new": 1 } }));
    comes_back::<Probe>(&json!({ "tcpSocket": { "port": "web", "new": 1 } }));
    comes_back::<Probe>(&json!({ "grpc": { "port": 1, "service": "", "new": 1 } }));
    comes_back::<Probe>(&json!({ "httpGet": {
        "path": "/", "port": 80, "new": 1, "httpHeaders": [{ "name": "a", "value": "b" }],
    } }));
}

#[test]
fn probes_and_tolerations_are_made_in_their_form() {
    let made = json!([
        Probe::exec(["pg_isready", "-q"]),
        Probe::tcp_socket("web"),
        Probe::grpc(9000),
        Toleration::equal("spot", "true").effect("NoExecute").seconds(30),
    ]);
    let expected = json!([
        { "exec": { "command": ["pg_isready", "-q"] } },
        { "tcpSocket": { "port": "web" } },
        { "grpc": { "port": 9000 } },
        { "key": "spot", "operator": "Equal", "value": "true", "effect": "NoExecute", "tolerationSeconds": 30 },
    ]);
    assert_eq!(made, expected);
}
