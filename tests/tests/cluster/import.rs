//! What others made, imported and taken over.

use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{
    Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams,
};
use serde_json::{Value, json};
use wellhead::import;
use wellhead::{Namespace, ResourceSet, Severity, Source, load_manifests, render};
use wellhead_cluster::{
    Action, ApplyOptions, ClusterError, Effect, Kind, Plan, PlanOptions, PlannedAction, Remedy,
    Silent,
};
use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Segment};

use crate::plan_cli::Cli;
use crate::support::{Env, PATIENCE, findings, patient};

/// Who made the objects, and how.
#[derive(Clone, Copy)]
pub(crate) enum Maker {
    /// `kubectl apply`: created, with the annotation that kubectl compares with later.
    Kubectl,
    /// Helm 4: server-side apply.
    Helm,
}

/// Makes an object as somebody else.
pub(crate) async fn make(env: &Env, maker: Maker, object: &Value) {
    let mut object = object.clone();
    object["metadata"]["namespace"] = env.namespace.as_str().into();
    let name = object["metadata"]["name"].as_str().expect("it has a name").to_owned();
    let text = object.to_string();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "generation", "selfLink", "managedFields"] {
            metadata.remove(field);
        }
    }
    if matches!(maker, Maker::Kubectl) {
        if object["metadata"]["annotations"].is_null() {
            object["metadata"]["annotations"] = json!({});
        }
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
            text.into();
    }
    let body: DynamicObject = serde_json::from_value(object).expect("it is an object");
    let types = body.types.clone().expect("it has a kind");
    let kind = GroupVersionKind::try_from(&types).expect("it has a version");
    let resource = ApiResource::from_gvk(&kind);
    let api: Api<DynamicObject> =
        Api::namespaced_with(env.client.clone(), &env.namespace, &resource);
    let made = match maker {
        Maker::Kubectl => {
            let manager = Some("kubectl-client-side-apply".to_owned());
            let params = PostParams { field_manager: manager, ..PostParams::default() };
            api.create(&params, &body).await
        }
        Maker::Helm => {
            api.patch(&name, &PatchParams::apply("helm").force(), &Patch::Apply(&body)).await
        }
    };
    made.unwrap_or_else(|error| panic!("{}/{name}: {error}", types.kind));
}

async fn live_import(env: &Env, names: &[String]) -> import::Import {
    let mut workloads = Vec::new();
    for name in names {
        let found = env.cluster.workload(&env.namespace, name).await.expect("it can be read");
        workloads.push(found.expect("it exists"));
    }
    import::from_cluster(&workloads)
}

async fn planned(env: &Env, sets: &[ResourceSet]) -> Plan {
    let plan = env
        .cluster
        .plan(sets, &PlanOptions { adopt: true, ..PlanOptions::default() }, &Silent)
        .await;
    plan.expect("the cluster can be asked")
}

/// Whether a field is an annotation by which tools that prune leave a claim alone.
fn keeps_a_claim(path: &FieldPath) -> bool {
    let annotations = FieldPath::of(["metadata", "annotations"]);
    let key = path.segments().strip_prefix(annotations.segments()).and_then(<[_]>::first);
    matches!(key, Some(Segment::Key(key)) if wellhead_spec::keeps(key))
}

/// Everything that a plan would change of what exists, but for the labels and annotations that rendering adds.
fn changes(plan: &Plan) -> Vec<String> {
    let problems = plan.problems.iter();
    let mut changes: Vec<_> =
        problems.map(|it| format!("{it}: {}", it.why.as_deref().unwrap_or_default())).collect();
    for object in plan.pipelines.iter().flat_map(|it| &it.objects) {
        if object.action == PlannedAction::Create
            && object.object.kind == Kind::PersistentVolumeClaim
        {
            // The controller may not have made it yet. What a new claim lacks is nothing that a plan changes.
            continue;
        }
        let restarts = |it: &&Effect| {
            !matches!(
                it,
                Effect::Create | Effect::Ownership | Effect::InPlace | Effect::StartsPods { .. }
            )
        };
        changes.extend(
            object.effects.iter().filter(restarts).map(|it| format!("{}: {it:?}", object.object)),
        );
        if object.action == PlannedAction::Create {
            continue;
        }
        let counts = |it: &&wellhead_cluster::FieldChange| {
            !keeps_a_claim(&it.path)
                && !it.path.to_string().starts_with("metadata.labels[\"app.kubernetes.io/")
        };
        let fields = object.changes();
        let fields = fields.iter().filter(counts);
        changes.extend(
            fields.map(|it| format!("{}: {} {:?} -> {:?}", object.object, it.path, it.from, it.to)),
        );
    }
    changes
}

/// The manifests of `tests/import`, made by others, imported from the cluster: an apply would change no value.
#[tokio::test(flavor = "multi_thread")]
async fn every_system_is_imported_from_a_cluster_without_a_change_of_any_value() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("import");
    let mut systems: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    systems.sort();
    let mut failed = Vec::new();
    for (index, system) in systems.iter().enumerate() {
        // Whoever applies `labels: {}` on the server's side owns all labels: nobody else may add one.
        let owned = system.ends_with("mlflow");
        let maker = if index % 2 == 0 || owned { Maker::Kubectl } else { Maker::Helm };
        let manifests = load_manifests(&[Source::Path(system.join("manifest.yaml"))]);
        let env = Env::new("import").await;
        let mut names = Vec::new();
        for manifest in &manifests.objects {
            let kind = manifest.value["kind"].as_str().unwrap_or_default();
            if kind == "StatefulSet" {
                names.push(manifest.value["metadata"]["name"].as_str().expect("a name").to_owned());
            }
            // A node port is taken once in a cluster.
            let served = kind == "Service" && manifest.value["spec"]["type"] != "NodePort";
            if served || ["StatefulSet", "PersistentVolumeClaim"].contains(&kind) {
                make(&env, maker, &manifest.value).await;
            }
        }
        let imported = live_import(&env, &names).await;
        let errors = imported.findings.iter().filter(|it| it.severity == Severity::Error);
        failed.extend(errors.map(|it| format!("{}: {it:?}", system.display())));
        let sets: Vec<_> = imported.pipelines.iter().map(render).collect();
        assert_eq!(sets.len(), names.len(), "{}", system.display());
        let live = changes(&planned(&env, &sets).await);
        failed.extend(live.into_iter().map(|it| format!("{} live: {it}", system.display())));
        // What is imported from the files fits the same objects.
        let mut from_files = import::from_manifests(&manifests.objects).pipelines;
        for pipeline in &mut from_files {
            pipeline.metadata.namespace = Namespace::new(env.namespace.as_str()).ok();
        }
        let sets: Vec<_> = from_files.iter().map(render).collect();
        let files = changes(&planned(&env, &sets).await);
        // A server whose `MaxUnavailableStatefulSet` is off does not store this field.
        let files = files.into_iter().filter(|it| !it.contains("rollingUpdate.maxUnavailable"));
        failed.extend(files.map(|it| format!("{} files: {it}", system.display())));
        env.finish().await;
    }
    assert!(systems.len() >= 30);
    assert!(failed.is_empty(), "{failed:#?}");
}

const WORKLOAD: &str = "\
apiVersion: v1
kind: Service
metadata: {name: db, labels: {app.kubernetes.io/managed-by: Helm}}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432, name: sql}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: db}}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: db
        image: postgres:17
        ports: [{containerPort: 5432}]
        resources: {requests: {cpu: 0.1}}
        readinessProbe: {exec: {command: [pg_isready]}, timeoutSeconds: 1}
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

async fn made(test: &str, maker: Maker) -> Env {
    let env = Env::new(test).await;
    make_workload(&env, maker).await;
    env
}

async fn make_workload(env: &Env, maker: Maker) {
    let source = Source::Text { name: "db.yaml".into(), text: WORKLOAD.to_owned() };
    for manifest in load_manifests(&[source]).objects {
        make(env, maker, &manifest.value).await;
    }
    let ready = async {
        loop {
            let set: StatefulSet = env.stateful_sets().get("db").await.expect("it exists");
            if set.status.and_then(|it| it.available_replicas) == Some(2) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.expect("it becomes ready in time");
}

/// What must stay as it is: uids, the revision and the template.
async fn identity(env: &Env) -> Vec<String> {
    let all = ListParams::default();
    let set = env.stateful_sets().get("db").await.expect("it exists");
    let spec = set.spec.as_ref().expect("it has a spec");
    let status = set.status.as_ref().expect("it has a status");
    let uid = |it: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta| {
        format!("{:?} {:?}", it.name, it.uid)
    };
    let template = serde_json::to_string(&spec.template).expect("it is JSON");
    let mut all_of = vec![
        uid(&set.metadata),
        format!("{:?}", set.metadata.generation),
        format!("{:?} {:?}", status.update_revision, status.current_revision),
        template,
    ];
    let pods: Vec<Pod> = env.pods().list(&all).await.expect("pods").items;
    all_of.extend(pods.iter().map(|it| uid(&it.metadata)));
    let claims = env.claims().list(&all).await.expect("claims").items;
    all_of.extend(claims.iter().map(|it| uid(&it.metadata)));
    let services = env.services().list(&all).await.expect("services").items;
    all_of.extend(services.iter().map(|it| uid(&it.metadata)));
    all_of
}

async fn is_taken_over(test: &str, maker: Maker, manager: &str) {
    let env = made(test, maker).await;
    let before = identity(&env).await;
    let imported = live_import(&env, &["db".to_owned()]).await;
    assert!(imported.findings.is_empty(), "{:?}", imported.findings);
    let sets: Vec<_> = imported.pipelines.iter().map(render).collect();

    let versions = env.versions().await;
    let refused = env.apply_with(&sets, &patient(), &Silent).await.expect_err("it is not ours");
    assert!(matches!(refused, ClusterError::Refused(_)), "{refused:?}");
    for problem in refused.problems() {
        assert_eq!(
            (problem.code, problem.manager.as_deref().map(|it| it.contains(manager))),
            (Code::ObjectOwnedByOther, Some(true))
        );
        assert!(matches!(problem.remedy, Some(Remedy::Adopt { .. })), "{problem:?}");
    }
    assert_eq!(env.versions().await, versions, "neither an import nor a refusal writes");

    let options = ApplyOptions { adopt: true, ..patient() };
    let report = env.apply_with(&sets, &options, &Silent).await.expect("it is taken over");
    let warned: Vec<_> = report.pipelines[0].warnings.iter().map(|it| it.code).collect();
    assert_eq!(
        warned,
        [Code::ObjectAdopted, Code::ClaimsReused, Code::ClaimsReused, Code::ObjectAdopted]
    );
    assert_eq!(identity(&env).await, before, "no pod restarts, and nothing is replaced");
    let set = env.stateful_sets().get("db").await.expect("it exists");
    let labels = set.metadata.labels.expect("it has labels");
    assert_eq!(labels["app.kubernetes.io/managed-by"], "Helm", "as it was");

    let versions = env.versions().await;
    let again = env.apply_with(&sets, &patient(), &Silent).await.expect("it is ours");
    assert!(again.pipelines[0].objects.iter().all(|it| it.action == Action::Unchanged));
    assert_eq!(env.versions().await, versions, "one more apply writes nothing");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_of_kubectl_is_taken_over_without_a_restart() {
    is_taken_over("adopt-kubectl", Maker::Kubectl, "kubectl-client-side-apply").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_of_helm_is_taken_over_without_a_restart() {
    is_taken_over("adopt-helm", Maker::Helm, "helm").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_grew_become_ranges() {
    let env = made("adopt-grown", Maker::Kubectl).await;
    // What a person does who may not change the template. The class of the tests does not grow, so that the claim
    // that differs is one that was there first.
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data-db-2"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "3Gi"}}}});
    make(&env, Maker::Kubectl, &claim).await;
    let imported = live_import(&env, &["db".to_owned()]).await;
    let ordinals = &imported.pipelines[0].spec.claims[0].ordinals;
    assert_eq!(
        serde_json::to_value(ordinals).expect("it is JSON"),
        json!([{"from": 2, "to": 2, "size": "3Gi"}])
    );
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_imports_and_takes_over_and_names_what_is_missing() {
    let cli = Cli::new("import-cli").await;
    make_workload(&cli.env, Maker::Helm).await;
    let before = cli.env.versions().await;
    let namespace = cli.env.namespace.clone();
    let run = |arguments: &[&str]| {
        let output = cli.bare(&[arguments, &["-n", &namespace]].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, said) = run(&["import", "sts/none", "statefulset/db"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("there is no statefulset/none in namespace {namespace}")),
        "{said}"
    );

    let (code, pipeline, said) = run(&["import", "sts/db"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(pipeline.contains("mountPath: /data"), "{pipeline}");
    let (code, _, said) = run(&["import", "db", "--output-dir", "out"]);
    assert_eq!((code, said.as_str()), (Some(0), "out: 1 written, 0 unchanged\n"));
    let file = format!("out/{namespace}/db.yaml");
    let text = std::fs::read_to_string(cli.folder.path().join(&file)).expect("it was written");
    assert_eq!(text, pipeline);

    let (code, _, said) = run(&["apply", "-f", &file]);
    assert_eq!(code, Some(4));
    assert!(said.contains("take it over: the same command with `--adopt`"), "{said}");
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    let (code, _, said) = run(&["plan", "-f", &file, "--adopt", "--out", "plan.json"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) = run(&["apply", "plan.json"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, shown, said) = run(&["plan", "-f", &file, "--exit-code"]);
    assert_eq!(code, Some(0), "{shown}{said}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_that_somebody_owns_as_a_whole_are_taken_by_the_command_that_is_told() {
    let cli = Cli::new("import-labels").await;
    let text = WORKLOAD.replace("labels: {app.kubernetes.io/managed-by: Helm}, ", "labels: {}, ");
    assert_ne!(text, WORKLOAD);
    for manifest in load_manifests(&[Source::Text { name: "db.yaml".into(), text }]).objects {
        make(&cli.env, Maker::Helm, &manifest.value).await;
    }
    let namespace = cli.env.namespace.clone();
    let pipeline = cli.bare(&["import", "sts/db", "-n", &namespace]).stdout;
    cli.write(&String::from_utf8(pipeline).expect("it is a text"));
    let refused = cli.output(&["plan", "--adopt"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    let told = said.lines().find_map(|line| line.split("take it: wellhead ").nth(1));
    let told: Vec<_> = told.expect("a command").split_whitespace().chain(["--yes"]).collect();
    let taken = cli.bare(&told);
    assert!(taken.status.success(), "{told:?}: {}", String::from_utf8_lossy(&taken.stderr));
    assert_eq!(cli.output(&["plan", "--exit-code"]).status.code(), Some(0));
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_pipeline_has_is_not_taken_over() {
    let env = made("adopt-other", Maker::Kubectl).await;
    let sets: Vec<_> =
        live_import(&env, &["db".to_owned()]).await.pipelines.iter().map(render).collect();
    let options = ApplyOptions { adopt: true, ..patient() };
    env.apply_with(&sets, &options, &Silent).await.expect("it is taken over");
    let mut other = sets[0].clone();
    other.stateful_set.metadata.name = Some("other".to_owned());
    other.claims.clear();
    let labels = other.service.as_mut().expect("it is ours").metadata.labels.as_mut();
    labels
        .expect("it has labels")
        .insert("app.kubernetes.io/instance".to_owned(), "other".to_owned());
    let refused = env.apply_with(&[other], &options, &Silent).await.expect_err("it is of db");
    assert!(
        findings(&refused)[0].contains("service/db belongs to the pipeline \"db\""),
        "{refused:?}"
    );
    env.finish().await;
}
