//! Credentials with fewer rights than an apply needs.

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use wellhead_cluster::{ApplyReport, Cluster, ClusterError, ConnectOptions, PlanOptions, Silent};
use wellhead_diagnostics::Code;
use wellhead_harness::SharedControlPlane;

use crate::support::{Env, Workload, object, patient};

/// A user of a namespace, and Wellhead as that user.
struct Limited {
    name: String,
    cluster: Cluster,
    _kubeconfig: tempfile::NamedTempFile,
}

/// The administrator's kubeconfig, in the name of another user.
async fn limited(env: &Env) -> Limited {
    let name = format!("limited-{}", env.namespace);
    let text = std::fs::read_to_string(SharedControlPlane::get().kubeconfig());
    let text = text.expect("the kubeconfig can be read");
    let mut config: kube::config::Kubeconfig =
        kube::config::Kubeconfig::from_yaml(&text).expect("it is a kubeconfig");
    for user in &mut config.auth_infos {
        if let Some(info) = &mut user.auth_info {
            info.impersonate = Some(name.clone());
        }
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text = serde_json::to_vec(&config).expect("it is JSON");
    std::fs::write(file.path(), text).expect("it can be written");
    let kubeconfig = Some(file.path().to_owned());
    let options = ConnectOptions { kubeconfig, ..ConnectOptions::default() };
    let cluster = Cluster::connect(&options).await.expect("the kubeconfig is good");
    Limited { name, cluster, _kubeconfig: file }
}

impl Limited {
    /// Gives the user these rights, and no others; returns when the server knows of them.
    async fn may(&self, env: &Env, rules: Value, known: &[(&str, &str, &str)]) {
        let role: Role = object(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "limited"}, "rules": rules}));
        let params = PatchParams::apply("test").force();
        env.api::<Role>().patch("limited", &params, &Patch::Apply(&role)).await.expect("a role");
        let binding: RoleBinding = object(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "limited"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": self.name}]}));
        let bindings = env.api::<RoleBinding>();
        bindings.patch("limited", &params, &Patch::Apply(&binding)).await.expect("a binding");
        for (verb, group, resource) in known {
            while !self.is_allowed(env, verb, group, resource).await {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }

    async fn is_allowed(&self, env: &Env, verb: &str, group: &str, resource: &str) -> bool {
        let review: SubjectAccessReview = object(json!({"metadata": {}, "spec": {
            "user": self.name, "groups": ["system:authenticated"],
            "resourceAttributes": {"namespace": env.namespace, "verb": verb, "group": group,
                                   "resource": resource}}}));
        let reviews: Api<SubjectAccessReview> = Api::all(env.client.clone());
        let answer = reviews.create(&PostParams::default(), &review).await.expect("an answer");
        answer.status.expect("a status").allowed
    }

    async fn apply(&self, env: &Env, workload: &Workload) -> Result<ApplyReport, ClusterError> {
        let sets = [workload.render(&env.namespace)];
        self.cluster.apply(&sets, &patient(), &Silent).await
    }
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> Value {
    json!({"apiGroups": [group], "resources": resources, "verbs": verbs})
}

/// What a finding says, and the rule that it prints.
fn told(error: &ClusterError) -> Vec<(String, String)> {
    let each = error.problems().iter().map(|it| {
        assert_eq!(it.code, Code::Forbidden);
        let hint = it.hints.join("\n");
        let (_, rule) = hint.split_once(": ").expect("a rule");
        (it.what.clone(), rule.to_owned())
    });
    each.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_right_that_is_missing_is_told_at_once_even_if_nothing_may_be_read() {
    let env = Env::new("pre-nobody").await;
    let user = limited(&env).await;
    let error = user.apply(&env, &Workload::new("db", 1)).await.expect_err("it is refused");
    assert!(matches!(error, ClusterError::Refused(_)), "{error:?}");
    let of = |group: &str, resource: &str, last: &str| {
        let namespace = &env.namespace;
        let what = format!(
            "the credentials may not create, get, {last} {resource} in namespace {namespace}"
        );
        let rule = format!(
            "{{apiGroups: [\"{group}\"], resources: [{resource}], verbs: [create, get, {last}]}}"
        );
        (what, rule)
    };
    let all = [
        of("", "services", "patch"),
        of("", "persistentvolumeclaims", "patch"),
        of("apps", "statefulsets", "patch"),
        of("coordination.k8s.io", "leases", "patch"),
        of("apps", "controllerrevisions", "list"),
    ];
    assert_eq!(told(&error), all);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_verb_that_is_missing_is_told_once_and_nothing_is_written() {
    let env = Env::new("pre-verb").await;
    let user = limited(&env).await;
    let rules = json!([
        rule("", &["services", "persistentvolumeclaims"], &["get", "list", "patch", "create"]),
        rule("apps", &["statefulsets"], &["get", "list"]),
        rule("coordination.k8s.io", &["leases"], &["get", "patch", "create"]),
        rule("apps", &["controllerrevisions"], &["get", "list", "create", "delete"]),
        rule("", &["pods", "events"], &["list"])
    ]);
    user.may(&env, rules, &[("list", "", "events")]).await;
    let workload = Workload::new("db", 1);
    let error = user.apply(&env, &workload).await.expect_err("it is refused");
    let what = format!(
        "the credentials may not create, patch statefulsets in namespace {}",
        env.namespace
    );
    let rule = r#"{apiGroups: ["apps"], resources: [statefulsets], verbs: [create, patch]}"#;
    assert_eq!(told(&error), [(what, rule.to_owned())]);
    assert_eq!(env.versions().await, [""; 0], "nothing is written");

    let sets = [workload.render(&env.namespace)];
    let plan = user.cluster.plan(&sets, &PlanOptions::default(), &Silent).await;
    let plan = plan.expect("the cluster can be asked");
    assert_eq!(plan.problems, error.problems());
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_that_are_asked_for_are_enough() {
    let env = Env::new("pre-enough").await;
    let user = limited(&env).await;
    let objects = ["get", "patch", "create"];
    let rules = json!([
        rule("", &["services", "persistentvolumeclaims"], &objects),
        rule("coordination.k8s.io", &["leases"], &objects),
        rule("apps", &["controllerrevisions"], &["get", "list", "create"]),
        rule("apps", &["statefulsets"], &objects)
    ]);
    user.may(&env, rules, &[("create", "apps", "statefulsets")]).await;
    let report = user.apply(&env, &Workload::new("db", 1)).await.expect("it becomes ready");
    let warnings: Vec<_> = report.pipelines[0].warnings.iter().map(|it| &it.what).collect();
    let without =
        |right: &str| format!("the credentials may not {right} in namespace {}", env.namespace);
    let all = ["list pods", "list events", "delete controllerrevisions"].map(without);
    assert_eq!(warnings, all.iter().collect::<Vec<_>>());
    env.finish().await;
}
