//! `resource container`.

use k8s_openapi::api::core::v1::{EnvFromSource, EnvVarSource, Lifecycle, Probe, SecurityContext};
use serde_json::{Map, Value, json};
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::mount_path::normal;
use wellhead_spec::{FieldPath, ImageReference, Segment};

use super::ContainerHandle;
use super::Host;
use super::bindings::pipeline::{ContainerPort, HostContainer, Protocol, VolumeMount};
use super::fields::{
    number_of, one_of, port_number, protocol_name, protocol_of, text_of, unused_port_name,
};
use crate::session::fault::{EditFault, invalid};

type Edited = Result<(), EditFault>;
type Handle = Resource<ContainerHandle>;

impl Host {
    /// The path of a field of a container.
    fn of_container(&self, handle: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self.path(handle)?.key(field))
    }

    /// The path of a request or limit.
    fn resource(&self, handle: &Handle, kind: &str, name: &str) -> Result<FieldPath> {
        Ok(self.of_container(handle, "resources")?.then(kind).then(name))
    }

    /// The path of a mount, which the base spec may have in another spelling.
    fn mount(&self, handle: &Handle, place: &str) -> Result<FieldPath> {
        let list = self.of_container(handle, "volumeMounts")?;
        let spelt = self.items(&list).iter().filter_map(|it| it.get("mountPath")?.as_str());
        let same = spelt.into_iter().find(|it| normal(it) == normal(place)).map(str::to_owned);
        Ok(list.then(same.as_deref().unwrap_or(place)))
    }

    fn set_resource(&mut self, path: FieldPath, name: &str, quantity: String) -> Edited {
        super::check::qualified_name(name).map_err(|error| invalid(&path, error))?;
        self.set_text(path, quantity, super::check::amount)
    }
}

impl HostContainer for Host {
    fn name(&mut self, this: Handle) -> Result<String> {
        let path = self.path(&this)?;
        Ok(self.text(&path.key("name"))?.unwrap_or_default())
    }

    fn init(&mut self, this: Handle) -> Result<bool> {
        let init = Segment::Key("initContainers".into());
        Ok(self.path(&this)?.segments().first() == Some(&init))
    }

    fn image(&mut self, this: Handle) -> Result<String> {
        let path = self.of_container(&this, "image")?;
        Ok(self.text(&path)?.unwrap_or_default())
    }

    fn set_image(&mut self, this: Handle, value: String) -> Edited {
        let path = self.of_container(&this, "image")?;
        self.set_text(path, value, ImageReference::check)
    }

    fn image_pull_policy(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "imagePullPolicy")?;
        self.text(&path)
    }

    fn set_image_pull_policy(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_container(&this, "imagePullPolicy")?;
        self.set_optional(path, value, one_of(&["Always", "IfNotPresent", "Never"]))
    }

    fn command(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.of_container(&this, "command")?;
        self.texts(&path)
    }

    fn set_command(&mut self, this: Handle, value: Vec<String>) -> Edited {
        let path = self.of_container(&this, "command")?;
        self.set_texts(path, &value)
    }

    fn args(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.of_container(&this, "args")?;
        self.texts(&path)
    }

    fn set_args(&mut self, this: Handle, value: Vec<String>) -> Edited {
        let path = self.of_container(&this, "args")?;
        self.set_texts(path, &value)
    }

    fn working_dir(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "workingDir")?;
        self.text(&path)
    }

    fn set_working_dir(&mut self, this: Handle, value: Option<String>) -> Edited {
        let path = self.of_container(&this, "workingDir")?;
        self.set_optional(path, value, super::check::printable)
    }

    fn env_names(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.of_container(&this, "env")?;
        self.names(&path, "name")
    }

    fn env(&mut self, this: Handle, name: String) -> Result<Option<String>> {
        let path = self.of_container(&this, "env")?.then(name);
        Ok(self.session.read(&path)?.and_then(|variable| text_of(variable, "value")))
    }

    fn set_env(&mut self, this: Handle, name: String, value: String) -> Edited {
        let path = self.of_container(&this, "env")?.then(name.as_str());
        self.free(&path, &value)?;
        super::check::env_name(&name).map_err(|error| invalid(&path, error))?;
        // `json!` would copy both texts.
        let mut variable = Map::new();
        variable.insert("name".to_owned(), name.into());
        variable.insert("value".to_owned(), value.into());
        self.session.edit(path, Some(variable.into()))
    }

    fn env_source(&mut self, this: Handle, name: String) -> Result<Option<String>> {
        let path = self.of_container(&this, "env")?.then(name).then("valueFrom");
        self.json(&path)
    }

    fn set_env_source(&mut self, this: Handle, name: String, json: String) -> Edited {
        let path = self.of_container(&this, "env")?.then(name.as_str());
        self.short(&path, &json)?;
        super::check::env_name(&name).map_err(|error| invalid(&path, error))?;
        let source = super::native::parse::<EnvVarSource>(&json);
        let source = source.map_err(|error| invalid(&path, error))?;
        if source.as_object().map_or(0, Map::len) != 1 {
            return Err(invalid(&path, "a variable comes from exactly one source"));
        }
        self.session.edit(path, Some(json!({ "name": name, "valueFrom": source })))
    }

    fn remove_env(&mut self, this: Handle, name: String) -> Edited {
        let path = self.of_container(&this, "env")?.then(name);
        self.remove(path)
    }

    fn env_from(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "envFrom")?;
        self.json(&path)
    }

    fn set_env_from(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "envFrom")?;
        self.set_json::<Vec<EnvFromSource>>(path, json)
    }

    fn ports(&mut self, this: Handle) -> Result<Vec<ContainerPort>> {
        let path = self.of_container(&this, "ports")?;
        let port = |item: &Value| ContainerPort {
            number: number_of(item, "containerPort"),
            protocol: protocol_of(item),
            name: text_of(item, "name"),
        };
        Ok(self.read_items(&path)?.iter().map(port).collect())
    }

    fn set_port(&mut self, this: Handle, port: ContainerPort) -> Edited {
        let protocol = protocol_name(port.protocol);
        let path = self.of_container(&this, "ports")?.then(format!("{}/{protocol}", port.number));
        port_number(&path, port.number)?;
        // What the plugin cannot see, e.g. a host port, stays.
        let mut item = self.session.value(&path).cloned().unwrap_or_else(|| json!({}));
        item["containerPort"] = port.number.into();
        if port.protocol != Protocol::Tcp {
            item["protocol"] = protocol.into();
        }
        if let Some(name) = port.name {
            super::check::port_name(&name).map_err(|error| invalid(&path, error))?;
            item["name"] = name.into();
        }
        unused_port_name(&path, self.items(&self.of_container(&this, "ports")?), &item)?;
        self.session.edit(path, Some(item))
    }

    fn remove_port(&mut self, this: Handle, number: i32, protocol: Protocol) -> Edited {
        let key = format!("{number}/{}", protocol_name(protocol));
        let path = self.of_container(&this, "ports")?.then(key);
        self.remove(path)
    }

    fn requests(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let path = self.of_container(&this, "resources")?.then("requests");
        self.entries(&path)
    }

    fn set_request(&mut self, this: Handle, name: String, quantity: String) -> Edited {
        let path = self.resource(&this, "requests", &name)?;
        self.set_resource(path, &name, quantity)
    }

    fn remove_request(&mut self, this: Handle, name: String) -> Edited {
        let path = self.resource(&this, "requests", &name)?;
        self.remove(path)
    }

    fn limits(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let path = self.of_container(&this, "resources")?.then("limits");
        self.entries(&path)
    }

    fn set_limit(&mut self, this: Handle, name: String, quantity: String) -> Edited {
        let path = self.resource(&this, "limits", &name)?;
        self.set_resource(path, &name, quantity)
    }

    fn remove_limit(&mut self, this: Handle, name: String) -> Edited {
        let path = self.resource(&this, "limits", &name)?;
        self.remove(path)
    }

    fn mounts(&mut self, this: Handle) -> Result<Vec<VolumeMount>> {
        let path = self.of_container(&this, "volumeMounts")?;
        let mount = |item: &Value| VolumeMount {
            volume: text_of(item, "name").unwrap_or_default(),
            mount_path: text_of(item, "mountPath").unwrap_or_default(),
            sub_path: text_of(item, "subPath"),
            read_only: item.get("readOnly").and_then(Value::as_bool).unwrap_or(false),
        };
        Ok(self.read_items(&path)?.iter().map(mount).collect())
    }

    fn set_mount(&mut self, this: Handle, mount: VolumeMount) -> Edited {
        let place = mount.mount_path.as_str();
        let path = self.mount(&this, place)?;
        self.short(&path, place)?;
        super::check::mount_path(place).map_err(|error| invalid(&path, error))?;
        super::check::dns_label(&mount.volume).map_err(|error| invalid(&path, error))?;
        // What the plugin cannot see, e.g. `subPathExpr`, stays, also where another volume comes there.
        let mut item = match self.session.value(&path) {
            Some(Value::Object(fields)) => fields.clone(),
            _ => Map::new(),
        };
        let is_set = |field: &str, off: &str| {
            item.get(field).and_then(Value::as_str).is_some_and(|it| it != off)
        };
        let excluded = |what: &str| invalid(&path, format!("{what}: remove the mount first"));
        if mount.sub_path.is_some() && is_set("subPathExpr", "") {
            return Err(excluded("it has a `subPathExpr`, beside which there is no `subPath`"));
        }
        if !mount.read_only && is_set("recursiveReadOnly", "Disabled") {
            return Err(excluded("it has `recursiveReadOnly`, which needs `readOnly`"));
        }
        item.insert("name".to_owned(), mount.volume.into());
        item.entry("mountPath").or_insert_with(|| place.into());
        item.remove("subPath");
        if let Some(sub_path) = mount.sub_path {
            super::check::path_inside(&sub_path).map_err(|error| invalid(&path, error))?;
            item.insert("subPath".to_owned(), sub_path.into());
        }
        item.remove("readOnly");
        if mount.read_only {
            item.insert("readOnly".to_owned(), true.into());
        }
        self.session.edit(path, Some(item.into()))
    }

    fn remove_mount(&mut self, this: Handle, mount_path: String) -> Edited {
        let path = self.mount(&this, &mount_path)?;
        self.remove(path)
    }

    fn liveness_probe(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "livenessProbe")?;
        self.json(&path)
    }

    fn set_liveness_probe(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "livenessProbe")?;
        self.set_json::<Probe>(path, json)
    }

    fn readiness_probe(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "readinessProbe")?;
        self.json(&path)
    }

    fn set_readiness_probe(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "readinessProbe")?;
        self.set_json::<Probe>(path, json)
    }

    fn startup_probe(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "startupProbe")?;
        self.json(&path)
    }

    fn set_startup_probe(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "startupProbe")?;
        self.set_json::<Probe>(path, json)
    }

    fn lifecycle(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "lifecycle")?;
        self.json(&path)
    }

    fn set_lifecycle(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "lifecycle")?;
        self.set_json::<Lifecycle>(path, json)
    }

    fn security_context(&mut self, this: Handle) -> Result<Option<String>> {
        let path = self.of_container(&this, "securityContext")?;
        self.json(&path)
    }

    fn set_security_context(&mut self, this: Handle, json: Option<String>) -> Edited {
        let path = self.of_container(&this, "securityContext")?;
        self.set_json::<SecurityContext>(path, json)
    }

    fn drop(&mut self, this: Handle) -> Result<()> {
        self.release(&this);
        Ok(())
    }
}
