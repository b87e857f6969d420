//! Where base specs come from: files, folders, standard input.

use insta::assert_snapshot;

use crate::context::{Context, PIPELINE, json};

/// The seed workload gives its objects, and the warning that nothing mounts its claim.
#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot is as long as what it shows")]
fn the_seed_workload_is_rendered() {
    let context = Context::new();
    let seed = include_str!("../../../examples/minimal/pipeline.yaml");
    context.write("pipeline.yaml", seed);
    assert_snapshot!(context.run(&["render", "-f", "pipeline.yaml", "-n", "demo"]), @r#"
    exit code: 0
    ----- stdout -----
    apiVersion: v1
    kind: Service
    metadata:
      labels:
        app: my-stateful-app
        app.kubernetes.io/instance: my-stateful-app
        app.kubernetes.io/managed-by: wellhead
        app.kubernetes.io/name: my-stateful-app
      name: headless-service
      namespace: demo
    spec:
      clusterIP: None
      ports:
      - port: 80
        targetPort: 80
      selector:
        app: my-stateful-app
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      annotations:
        argocd.argoproj.io/sync-options: Prune=false,Delete=false
        client.lifecycle.config.k8s.io/deletion: detach
        helm.sh/resource-policy: keep
        kapp.k14s.io/delete-strategy: orphan
        kustomize.toolkit.fluxcd.io/prune: disabled
      labels:
        app: my-stateful-app
        app.kubernetes.io/instance: my-stateful-app
        app.kubernetes.io/managed-by: wellhead
        app.kubernetes.io/name: my-stateful-app
      name: my-volume-claim-my-stateful-app-0
      namespace: demo
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: 1Gi
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      annotations:
        argocd.argoproj.io/sync-options: Prune=false,Delete=false
        client.lifecycle.config.k8s.io/deletion: detach
        helm.sh/resource-policy: keep
        kapp.k14s.io/delete-strategy: orphan
        kustomize.toolkit.fluxcd.io/prune: disabled
      labels:
        app: my-stateful-app
        app.kubernetes.io/instance: my-stateful-app
        app.kubernetes.io/managed-by: wellhead
        app.kubernetes.io/name: my-stateful-app
      name: my-volume-claim-my-stateful-app-1
      namespace: demo
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: 1Gi
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      annotations:
        argocd.argoproj.io/sync-options: Prune=false,Delete=false
        client.lifecycle.config.k8s.io/deletion: detach
        helm.sh/resource-policy: keep
        kapp.k14s.io/delete-strategy: orphan
        kustomize.toolkit.fluxcd.io/prune: disabled
      labels:
        app: my-stateful-app
        app.kubernetes.io/instance: my-stateful-app
        app.kubernetes.io/managed-by: wellhead
        app.kubernetes.io/name: my-stateful-app
      name: my-volume-claim-my-stateful-app-2
      namespace: demo
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: 1Gi
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      labels:
        app.kubernetes.io/instance: my-stateful-app
        app.kubernetes.io/managed-by: wellhead
        app.kubernetes.io/name: my-stateful-app
      name: my-stateful-app
      namespace: demo
    spec:
      persistentVolumeClaimRetentionPolicy:
        whenDeleted: Retain
        whenScaled: Retain
      replicas: 3
      selector:
        matchLabels:
          app: my-stateful-app
      serviceName: headless-service
      template:
        metadata:
          labels:
            app: my-stateful-app
        spec:
          containers:
          - image: nginx:1.14.2
            name: nginx
            ports:
            - containerPort: 80
      volumeClaimTemplates:
      - apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: my-volume-claim
        spec:
          accessModes:
          - ReadWriteOnce
          resources:
            requests:
              storage: 1Gi
    ----- stderr -----
    warning[WH0126]: no container mounts the claim `my-volume-claim`
      --> pipeline.yaml:17:7
       |
    17 |     - name: my-volume-claim
       |       ^
    help: give it a `mountPath`, or name it in a container's `volumeMounts`
    "#);
}

/// `-o json` prints one List with the objects in the order of the YAML documents.
#[test]
fn json_is_one_list() {
    let context = Context::with_pipeline();
    let list = json(&mut context.command(&["render", "-f", "db.yaml", "-o", "json"]));
    assert_eq!(list["kind"], "List");
    assert_eq!(list["apiVersion"], "v1");
    let kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["Service", "StatefulSet"]);
}

/// Of a folder, the specs are rendered by file name, whatever else lies there.
#[test]
fn a_folder_is_rendered_by_file_name() {
    let context = Context::new();
    context.write("specs/b.yaml", PIPELINE.replace("name: db", "name: second"));
    context.write("specs/a.yml", PIPELINE.replace("name: db", "name: first"));
    context.write("specs/notes.txt", "not a spec");
    let list = json(&mut context.command(&["render", "-f", "specs", "-o", "json"]));
    let names: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|it| &it["metadata"]["name"]).collect();
    assert_eq!(names, ["first", "first", "second", "second"]);
}

/// `-` reads standard input, which findings call `-`.
#[test]
fn standard_input_is_read() {
    let context = Context::new();
    let text = PIPELINE.replace("replicas", "replicsa");
    assert_snapshot!(context.run_with_input(&["render", "-f", "-"], &text), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0105]: unknown field `replicsa`
     --> -:6:3
      |
    6 |   replicsa: 3
      |   ^^^^^^^^
    help: did you mean `replicas`?
    "#);
}

/// One stream cannot be read twice.
#[test]
fn standard_input_is_named_once() {
    let context = Context::new();
    assert_snapshot!(context.run(&["render", "-f", "-", "-c", "-"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0707]: standard input is named more than once
    help: give `-` once; one stream may hold several documents
    "#);
}

/// A file that is not there is named, and so is what `-f` takes.
#[test]
fn a_missing_file_is_named() {
    let context = Context::new();
    assert_snapshot!(context.run(&["render", "-f", "missing.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0101]: cannot read `missing.yaml`: no such file or directory
      --> missing.yaml
    help: check the path; `-` is standard input
    "#);
}

/// A folder without specs is an error, so that a mistyped path does not pass for success.
#[test]
fn a_folder_without_specs_is_an_error() {
    let context = Context::new();
    context.write("specs/notes.txt", "");
    assert_snapshot!(context.run(&["render", "-f", "specs"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0113]: `specs` has no file that ends in .yaml, .yml or .json
      --> specs
    help: subfolders are not read, nor names that begin with a dot: name them one by one
    "#);
}

/// Documents of both kinds may stand in one file.
#[test]
fn a_customization_may_stand_beside_its_pipeline() {
    let context = Context::new();
    let customization = "---\napiVersion: wellhead.dev/v1alpha1\nkind: Customization\n\
                         metadata: {name: team}\nspec: {plugins: []}\n";
    context.write("all.yaml", format!("{PIPELINE}{customization}"));
    let list = json(&mut context.command(&["render", "-f", "all.yaml", "-o", "json"]));
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

/// A file of customizations alone has nothing to render.
#[test]
fn files_without_a_pipeline_are_an_error() {
    let context = Context::with_pipeline();
    context.write(
        "team.yaml",
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: team}\n\
         spec: {plugins: []}\n",
    );
    assert_snapshot!(context.run(&["render", "-f", "team.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0704]: there is no pipeline in the given files
    help: `-f` names a file or folder that holds a document of `kind: Pipeline`
    "#);
}

/// A pipeline that `-c` names is not rendered by accident.
#[test]
fn a_pipeline_among_customizations_is_an_error() {
    let context = Context::with_pipeline();
    context.write("team.yaml", PIPELINE.replace("name: db", "name: smuggled"));
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-c", "team.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0703]: pipeline `smuggled` is in a file of customizations
     --> team.yaml:1:1
      |
    1 | apiVersion: wellhead.dev/v1alpha1
      | ^
    help: give the file by `-f`, or remove the pipeline from it
    "#);
}
