//! `wellhead explain CODE`.

use insta::assert_snapshot;

use crate::context::{Context, json, output};

/// A code of a message is explained in a few sentences.
#[test]
fn a_code_is_explained() {
    let context = Context::new();
    assert_snapshot!(context.run(&["explain", "WH0602"]), @r#"
    exit code: 0
    ----- stdout -----
    WH0602: a plugin writes a field that is not granted

    A plugin may write the fields that `grants` of its entry name, and no others. Add the
    named line to the entry if the plugin should write that field.

    Exit code: 4
    ----- stderr -----
    "#);
}

/// Codes of every part of Wellhead are known.
#[test]
fn codes_of_every_part_are_known() {
    let context = Context::new();
    for (code, exit_code) in [
        ("WH0105", None),
        ("WH0204", None),
        ("WH0411", None),
        ("WH0511", Some(14)),
        ("WH0601", Some(4)),
        ("wh0701", None),
    ] {
        let document = json(&mut context.command(&["explain", code, "-o", "json"]));
        assert_eq!(document["code"], code.to_uppercase());
        assert_eq!(document["exitCode"].as_u64(), exit_code, "{code}");
        assert!(document["explanation"].as_str().is_some_and(|text| text.len() > 40), "{code}");
    }
}

/// A code that does not exist is an error.
#[test]
fn an_unknown_code_is_an_error() {
    let context = Context::new();
    assert_snapshot!(context.run(&["explain", "WH9999"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0708]: there is no code `WH9999`
    help: codes are like WH0105; to explain a field, name the files by `-f`
    "#);
    assert_eq!(output(&mut context.command(&["explain"])).status.code(), Some(2));
}

/// A StatefulSet whose template has no labels and whose claims name no access modes, and a claim that has another one.
const DIFFERENT: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {}
    spec: {containers: [{name: db, image: 'postgres:17', volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data-db-0, labels: {app: db}}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
";

#[test]
fn what_an_import_cannot_say_has_its_code() {
    let context = Context::new();
    context.write("db.yaml", DIFFERENT);
    let shown = context.run(&["import", "-f", "db.yaml"]);
    for (code, said) in [
        ("WH0737", "claim/data-db-0: `spec.accessModes` differs from the claim template"),
        ("WH0738", "statefulset/db: `spec.template.metadata.labels` is different in the pipeline"),
    ] {
        assert!(shown.contains(&format!("warning[{code}]: {said}\n")), "{shown}");
    }
}
