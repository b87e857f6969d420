//! Fields that somebody else sets, too: conflicts, and the policies that decide them beforehand.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use wellhead_cluster::{Action, ApplyReport, ClusterError, Event, PlanOptions, Progress, Silent};
use wellhead_diagnostics::Code;
use wellhead_render::{OwnedField, ResourceSet};
use wellhead_spec::OwnershipPolicy::{self, Share, Take, Yield};

use crate::faults::{At, block_on};
use crate::support::{Env, Recorder, Workload, patient};

pub(crate) const REPLICAS: &str = "spec.replicas";
const IMAGE: &str = "spec.template.spec.containers.nginx.image";

/// The objects of a workload, with policies for fields of its StatefulSet.
pub(crate) fn set(
    env: &Env,
    workload: &Workload,
    policies: &[(&str, OwnershipPolicy)],
) -> ResourceSet {
    let owned = |(path, policy): &(&str, OwnershipPolicy)| OwnedField {
        kind: "StatefulSet".to_owned(),
        name: workload.name.clone(),
        path: path.parse().expect("a path"),
        policy: *policy,
        once: false,
    };
    let ownership = policies.iter().map(owned).collect();
    ResourceSet { ownership, ..workload.render(&env.namespace) }
}

async fn apply(env: &Env, set: &ResourceSet) -> Result<ApplyReport, ClusterError> {
    apply_watched(env, set, &Silent).await
}

async fn apply_watched(
    env: &Env,
    set: &ResourceSet,
    progress: &dyn Progress,
) -> Result<ApplyReport, ClusterError> {
    env.apply_with(std::slice::from_ref(set), &patient(), progress).await
}

/// Scales as an autoscaler does: through the subresource.
pub(crate) async fn scale(env: &Env, replicas: usize) {
    let params =
        PatchParams { field_manager: Some("autoscaler".to_owned()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
    env.stateful_sets().patch_scale("db", &params, &patch).await.expect("it scales");
}

pub(crate) async fn stateful_set(env: &Env) -> Value {
    let found = env.stateful_sets().get("db").await.expect("it exists");
    serde_json::to_value(found).expect("it is JSON")
}

/// Whether the field manager's record of an object has a field of `spec`.
pub(crate) fn owns(object: &Value, manager: &str, field: &str) -> bool {
    let entries = object["metadata"]["managedFields"].as_array().expect("the server keeps them");
    let mut own = entries.iter().filter(|it| it["manager"] == manager);
    own.any(|it| it["fieldsV1"]["f:spec"].get(format!("f:{field}")).is_some())
}

/// Applies three times more, and each time nothing is written.
async fn assert_settled(env: &Env, set: &ResourceSet) {
    let before = env.versions().await;
    for _ in 0..3 {
        let report = apply(env, set).await.expect("there is nothing to do");
        assert_eq!(report.count(Action::Updated) + report.count(Action::Created), 0);
        assert_eq!(env.versions().await, before);
    }
}

/// Replaces the image as `kubectl edit` would, and more if asked.
pub(crate) async fn edit(env: &Env, change: impl Fn(&mut Value)) {
    let params =
        PostParams { field_manager: Some("kubectl-edit".to_owned()), ..PostParams::default() };
    loop {
        let mut object = stateful_set(env).await;
        change(&mut object);
        let edited: StatefulSet = serde_json::from_value(object).expect("it is a StatefulSet");
        match env.stateful_sets().replace("db", &params, &edited).await {
            Ok(_) => return,
            // The controller wrote its status in between.
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            Err(error) => panic!("it may be edited: {error}"),
        }
    }
}

pub(crate) fn container(object: &mut Value) -> &mut Value {
    &mut object["spec"]["template"]["spec"]["containers"][0]
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_yielded_are_the_autoscalers() {
    let env = Env::new("yield").await;
    let workload = Workload::new("db", 2);
    let wanted = set(&env, &workload, &[(REPLICAS, Yield)]);
    let report = apply(&env, &wanted).await.expect("it becomes ready");
    assert_eq!(report.pipelines[0].readiness.expect("it was waited for").desired, 2);

    scale(&env, 3).await;
    let progress = Recorder::default();
    let report = apply_watched(&env, &wanted, &progress).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Unchanged), 4);
    let readiness = report.pipelines[0].readiness.expect("it was waited for");
    assert_eq!((readiness.desired, readiness.ready), (3, 3));
    assert_settled(&env, &wanted).await;
    let live = stateful_set(&env).await;
    assert!(!owns(&live, "wellhead", "replicas") && owns(&live, "autoscaler", "replicas"));
    let left = progress.events().into_iter().filter_map(|event| match event {
        Event::LeftToOthers { object, field } => Some(format!("{object} {}", field.path)),
        _ => None,
    });
    assert_eq!(left.collect::<Vec<_>>(), ["statefulset/db spec.replicas"]);

    // The controller made the claim of the replica that was added, and it stays the controller's.
    let added = env.claims().get("data-db-2").await.expect("the controller made it");
    let managers = added.metadata.managed_fields.unwrap_or_default();
    assert!(managers.iter().all(|it| it.manager.as_deref() != Some("wellhead")));

    // Another change leaves the replicas alone.
    let newer = workload.with(|one| one.image = "nginx:1.27".to_owned());
    let newer = set(&env, &newer, &[(REPLICAS, Yield)]);
    let report = apply(&env, &newer).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Updated), 1);
    assert_eq!(stateful_set(&env).await["spec"]["replicas"], 3);
    assert_settled(&env, &newer).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_replica_that_the_autoscaler_removed_is_not_made_anew() {
    let env = Env::new("scaled-in").await;
    let wanted = set(&env, &Workload::new("db", 2), &[(REPLICAS, Yield)]);
    apply(&env, &wanted).await.expect("it becomes ready");
    scale(&env, 1).await;
    apply(&env, &wanted).await.expect("it is ready with one replica");
    env.claims().delete("data-db-1", &DeleteParams::default()).await.expect("it goes");
    while env.claims().get_opt("data-db-1").await.expect("an answer").is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let report = apply(&env, &wanted).await.expect("it is ready");
    assert_eq!(report.count(Action::Created), 0);
    assert_eq!(report.pipelines[0].readiness.expect("it was waited for").claims, 1);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_shared_stay_when_the_other_owner_goes() {
    let env = Env::new("share").await;
    let wanted = set(&env, &Workload::new("db", 2), &[(REPLICAS, Share)]);
    apply(&env, &wanted).await.expect("it becomes ready");
    scale(&env, 3).await;
    let report = apply(&env, &wanted).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Updated), 1, "it becomes an owner beside the autoscaler");
    let live = stateful_set(&env).await;
    assert_eq!(live["spec"]["replicas"], 3);
    assert!(owns(&live, "wellhead", "replicas") && owns(&live, "autoscaler", "replicas"));
    assert_settled(&env, &wanted).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_taken_are_ours_again() {
    let env = Env::new("take").await;
    let workload = Workload::new("db", 2);
    apply(&env, &workload.render(&env.namespace)).await.expect("it becomes ready");
    scale(&env, 3).await;
    let error = apply(&env, &workload.render(&env.namespace)).await.expect_err("a conflict");
    assert_eq!(error.problems()[0].code, Code::FieldConflict);
    assert_eq!(error.problems()[0].path.as_ref().expect("a path").to_string(), REPLICAS);

    let wanted = set(&env, &workload, &[(REPLICAS, Take)]);
    let options = PlanOptions::default();
    let plan = env.cluster.plan(std::slice::from_ref(&wanted), &options, &Silent).await;
    let plan = plan.expect("an answer");
    assert_eq!(plan.problems, []);
    let changes = plan.pipelines[0].objects.last().expect("the StatefulSet").changes();
    let change = &changes[0];
    assert_eq!((change.policy, change.owners[0].manager.as_str()), (Some(Take), "autoscaler"));
    assert_eq!((&change.from, &change.to), (&Some(json!(3)), &Some(json!(2))));

    let report = apply(&env, &wanted).await.expect("it becomes ready");
    assert_eq!(report.count(Action::Updated), 1);
    let live = stateful_set(&env).await;
    assert_eq!(live["spec"]["replicas"], 2);
    assert!(owns(&live, "wellhead", "replicas") && !owns(&live, "autoscaler", "replicas"));
    assert_settled(&env, &wanted).await;
    // Nothing is left of the conflict for those who take nothing.
    assert_settled(&env, &workload.render(&env.namespace)).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_not_taken_while_another_one_conflicts() {
    let env = Env::new("half-taken").await;
    let workload = Workload::new("db", 1);
    apply(&env, &workload.render(&env.namespace)).await.expect("it becomes ready");
    edit(&env, |object| {
        object["spec"]["replicas"] = 0.into();
        container(object)["image"] = "nginx:mine".into();
    })
    .await;
    let before = env.versions().await;
    let wanted = set(&env, &workload, &[(REPLICAS, Take)]);
    let error = apply(&env, &wanted).await.expect_err("the image is not ours to take");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    let paths = error.problems().iter().map(|it| it.path.as_ref().expect("a path").to_string());
    assert_eq!(paths.collect::<Vec<_>>(), [IMAGE]);
    assert_eq!(env.versions().await, before);

    let both = set(&env, &workload, &[(REPLICAS, Take), (IMAGE, Take)]);
    apply(&env, &both).await.expect("it becomes ready");
    let mut live = stateful_set(&env).await;
    assert_eq!(live["spec"]["replicas"], 1);
    assert_eq!(container(&mut live)["image"], "nginx:1.14.2");
    assert_settled(&env, &both).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_after_the_check_is_not_taken_with_the_rest() {
    let env = Env::new("raced").await;
    let workload = Workload::new("db", 0);
    let wanted = set(&env, &workload, &[(REPLICAS, Take)]);
    apply(&env, &wanted).await.expect("it is ready");
    edit(&env, |object| object["spec"]["replicas"] = 1.into()).await;
    let progress = At::new(
        |event| matches!(event, Event::Checked { .. }),
        || block_on(edit(&env, |object| container(object)["image"] = "nginx:mine".into())),
    );
    let error = apply_watched(&env, &wanted, &progress).await;
    let Err(ClusterError::Interrupted { problems, report }) = error else { panic!("{error:?}") };
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].path.as_ref().expect("a path").to_string(), IMAGE);
    assert_eq!(report.count(Action::Updated), 0);
    let mut live = stateful_set(&env).await;
    assert_eq!(
        (&live["spec"]["replicas"].clone(), &container(&mut live)["image"]),
        (&json!(1), &json!("nginx:mine"))
    );

    // The same field, set once more, is taken nevertheless.
    let both = set(&env, &workload, &[(REPLICAS, Take), (IMAGE, Take)]);
    let progress = At::new(
        |event| matches!(event, Event::Checked { .. }),
        || block_on(edit(&env, |object| object["spec"]["replicas"] = 2.into())),
    );
    apply_watched(&env, &both, &progress).await.expect("it is taken");
    assert_eq!(stateful_set(&env).await["spec"]["replicas"], 0);
    env.finish().await;
}

/// The server decides between a refused request and the forced one that follows it; nobody can stop the clock there,
/// so the other writer is let loose at a different moment each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_between_the_refusal_and_the_taking_is_never_lost() {
    let env = Env::new("window").await;
    let workload = Workload::new("db", 0);
    let both = set(&env, &workload, &[(REPLICAS, Take), (IMAGE, Take)]);
    let one = set(&env, &workload, &[(REPLICAS, Take)]);
    apply(&env, &both).await.expect("it is ready");
    for round in 0..25_u32 {
        edit(&env, |object| object["spec"]["replicas"] = 1.into()).await;
        let theirs = format!("nginx:{round}");
        let image = json!([{"name": "nginx", "image": theirs}]);
        let fields = json!({"spec": {"template": {"spec": {"containers": image}}}});
        let params =
            PatchParams { field_manager: Some("rival".to_owned()), ..PatchParams::default() };
        let rival = async {
            for _ in 0..round {
                tokio::task::yield_now().await;
                let _ = env.stateful_sets().get_metadata("db").await;
            }
            let patch = Patch::Strategic(&fields);
            env.stateful_sets().patch("db", &params, &patch).await.expect("they may write");
        };
        let (ours, ()) = futures::join!(apply(&env, &one), rival);
        if let Err(error) = &ours {
            assert_eq!(error.problems()[0].code, Code::FieldConflict, "{error:?}");
        }
        let mut live = stateful_set(&env).await;
        assert_eq!(container(&mut live)["image"], theirs, "round {round}: {ours:?}");
        apply(&env, &both).await.expect("everything is taken back");
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_somebody_takes_after_the_check_is_left_to_them() {
    let env = Env::new("late").await;
    let workload = Workload::new("db", 0);
    for (policy, replicas) in [(Yield, 1), (Share, 2)] {
        let old = set(&env, &workload, &[(REPLICAS, Take)]);
        apply(&env, &old).await.expect("it is ready");
        let newer = workload.with(|one| one.image = format!("nginx:{replicas}"));
        let wanted = set(&env, &newer, &[(REPLICAS, policy), (IMAGE, Take)]);
        let progress = At::new(
            |event| matches!(event, Event::Checked { .. }),
            || block_on(scale(&env, replicas)),
        );
        apply_watched(&env, &wanted, &progress).await.expect("it becomes ready");
        let live = stateful_set(&env).await;
        assert_eq!(live["spec"]["replicas"], replicas);
        assert_eq!(owns(&live, "wellhead", "replicas"), policy == Share);
        assert_settled(&env, &wanted).await;
    }
    env.finish().await;
}

/// A workload with fields of every kind that others like to set.
fn annotated() -> Workload {
    Workload::new("db", 0).with(|one| {
        one.spec = json!({"template": {
            "metadata": {"annotations": {"example.com/note": "ours"}},
            "spec": {"nodeSelector": {"disk": "fast"}, "containers": [
                {"name": "nginx", "image": "nginx:1.14.2", "args": ["-a"],
                 "env": [{"name": "LEVEL", "value": "info"}, {"name": "MODE", "value": "a"}],
                 "resources": {"limits": {"memory": "1Gi"}}},
                {"name": "side", "image": "side:1"}]}}});
    })
}

/// What somebody makes of it, as `kubectl edit` would.
fn edited(object: &mut Value) {
    let template = &mut object["spec"]["template"];
    template["metadata"]["annotations"]["example.com/note"] = "theirs".into();
    template["spec"]["nodeSelector"] = json!({"disk": "slow"});
    let container = container(object);
    container["args"] = json!(["-b", "-c"]);
    container["env"][0]["value"] = "debug".into();
    container["resources"]["limits"]["memory"] = "2Gi".into();
    object["spec"]["template"]["spec"]["containers"][1]["image"] = "side:2".into();
}

const EDITED: [&str; 6] = [
    r#"spec.template.metadata.annotations["example.com/note"]"#,
    "spec.template.spec.nodeSelector.disk",
    "spec.template.spec.containers.nginx.args[0]",
    "spec.template.spec.containers.nginx.env.LEVEL.value",
    "spec.template.spec.containers.nginx.resources.limits.memory",
    "spec.template.spec.containers.side.image",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_field_is_yielded_shared_and_taken() {
    let env = Env::new("kinds").await;
    let workload = annotated();
    let with = |policy| set(&env, &workload, &EDITED.map(|path| (path, policy)));
    apply(&env, &with(Take)).await.expect("it is ready");
    let ours = stateful_set(&env).await["spec"].clone();
    edit(&env, edited).await;
    let theirs = stateful_set(&env).await["spec"].clone();
    assert_ne!(ours, theirs);

    let refused = apply(&env, &workload.render(&env.namespace)).await.expect_err("conflicts");
    let mut paths: Vec<_> =
        refused.problems().iter().map(|it| it.path.as_ref().expect("a path").to_string()).collect();
    paths.sort();
    let mut expected = EDITED.map(str::to_owned);
    expected[1] = "spec.template.spec.nodeSelector".to_owned();
    expected[2] = "spec.template.spec.containers.nginx.args".to_owned();
    expected.sort();
    assert_eq!(paths, expected);

    apply(&env, &with(Yield)).await.expect("everything is left");
    assert_eq!(stateful_set(&env).await["spec"], theirs);
    assert_settled(&env, &with(Yield)).await;
    apply(&env, &with(Share)).await.expect("everything is shared");
    assert_eq!(stateful_set(&env).await["spec"], theirs);
    assert_settled(&env, &with(Share)).await;
    apply(&env, &with(Take)).await.expect("everything is taken");
    assert_eq!(stateful_set(&env).await["spec"], ours);
    assert_settled(&env, &workload.render(&env.namespace)).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_two_managers_agree_on_is_no_conflict() {
    let env = Env::new("agreed").await;
    let workload = Workload::new("db", 1);
    let plain = workload.render(&env.namespace);
    apply(&env, &plain).await.expect("it becomes ready");
    let body = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"replicas": 1}});
    let params = PatchParams::apply("friend");
    env.stateful_sets().patch("db", &params, &Patch::Apply(&body)).await.expect("no conflict");
    assert_settled(&env, &plain).await;
    assert_settled(&env, &set(&env, &workload, &[(REPLICAS, Take)])).await;
    assert_settled(&env, &set(&env, &workload, &[(REPLICAS, Share)])).await;
    let live = stateful_set(&env).await;
    assert!(owns(&live, "friend", "replicas") && owns(&live, "wellhead", "replicas"));

    // Given up, it stays theirs; once they let it go, it is ours again.
    let yielding = set(&env, &workload, &[(REPLICAS, Yield)]);
    let report = apply(&env, &yielding).await.expect("it is given up");
    assert_eq!(report.count(Action::Updated), 1);
    assert!(!owns(&stateful_set(&env).await, "wellhead", "replicas"));
    assert_settled(&env, &yielding).await;
    let body = json!({"apiVersion": "apps/v1", "kind": "StatefulSet"});
    env.stateful_sets().patch("db", &params, &Patch::Apply(&body)).await.expect("they let go");
    apply(&env, &yielding).await.expect("it becomes ready");
    assert!(owns(&stateful_set(&env).await, "wellhead", "replicas"));
    assert_settled(&env, &yielding).await;
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_somebody_else_grew_is_left_as_large_as_it_is() {
    let env = Env::new("grown").await;
    let workload = Workload::new("db", 1);
    let mut wanted = workload.render(&env.namespace);
    apply(&env, &wanted).await.expect("it becomes ready");
    let size = json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}});
    env.set_as::<PersistentVolumeClaim>("grower", "data-db-0", size).await;
    let refused = apply(&env, &wanted).await.expect_err("it cannot shrink, or is a conflict");
    assert!(matches!(refused, ClusterError::Refused(_)), "{refused:?}");
    wanted.ownership = vec![OwnedField {
        kind: "PersistentVolumeClaim".to_owned(),
        name: "data-db-0".to_owned(),
        path: "spec.resources.requests.storage".parse().expect("a path"),
        policy: Yield,
        once: false,
    }];
    apply(&env, &wanted).await.expect("its size is left alone");
    assert_settled(&env, &wanted).await;
    env.finish().await;
}
