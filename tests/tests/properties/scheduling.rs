//! Which nodes and which neighbours pods want.

use proptest::prelude::*;
use serde_json::json;

use crate::container::selector;
use crate::menu::{Json, either, keyed, list, menu, object, only};

fn node_term() -> Json {
    let key = || menu(json!(["kubernetes.io/arch", "a"]), json!(["", "a b"]));
    let value = || menu(json!(["amd64", "", "1"]), json!(["a b", "-"]));
    let expression = either(vec![
        (key(), value())
            .prop_map(|(key, value)| json!({"key": key, "operator": "In", "values": [value]}))
            .boxed(),
        menu(
            json!([{"key": "a", "operator": "Exists"}, {"key": "a", "operator": "Gt", "values": ["1"]}, {"key": "a", "operator": "NotIn", "values": ["x", "y"]}]),
            json!([{"key": "a", "operator": "Exists", "values": ["x"]}, {"key": "a", "operator": "Gt", "values": []}, {"key": "a", "operator": "In"},
                {"key": "a", "operator": "x"}, {"key": "a", "operator": "Lt", "values": ["x"]}]),
        ),
    ]);
    let field = menu(
        json!([{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]),
        json!([{"key": "metadata.name", "operator": "In", "values": ["a", "b"]}, {"key": "metadata.labels", "operator": "In", "values": ["a"]},
            {"key": "metadata.name", "operator": "Exists"}, {"key": "metadata.name", "operator": "In", "values": ["A_"]}]),
    );
    object(vec![("matchExpressions", 70, list(expression, 2)), ("matchFields", 30, list(field, 1))])
}

fn pod_term() -> Json {
    let keys = || menu(json!([["pod-template-hash"], []]), json!([["a b"], ["app"], [""]]));
    object(vec![
        ("labelSelector", 90, selector()),
        ("topologyKey", 100, menu(json!(["kubernetes.io/hostname", "a"]), json!(["", "a b"]))),
        ("namespaces", 20, menu(json!([["a"], []]), json!([["A"], [""]]))),
        ("namespaceSelector", 20, selector()),
        ("matchLabelKeys", 8, keys()),
        ("mismatchLabelKeys", 8, keys()),
    ])
}

pub(crate) fn affinity() -> Json {
    let weight = || menu(json!([1, 100]), json!([0, -1, 101]));
    let weighted = || {
        (weight(), pod_term())
            .prop_map(|(weight, term)| json!({"weight": weight, "podAffinityTerm": term}))
            .boxed()
    };
    let pods = || {
        object(vec![
            ("requiredDuringSchedulingIgnoredDuringExecution", 60, list(pod_term(), 2)),
            ("preferredDuringSchedulingIgnoredDuringExecution", 60, list(weighted(), 2)),
        ])
    };
    let preferred = (weight(), node_term())
        .prop_map(|(weight, term)| json!({"weight": weight, "preference": term}))
        .boxed();
    let required = keyed(node_term(), "x", 1).prop_map(|it| json!({"nodeSelectorTerms": it}));
    let nodes = object(vec![
        (
            "requiredDuringSchedulingIgnoredDuringExecution",
            60,
            either(vec![
                required.boxed(),
                menu(json!([{"nodeSelectorTerms": [{}]}]), json!([{"nodeSelectorTerms": []}])),
            ]),
        ),
        ("preferredDuringSchedulingIgnoredDuringExecution", 60, list(preferred, 2)),
    ]);
    object(vec![
        ("nodeAffinity", 50, nodes),
        ("podAffinity", 40, pods()),
        ("podAntiAffinity", 50, pods()),
    ])
}

pub(crate) fn tolerations() -> Json {
    let toleration = either(vec![
        object(vec![
            ("key", 97, menu(json!(["dedicated", "example.com/gpu"]), json!(["", "a b"]))),
            ("operator", 50, only(json!(["Equal"]))),
            ("value", 60, menu(json!(["", "db"]), json!(["a b"]))),
            (
                "effect",
                60,
                menu(json!(["NoSchedule", "PreferNoSchedule", "NoExecute"]), json!(["", "x"])),
            ),
        ]),
        menu(
            json!([{"operator": "Exists"}, {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60},
                {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": -1}]),
            json!([{"key": "a", "operator": "Exists", "tolerationSeconds": 60}, {"key": "a", "operator": "Exists", "value": "x"},
                {"key": "a", "operator": "Lt", "value": "1"}, {"key": "a", "operator": "x"}, {"key": "", "operator": ""}]),
        ),
    ]);
    list(toleration, 3)
}

pub(crate) fn spread() -> Json {
    let policy = || menu(json!(["Honor", "Ignore"]), json!(["x", ""]));
    let constraint = object(vec![
        ("maxSkew", 100, menu(json!([1, i32::MAX]), json!([0, -1]))),
        (
            "topologyKey",
            100,
            menu(
                json!(["topology.kubernetes.io/zone", "kubernetes.io/hostname", "a"]),
                json!(["", "a b"]),
            ),
        ),
        (
            "whenUnsatisfiable",
            100,
            menu(json!(["DoNotSchedule", "ScheduleAnyway"]), json!(["", "x"])),
        ),
        ("labelSelector", 80, selector()),
        ("minDomains", 5, menu(json!([1]), json!([0, -1]))),
        ("nodeAffinityPolicy", 20, policy()),
        ("nodeTaintsPolicy", 20, policy()),
        ("matchLabelKeys", 6, menu(json!([["pod-template-hash"], []]), json!([["app"], ["a b"]]))),
    ]);
    list(constraint, 2)
}
