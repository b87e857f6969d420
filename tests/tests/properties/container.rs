//! Containers and what stands in them.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::menu::{Json, either, keyed, list, menu, object, only};

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

fn handler(sleeps: bool) -> Json {
    let port = || {
        menu(
            json!([1, 80, 65_535, "http", "a-b1"]),
            json!([0, -1, 65_536, "", "80", "TOO-LONG-FOR-A-PORT", "a--b"]),
        )
    };
    let header = object(vec![
        ("name", 100, menu(json!(["X-A", "host", "a_b"]), json!(["", "a b", "a:b"]))),
        ("value", 100, only(json!(["", "b"]))),
    ]);
    let http = object(vec![
        ("path", 80, menu(json!(["/", "/healthz?x=1", "healthz"]), json!([""]))),
        ("port", 100, port()),
        ("scheme", 50, menu(json!(["HTTP", "HTTPS"]), json!(["http", "FTP", ""]))),
        ("host", 20, menu(json!(["localhost", "10.0.0.1"]), json!(["", "a b"]))),
        ("httpHeaders", 30, list(header, 2)),
    ]);
    let command = menu(json!([["true"], ["sh", "-c", "a\n---\nb"], [""]]), json!([[]]));
    let mut all = vec![
        http.prop_map(|it| json!({"httpGet": it})).boxed(),
        command.prop_map(|it| json!({"exec": {"command": it}})).boxed(),
        object(vec![("port", 100, port()), ("host", 20, only(json!(["h", ""])))])
            .prop_map(|it| json!({"tcpSocket": it}))
            .boxed(),
        menu(
            json!([{"exec": {"command": ["a"]}}]),
            json!([{}, {"exec": {}}, {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}]),
        ),
    ];
    all.push(if sleeps {
        menu(json!([0, 1, 30]), json!([-1, 31, 1_000_000]))
            .prop_map(|it| json!({"sleep": {"seconds": it}}))
            .boxed()
    } else {
        object(vec![
            ("port", 100, menu(json!([1, 65_535]), json!([0, 65_536]))),
            ("service", 40, only(json!(["", "a.b"]))),
        ])
        .prop_map(|it| json!({"grpc": it}))
        .boxed()
    });
    either(all)
}

/// A probe; `threshold` is what its success threshold may be.
pub(crate) fn probe(threshold: Value, grace: u32) -> Json {
    let seconds = || menu(json!([0, 1, 600, i32::MAX]), json!([-1]));
    let settings = object(vec![
        ("initialDelaySeconds", 30, seconds()),
        ("timeoutSeconds", 30, seconds()),
        ("periodSeconds", 30, seconds()),
        ("failureThreshold", 30, seconds()),
        ("successThreshold", 30, menu(threshold, json!([-1, 2]))),
        ("terminationGracePeriodSeconds", grace, menu(json!([1, 30]), json!([0, -1]))),
    ]);
    merged(handler(false), settings)
}

pub(crate) fn lifecycle() -> Json {
    object(vec![
        ("postStart", 50, handler(true)),
        ("preStop", 70, handler(true)),
        ("stopSignal", 2, only(json!(["SIGTERM", "SIGUSR1", "TERM"]))),
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

/// Where the value of a variable comes from.
pub(crate) fn env_source() -> Json {
    let name = || {
        menu(
            json!(["settings", "a.b-c", "s".repeat(253)]),
            json!(["", "A", "a_b", "s".repeat(254)]),
        )
    };
    let key = || {
        menu(
            json!(["key", "my_Key.txt", "k".repeat(253)]),
            json!(["", "..", "a/b", "k".repeat(254)]),
        )
    };
    let reference = || {
        object(vec![
            ("name", 99, name()),
            ("key", 100, key()),
            ("optional", 30, only(json!([true, false]))),
        ])
    };
    let field = menu(
        json!([
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.podIP",
            "status.podIPs",
            "status.hostIPs",
            "metadata.labels['app']",
            "metadata.annotations['Example.com/a']"
        ]),
        json!([
            "",
            "metadata.labels",
            "metadata.creationTimestamp",
            "spec.hostname",
            "metadata.labels['a b']",
            "metadata.name['x']",
            "metadata.labels[]",
            "nonsense"
        ]),
    );
    let memory = menu(
        json!(["1", "1Ki", "1Mi", "1Gi", "1k", "1M", "0"]),
        json!(["1m", "2", "1024", "much", "-1"]),
    );
    let cpu = menu(json!(["1", "1m", "0"]), json!(["1k", "2", "1Mi"]));
    let resource = either(vec![
        object(vec![
            ("containerName", 40, menu(json!(["main"]), json!(["nobody", ""]))),
            (
                "resource",
                100,
                menu(
                    json!(["limits.memory", "requests.memory", "limits.ephemeral-storage"]),
                    json!(["", "memory", "limits.gpu"]),
                ),
            ),
            ("divisor", 60, memory),
        ]),
        object(vec![
            ("resource", 100, only(json!(["limits.cpu", "requests.cpu"]))),
            ("divisor", 60, cpu),
        ]),
        object(vec![(
            "resource",
            100,
            menu(json!(["limits.hugepages-2Mi"]), json!(["limits.hugepages"])),
        )]),
    ]);
    let file = object(vec![
        ("volumeName", 100, menu(json!(["scratch"]), json!(["config", "nothing", "data", ""]))),
        ("path", 100, menu(json!(["a/b.env"]), json!(["", "../a", "/a"]))),
        ("key", 100, menu(json!(["KEY"]), json!(["", "a=b"]))),
        ("optional", 30, only(json!([true]))),
    ]);
    either(vec![
        reference().prop_map(|it| json!({"configMapKeyRef": it})).boxed(),
        reference().prop_map(|it| json!({"secretKeyRef": it})).boxed(),
        merged(
            field.prop_map(|it| json!({"fieldPath": it})).boxed(),
            object(vec![("apiVersion", 20, menu(json!(["v1"]), json!(["v2", ""])))]),
        )
        .prop_map(|it| json!({"fieldRef": it}))
        .boxed(),
        resource.prop_map(|it| json!({"resourceFieldRef": it})).boxed(),
        (file, 0..6)
            .prop_map(|(it, at)| {
                if at == 0 {
                    json!({"fileKeyRef": it})
                } else {
                    json!({"fieldRef": {"fieldPath": "status.podIP"}})
                }
            })
            .boxed(),
        menu(
            json!([{"secretKeyRef": {"name": "s", "key": "k"}}]),
            json!([{}, {"secretKeyRef": {"name": "s", "key": "k"}, "configMapKeyRef": {"name": "s", "key": "k"}}]),
        ),
    ])
}

pub(crate) fn env_from() -> Json {
    let reference = |chance| {
        object(vec![
            ("name", chance, menu(json!(["settings", "a.b"]), json!(["", "A_b"]))),
            ("optional", 20, only(json!([true, false]))),
        ])
    };
    let prefix =
        object(vec![("prefix", 40, menu(json!(["", "APP_", "1.-a", "!"]), json!(["a=b", "ä"])))]);
    list(
        merged(
            either(vec![
                reference(99).prop_map(|it| json!({"configMapRef": it})).boxed(),
                reference(99).prop_map(|it| json!({"secretRef": it})).boxed(),
                menu(
                    json!([{"secretRef": {"name": "s"}}]),
                    json!([{}, {"secretRef": {"name": "s"}, "configMapRef": {"name": "s"}}]),
                ),
            ]),
            prefix,
        ),
        2,
    )
}

fn env() -> Json {
    let name =
        || menu(json!(["A", "B.C", "_d", "1", "x-y", "a b", "!#~"]), json!(["", "a=b", "ü", "\t"]));
    let literal = object(vec![
        ("name", 100, name()),
        ("value", 90, only(json!(["", "1", "$(A)", "a\nb", "ü"]))),
    ]);
    let from = (name(), env_source())
        .prop_map(|(name, source)| json!({"name": name, "valueFrom": source}));
    keyed(either(vec![literal, from.boxed()]), "name", 4)
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

pub(crate) fn seccomp() -> Json {
    menu(
        json!([{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "a/b.json"}]),
        json!([{"type": "Localhost"}, {"type": "Unconfined", "localhostProfile": "a"}, {"type": "Localhost", "localhostProfile": "../a"},
            {"type": "Localhost", "localhostProfile": "/a"}, {"type": ""}, {"type": "runtime/default"}]),
    )
}

pub(crate) fn app_armor() -> Json {
    menu(
        json!([{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "profile"}]),
        json!([{"type": "Localhost"}, {"type": "Localhost", "localhostProfile": ""}, {"type": "Localhost", "localhostProfile": " a"},
            {"type": "RuntimeDefault", "localhostProfile": "a"}, {"type": "x"}]),
    )
}

pub(crate) fn identity() -> Json {
    menu(json!([0, 1, 1000, i32::MAX]), json!([-1, 2_147_483_648_i64]))
}

pub(crate) fn security_context() -> Json {
    let words =
        || only(json!([["ALL"], ["NET_ADMIN", "CHOWN"], [], ["CAP_SYS_ADMIN"], ["nonsense"]]));
    object(vec![
        ("runAsUser", 30, identity()),
        ("runAsGroup", 30, identity()),
        ("runAsNonRoot", 30, only(json!([true, false]))),
        ("privileged", 6, only(json!([true, false]))),
        ("allowPrivilegeEscalation", 20, only(json!([true, true, true, false]))),
        ("readOnlyRootFilesystem", 20, only(json!([true, false]))),
        ("capabilities", 30, object(vec![("add", 30, words()), ("drop", 50, words())])),
        ("procMount", 4, menu(json!(["Default"]), json!(["Unmasked", "x"]))),
        ("seccompProfile", 30, seccomp()),
        ("appArmorProfile", 10, app_armor()),
        ("seLinuxOptions", 10, only(json!([{}, {"level": "s0:c1,c2"}, {"user": "", "role": "x"}]))),
        ("windowsOptions", 2, windows()),
    ])
}

pub(crate) fn windows() -> Json {
    only(json!([
        {"runAsUserName": "ContainerUser"}, {"runAsUserName": ""}, {"runAsUserName": "a\\b\\c"}, {"runAsUserName": "DOMAIN\\user"},
        {"gmsaCredentialSpecName": "a.b"}, {"gmsaCredentialSpecName": "A"}, {"gmsaCredentialSpec": ""}, {"hostProcess": false},
        {"hostProcess": true}, {"runAsUserName": "a@b"}, {"runAsUserName": "..."},
    ]))
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
