//! Shapes that are rare, and what becomes of each.

use serde_json::{Value, json};
use wellhead::import::{self, Import};
use wellhead::{Manifest, Severity, Source, load_manifests, render};

fn stateful_set(spec: Value) -> Value {
    let mut base = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
                 "template": {"metadata": {"labels": {"app": "db"}},
                              "spec": {"containers": [{"name": "db", "image": "postgres:17"}]}}}});
    merge(&mut base["spec"], spec);
    base
}

fn merge(base: &mut Value, with: Value) {
    match (base, with) {
        (Value::Object(base), Value::Object(with)) => {
            for (key, value) in with {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, with) => *base = with,
    }
}

fn headless() -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"},
           "spec": {"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 1}]}})
}

fn imported(objects: &[Value]) -> Import {
    let objects: Vec<_> = objects.iter().map(|it| Manifest::new(it.clone(), "x.yaml")).collect();
    import::from_manifests(&objects)
}

fn codes(import: &Import) -> Vec<&str> {
    import.findings.iter().map(|it| it.code.id()).collect()
}

#[test]
fn a_plain_pair_has_nothing_to_say() {
    let import = imported(&[stateful_set(json!({})), headless()]);
    assert_eq!(codes(&import), [""; 0], "{:?}", import.findings);
    assert!(import.pipelines[0].spec.service.name.is_none());
}

#[test]
fn the_service_stays_external_where_it_is_no_headless_service_of_the_pods() {
    let with = |change: Value| {
        let mut service = headless();
        merge(&mut service, change);
        service
    };
    let lone = stateful_set(json!({}));
    let unnamed = stateful_set(json!({"serviceName": null}));
    for (objects, named) in [
        (vec![lone.clone()], true),
        (vec![unnamed], false),
        (vec![lone.clone(), with(json!({"spec": {"clusterIP": null}}))], true),
        (vec![lone.clone(), with(json!({"spec": {"clusterIP": "10.0.0.1"}}))], true),
        (vec![lone.clone(), with(json!({"spec": {"type": "NodePort"}}))], true),
        (vec![lone.clone(), with(json!({"spec": {"type": "ExternalName"}}))], true),
        (vec![lone.clone(), with(json!({"spec": {"selector": null}}))], true),
        (vec![lone.clone(), with(json!({"metadata": {"namespace": "other"}}))], true),
    ] {
        let import = imported(&objects);
        assert_eq!(import.findings[0].code.id(), "WH0733", "{objects:?}");
        let set = render(&import.pipelines[0]);
        assert!(set.service.is_none());
        assert_eq!(set.stateful_set.spec.unwrap().service_name.is_some(), named);
    }
}

#[test]
fn a_selector_with_expressions_is_refused_and_the_others_are_imported() {
    let mut odd = stateful_set(json!({"selector": {"matchExpressions": [
        {"key": "app", "operator": "In", "values": ["db"]}]}}));
    odd["metadata"]["name"] = "odd".into();
    let import = imported(&[odd, stateful_set(json!({})), headless()]);
    assert_eq!(codes(&import), ["WH0734"]);
    assert_eq!(import.findings[0].severity, Severity::Error);
    assert_eq!(import.pipelines.len(), 1);
}

#[test]
fn what_no_pipeline_can_have_is_an_error_with_its_field() {
    for (change, field) in [
        (
            json!({"template": {"spec": {"containers": [{"name": "db", "image": "a:1", "ports": [
            {"containerPort": 1, "name": "a"}, {"containerPort": 1, "name": "b"}]}]}}}),
            "spec.template.spec.containers.db.ports",
        ),
        (json!({"template": {"spec": {"containers": []}}}), "spec.template.spec.containers"),
        (json!({"replicas": "three"}), "spec.replicas"),
        (json!({"replicas": 3.5}), "spec.replicas"),
        (
            json!({"template": {"spec": {"containers": [{"name": "db"}]}}}),
            "spec.template.spec.containers.db.image",
        ),
        (
            json!({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]}),
            "spec.volumeClaimTemplates.data.spec.resources.requests.storage",
        ),
        (
            json!({"template": {"spec": {"imagePullSecrets": [{"odd": 1}]}}}),
            "spec.template.spec.imagePullSecrets",
        ),
    ] {
        let import = imported(&[stateful_set(change), headless()]);
        let error = import.findings.iter().find(|it| it.severity == Severity::Error).unwrap();
        assert!(import.pipelines.is_empty());
        assert!(error.field.as_ref().unwrap().to_string().contains(field), "{error:?}");
    }
}

#[test]
fn an_old_version_is_an_error_and_nothing_at_all_is_one_too() {
    let mut old = stateful_set(json!({}));
    old["apiVersion"] = "apps/v1beta1".into();
    assert_eq!(codes(&imported(&[old.clone(), old])), ["WH0734", "WH0734"]);
    assert_eq!(codes(&imported(&[])), ["WH0730"]);
}

#[test]
fn the_last_of_two_variables_counts() {
    let import = imported(&[
        stateful_set(json!({"template": {"spec": {
            "imagePullSecrets": [{"name": "a"}, {"name": "a"}],
            "containers": [{"name": "db", "image": "a:1", "env": [
                {"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "A", "value": "hunter2"}]}]}}})),
        headless(),
    ]);
    assert_eq!(codes(&import), ["WH0735", "WH0735"], "{:?}", import.findings);
    let env = import.pipelines[0].spec.containers[0].env.as_ref().unwrap();
    let of = |it: &k8s_openapi::api::core::v1::EnvVar| (it.name.clone(), it.value.clone().unwrap());
    assert_eq!(
        env.iter().map(of).collect::<Vec<_>>(),
        [("B".to_owned(), "2".to_owned()), ("A".to_owned(), "hunter2".to_owned())]
    );
    assert!(!format!("{:?}", import.findings).contains("hunter2"), "values are not shown");
}

#[test]
fn fields_that_no_pipeline_has_are_told_one_by_one() {
    let mut odd = stateful_set(json!({
        "template": {"metadata": {"name": "db", "finalizers": ["example.com/a"]},
                     "spec": {"overhead": {"cpu": "1", "memory": "1Gi"}, "priority": 3,
                              "containers": [{"name": "db", "image": "a:1", "newField": {"a": 1}}]}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
            "volumeName": "pv-1", "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}, "limits": {"storage": "2Gi"}}}}]}));
    odd["metadata"]["ownerReferences"] =
        json!([{"kind": "Database", "name": "main", "apiVersion": "x/v1", "uid": "1"}]);
    let mut service = headless();
    service["spec"]["externalIPs"] = json!(["10.1.1.1"]);
    let import = imported(&[odd, service]);
    let told: Vec<_> = import
        .findings
        .iter()
        .map(|it| format!("{} {} {}", it.code, it.object, it.field.as_ref().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "WH0736 statefulset/db metadata.ownerReferences",
            "WH0731 statefulset/db spec.template.metadata.finalizers",
            "WH0731 statefulset/db spec.template.spec.containers.db.newField",
            "WH0731 statefulset/db spec.template.spec.overhead",
            "WH0731 statefulset/db spec.template.spec.priority",
            "WH0731 statefulset/db spec.volumeClaimTemplates.data.spec.resources.limits",
            "WH0731 statefulset/db spec.volumeClaimTemplates.data.spec.volumeName",
            "WH0731 service/db spec.externalIPs",
        ]
    );
}

#[test]
fn sizes_and_classes_of_claims_become_ranges() {
    let claim = |ordinal: u32, size: &str, class: &str| {
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
               "metadata": {"name": format!("data-db-{ordinal}"), "labels": {"app": "db"}, "uid": "1"},
               "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": class,
                        "resources": {"requests": {"storage": size}}}})
    };
    let template = |class: Option<&str>| {
        stateful_set(
            json!({"replicas": 3, "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
            "storageClassName": class, "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}}]}),
        )
    };
    let ranges = |objects: &[Value]| {
        let import = imported(objects);
        assert_eq!(codes(&import), [""; 0], "{:?}", import.findings);
        serde_json::to_value(&import.pipelines[0].spec.claims[0].ordinals).unwrap()
    };
    let three = |a: Value, b: Value, c: Value, class| vec![template(class), headless(), a, b, c];
    let same = three(claim(0, "1Gi", "a"), claim(1, "1024Mi", "a"), claim(2, "1Gi", "a"), None);
    assert_eq!(ranges(&same), json!([]));
    let mut written = same.clone();
    for object in &mut written {
        object["metadata"]["uid"] = Value::Null;
    }
    assert_eq!(ranges(&written), json!([{"from": 0, "to": 2, "storageClass": "a"}]));
    let grown = three(claim(0, "2Gi", "a"), claim(1, "2Gi", "a"), claim(4, "3Gi", "a"), Some("a"));
    assert_eq!(
        ranges(&grown),
        json!([{"from": 0, "to": 1, "size": "2Gi"}, {"from": 4, "to": 4, "size": "3Gi"}])
    );
    let moved = three(claim(0, "1Gi", "a"), claim(1, "1Gi", "b"), claim(2, "2Gi", "b"), Some("a"));
    assert_eq!(
        ranges(&moved),
        json!([{"from": 1, "to": 1, "storageClass": "b"},
               {"from": 2, "to": 2, "size": "2Gi", "storageClass": "b"}])
    );
    let mixed = three(claim(0, "1Gi", "a"), claim(1, "1Gi", "b"), claim(2, "1Gi", "b"), None);
    assert_eq!(
        ranges(&mixed),
        json!([{"from": 0, "to": 0, "storageClass": "a"}, {"from": 1, "to": 2, "storageClass": "b"}])
    );
}

#[test]
fn mounts_keep_their_order() {
    let mounts = |mounts: Value| {
        let spec = json!({
            "template": {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}],
                "containers": [{"name": "db", "image": "a:1", "volumeMounts": mounts}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]});
        let import = imported(&[stateful_set(spec), headless()]);
        let pipeline = &import.pipelines[0];
        let rendered = serde_json::to_value(render(pipeline).stateful_set).unwrap();
        assert_eq!(rendered["spec"]["template"]["spec"]["containers"][0]["volumeMounts"], mounts);
        pipeline.spec.claims[0].mount_path.is_some()
    };
    let (data, tmp) = (
        json!({"name": "data", "mountPath": "/data"}),
        json!({"name": "tmp", "mountPath": "/tmp"}),
    );
    assert!(mounts(json!([data])));
    assert!(mounts(json!([tmp, data])));
    assert!(!mounts(json!([data, tmp])));
    assert!(!mounts(json!([tmp, {"name": "data", "mountPath": "/data", "subPath": "a"}])));
    assert!(!mounts(json!([data, {"name": "data", "mountPath": "/more"}])));
}

#[test]
fn what_cannot_be_read_is_a_finding_of_the_files() {
    let manifests =
        load_manifests(&[Source::Text { name: "x.yaml".into(), text: "{{ if }}\n".into() }]);
    assert_eq!(manifests.findings.len(), 1);
}

#[test]
fn an_annotation_of_old_that_says_the_class_is_kept_and_told() {
    const ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
    let set = |class: Value| {
        stateful_set(json!({"volumeClaimTemplates": [{
            "metadata": {"name": "data", "annotations": {ANNOTATION: "standard"}},
            "spec": {"storageClassName": class, "accessModes": ["ReadWriteOnce"],
                     "resources": {"requests": {"storage": "1Gi"}}}}],
            "template": {"spec": {"containers": [{"name": "db", "image": "postgres:17",
                "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}}))
    };
    let import = imported(&[set(Value::Null), headless()]);
    assert_eq!(codes(&import), ["WH0142"], "{:?}", import.findings);
    let claim = &import.pipelines[0].spec.claims[0];
    assert_eq!(claim.annotations.get(ANNOTATION).map(String::as_str), Some("standard"));
    // The field beside it has no effect, and is not carried on.
    let import = imported(&[set(json!("fast")), headless()]);
    let told = codes(&import);
    assert!(told.contains(&"WH0142"), "{:?}", import.findings);
    assert!(told.len() > 1, "what is left out is told: {:?}", import.findings);
    assert_eq!(import.pipelines[0].spec.claims[0].storage_class, None);
}

#[test]
fn a_volume_that_a_claim_takes_the_place_of_is_left_out_and_told() {
    let template = |name: &str| {
        json!({"metadata": {"name": name}, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
    };
    let mounts =
        json!([{"name": "data", "mountPath": "/data"}, {"name": "wal", "mountPath": "/wal"}]);
    let spec = json!({
        "volumeClaimTemplates": [template("data"), template("wal"), template("log")],
        "template": {"spec": {
            "containers": [{"name": "db", "image": "a:1", "volumeMounts": mounts}],
            "initContainers": [{"name": "init", "image": "a:1", "volumeMounts": mounts}],
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "tmp", "emptyDir": {}},
                {"name": "wal", "ephemeral": {"volumeClaimTemplate": {"spec": {
                    "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}},
                {"name": "log"}]}}});
    let import = imported(&[stateful_set(spec), headless()]);
    let told: Vec<_> = import
        .findings
        .iter()
        .map(|it| (it.code.id(), it.field.clone().unwrap().to_string()))
        .collect();
    let field = |name: &str| ("WH0739", format!("spec.template.spec.volumes.{name}"));
    assert_eq!(told, [field("data"), field("wal"), field("log")]);
    let rendered = serde_json::to_value(render(&import.pipelines[0]).stateful_set).unwrap();
    let pod = &rendered["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"], json!([{"name": "tmp", "emptyDir": {}}]));
    assert_eq!(pod["initContainers"][0]["volumeMounts"], mounts);
}

#[test]
fn a_pull_secret_without_a_name_is_left_out_and_told() {
    let spec =
        json!({"template": {"spec": {"imagePullSecrets": [{"name": ""}, {"name": "a"}, {}]}}});
    let import = imported(&[stateful_set(spec), headless()]);
    assert_eq!(codes(&import), ["WH0739"], "{:?}", import.findings);
    let secrets = &import.pipelines[0].spec.image_pull_secrets;
    assert_eq!(secrets.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn names_that_begin_with_a_digit_are_imported_and_their_own_service_is_said() {
    let mut set = stateful_set(json!({"serviceName": "389-ds"}));
    set["metadata"]["name"] = "389-ds".into();
    let mut service = headless();
    service["metadata"]["name"] = "389-ds".into();
    let import = imported(&[set, service]);
    assert_eq!(codes(&import), [""; 0], "{:?}", import.findings);
    let service = import.pipelines[0].spec.service.name.as_ref();
    assert_eq!(service.map(ToString::to_string).as_deref(), Some("389-ds"));
}

#[test]
fn address_families_of_a_file_are_said_and_those_that_a_server_filled_in_are_not() {
    let families = |change: Value| {
        let mut service = headless();
        merge(&mut service, change);
        let import = imported(&[stateful_set(json!({})), service]);
        assert_eq!(codes(&import), [""; 0], "{:?}", import.findings);
        import.pipelines[0].spec.service.ip_families.clone()
    };
    let ipv4 = json!({"spec": {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}});
    assert_eq!(families(ipv4.clone()), ["IPv4"]);
    assert_eq!(families(json!({"spec": {"ipFamilies": ["IPv6"]}})), ["IPv6"]);
    let owned = |fields: Value| {
        let mut service = ipv4.clone();
        merge(
            &mut service,
            json!({"metadata": {"managedFields": [{"manager": "a", "fieldsV1": {"f:spec": fields}}]}}),
        );
        service
    };
    assert_eq!(families(owned(json!({"f:selector": {}}))), [""; 0]);
    assert_eq!(families(owned(json!({"f:ipFamilies": {}}))), ["IPv4"]);
}

#[test]
fn what_a_claim_of_a_file_says_beyond_its_template_is_told() {
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-db-0", "labels": {"app": "db"}, "finalizers": ["a.example.com/b"]},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": "pv-1", "resources": {"requests": {"storage": "1Gi"}},
                 "dataSource": {"kind": "VolumeSnapshot", "name": "a", "apiGroup": "snapshot.storage.k8s.io"}}});
    let set =
        stateful_set(json!({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}));
    let import = imported(&[set, headless(), claim]);
    let told: Vec<_> = import
        .findings
        .iter()
        .map(|it| format!("{} {}", it.object, it.field.as_ref().unwrap()))
        .collect();
    assert_eq!(
        told,
        ["metadata.finalizers", "spec.dataSource", "spec.volumeName"]
            .map(|it| format!("claim/data-db-0 {it}"))
    );
}

#[test]
fn a_document_says_what_it_comes_from_and_what_it_does_not_say() {
    let odd = stateful_set(json!({"template": {"spec": {"overhead": {"cpu": "1"}}}}));
    let import = imported(&[odd]);
    let yaml = import.to_yaml(0);
    let comments: Vec<_> = yaml.lines().take_while(|it| it.starts_with('#')).collect();
    assert_eq!(
        comments,
        [
            "# Imported from statefulset/db of x.yaml.",
            "# What it does not say, or not in the same way:",
            "# - statefulset/db: its service/db is not in the files: the pipeline names it only",
            "# - statefulset/db: `spec.template.spec.overhead` is omitted",
        ]
    );
}
