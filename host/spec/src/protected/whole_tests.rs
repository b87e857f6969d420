//! What a plugin's edits come to, compared as a whole.

use serde_json::{Value, json};

use super::*;

fn base() -> Value {
    json!({
        "name": "db",
        "containers": [
            {"name": "main", "image": "postgres:17",
             "volumeMounts": [
                {"name": "creds", "mountPath": "/creds", "subPath": "ca.crt", "readOnly": true},
                {"name": "shared", "mountPath": "/shared"},
             ]},
            {"name": "side", "image": "busybox:1",
             "volumeMounts": [{"name": "data", "mountPath": "/d", "readOnly": true}],
             "securityContext": {
                "runAsNonRoot": true, "runAsUser": 1000, "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}},
        ],
        "initContainers": [{"name": "first", "image": "busybox:1"}],
        "volumes": [
            {"name": "creds", "secret": {"secretName": "db"}},
            {"name": "node", "hostPath": {"path": "/"}},
            {"name": "token", "projected": {"sources": [
                {"configMap": {"name": "c"}}, {"serviceAccountToken": {"path": "t"}}]}},
            {"name": "store", "csi": {"driver": "secrets-store.csi.k8s.io"}},
            {"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}},
            {"name": "tmp", "emptyDir": {}},
            {"name": "config", "configMap": {"name": "c"}},
        ],
        "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
    })
}

/// The protected fields that some edits of the whole draft change, with the pointers that they set.
fn found(edits: &[(&str, Value)]) -> Vec<String> {
    let (before, mut after) = (base(), base());
    for (pointer, value) in edits {
        *after.pointer_mut(pointer).unwrap() = value.clone();
    }
    changed(&before, &after).into_iter().map(|it| it.path.to_string()).collect()
}

const MAIN: &str = "/containers/0/volumeMounts";

/// The mounts of the main container, and one more.
fn with(mount: Value) -> Vec<(&'static str, Value)> {
    let mut mounts = base().pointer(MAIN).unwrap().as_array().unwrap().clone();
    mounts.push(mount);
    vec![(MAIN, mounts.into())]
}

#[test]
fn an_item_of_the_same_name_is_the_same_item() {
    let at = "containers.side.securityContext";
    let again = json!({"name": "side", "image": "evil:1",
        "volumeMounts": [{"name": "data", "mountPath": "/d", "readOnly": true}]});
    assert_eq!(
        found(&[("/containers/1", again)]),
        [
            "allowPrivilegeEscalation",
            "capabilities.drop",
            "runAsNonRoot",
            "runAsUser",
            "seccompProfile.type"
        ]
        .map(|field| format!("{at}.{field}"))
    );
    let config = json!({"name": "shared", "emptyDir": {}});
    assert_eq!(
        found(&[("/volumes/4", config)]),
        ["containers.main.volumeMounts./shared", "volumes.shared.persistentVolumeClaim"]
    );
    assert_eq!(found(&[("/containers/1", json!({}))]), [""; 0], "it may go for good");
    assert_eq!(found(&[]), [""; 0]);
}

#[test]
fn a_container_gets_no_protected_volume_that_it_did_not_have() {
    for (volume, field) in [
        ("creds", "volumes.creds.secret"),
        ("node", "volumes.node.hostPath"),
        ("token", "volumes.token.projected.sources[1].serviceAccountToken"),
        ("store", "volumes.store.csi"),
        ("shared", "volumes.shared.persistentVolumeClaim"),
    ] {
        let mounts = json!([{"name": volume, "mountPath": "/x", "readOnly": true}]);
        let evil = json!({"name": "evil", "image": "evil:1", "volumeMounts": mounts});
        assert_eq!(found(&[("/initContainers/0", evil)]), [field], "{volume}, a new one");
        let side = json!([{"name": "data", "mountPath": "/d", "readOnly": true}, mounts[0]]);
        let edit = [("/containers/1/volumeMounts", side)];
        assert_eq!(found(&edit), [field], "{volume}, one that has others");
    }
    for volume in ["tmp", "config", "data"] {
        let mounts = json!([{"name": volume, "mountPath": "/x"}]);
        let kind = json!({"name": "kind", "image": "kind:1", "volumeMounts": mounts});
        assert_eq!(found(&[("/initContainers/0", kind)]), [""; 0], "{volume}");
    }
}

#[test]
fn a_container_sees_no_more_of_a_protected_volume_than_before() {
    let creds = |mount: Value| found(&[("/containers/0/volumeMounts/0", mount)]);
    let secret = ["volumes.creds.secret"];
    let whole = json!({"name": "creds", "mountPath": "/creds", "readOnly": true});
    assert_eq!(creds(whole), secret);
    let other = json!({"name": "creds", "mountPath": "/creds", "subPath": "key", "readOnly": true});
    assert_eq!(creds(other), secret);
    let writable = json!({"name": "creds", "mountPath": "/creds", "subPath": "ca.crt"});
    assert_eq!(creds(writable), secret);
    let moved = json!({"name": "creds", "mountPath": "/x", "subPath": "ca.crt", "readOnly": true});
    assert_eq!(creds(moved), [""; 0]);
}

#[test]
fn data_stays_where_it_is() {
    let claim = |fields: Value| {
        let mut claim = json!({"name": "data", "size": "1Gi"});
        claim.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        found(&[("/claims/0", claim)])
    };
    assert_eq!(claim(json!({})), ["claims.data.mountPath"]);
    assert_eq!(claim(json!({"mountPath": "/elsewhere"})), ["claims.data.mountPath"]);
    assert_eq!(claim(json!({"mountPath": "/data", "storageClass": "fast"})), [""; 0]);
    let shared = "containers.main.volumeMounts./shared";
    let gone = json!({"name": "tmp", "mountPath": "/x"});
    assert_eq!(found(&[("/containers/0/volumeMounts/1", gone)]), [shared]);
    let frozen = json!({"name": "shared", "mountPath": "/shared", "readOnly": true});
    assert_eq!(found(&[("/containers/0/volumeMounts/1", frozen)]), [shared]);
    let part = json!({"name": "shared", "mountPath": "/shared", "subPath": "a"});
    assert_eq!(found(&[("/containers/0/volumeMounts/1", part)]), [shared]);
    let side = "/containers/1/volumeMounts/0";
    let writable = json!({"name": "data", "mountPath": "/d"});
    assert_eq!(found(&[(side, writable)]), ["containers.side.volumeMounts./d"]);
    let volume = |value: Value| found(&[("/volumes/4", value)]);
    assert!(volume(json!({"name": "shared", "emptyDir": {}})).contains(&shared.to_owned()));
    let beside = json!([{"name": "data", "mountPath": "/d", "readOnly": true},
        {"name": "data", "mountPath": "/x"}]);
    let at = ["containers.side.volumeMounts./x"];
    assert_eq!(found(&[("/containers/1/volumeMounts", beside)]), at);
}

#[test]
fn nothing_covers_data() {
    for (place, covers) in [
        ("/data", true),
        ("/data/pgdata", true),
        ("/data//pgdata/", true),
        ("/x/../data", true),
        ("/shared/a", true),
        ("/", true),
        ("/database", false),
        ("/var", false),
    ] {
        for volume in ["tmp", "data"] {
            // Data in its own place covers nothing.
            let covers = covers && (volume == "tmp" || !place.ends_with("/data"));
            let found = found(&with(json!({"name": volume, "mountPath": place})));
            assert_eq!(!found.is_empty(), covers, "{volume} at {place}: {found:?}");
        }
    }
    let mut after = base();
    let claims = after["claims"].as_array_mut().unwrap();
    claims.push(json!({"name": "more", "size": "1Gi", "mountPath": "/data/pgdata"}));
    let found = changed(&base(), &after);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path.to_string(), "claims.more.mountPath");
}

#[test]
fn whatever_is_found_in_the_whole_can_be_opened() {
    let mut after = base();
    after["containers"] = json!([{"name": "main", "image": "a:1", "volumeMounts": [
        {"name": "creds", "mountPath": "/data/x"}, {"name": "token", "mountPath": "/t"},
        {"name": "node", "mountPath": "/n"}]}]);
    after["claims"][0]["mountPath"] = "/x".into();
    let found = changed(&base(), &after);
    assert!(found.len() >= 5, "{found:?}");
    for it in found {
        let pattern = it.path.to_string().parse().unwrap();
        assert_eq!(opening(&pattern), Opening::Opens, "{}", it.path);
    }
}
