//! K. Fields by their paths: the functions of track 0.2 take any text as a path and any JSON as a value.

use std::sync::LazyLock;

use serde_json::{Value, json};
use wellhead_spec::Pipeline;
use wellhead_tests::built;

use super::{Attack, Expect, cases};

cases! {
    97 case_97_paths_and_values_that_are_none: none;
    98 case_98_protected_fields_by_other_ways: other_ways;
    99 case_99_codes_that_look_like_the_hosts: codes;
}

/// The plugin that calls what its config lists.
static CALLER: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(built::plugin("generic-edits")).unwrap());

/// A pipeline with what is protected in each place.
fn hardened() -> Pipeline {
    let security = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
    serde_json::from_value(json!({
        "metadata": {"name": "db", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 2,
            "securityContext": {"fsGroup": 999, "supplementalGroups": [5]},
            "containers": [
                {"name": "db", "image": "postgres:17", "securityContext": security.clone(), "volumeMounts": [
                    {"name": "creds", "mountPath": "/creds", "readOnly": true}, {"name": "both", "mountPath": "/both"}]},
                {"name": "side", "image": "side:1", "securityContext": security},
            ],
            "volumes": [
                {"name": "creds", "secret": {"secretName": "creds"}},
                {"name": "both", "projected": {"sources": [{"secret": {"name": "a"}}, {"configMap": {"name": "b"}}]}},
                {"name": "tmp", "emptyDir": {}},
            ],
            "claims": [{"name": "data", "size": "10Gi", "mountPath": "/data"}],
        },
    }))
    .unwrap()
}

/// One call: of `append`, `insert`, `remove` and `set` with a path and a JSON text.
fn call(function: &str, path: &str, json: &(impl ToString + ?Sized)) -> Value {
    json!({"call": function, "path": path, "json": json.to_string()})
}

fn calls(what: &str, calls: &[Value], expect: Expect) -> Attack {
    let attack = Attack::file(what, CALLER.clone(), expect).on(hardened);
    attack.with(json!({"grants": ["**"], "config": {"calls": calls}}))
}

/// What names no field, or no value of it, changes nothing.
fn none() -> Vec<Attack> {
    let long = format!("labels[\"{}\"]", "a".repeat(200_000));
    let steps = format!("labels{}", ".a".repeat(40));
    let paths = [
        "",
        "**",
        "a..b",
        "\"hostNetwork\"",
        "spec.hostNetwork",
        "metadata.name",
        "containers[0].image",
        "containers.*.image",
        "tolerations[-1]",
        "tolerations[+]",
        "tolerations[18446744073709551615]",
        "labels[\"\\u0000\"]",
        "labels[\"a\u{202e}b\"]",
        "labels[\"App.Kubernetes.IO/managed-by\"]",
        "finalizers",
        "ownerReferences",
        "containers",
        "claims",
        "containers.db",
        "claims.data.name",
        &long,
        &steps,
    ];
    let values = [
        ("replicas", "-1"),
        ("replicas", "0.0"),
        ("replicas", "-0"),
        ("replicas", "1e400"),
        ("replicas", "\"3\""),
        ("replicas", "18446744073709551616"),
        ("replicas", "null"),
        ("replicas", "3 3"),
        ("replicas", ""),
        ("labels.a", "\"\\ud800\""),
        ("labels.a", "\"\\u001b[31m\""),
        ("claims.data.mountPath", "\"/data/\""),
        ("containers.db.volumeMounts[\"/creds\"].mountPropagation", "\"Bidirectional\""),
        ("terminationGracePeriodSeconds", "-1"),
        ("containers.db.args", "[[\"a\"]]"),
        ("podLabels", "[]"),
    ];
    let nested = "[".repeat(100_000);
    let large = format!("\"{}\"", "x".repeat(300_000));
    let set = |(path, value): (&str, &str)| call("set", path, value);
    let mut all: Vec<_> = paths.iter().map(|path| call("set", path, &true)).collect();
    all.extend(values.into_iter().map(set));
    all.extend([("affinity", &*nested), ("annotations.a", &*large)].map(set));
    let mount = |place: &str| json!({"name": "tmp", "mountPath": place});
    for (list, item) in [
        ("containers.db.volumeMounts", mount("/")),
        ("containers.db.volumeMounts", mount("/x/../data")),
        ("containers.db.volumeMounts", mount("/data//x")),
        ("replicas", json!(1)),
        ("volumes", json!({"name": "data", "emptyDir": {}})),
        ("containers", json!({"name": "side", "image": "a"})),
        ("containers.db.ports", json!({"containerPort": "80"})),
    ] {
        all.push(call("append", list, &item));
    }
    for place in ["first", "before containers.db", "before volumes.tmp", "after containers"] {
        let mut first = call("insert", "containers", &json!({"name": "first", "image": "a"}));
        first["at"] = place.into();
        all.push(first);
    }
    vec![calls("all of them", &all, Expect::Unchanged)]
}

/// What an edit changes is searched, whatever it is called; and what all of them come to.
fn other_ways() -> Vec<Attack> {
    let side = json!({"name": "side", "image": "evil:1"});
    let evil = |fields: &str| format!("{{\"name\": \"evil\", \"image\": \"evil:1\", {fields}}}");
    let mount = "\"volumeMounts\": [{\"name\": \"creds\", \"mountPath\": \"/c\"}]";
    let twice = "\"securityContext\": {}, \"securityContext\": {\"privileged\": true}";
    let labels = json!({"cleanup.kyverno.io/ttl": "1s"});
    let mut first =
        call("insert", "volumes.both.projected.sources", &json!({"secret": {"name": "c"}}));
    first["at"] = "first".into();
    vec![
        calls(
            "by other ways",
            &[
                call("append", "containers", &evil(twice)),
                call("remove", "securityContext", ""),
                call("set", "securityContext.supplementalGroups[0]", &0),
                first,
                call("set", "volumes.tmp.hostPath", &json!({"path": "/"})),
                call("set", "claims.data.labels", &labels),
            ],
            Expect::EachProtected(&[
                "containers.evil.securityContext.privileged",
                "securityContext.fsGroup",
                "securityContext.supplementalGroups",
                "volumes.both.projected.sources[0].secret",
                "volumes.tmp.hostPath",
                "claims.data.labels[\"cleanup.kyverno.io/ttl\"]",
            ]),
        ),
        calls(
            "in sum",
            &[
                call("remove", "containers.side", ""),
                call("append", "containers", &side),
                call("append", "containers", &evil(mount)),
            ],
            Expect::EachProtected(&[
                "containers.side.securityContext.capabilities.drop",
                "volumes.creds.secret",
            ]),
        ),
    ]
}

/// A code is a word, and nothing else is shown as one.
fn codes() -> Vec<Attack> {
    let code = |code: &str| {
        let attack =
            Attack::file(format!("{code:?}"), CALLER.clone(), Expect::Rejected("the tier"))
                .on(hardened);
        attack.with(json!({"grants": ["**"], "config": {"rejects": code}}))
    };
    ["x\" help: FORGED", "\u{1b}[0m\nerror[WH0401]: FORGED", &"FORGED ".repeat(10_000)]
        .map(code)
        .into()
}
