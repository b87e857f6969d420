//! I. What a plugin does not see: fields for which the contract's records have no place, and paths that are
//! one place in several spellings.

use serde_json::{Value, json};
use wellhead_chain::Outcome;
use wellhead_spec::Pipeline;
use wellhead_tests::guest::{Edit, Guest, Manner};

use super::{Attack, Expect, cases};

cases! {
    87 case_87_fields_that_a_record_cannot_name: fields_that_a_record_cannot_name;
    88 case_88_values_that_exclude_what_is_there: values_that_exclude_what_is_there;
    89 case_89_parts_that_are_replaced_whole: parts_that_are_replaced_whole;
    90 case_90_places_in_other_spellings: places_in_other_spellings;
    91 case_91_places_above_and_below_data: places_above_and_below_data;
}

/// A pipeline with what a plugin sees a part of.
fn rich() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 3,
            "service": {"ports": [{"name": "sql", "port": 80, "targetPort": 5432, "appProtocol": "example.com/sql"}]},
            "containers": [{
                "name": "db", "image": "postgres:17",
                "env": [
                    {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                    {"name": "PLAIN", "value": "1"},
                ],
                "ports": [{"containerPort": 80, "hostPort": 8080, "hostIP": "10.0.0.1", "name": "sql"}],
                "volumeMounts": [
                    {"name": "settings", "mountPath": "/etc/db", "subPathExpr": "$(POD)", "readOnly": true,
                        "recursiveReadOnly": "Enabled"},
                    {"name": "settings", "mountPath": "/etc/more", "mountPropagation": "HostToContainer"},
                ],
            }],
            "initContainers": [{
                "name": "prepare", "image": "busybox:1",
                "volumeMounts": [{"name": "data", "mountPath": "/var/lib/db", "subPath": "pg"}],
            }],
            "volumes": [
                {"name": "settings", "configMap": {"name": "db"}},
                {"name": "spare", "emptyDir": {}},
                {"name": "both", "projected": {"sources": [
                    {"configMap": {"name": "a"}}, {"secret": {"name": "tls", "items": [{"key": "a", "path": "a"}]}}]}},
                {"name": "cache", "ephemeral": {"volumeClaimTemplate": {
                    "metadata": {"labels": {"volume.kubernetes.io/tier": "shop", "tier": "hot"}},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                }}},
                {"name": "others", "persistentVolumeClaim": {"claimName": "others", "readOnly": true}},
            ],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/var/lib/db",
                "labels": {"volume.kubernetes.io/tier": "shop", "tier": "hot"}}],
        },
    }))
    .unwrap()
}

fn on_rich(what: impl Into<String>, edits: &[Edit], manner: Manner, expect: Expect) -> Attack {
    Attack::new(what, &Guest::makes(edits, manner), expect).on(rich)
}

fn edit(what: impl Into<String>, edit: Edit, expect: Expect) -> Attack {
    on_rich(what, &[edit], Manner::Stubborn, expect)
}

/// A plugin that hears why its edit is refused, and one that does not listen.
fn refused(what: &str, edit: &Edit, path: &'static str, words: &'static str) -> [Attack; 2] {
    let edits = std::slice::from_ref(edit);
    [
        on_rich(format!("{what}, told"), edits, Manner::Honest, Expect::Invalid(path, words)),
        on_rich(format!("{what}, ignored"), edits, Manner::Stubborn, Expect::Unchanged),
    ]
}

fn port(edit: Edit, name: &str) -> Edit {
    edit.number(80).number(0).some(name)
}

/// A mount with or without a sub path and `readOnly`.
fn mount(edit: Edit, volume: &str, place: &str, below: Option<&str>, read_only: bool) -> Edit {
    let edit = edit.text(volume).text(place);
    let edit = if let Some(below) = below { edit.some(below) } else { edit.none() };
    edit.number(read_only.into())
}

fn of_main() -> Edit {
    Edit::container("set-mount")
}

fn spec(outcome: &Outcome) -> Value {
    serde_json::to_value(&outcome.pipeline.spec).unwrap()
}

fn main_container(outcome: &Outcome) -> Value {
    spec(outcome)["containers"][0].clone()
}

fn fields_that_a_record_cannot_name() -> Vec<Attack> {
    let port_keeps: fn(&Outcome) = |outcome| {
        let expected =
            json!({"containerPort": 80, "hostPort": 8080, "hostIP": "10.0.0.1", "name": "other"});
        assert_eq!(main_container(outcome)["ports"], json!([expected]));
    };
    let service_keeps: fn(&Outcome) = |outcome| {
        let expected =
            json!({"name": "other", "port": 80, "targetPort": 1, "appProtocol": "example.com/sql"});
        assert_eq!(spec(outcome)["service"]["ports"], json!([expected]));
    };
    let mount_keeps: fn(&Outcome) = |outcome| {
        let expected = json!({"name": "spare", "mountPath": "/etc/db", "subPathExpr": "$(POD)",
            "readOnly": true, "recursiveReadOnly": "Enabled"});
        assert_eq!(main_container(outcome)["volumeMounts"][0], expected);
    };
    let propagation_stays: fn(&Outcome) = |outcome| {
        let mount = &main_container(outcome)["volumeMounts"][1];
        assert_eq!(mount["mountPropagation"], "HostToContainer");
        assert_eq!((&mount["name"], &mount["subPath"]), (&json!("spare"), &json!("below")));
    };
    let labels_stay: fn(&Outcome) = |outcome| {
        let labels = &spec(outcome)["claims"][0]["labels"];
        assert_eq!(*labels, json!({"volume.kubernetes.io/tier": "shop", "tier": "cold"}));
    };
    vec![
        edit(
            "hostPort and hostIP",
            port(Edit::container("set-port"), "other"),
            Expect::Ends(port_keeps),
        ),
        edit(
            "appProtocol",
            port(Edit::service("set-port"), "other").text("1"),
            Expect::Ends(service_keeps),
        ),
        edit(
            "subPathExpr and recursiveReadOnly, under another volume",
            mount(of_main(), "spare", "/etc/db", None, true),
            Expect::Ends(mount_keeps),
        ),
        edit(
            "mountPropagation, under another volume",
            mount(of_main(), "spare", "/etc/more", Some("below"), false),
            Expect::Ends(propagation_stays),
        ),
        edit(
            "labels of a claim beside the one",
            Edit::claim("data", "set-label").text("tier").text("cold"),
            Expect::Ends(labels_stay),
        ),
    ]
}

/// What a plugin cannot see is not given up for what it wants.
fn values_that_exclude_what_is_there() -> Vec<Attack> {
    let path = "containers.db.volumeMounts./etc/db";
    let at = |volume: &str, below, read_only| mount(of_main(), volume, "/etc/db", below, read_only);
    let literal: fn(&Outcome) = |outcome| {
        assert_eq!(main_container(outcome)["env"][0], json!({"name": "POD", "value": "shared"}));
    };
    let source: fn(&Outcome) = |outcome| {
        let from = json!({"fieldRef": {"fieldPath": "metadata.uid"}});
        let expected = json!({"name": "PLAIN", "valueFrom": from});
        assert_eq!(main_container(outcome)["env"][1], expected);
    };
    let mut attacks = Vec::new();
    attacks.extend(refused("a sub path", &at("settings", Some("x"), true), path, "subPathExpr"));
    attacks.extend(refused(
        "an empty sub path",
        &at("spare", Some("."), true),
        path,
        "subPathExpr",
    ));
    attacks.extend(refused("writing", &at("settings", None, false), path, "recursiveReadOnly"));
    attacks.extend(refused(
        "writing elsewhere",
        &at("spare", None, false),
        path,
        "recursiveReadOnly",
    ));
    // A variable has a value or a source, both of which a plugin can read: the one takes the other's place.
    attacks.push(edit(
        "a value over a source",
        Edit::container("set-env").text("POD").text("shared"),
        // The expression of the mount would expand to nothing that is known.
        Expect::Ends(literal),
    ));
    attacks.push(edit(
        "a source over a value",
        Edit::container("set-env-source")
            .text("PLAIN")
            .text("{\"fieldRef\":{\"fieldPath\":\"metadata.uid\"}}"),
        Expect::Ends(source),
    ));
    attacks.push(edit(
        "a Secret over a value",
        Edit::container("set-env-source")
            .text("PLAIN")
            .text("{\"secretKeyRef\":{\"name\":\"a\",\"key\":\"b\"}}"),
        Expect::Protected("containers.db.env.PLAIN.valueFrom.secretKeyRef"),
    ));
    attacks
}

/// What crosses as JSON is replaced whole: what of it is protected, is so below.
fn parts_that_are_replaced_whole() -> Vec<Attack> {
    let volume = |name: &str, source: &Value| {
        Edit::pipeline("set-volume").text(name).text(source.to_string())
    };
    let template = |labels: &Value| {
        let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
        let template = json!({"metadata": {"labels": labels}, "spec": spec});
        volume("cache", &json!({"ephemeral": {"volumeClaimTemplate": template}}))
    };
    let of_template = "volumes.cache.ephemeral.volumeClaimTemplate.metadata.labels[\"volume.kubernetes.io/tier\"]";
    vec![
        edit(
            "a label of a template",
            template(&json!({"tier": "hot"})),
            Expect::Protected(of_template),
        ),
        edit(
            "another value of a template's label",
            template(&json!({"volume.kubernetes.io/tier": "bank", "tier": "hot"})),
            Expect::Protected(of_template),
        ),
        edit(
            "a template",
            volume("cache", &json!({"emptyDir": {}})),
            Expect::Protected(of_template),
        ),
        edit(
            "a claim's reserved label",
            Edit::claim("data", "remove-label").text("volume.kubernetes.io/tier"),
            Expect::Protected("claims.data.labels[\"volume.kubernetes.io/tier\"]"),
        ),
        edit(
            "more of a projected Secret",
            volume("both", &json!({"projected": {"sources": [{"secret": {"name": "tls"}}]}})),
            Expect::Protected("volumes.both.projected.sources[0].secret"),
        ),
        edit(
            "a claim of others, not read-only any more",
            volume("others", &json!({"persistentVolumeClaim": {"claimName": "others"}})),
            Expect::Protected("volumes.others.persistentVolumeClaim"),
        ),
    ]
}

/// A place has one spelling for plugins, in every kind of container and for claims, too.
fn places_in_other_spellings() -> Vec<Attack> {
    let main = |place: &str| mount(of_main(), "settings", place, None, true);
    let init = |place: &str| {
        mount(Edit::init_container("prepare", "set-mount"), "settings", place, None, true)
    };
    let claim = |place: &str| Edit::claim("data", "set-mount-path").some(place);
    let spelt = [
        ("/etc//db", main("/etc//db")),
        ("/etc/./db", main("/etc/./db")),
        ("/../etc/db", main("/../etc/db")),
        ("/etc/db/., before the others", init("/etc/db/.")),
        ("//etc/db, before the others", init("//etc/db")),
        ("/etc/x/../db, for a claim", claim("/etc/x/../db")),
        ("/etc/db/, for a claim", claim("/etc/db/")),
    ];
    let mut attacks: Vec<_> =
        spelt.into_iter().map(|(what, it)| edit(what, it, Expect::Unchanged)).collect();
    for below in ["../x", "a/../../x", "/x"] {
        let edit = mount(of_main(), "spare", "/x", Some(below), true);
        attacks.extend(refused(below, &edit, "containers.db.volumeMounts./x", "out of"));
    }
    attacks
}

/// Data that is covered, moved aside or mounted in another part, by any container.
fn places_above_and_below_data() -> Vec<Attack> {
    let main = |what: &'static str, volume: &str, place: &str, expect: &'static str| {
        edit(what, mount(of_main(), volume, place, None, false), Expect::Protected(expect))
    };
    let init = |what: &'static str, volume: &str, place: &str, below: Option<&str>, expect| {
        let mounts =
            mount(Edit::init_container("prepare", "set-mount"), volume, place, below, false);
        edit(what, mounts, Expect::Protected(expect))
    };
    let of_init = "initContainers.prepare.volumeMounts./var/lib/db";
    vec![
        main("above", "spare", "/var/lib", "containers.db.volumeMounts./var/lib"),
        main("far above", "spare", "/var", "containers.db.volumeMounts./var"),
        main("below", "spare", "/var/lib/db/wal", "containers.db.volumeMounts./var/lib/db/wal"),
        init("another volume, before", "spare", "/var/lib/db", None, of_init),
        init("another part, before", "data", "/var/lib/db", Some("other"), of_init),
        init("all of it, before", "data", "/var/lib/db", None, of_init),
        init("another spelling of the part", "data", "/var/lib/db", Some("./pg"), of_init),
        init(
            "below, before",
            "spare",
            "/var/lib/db/base",
            None,
            "initContainers.prepare.volumeMounts./var/lib/db/base",
        ),
        edit(
            "nothing, before",
            Edit::init_container("prepare", "remove-mount").text("/var/lib/db"),
            Expect::Protected(of_init),
        ),
        edit(
            "nothing, in another spelling",
            Edit::init_container("prepare", "remove-mount").text("/var//lib/./db/"),
            Expect::Protected(of_init),
        ),
    ]
}
