//! The pipeline in memory behaves as the contract says.

use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_plugin::{
    ContainerPort, EditError, Finding, Pipeline, PipelineSelector, Plugin, Protocol, Rejection,
    ServicePort, Transformer, Validator, VolumeMount, testing,
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
        let source = std::fs::read_to_string(&file).unwrap();
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
