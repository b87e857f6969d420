//! A plan says what an apply then does, and writes nothing.

use k8s_openapi::api::apps::v1::StatefulSet;
use serde_json::json;
use wellhead_cluster::{Action, Effect, Plan, PlanOptions, PlannedAction, PlannedObject, Silent};

use crate::support::{Env, Workload};

/// Plans, and checks that not even the record of managers moved.
async fn plan(env: &Env, workload: &Workload) -> Plan {
    let before = env.versions().await;
    let sets = [workload.render(&env.namespace)];
    let plan = env.cluster.plan(&sets, &PlanOptions::default(), &Silent).await;
    assert_eq!(env.versions().await, before, "a plan writes nothing");
    plan.expect("the cluster can be asked")
}

fn object<'p>(plan: &'p Plan, name: &str) -> &'p PlannedObject {
    let mut objects = plan.pipelines.iter().flat_map(|it| &it.objects);
    objects.find(|it| it.object.to_string() == name).expect("the plan has it")
}

/// Path, old and new value of every change.
fn changes(object: &PlannedObject) -> Vec<String> {
    let shown = |value: &Option<serde_json::Value>| {
        value.as_ref().map_or("-".to_owned(), ToString::to_string)
    };
    let line = |it: &wellhead_cluster::FieldChange| {
        format!("{}: {} -> {}", it.path, shown(&it.from), shown(&it.to))
    };
    object.changes().iter().map(line).collect()
}

fn impacts(object: &PlannedObject) -> Vec<String> {
    let impact = |effect: &Effect| {
        let effect = serde_json::to_value(effect).expect("it is JSON");
        effect["impact"].as_str().expect("a text").to_owned()
    };
    object.effects.iter().map(impact).collect()
}

fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.problems.iter().map(|problem| problem.code.id()).collect()
}

/// Every object of a ready workload keeps its resourceVersion, so that any write shows.
async fn settled(env: &Env, workload: &Workload) {
    env.apply(workload).await.expect("it becomes ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_plan_creates_everything_and_an_apply_agrees() {
    let env = Env::new("plan-new").await;
    let workload = Workload::new("db", 2);
    let planned = plan(&env, &workload).await;
    assert_eq!(planned.count(PlannedAction::Create), 4);
    assert_eq!(codes(&planned), [""; 0]);
    assert_eq!(impacts(object(&planned, "statefulset/db")), ["create", "starts-pods"]);
    let claim = object(&planned, "claim/data-db-0");
    assert_eq!(claim.after.unpack()["spec"]["resources"]["requests"]["storage"], "1Gi");
    let report = env.apply(&workload).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Created), 4);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_wanted_is_no_change() {
    let env = Env::new("plan-noop").await;
    let workload = Workload::new("db", 2);
    settled(&env, &workload).await;
    let planned = plan(&env, &workload).await;
    assert!(planned.is_empty(), "{planned:?}");
    assert_eq!(planned.count(PlannedAction::Unchanged), 4);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_image_restarts_the_pods_and_nothing_else() {
    let env = Env::new("plan-image").await;
    let workload = Workload::new("db", 3);
    settled(&env, &workload).await;
    let changed = workload.with(|it| it.image = "nginx:1.15".to_owned());
    let planned = plan(&env, &changed).await;
    assert_eq!(planned.count(PlannedAction::Update), 1);
    let stateful_set = object(&planned, "statefulset/db");
    let field = "spec.template.spec.containers.nginx.image";
    assert_eq!(changes(stateful_set), [format!("{field}: \"nginx:1.14.2\" -> \"nginx:1.15\"")]);
    let pods = ["db-2", "db-1", "db-0"].map(str::to_owned).to_vec();
    let restarts = Effect::RestartsPods { pods, at_once: "1".to_owned(), kept: Vec::new() };
    assert_eq!(stateful_set.effects, [restarts]);
    let report = env.apply(&changed).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Updated), 1);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_start_and_stop_pods() {
    let env = Env::new("plan-scale").await;
    let workload = Workload::new("db", 2);
    settled(&env, &workload).await;
    let planned = plan(&env, &workload.with(|it| it.replicas = 3)).await;
    assert_eq!(planned.count(PlannedAction::Create), 1);
    let stateful_set = object(&planned, "statefulset/db");
    assert_eq!(stateful_set.effects, [Effect::StartsPods { pods: vec!["db-2".to_owned()] }]);
    let planned = plan(&env, &workload.with(|it| it.replicas = 1)).await;
    let stateful_set = object(&planned, "statefulset/db");
    let claims = vec!["data-db-1".to_owned()];
    let stops = Effect::StopsPods { pods: vec!["db-1".to_owned()], claims };
    assert_eq!(stateful_set.effects, [stops]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_grow_and_are_refused_to_shrink() {
    let env = Env::new("plan-size").await;
    let workload = Workload::new("db", 1).with(|it| it.size = "2Gi".to_owned());
    settled(&env, &workload).await;
    let planned = plan(&env, &workload.with(|it| it.size = "3Gi".to_owned())).await;
    let claim = object(&planned, "claim/data-db-0");
    assert_eq!(claim.action, PlannedAction::Update);
    assert_eq!(impacts(claim), ["grows-volume"]);
    assert_eq!(changes(claim), ["spec.resources.requests.storage: \"2Gi\" -> \"3Gi\""]);
    let planned = plan(&env, &workload.with(|it| it.size = "1Gi".to_owned())).await;
    assert_eq!(codes(&planned), ["WH0203"]);
    let claim = object(&planned, "claim/data-db-0");
    assert_eq!(
        (claim.action, impacts(claim)),
        (PlannedAction::Refused, vec!["data-at-risk".to_owned()])
    );
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn immutable_fields_recreate_and_what_else_would_change_is_told_too() {
    let env = Env::new("plan-fixed").await;
    let workload = Workload::new("db", 1);
    settled(&env, &workload).await;
    let changed = workload.with(|it| {
        it.image = "nginx:1.15".to_owned();
        it.spec = json!({"podManagementPolicy": "Parallel"});
    });
    let planned = plan(&env, &changed).await;
    assert_eq!(codes(&planned), ["WH0201"]);
    let stateful_set = object(&planned, "statefulset/db");
    assert_eq!(stateful_set.action, PlannedAction::Refused);
    assert_eq!(impacts(stateful_set), ["restarts-pods", "recreates"]);
    let policy = "spec.podManagementPolicy: \"OrderedReady\" -> \"Parallel\"";
    assert!(changes(stateful_set).contains(&policy.to_owned()), "{:?}", changes(stateful_set));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_the_manager_and_shows_what_would_be() {
    let env = Env::new("plan-owner").await;
    let workload = Workload::new("db", 2);
    settled(&env, &workload).await;
    let replicas = json!({"spec": {"replicas": 1}});
    env.set_as::<StatefulSet>("hpa-bot", "db", replicas).await;
    let planned = plan(&env, &workload).await;
    assert_eq!(codes(&planned), ["WH0401"]);
    let stateful_set = object(&planned, "statefulset/db");
    assert_eq!(stateful_set.action, PlannedAction::Refused);
    assert_eq!(changes(stateful_set), ["spec.replicas: 1 -> 2"]);
    let change = &stateful_set.changes()[0];
    assert!(!change.ours && change.owners[0].manager == "hpa-bot", "{change:?}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_the_pipeline_gives_up_is_removed() {
    let env = Env::new("plan-drop").await;
    let workload = Workload::new("db", 1);
    let more = workload.with(|it| {
        it.spec = json!({"template": {"metadata": {"annotations": {"note": "x"}}}});
    });
    settled(&env, &more).await;
    let planned = plan(&env, &workload).await;
    let stateful_set = object(&planned, "statefulset/db");
    assert_eq!(changes(stateful_set), ["spec.template.metadata.annotations.note: \"x\" -> -"]);
    assert_eq!(impacts(stateful_set), ["restarts-pods"]);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_namespace_is_told_once_as_by_an_apply() {
    let env = Env::new("plan-nowhere").await;
    let sets = [Workload::new("db", 2).render("does-not-exist-here")];
    let planned = env.cluster.plan(&sets, &PlanOptions::default(), &Silent).await;
    assert_eq!(codes(&planned.expect("the cluster can be asked")), ["WH0409"]);
    env.finish().await;
}
