//! `wellhead import` of manifests.

use insta::assert_snapshot;

use crate::context::{Context, output};

const MANIFEST: &str = "\
# What a chart renders to.
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: v1
kind: Service
metadata: {name: db-headless, labels: {app.kubernetes.io/managed-by: Helm}}
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{name: sql, port: 5432, targetPort: 5432, protocol: TCP}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app.kubernetes.io/managed-by: Helm}, creationTimestamp: null}
spec:
  serviceName: db-headless
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {name: db, labels: {app: db, tier: gold}}
    spec:
      terminationGracePeriodSeconds: 30
      containers:
      - name: db
        image: postgres:17
        imagePullPolicy: IfNotPresent
        resources: {requests: {cpu: 0.5}}
        volumeMounts: [{name: settings, mountPath: /etc/db}, {name: data, mountPath: /data}]
      volumes: [{name: settings, configMap: {name: settings, defaultMode: 0644}}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}
";

/// A pipeline says what its objects say, without defaults; what it does not say is told.
#[test]
fn a_manifest_becomes_a_pipeline_and_what_is_left_out_is_told() {
    let context = Context::new();
    context.write("db.yaml", MANIFEST);
    assert_snapshot!(context.run(&["import", "-f", "db.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    apiVersion: wellhead.dev/v1alpha1
    kind: Pipeline
    metadata:
      name: db
      labels:
        app.kubernetes.io/managed-by: Helm
    spec:
      replicas: 3
      selector:
        app: db
      podLabels:
        tier: gold
      service:
        name: db-headless
        labels:
          app.kubernetes.io/managed-by: Helm
        ports:
        - name: sql
          port: 5432
      containers:
      - image: postgres:17
        name: db
        resources:
          requests:
            cpu: 500m
        volumeMounts:
        - mountPath: /etc/db
          name: settings
      volumes:
      - configMap:
          name: settings
        name: settings
      claims:
      - name: data
        size: 1Gi
        mountPath: /data
    ----- stderr -----
    warning[WH0731]: statefulset/db: `spec.template.metadata.name` is left out
      --> db.yaml:14:1
      a pipeline has no such field; a live object keeps it
    help: whoever set it must not take it away: that would restart the pods
    warning[WH0732]: ConfigMap objects are left out: settings
      --> db.yaml:2:1
      a pipeline has no `ConfigMap` of `v1`
    help: go on applying them as before
    "#);
}

/// The pipeline renders back, also through a pipe.
#[test]
fn what_is_imported_renders() {
    let context = Context::new();
    let imported = output(context.command(&["import", "-q", "-f", "-"]).stdin({
        context.write("db.yaml", MANIFEST);
        std::fs::File::open(context.path("db.yaml")).expect("it was just written")
    }));
    context.write("pipeline.yaml", &imported.stdout);
    let rendered = context.run(&["render", "-f", "pipeline.yaml", "-n", "demo"]);
    assert!(rendered.starts_with("exit code: 0\n"), "{rendered}");
    assert!(rendered.contains("name: data-db-2"), "{rendered}");
}

/// Each pipeline has a file, and the second run writes nothing.
#[test]
fn each_pipeline_has_a_file() {
    let context = Context::new();
    context.write("db.yaml", MANIFEST);
    let run = |namespace: &[&str]| {
        let arguments = [&["import", "-f", "db.yaml", "-o", "out"], namespace].concat();
        String::from_utf8(output(&mut context.command(&arguments)).stderr).expect("it is text")
    };
    assert!(run(&[]).ends_with("out: 1 written, 0 unchanged\n"));
    assert!(run(&[]).ends_with("out: 0 written, 1 unchanged\n"));
    assert!(run(&["-n", "demo"]).ends_with("out: 1 written, 0 unchanged\n"));
    assert!(context.path("out/_/db.yaml").is_file());
    let text = std::fs::read_to_string(context.path("out/demo/db.yaml")).expect("it was written");
    assert!(text.contains("namespace: demo"), "{text}");
}

/// What cannot be imported is an error, and the rest is imported.
#[test]
fn what_cannot_be_imported_is_an_error_and_the_rest_is_imported() {
    let context = Context::new();
    let odd = MANIFEST
        .replace("name: db,", "name: odd,")
        .replace("{matchLabels: {app: db}}", "{matchExpressions: [{key: app, operator: Exists}]}");
    context.write("all/a.yaml", odd);
    context.write("all/b.yaml", MANIFEST.replace("kind: ConfigMap", "kind: {{ .Values.kind }}"));
    let shown = context.run(&["import", "-f", "all"]);
    let (result, said) = shown.split_once("----- stderr -----\n").expect("both are there");
    assert!(result.starts_with("exit code: 1\n"), "{result}");
    assert_eq!(result.matches("kind: Pipeline").count(), 1, "{result}");
    assert_snapshot!(said, @r#"
    warning[WH0731]: statefulset/db: `spec.template.metadata.name` is left out
      --> all/b.yaml:14:1
      a pipeline has no such field; a live object keeps it
    help: whoever set it must not take it away: that would restart the pods
    warning[WH0732]: ConfigMap objects are left out: settings
      --> all/a.yaml:2:1
      a pipeline has no `ConfigMap` of `v1`
    help: go on applying them as before
    warning[WH0732]: Service objects are left out: db-headless
      --> all/a.yaml:6:1
      a pipeline has one: the headless one that its StatefulSet names
    help: go on applying them as before
    error[WH0102]: expected string scalar
     --> all/b.yaml:3:8
      |
    3 | kind: {{ .Values.kind }}
      |        ^
    help: the file is a template: let its tool render it first, e.g. `helm template`
    error[WH0734]: statefulset/odd: its selector has `matchExpressions`
      --> all/a.yaml:14:1
      a pipeline finds its pods by labels with values, and a selector cannot change
    help: make a new StatefulSet with `matchLabels`: `kubectl delete --cascade=orphan` keeps the pods
    "#);
}

/// Without a StatefulSet there is nothing to import.
#[test]
fn files_without_a_stateful_set_and_wrong_command_lines_are_errors() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["import", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    warning[WH0732]: Pipeline objects are left out: db
      --> db.yaml:1:1
      a pipeline has no `Pipeline` of `wellhead.dev/v1alpha1`
    help: go on applying them as before
    error[WH0730]: there is no StatefulSet to import
    help: name the files of a workload, e.g. what `helm template` or `kubectl kustomize` prints
    "#);
    assert_snapshot!(context.run(&["import", "deploy/db"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'deploy/db' for '[NAME]...': `deploy` is not a StatefulSet: write sts/NAME

    For more information, try '--help'.
    "#);
    assert_snapshot!(context.run(&["import"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <NAME>...

    Usage: wellhead import <NAME>...

    For more information, try '--help'.
    "#);
}
