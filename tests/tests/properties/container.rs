//! Containers and what stands in them.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::env::{env, env_from};
use crate::menu::{Json, either, keyed, list, menu, object, only};
use crate::probe::{lifecycle, probe};
use crate::security::security_context;

pub(crate) fn labels() -> Json {
    let keys = json!([
        "app",
        "a",
        "A_b.c-d",
        "example.com/tier",
        "app.kubernetes.io/name",
        "x".repeat(63),
        format!("{}/{}", ["d".repeat(63).as_str(); 3].join("."), "n".repeat(63)),
    ]);
    let wrong = json!(["-a", "a/", "/a", "a b", "y".repeat(64), "UPPER.io/a", "a/b/c", "ä"]);
    let values = menu(
        json!(["", "1", "true", "v1.2_3-x", "z".repeat(63)]),
        json!(["-a", "a ", "z".repeat(64)]),
    );
    map(menu(keys, wrong), values)
}

pub(crate) fn annotations() -> Json {
    let keys = json!(["a", "example.com/note", "Example.COM/Note", "b".repeat(63)]);
    let values = json!([
        "",
        "x",
        "a\n---\nb",
        "{\"a\":1}",
        "ü\u{2028}",
        "# no comment",
        "long ".repeat(2_000)
    ]);
    map(menu(keys, json!(["a b", "", "-a"])), menu(values, json!([])))
}

fn map(key: Json, value: Json) -> Json {
    proptest::collection::vec((key, value), 0..3)
        .prop_map(|entries| {
            let text = |key: Value| key.as_str().unwrap_or_default().to_owned();
            entries.into_iter().map(|(key, value)| (text(key), value)).collect()
        })
        .boxed()
}

/// A selector over labels.
pub(crate) fn selector() -> Json {
    let expression = |operator: Value, values: Json, chance| {
        object(vec![
            ("key", 100, menu(json!(["app", "example.com/tier"]), json!(["", "a b"]))),
            ("operator", 100, only(operator)),
            ("values", chance, values),
        ])
    };
    let words = || list(menu(json!(["", "a", "z".repeat(63)]), json!(["-", "a b"])), 2);
    let some = || {
        keyed(
            menu(json!(["a", "b"]), json!(["-x"])).prop_map(|it| json!({"v": it})).boxed(),
            "v",
            2,
        )
        .prop_map(|items| {
            items.as_array().into_iter().flatten().map(|it| it["v"].clone()).collect()
        })
        .boxed()
    };
    let expressions = either(vec![
        expression(json!(["In", "NotIn"]), some(), 98),
        expression(json!(["Exists", "DoesNotExist"]), words(), 3),
    ]);
    object(vec![
        ("matchLabels", 50, labels()),
        (
            "matchExpressions",
            40,
            list(
                menu(
                    json!([{"key": "app", "operator": "Exists"}]),
                    json!([{"key": "app", "operator": "Gt", "values": ["1"]}]),
                ),
                1,
            ),
        ),
        ("matchExpressions", 40, list(expressions, 2)),
    ])
}

/// The fields of both.
pub(crate) fn merged(one: Json, two: Json) -> Json {
    (one, two)
        .prop_map(|(mut one, two)| {
            if let (Some(one), Value::Object(two)) = (one.as_object_mut(), two) {
                one.extend(two);
            }
            one
        })
        .boxed()
}

pub(crate) fn amounts(limits: bool) -> Json {
    let cpu = menu(
        json!(["0", "1", "100m", "0.5", 2, "1e-1", "1u"]),
        json!(["-1", "many", "1 ", "1e99"]),
    );
    let memory =
        menu(json!(["0", "1Gi", "128974848", "129e6", "1.5Gi"]), json!(["-1", "1gb", "0.5"]));
    let (mut fields, most) =
        (vec![("cpu", 40, cpu), ("memory", 40, memory)], if limits { 60 } else { 2 });
    fields.push(("ephemeral-storage", 20, menu(json!(["0", "1Gi"]), json!(["-1Gi"]))));
    fields.push(("nvidia.com/gpu", most / 3, menu(json!(["0", "1", 2]), json!(["0.5", "-1"]))));
    fields.push((
        "hugepages-2Mi",
        most / 20,
        menu(json!(["4Mi", "2Mi", "0"]), json!(["1Mi", "3Mi", "1"])),
    ));
    fields.push(("storage", 1, only(json!(["1Gi"]))));
    fields.push(("pods", 1, only(json!(["1"]))));
    fields.push(("hugepages-huge", 1, only(json!(["1Gi"]))));
    fields.push(("kubernetes.io/x", 1, only(json!(["1"]))));
    fields.push(("requests.example.com/x", 1, only(json!(["1"]))));
    object(fields)
}

fn resources() -> Json {
    let claims = list(
        object(vec![
            ("name", 100, menu(json!(["device"]), json!(["nothing", ""]))),
            ("request", 20, menu(json!(["gpu"]), json!(["G_"]))),
        ]),
        1,
    );
    object(vec![
        ("limits", 60, amounts(true)),
        ("requests", 40, amounts(false)),
        ("claims", 2, claims),
    ])
}

fn mounts() -> Json {
    let mount = object(vec![
        (
            "name",
            100,
            menu(json!(["data", "scratch", "config", "secrets"]), json!(["raw", "nothing", ""])),
        ),
        (
            "mountPath",
            100,
            menu(
                json!(["/a", "/a/", "/b/c d", "/c/../d", "/e"]),
                json!(["", "/", "a", "/a:b", "/dev/raw"]),
            ),
        ),
        (
            "subPath",
            15,
            menu(json!(["", "a", "a/b", "..a", "a\nb"]), json!(["/a", "..", "a/../b"])),
        ),
        ("subPathExpr", 8, menu(json!(["", "$(A)/b"]), json!(["../a"]))),
        ("readOnly", 40, only(json!([true, false]))),
        (
            "mountPropagation",
            10,
            menu(json!(["None", "HostToContainer"]), json!(["Bidirectional", "x"])),
        ),
        ("recursiveReadOnly", 5, menu(json!(["Disabled"]), json!(["Enabled", "IfPossible", "x"]))),
    ]);
    keyed(mount, "mountPath", 3)
}

fn ports() -> Json {
    let port = object(vec![
        ("containerPort", 100, menu(json!([1, 80, 443, 65_535]), json!([0, -1, 65_536]))),
        ("protocol", 60, menu(json!(["TCP", "UDP", "SCTP"]), json!(["tcp", "", "HTTP"]))),
        (
            "name",
            40,
            menu(
                json!(["http", "a-1", "a".repeat(15)]),
                json!(["", "80", "a--b", "a".repeat(16), "A"]),
            ),
        ),
        ("hostPort", 6, menu(json!([0, 80, 8080]), json!([-1, 65_536]))),
        ("hostIP", 4, menu(json!(["10.0.0.1"]), json!(["x"]))),
    ]);
    keyed(port, "containerPort", 3)
}

/// A container of this name. An `init` container has no probes unless it keeps running.
pub(crate) fn container(name: Json, init: bool) -> Json {
    let probes = if init { 2 } else { 40 };
    let basic = object(vec![
        ("name", 100, name),
        (
            "image",
            100,
            menu(
                json!([
                    "nginx:1.27",
                    "a/b:c",
                    "registry.example.com:5000/team/x@sha256:0000000000000000000000000000000000000000000000000000000000000000",
                    "nginx"
                ]),
                json!(["", " ", "Nginx", "a b", ":1"]),
            ),
        ),
        (
            "imagePullPolicy",
            30,
            menu(json!(["Always", "IfNotPresent", "Never"]), json!(["", "always"])),
        ),
        ("command", 30, only(json!([["/bin/main"], [], [""], ["a\nb", "ü"]]))),
        ("args", 30, only(json!([["--serve"], [], ["$(A)", "", "---"]]))),
        ("workingDir", 20, only(json!(["/srv", "", "a b", "../x"]))),
        ("env", 50, env()),
        ("envFrom", 25, env_from()),
        ("ports", 40, ports()),
        ("resources", 60, resources()),
        ("volumeMounts", 50, mounts()),
        (
            "volumeDevices",
            10,
            list(
                object(vec![
                    ("name", 100, menu(json!(["raw"]), json!(["data", "config", "nothing"]))),
                    (
                        "devicePath",
                        100,
                        menu(json!(["/dev/raw", "/dev/x"]), json!(["", "/dev/../x", "/a", "dev"])),
                    ),
                ]),
                1,
            ),
        ),
    ]);
    let rest = object(vec![
        ("livenessProbe", probes, probe(json!([0, 1]), 20)),
        ("readinessProbe", probes, probe(json!([0, 1, 2, 5]), 1)),
        ("startupProbe", probes, probe(json!([0, 1]), 20)),
        ("lifecycle", probes / 2, lifecycle()),
        ("securityContext", 50, security_context()),
        ("terminationMessagePath", 20, only(json!(["/dev/x", "", "relative"]))),
        (
            "terminationMessagePolicy",
            20,
            menu(json!(["File", "FallbackToLogsOnError"]), json!(["", "Logs"])),
        ),
        ("stdin", 10, only(json!([true, false]))),
        ("stdinOnce", 10, only(json!([true, false]))),
        ("tty", 10, only(json!([true, false]))),
        (
            "resizePolicy",
            6,
            list(
                object(vec![
                    ("resourceName", 100, menu(json!(["cpu", "memory"]), json!(["gpu", ""]))),
                    (
                        "restartPolicy",
                        100,
                        menu(json!(["NotRequired"]), json!(["RestartContainer", "x", ""])),
                    ),
                ]),
                2,
            ),
        ),
        (
            "restartPolicy",
            if init { 10 } else { 1 },
            menu(json!(["Always"]), json!(["Never", "OnFailure", ""])),
        ),
        (
            "restartPolicyRules",
            1,
            only(
                json!([[{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}], []]),
            ),
        ),
    ]);
    merged(basic, rest)
}
