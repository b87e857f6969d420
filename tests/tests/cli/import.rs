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
    # Imported from statefulset/db of db.yaml.
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
      - name: db
        image: postgres:17
        resources:
          requests:
            cpu: 500m
        volumeMounts:
        - name: settings
          mountPath: /etc/db
      volumes:
      - name: settings
        configMap:
          name: settings
      claims:
      - name: data
        size: 1Gi
        mountPath: /data
    ----- stderr -----
    warning[WH0732]: skipped: ConfigMap 1
      a pipeline is a StatefulSet, the headless Service that it names and the claims of its replicas
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
        let arguments = [&["import", "-f", "db.yaml", "--output-dir", "out"], namespace].concat();
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
    warning[WH0732]: skipped: ConfigMap 1, Service 1 (db-headless)
      a pipeline is a StatefulSet, the headless Service that it names and the claims of its replicas
    help: go on applying them as before
    error[WH0102]: expected string scalar
     --> all/b.yaml:3:8
      |
    3 | kind: {{ .Values.kind }}
      |        ^
    help: the file is a template: let its tool render it first, e.g. `helm template`
    error[WH0734]: statefulset/odd: its selector has `matchExpressions`
      --> all/a.yaml:20:14
       |
    20 |   selector: {matchExpressions: [{key: app, operator: Exists}]}
       |              ^^^^^^^^^^^^^^^^
      field: spec.selector.matchExpressions
      a pipeline finds its pods by labels with values, and a selector cannot change
    help: make a new StatefulSet with `matchLabels`: `kubectl delete --cascade=orphan` keeps the pods
    "#);
}

/// An error names the field as kubectl does, and the line; two equal ones are told apart.
#[test]
fn an_error_names_the_field_and_its_line() {
    let context = Context::new();
    let without = MANIFEST
        .replace("        image: postgres:17\n", "")
        .replace("replicas: 3", "replicas: three");
    context.write("db.yaml", without);
    assert_snapshot!(context.run(&["import", "-q", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0106]: statefulset/db: found a string, expected an integer
      --> db.yaml:19:13
       |
    19 |   replicas: three
       |             ^^^^^
      field: spec.replicas
      a pipeline cannot have it, so the StatefulSet is not imported
    "#);
}

/// `-o` is a format, as everywhere; errors are part of the result.
#[test]
fn the_result_and_its_errors_are_json() {
    let context = Context::new();
    let odd =
        MANIFEST.replace("name: db,", "name: odd,").replace("image: postgres:17", "image: 17");
    context.write("all/a.yaml", odd);
    context.write("all/b.yaml", MANIFEST);
    let result = output(&mut context.command(&["import", "-f", "all", "-o", "json"]));
    assert_eq!(result.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&result.stdout).expect("it is JSON");
    assert_eq!(document["kind"], "ImportResult");
    assert_eq!(document["pipelines"][0]["kind"], "Pipeline");
    assert_eq!(document["pipelines"][0]["spec"]["containers"][0]["image"], "postgres:17");
    let error = &document["diagnostics"][0];
    assert_eq!(
        (&error["severity"], &error["object"]),
        (&"error".into(), &"statefulset/odd".into())
    );
    assert_eq!(error["field"], "spec.template.spec.containers.db.image");
    assert_eq!(
        (&error["location"]["file"], &error["location"]["line"]),
        (&"all/a.yaml".into(), &27.into())
    );

    let none = output(&mut context.command(&["import", "-f", "none.yaml", "-o", "json"]));
    let document: serde_json::Value = serde_json::from_slice(&none.stdout).expect("it is JSON");
    assert_eq!(none.status.code(), Some(1));
    assert_eq!(document["diagnostics"][0]["severity"], "error");

    let folder = output(&mut context.command(&["import", "-f", "all", "-o", "pipelines"]));
    assert_eq!(folder.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&folder.stderr).contains("`--output-dir` names a folder"));
}

/// A file that cannot be read may hold the StatefulSet.
#[test]
fn a_key_that_stands_twice_is_told_once() {
    let context = Context::new();
    context.write("db.yaml", MANIFEST.replace("  replicas: 3\n", "  replicas: 3\n  replicas: 2\n"));
    assert_snapshot!(context.run(&["import", "-q", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0102]: duplicate mapping key `replicas` is not allowed here
      --> db.yaml:20:3
       |
    20 |   replicas: 2
       |   ^^^^^^^^
    "#);
}

/// A pipeline may be named as a StatefulSet may; its Service has a rule of its own on older servers.
#[test]
fn a_name_may_begin_with_a_digit() {
    let context = Context::new();
    let pipeline = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: 389-ds}\nspec:\n  \
                    containers: [{name: ds, image: 'ds:3'}]\n";
    context.write("ds.yaml", pipeline);
    assert_snapshot!(context.run(&["render", "-f", "ds.yaml", "--output-dir", "out"]), @r#"
    exit code: 0
    ----- stdout -----
    ----- stderr -----
    warning[WH0109]: the Service is named `389-ds`: before Kubernetes 1.36, servers want a letter first
     --> ds.yaml:4:1
      |
    4 | spec:
      | ^^^^
    help: name it otherwise, e.g. `service: {name: ds}`; where the server takes it, write `service: {name: '389-ds'}`
    out: 2 written, 0 unchanged, 0 removed
    "#);
    for named in ["ds", "389-ds"] {
        context.write("ds.yaml", format!("{pipeline}  service: {{name: {named}}}\n"));
        let shown = context.run(&["render", "-f", "ds.yaml", "--output-dir", named]);
        assert!(shown.starts_with("exit code: 0") && !shown.contains("warning"), "{shown}");
    }
}

/// Without a StatefulSet there is nothing to import.
#[test]
fn files_without_a_stateful_set_and_wrong_command_lines_are_errors() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["import", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    warning[WH0732]: skipped: Pipeline 1
      a pipeline is a StatefulSet, the headless Service that it names and the claims of its replicas
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
