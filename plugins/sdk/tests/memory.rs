//! The pipeline in memory behaves as the contract says.

use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_plugin::{
    ContainerPort, EditError, Finding, Pipeline, PipelineSelector, Place, Plugin, Protocol,
    Rejection, ServicePort, Toleration, Transformer, Validator, VolumeMount, context, facts,
    testing,
};

fn pipeline() -> Pipeline {
    testing::pipeline(json!({}))
}

fn path(error: &EditError) -> &str {
    &error.failure().path
}

#[test]
fn every_function_of_the_contract_is_there() {
    let contract = include_str!("../wit/pipeline.wit");
    for resource in ["pipeline", "container", "claim", "service"] {
        let body = contract.split_once(&format!("resource {resource} {{")).unwrap().1;
        let body = body.split_once("\n  }\n").unwrap().0;
        let file = format!("src/memory/{resource}.rs");
        let mut source = std::fs::read_to_string(&file).unwrap();
        if resource == "pipeline" {
            source += include_str!("../src/memory/generic.rs");
        }
        let names: Vec<&str> = body
            .lines()
            .filter(|line| !line.trim_start().starts_with("///"))
            .filter_map(|line| Some(line.split_once(": func(")?.0.trim()))
            .collect();
        assert!(names.len() > 5, "{resource} has only {names:?}");
        for name in names {
            let function = format!("pub fn {}(", name.replace('-', "_"));
            assert!(source.contains(&function), "{file} has no `{function}`");
        }
    }
}

#[test]
fn variables_are_found_by_name_and_have_a_value_or_a_source() {
    let pipeline = pipeline();
    let container = pipeline.main_container();
    container.set_env("A", "1").unwrap();
    container.set_env_source("B", r#"{"secretKeyRef":{"name":"s","key":"k"}}"#).unwrap();
    container.set_env("A", "2").unwrap();
    assert_eq!(container.env_names(), ["A", "B"]);
    assert_eq!(container.env("A").as_deref(), Some("2"));
    assert_eq!(container.env("B"), None);
    assert!(container.env_source("B").unwrap().contains("secretKeyRef"));
    container.remove_env("A").unwrap();
    assert_eq!(container.env_names(), ["B"]);
    let gone = container.remove_env("A").unwrap_err();
    assert!(matches!(gone, EditError::NotFound(_)));
    assert_eq!(path(&gone), "containers.main.env.A");
}

#[test]
fn ports_are_found_by_number_and_protocol() {
    let document = json!({ "spec": {
        "containers": [{ "name": "main", "image": "a:1", "ports": [{ "containerPort": 53 }] }],
    } });
    let pipeline = testing::pipeline(document);
    let container = pipeline.main_container();
    let port =
        |protocol, name: &str| ContainerPort { number: 53, protocol, name: Some(name.to_owned()) };
    container.set_port(&port(Protocol::Udp, "dns-udp")).unwrap();
    container.set_port(&port(Protocol::Tcp, "dns")).unwrap();
    assert_eq!(container.ports(), [port(Protocol::Tcp, "dns"), port(Protocol::Udp, "dns-udp")]);
    container.remove_port(53, Protocol::Tcp).unwrap();
    assert_eq!(container.ports(), [port(Protocol::Udp, "dns-udp")]);
    let gone = container.remove_port(53, Protocol::Tcp).unwrap_err();
    assert_eq!(path(&gone), "containers.main.ports.53/TCP");
}

#[test]
fn a_service_port_targets_a_number_or_a_name() {
    let pipeline = pipeline();
    let port = |number, target: &str| ServicePort {
        number,
        protocol: Protocol::Tcp,
        name: None,
        target: target.to_owned(),
    };
    pipeline.service().set_port(&port(80, "8080")).unwrap();
    pipeline.service().set_port(&port(443, "https")).unwrap();
    assert_eq!(pipeline.service().ports(), [port(80, "8080"), port(443, "https")]);
    let ports = &testing::document(&pipeline)["spec"]["service"]["ports"];
    assert_eq!((&ports[0]["targetPort"], &ports[1]["targetPort"]), (&json!(8080), &json!("https")));
}

#[test]
fn mounts_are_found_by_path_which_is_quoted_in_paths_of_fields() {
    let pipeline = pipeline();
    let container = pipeline.main_container();
    let mount = VolumeMount {
        volume: "data".to_owned(),
        mount_path: "/var/lib/a.b".to_owned(),
        sub_path: None,
        read_only: true,
    };
    container.set_mount(&mount).unwrap();
    assert_eq!(container.mounts(), [mount]);
    let edits = testing::edits(&pipeline);
    assert_eq!(edits[0].path, r#"containers.main.volumeMounts["/var/lib/a.b"]"#);
}

#[test]
fn any_field_goes_by_its_path() {
    let document = json!({
        "metadata": { "labels": { "a": "b" } },
        "spec": {
            "tolerations": [{ "key": "gpu" }],
            "containers": [{ "name": "main", "image": "a:1", "args": ["x"], "ports": [{ "containerPort": 80 }] }],
        },
    });
    let pipeline = testing::pipeline(document);
    assert_eq!(pipeline.get("labels.a").unwrap().as_deref(), Some("\"b\""));
    assert_eq!(pipeline.get("hostAliases").unwrap(), None);
    assert_eq!(pipeline.append("tolerations", r#"{"key":"spot"}"#).unwrap(), "tolerations[1]");
    let first = pipeline.insert("tolerations", r#"{"key":"first"}"#, &Place::First).unwrap();
    assert_eq!(first, "tolerations[0]");
    let args = "containers.main.args";
    let beside = Place::Before(format!("{args}[0]"));
    assert_eq!(pipeline.insert(args, "\"w\"", &beside).unwrap(), format!("{args}[0]"));
    assert_eq!(pipeline.main_container().args(), ["w", "x"]);
    let alias = pipeline.append("hostAliases", r#"{"ip":"10.0.0.1","hostnames":["a"]}"#).unwrap();
    assert_eq!(alias, r#"hostAliases["10.0.0.1"]"#);
    pipeline.set("containers.main.ports.80/TCP.hostPort", "8080").unwrap();
    pipeline.set("containers.proxy", r#"{"image":"proxy:1"}"#).unwrap();
    assert_eq!(pipeline.container_names(), ["main", "proxy"]);
    let after = Place::After("containers.main".to_owned());
    let sidecar = r#"{"name":"second","image":"b:1"}"#;
    assert_eq!(pipeline.insert("containers", sidecar, &after).unwrap(), "containers.second");
    assert_eq!(pipeline.container_names(), ["main", "second", "proxy"]);
    pipeline.remove("tolerations[2]").unwrap();
    pipeline.remove("containers.second").unwrap();
    pipeline.remove("hostAliases[\"10.0.0.9\"]").unwrap();
    let spec = &testing::document(&pipeline)["spec"];
    assert_eq!(spec["tolerations"], json!([{ "key": "first" }, { "key": "gpu" }]));
    assert_eq!(spec["containers"][0]["ports"], json!([{ "containerPort": 80, "hostPort": 8080 }]));
    assert_eq!(testing::edits(&pipeline).len(), 9);
}

#[test]
fn what_no_path_leads_to_is_refused() {
    let pipeline = pipeline();
    pipeline.append("claims", r#"{"name":"data","size":"1Gi"}"#).unwrap();
    pipeline.set_replicas(1).unwrap();
    let set = |path: &str, json: &str| pipeline.set(path, json);
    for refused in [
        set("", "1"),
        set("a..b", "1"),
        set("a.*", "1"),
        set("a[", "1"),
        set("a[1", "1"),
        set("a[x]", "1"),
        set("a[\"x]", "1"),
        set("a b", "1"),
        set("replicas", "null"),
        set("replicas", "{"),
        set("containers", "[]"),
        set("containers.main", r#"{"image":"b:1"}"#),
        set("containers[0].image", r#""b:1""#),
        set("claims.data", r#"{"name":"other","size":"1Gi"}"#),
        set("volumes.data", r#"{"emptyDir":{}}"#),
        pipeline.remove("claims.data"),
        pipeline.remove("containers.main"),
        pipeline.append("claims", r#"{"name":"data","size":"1Gi"}"#).map(drop),
        pipeline.append("claims", r#"{"size":"1Gi"}"#).map(drop),
        pipeline.append("replicas", "1").map(drop),
        pipeline.insert("containers", r#"{"name":"a","image":"a:1"}"#, &Place::First).map(drop),
    ] {
        assert!(matches!(refused, Err(EditError::Invalid(_))), "{refused:?}");
    }
    let beside = Place::Before("tolerations[3]".to_owned());
    let missing = pipeline.insert("tolerations", "{}", &beside).unwrap_err();
    assert!(matches!(missing, EditError::NotFound(_)));
}

#[test]
fn a_mount_keeps_what_its_record_does_not_have() {
    let mount = json!({ "name": "data", "mountPath": "/d", "subPathExpr": "$(POD)", "mountPropagation": "None" });
    let containers = json!([{ "name": "main", "image": "a:1", "volumeMounts": [mount] }]);
    let pipeline = testing::pipeline(json!({ "spec": { "containers": containers } }));
    let container = pipeline.main_container();
    let [mut mount] = <[VolumeMount; 1]>::try_from(container.mounts()).unwrap();
    mount.read_only = true;
    container.set_mount(&mount).unwrap();
    let mounts = pipeline.get_as::<Value>("containers.main.volumeMounts").unwrap().unwrap();
    assert_eq!(mounts[0]["subPathExpr"], "$(POD)");
    assert_eq!(
        (&mounts[0]["mountPropagation"], &mounts[0]["readOnly"]),
        (&json!("None"), &json!(true))
    );
}

#[test]
fn values_of_types_are_read_and_written() {
    let pipeline = pipeline();
    pipeline.set_as("tolerations", &[Toleration::exists("gpu")]).unwrap();
    pipeline.append_as("tolerations", &Toleration::exists("spot")).unwrap();
    let read = pipeline.get_as::<Vec<Toleration>>("tolerations").unwrap().unwrap();
    assert_eq!(read, [Toleration::exists("gpu"), Toleration::exists("spot")]);
    let wrong = pipeline.get_as::<String>("tolerations").unwrap_err();
    assert_eq!(wrong.path.as_deref(), Some("tolerations"));
}

#[test]
fn containers_are_added_and_removed_but_for_the_main_container() {
    let pipeline = pipeline();
    let sidecar = pipeline.add_container("proxy", "proxy:1").unwrap();
    sidecar.set_request("cpu", "100m").unwrap();
    pipeline.add_init_container("setup", "setup:1").unwrap();
    assert_eq!(pipeline.container_names(), ["main", "proxy"]);
    assert!(pipeline.init_container("setup").unwrap().init());
    assert_eq!(sidecar.requests(), [("cpu".to_owned(), "100m".to_owned())]);
    assert!(matches!(pipeline.add_container("proxy", "x:1"), Err(EditError::Invalid(_))));
    assert!(matches!(pipeline.remove_container("main"), Err(EditError::Invalid(_))));
    pipeline.remove_container("proxy").unwrap();
    assert!(matches!(sidecar.set_image("x:1"), Err(EditError::NotFound(_))));
    assert!(matches!(pipeline.remove_init_container("no"), Err(EditError::NotFound(_))));
}

#[test]
fn json_that_is_none_is_refused_with_its_field() {
    let error = pipeline().set_affinity(Some("{")).unwrap_err();
    assert!(matches!(error, EditError::Invalid(_)));
    assert_eq!(Rejection::from(error).path.as_deref(), Some("affinity"));
}

#[test]
fn absent_fields_read_as_absent_or_as_their_default() {
    let pipeline = pipeline();
    assert_eq!(pipeline.replicas(), 1);
    assert_eq!(pipeline.namespace(), None);
    assert_eq!(pipeline.service().name(), "pipeline");
    let selector = [("app.kubernetes.io/name".to_owned(), "pipeline".to_owned())];
    assert_eq!(pipeline.selector(), selector);
    assert_eq!(pipeline.termination_grace_period_seconds(), None);
    assert_eq!(pipeline.main_container().liveness_probe(), None);
}

#[test]
fn an_optional_field_is_set_and_removed() {
    let pipeline = pipeline();
    let container = pipeline.main_container();
    container.set_working_dir(Some("/srv")).unwrap();
    assert_eq!(container.working_dir().as_deref(), Some("/srv"));
    container.set_working_dir(None).unwrap();
    let document = testing::document(&pipeline);
    assert_eq!(document["spec"]["containers"][0].get("workingDir"), None);
}

struct Both;

impl Plugin for Both {
    type Config = PipelineSelector;
}

impl Transformer for Both {
    fn transform(_: &PipelineSelector, pipeline: &Pipeline) -> Result<(), Rejection> {
        Ok(pipeline.set_replicas(3)?)
    }
}

impl Validator for Both {
    fn validate(_: &PipelineSelector, pipeline: &Pipeline) -> Result<Vec<Finding>, Rejection> {
        let few = pipeline.replicas() < 3;
        Ok(few.then(|| Finding::warning("few replicas").at("replicas")).into_iter().collect())
    }
}

wellhead_plugin::export!(Both: Transformer + Validator);

#[test]
fn one_plugin_edits_and_judges() {
    let pipeline = pipeline();
    let config = json!({});
    let findings = testing::validate::<Both>(&pipeline, &config).unwrap();
    assert_eq!(findings, [Finding::warning("few replicas").at("replicas")]);
    testing::transform::<Both>(&pipeline, &config).unwrap();
    assert_eq!(testing::validate::<Both>(&pipeline, &config).unwrap(), []);
}

struct Informed;

impl Plugin for Informed {
    type Config = PipelineSelector;
}

impl Validator for Informed {
    fn validate(_: &PipelineSelector, pipeline: &Pipeline) -> Result<Vec<Finding>, Rejection> {
        let classes = facts::get_as::<Vec<String>>("storageClasses")?.unwrap_or_default();
        let before = context::base("replicas")?.unwrap_or_default();
        let by = context::set_by("replicas")?.unwrap_or_default();
        assert!(!context::knows_live() && context::live("replicas")?.is_none());
        assert_eq!(context::set_by("labels.a")?, None);
        let said = format!("{classes:?} {before} {} {by}", pipeline.replicas());
        Ok(vec![
            Finding::warning(said).code("informed").argument("by", by).link("https://example.com"),
        ])
    }
}

#[test]
fn a_validator_knows_facts_the_base_and_who_set_a_field() {
    testing::facts(json!({ "storageClasses": ["fast"] }));
    let pipeline = testing::pipeline(json!({ "spec": { "replicas": 2 } }));
    pipeline.set_replicas(3).unwrap();
    let found = testing::validate::<Informed>(&pipeline, &json!({})).unwrap();
    assert_eq!(found[0].message, r#"["fast"] 2 3 plugin"#);
    assert_eq!(found[0].code.as_deref(), Some("informed"));
    assert_eq!(found[0].arguments, [("by".to_owned(), "plugin".to_owned())]);
}

#[test]
fn the_derived_schema_is_the_default() {
    let schema: Value = serde_json::from_str(&Both::config_schema()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
}

proptest! {
    #[test]
    fn labels_read_back_sorted_whatever_their_order(
        labels in prop::collection::vec(("[a-z./]{1,6}", "[a-z]{0,3}"), 0..6),
    ) {
        let pipeline = pipeline();
        for (key, value) in &labels {
            pipeline.set_label(key, value).unwrap();
        }
        let expected: std::collections::BTreeMap<String, String> = labels.into_iter().collect();
        prop_assert_eq!(pipeline.labels(), expected.into_iter().collect::<Vec<_>>());
    }
}
