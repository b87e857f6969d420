//! What the API server warns of.

use std::time::{Duration, Instant};

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::{Said, apply, run};
use crate::plan_cli::Cli;
use crate::support::{PATIENCE, object};

async fn restrict(cli: &Cli) {
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    let patch = Patch::Merge(json!({"metadata": {"labels": labels}}));
    let namespaces: Api<Namespace> = Api::all(cli.env.client.clone());
    let patched = namespaces.patch(&cli.env.namespace, &PatchParams::default(), &patch).await;
    patched.expect("a namespace can be labelled");
}

fn json_of(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

/// The warnings of the server in a list of findings, as object and text.
fn warnings<'v>(findings: &'v Value, text: &str) -> Vec<(&'v Value, &'v Value)> {
    let all = findings.as_array().expect("a list").iter();
    let ours = all.filter(|it| it["code"] == "WH0427");
    ours.map(|it| (&it["object"], it.get(text).expect("it says why"))).collect()
}

/// Pod Security lets the StatefulSet through and refuses its pods: the pods that run go, and no other comes.
#[tokio::test(flavor = "multi_thread")]
async fn pods_that_pod_security_will_refuse_are_told_before_anything_is_written() {
    let cli = Cli::new("warn-pods").await;
    apply(&cli).ends(0, &[]);
    restrict(&cli).await;
    cli.change("postgres:17", "postgres:18");
    let violates = "would violate PodSecurity \"restricted:latest\"";
    let parts = ["warning[WH0427]", "statefulset/db", violates, "runAsNonRoot != true"];
    let planned = run(&cli, &["plan"]);
    planned.ends(0, &parts);
    assert_eq!(planned.err.matches("WH0427").count(), 1, "{}", planned.err);
    let planned = json_of(&run(&cli, &["plan", "-o", "json"]));
    let told = warnings(&planned["diagnostics"], "facts");
    assert_eq!(told.len(), 1, "{planned}");
    assert_eq!(told[0].0, "statefulset/db");

    let said = apply(&cli);
    said.ends(3, &[&parts[..], &["error[WH0305]", "would be refused as well"]].concat());
    assert_eq!(said.err.matches("WH0427").count(), 1, "a write repeats nothing: {}", said.err);
    assert!(!said.err.contains("wellhead rollback"), "it cannot help: {}", said.err);
    cli.env.finish().await;
}

/// A template that is as strict as the namespace is worth going back to.
#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_to_pods_that_are_admitted_is_offered() {
    let cli = Cli::new("warn-back").await;
    restrict(&cli).await;
    let strict = "image: postgres:17\n      securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, \
                  runAsUser: 1000, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}";
    cli.change("image: postgres:17", strict);
    let said = apply(&cli);
    said.ends(0, &[]);
    assert!(!said.err.contains("WH0427"), "{}", said.err);
    cli.change("postgres:17", "postgres:18");
    let back = format!("wellhead rollback db -n {}", cli.env.namespace);
    apply(&cli).ends(3, &["warning[WH0427]", "error[WH0305]", &back]);
    let said = Said::of(&cli.bare(&["rollback", "db", "-n", &cli.env.namespace, "--yes"]));
    said.ends(0, &[]).prints(&["2/2 ready"]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deprecated_field_is_told_with_the_words_of_the_server() {
    let cli = Cli::new("warn-deprecated").await;
    cli.change("replicas: 2", "replicas: 0\n  nodeSelector: {beta.kubernetes.io/os: linux}");
    let words = "deprecated since v1.14; use \"kubernetes.io/os\" instead";
    run(&cli, &["plan"]).ends(0, &["warning[WH0427]", "statefulset/db", words]);
    let said = run(&cli, &["apply", "--yes", "-o", "json"]);
    said.ends(0, &["warning[WH0427]", words]);
    let report = json_of(&said);
    let told = warnings(&report["pipelines"][0]["warnings"], "why");
    assert_eq!(told.len(), 1, "{report}");
    assert!(told[0].1.as_str().is_some_and(|why| why.contains(words)), "{report}");
    let said = apply(&cli);
    assert!(!said.err.contains("WH0427"), "nothing is asked where nothing changes: {}", said.err);
    cli.env.finish().await;
}

/// A policy that warns of StatefulSets of one namespace, whatever is done to them.
struct Policy<'c> {
    cli: &'c Cli,
    policies: Api<ValidatingAdmissionPolicy>,
    bindings: Api<ValidatingAdmissionPolicyBinding>,
}

impl<'c> Policy<'c> {
    async fn new(cli: &'c Cli) -> Self {
        let client = &cli.env.client;
        let (policies, bindings) = (Api::all(client.clone()), Api::all(client.clone()));
        let name = cli.env.namespace.as_str();
        let rule = json!({"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["statefulsets"],
            "operations": ["CREATE", "UPDATE", "DELETE"]});
        let policy = json!({"metadata": {"name": name}, "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "false", "message": "say \"please\" first"}]}});
        let here = json!({"matchLabels": {"kubernetes.io/metadata.name": name}});
        let binding = json!({"metadata": {"name": name}, "spec": {"policyName": name,
            "validationActions": ["Warn"], "matchResources": {"namespaceSelector": here}}});
        policies.create(&PostParams::default(), &object(policy)).await.expect("a policy");
        bindings.create(&PostParams::default(), &object(binding)).await.expect("a binding");
        let policy = Self { cli, policies, bindings };
        policy.until_it_warns().await;
        policy
    }

    /// The API server takes a moment to notice a new policy.
    async fn until_it_warns(&self) {
        let started = Instant::now();
        while !run(self.cli, &["plan"]).err.contains("WH0427") {
            assert!(started.elapsed() < PATIENCE, "the policy never warns");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn remove(self) {
        let (name, params) = (&self.cli.env.namespace, DeleteParams::default());
        self.bindings.delete(name, &params).await.expect("it is there");
        self.policies.delete(name, &params).await.expect("it is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_warns_is_heard_of_each_change_once_and_under_the_name_of_the_object() {
    let cli = Cli::new("warn-policy").await;
    cli.change("replicas: 2", "replicas: 0");
    let policy = Policy::new(&cli).await;
    let parts = ["warning[WH0427]", "statefulset/db", "say \"please\" first"];
    let once = |said: Said| {
        said.ends(0, &parts);
        assert_eq!(said.err.matches("say \"please\" first").count(), 1, "{}", said.err);
    };
    once(apply(&cli));
    cli.change("replicas: 2", "replicas: 0\n  minReadySeconds: 1");
    once(apply(&cli));
    // The server is asked about the new object under another name.
    let anew = "replicas: 0\n  podManagementPolicy: Parallel";
    cli.change("replicas: 2", anew);
    once(run(&cli, &["plan", "--recreate"]));
    once(run(&cli, &["apply", "--recreate", "--yes"]));
    let namespace = cli.env.namespace.clone();
    once(Said::of(&cli.bare(&["rollback", "db", "--recreate", "-n", &namespace, "--yes"])));
    let said = Said::of(&cli.bare(&["delete", "db", "-n", &namespace, "--yes", "-o", "json"]));
    let report = json_of(&said);
    assert_eq!(warnings(&report["pipelines"][0]["warnings"], "why").len(), 1, "{report}");
    once(said);
    policy.remove().await;
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_adopted_or_taken_back_is_warned_of_too() {
    let cli = Cli::new("warn-adopt").await;
    cli.change("replicas: 2", "replicas: 0");
    apply(&cli).ends(0, &[]);
    let policy = Policy::new(&cli);
    let scale = json!({"spec": {"replicas": 1}});
    cli.env.set_as::<k8s_openapi::api::apps::v1::StatefulSet>("kubectl-scale", "db", scale).await;
    let policy = policy.await;
    let parts = ["warning[WH0427]", "statefulset/db", "say \"please\" first"];
    run(&cli, &["apply", "--yes", "--take", "replicas"]).ends(0, &parts);
    let labels = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": null}, "managedFields": [{}]}});
    cli.env.set_as::<k8s_openapi::api::apps::v1::StatefulSet>("somebody", "db", labels).await;
    run(&cli, &["apply", "--yes", "--adopt"]).ends(0, &parts);
    policy.remove().await;
    cli.env.finish().await;
}
