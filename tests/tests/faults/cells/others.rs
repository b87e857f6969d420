//! Other people, other programs and the cluster's own rules.

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolumeClaim, ResourceQuota, ServiceAccount,
};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use wellhead_harness::{Fault, Proxy, Request, SharedControlPlane};

use super::tenant::{Place, await_right, bind, tenant};
use super::{APPLY, ready, settled};
use crate::bed::{Case, await_some, block_on, typed, writes};
use crate::operation::Operation::{Install, Upgrade};
use crate::oracle::{assert_right, settle_counting};
use crate::spec::Spec;

fn is_stateful_set(request: &Request) -> bool {
    request.writes("statefulsets")
}

/// Sets the replicas as `kubectl scale` does.
fn scale(case: &Case, replicas: u32) {
    let params =
        PatchParams { field_manager: Some("kubectl".to_owned()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
    let sets = case.api::<StatefulSet>();
    block_on(sets.patch_scale("db", &params, &patch)).expect("it scales");
}

#[test]
fn cell_17_a_field_of_another_manager_is_told_and_not_taken() {
    let (case, before) = ready("cell-17", Upgrade);
    scale(&case, 2);
    let said = ["WH0401", "\"kubectl\" owns spec.replicas of statefulset/db"];
    case.run(APPLY).ends_with(4).says(&said);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    // The other one agrees again.
    scale(&case, 3);
    settled(case, Upgrade, &before);
}

#[test]
fn cell_18_a_writer_that_interferes_all_the_time_is_no_failure() {
    let (case, before) = ready("cell-18", Upgrade);
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let sets = case.api::<StatefulSet>();
            for number in 0.. {
                let note = json!({"metadata": {"annotations": {"n": number.to_string()}}});
                let patch = Patch::Merge(note);
                block_on(sets.patch("db", &PatchParams::default(), &patch)).expect("it is written");
                if over.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
            }
        });
        let ran = case.run(APPLY);
        over.store(true, std::sync::atomic::Ordering::SeqCst);
        ran.ends_with(0);
    });
    settled(case, Upgrade, &before);
}

/// Deletes the StatefulSet as a person would; returns when it is gone.
fn delete_stateful_set(sets: &Api<StatefulSet>) {
    block_on(sets.delete("db", &DeleteParams::background())).expect("it goes");
    await_some("the StatefulSet is gone", || {
        block_on(sets.get_opt("db")).expect("an answer").is_none().then_some(())
    });
}

#[test]
fn cell_19_an_object_that_was_deleted_meanwhile_is_not_recreated_unasked() {
    let (case, before) = ready("cell-19", Upgrade);
    let sets = case.api::<StatefulSet>();
    let delete = {
        let sets = sets.clone();
        move || delete_stateful_set(&sets)
    };
    case.proxy.once(is_stateful_set, Fault::Before(Box::new(delete)));
    let said = ["WH0405", "statefulset/db was deleted while it was being updated"];
    case.run(APPLY).ends_with(1).says(&said);
    assert!(block_on(sets.get_opt("db")).expect("an answer").is_none());
    let mut expected = Upgrade.reference().counts.clone();
    expected.insert("statefulsets/db".to_owned(), (1, 0));
    assert_right(&settle_counting(&case, Upgrade, &before, &expected));
    case.finish();
}

#[test]
fn cell_20_an_object_that_was_replaced_by_a_strangers_is_refused() {
    let (case, before) = ready("cell-20", Upgrade);
    let sets = case.api::<StatefulSet>();
    let replace = {
        let sets = sets.clone();
        move || {
            delete_stateful_set(&sets);
            let labels = json!({"app": "theirs"});
            let stranger: StatefulSet = typed(json!({
                "metadata": {"name": "db"},
                "spec": {
                    "replicas": 0, "serviceName": "theirs", "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [{"name": "theirs", "image": "theirs:1"}]}}}}));
            block_on(sets.create(&PostParams::default(), &stranger)).expect("it is created");
        }
    };
    case.proxy.once(is_stateful_set, Fault::Before(Box::new(replace)));
    let said = ["WH0405", "was replaced by another object of the same name"];
    case.run(APPLY).ends_with(1).says(&said);
    let theirs = block_on(sets.get("db")).expect("it is there").metadata;
    let record = case.proxy.record().len();
    case.run(APPLY).ends_with(4).says(&["statefulset/db"]);
    assert_eq!(writes(&case.proxy.record()[record..]), [""; 0]);
    let now = block_on(sets.get("db")).expect("it is there").metadata;
    assert_eq!((now.uid, now.resource_version), (theirs.uid, theirs.resource_version));
    delete_stateful_set(&sets);
    let mut expected = Upgrade.reference().counts.clone();
    expected.insert("statefulsets/db".to_owned(), (1, 0));
    assert_right(&settle_counting(&case, Upgrade, &before, &expected));
    case.finish();
}

/// A rule of the cluster that holds in one namespace.
struct Policy {
    name: String,
    client: kube::Client,
}

impl Policy {
    /// Denies what makes the expression false.
    fn deny(place: &Place, group: &str, resource: &str, expression: &str) -> Self {
        let policy = Self { name: place.namespace.clone(), client: place.client.clone() };
        let rule = json!({
            "apiGroups": [group], "apiVersions": ["v1"], "resources": [resource],
            "operations": ["CREATE", "UPDATE"]});
        let body: ValidatingAdmissionPolicy = typed(json!({
            "metadata": {"name": policy.name},
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {"resourceRules": [rule]},
                "validations": [{"expression": expression, "message": "the house rule"}]}}));
        let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": place.namespace}});
        let binding: ValidatingAdmissionPolicyBinding = typed(json!({
            "metadata": {"name": policy.name},
            "spec": {
                "policyName": policy.name, "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": selector}}}));
        let params = PostParams::default();
        let policies: Api<ValidatingAdmissionPolicy> = Api::all(policy.client.clone());
        let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(policy.client.clone());
        block_on(policies.create(&params, &body)).expect("a policy");
        block_on(bindings.create(&params, &binding)).expect("a binding");
        policy
    }

    fn lift(self) {
        let params = DeleteParams::default();
        let policies: Api<ValidatingAdmissionPolicy> = Api::all(self.client.clone());
        let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(self.client.clone());
        block_on(bindings.delete(&self.name, &params)).expect("it goes");
        block_on(policies.delete(&self.name, &params)).expect("it goes");
    }
}

/// Waits until the server, asked for a dry run, denies an object or not.
fn await_denial<T>(api: &Api<T>, body: Value, denied: bool)
where
    T: kube::Resource + Clone + serde::Serialize + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let body: T = typed(body);
    let params = PostParams { dry_run: true, ..PostParams::default() };
    await_some("the rule is known", || {
        let result = block_on(api.create(&params, &body));
        let says_no = result.is_err_and(|error| error.to_string().contains("the house rule"));
        (says_no == denied).then_some(())
    });
}

fn claim(name: &str) -> Value {
    let resources = json!({"requests": {"storage": "1Gi"}});
    json!({
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources}})
}

#[test]
fn cell_21_a_rule_against_one_object_is_found_before_the_first_write() {
    let (case, before) = ready("cell-21", Install);
    let expression = "object.metadata.name != 'data-db-1'";
    let policy = Policy::deny(&Place::of(&case), "", "persistentvolumeclaims", expression);
    let claims = case.api::<PersistentVolumeClaim>();
    await_denial(&claims, claim("data-db-1"), true);
    case.run(APPLY).ends_with(4).says(&["WH0407", "claim/data-db-1", "the house rule"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    assert_eq!(case.state().trace(), before.trace());
    policy.lift();
    await_denial(&claims, claim("data-db-1"), false);
    settled(case, Install, &before);
}

#[test]
fn cell_22_a_rule_that_comes_after_the_dry_run_stops_what_can_be_resumed() {
    let (case, before) = ready("cell-22", Install);
    let labels = json!({"app": "probe"});
    let probe = json!({
        "metadata": {"name": "probe"},
        "spec": {
            "serviceName": "probe", "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "probe", "image": "probe:1"}]}}}});
    let (send, policies) = std::sync::mpsc::channel();
    let place = Place::of(&case);
    let flip = {
        let probe = probe.clone();
        move || {
            let policy = Policy::deny(&place, "apps", "statefulsets", "false");
            await_denial(&place.api::<StatefulSet>(), probe, true);
            send.send(policy).expect("the test waits for it");
        }
    };
    case.proxy.once(is_stateful_set, Fault::Before(Box::new(flip)));
    case.run(APPLY).ends_with(1).says(&["WH0407", "statefulset/db", "the house rule"]);
    policies.recv().expect("the rule came").lift();
    await_denial(&case.api::<StatefulSet>(), probe, false);
    settled(case, Install, &before);
}

#[test]
fn cell_23_a_quota_without_room_for_all_is_found_before_the_first_write() {
    let (case, before) = ready("cell-23", Install);
    let quotas = case.api::<ResourceQuota>();
    // The server asks a quota about one object at a time: each of three claims would fit.
    let quota: ResourceQuota = typed(json!({
        "metadata": {"name": "two"}, "spec": {"hard": {"persistentvolumeclaims": "2"}}}));
    block_on(quotas.create(&PostParams::default(), &quota)).expect("a quota");
    await_some("the quota counts", || {
        let found = block_on(quotas.get("two")).expect("it is there");
        found.status?.used
    });
    case.run(APPLY).ends_with(4).says(&["WH0425", "quota two has no room"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    block_on(quotas.delete("two", &DeleteParams::default())).expect("it goes");
    await_some("the quota is forgotten", || {
        let body: PersistentVolumeClaim = typed(claim("probe"));
        let params = PostParams { dry_run: true, ..PostParams::default() };
        block_on(case.api::<PersistentVolumeClaim>().create(&params, &body)).ok()
    });
    settled(case, Install, &before);
}

#[test]
fn cell_23_a_namespace_that_goes_gets_nothing() {
    let (case, _) = ready("cell-23", Install);
    let namespaces: Api<Namespace> = Api::all(case.client.clone());
    let held: ConfigMap =
        typed(json!({"metadata": {"name": "held", "finalizers": ["example.com/hold"]}}));
    block_on(case.api().create(&PostParams::default(), &held)).expect("a config map");
    block_on(namespaces.delete(&case.namespace, &DeleteParams::background())).expect("it goes");
    case.run(APPLY).ends_with(4).says(&["WH0409", "is being deleted"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    let free = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    let maps = case.api::<ConfigMap>();
    block_on(maps.patch("held", &PatchParams::default(), &free)).expect("it is written");
    await_some("the namespace is gone", || {
        block_on(namespaces.get_opt(&case.namespace)).expect("an answer").is_none().then_some(())
    });
    case.run(APPLY).ends_with(4).says(&["WH0409", "does not exist"]);
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    case.create_namespace();
    case.create_stranger();
    await_some("pods have their account", || {
        block_on(case.api::<ServiceAccount>().get_opt("default")).expect("an answer")
    });
    let before = case.state();
    settled(case, Install, &before);
}

#[test]
fn cell_24_a_field_that_cannot_change_is_refused_in_the_plan_with_the_way_out() {
    let (case, before) = ready("cell-24", Upgrade);
    let first = Spec::first();
    let other = first.text().replace(r#""selector":{"app":"db"}"#, r#""selector":{"app":"other"}"#);
    let changes = [
        (first.with(|it| it.service = "others").text(), "spec.serviceName"),
        (first.with(|it| it.management = "Parallel").text(), "spec.podManagementPolicy"),
        (other, "spec.selector"),
        // Of what exists; the class of claims that are new may be another.
        (first.with(|it| it.class = Some("fast".to_owned())).text(), "spec.storageClassName"),
    ];
    for (text, field) in changes {
        std::fs::write(case.folder.path().join("db.yaml"), text).expect("it can be written");
        for command in ["plan", "apply"] {
            case.run(&[command, "-f", "db.yaml"]).ends_with(4).says(&[field, "help:"]);
        }
    }
    assert_eq!(writes(&case.proxy.take_record()), [""; 0]);
    assert_eq!(case.state().trace(), before.trace());
    case.write(&Spec::second());
    settled(case, Upgrade, &before);
}

#[test]
fn cell_25_a_right_that_is_lost_midway_stops_what_can_be_resumed() {
    let (mut case, before) = ready("cell-25", Install);
    let kubeconfig = tenant(&case, SharedControlPlane::get());
    case.proxy = Proxy::start_as(SharedControlPlane::get(), &kubeconfig).expect("a proxy starts");
    let place = Place::of(&case);
    let lose = {
        let place = place.clone();
        move || {
            let bindings = place.api::<RoleBinding>();
            block_on(bindings.delete("tenant", &DeleteParams::default())).expect("it goes");
            await_right(&place, false);
        }
    };
    case.proxy.once(is_stateful_set, Fault::Before(Box::new(lose)));
    case.run(APPLY).ends_with(1).says(&["WH0408", "statefulset/db"]);
    assert!(case.state().of("statefulsets").next().is_none());
    bind(&place);
    settled(case, Install, &before);
}
