//! A plugin against version 0.1.0 of the contract. Its source and its component never change: they
//! stand for the plugins that exist.
//!
//! It uses what crosses in every form: resources, records, variants, enums, tuples, options, lists,
//! booleans, numbers of 32 and 64 bits, texts, and errors of edits.

use crate::exports::wellhead::plugin::describe::{Guest as Describe, PluginInfo};
use crate::exports::wellhead::plugin::transform::Guest as Transform;
use crate::exports::wellhead::plugin::validate::{Finding, Guest as Validate, Severity};
use crate::wellhead::plugin::log::{Level, log};
use crate::wellhead::plugin::pipeline::{
    ContainerPort, Pipeline, Protocol, ServicePort, VolumeMount,
};
use crate::wellhead::plugin::types::{EditError, Rejection};

wit_bindgen::generate!({
    path: "../../../wit/released/0.1.0",
    world: "wellhead:plugin/plugin",
});

struct Plugin;

impl Describe for Plugin {
    fn describe() -> PluginInfo {
        PluginInfo {
            name: "contract-0-1-0".to_owned(),
            version: "0.1.0".to_owned(),
            description: "Calls a function of every kind".to_owned(),
            config_schema: "{}".to_owned(),
            writes: vec!["**".to_owned()],
        }
    }
}

impl Transform for Plugin {
    fn transform(target: &Pipeline, config: String) -> Result<(), Rejection> {
        if config.contains("reject") {
            return Err(Rejection {
                message: "the config says so".to_owned(),
                path: Some("config.reject".to_owned()),
                hint: Some("leave it out".to_owned()),
            });
        }
        edit_pipeline(target).map_err(rejection)?;
        edit_containers(target).map_err(rejection)?;
        edit_claims_and_service(target).map_err(rejection)?;
        // An edit that fails is told, and the plugin goes on.
        match target.main_container().set_image("not an image") {
            Err(EditError::Invalid(failure)) => log(Level::Info, &failure.path),
            _ => log(Level::Warn, "an invalid image was taken"),
        }
        Ok(())
    }
}

impl Validate for Plugin {
    fn validate(target: &Pipeline, _config: String) -> Result<Vec<Finding>, Rejection> {
        Ok(vec![Finding {
            severity: Severity::Warning,
            path: Some("replicas".to_owned()),
            message: format!("{} replicas", target.replicas()),
            hint: None,
        }])
    }
}

fn edit_pipeline(target: &Pipeline) -> Result<(), EditError> {
    target.because("number, text, map");
    target.set_replicas(target.replicas() + 1)?;
    target.set_label("name", &target.name())?;
    for (key, value) in target.labels() {
        target.set_pod_annotation(&key, &value)?;
    }
    target.remove_label("old")?;
    target.because("option of 64 bits, list, JSON");
    let seconds = target.termination_grace_period_seconds().unwrap_or(30);
    target.set_termination_grace_period_seconds(Some(seconds + (1 << 33)))?;
    target.set_termination_grace_period_seconds(Some(seconds + 1))?;
    target.set_image_pull_secrets(&["pull".to_owned(), "pull-too".to_owned()])?;
    target.set_tolerations(Some(r#"[{"key":"gpu","operator":"Exists"}]"#))?;
    target.set_volume("scratch", r#"{"emptyDir":{}}"#)
}

fn edit_containers(target: &Pipeline) -> Result<(), EditError> {
    target.because("resources, records, enums");
    let main = target.main_container();
    main.set_image(&format!("mirror.example.com/{}", main.image()))?;
    main.set_command(&["serve".to_owned(), "größe".to_owned()])?;
    main.set_env("NAMESPACE", &target.namespace().unwrap_or_default())?;
    main.set_request("memory", "1Gi")?;
    main.set_port(&ContainerPort {
        number: 53,
        protocol: Protocol::Udp,
        name: Some("dns".to_owned()),
    })?;
    for mount in main.mounts() {
        main.set_mount(&VolumeMount { read_only: true, ..mount })?;
    }
    main.set_mount(&VolumeMount {
        volume: "scratch".to_owned(),
        mount_path: "/scratch".to_owned(),
        sub_path: Some("part".to_owned()),
        read_only: false,
    })?;
    let sidecar = target.add_container("sidecar", "busybox:1.36")?;
    sidecar.set_args(&[target.container_names().join(",")])?;
    sidecar.set_image_pull_policy(Some("Always"))?;
    match target.init_container("setup") {
        Some(setup) => setup.set_image_pull_policy(None),
        None => target.add_init_container("setup", "busybox:1.36").map(drop),
    }
}

fn edit_claims_and_service(target: &Pipeline) -> Result<(), EditError> {
    target.because("claims and Service");
    for name in target.claim_names() {
        let Some(claim) = target.claim(&name) else { continue };
        claim.set_storage_class(Some(&format!("fast-{}", claim.size().to_lowercase())))?;
        claim.set_label("claim", &claim.name())?;
    }
    target.add_claim("logs", "2Gi")?.set_access_modes(&["ReadWriteMany".to_owned()])?;
    let service = target.service();
    service.set_publish_not_ready_addresses(!service.publish_not_ready_addresses())?;
    service.set_port(&ServicePort {
        number: 5353,
        protocol: Protocol::Udp,
        name: Some("dns".to_owned()),
        target: "dns".to_owned(),
    })
}

fn rejection(error: EditError) -> Rejection {
    let (EditError::Denied(it)
    | EditError::Conflict(it)
    | EditError::Invalid(it)
    | EditError::NotFound(it)
    | EditError::ReadOnly(it)
    | EditError::OverLimit(it)) = error;
    Rejection { message: it.message, path: Some(it.path), hint: it.hint }
}

export!(Plugin);
