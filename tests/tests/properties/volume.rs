//! Volumes and claims.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::container::{annotations, labels, merged, selector};
use crate::menu::{Json, either, keyed, list, menu, object, only};

fn mode() -> Json {
    menu(json!([0, 0o644, 0o777]), json!([-1, 0o1000]))
}

fn path() -> Json {
    menu(json!(["a", "a/b.txt", "c..d", "e/", "f"]), json!(["", "/a", "../a", "a/../b", "..a"]))
}

fn items() -> Json {
    list(
        object(vec![
            ("key", 100, menu(json!(["key", "a_B.c"]), json!(["", "a/b"]))),
            ("path", 100, path()),
            ("mode", 20, mode()),
        ]),
        2,
    )
}

fn downward() -> Json {
    let what = menu(
        json!([
            {"fieldRef": {"fieldPath": "metadata.labels"}}, {"fieldRef": {"fieldPath": "metadata.annotations['a']"}},
            {"fieldRef": {"fieldPath": "metadata.uid"}},
            {"resourceFieldRef": {"containerName": "main", "resource": "limits.cpu", "divisor": "1m"}},
        ]),
        json!([
            {}, {"fieldRef": {"fieldPath": "spec.nodeName"}}, {"resourceFieldRef": {"resource": "limits.cpu"}},
            {"resourceFieldRef": {"containerName": "main", "resource": "limits.cpu", "divisor": "1k"}},
            {"fieldRef": {"fieldPath": "metadata.uid"}, "resourceFieldRef": {"containerName": "main", "resource": "limits.cpu"}},
        ]),
    );
    list(merged(what, object(vec![("path", 100, path()), ("mode", 20, mode())])), 2)
}

fn projected() -> Json {
    let name = || menu(json!(["settings"]), json!([""]));
    let token = object(vec![
        ("path", 100, path()),
        (
            "expirationSeconds",
            60,
            menu(json!([600, 3600, 4_294_967_296_i64]), json!([599, 4_294_967_297_i64, -1])),
        ),
        ("audience", 30, only(json!(["", "vault"]))),
    ]);
    let bundle = menu(
        json!([{"name": "a", "path": "ca.pem"}, {"signerName": "a.b/c", "path": "ca.pem", "labelSelector": {}, "optional": true}]),
        json!([{"path": "x"}, {"name": "a", "signerName": "a.b/c", "path": "x"}, {"name": "a", "path": ""}, {"signerName": "x", "path": "x"}]),
    );
    let source = either(vec![
        object(vec![
            ("name", 99, name()),
            ("items", 50, items()),
            ("optional", 20, only(json!([true]))),
        ])
        .prop_map(|it| json!({"configMap": it}))
        .boxed(),
        object(vec![
            ("name", 99, name()),
            ("items", 50, items()),
            ("optional", 20, only(json!([true, false]))),
        ])
        .prop_map(|it| json!({"secret": it}))
        .boxed(),
        downward().prop_map(|it| json!({"downwardAPI": {"items": it}})).boxed(),
        token.prop_map(|it| json!({"serviceAccountToken": it})).boxed(),
        menu(
            json!([{"configMap": {"name": "c"}}]),
            json!([{}, {"configMap": {"name": "c"}, "secret": {"name": "s"}}]),
        ),
        (bundle, 0..8)
            .prop_map(|(it, at)| {
                if at == 0 {
                    json!({"clusterTrustBundle": it})
                } else {
                    json!({"secret": {"name": "x"}})
                }
            })
            .boxed(),
    ]);
    object(vec![("sources", 95, list(source, 2)), ("defaultMode", 30, mode())])
}

fn source() -> Json {
    let size = || menu(json!(["0", "1Gi", "0.5Gi"]), json!(["-1", "much"]));
    let reference = || items();
    let ephemeral = object(vec![
        (
            "metadata",
            40,
            object(vec![("labels", 60, labels()), ("annotations", 60, annotations())]),
        ),
        (
            "spec",
            100,
            object(vec![
                (
                    "accessModes",
                    98,
                    menu(
                        json!([["ReadWriteOnce"], ["ReadWriteMany", "ReadOnlyMany"]]),
                        json!([[], ["x"], ["ReadWriteOncePod", "ReadWriteOnce"]]),
                    ),
                ),
                (
                    "resources",
                    98,
                    menu(
                        json!([{"requests": {"storage": "1Gi"}}]),
                        json!([{}, {"requests": {"storage": "0"}}, {"requests": {"storage": "-1"}}, {"requests": {"cpu": "1"}}, {"limits": {"storage": "1Gi"}}]),
                    ),
                ),
                ("storageClassName", 30, menu(json!(["", "fast"]), json!(["A"]))),
                ("volumeMode", 20, menu(json!(["Filesystem"]), json!(["x"]))),
                ("volumeAttributesClassName", 10, only(json!(["gold"]))),
                ("selector", 10, selector()),
                ("dataSource", 8, data_source(false)),
                ("dataSourceRef", 8, data_source(true)),
            ]),
        ),
    ]);
    either(vec![
        object(vec![
            (
                "medium",
                40,
                menu(
                    json!(["", "Memory", "HugePages", "HugePages-2Mi"]),
                    json!(["Disk", "HugePages-x"]),
                ),
            ),
            ("sizeLimit", 40, size()),
        ])
        .prop_map(|it| json!({"emptyDir": it}))
        .boxed(),
        object(vec![
            ("name", 99, menu(json!(["settings", "A_b"]), json!([""]))),
            ("items", 50, reference()),
            ("defaultMode", 30, mode()),
            ("optional", 20, only(json!([true]))),
        ])
        .prop_map(|it| json!({"configMap": it}))
        .boxed(),
        object(vec![
            ("secretName", 99, menu(json!(["settings"]), json!([""]))),
            ("items", 50, reference()),
            ("defaultMode", 30, mode()),
            ("optional", 20, only(json!([true]))),
        ])
        .prop_map(|it| json!({"secret": it}))
        .boxed(),
        object(vec![("items", 90, downward()), ("defaultMode", 30, mode())])
            .prop_map(|it| json!({"downwardAPI": it}))
            .boxed(),
        projected().prop_map(|it| json!({"projected": it})).boxed(),
        ephemeral.prop_map(|it| json!({"ephemeral": {"volumeClaimTemplate": it}})).boxed(),
        menu(
            json!([
                {"persistentVolumeClaim": {"claimName": "shared", "readOnly": true}},
                {"hostPath": {"path": "/var/log", "type": "DirectoryOrCreate"}}, {"hostPath": {"path": "a"}},
                {"nfs": {"server": "nfs.example.com", "path": "/export"}}, {"nfs": {"server": "a", "path": "/", "readOnly": true}},
                {"csi": {"driver": "Secrets.csi.io", "fsType": "ext4", "readOnly": true, "volumeAttributes": {"a": "b"}, "nodePublishSecretRef": {"name": "s"}}},
                {"image": {"reference": "a/b:c", "pullPolicy": "Always"}}, {"image": {"reference": "a"}},
                {"iscsi": {"targetPortal": "a:1", "iqn": "iqn.2001-04.com.example:storage", "lun": 0}},
                {"fc": {"targetWWNs": ["a"], "lun": 1}},
                {"cephfs": {"monitors": ["a"]}}, {"rbd": {"monitors": ["a"], "image": "i"}},
                {"azureFile": {"secretName": "s", "shareName": "n"}}, {"azureDisk": {"diskName": "d", "diskURI": "https://blob/x"}},
                {"awsElasticBlockStore": {"volumeID": "v"}}, {"gcePersistentDisk": {"pdName": "d"}},
                {"glusterfs": {"endpoints": "e", "path": "p"}}, {"flexVolume": {"driver": "d"}},
                {"cinder": {"volumeID": "v"}}, {"vsphereVolume": {"volumePath": "v"}}, {"portworxVolume": {"volumeID": "v"}},
                {"scaleIO": {"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}}},
                {"storageos": {"volumeName": "v"}}, {"quobyte": {"registry": "a:1", "volume": "v"}},
                {"flocker": {"datasetName": "d"}}, {"gitRepo": {"repository": "r"}}, {"photonPersistentDisk": {"pdID": "p"}},
            ]),
            json!([
                {}, {"emptyDir": {}, "configMap": {"name": "c"}}, {"persistentVolumeClaim": {"claimName": ""}},
                {"hostPath": {"path": ""}}, {"hostPath": {"path": "/a/../b"}}, {"hostPath": {"path": "/a", "type": "x"}},
                {"nfs": {"server": "", "path": "/x"}}, {"nfs": {"server": "s", "path": "x"}}, {"csi": {"driver": ""}},
                {"csi": {"driver": "a_b"}}, {"csi": {"driver": "d", "nodePublishSecretRef": {"name": ""}}},
                {"image": {"reference": ""}}, {"image": {"reference": "a", "pullPolicy": "x"}}, {"ephemeral": {}},
                {"iscsi": {"targetPortal": "", "iqn": "x", "lun": 256}}, {"fc": {}}, {"rbd": {"monitors": [], "image": ""}},
                {"gcePersistentDisk": {"pdName": "", "partition": 256}}, {"glusterfs": {"endpoints": "", "path": ""}},
                {"azureDisk": {"diskName": "d", "diskURI": "x", "kind": "Managed"}}, {"quobyte": {"registry": "x", "volume": ""}},
                {"flocker": {"datasetName": "a/b"}}, {"scaleIO": {"gateway": "", "system": "", "secretRef": {}}},
                {"flexVolume": {"driver": "", "options": {"kubernetes.io/a": "b"}}}, {"gitRepo": {"repository": "r", "directory": "../x"}},
            ]),
        ),
    ])
}

/// A volume of a name that no claim has.
pub(crate) fn volume() -> Json {
    let name = menu(
        json!(["scratch", "config", "secrets", "v1", "v".repeat(63)]),
        json!(["", "A", "data", "v".repeat(64), "a.b"]),
    );
    merged(object(vec![("name", 100, name)]), source())
}

/// What a volume is filled from.
pub(crate) fn data_source(anywhere: bool) -> Json {
    let mut fields = vec![
        ("apiGroup", 95, menu(json!(["snapshot.storage.k8s.io", "a.b"]), json!(["", "A"]))),
        ("kind", 100, menu(json!(["VolumeSnapshot", "PersistentVolumeClaim"]), json!([""]))),
        ("name", 100, menu(json!(["golden"]), json!(["", "A b"]))),
    ];
    if anywhere {
        fields.push(("namespace", 20, menu(json!(["images"]), json!(["", "A"]))));
    }
    either(vec![object(fields), only(json!([{"kind": "PersistentVolumeClaim", "name": "golden"}]))])
}

fn size() -> Json {
    menu(
        json!(["1Gi", "1", "0.5Gi", "1e3", 10, "1k", "16Ei"]),
        json!(["0", "-1Gi", "1m", "much", "1.5", "9E", "1n"]),
    )
}

fn claim(name: Value) -> Json {
    let class =
        || menu(json!(["", "fast", "a.b", "c".repeat(253)]), json!(["A", "a_b", "c".repeat(254)]));
    let range = object(vec![
        ("from", 100, menu(json!([0, 1, 2]), json!([-1]))),
        ("to", 50, menu(json!([2, 3]), json!([0]))),
        ("size", 80, size()),
        ("storageClass", 40, class()),
    ]);
    let modes = subsequence(vec!["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"], 0..=3)
        .prop_map(Value::from);
    object(vec![
        ("name", 100, only(name)),
        ("size", 100, size()),
        ("storageClass", 50, class()),
        (
            "accessModes",
            50,
            either(vec![
                modes.boxed(),
                menu(
                    json!([["ReadWriteOncePod"]]),
                    json!([
                        ["ReadWriteOncePod", "ReadOnlyMany"],
                        ["ReadWriteOnce", "ReadWriteOnce"]
                    ]),
                ),
            ]),
        ),
        ("selector", 20, selector()),
        ("dataSource", 8, data_source(false)),
        ("dataSourceRef", 12, data_source(true)),
        ("volumeAttributesClass", 15, menu(json!(["gold", "a.b"]), json!([]))),
        ("labels", 30, labels()),
        ("annotations", 30, annotations()),
        ("ordinals", 30, list(range, 2)),
    ])
}

/// The claims: `data` and `wal` are folders, `raw` is a device.
pub(crate) fn claims() -> Json {
    let folder = |name: Value, paths: Value| {
        merged(
            claim(name),
            object(vec![
                ("volumeMode", 30, menu(json!(["Filesystem"]), json!(["Block"]))),
                ("mountPath", 60, menu(paths, json!(["", "/", "a", "/a:b", "/a"]))),
            ]),
        )
    };
    let device = merged(claim(json!("raw")), only(json!([{"volumeMode": "Block"}])));
    keyed(
        either(vec![
            folder(json!("data"), json!(["/data", "/data/"])),
            folder(json!("wal"), json!(["/wal", "/data2"])),
            folder(json!(["0", "c".repeat(63)]), json!(["/zero"])),
            device,
        ]),
        "name",
        4,
    )
}
