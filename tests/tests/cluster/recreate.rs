//! A StatefulSet that cannot change is made anew while its pods keep running.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet};
use kube::ResourceExt as _;
use kube::api::ListParams;
use serde_json::{Value, json};
use wellhead_cluster::{
    Action, ApplyOptions, ApplyReport, ClusterError, Effect, Event, PlanOptions, PlannedAction,
    Silent,
};

use crate::faults::{At, block_on};
use crate::support::{Env, Recorder, Workload, object, patient};

/// May make StatefulSets anew, and waits.
pub(crate) fn recreating() -> ApplyOptions {
    ApplyOptions { recreate: true, ..patient() }
}

/// The uids of pods and claims, by name.
pub(crate) type Uids = BTreeMap<String, String>;

fn uids<T: kube::ResourceExt>(objects: impl IntoIterator<Item = T>) -> Uids {
    let uid = |it: T| (it.name_any(), it.uid().expect("it exists"));
    objects.into_iter().map(uid).collect()
}

impl Env {
    pub(crate) async fn pod_uids(&self) -> Uids {
        uids(self.pods().list(&ListParams::default()).await.expect("pods"))
    }

    pub(crate) async fn claim_uids(&self) -> Uids {
        uids(self.claims().list(&ListParams::default()).await.expect("claims"))
    }

    pub(crate) async fn set(&self) -> StatefulSet {
        self.stateful_sets().get("db").await.expect("it exists")
    }

    pub(crate) async fn recreate(&self, workload: &Workload) -> Result<ApplyReport, ClusterError> {
        self.apply_with(&[workload.render(&self.namespace)], &recreating(), &Silent).await
    }

    /// Everything that must be true once a StatefulSet was made anew and no pod had to restart.
    pub(crate) async fn kept(&self, before: &Before, workload: &Workload) {
        let set = self.set().await;
        assert_ne!(set.uid(), before.set, "it is another one");
        assert_eq!(self.pod_uids().await, before.pods, "no pod restarted");
        assert_eq!(self.claim_uids().await, before.claims, "every claim is the one that it was");
        for pod in self.pods().list(&ListParams::default()).await.expect("pods") {
            let owners: Vec<_> = pod.owner_references().iter().map(|it| it.uid.clone()).collect();
            assert_eq!(owners, [set.uid().expect("it exists")], "{} is adopted", pod.name_any());
        }
        self.nothing_left(workload).await;
    }

    /// One more apply, without any flag, writes nothing.
    pub(crate) async fn nothing_left(&self, workload: &Workload) {
        let versions = self.versions().await;
        let again = self.apply(workload).await.expect("it is ready");
        assert_eq!(again.count(Action::Unchanged), again.pipelines[0].objects.len());
        assert_eq!(self.versions().await, versions);
    }
}

/// What was there before.
pub(crate) struct Before {
    pub(crate) set: Option<String>,
    pub(crate) pods: Uids,
    pub(crate) claims: Uids,
}

impl Before {
    pub(crate) async fn of(env: &Env) -> Self {
        let set = env.set().await.uid();
        Self { set, pods: env.pod_uids().await, claims: env.claim_uids().await }
    }
}

/// A pipeline that runs.
pub(crate) async fn running(env: &Env, replicas: usize) -> (Workload, Before) {
    let workload = Workload::new("db", replicas);
    env.apply(&workload).await.expect("it becomes ready");
    let before = Before::of(env).await;
    assert_eq!(before.pods.len(), replicas);
    (workload, before)
}

pub(crate) fn other_service(workload: &Workload) -> Workload {
    workload.with(|one| {
        "other".clone_into(&mut one.service);
        "other".clone_into(&mut one.service_name);
    })
}

pub(crate) fn warnings(report: &ApplyReport) -> Vec<&str> {
    report.pipelines[0].warnings.iter().map(|one| one.code.id()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_service_name_keeps_pods_and_claims_and_tells_what_stays() {
    let env = Env::new("anew-service").await;
    let (workload, before) = running(&env, 2).await;
    let moved = other_service(&workload);
    let sets = [moved.render(&env.namespace)];

    let refused = env.apply(&moved).await.expect_err("nobody allowed it");
    assert!(matches!(refused, ClusterError::Refused(_)), "{refused:?}");
    assert_eq!(refused.problems()[0].code.id(), "WH0201");
    let hint = refused.problems()[0].ways_out().join("\n");
    assert!(hint.contains("--recreate"), "{hint}");

    let options = PlanOptions { recreate: true, ..PlanOptions::default() };
    let versions = env.versions().await;
    let plan = env.cluster.plan(&sets, &options, &Silent).await.expect("it can be planned");
    assert_eq!(env.versions().await, versions, "a plan writes nothing");
    assert_eq!(plan.problems, []);
    let planned = plan.pipelines[0].objects.last().expect("the StatefulSet");
    assert_eq!(planned.action, PlannedAction::Recreate);
    let fields = vec!["spec.serviceName".parse().expect("a path")];
    assert_eq!(planned.effects, [Effect::Recreates { fields }]);
    let changes: Vec<_> = planned.changes().iter().map(|it| it.path.to_string()).collect();
    assert_eq!(changes, ["spec.serviceName"]);

    let report = env.recreate(&moved).await.expect("it is made anew");
    assert_eq!((report.count(Action::Recreated), report.count(Action::Created)), (1, 1));
    assert_eq!(warnings(&report), ["WH0221"]);
    assert_eq!(env.set().await.spec.expect("a spec").service_name.as_deref(), Some("other"));
    env.services().get("db-peers").await.expect("the old Service stays");
    env.kept(&before, &moved).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pod_management_policy_keeps_pods_and_claims() {
    let env = Env::new("anew-policy").await;
    let (workload, before) = running(&env, 3).await;
    let parallel = workload.with(|one| one.spec = json!({"podManagementPolicy": "Parallel"}));
    let report = env.recreate(&parallel).await.expect("it is made anew");
    assert_eq!(report.count(Action::Recreated), 1);
    assert_eq!(warnings(&report), [""; 0]);
    let spec = env.set().await.spec.expect("a spec");
    assert_eq!(spec.pod_management_policy.as_deref(), Some("Parallel"));
    env.kept(&before, &parallel).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sizes_of_claim_templates_change_with_the_flag_and_are_kept_without() {
    let env = Env::new("anew-size").await;
    let (workload, before) = running(&env, 2).await;
    // Our own claims keep their size, so that nothing has to grow.
    let larger = |size: &str| {
        let claim =
            json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}});
        json!({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}]})
    };
    let templates = workload.with(|one| one.spec = larger("3Gi"));
    let report = env.apply(&templates).await.expect("it is no reason to refuse");
    assert_eq!(report.count(Action::Unchanged), 4);
    assert_eq!(warnings(&report), ["WH0201"]);
    let report = env.recreate(&templates).await.expect("it is made anew");
    assert_eq!(report.count(Action::Recreated), 1);
    let set = serde_json::to_value(env.set().await).expect("JSON");
    let size = "/spec/volumeClaimTemplates/0/spec/resources/requests/storage";
    assert_eq!(set.pointer(size), Some(&json!("3Gi")));
    env.kept(&before, &templates).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_selector_labels_the_pods_first_and_rolls_them_afterwards() {
    let env = Env::new("anew-selector").await;
    let (workload, before) = running(&env, 2).await;
    let labels = json!({"app": "db", "tier": "storage"});
    let selected = workload.with(|one| {
        one.spec = json!({"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}});
    });
    let options = PlanOptions { recreate: true, ..PlanOptions::default() };
    let sets = [selected.render(&env.namespace)];
    let plan = env.cluster.plan(&sets, &options, &Silent).await.expect("it can be planned");
    assert_eq!(plan.problems, []);
    let effects = &plan.pipelines[0].objects.last().expect("the StatefulSet").effects;
    let [Effect::RestartsPods { pods, .. }, Effect::Recreates { .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(pods[..], ["db-1", "db-0"]);

    // As it is adopted, before the rolling update comes: with the pods as they were.
    let adopted = AtomicUsize::new(0);
    let progress = At::new(
        |event| matches!(event, Event::Object(one) if one.action == Action::Recreated),
        || {
            adopted.store(
                block_on(env.pod_uids())
                    .iter()
                    .filter(|it| before.pods.get(it.0) == Some(it.1))
                    .count(),
                Ordering::SeqCst,
            );
        },
    );
    let report = env.apply_with(&sets, &recreating(), &progress).await.expect("it is made anew");
    assert_eq!(warnings(&report), [""; 0], "{report:?}");
    assert!(adopted.load(Ordering::SeqCst) >= 1, "the last pod at least waits for its turn");
    assert_eq!(env.claim_uids().await, before.claims);
    let pods = env.pods().list(&ListParams::default().labels("tier=storage")).await.expect("pods");
    assert_eq!(pods.items.len(), 2);
    let set = env.set().await.uid().expect("it exists");
    // Those of the controller; Wellhead's own history has no owner.
    let made = ListParams::default().labels("controller.kubernetes.io/hash");
    let revisions = env.api::<ControllerRevision>().list(&made).await;
    for revision in revisions.expect("revisions") {
        assert_eq!(revision.owner_references()[0].uid, set, "no revision is left behind");
    }
    env.nothing_left(&selected).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_with_another_value_of_a_label_finds_the_same_pods() {
    let env = Env::new("anew-value").await;
    let (workload, before) = running(&env, 2).await;
    let labels = json!({"app": "database"});
    let selected = workload.with(|one| {
        one.spec = json!({"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}});
    });
    env.recreate(&selected).await.expect("it is made anew");
    assert_eq!(env.claim_uids().await, before.claims);
    assert_eq!(env.pod_uids().await.len(), 2);
    env.nothing_left(&selected).await;
    env.finish().await;
}

/// With one more claim for each pod, as the renderer makes it.
fn with_logs(workload: &Workload, namespace: &str) -> wellhead_render::ResourceSet {
    let mut set = serde_json::to_value(workload.render(namespace)).expect("JSON");
    let claims = set["claims"].as_array().expect("claims").clone();
    let logs = claims.into_iter().map(|mut claim| {
        let name = claim["metadata"]["name"].as_str().expect("a name").replace("data-", "logs-");
        claim["metadata"]["name"] = name.into();
        claim
    });
    let logs: Vec<Value> = logs.collect();
    set["claims"].as_array_mut().expect("claims").extend(logs);
    let spec = &mut set["statefulSet"]["spec"];
    let mut template = spec["volumeClaimTemplates"][0].clone();
    template["metadata"]["name"] = "logs".into();
    spec["volumeClaimTemplates"].as_array_mut().expect("templates").push(template);
    let mounts = &mut spec["template"]["spec"]["containers"][0]["volumeMounts"];
    mounts.as_array_mut().expect("mounts").push(json!({"name": "logs", "mountPath": "/logs"}));
    object(set)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_claim_template_replaces_pods_from_the_lowest_up_and_is_refused_without_the_flag()
{
    let env = Env::new("anew-added").await;
    let (workload, before) = running(&env, 3).await;
    let sets = [with_logs(&workload, &env.namespace)];
    let versions = env.versions().await;
    let refused = env.apply_with(&sets, &patient(), &Silent).await.expect_err("nobody allowed it");
    assert!(matches!(refused, ClusterError::Refused(_)), "{refused:?}");
    assert!(refused.problems()[0].what.ends_with("cannot change: added: logs"), "{refused}");
    assert_eq!(env.versions().await, versions);

    let recorder = Recorder::default();
    let report = env.apply_with(&sets, &recreating(), &recorder).await.expect("it is made anew");
    assert_eq!((report.count(Action::Recreated), report.count(Action::Created)), (1, 3));
    let replaced = recorder.events().into_iter().filter_map(|event| match event {
        Event::Replacing { pod, claims, .. } => Some((pod, claims)),
        _ => None,
    });
    let expected =
        ["db-0", "db-1", "db-2"].map(|pod| (pod.to_owned(), vec![format!("data-{pod}")]));
    assert_eq!(replaced.collect::<Vec<_>>(), expected);
    for (name, uid) in &before.claims {
        assert_eq!(env.claim_uids().await.get(name), Some(uid));
    }
    for pod in env.pods().list(&ListParams::default()).await.expect("pods") {
        let pod = serde_json::to_value(pod).expect("JSON").to_string();
        assert!(pod.contains("\"claimName\":\"logs-db-"), "{pod}");
    }
    let again = env.apply_with(&sets, &patient(), &Silent).await.expect("it is ready");
    assert_eq!(again.count(Action::Unchanged), 8);

    // And back: no pod needs what goes, so they are rolled as by any other template.
    let back = env.recreate(&workload).await.expect("it is made anew");
    assert_eq!(back.count(Action::Recreated), 1);
    let told = &back.pipelines[0].warnings;
    let why = "claims that stay, with their data: logs-db-0, logs-db-1, logs-db-2";
    assert_eq!(told[0].why.as_deref(), Some(why));
    assert_eq!(env.claim_uids().await.len(), 6);
    env.nothing_left(&workload).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_set_is_carried_over_and_stays_theirs() {
    let env = Env::new("anew-others").await;
    let (workload, _) = running(&env, 2).await;
    // An autoscaler, and somebody who restarted all pods once.
    let note =
        json!({"spec": {"template": {"metadata": {"annotations": {"restartedAt": "today"}}}}});
    env.set_as::<StatefulSet>("kubectl-rollout", "db", note).await;
    env.apply(&workload).await.expect("it becomes ready");
    let before = Before::of(&env).await;
    let moved = other_service(&workload);
    let report = env.recreate(&moved).await.expect("it is made anew");
    assert_eq!(report.count(Action::Recreated), 1);
    let set = env.set().await;
    let template =
        set.spec.as_ref().expect("a spec").template.metadata.as_ref().expect("it has some");
    assert_eq!(template.annotations.as_ref().expect("it has some")["restartedAt"], "today");
    let owner =
        set.managed_fields().iter().find(|it| it.manager.as_deref() == Some("kubectl-rollout"));
    let owner = serde_json::to_string(owner.expect("it still owns a field")).expect("JSON");
    assert!(owner.contains("f:restartedAt"), "{owner}");
    let ours = set.managed_fields().iter().filter(|it| it.manager.as_deref() == Some("wellhead"));
    assert_eq!(ours.count(), 1, "{:?}", set.managed_fields());
    env.kept(&before, &moved).await;
    let newer = moved.with(|one| one.image = "nginx:1.15".to_owned());
    env.apply(&newer).await.expect("nobody else owns what is ours");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_under_our_own_name_is_no_conflict() {
    let env = Env::new("anew-own-name").await;
    let workload = Workload::new("db", 1);
    env.apply(&workload).await.expect("it becomes ready");
    // As a creation leaves it that nobody handed back.
    env.set_as::<StatefulSet>("wellhead", "db", json!({"spec": {"replicas": 0}})).await;
    let report = env.apply(&workload).await.expect("it is ours");
    assert_eq!(report.count(Action::Updated), 1);
    env.nothing_left(&workload).await;
    env.finish().await;
}
