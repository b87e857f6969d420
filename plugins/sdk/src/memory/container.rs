//! A container in memory.

use serde_json::{Value, json};

use super::node::{Key, Node, set_or_remove, set_some};
use super::protocol;
use crate::{ContainerPort, EditError, Entry, Protocol, VolumeMount};

/// One container: main container, sidecar or init container.
#[derive(Clone, Debug)]
pub struct Container(pub(super) Node, pub(super) bool);

impl Container {
    /// The container's name.
    pub fn name(&self) -> String {
        self.0.text("name").unwrap_or_default()
    }

    /// Whether this is an init container.
    pub fn init(&self) -> bool {
        self.1
    }

    /// Path: `containers.NAME.image`.
    pub fn image(&self) -> String {
        self.0.text("image").unwrap_or_default()
    }

    /// Sets the image, as Kubernetes takes it: `postgres`, `postgres:17`,
    /// `ghcr.io/acme/app@sha256:...`. Nothing is filled in; without tag and digest, the node pulls
    /// `latest`.
    pub fn set_image(&self, value: &str) -> Result<(), EditError> {
        self.0.set("image", value)
    }

    /// `Always`, `IfNotPresent` or `Never`.
    pub fn image_pull_policy(&self) -> Option<String> {
        self.0.text("imagePullPolicy")
    }

    /// Sets or removes the pull policy.
    pub fn set_image_pull_policy(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("imagePullPolicy", value)
    }

    /// The entrypoint; empty for the image's own.
    pub fn command(&self) -> Vec<String> {
        self.0.texts("command")
    }

    /// Replaces the entrypoint.
    pub fn set_command(&self, value: &[String]) -> Result<(), EditError> {
        self.0.set("command", value)
    }

    /// The arguments; empty for the image's own.
    pub fn args(&self) -> Vec<String> {
        self.0.texts("args")
    }

    /// Replaces the arguments.
    pub fn set_args(&self, value: &[String]) -> Result<(), EditError> {
        self.0.set("args", value)
    }

    /// The working directory.
    pub fn working_dir(&self) -> Option<String> {
        self.0.text("workingDir")
    }

    /// Sets or removes the working directory.
    pub fn set_working_dir(&self, value: Option<&str>) -> Result<(), EditError> {
        self.0.set_or_remove("workingDir", value)
    }

    /// Names of the environment variables, in order.
    pub fn env_names(&self) -> Vec<String> {
        self.0.names("env")
    }

    /// The literal value of a variable; `None` when it is not set or comes from a reference.
    pub fn env(&self, name: &str) -> Option<String> {
        self.variable(name).text("value")
    }

    /// Sets a variable to a literal value. Path: `containers.NAME.env.VARIABLE`.
    pub fn set_env(&self, name: &str, value: &str) -> Result<(), EditError> {
        let variable = json!({ "name": name, "value": value });
        self.variable(name).replace(Some(variable))
    }

    /// The source of a variable as JSON (`EnvVarSource`), e.g. a Secret's key.
    pub fn env_source(&self, name: &str) -> Option<String> {
        self.variable(name).json("valueFrom")
    }

    /// Sets a variable from a source, as JSON (`EnvVarSource`).
    pub fn set_env_source(&self, name: &str, json: &str) -> Result<(), EditError> {
        let variable = self.variable(name);
        let source = variable.parse(json)?;
        variable.replace(Some(json!({ "name": name, "valueFrom": source })))
    }

    /// Removes a variable.
    pub fn remove_env(&self, name: &str) -> Result<(), EditError> {
        self.variable(name).delete()
    }

    /// Sources of whole sets of variables as JSON (a list of `EnvFromSource`).
    pub fn env_from(&self) -> Option<String> {
        self.0.json("envFrom")
    }

    /// Replaces them.
    pub fn set_env_from(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("envFrom", json)
    }

    /// The ports, in order.
    pub fn ports(&self) -> Vec<ContainerPort> {
        self.0.list("ports").iter().filter_map(read_port).collect()
    }

    /// Adds a port, or changes the name of the one with the same number and protocol.
    /// Path: `containers.NAME.ports.NUMBER/PROTOCOL`.
    pub fn set_port(&self, port: &ContainerPort) -> Result<(), EditError> {
        let protocol = protocol::name(port.protocol);
        let mut item = json!({ "containerPort": port.number, "protocol": protocol });
        set_some(&mut item, "name", port.name.as_deref());
        let key = Key::port("containerPort", port.number, protocol);
        self.0.child("ports").item(&key).replace(Some(item))
    }

    /// Removes a port.
    pub fn remove_port(&self, number: i32, protocol: Protocol) -> Result<(), EditError> {
        let key = Key::port("containerPort", number, protocol::name(protocol));
        self.0.child("ports").item(&key).delete()
    }

    /// What the container asks the scheduler for, e.g. `cpu`, `memory`, `nvidia.com/gpu`.
    pub fn requests(&self) -> Vec<Entry> {
        self.0.child("resources").entries("requests")
    }

    /// Sets one request. Path: `containers.NAME.resources.requests.RESOURCE`.
    pub fn set_request(&self, name: &str, quantity: &str) -> Result<(), EditError> {
        self.0.child("resources").child("requests").set(name, quantity)
    }

    /// Removes one request.
    pub fn remove_request(&self, name: &str) -> Result<(), EditError> {
        self.0.child("resources").child("requests").remove(name)
    }

    /// What the container may use at most.
    pub fn limits(&self) -> Vec<Entry> {
        self.0.child("resources").entries("limits")
    }

    /// Sets one limit. Path: `containers.NAME.resources.limits.RESOURCE`.
    pub fn set_limit(&self, name: &str, quantity: &str) -> Result<(), EditError> {
        self.0.child("resources").child("limits").set(name, quantity)
    }

    /// Removes one limit.
    pub fn remove_limit(&self, name: &str) -> Result<(), EditError> {
        self.0.child("resources").child("limits").remove(name)
    }

    /// The mounts, in order.
    pub fn mounts(&self) -> Vec<VolumeMount> {
        self.0.list("volumeMounts").iter().filter_map(read_mount).collect()
    }

    /// Adds a mount, or changes the one at the same path. Path: `containers.NAME.volumeMounts["PATH"]`.
    pub fn set_mount(&self, mount: &VolumeMount) -> Result<(), EditError> {
        let key = Key::of("mountPath", &mount.mount_path);
        let node = self.0.child("volumeMounts").item(&key);
        let mut item = node.value().unwrap_or_else(|| json!({ "mountPath": mount.mount_path }));
        set_some(&mut item, "name", Some(mount.volume.as_str()));
        set_or_remove(&mut item, "subPath", mount.sub_path.as_deref());
        set_or_remove(&mut item, "readOnly", mount.read_only.then_some(true));
        node.replace(Some(item))
    }

    /// Removes the mount at a path.
    pub fn remove_mount(&self, mount_path: &str) -> Result<(), EditError> {
        self.0.child("volumeMounts").item(&Key::of("mountPath", mount_path)).delete()
    }

    /// JSON (`Probe`).
    pub fn liveness_probe(&self) -> Option<String> {
        self.0.json("livenessProbe")
    }

    /// JSON (`Probe`).
    pub fn set_liveness_probe(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("livenessProbe", json)
    }

    /// JSON (`Probe`).
    pub fn readiness_probe(&self) -> Option<String> {
        self.0.json("readinessProbe")
    }

    /// JSON (`Probe`).
    pub fn set_readiness_probe(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("readinessProbe", json)
    }

    /// JSON (`Probe`).
    pub fn startup_probe(&self) -> Option<String> {
        self.0.json("startupProbe")
    }

    /// JSON (`Probe`).
    pub fn set_startup_probe(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("startupProbe", json)
    }

    /// JSON (`Lifecycle`).
    pub fn lifecycle(&self) -> Option<String> {
        self.0.json("lifecycle")
    }

    /// JSON (`Lifecycle`).
    pub fn set_lifecycle(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("lifecycle", json)
    }

    /// JSON (`SecurityContext`).
    pub fn security_context(&self) -> Option<String> {
        self.0.json("securityContext")
    }

    /// JSON (`SecurityContext`).
    pub fn set_security_context(&self, json: Option<&str>) -> Result<(), EditError> {
        self.0.set_json("securityContext", json)
    }

    fn variable(&self, name: &str) -> Node {
        self.0.child("env").item(&Key::of("name", name))
    }
}

fn read_port(item: &Value) -> Option<ContainerPort> {
    Some(ContainerPort {
        number: i32::try_from(item.get("containerPort")?.as_i64()?).ok()?,
        protocol: protocol::read(item),
        name: item.get("name").and_then(Value::as_str).map(str::to_owned),
    })
}

fn read_mount(item: &Value) -> Option<VolumeMount> {
    Some(VolumeMount {
        volume: item.get("name")?.as_str()?.to_owned(),
        mount_path: item.get("mountPath")?.as_str()?.to_owned(),
        sub_path: item.get("subPath").and_then(Value::as_str).map(str::to_owned),
        read_only: item.get("readOnly").and_then(Value::as_bool).unwrap_or_default(),
    })
}
