use serde_json::{Value, json};
use wellhead_render::OwnedField;
use wellhead_spec::OwnershipPolicy;
use wellhead_spec::OwnershipPolicy::{Share, Take, Yield};

use super::{Policies, by_object, drop_yielded, left_to_others};
use crate::model::ownership::SharedField;

fn policies(policy: OwnershipPolicy, paths: &[&str]) -> Policies {
    let owned = |path: &&str| OwnedField {
        kind: "StatefulSet".to_owned(),
        name: "db".to_owned(),
        path: path.parse().expect("a path"),
        policy,
        once: false,
    };
    let owned: Vec<_> = paths.iter().map(owned).collect();
    by_object(&owned).remove(&("StatefulSet", "db")).expect("it has policies")
}

/// What we would set.
fn ours() -> Value {
    json!({
        "metadata": {"name": "db", "annotations": {"example.com/note": "ours"}},
        "spec": {"replicas": 3, "template": {"spec": {
            "nodeSelector": {"disk": "fast"},
            "containers": [
                {"name": "side", "image": "side:1"},
                {"name": "db", "image": "db:1", "args": ["-a", "-b"],
                 "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                 "ports": [{"containerPort": 80, "name": "web"}],
                 "resources": {"limits": {"cpu": "1"}}}]}}}})
}

/// The object with fields of another manager, who owns those of the record.
fn theirs(change: impl Fn(&mut Value), record: &Value) -> Value {
    let mut live = ours();
    change(&mut live);
    live["metadata"]["managedFields"] = json!([
        {"manager": "hpa", "operation": "Update", "subresource": "scale", "time": "2026-01-01T00:00:00Z",
         "fieldsV1": record},
        {"manager": "kcm", "operation": "Update", "subresource": "status",
         "fieldsV1": {"f:spec": {"f:template": {}}}},
        {"manager": "wellhead", "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {}}}}]);
    live
}

const DB: &str = "spec.template.spec.containers.db";

fn container(record: &Value) -> Value {
    json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"db\"}": record}}}}})
}

/// What is sent, and what is reported.
fn sent(policies: &Policies, live: &Value) -> (Value, Vec<SharedField>) {
    let mut body = ours();
    let contested = policies.resolve(&mut body, live);
    drop_yielded(&mut body, &contested);
    (body, left_to_others(contested))
}

/// What is sent, where it should differ from what we would set in this.
fn assert_sent(policies: &Policies, live: &Value, change: impl Fn(&mut Value)) {
    let mut expected = ours();
    change(&mut expected);
    assert_eq!(sent(policies, live).0, expected);
}

fn db(object: &mut Value) -> &mut Value {
    &mut object["spec"]["template"]["spec"]["containers"][1]
}

fn without(object: &mut Value, field: &str) {
    object.as_object_mut().expect("an object").remove(field).expect("it was there");
}

#[test]
fn each_policy_sends_what_it_says() {
    let live =
        theirs(|live| live["spec"]["replicas"] = 5.into(), &json!({"f:spec": {"f:replicas": {}}}));
    assert_sent(&policies(Yield, &["spec.replicas"]), &live, |it| {
        without(&mut it["spec"], "replicas");
    });
    assert_sent(&policies(Share, &["spec.replicas"]), &live, |it| {
        it["spec"]["replicas"] = 5.into();
    });
    assert_sent(&policies(Take, &["spec.replicas"]), &live, |_| {});

    let (_, left) = sent(&policies(Yield, &["spec.replicas"]), &live);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].path.to_string(), "spec.replicas");
    assert_eq!(left[0].owners[0].subresource.as_deref(), Some("scale"));
    assert_eq!(sent(&policies(Take, &["spec.replicas"]), &live).1, []);
}

#[test]
fn a_field_that_nobody_else_sets_is_ours_whatever_the_policy() {
    let live = theirs(|_| {}, &json!({"f:spec": {"f:minReadySeconds": {}}}));
    for policy in [Yield, Share, Take] {
        let (body, left) = sent(&policies(policy, &["spec.replicas"]), &live);
        assert_eq!((body, left), (ours(), Vec::new()));
    }
}

#[test]
fn items_of_lists_are_found_by_their_keys_wherever_they_stand() {
    let live = theirs(
        |live| {
            db(live)["image"] = "db:2".into();
            live["spec"]["template"]["spec"]["containers"]
                .as_array_mut()
                .expect("a list")
                .reverse();
        },
        &container(&json!({"f:image": {}})),
    );
    let image = format!("{DB}.image");
    assert_sent(&policies(Yield, &[&image]), &live, |it| without(db(it), "image"));
    assert_sent(&policies(Share, &[&image]), &live, |it| db(it)["image"] = "db:2".into());
    let side = policies(Yield, &["spec.template.spec.containers.side.image"]);
    assert_sent(&side, &live, |_| {});
}

#[test]
fn a_list_that_is_owned_as_a_whole_is_left_as_a_whole() {
    let live = theirs(|live| db(live)["args"] = json!(["-c"]), &container(&json!({"f:args": {}})));
    let second = format!("{DB}.args[1]");
    assert_sent(&policies(Yield, &[&second]), &live, |it| without(db(it), "args"));
    assert_sent(&policies(Share, &[&second]), &live, |it| db(it)["args"] = json!(["-c"]));
    let (_, left) = sent(&policies(Yield, &[&second]), &live);
    assert_eq!(left[0].path.to_string(), format!("{DB}.args"));
}

#[test]
fn an_item_keeps_its_key_until_nothing_else_is_left_of_it() {
    let (name, value) = (format!("{DB}.env.A.name"), format!("{DB}.env.A.value"));
    let value_only = json!({"f:env": {"k:{\"name\":\"A\"}": {"f:value": {}}}});
    let live = theirs(|live| db(live)["env"][0]["value"] = "9".into(), &container(&value_only));
    assert_sent(&policies(Yield, &[&name, &value]), &live, |it| {
        without(&mut db(it)["env"][0], "value");
    });
    let whole = json!({"f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}}});
    let live = theirs(|live| db(live)["env"][0]["value"] = "9".into(), &container(&whole));
    assert_sent(&policies(Yield, &[&name, &value]), &live, |it| {
        db(it)["env"] = json!([{"name": "B", "value": "2"}]);
    });
    let (_, left) = sent(&policies(Yield, &[&name, &value]), &live);
    assert_eq!(left.len(), 1, "the key is no field of its own: {left:?}");
}

#[test]
fn what_is_empty_then_is_not_claimed() {
    let cpu = format!("{DB}.resources.limits.cpu");
    let live = theirs(
        |live| db(live)["resources"]["limits"]["cpu"] = "2".into(),
        &container(&json!({"f:resources": {"f:limits": {"f:cpu": {}}}})),
    );
    assert_sent(&policies(Yield, &[&cpu]), &live, |it| without(db(it), "resources"));
    // Who set an empty map owns nothing in it.
    let live = theirs(|_| {}, &container(&json!({"f:resources": {"f:limits": {}}})));
    assert_sent(&policies(Yield, &[&cpu]), &live, |_| {});
}

#[test]
fn every_item_of_a_list_can_be_given_up() {
    let fields = ["A.name", "A.value", "B.name", "B.value"].map(|it| format!("{DB}.env.{it}"));
    let fields: Vec<_> = fields.iter().map(String::as_str).collect();
    let item = json!({".": {}, "f:name": {}, "f:value": {}});
    let record = json!({"f:env": {"k:{\"name\":\"A\"}": item, "k:{\"name\":\"B\"}": item}});
    let live = theirs(|_| {}, &container(&record));
    assert_sent(&policies(Yield, &fields), &live, |it| without(db(it), "env"));
}

#[test]
fn a_port_is_known_by_its_default_protocol() {
    let fields = ["containerPort", "name"].map(|it| format!("{DB}.ports.80/TCP.{it}"));
    let record = json!({"f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":
        {".": {}, "f:containerPort": {}, "f:name": {}, "f:protocol": {}}}});
    let live = theirs(
        |live| {
            db(live)["ports"] = json!([{"containerPort": 80, "name": "http", "protocol": "TCP"}]);
        },
        &container(&record),
    );
    assert_sent(&policies(Share, &[&fields[0], &fields[1]]), &live, |it| {
        db(it)["ports"][0]["name"] = "http".into();
    });
    assert_sent(&policies(Yield, &[&fields[0], &fields[1]]), &live, |it| without(db(it), "ports"));
}

#[test]
fn a_key_with_a_slash_is_removed_by_its_name() {
    let note = r#"metadata.annotations["example.com/note"]"#;
    let live = theirs(
        |live| live["metadata"]["annotations"]["example.com/note"] = "theirs".into(),
        &json!({"f:metadata": {"f:annotations": {"f:example.com/note": {}}}}),
    );
    assert_sent(&policies(Yield, &[note]), &live, |it| without(&mut it["metadata"], "annotations"));
}

#[test]
fn a_value_that_the_server_does_not_keep_cannot_be_shared() {
    let live = theirs(|live| without(db(live), "image"), &container(&json!({"f:image": {}})));
    assert_sent(&policies(Share, &[&format!("{DB}.image")]), &live, |it| without(db(it), "image"));
}

#[test]
fn of_several_policies_in_a_whole_the_most_yielding_decides() {
    let owned = [("spec.args[0]", Take), ("spec.args[1]", Yield), ("spec.argsX", Share)];
    let owned = owned.map(|(path, policy)| OwnedField {
        kind: "StatefulSet".to_owned(),
        name: "db".to_owned(),
        path: path.parse().expect("a path"),
        policy,
        once: false,
    });
    let mut all = by_object(&owned);
    let policies = all.remove(&("StatefulSet", "db")).expect("it has policies");
    let at = |path: &str| policies.at(&path.parse().expect("a path"));
    assert_eq!(at("spec.args"), Some(Yield));
    assert_eq!(at("spec.args[0]"), Some(Take));
    assert_eq!(at("spec.argsX"), Some(Share));
    assert_eq!(at("spec.arg"), None);
}

#[test]
fn an_item_that_stands_twice_is_owned_whole_and_left_whole() {
    let double = |object: &mut Value| {
        let env = db(object)["env"].as_array_mut().expect("a list");
        env.push(json!({"name": "A", "value": "9"}));
    };
    // The server keeps no fields of items that it cannot tell apart.
    let live = theirs(double, &container(&json!({"f:env": {"k:{\"name\":\"A\"}": {}}})));
    for policy in [Yield, Share] {
        let policies =
            policies(policy, &[&format!("{DB}.env.A.value"), &format!("{DB}.env.A.name")]);
        assert_sent(&policies, &live, |ours| {
            db(ours)["env"] = json!([{"name": "B", "value": "2"}]);
        });
        let found = sent(&policies, &live).1;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path.to_string(), format!("{DB}.env.A"));
    }
    let taking = policies(Take, &[&format!("{DB}.env.A.value"), &format!("{DB}.env.A.name")]);
    assert_sent(&taking, &live, |_| {});
}
