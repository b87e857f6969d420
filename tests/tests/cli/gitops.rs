//! What is rendered on top of what was rendered before, for tools that prune.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::context::{Context, PIPELINE, output};

/// A pipeline with a claim, and these replacements.
fn pipeline(changes: &[(&str, &str)]) -> String {
    let text = format!("{PIPELINE}  claims: [{{name: data, size: 2Gi, mountPath: /data}}]\n");
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "no `{from}` in {text}");
        text.replace(from, to)
    })
}

/// A folder with a tree of [`pipeline`].
fn with_tree(more: &[&str]) -> Context {
    let context = Context::new();
    context.write("db.yaml", pipeline(&[]));
    let shown = render(&context, more);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
    context
}

fn render(context: &Context, more: &[&str]) -> String {
    context.run(
        &[&["render", "-f", "db.yaml", "-n", "demo", "--output-dir", "out"][..], more].concat(),
    )
}

fn file(context: &Context, name: &str) -> String {
    fs::read_to_string(context.path(&format!("out/demo/db/{name}"))).expect("the file is there")
}

#[test]
fn claims_that_leave_are_told_and_come_back_as_they_were() {
    let context = with_tree(&[]);
    context.write("db.yaml", pipeline(&[("replicas: 3", "replicas: 1")]));
    assert_snapshot!(render(&context, &[]));
    let set = file(&context, "statefulset-db.yaml");
    assert_eq!(set.matches("# wellhead-claim: ").count(), 2, "{set}");
    assert!(render(&context, &[]).contains("0 written, 3 unchanged, 0 removed"));
    // What they would be now is not what they are in the cluster.
    let smaller = pipeline(&[("2Gi", "1Gi"), ("mountPath", "storageClass: fast, mountPath")]);
    context.write("db.yaml", smaller);
    let shown = render(&context, &[]);
    assert!(
        shown.contains("`storageClassName` of persistentvolumeclaim/data-db-0 stays unset"),
        "{shown}"
    );
    let claim = file(&context, "persistentvolumeclaim-data-db-2.yaml");
    assert!(claim.contains("storage: 2Gi") && !claim.contains("storageClassName"), "{claim}");
    assert!(!file(&context, "statefulset-db.yaml").contains("wellhead-claim"));
}

#[test]
fn what_cannot_change_stays_and_is_told() {
    let context = with_tree(&[]);
    let before = file(&context, "statefulset-db.yaml");
    let changed = "claims: [{name: data, size: 4Gi, labels: {a: b}, mountPath: /data}]\n  \
                   podManagementPolicy: Parallel\n  service: {name: peers}\n  \
                   selector: {app.kubernetes.io/name: db, tier: a}";
    let old = "claims: [{name: data, size: 2Gi, mountPath: /data}]";
    context.write("db.yaml", pipeline(&[(old, changed)]));
    assert_snapshot!(render(&context, &["--provenance", "why.json"]));
    let after = file(&context, "statefulset-db.yaml");
    let templates =
        |text: &str| text[text.find("volumeClaimTemplates").expect("it has some")..].to_owned();
    assert_eq!(templates(&after), templates(&before));
    assert!(after.contains("serviceName: db\n") && !after.contains("Parallel"), "{after}");
    assert!(file(&context, "service-db.yaml").contains("clusterIP: None"));
    assert!(file(&context, "service-peers.yaml").contains("clusterIP: None"));
    assert!(file(&context, "persistentvolumeclaim-data-db-0.yaml").contains("storage: 4Gi"));
    let explain = |field| context.run(&["explain", "statefulset/db", field, "--from", "why.json"]);
    assert_snapshot!(explain("spec.serviceName"));
    assert_snapshot!(explain("spec.replicas"));
}

#[test]
fn what_can_neither_change_nor_stay_is_refused_and_nothing_is_written() {
    let context = with_tree(&[]);
    let new = "claims: [{name: data, size: 2Gi, mountPath: /data}, {name: wal, size: 1Gi, mountPath: /wal}]\n  \
               selector: {app: other}";
    context.write(
        "db.yaml",
        pipeline(&[("claims: [{name: data, size: 2Gi, mountPath: /data}]", new)]),
    );
    assert_snapshot!(render(&context, &[]));
    assert!(!context.path("out/demo/db/persistentvolumeclaim-wal-db-0.yaml").exists());
    // The way out that the message names.
    fs::remove_file(context.path("out/demo/db/statefulset-db.yaml")).expect("it is there");
    assert!(render(&context, &[]).starts_with("exit code: 0"));
}

#[test]
fn standard_output_keeps_what_a_file_or_folder_has() {
    let context = Context::new();
    context.write("db.yaml", pipeline(&[]));
    let print = |more: &[&str]| {
        let arguments = [&["render", "-f", "db.yaml", "-n", "demo"][..], more].concat();
        output(&mut context.command(&arguments))
    };
    context.write("last.yaml", print(&[]).stdout);
    context.write("db.yaml", pipeline(&[("2Gi", "4Gi"), ("replicas: 3", "replicas: 2")]));
    let next = print(&["--immutable-from", "last.yaml"]);
    let text = String::from_utf8(next.stdout).expect("it is text");
    let (claims, set) = text.split_once("kind: StatefulSet").expect("it is rendered");
    assert!(
        claims.contains("4Gi") && set.contains("2Gi") && !set.contains("storage: 4Gi"),
        "{text}"
    );
    assert!(set.contains("# wellhead-claim: "), "{text}");
    // The tree says the same as the file.
    context.write("db.yaml", pipeline(&[]));
    render(&context, &[]);
    context.write("db.yaml", pipeline(&[("2Gi", "4Gi"), ("replicas: 3", "replicas: 2")]));
    assert_eq!(
        String::from_utf8(print(&["--immutable-from", "out"]).stdout).expect("it is text"),
        text
    );
    assert_eq!(print(&["--immutable-from", "nowhere"]).status.code(), Some(2));
    context.write("broken.yaml", "a: [");
    let broken = print(&["--immutable-from", "broken.yaml"]);
    assert_eq!((broken.status.code(), broken.stdout), (Some(1), Vec::new()));
}

#[test]
fn fields_that_are_left_to_others_are_in_no_rendered_object_and_no_record() {
    let context = Context::new();
    let ownership = "replicas: 3\n  ownership: [{field: replicas, policy: yield}]";
    context.write("db.yaml", pipeline(&[("replicas: 3", ownership)]));
    let printed = context.run(&["render", "-f", "db.yaml", "--provenance", "why.json"]);
    assert!(!printed.contains("replicas:") && printed.contains("data-db-2"), "{printed}");
    render(&context, &[]);
    assert!(!file(&context, "statefulset-db.yaml").contains("replicas:"));
    let text = fs::read(context.path("why.json")).expect("it was written");
    let record: Value = serde_json::from_slice(&text).expect("it is JSON");
    let objects = record["pipelines"][0]["objects"].as_array().expect("there are some");
    assert!(objects.iter().all(|it| it["fields"].get("spec.replicas").is_none()), "{record}");
}

#[test]
fn the_layout_of_flux_puts_claims_first_and_switching_it_loses_nothing() {
    let context = with_tree(&[]);
    let shown = render(&context, &["--layout", "flux", "--flux-path", "clusters/gitops"]);
    assert!(shown.contains("out: 7 written, 0 unchanged, 5 removed"), "{shown}");
    assert!(!shown.contains("WH0716"), "a file that moves does not leave: {shown}");
    assert!(file(&context, "claims/persistentvolumeclaim-data-db-0.yaml").contains("Prune=false"));
    assert!(file(&context, "workload/service-db.yaml").contains("clusterIP"));
    let flux = |part: &str| {
        let path = context.path(&format!("out/_flux/demo/db-{part}.yaml"));
        fs::read_to_string(path).expect("it is there")
    };
    assert_snapshot!(format!("{}---\n{}", flux("claims"), flux("workload")));
    let again = render(&context, &["--layout", "flux", "--flux-path", "clusters/gitops"]);
    assert!(again.contains("0 written, 7 unchanged, 0 removed"), "{again}");
    let back = render(&context, &[]);
    assert!(back.contains("5 written, 0 unchanged, 7 removed"), "{back}");
    assert!(!context.path("out/demo/db/claims").exists());
}

#[test]
fn new_claims_unlike_their_template_are_told_where_the_order_matters() {
    let context = with_tree(&[]);
    let other = "claims: [{name: data, size: 2Gi, mountPath: /data, ordinals: [{from: 3, storageClass: fast}]}]";
    let old = "claims: [{name: data, size: 2Gi, mountPath: /data}]";
    context.write("db.yaml", pipeline(&[(old, other), ("replicas: 3", "replicas: 4")]));
    let shown = render(&context, &["--layout", "flux"]);
    assert!(!shown.contains("WH0718"), "{shown}");
    let context = with_tree(&[]);
    context.write("db.yaml", pipeline(&[(old, other), ("replicas: 3", "replicas: 4")]));
    assert_snapshot!(render(&context, &[]));
    assert!(!render(&context, &[]).contains("WH0718"), "it is told once");
}

#[test]
fn an_option_that_would_let_a_tool_delete_a_claim_gives_way() {
    let context = Context::new();
    let own = "mountPath: /data, annotations: {argocd.argoproj.io/sync-options: 'Prune=true,Replace=true'}";
    context.write("db.yaml", pipeline(&[("mountPath: /data", own)]));
    let shown = render(&context, &[]);
    assert!(shown.contains("WH0143") && shown.contains("instead of `Prune=true`"), "{shown}");
    let claim = file(&context, "persistentvolumeclaim-data-db-0.yaml");
    assert!(claim.contains("Replace=true,Prune=false,Delete=false"), "{claim}");
    let set = file(&context, "statefulset-db.yaml");
    assert!(set.contains("Prune=true,Replace=true") && !set.contains("Prune=false"), "{set}");
}

#[test]
fn a_file_of_the_tree_that_cannot_be_read_is_named() {
    let context = with_tree(&[]);
    context.write("out/demo/db/statefulset-db.yaml", "spec: [");
    let shown = render(&context, &[]);
    assert!(shown.starts_with("exit code: 1") && shown.contains("statefulset-db.yaml"), "{shown}");
    assert!(shown.contains("delete it"), "{shown}");
}
