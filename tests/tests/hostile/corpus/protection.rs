//! H. Protection that looks at one edit, one place or one spelling.
//!
//! What several containers come to, `tests/properties/protection.rs` has: the pipeline of the corpus has one.

use serde_json::{Value, json};
use wellhead_chain::Outcome;
use wellhead_tests::guest::{Edit, Guest, Manner};

use super::{Attack, Expect, cases};

cases! {
    81 case_81_types_in_another_place: types_in_another_place;
    82 case_82_other_doors_to_credentials_and_nodes: other_doors;
    83 case_83_data_that_is_unmounted: data_that_is_unmounted;
    84 case_84_spellings_of_a_path: spellings_of_a_path;
    85 case_85_containers_that_are_added: containers_that_are_added;
}

fn all(what: impl Into<String>, edits: &[Edit], expect: Expect) -> Attack {
    Attack::new(what, &Guest::makes(edits, Manner::Stubborn), expect)
}

fn volume(name: &str, source: &Value) -> Edit {
    Edit::pipeline("set-volume").text(name).text(source.to_string())
}

fn mount(volume: &str, place: &str) -> Edit {
    Edit::container("set-mount").text(volume).text(place).none().number(0)
}

/// A claim's type stands in volumes that go with their pod, too.
fn types_in_another_place() -> Vec<Attack> {
    let template = |metadata: Value, fields: Value, field: &'static str| {
        let mut spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
        spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let source =
            json!({"ephemeral": {"volumeClaimTemplate": {"metadata": metadata, "spec": spec}}});
        all(field, &[volume("e", &source)], Expect::Protected(field))
    };
    let bank =
        json!({"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "c", "namespace": "bank"});
    vec![
        template(
            json!({}),
            json!({"dataSourceRef": bank}),
            "volumes.e.ephemeral.volumeClaimTemplate.spec.dataSourceRef",
        ),
        template(
            json!({}),
            json!({"volumeName": "pv-of-bank"}),
            "volumes.e.ephemeral.volumeClaimTemplate.spec.volumeName",
        ),
        template(
            json!({}),
            json!({"storageClassName": ""}),
            "volumes.e.ephemeral.volumeClaimTemplate.spec.storageClassName",
        ),
        template(
            json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}}),
            json!({}),
            "volumes.e.ephemeral.volumeClaimTemplate.metadata.labels[\"app.kubernetes.io/managed-by\"]",
        ),
    ]
}

/// Credentials, data of others and the node by fields that are not the obvious ones.
fn other_doors() -> Vec<Attack> {
    let of_pod = |context: Value, field: &'static str| {
        let edit = Edit::pipeline("set-security-context").some(context.to_string());
        all(field, &[edit], Expect::Protected(field))
    };
    let source = |source: Value, field: &'static str| {
        all(field, &[volume("x", &source)], Expect::Protected(field))
    };
    let one = |edit: Edit, field: &'static str| all(field, &[edit], Expect::Protected(field));
    let agent = Edit::pipeline("set-pod-annotation");
    vec![
        source(json!({"csi": {"driver": "secrets-store.csi.k8s.io"}}), "volumes.x.csi"),
        source(
            json!({"persistentVolumeClaim": {"claimName": "data-bank-0"}}),
            "volumes.x.persistentVolumeClaim",
        ),
        of_pod(json!({"fsGroup": 0}), "securityContext.fsGroup"),
        of_pod(json!({"supplementalGroups": [0]}), "securityContext.supplementalGroups"),
        of_pod(
            json!({"seccompProfile": {"type": "Localhost", "localhostProfile": "open.json"}}),
            "securityContext.seccompProfile.localhostProfile",
        ),
        one(Edit::pipeline("set-runtime-class-name").some("runc"), "runtimeClassName"),
        one(Edit::claim("data", "set-storage-class").some(""), "claims.data.storageClass"),
        one(
            agent.text("vault.hashicorp.com/agent-inject-secret-x").text("bank"),
            "podAnnotations[\"vault.hashicorp.com/agent-inject-secret-x\"]",
        ),
        one(
            Edit::container("set-security-context").some("{\"readOnlyRootFilesystem\":false}"),
            "containers.db.securityContext.readOnlyRootFilesystem",
        ),
    ]
}

/// A process that does not find its data writes to what goes with the pod.
fn data_that_is_unmounted() -> Vec<Attack> {
    let scratch = || volume("tmp", &json!({"emptyDir": {}}));
    let covered = |place: &str, field: &'static str| {
        all(field, &[scratch(), mount("tmp", place)], Expect::Protected(field))
    };
    let moved = |place: Option<&str>| {
        let edit = Edit::claim("data", "set-mount-path");
        let edit = if let Some(place) = place { edit.some(place) } else { edit.none() };
        all(format!("{place:?}"), &[edit], Expect::Protected("claims.data.mountPath"))
    };
    vec![
        moved(None),
        moved(Some("/elsewhere")),
        covered("/data/pgdata", "containers.db.volumeMounts./data/pgdata"),
        covered("/data/pgdata/wal", "containers.db.volumeMounts./data/pgdata/wal"),
        all(
            "a claim below",
            &[
                Edit::pipeline("add-claim").text("more").text("1Gi"),
                Edit::claim("more", "set-mount-path").some("/data/wal"),
            ],
            Expect::Protected("claims.more.mountPath"),
        ),
    ]
}

/// A plugin writes a path in one spelling, so that two of them are two places.
fn spellings_of_a_path() -> Vec<Attack> {
    ["/etc//ssl", "/etc/./ssl", "/etc/x/../ssl", "/etc/ssl/", "//etc/ssl", "/data/"]
        .map(|place| {
            let guest = Guest::makes(&[mount("data", place)], Manner::Stubborn);
            Attack::new(place, &guest, Expect::Unchanged)
        })
        .into()
}

/// Containers of a plugin get the restricted profile, whatever it says about them.
fn containers_that_are_added() -> Vec<Attack> {
    let restricted: fn(&Outcome) = |outcome| {
        let spec = serde_json::to_value(&outcome.pipeline.spec).unwrap();
        let lists = ["containers", "initContainers"].map(|list| spec[list].as_array().cloned());
        let added: Vec<_> =
            lists.into_iter().flatten().flatten().filter(|it| it["name"] == "evil").collect();
        assert!(!added.is_empty());
        for container in added {
            assert_eq!(
                container["securityContext"],
                json!({
                    "runAsNonRoot": true, "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
                })
            );
        }
    };
    let call = |method: &str| Edit::pipeline(method).text("evil");
    let add = |method: &str| call(method).text("evil:1");
    vec![
        all("beside the main one", &[add("add-container")], Expect::Ends(restricted)),
        all("before it", &[add("add-init-container")], Expect::Ends(restricted)),
        all(
            "removed, and added again",
            &[add("add-container"), call("remove-container"), add("add-container")],
            Expect::Ends(restricted),
        ),
    ]
}
