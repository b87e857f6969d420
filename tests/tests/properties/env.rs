//! Environment variables and where they come from.

use proptest::prelude::*;
use serde_json::json;

use crate::container::merged;
use crate::menu::{Json, either, keyed, list, menu, object, only};

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

pub(crate) fn env() -> Json {
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
