use proptest::prelude::*;
use serde_json::json;
use wellhead_spec::{PathPattern, protected};

use super::fault::invalid;
use super::*;
use crate::provenance::trace::{EditOutcome, Refusal, TraceStep};
use crate::{Budget, Writer};

fn path(text: &str) -> FieldPath {
    text.parse().unwrap()
}

fn patterns(texts: &[&str]) -> Vec<PathPattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// What a plugin with these grants and overrides may.
pub(super) fn rights(grants: &[&str], overrides: &[&str]) -> Arc<Rights> {
    let (grants, overrides) = (patterns(grants), patterns(overrides));
    Rights { grants, overrides, ..Rights::default() }.into()
}

/// The turn of one more plugin, which is called by its number.
pub(super) fn session(draft: Value, mut provenance: Provenance, rights: Arc<Rights>) -> Session {
    let name = provenance.writers.len().to_string();
    provenance.writers.push(writer(&name).into());
    Session::new(draft, provenance, rights, Limits::default())
}

fn draft() -> Value {
    json!({
        "name": "db",
        "replicas": 3,
        "labels": {"team": "ml"},
        "serviceAccountName": "db",
        "containers": [{"name": "db", "image": "postgres:17", "env": [{"name": "A", "value": "1"}]}],
        "claims": [{"name": "data", "size": "1Gi"}],
    })
}

fn writer(name: &str) -> Writer {
    let text = str::to_owned;
    Writer {
        name: text(name),
        version: text("1"),
        digest: text("sha256:0"),
        customization: text("team"),
        facts_digest: None,
    }
}

/// A plugin's turn: its name, rights, and the edits that it makes.
fn turn(
    (value, mut provenance): (Value, Provenance),
    name: &str,
    rights: Rights,
    edits: &[(&str, Option<Value>)],
) -> (Value, Provenance, Vec<Violation>) {
    provenance.writers.push(writer(name).into());
    let mut session = Session::new(value, provenance, rights.into(), Limits::default());
    for (at, new) in edits {
        let _ = session.edit(path(at), new.clone());
    }
    session.finish()
}

fn grants(texts: &[&str]) -> Rights {
    Rights { grants: patterns(texts), ..Rights::default() }
}

fn alone(rights: Rights, edits: &[(&str, Option<Value>)]) -> (Value, Provenance, Vec<Violation>) {
    turn((draft(), Provenance::default()), "p", rights, edits)
}

/// What the second of two plugins violates; both may write everything.
fn second(
    first: (&str, Option<Value>),
    second: (&str, Option<Value>),
    overrides: &[&str],
) -> Vec<String> {
    let (value, provenance, violations) =
        turn((draft(), Provenance::default()), "a", grants(&["**"]), &[first]);
    assert_eq!(violations, []);
    let rights = Rights { overrides: patterns(overrides), ..grants(&["**"]) };
    let (_, _, violations) = turn((value, provenance), "b", rights, &[second]);
    violations.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_is_granted_by_default() {
    let (value, provenance, violations) = alone(
        Rights::default(),
        &[("replicas", Some(json!(5))), ("labels.team", None), ("labels.new", Some(json!("x")))],
    );
    assert_eq!(value, draft());
    assert_eq!(provenance.writes, []);
    let denied = ["replicas", "labels.team", "labels.new"];
    assert_eq!(violations, denied.map(|it| Violation::Denied { path: path(it), adds: false }));
}

#[test]
fn a_grant_covers_what_it_matches_and_nothing_else() {
    let edits = [("labels.a", Some(json!("x"))), ("replicas", Some(json!(4)))];
    let (value, _, violations) = alone(grants(&["labels.*"]), &edits);
    assert_eq!((&value["labels"]["a"], &value["replicas"]), (&json!("x"), &json!(3)));
    assert_eq!(violations, [Violation::Denied { path: path("replicas"), adds: false }]);
}

#[test]
fn a_value_that_is_there_already_is_no_edit() {
    let (_, provenance, violations) =
        alone(grants(&["replicas"]), &[("replicas", Some(json!(3))), ("labels.none", None)]);
    assert_eq!(provenance.writes, []);
    assert_eq!(
        violations,
        [Violation::Denied { path: path("labels.none"), adds: false }],
        "reading is not asking"
    );
}

#[test]
fn a_violation_is_told_once_and_so_are_at_most_twenty() {
    let same = ("replicas", Some(json!(4)));
    assert_eq!(alone(Rights::default(), &[same.clone(), same]).2.len(), 1);
    let names: Vec<_> = (0..30).map(|it| format!("labels.l{it}")).collect();
    let edits: Vec<_> = names.iter().map(|it| (it.as_str(), Some(json!("x")))).collect();
    assert_eq!(alone(Rights::default(), &edits).2.len(), 20);
}

#[test]
fn a_validator_writes_nothing_whatever_it_is_granted() {
    let rights = Rights { read_only: true, ..grants(&["**"]) };
    let (value, _, violations) = alone(rights, &[("replicas", Some(json!(4)))]);
    assert_eq!(value, draft());
    assert_eq!(violations, [Violation::ReadOnly { path: path("replicas") }]);
}

#[test]
fn an_opening_is_a_grant_of_its_field() {
    let account = [("serviceAccountName", Some(json!("admin")))];
    let (_, _, violations) = alone(grants(&["**"]), &account);
    assert!(matches!(&violations[..], [Violation::Protected { .. }]), "{violations:?}");
    let (_, _, violations) = alone(grants(&[]), &account);
    assert!(matches!(&violations[..], [Violation::Protected { .. }]), "one line is missing");
    let opened = Rights { opens: patterns(&["serviceAccountName"]), ..Rights::default() };
    let (value, _, violations) = alone(opened, &account);
    assert_eq!((&value["serviceAccountName"], &violations[..]), (&json!("admin"), &[][..]));
}

#[test]
fn everything_that_is_missing_is_told_of_one_edit() {
    let context = json!({"privileged": true, "runAsUser": 0});
    let edit = [("containers.db.securityContext", Some(context))];
    let (value, _, violations) = alone(grants(&["labels.*"]), &edit);
    assert_eq!(value, draft());
    let at = "containers.db.securityContext";
    assert_eq!(
        violations.iter().filter_map(Violation::hint).collect::<Vec<_>>(),
        [
            format!("add to the entry's `grants`: {at}"),
            format!("if this plugin may do so, add to the entry's `opens`: {at}.privileged"),
            format!("if this plugin may do so, add to the entry's `opens`: {at}.runAsUser"),
        ]
    );
}

#[test]
fn a_conflict_names_both_and_their_values() {
    let conflict = |ours| vec![format!("`replicas`: `a` left 5, this plugin wants {ours}")];
    let first = ("replicas", Some(json!(5)));
    assert_eq!(second(first.clone(), ("replicas", Some(json!(7))), &[]), conflict("7"));
    assert_eq!(second(first.clone(), ("replicas", None), &["labels.*"]), {
        // Removed replicas are none, which is protected on its own.
        vec!["`replicas` is protected: without replicas, nothing runs".to_owned()]
    });
    assert!(second(first.clone(), ("replicas", Some(json!(5))), &[]).is_empty(), "they agree");
    assert!(second(first, ("replicas", Some(json!(7))), &["replicas"]).is_empty());
}

#[test]
fn an_item_and_its_fields_are_in_conflict_as_far_as_they_are_decided() {
    let side = || ("containers.side", Some(json!({"name": "side", "image": "a:1"})));
    let image = |at: &'static str| (at, Some(json!("b:1")));
    assert_eq!(second(side(), image("containers.side.image"), &[]).len(), 1);
    assert_eq!(second(side(), ("containers.side.args", Some(json!(["x"]))), &[]), [""; 0]);
    assert_eq!(second(side(), ("containers.side", None), &[]).len(), 1);
    assert_eq!(second(image("containers.db.image"), ("containers.db", None), &[]).len(), 1);
    assert_eq!(second(image("containers.db.image"), side(), &[]), [""; 0]);
    assert_eq!(second(("labels.team", None), ("labels.team", Some(json!("x"))), &[]).len(), 1);
    let overrides = &["containers.side.image"];
    assert_eq!(second(side(), image("containers.side.image"), overrides), [""; 0]);
}

#[test]
fn a_plugin_may_change_its_mind() {
    let edits = [("replicas", Some(json!(5))), ("replicas", Some(json!(7)))];
    let (value, provenance, violations) = alone(grants(&["replicas"]), &edits);
    assert_eq!((&value["replicas"], &violations[..]), (&json!(7), &[][..]));
    assert_eq!(provenance.writes.len(), 2);
    assert_eq!(provenance.writes[0].new, Some(json!(5)));
}

#[test]
fn edits_and_their_bytes_have_a_budget() {
    let over = |limits: Limits, edits: &[(&str, &str)]| {
        let provenance = Provenance { writers: vec![writer("p").into()], ..Provenance::default() };
        let rights = grants(&["**"]).into();
        let mut session = Session::new(draft(), provenance, rights, limits);
        for (at, new) in edits {
            let _ = session.edit(path(at), Some(json!(new)));
        }
        session.finish().2
    };
    let edits = [("labels.a", "x"), ("labels.b", "x"), ("labels.c", "x")];
    let of = |edits, edited_bytes| Limits { edits, edited_bytes, ..Limits::default() };
    assert_eq!(over(of(3, 24), &edits), []);
    let edited = Violation::OverLimit { budget: Budget::Edits, limit: 2, used: 3 };
    assert_eq!(over(of(2, 24), &edits), [edited]);
    let bytes = Violation::OverLimit { budget: Budget::EditedBytes, limit: 23, used: 24 };
    assert_eq!(over(of(3, 23), &edits), [bytes]);
}

#[test]
fn every_byte_of_an_edit_counts() {
    let used = |path: FieldPath, new: Option<Value>| {
        let provenance = Provenance { writers: vec![writer("p").into()], ..Provenance::default() };
        let limits = Limits { edited_bytes: 0, ..Limits::default() };
        let mut session = Session::new(draft(), provenance, grants(&["**"]).into(), limits);
        assert_eq!(session.limits().edited_bytes, 0, "the budgets are those of the call");
        let _ = session.edit(path, new);
        let violations = session.finish().2;
        let [Violation::OverLimit { used, .. }] = violations[..] else { panic!("{violations:?}") };
        used
    };
    let number = size_of::<u64>() as u64;
    assert_eq!(used(path("labels.team"), None), 6 + 4, "the keys of the path");
    assert_eq!(used(path("x[7]"), Some(json!(""))), 1 + number);
    assert_eq!(used(path("x"), Some(json!(1))), 1 + number);
    assert_eq!(used(path("x"), Some(json!("abc"))), 1 + 3);
    // An item of a list or map counts as a number at least.
    assert_eq!(used(path("x"), Some(json!(["ab", true]))), 1 + 2 * number);
    assert_eq!(used(path("x"), Some(json!(["", [], {}]))), 1 + 3 * number);
    assert_eq!(used(path("x"), Some(json!(["0123456789"]))), 1 + 10);
    assert_eq!(used(path("x"), Some(json!({"abc": "def", "g": null}))), 1 + 3 + 1 + 2 * number);
}

/// What a plugin hears of an edit that it may not make.
fn heard(rights: Rights, limits: Limits, at: &str, new: Option<Value>) -> EditError {
    let provenance = Provenance { writers: vec![writer("p").into()], ..Provenance::default() };
    let mut session = Session::new(draft(), provenance, rights.into(), limits);
    match session.edit(path(at), new) {
        Err(EditFault::Edit(error)) => error,
        _ => panic!("the edit of {at} is refused"),
    }
}

#[test]
fn a_plugin_hears_which_field_it_may_not_write_and_why() {
    let all = || grants(&["**"]);
    let default = Limits::default;
    let four = || Some(json!(4));
    let EditError::Denied(it) = heard(Rights::default(), default(), "replicas", four()) else {
        panic!("it is denied")
    };
    assert_eq!(
        (&*it.path, &*it.message),
        ("replicas", "the chain entry grants no write to this field")
    );
    let image = Some(json!("a:1"));
    let EditError::Denied(it) = heard(all(), default(), "serviceAccountName", image.clone()) else {
        panic!("it is protected")
    };
    assert!(it.message.starts_with("the field is protected: "), "{}", it.message);
    let EditError::ReadOnly(it) = heard(Rights::read_only(), default(), "replicas", four()) else {
        panic!("a validator writes nothing")
    };
    assert_eq!((&*it.path, &*it.message), ("replicas", "a validator cannot write"));
    let few = Limits { edits: 0, ..Limits::default() };
    let EditError::OverLimit(it) = heard(all(), few, "replicas", four()) else {
        panic!("it is over a budget")
    };
    assert_eq!(it.message, "the plugin is over a budget: it used up its 0 edits, and needs 1");
    let EditError::NotFound(it) = heard(all(), default(), "containers.none.image", image) else {
        panic!("there is no such container")
    };
    assert_eq!(it.path, "containers.none.image");
}

#[test]
fn a_session_tells_its_edits_and_what_they_left_and_why() {
    let provenance = Provenance { writers: vec![writer("p").into()], ..Provenance::default() };
    let rights = grants(&["**"]).into();
    let mut session = Session::new(draft(), provenance, rights, Limits::default());
    assert_eq!((session.edits(), session.value(&path("replicas"))), (0, Some(&json!(3))));
    let _ = session.edit(path("labels.a"), Some(json!("x")));
    session.because("load\u{1b}[31m").unwrap();
    let _ = session.edit(path("replicas"), Some(json!(5)));
    let _ = session.edit(path("labels.team"), None);
    assert_eq!((session.edits(), session.value(&path("replicas"))), (3, Some(&json!(5))));
    assert_eq!(session.value(&path("labels.team")), None);
    let writes = session.finish().1.writes;
    let reasons: Vec<_> = writes.iter().map(|it| it.reason.as_deref()).collect();
    assert_eq!(reasons[0], None);
    assert!(reasons[1].is_some_and(|it| it.starts_with("load") && !it.contains('\u{1b}')));
    assert_eq!(reasons[1], reasons[2]);
}

#[test]
fn what_an_edit_belongs_to_must_exist() {
    let (value, provenance, violations) =
        alone(grants(&["**"]), &[("containers.none.image", Some(json!("a:1")))]);
    assert_eq!((value, provenance.writes, violations), (draft(), vec![], vec![]));
}

/// Fields of every kind, protected ones and what they stand in.
fn edit() -> impl Strategy<Value = (&'static str, Option<Value>)> {
    let paths = prop::sample::select(vec![
        "replicas",
        "labels.team",
        "labels[\"app.kubernetes.io/managed-by\"]",
        "podLabels.app",
        "namespace",
        "serviceAccountName",
        "automountServiceAccountToken",
        "hostNetwork",
        "securityContext",
        "containers.db",
        "containers.db.securityContext",
        "containers.db.env.A",
        "containers.side",
        "initContainers.first",
        "volumes.v",
        "claims.data",
        "claims.data.size",
        "persistentVolumeClaimRetentionPolicy",
    ]);
    let values = prop::sample::select(vec![
        json!(null),
        json!(0),
        json!(5),
        json!(true),
        json!(false),
        json!("x"),
        json!("2Gi"),
        json!("100Mi"),
        json!({"name": "db", "image": "a:1", "securityContext": {"privileged": true}}),
        json!({"name": "side", "image": "a:1", "securityContext": {"runAsUser": 0}}),
        json!({"name": "side", "image": "a:1", "ports": [{"containerPort": 1, "hostPort": 1}]}),
        json!({"name": "side", "image": "a:1"}),
        json!({"name": "v", "hostPath": {"path": "/"}}),
        json!({"name": "v", "emptyDir": {}}),
        json!({"name": "data", "size": "5Gi"}),
        json!({"runAsNonRoot": true}),
        json!({"privileged": true, "capabilities": {"add": ["ALL"]}}),
        json!({"whenDeleted": "Delete"}),
        json!({"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}),
    ]);
    (paths, prop_oneof![4 => values.prop_map(Some), 1 => Just(None)])
}

proptest! {
    /// No sequence of edits gets round the protection: whatever is accepted under a grant of
    /// everything leaves each protected field as it was, or changes it as everybody may.
    #[test]
    fn a_grant_of_everything_changes_nothing_that_is_protected(
        edits in prop::collection::vec(edit(), 1..12)
    ) {
        let before = draft();
        let (after, ..) = alone(grants(&["**"]), &edits);
        let root = FieldPath::root();
        let found = protected::touched(&before, &root, Some(&before), Some(&after));
        // A volume that grew and shrank again may end between its first size and its largest.
        prop_assert_eq!(found, vec![], "{}", after);
    }

    /// Every change is granted, and nothing else is recorded.
    #[test]
    fn every_recorded_edit_is_granted(
        granted in prop::sample::subsequence(
            vec!["replicas", "labels.*", "containers.*", "containers.**", "volumes.v", "claims.*.size"],
            0..4,
        ),
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        let (after, provenance, _) = alone(grants(&granted), &edits);
        let patterns = patterns(&granted);
        for write in provenance.writes.iter().filter(|it| !it.completes) {
            for part in write.parts() {
                prop_assert!(super::rights::reaches(&patterns, &write.path, part), "{part}");
            }
        }
        prop_assert!(!provenance.writes.is_empty() || after == draft());
    }
}

/// A pipeline with a hardened sidecar, a Secret and data.
fn guarded() -> Value {
    json!({
        "name": "db",
        "containers": [
            {"name": "db", "image": "postgres:17",
             "volumeMounts": [{"name": "creds", "mountPath": "/creds"}]},
            {"name": "side", "image": "a:1", "securityContext": {
                "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "Localhost", "localhostProfile": "strict.json"}}},
        ],
        "volumes": [{"name": "creds", "secret": {"secretName": "db"}}, {"name": "tmp", "emptyDir": {}}],
        "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
    })
}

fn guarded_from(
    rights: Rights,
    edits: &[(&str, Option<Value>)],
) -> (Value, Provenance, Vec<Violation>) {
    turn((guarded(), Provenance::default()), "p", rights, edits)
}

fn protected_paths(violations: &[Violation]) -> Vec<String> {
    let path = |it: &Violation| match it {
        Violation::Protected { path, .. } => path.to_string(),
        other => panic!("{other:?}"),
    };
    violations.iter().map(path).collect()
}

#[test]
fn what_goes_and_comes_back_is_judged_as_what_it_was() {
    let again = |name: &str| Some(json!({"name": name, "image": "evil:1"}));
    let edits = [("containers.side", None), ("containers.side", again("side"))];
    let (.., violations) = guarded_from(grants(&["**"]), &edits);
    let at = "containers.side.securityContext";
    assert_eq!(
        protected_paths(&violations),
        ["capabilities.drop", "runAsNonRoot", "seccompProfile.type"].map(|it| format!("{at}.{it}"))
    );
    assert_eq!(guarded_from(grants(&["**"]), &edits[..1]).2, []);
    let opens: Vec<_> = protected_paths(&violations);
    let opens = opens.iter().map(String::as_str).collect::<Vec<_>>();
    let opened = Rights { opens: patterns(&opens), ..grants(&["**"]) };
    assert_eq!(guarded_from(opened, &edits).2, []);
}

#[test]
fn a_container_that_is_added_gets_the_restricted_profile() {
    let side = |fields: Value| {
        let mut side = json!({"name": "new", "image": "a:1"});
        side["securityContext"] = fields;
        [("containers.new", Some(side))]
    };
    let context = |rights: Rights, fields: Value| {
        let (value, provenance, violations) = guarded_from(rights, &side(fields));
        assert_eq!(violations, []);
        assert!(provenance.writes[1..].iter().all(|it| it.completes));
        value["containers"][2]["securityContext"].clone()
    };
    let restricted = json!({
        "runAsNonRoot": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    });
    let all = || grants(&["**"]);
    assert_eq!(context(all(), json!({})), restricted);
    assert_eq!(context(all(), json!({"capabilities": {"drop": ["X"]}})), restricted);
    let opens = |fields: &[&str]| {
        let field = |it: &&str| format!("containers.*.securityContext.{it}");
        let fields: Vec<_> = fields.iter().map(field).collect();
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        Rights { opens: patterns(&fields), ..all() }
    };
    let open = opens(&["runAsNonRoot", "seccompProfile.type", "capabilities.drop"]);
    assert_eq!(context(open, json!({})), json!({"allowPrivilegeEscalation": false}));
    let root = context(opens(&["runAsUser"]), json!({"runAsUser": 0}));
    assert_eq!(root.get("runAsNonRoot"), None, "it could not start");
    let privileged = context(opens(&["privileged"]), json!({"privileged": true}));
    assert_eq!(privileged.get("allowPrivilegeEscalation"), None, "Kubernetes refuses both");
}

#[test]
fn what_the_pod_has_for_all_containers_is_not_repeated() {
    let mut draft = guarded();
    draft["securityContext"] =
        json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    let add = [("initContainers.new", Some(json!({"name": "new", "image": "a:1"})))];
    let added =
        |draft: &Value| turn((draft.clone(), Provenance::default()), "p", grants(&["**"]), &add).0;
    let expected = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
    assert_eq!(added(&draft)["initContainers"][0]["securityContext"], expected);
    draft["os"] = json!({"name": "windows"});
    assert_eq!(added(&draft)["initContainers"][0].get("securityContext"), None);
}

#[test]
fn what_the_host_completes_is_in_nobodys_way() {
    let add = [("containers.new", Some(json!({"name": "new", "image": "a:1"})))];
    let (value, provenance, _) = guarded_from(grants(&["**"]), &add);
    let harden = json!({"runAsNonRoot": true, "runAsUser": 7, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    let edits = [("containers.new.securityContext", Some(harden.clone()))];
    let (value, _, violations) = turn((value, provenance), "q", grants(&["**"]), &edits);
    assert_eq!((violations, &value["containers"][2]["securityContext"]), (vec![], &harden));
}

#[test]
fn a_volume_is_protected_from_who_mounts_it_in_whatever_order() {
    let mount = |name: &str| Some(json!({"name": name, "mountPath": "/x"}));
    let evil = ("containers.evil", Some(json!({"name": "evil", "image": "evil:1"})));
    let edits = [evil.clone(), ("containers.evil.volumeMounts./x", mount("creds"))];
    let (.., violations) = guarded_from(grants(&["**"]), &edits);
    assert_eq!(protected_paths(&violations), ["volumes.creds.secret"]);
    let opened = Rights { opens: patterns(&["volumes.*.secret"]), ..grants(&["**"]) };
    assert_eq!(guarded_from(opened, &edits).2, []);
    let first = [evil, ("containers.evil.volumeMounts./x", mount("tmp"))];
    assert_eq!(guarded_from(grants(&["**"]), &first).2, []);
    let data = [("claims.data.mountPath", None)];
    let (.., violations) = guarded_from(grants(&["claims.*.mountPath"]), &data);
    assert_eq!(protected_paths(&violations), ["claims.data.mountPath"]);
    let at = "containers.db.volumeMounts./data/pg";
    let cover = [(at, Some(json!({"name": "tmp", "mountPath": "/data/pg"})))];
    let (.., violations) = guarded_from(grants(&["**"]), &cover);
    assert_eq!(protected_paths(&violations), [at]);
}

#[test]
fn a_mount_over_that_of_an_earlier_plugin_is_a_conflict() {
    let tmp = |place: &str| Some(json!({"name": "tmp", "mountPath": place}));
    let at = |place: &str| format!("containers.db.volumeMounts[\"{place}\"]");
    let second = |place: &str, overrides: &[&str]| {
        let first = turn(
            (guarded(), Provenance::default()),
            "a",
            grants(&["**"]),
            &[(&at("/etc/ssl"), tmp("/etc/ssl"))],
        );
        let rights = Rights { overrides: patterns(overrides), ..grants(&["**"]) };
        turn((first.0, first.1), "b", rights, &[(&at(place), tmp(place))]).2.len()
    };
    // A claim is mounted into the main container, too.
    let claim = |name: &str, place: &str| {
        (format!("claims.{name}"), json!({"name": name, "mountPath": place}))
    };
    let both = |first: &str, own: (String, Value)| {
        let claim = claim("more", first);
        let first = [(claim.0.as_str(), Some(claim.1))];
        let first = turn((guarded(), Provenance::default()), "a", grants(&["**"]), &first);
        turn((first.0, first.1), "b", grants(&["**"]), &[(own.0.as_str(), Some(own.1))]).2
    };
    let is_conflict = |it: &Violation| matches!(it, Violation::Conflict { .. });
    let conflicts = |found: Vec<Violation>| found.iter().filter(|it| is_conflict(it)).count();
    let mount = |place: &str| (at(place), tmp(place).unwrap());
    assert_eq!(conflicts(both("/srv/a", mount("/srv"))), 1);
    assert_eq!(conflicts(both("/srv/a", mount("/srv/b"))), 0);
    assert_eq!(conflicts(both("/srv/a", claim("other", "/srv/a/b"))), 1);
    let moved = ("claims.data.mountPath".to_owned(), json!("/srv/a"));
    assert_eq!(conflicts(both("/srv/a/b", moved)), 1);
    for (place, expected) in [("/etc", 1), ("/etc/ssl/certs", 1), ("/etc/ssl", 0), ("/etc/sslx", 0)]
    {
        assert_eq!(second(place, &[]), expected, "{place}");
        assert_eq!(second(place, &["containers.**"]), 0, "{place}, as an override");
    }
}

/// What a trace tells of some edits: the field, what became of it, and what was asked for.
fn traced(rights: Rights, work: impl Fn(&mut Session)) -> Vec<TraceStep> {
    let mut provenance = Provenance::default();
    provenance.writers.push(writer("p").into());
    let mut session = Session::new(draft(), provenance, rights.into(), Limits::default()).traced();
    work(&mut session);
    session.take_trace().unwrap().steps
}

#[test]
fn a_trace_tells_what_became_of_each_edit() {
    let rights = grants(&["replicas", "labels.*", "claims.*.size"]);
    let steps = traced(rights, |session| {
        assert_eq!(session.read(&path("replicas")), Ok(Some(&json!(3))));
        session.because("to try").unwrap();
        let five = || Some(json!(5));
        let edits = [("replicas", five()), ("replicas", five()), ("labels.team", None)];
        let refused = [("minReadySeconds", five()), ("serviceAccountName", Some(json!("a")))];
        let nowhere = [("claims.none.size", Some(json!("1Gi")))];
        for (at, new) in edits.into_iter().chain(refused).chain(nowhere) {
            if let Err(EditFault::Edit(error)) = session.edit(path(at), new) {
                session.heard(&error).unwrap();
            }
        }
        if let EditFault::Edit(error) = invalid(&path("replicas"), "too many") {
            session.heard(&error).unwrap();
        }
    });
    let told: Vec<_> = steps
        .iter()
        .map(|step| match step {
            TraceStep::Read { path, value } => {
                let [value, _] = shown(path, [value.as_ref(), None], "(removed)");
                format!("{path}: {value}")
            }
            TraceStep::Edit { path, old, new, outcome, reason, .. } => {
                assert_eq!(reason.as_deref(), Some("to try"));
                let value =
                    |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
                let outcome = match outcome {
                    EditOutcome::Refused { why, .. } => why.word(),
                    EditOutcome::Made => "made",
                    EditOutcome::Unchanged => "unchanged",
                };
                format!("{path}: {} -> {} {outcome}", value(old), value(new))
            }
            TraceStep::Log(line) => line.message.clone(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "replicas: 3",
            "replicas: 3 -> 5 made",
            "replicas: 5 -> 5 unchanged",
            r#"labels.team: "ml" -> - made"#,
            "minReadySeconds: - -> 5 not granted",
            r#"serviceAccountName: "db" -> "a" protected"#,
            "claims.none.size: - -> - not found",
            "replicas: 5 -> - invalid",
        ]
    );
}

#[test]
fn the_current_field_is_the_last_one_that_was_edited_or_refused() {
    let mut provenance = Provenance::default();
    let start = |provenance: &Provenance, limits| {
        Session::new(draft(), provenance.clone(), grants(&["replicas"]).into(), limits)
    };
    provenance.writers.push(writer("p").into());
    let mut session = start(&provenance, Limits::default());
    assert_eq!(session.current_field(), None);
    assert!(session.edit(path("replicas"), Some(json!(5))).is_ok());
    assert_eq!(session.current_field().as_deref(), Some("replicas"));
    let Err(EditFault::Edit(error)) = session
        .edit(path("labels.a"), None)
        .and_then(|()| session.edit(path("minReadySeconds"), Some(json!(1))))
    else {
        panic!("it is not granted")
    };
    session.heard(&error).unwrap();
    assert_eq!(session.current_field().as_deref(), Some(error_path(&error)));
    assert!(session.edit(path("replicas"), Some(json!(6))).is_ok());
    assert_eq!(session.current_field().as_deref(), Some("replicas"));
    provenance = session.finish().1;
    provenance.writers.push(writer("q").into());
    let session = start(&provenance, Limits::default());
    assert_eq!(session.current_field(), None, "that is the earlier plugin's");
    let session = session.traced();
    session.read(&path("labels")).unwrap();
    assert_eq!(session.current_field().as_deref(), Some("labels"));
}

fn error_path(error: &EditError) -> &str {
    &Refusal::of(error).1.path
}
