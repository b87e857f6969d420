//! What is rendered on top of what was rendered before. `tests/tests/properties` asks a server about it.

use serde_json::{Value, json};
use wellhead_render::{Frozen, Previous, keep_immutable, render};

/// The objects of a pipeline named `db` with a claim, and these fields.
fn objects(fields: &Value) -> Vec<wellhead_render::Object> {
    let mut spec = json!({
        "replicas": 2, "selector": {"app": "db"},
        "claims": [{"name": "data", "size": "2Gi", "mountPath": "/data"}],
        "containers": [{"name": "db", "image": "db:1"}]});
    for (key, value) in fields.as_object().unwrap() {
        spec[key] = value.clone();
    }
    let pipeline = json!({"metadata": {"name": "db", "namespace": "n"}, "spec": spec});
    render(&serde_json::from_value(pipeline).unwrap()).objects_for_others()
}

fn on_top(before: &Value, after: &Value) -> Frozen {
    let mut previous = Previous::default();
    for object in objects(before) {
        previous.add(object.value);
    }
    keep_immutable(&previous, objects(after))
}

fn spec<'f>(frozen: &'f Frozen, kind: &str) -> &'f Value {
    &frozen.objects.iter().find(|it| it.kind == kind).unwrap().value["spec"]
}

fn kept(frozen: &Frozen) -> Vec<String> {
    frozen
        .kept
        .iter()
        .map(|it| format!("{} {} {} -> {}", it.name, it.field, it.stays, it.asked))
        .collect()
}

#[test]
fn the_same_keeps_nothing() {
    let same = json!({});
    let frozen = on_top(&same, &same);
    assert_eq!(frozen, Frozen { objects: objects(&same), ..Frozen::default() });
}

#[test]
fn another_spelling_is_no_change_and_the_old_one_stays() {
    let one = json!({"claims": [
        {"name": "data", "size": "2Gi", "volumeMode": "Filesystem", "mountPath": "/data"},
        {"name": "wal", "size": "1Gi", "mountPath": "/wal"}], "podManagementPolicy": "OrderedReady"});
    let other = json!({"claims": [
        {"name": "wal", "size": "1Gi", "mountPath": "/wal"},
        {"name": "data", "size": "2048Mi", "mountPath": "/data"}]});
    let frozen = on_top(&one, &other);
    assert_eq!((kept(&frozen), &frozen.refused[..]), (Vec::new(), &[][..]));
    let (old, new) = (objects(&one), spec(&frozen, "StatefulSet"));
    let old = &old.last().unwrap().value["spec"];
    assert_eq!(new["volumeClaimTemplates"], old["volumeClaimTemplates"]);
    assert_eq!(new["podManagementPolicy"], "OrderedReady");
}

#[test]
fn a_selector_stays_where_it_finds_the_pods() {
    let more = json!({"selector": {"app": "db", "tier": "a"}});
    let frozen = on_top(&json!({}), &more);
    assert_eq!(spec(&frozen, "StatefulSet")["selector"], json!({"matchLabels": {"app": "db"}}));
    assert_eq!(
        kept(&frozen),
        [
            r#"db spec.selector {"matchLabels":{"app":"db"}} -> {"matchLabels":{"app":"db","tier":"a"}}"#
        ]
    );
    assert_eq!(on_top(&more, &json!({})).refused[0].field, "spec.selector");
}

#[test]
fn claims_that_are_new_or_gone_and_another_mode_are_refused() {
    let claims = |claims: Value| json!({ "claims": claims });
    let data = || json!({"name": "data", "size": "2Gi", "mountPath": "/data"});
    let wal = || json!({"name": "wal", "size": "1Gi", "mountPath": "/wal"});
    let what = |frozen: Frozen| frozen.refused.into_iter().map(|it| it.what).collect::<Vec<_>>();
    let (one, two) = (claims(json!([data()])), claims(json!([data(), wal()])));
    assert_eq!(what(on_top(&one, &two)), ["the claim \"wal\" is new"]);
    assert_eq!(what(on_top(&two, &one)), ["the claim \"wal\" is gone"]);
    let block = claims(json!([{"name": "data", "size": "2Gi", "volumeMode": "Block"}]));
    assert_eq!(
        what(on_top(&one, &block)),
        ["the claim \"data\" would become Block instead of Filesystem"]
    );
}

#[test]
fn a_claim_grows_and_neither_shrinks_nor_loses_its_attributes_class() {
    let claim = |size: &str, class: Option<&str>| {
        let mut claim = json!({"name": "data", "size": size, "mountPath": "/data"});
        claim["volumeAttributesClass"] = class.map_or(Value::Null, Value::from);
        json!({"replicas": 1, "claims": [claim]})
    };
    let frozen = on_top(&claim("2Gi", Some("gold")), &claim("3Gi", Some("silver")));
    let grown = spec(&frozen, "PersistentVolumeClaim");
    assert_eq!(grown["resources"]["requests"]["storage"], "3Gi");
    assert_eq!(grown["volumeAttributesClassName"], "silver");
    assert!(kept(&frozen).iter().all(|it| it.starts_with("db spec.volumeClaimTemplates.data")));
    let frozen = on_top(&claim("2Gi", Some("gold")), &claim("1Gi", None));
    let stays = spec(&frozen, "PersistentVolumeClaim");
    assert_eq!(stays["resources"]["requests"]["storage"], "2Gi");
    assert_eq!(stays["volumeAttributesClassName"], "gold");
}

#[test]
fn the_older_spelling_of_a_class_stays_as_the_field_does() {
    let of = |class: Option<&str>| {
        let key = "volume.beta.kubernetes.io/storage-class";
        let annotations = class.map_or_else(|| json!({}), |class| json!({ key: class }));
        json!({"replicas": 1, "claims": [{"name": "data", "size": "2Gi", "mountPath": "/data", "annotations": annotations}]})
    };
    for (before, after) in [(Some("a"), Some("b")), (Some("a"), None), (None, Some("b"))] {
        let frozen = on_top(&of(before), &of(after));
        let claim = frozen.objects.iter().find(|it| it.kind == "PersistentVolumeClaim").unwrap();
        let stays =
            &claim.value["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
        assert_eq!(stays.as_str(), before);
        assert!(frozen.kept.iter().any(|it| it.kind == "PersistentVolumeClaim"));
    }
}

#[test]
fn the_first_address_family_stays_with_its_policy() {
    let families = |families: &[&str], policy: &str| json!({"service": {"ipFamilies": families, "ipFamilyPolicy": policy}});
    let both = families(&["IPv4", "IPv6"], "PreferDualStack");
    let frozen = on_top(&both, &families(&["IPv6"], "SingleStack"));
    let service = spec(&frozen, "Service");
    assert_eq!(
        (&service["ipFamilies"], &service["ipFamilyPolicy"]),
        (&json!(["IPv4", "IPv6"]), &"PreferDualStack".into())
    );
    let frozen = on_top(&both, &families(&["IPv4"], "SingleStack"));
    assert_eq!(spec(&frozen, "Service")["ipFamilies"], json!(["IPv4"]));
}

#[test]
fn a_service_of_another_name_comes_beside_the_one_that_pods_are_named_by() {
    let frozen = on_top(&json!({}), &json!({"service": {"name": "peers"}}));
    let services = frozen.objects.iter().filter(|it| it.kind == "Service");
    assert_eq!(services.map(|it| it.name.as_str()).collect::<Vec<_>>(), ["db", "peers"]);
    assert_eq!(frozen.retained[0].name, "db");
    // One that becomes somebody else's leaves, which is told.
    let frozen = on_top(&json!({}), &json!({"service": {"name": "db", "external": true}}));
    assert_eq!((frozen.left[0].kind.as_str(), frozen.left[0].name.as_str()), ("Service", "db"));
}

#[test]
fn claims_that_are_gone_are_noted_until_they_come_back() {
    let (two, one) = (json!({}), json!({"replicas": 1}));
    let gone = on_top(&two, &one);
    assert_eq!(gone.left.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["data-db-1"]);
    let mut previous = Previous::default();
    previous.add_notes(&Previous::note(&gone.gone));
    previous.add_notes("# wellhead-claim: {\n# wellhead-claim: []\n# another comment\n");
    for object in &gone.objects {
        previous.add(object.value.clone());
    }
    let still = keep_immutable(&previous, objects(&one));
    assert_eq!((&still.gone, &still.left[..]), (&gone.gone, &[][..]));
    let other = json!({"claims": [{"name": "data", "size": "1Gi", "storageClass": "fast", "mountPath": "/data"}]});
    let back = keep_immutable(&previous, objects(&other));
    let claim = back.objects.iter().find(|it| it.name == "data-db-1").unwrap();
    assert_eq!(claim.value["spec"]["resources"]["requests"]["storage"], "2Gi");
    assert_eq!((&claim.value["spec"]["storageClassName"], &back.gone[..]), (&Value::Null, &[][..]));
}

#[test]
fn new_claims_unlike_their_template_are_named() {
    let ordinals = json!([{"from": 2, "storageClass": "fast"}]);
    let claims =
        json!([{"name": "data", "size": "2Gi", "mountPath": "/data", "ordinals": ordinals}]);
    assert_eq!(
        on_top(&json!({}), &json!({"replicas": 4, "claims": claims})).differing,
        ["data-db-2", "data-db-3"]
    );
    let grown = json!([{"name": "data", "size": "3Gi", "mountPath": "/data"}]);
    assert_eq!(on_top(&json!({}), &json!({"claims": grown})).differing, [""; 0]);
}

#[test]
fn pipelines_of_other_names_and_namespaces_are_strangers() {
    let mut previous = Previous::default();
    for (kind, name, namespace) in [
        ("PersistentVolumeClaim", "data-db-1-0", "n"),
        ("PersistentVolumeClaim", "data-db2-5", "n"),
        ("PersistentVolumeClaim", "data-db-5", "m"),
        ("Service", "other", "n"),
    ] {
        previous.add(json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}}));
    }
    previous.add(json!(["no object"]));
    let frozen = keep_immutable(&previous, objects(&json!({})));
    assert_eq!((&frozen.left[..], &frozen.gone[..]), (&[][..], &[][..]));
}

#[test]
fn replicas_do_not_go_with_their_data() {
    let policy = |replicas: u32, scaled: &str| json!({"replicas": replicas, "persistentVolumeClaimRetentionPolicy": {"whenScaled": scaled}});
    let what =
        |frozen: &Frozen| frozen.refused.iter().map(|it| it.what.clone()).collect::<Vec<_>>();
    let frozen = on_top(&policy(4, "Retain"), &policy(2, "Delete"));
    assert_eq!(what(&frozen), ["the replica of the claim data-db-2 and of 1 more goes"]);
    assert_eq!(frozen.refused[0].field, "spec.replicas");
    for (before, after) in [
        (policy(4, "Delete"), policy(2, "Retain")),
        (policy(2, "Delete"), policy(4, "Delete")),
        (policy(2, "Retain"), policy(2, "Delete")),
    ] {
        assert_eq!(what(&on_top(&before, &after)), [""; 0]);
    }
    // Who moves the first ordinal lets the lowest go.
    let mut moved = policy(2, "Delete");
    moved["ordinals"] = json!({"start": 1});
    assert_eq!(
        what(&on_top(&policy(2, "Delete"), &moved)),
        ["the replica of the claim data-db-0 goes"]
    );
    let mut left = policy(3, "Delete");
    left["ownership"] = json!([{"field": "replicas", "policy": "yield"}]);
    assert_eq!(
        what(&on_top(&policy(3, "Delete"), &left)),
        ["`replicas` falls from 3 to 1 unless another field manager has set it"]
    );
    assert_eq!(what(&on_top(&left, &left)), [""; 0]);
}

#[test]
fn claims_of_another_name_are_told_where_the_set_that_had_them_is_forgotten() {
    let claim =
        |name: &str| json!({"claims": [{"name": name, "size": "2Gi", "mountPath": "/data"}]});
    let mut previous = Previous::default();
    for object in objects(&claim("data")).into_iter().filter(|it| it.kind != "StatefulSet") {
        previous.add(object.value);
    }
    let frozen = keep_immutable(&previous, objects(&claim("store")));
    let left: Vec<_> = frozen.left.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(left, ["data-db-0", "data-db-1"]);
    assert_eq!((&frozen.refused[..], &frozen.gone[..]), (&[][..], &[][..]));
}
