//! A table of old and new, and what the difference means.

use serde_json::{Value, json};

use super::{Effect, effects};
use crate::check::preflight::fixture::step;
use crate::decide::immutable::{Templates, keep_templates};
use crate::decide::plan::{Checked, Decision, Step};
use crate::model::object::{Kind, ObjectRef};
use crate::verbs::plan::changes::between;

fn stateful_set(spec: &Value) -> Value {
    let mut object = json!({
        "metadata": {"name": "db"},
        "spec": {"replicas": 3, "template": {"image": "a:1"},
                 "volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
        "status": {"currentRevision": "one", "updateRevision": "one"}});
    merge(&mut object["spec"], spec);
    object
}

fn merge(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (key, value) in change {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, change) => *target = change.clone(),
    }
}

fn means(kind: Kind, old: Option<Value>, new: &Value) -> Value {
    let spec = |object: &Value| json!({"spec": object["spec"]});
    let before = old.as_ref().map(spec).unwrap_or_default();
    let changes = between(&before, &spec(new), old.as_ref());
    let step = Step {
        live: old,
        decision: Decision::Update,
        stage: Checked { stored: Some(new.clone()), ..Checked::default() },
        ..step(kind, "db", new)
    };
    serde_json::to_value(effects(&step, &changes)).unwrap()
}

/// From a StatefulSet with the first spec to one with the second, over what every one of these tests has.
fn change(old: &Value, new: &Value) -> Value {
    means(Kind::StatefulSet, Some(stateful_set(old)), &stateful_set(new))
}

#[test]
fn an_added_claim_template_replaces_pods_from_the_lowest_ordinal_up() {
    let live = stateful_set(&json!({}));
    let templates = json!([{"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]);
    let new =
        stateful_set(&json!({"volumeClaimTemplates": templates, "template": {"image": "a:2"}}));
    let spec = |object: &Value| json!({"spec": object["spec"]});
    let changes = between(&spec(&live), &spec(&new), Some(&live));
    let object = ObjectRef::new(Kind::StatefulSet, "ns", "db");
    let mut body = new.clone();
    let Templates::Fixed(fixed) = keep_templates(&object, &mut body, &live, true) else {
        panic!("one is added");
    };
    let step = Step {
        live: Some(live),
        decision: Decision::Recreate,
        fixed: vec![fixed],
        stage: Checked { stored: Some(new), ..Checked::default() },
        ..step(Kind::StatefulSet, "db", &body)
    };
    assert_eq!(
        serde_json::to_value(effects(&step, &changes)).unwrap(),
        json!([
            {"impact": "replaces-pods", "pods": ["db-0", "db-1", "db-2"], "templates": ["logs"]},
            {"impact": "recreates", "fields": ["spec.volumeClaimTemplates"]}])
    );
}

#[test]
fn a_new_stateful_set_starts_its_pods_in_order() {
    let starts =
        json!([{"impact": "create"}, {"impact": "starts-pods", "pods": ["db-0", "db-1", "db-2"]}]);
    assert_eq!(means(Kind::StatefulSet, None, &stateful_set(&json!({}))), starts);
    let none = stateful_set(&json!({"replicas": 0}));
    assert_eq!(means(Kind::StatefulSet, None, &none), json!([{"impact": "create"}]));
}

#[test]
fn a_new_template_restarts_pods_from_the_highest_ordinal_down() {
    assert_eq!(
        change(&json!({}), &json!({"template": {"image": "a:2"}})),
        json!([{"impact": "restarts-pods", "pods": ["db-2", "db-1", "db-0"], "atOnce": "1"}])
    );
}

#[test]
fn a_partition_keeps_the_pods_below_it() {
    let strategy =
        json!({"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}});
    let mut new = strategy.clone();
    new["template"] = json!({"image": "a:2"});
    assert_eq!(
        change(&strategy, &new),
        json!([{"impact": "restarts-pods", "pods": ["db-2"], "atOnce": "1", "kept": ["db-0", "db-1"]}])
    );
    // The partition counts from the first ordinal.
    let mut shifted = [strategy, new];
    for it in &mut shifted {
        it["ordinals"] = json!({"start": 5});
    }
    assert_eq!(change(&shifted[0], &shifted[1])[0]["pods"], json!(["db-7"]));
}

#[test]
fn a_lower_partition_restarts_the_pods_that_an_earlier_change_left_out() {
    let partition =
        |number: u8| json!({"updateStrategy": {"rollingUpdate": {"partition": number}}});
    let mut old = stateful_set(&partition(2));
    assert_eq!(
        means(Kind::StatefulSet, Some(old.clone()), &stateful_set(&partition(1))),
        json!([{"impact": "in-place"}])
    );
    old["status"]["updateRevision"] = "two".into();
    assert_eq!(
        means(Kind::StatefulSet, Some(old), &stateful_set(&partition(1))),
        json!([{"impact": "in-place"}, {"impact": "restarts-pods", "pods": ["db-1"], "atOnce": "1"}])
    );
}

#[test]
fn on_delete_restarts_nothing_until_somebody_deletes_the_pods() {
    let old = json!({"updateStrategy": {"type": "OnDelete"}});
    let new = json!({"updateStrategy": {"type": "OnDelete"}, "template": {"image": "a:2"}});
    let pods = json!(["db-0", "db-1", "db-2"]);
    assert_eq!(change(&old, &new), json!([{"impact": "restarts-on-delete", "pods": pods}]));
}

#[test]
fn several_pods_at_once_are_told() {
    let new = json!({"template": {"image": "a:2"},
                     "updateStrategy": {"rollingUpdate": {"maxUnavailable": "50%"}}});
    assert_eq!(change(&json!({}), &new)[1]["atOnce"], "50%");
}

#[test]
fn more_replicas_start_pods_and_leave_the_others_alone() {
    assert_eq!(
        change(&json!({}), &json!({"replicas": 5})),
        json!([{"impact": "starts-pods", "pods": ["db-3", "db-4"]}])
    );
}

#[test]
fn fewer_replicas_stop_the_highest_first_and_keep_their_claims() {
    assert_eq!(
        change(&json!({}), &json!({"replicas": 1})),
        json!([{"impact": "stops-pods", "pods": ["db-2", "db-1"], "claims": ["data-db-2", "data-db-1"]}])
    );
}

#[test]
fn fewer_replicas_with_when_scaled_delete_put_data_at_risk() {
    let policy = json!({"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}});
    let mut new = policy.clone();
    new["replicas"] = 2.into();
    let effects = change(&policy, &new);
    assert_eq!(effects[0], json!({"impact": "stops-pods", "pods": ["db-2"], "claims": []}));
    assert_eq!(effects[1]["impact"], "data-at-risk");
    assert_eq!(effects[1]["claims"], json!(["data-db-2"]));
}

#[test]
fn a_policy_that_deletes_claims_later_is_told_when_it_comes() {
    let policy = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}});
    let effects = change(&json!({}), &policy);
    assert_eq!(effects[1]["why"], "from now on deleting the StatefulSet deletes its claims");
    assert_eq!(change(&policy, &policy), json!([{"impact": "ownership"}]));
}

#[test]
fn another_first_ordinal_moves_the_pods() {
    let effects = change(&json!({}), &json!({"ordinals": {"start": 1}}));
    assert_eq!(effects[0], json!({"impact": "starts-pods", "pods": ["db-3"]}));
    assert_eq!(effects[1]["pods"], json!(["db-0"]));
}

#[test]
fn what_touches_no_pod_is_in_place() {
    let in_place = json!([{"impact": "in-place"}]);
    for new in [json!({"minReadySeconds": 5}), json!({"revisionHistoryLimit": 2})] {
        assert_eq!(change(&json!({}), &new), in_place, "{new}");
    }
    let service = |port: u16| json!({"spec": {"ports": [{"port": port}]}});
    assert_eq!(means(Kind::Service, Some(service(80)), &service(81)), in_place);
}

#[test]
fn claims_grow_and_do_not_shrink() {
    let claim = |size: &str| {
        json!({"spec": {"resources": {"requests": {"storage": size}}},
                                    "status": {"capacity": {"storage": "2Gi"}}})
    };
    let means = |to| means(Kind::PersistentVolumeClaim, Some(claim("2Gi")), &claim(to));
    assert_eq!(means("3Gi"), json!([{"impact": "grows-volume", "from": "2Gi", "to": "3Gi"}]));
    assert_eq!(means("1Gi")[0]["impact"], "data-at-risk");
    assert_eq!(means("2048Mi"), json!([{"impact": "in-place"}]));
}

#[test]
fn what_puts_data_at_risk_is_the_most_serious() {
    let risk = Effect::DataAtRisk { why: String::new(), claims: Vec::new() };
    assert!(risk > Effect::Recreates { fields: Vec::new() });
    assert!(Effect::StopsPods { pods: Vec::new(), claims: Vec::new() } > Effect::InPlace);
}
