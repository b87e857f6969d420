//! Makes the edits that its config lists, and passes over those that are refused: the plugin of
//! property tests.

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::{
    Claim, Container, ContainerPort, Pipeline, Plugin, Protocol, Rejection, Service, ServicePort,
    Transformer, VolumeMount,
};

struct EditProgram;

/// The edits, in order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    edits: Vec<Edit>,
}

/// A call of a setter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// `pipeline`, `service`, or `container NAME`, `init NAME`, `claim NAME`.
    on: String,
    /// The setter as the contract names it.
    call: String,
    /// Its arguments as texts; a list is several of them.
    with: Vec<Option<String>>,
}

impl Plugin for EditProgram {
    type Config = Config;
    const WRITES: &'static [&'static str] = &["**"];
}

impl Transformer for EditProgram {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        let made = config.edits.iter().filter(|edit| make(pipeline, edit)).count();
        wellhead_plugin::log::info(&made.to_string());
        Ok(())
    }
}

/// The arguments of a call.
struct With<'c>(&'c [Option<String>]);

impl With<'_> {
    fn optional(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    fn text(&self, at: usize) -> &str {
        self.optional(at).unwrap_or_default()
    }

    fn number(&self, at: usize) -> i32 {
        self.text(at).parse().unwrap_or_default()
    }

    fn texts(&self) -> Vec<String> {
        self.0.iter().flatten().cloned().collect()
    }

    fn protocol(&self, at: usize) -> Protocol {
        match self.text(at) {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => Protocol::Tcp,
        }
    }
}

/// Whether the edit was made.
fn make(pipeline: &Pipeline, edit: &Edit) -> bool {
    let (kind, name) = edit.on.split_once(' ').unwrap_or((&edit.on, ""));
    let (call, with) = (edit.call.as_str(), With(&edit.with));
    match kind {
        "pipeline" => on_pipeline(pipeline, call, &with),
        "service" => on_service(&pipeline.service(), call, &with),
        "container" => pipeline.container(name).is_some_and(|it| on_container(&it, call, &with)),
        "init" => pipeline.init_container(name).is_some_and(|it| on_container(&it, call, &with)),
        "claim" => pipeline.claim(name).is_some_and(|it| on_claim(&it, call, &with)),
        other => panic!("there is nothing called `{other}` to edit"),
    }
}

fn on_pipeline(it: &Pipeline, call: &str, with: &With) -> bool {
    let (one, two) = (with.text(0), with.text(1));
    let value = with.optional(0);
    match call {
        "set-label" => it.set_label(one, two),
        "remove-label" => it.remove_label(one),
        "set-annotation" => it.set_annotation(one, two),
        "remove-annotation" => it.remove_annotation(one),
        "set-pod-label" => it.set_pod_label(one, two),
        "remove-pod-label" => it.remove_pod_label(one),
        "set-pod-annotation" => it.set_pod_annotation(one, two),
        "remove-pod-annotation" => it.remove_pod_annotation(one),
        "set-replicas" => it.set_replicas(with.number(0)),
        "add-container" => it.add_container(one, two).map(drop),
        "remove-container" => it.remove_container(one),
        "add-init-container" => it.add_init_container(one, two).map(drop),
        "remove-init-container" => it.remove_init_container(one),
        "add-claim" => it.add_claim(one, two).map(drop),
        "set-volume" => it.set_volume(one, two),
        "remove-volume" => it.remove_volume(one),
        "set-service-account-name" => it.set_service_account_name(value),
        "set-image-pull-secrets" => it.set_image_pull_secrets(&with.texts()),
        "set-node-selector" => it.set_node_selector(one, two),
        "remove-node-selector" => it.remove_node_selector(one),
        "set-priority-class-name" => it.set_priority_class_name(value),
        "set-runtime-class-name" => it.set_runtime_class_name(value),
        "set-scheduler-name" => it.set_scheduler_name(value),
        "set-termination-grace-period-seconds" => {
            it.set_termination_grace_period_seconds(value.map(|_| i64::from(with.number(0))))
        }
        "set-min-ready-seconds" => it.set_min_ready_seconds(value.map(|_| with.number(0))),
        "set-affinity" => it.set_affinity(value),
        "set-tolerations" => it.set_tolerations(value),
        "set-topology-spread-constraints" => it.set_topology_spread_constraints(value),
        "set-security-context" => it.set_security_context(value),
        "set-dns-config" => it.set_dns_config(value),
        "set-update-strategy" => it.set_update_strategy(value),
        other => panic!("a pipeline has no `{other}`"),
    }
    .is_ok()
}

fn on_service(it: &Service, call: &str, with: &With) -> bool {
    match call {
        "set-port" => it.set_port(&ServicePort {
            number: with.number(0),
            protocol: with.protocol(1),
            name: with.optional(2).map(str::to_owned),
            target: with.text(3).to_owned(),
        }),
        "remove-port" => it.remove_port(with.number(0), with.protocol(1)),
        "set-publish-not-ready-addresses" => {
            it.set_publish_not_ready_addresses(with.text(0) == "true")
        }
        "set-label" => it.set_label(with.text(0), with.text(1)),
        "remove-label" => it.remove_label(with.text(0)),
        "set-annotation" => it.set_annotation(with.text(0), with.text(1)),
        "remove-annotation" => it.remove_annotation(with.text(0)),
        other => panic!("a service has no `{other}`"),
    }
    .is_ok()
}

fn on_container(it: &Container, call: &str, with: &With) -> bool {
    let (one, two) = (with.text(0), with.text(1));
    let value = with.optional(0);
    match call {
        "set-image" => it.set_image(one),
        "set-image-pull-policy" => it.set_image_pull_policy(value),
        "set-command" => it.set_command(&with.texts()),
        "set-args" => it.set_args(&with.texts()),
        "set-working-dir" => it.set_working_dir(value),
        "set-env" => it.set_env(one, two),
        "set-env-source" => it.set_env_source(one, two),
        "remove-env" => it.remove_env(one),
        "set-env-from" => it.set_env_from(value),
        "set-port" => it.set_port(&ContainerPort {
            number: with.number(0),
            protocol: with.protocol(1),
            name: with.optional(2).map(str::to_owned),
        }),
        "remove-port" => it.remove_port(with.number(0), with.protocol(1)),
        "set-request" => it.set_request(one, two),
        "remove-request" => it.remove_request(one),
        "set-limit" => it.set_limit(one, two),
        "remove-limit" => it.remove_limit(one),
        "set-mount" => it.set_mount(&VolumeMount {
            volume: one.to_owned(),
            mount_path: two.to_owned(),
            sub_path: with.optional(2).map(str::to_owned),
            read_only: with.text(3) == "true",
        }),
        "remove-mount" => it.remove_mount(one),
        "set-liveness-probe" => it.set_liveness_probe(value),
        "set-readiness-probe" => it.set_readiness_probe(value),
        "set-startup-probe" => it.set_startup_probe(value),
        "set-lifecycle" => it.set_lifecycle(value),
        "set-security-context" => it.set_security_context(value),
        other => panic!("a container has no `{other}`"),
    }
    .is_ok()
}

fn on_claim(it: &Claim, call: &str, with: &With) -> bool {
    let value = with.optional(0);
    match call {
        "set-size" => it.set_size(with.text(0)),
        "set-storage-class" => it.set_storage_class(value),
        "set-access-modes" => it.set_access_modes(&with.texts()),
        "set-volume-mode" => it.set_volume_mode(value),
        "set-volume-attributes-class" => it.set_volume_attributes_class(value),
        "set-mount-path" => it.set_mount_path(value),
        "set-label" => it.set_label(with.text(0), with.text(1)),
        "remove-label" => it.remove_label(with.text(0)),
        "set-annotation" => it.set_annotation(with.text(0), with.text(1)),
        "remove-annotation" => it.remove_annotation(with.text(0)),
        "set-selector" => it.set_selector(value),
        "set-data-source-ref" => it.set_data_source_ref(value),
        other => panic!("a claim has no `{other}`"),
    }
    .is_ok()
}

wellhead_plugin::export!(EditProgram: Transformer);
