use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::draft::get;

fn path(text: &str) -> FieldPath {
    text.parse().unwrap()
}

fn draft() -> Value {
    json!({
        "name": "db",
        "namespace": "prod",
        "replicas": 3,
        "selector": {"app": "db"},
        "podLabels": {"role": "primary", "tier": "data"},
        "service": {"selector": {"role": "primary"}, "name": "db-peers"},
        "serviceAccountName": "db",
        "containers": [{
            "name": "db", "image": "postgres:17",
            "ports": [{"containerPort": 80, "hostPort": 80}],
            "securityContext": {
                "runAsUser": 1000, "runAsNonRoot": true, "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["NET_RAW"], "add": ["CHOWN"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }],
        "volumes": [{"name": "scratch", "emptyDir": {}}, {"name": "node", "hostPath": {"path": "/"}}],
        "claims": [{"name": "data", "size": "2Gi"}],
        "securityContext": {"runAsNonRoot": true},
    })
}

/// The protected fields that setting a field, or removing it, changes.
fn sets(at: &str, new: &Value) -> Vec<String> {
    let (draft, path) = (draft(), path(at));
    let new = (!new.is_null()).then_some(new);
    touched(&draft, &path, get(&draft, &path), new)
        .into_iter()
        .map(|it| it.path.to_string())
        .collect()
}

#[test]
fn what_identifies_a_pipeline_is_protected() {
    for (at, new) in [
        ("name", json!("other")),
        ("namespace", json!("kube-system")),
        ("namespace", json!(null)),
        ("service.name", json!("other")),
        ("selector", json!({"app": "db", "x": "y"})),
        ("ordinals", json!({"start": 5})),
        ("podLabels.role", json!("replica")),
        ("podLabels.role", json!(null)),
        ("labels[\"app.kubernetes.io/managed-by\"]", json!("x")),
        ("labels[\"app.kubernetes.io/instance\"]", json!("x")),
        ("annotations[\"wellhead.dev/x\"]", json!("x")),
        ("podAnnotations[\"container.apparmor.security.beta.kubernetes.io/db\"]", json!("x")),
        ("podLabels[\"x.k8s.io/y\"]", json!("x")),
        ("service.labels[\"kubernetes.io/x\"]", json!("x")),
        ("claims.data.annotations[\"pv.kubernetes.io/bound-by-controller\"]", json!("x")),
        ("claims.data.annotations[\"volume.beta.kubernetes.io/storage-class\"]", json!("x")),
        ("podAnnotations[\"io.kubernetes.cri-o.userns-mode\"]", json!("x")),
    ] {
        assert_eq!(sets(at, &new), [at], "{at}");
    }
    let template = json!({"emptyDir": null, "ephemeral": {"volumeClaimTemplate": {"metadata": {"annotations": {
        "volume.beta.kubernetes.io/storage-class": "x", "team": "y"}}}}});
    let annotation = "volumes.scratch.ephemeral.volumeClaimTemplate.metadata.annotations[\"volume.beta.kubernetes.io/storage-class\"]";
    assert_eq!(sets("volumes.scratch", &template), [annotation]);
    assert_eq!(sets("selector.app", &json!("x")), ["selector"]);
    assert!(sets("selector.app", &json!("db")).is_empty());
}

#[test]
fn a_field_is_opened_where_most_of_its_changes_are_protected_and_granted_elsewhere() {
    let asked = |text: &str| is_protected(&text.parse().unwrap());
    for text in [
        "selector",
        "serviceAccountName",
        "hostNetwork",
        "containers.*.securityContext.privileged",
        "volumes.scratch.hostPath",
        "persistentVolumeClaimRetentionPolicy.whenDeleted",
        "labels[\"app.kubernetes.io/managed-by\"]",
    ] {
        assert!(asked(text), "{text}");
    }
    for text in [
        "replicas",
        "containers.*.image",
        "containers.*.name",
        "containers.*.securityContext.capabilities.drop",
        "claims.*.size",
        "claims.*.name",
        "podLabels.role",
        "priorityClassName",
        "labels.team",
        "**",
    ] {
        assert!(!asked(text), "{text}");
    }
}

#[test]
fn labels_that_nobody_owns_are_not() {
    for (at, new) in [
        ("podLabels.tier", json!("x")),
        ("labels[\"example.com/team\"]", json!("x")),
        ("labels[\"app.kubernetes.io/component\"]", json!("x")),
        ("labels[\"notkubernetes.io/x\"]", json!("x")),
        ("labels[\"é.io/x\"]", json!("x")),
        ("nodeSelector[\"kubernetes.io/arch\"]", json!("arm64")),
    ] {
        assert_eq!(sets(at, &new), Vec::<String>::new(), "{at}");
    }
}

#[test]
fn what_can_lose_data_is_protected() {
    assert_eq!(sets("claims.data.size", &json!("1Gi")), ["claims.data.size"]);
    assert!(sets("claims.data.size", &json!("2048Mi")).is_empty());
    assert!(sets("claims.data.size", &json!("3Gi")).is_empty());
    assert_eq!(sets("claims.data", &json!(null)), ["claims.data.name"]);
    assert!(sets("claims.more", &json!({"name": "more", "size": "1Gi"})).is_empty());
    assert_eq!(sets("replicas", &json!(0)), ["replicas"]);
    assert!(sets("replicas", &json!(1)).is_empty());
    let policy = json!({"whenDeleted": "Delete", "whenScaled": "Retain"});
    let at = "persistentVolumeClaimRetentionPolicy";
    assert_eq!(sets(at, &policy), [format!("{at}.whenDeleted")]);
}

#[test]
fn a_value_is_searched_for_protected_fields() {
    let new = json!({
        "name": "side", "image": "a:1",
        "securityContext": {"privileged": true, "runAsUser": 0, "procMount": "Unmasked",
            "allowPrivilegeEscalation": true, "capabilities": {"add": ["SYS_ADMIN"]},
            "seccompProfile": {"type": "Unconfined"}},
        "ports": [{"containerPort": 1}, {"containerPort": 2, "hostPort": 2}],
        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}],
        "livenessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80}},
        "lifecycle": {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}},
    });
    assert_eq!(
        sets("containers.side", &new),
        [
            "containers.side.env.A.valueFrom.secretKeyRef",
            "containers.side.envFrom[1].secretRef",
            "containers.side.lifecycle.preStop.httpGet.host",
            "containers.side.livenessProbe.httpGet.host",
            "containers.side.ports.2/TCP.hostPort",
            "containers.side.securityContext.allowPrivilegeEscalation",
            "containers.side.securityContext.capabilities.add",
            "containers.side.securityContext.privileged",
            "containers.side.securityContext.procMount",
            "containers.side.securityContext.runAsUser",
            "containers.side.securityContext.seccompProfile.type",
        ]
    );
}

#[test]
fn taking_a_protection_away_is_protected() {
    let at = "containers.db.securityContext";
    assert_eq!(
        sets(at, &json!(null)),
        [
            "allowPrivilegeEscalation",
            "capabilities.drop",
            "runAsNonRoot",
            "runAsUser",
            "seccompProfile.type"
        ]
        .map(|field| format!("{at}.{field}"))
    );
    assert_eq!(
        sets("securityContext", &json!({"sysctls": [{"name": "a", "value": "1"}]})),
        ["securityContext.runAsNonRoot", "securityContext.sysctls"]
    );
}

#[test]
fn making_it_stricter_is_not() {
    let stricter = json!({
        "runAsUser": 2000, "runAsNonRoot": true, "allowPrivilegeEscalation": false,
        "privileged": false, "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
        "procMount": "Default",
    });
    assert!(sets("containers.db.securityContext", &stricter).is_empty());
    assert!(sets("automountServiceAccountToken", &json!(false)).is_empty());
    assert!(sets("hostNetwork", &json!(false)).is_empty());
    assert!(sets("volumes.node", &json!(null)).is_empty());
    assert!(sets("containers.db", &json!(null)).is_empty());
}

#[test]
fn an_item_goes_with_what_stands_in_it_but_a_claim_stays() {
    assert!(sets("containers", &json!([{"name": "side", "image": "a:1"}])).is_empty());
    assert!(sets("containers", &json!(null)).is_empty());
    assert_eq!(sets("claims", &json!([{"name": "logs", "size": "1Gi"}])), ["claims.data.name"]);
}

#[test]
fn only_the_systems_own_priority_is_protected() {
    let at = "priorityClassName";
    assert_eq!(sets(at, &json!("system-node-critical")), [at]);
    assert!(sets(at, &json!("batch")).is_empty());
    assert!(sets(at, &json!(null)).is_empty());
}

#[test]
fn volumes_that_reach_out_are_protected() {
    for (new, expected) in [
        (json!({"hostPath": {"path": "/"}}), vec!["volumes.x.hostPath"]),
        (json!({"nfs": {"server": "a", "path": "/"}}), vec!["volumes.x.nfs"]),
        (json!({"secret": {"secretName": "s"}}), vec!["volumes.x.secret"]),
        (
            json!({"projected": {"sources": [{"configMap": {}}, {"serviceAccountToken": {}}]}}),
            vec!["volumes.x.projected.sources[1].serviceAccountToken"],
        ),
        (json!({"emptyDir": {}}), vec![]),
        (json!({"configMap": {"name": "c"}}), vec![]),
    ] {
        let mut volume = new.clone();
        volume["name"] = "x".into();
        assert_eq!(sets("volumes.x", &volume), expected, "{new}");
    }
    assert_eq!(
        sets("volumes.scratch", &json!({"name": "other", "emptyDir": {}})),
        ["volumes.scratch.name"]
    );
}

#[test]
fn a_second_item_of_the_same_key_is_searched_too() {
    let new = json!([
        {"name": "db", "image": "a:1"},
        {"name": "db", "securityContext": {"privileged": true}},
    ]);
    assert!(
        sets("containers", &new).contains(&"containers.db.securityContext.privileged".to_owned())
    );
}

/// A plugin chooses the size of a value: a search that compared each item with each other would not
/// come back.
#[test]
fn a_value_of_many_items_is_searched_in_one_walk() {
    let sources = vec![json!({"configMap": {"name": "c"}}); 200_000];
    assert!(sets("volumes.x", &json!({"name": "x", "projected": {"sources": sources}})).is_empty());
    let add: Vec<_> = (0..200_000).map(|it| format!("C{it}")).collect();
    let at = "containers.db.securityContext.capabilities";
    let new = json!({"add": add, "drop": add});
    assert_eq!(sets(at, &new), [format!("{at}.add"), format!("{at}.drop")]);
}

#[test]
fn an_opening_names_its_field() {
    for (pattern, expected) in [
        ("serviceAccountName", Opening::Opens),
        ("containers.db.securityContext.privileged", Opening::Opens),
        ("containers.*.securityContext.privileged", Opening::Opens),
        ("containers.db.livenessProbe.httpGet.host", Opening::Opens),
        ("labels[\"app.kubernetes.io/managed-by\"]", Opening::Opens),
        ("volumes.*.hostPath", Opening::Opens),
        ("volumes.x.projected.sources[1].serviceAccountToken", Opening::Opens),
        ("**", Opening::TooWide),
        ("containers.**", Opening::TooWide),
        ("*", Opening::TooWide),
        ("labels.*", Opening::TooWide),
        ("volumes.*.*", Opening::TooWide),
        ("containers.*.image", Opening::NotProtected),
        ("labels.team", Opening::NotProtected),
        ("selector.app", Opening::NotProtected),
        ("securityContext", Opening::NotProtected),
    ] {
        assert_eq!(opening(&pattern.parse().unwrap()), expected, "{pattern}");
    }
}

#[test]
fn a_field_that_is_protected_ends_where_its_reason_stands() {
    let steps: Vec<_> = tree::fields().iter().map(|it| &it.0).collect();
    for (index, one) in steps.iter().enumerate() {
        let inside = |other: &&Vec<_>| other.len() > one.len() && other.starts_with(one);
        assert_eq!(steps.iter().copied().find(inside), None, "{one:?}");
        assert!(!steps[index + 1..].contains(one), "{one:?} stands twice");
    }
}

/// The table as docs/reference/protected-fields.md has it. What holds for `containers` holds for `initContainers`.
fn table() -> String {
    let mut table = "| field | unless | why |\n|---|---|---|\n".to_owned();
    for row in PROTECTED {
        let shown = row.fields.iter().filter(|it| !it.starts_with("initContainers."));
        let fields: Vec<_> = shown.map(|field| format!("`{field}`")).collect();
        let unless = row.unless.in_words().unwrap_or_default();
        let _ = writeln!(table, "| {} | {unless} | {} |", fields.join(", "), row.why);
    }
    table
}

#[test]
fn the_page_has_the_table() {
    let page = include_str!("../../../../docs/reference/protected-fields.md");
    assert!(page.contains(&table()), "the page has another table than\n{}", table());
}

#[test]
fn what_holds_for_containers_holds_for_init_containers() {
    let fields: Vec<_> = PROTECTED.iter().flat_map(|it| it.fields).collect();
    for field in &fields {
        if let Some(rest) = field.strip_prefix("containers.") {
            assert!(fields.contains(&&&*format!("initContainers.{rest}")), "{field}");
        }
    }
}

/// Any JSON of the keys that the table has.
fn value() -> impl Strategy<Value = Value> {
    let keys = || {
        let names = tree::fields().iter().flat_map(|it| &it.0).filter_map(|step| match step {
            tree::Step::Named(name) => Some(*name),
            _ => None,
        });
        prop::sample::select(names.chain(["name", "x"]).collect::<Vec<_>>())
    };
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(0)),
        Just(json!("Unconfined")),
        Just(json!("a")),
        Just(json!(null)),
    ];
    leaf.prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((keys(), inner), 0..4).prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    /// Whatever way a value takes into the pipeline, the same fields are found.
    #[test]
    fn an_edit_of_the_whole_finds_what_an_edit_of_the_part_finds(new in value()) {
        let draft = json!({"containers": [{"name": "a"}]});
        let inner = path("containers.a.securityContext");
        let part = touched(&draft, &inner, None, Some(&new));
        let whole = json!({"name": "a", "securityContext": new});
        let outer = path("containers.a");
        let found = touched(&draft, &outer, get(&draft, &outer), Some(&whole));
        prop_assert_eq!(part, found);
    }

    /// Whatever a message names can be opened by that name.
    #[test]
    fn every_field_that_is_found_can_be_opened(new in value()) {
        let root = FieldPath::root();
        for it in touched(&json!({}), &root, None, Some(&new)) {
            let pattern = it.path.to_string().parse().unwrap();
            prop_assert_eq!(opening(&pattern), Opening::Opens, "{}", it.path);
            prop_assert!(pattern.covers(&it.path));
        }
    }

    #[test]
    fn no_value_brings_the_search_down(at in value(), new in value()) {
        for field in ["containers", "volumes", "labels", "securityContext", "selector"] {
            let mut draft = json!({});
            draft[field] = at.clone();
            touched(&draft, &path(field), draft.get(field), Some(&new));
            prop_assert!(touched(&draft, &path(field), Some(&new), Some(&new)).is_empty());
        }
    }
}
