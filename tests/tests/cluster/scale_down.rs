//! Scaling down where Kubernetes deletes claims along with pods.

use kube::api::ListParams;
use serde_json::json;
use wellhead_cluster::{
    ApplyOptions, ClusterError, Effect, PlanOptions, RevisionRef, Silent, Storage, Wait,
};
use wellhead_spec::OwnershipPolicy::Yield;

use crate::ownership::{REPLICAS, scale, set};
use crate::plan_cli::{Cli, PIPELINE};
use crate::recreate::other_service;
use crate::support::{Env, Workload};

fn web(replicas: usize, when_scaled: &str) -> Workload {
    workload("web", replicas, when_scaled)
}

fn workload(name: &str, replicas: usize, when_scaled: &str) -> Workload {
    let policy = json!({"whenScaled": when_scaled, "whenDeleted": "Retain"});
    Workload::new(name, replicas)
        .with(|it| it.spec = json!({"persistentVolumeClaimRetentionPolicy": policy}))
}

fn consenting(names: &[&str]) -> ApplyOptions {
    let delete_claims = names.iter().map(|it| (*it).to_owned()).collect();
    ApplyOptions { wait: Wait::No, delete_claims, ..ApplyOptions::default() }
}

async fn claims(env: &Env) -> usize {
    let claims = env.claims().list(&ListParams::default()).await.expect("claims");
    claims.iter().filter(|it| it.metadata.deletion_timestamp.is_none()).count()
}

fn code(result: Result<impl std::fmt::Debug, ClusterError>) -> String {
    let error = result.expect_err("it is refused");
    assert!(matches!(error, ClusterError::Refused(_)), "{error}");
    assert_eq!(error.problems().len(), 1, "{error:?}");
    error.problems()[0].code.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_go_only_when_a_person_repeats_the_name() {
    let env = Env::new("scale-down").await;
    env.apply(&web(3, "Delete")).await.expect("it becomes ready");
    let sets = [web(1, "Delete").render(&env.namespace)];
    let before = env.versions().await;
    for names in [&[][..], &["other"], &["web", "other"]] {
        let result = env.apply_with(&sets, &consenting(names), &Silent).await;
        assert_eq!(code(result), "WH0225", "{names:?}");
    }
    let plan = env.cluster.plan(&sets, &PlanOptions::default(), &Silent).await.expect("a plan");
    assert_eq!(plan.problems[0].code.id(), "WH0225");
    assert!(plan.problems[0].ways_out()[0].contains("--delete-claims web"));
    let objects = &plan.pipelines[0].objects;
    let at_risk =
        |effect: &Effect| matches!(effect, Effect::DataAtRisk { claims, .. } if claims.len() == 2);
    assert!(objects.iter().flat_map(|it| &it.effects).any(at_risk));
    assert_eq!(env.versions().await, before, "nothing is written");
    let name = env.pipeline("web").to_string();
    let result = env.apply_with(&sets, &consenting(&[&name]), &Silent).await;
    result.expect("somebody said so");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_same_apply_decides() {
    let env = Env::new("scale-policy").await;
    env.apply(&web(3, "Retain")).await.expect("it becomes ready");
    let deleting = [web(1, "Delete").render(&env.namespace)];
    let result = env.apply_with(&deleting, &consenting(&[]), &Silent).await;
    assert_eq!(code(result), "WH0225");
    env.send(&web(3, "Delete")).await.expect("no pod goes");
    env.send(&web(1, "Retain")).await.expect("no claim goes");
    assert_eq!(claims(&env).await, 3);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_is_asked_as_well() {
    let env = Env::new("scale-back").await;
    env.apply(&web(1, "Delete")).await.expect("it becomes ready");
    env.apply(&web(3, "Delete")).await.expect("it becomes ready");
    let pipeline = env.pipeline("web");
    for storage in [Storage::Refuse, Storage::Keep] {
        let target = env.cluster.rollback(&pipeline, Some(&RevisionRef::from(1)), storage).await;
        let target = target.expect("it is there");
        let result = env.apply_with(&[target.objects], &consenting(&[]), &Silent).await;
        assert_eq!(code(result), "WH0225");
    }
    assert_eq!(claims(&env).await, 3);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_without_a_stateful_set_count() {
    let env = Env::new("scale-orphans").await;
    env.apply(&web(3, "Retain")).await.expect("it becomes ready");
    let orphaning = kube::api::DeleteParams {
        propagation_policy: Some(kube::api::PropagationPolicy::Orphan),
        ..kube::api::DeleteParams::default()
    };
    env.stateful_sets().delete("web", &orphaning).await.expect("it can be deleted");
    while env.stateful_sets().get_opt("web").await.expect("an answer").is_some() {
        tokio::task::yield_now().await;
    }
    let sets = [web(1, "Delete").render(&env.namespace)];
    let result = env.apply_with(&sets, &consenting(&[]), &Silent).await;
    assert_eq!(code(result), "WH0225");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinals_that_move_leave_claims_behind() {
    let env = Env::new("scale-moved").await;
    env.apply(&web(2, "Delete")).await.expect("it becomes ready");
    let before = env.versions().await;
    let moved = |policy| web(2, policy).with(|it| it.spec["ordinals"] = json!({"start": 1}));
    let sets = [moved("Delete").render(&env.namespace)];
    let refused = env.apply_with(&sets, &consenting(&[]), &Silent).await.expect_err("one would go");
    let why = refused.problems()[0].why.clone().unwrap_or_default();
    assert!(
        refused.problems()[0].code.id() == "WH0225" && why.ends_with("claims: data-web-0"),
        "{why}"
    );
    assert_eq!(env.versions().await, before, "nothing is written");
    env.send(&moved("Retain")).await.expect("no claim goes");
    assert_eq!(
        env.claims().get("data-web-0").await.expect("it stays").metadata.deletion_timestamp,
        None
    );
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_hands_claims_to_an_autoscaler_is_asked_about_once() {
    let env = Env::new("scale-handed").await;
    let yielded = |policy| [set(&env, &workload("db", 2, policy), &[(REPLICAS, Yield)])];
    let apply =
        async |policy, names| env.apply_with(&yielded(policy), &consenting(names), &Silent).await;
    apply("Retain", &[]).await.expect("no claim can go");
    scale(&env, 3).await;
    apply("Retain", &[]).await.expect("the replicas are left alone");
    assert_eq!(code(apply("Delete", &[]).await), "WH0225");
    apply("Delete", &["db"]).await.expect("somebody said so");
    // From here on the autoscaler's number is nobody's question, and the run changes nothing.
    apply("Delete", &[]).await.expect("the policy stands");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateful_set_that_is_made_anew_with_fewer_replicas_is_asked_about_first() {
    let env = Env::new("scale-anew").await;
    env.apply(&web(2, "Delete")).await.expect("it becomes ready");
    let before = (env.versions().await, env.pod_uids().await);
    let sets = [other_service(&web(1, "Delete")).render(&env.namespace)];
    let options = |names| ApplyOptions { recreate: true, ..consenting(names) };
    assert_eq!(code(env.apply_with(&sets, &options(&[]), &Silent).await), "WH0225");
    assert_eq!((env.versions().await, env.pod_uids().await), before, "nothing is written");
    let report = env.apply_with(&sets, &options(&["web"]), &Silent).await;
    report.expect("somebody said so");
    let live = env.stateful_sets().get("web").await.expect("it is there");
    assert_eq!(live.spec.and_then(|it| it.replicas), Some(1));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_fleet_each_is_named_and_the_command_takes_the_words() {
    let cli = Cli::new("scale-cli").await;
    let policy = "  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}\n  claims:\n";
    let many = PIPELINE.replace("  claims:\n", policy);
    let both = |replicas: &str| {
        let one = many.replace("replicas: 2", replicas);
        format!("{one}---\n{}", one.replace("name: db\nspec", "name: web\nspec"))
    };
    cli.write(&both("replicas: 2"));
    cli.apply();
    cli.write(&both("replicas: 1"));
    let refused = cli.run(&["apply", "--yes", "-q", "--delete-claims", "web"]).await;
    assert!(refused.starts_with("exit code: Some(4)"), "{refused}");
    assert!(
        refused.contains("error[WH0225]: scaling statefulset/db down would delete 1 claims"),
        "{refused}"
    );
    assert!(!refused.contains("statefulset/web"), "{refused}");
    let kept = ["plan", "--out", "p.whplan", "--delete-claims", "web", "--delete-claims", "db"];
    assert!(cli.output(&kept).status.success());
    // A file is nobody's word.
    let output = cli.bare(&["apply", "p.whplan", "--wait=false", "--delete-claims", "web"]);
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    let words = ["--delete-claims", "web", "--delete-claims", "db"];
    let output = cli.bare(&[&["apply", "p.whplan", "--wait=false"], &words[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    cli.env.finish().await;
}
