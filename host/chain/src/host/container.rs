//! `resource container`.

use k8s_openapi::api::core::v1::{EnvFromSource, EnvVarSource, Lifecycle, Probe, SecurityContext};
use serde_json::{Map, Value, json};
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::mount_path::normal;
use wellhead_spec::{FieldPath, ImageReference, Segment};

use super::ContainerHandle;
use super::accessors::{Fields, accessors};
use super::bindings::pipeline::{ContainerPort, HostContainer, Protocol, VolumeMount};
use super::fields::{
    number_of, one_of, port_number, protocol_name, protocol_of, text_of, unused_port_name,
};
use super::{Host, check, native};
use crate::session::fault::{EditFault, invalid};

type Edited = Result<(), EditFault>;
type Handle = Resource<ContainerHandle>;

pub(super) const PULL_POLICIES: &[&str] = &["Always", "IfNotPresent", "Never"];

impl Fields<ContainerHandle> for Host {
    fn at(&self, handle: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self.path(handle)?.key(field))
    }
}

impl Host {
    /// The path of a request or limit.
    fn resource(&self, handle: &Handle, kind: &str, name: &str) -> Result<FieldPath> {
        Ok(self.at(handle, "resources")?.then(kind).then(name))
    }

    /// The path of a mount, which the base spec may have in another spelling.
    fn mount(&self, handle: &Handle, place: &str) -> Result<FieldPath> {
        let list = self.at(handle, "volumeMounts")?;
        let spelling = self.spelling(&list, place);
        Ok(list.then(spelling.as_deref().unwrap_or(place)))
    }

    /// How a list of mounts spells a place that it has.
    pub(super) fn spelling(&self, mounts: &FieldPath, place: &str) -> Option<String> {
        let spelt = self.items(mounts).iter().filter_map(|it| it.get("mountPath")?.as_str());
        spelt.into_iter().find(|it| normal(it) == normal(place)).map(str::to_owned)
    }

    fn set_resource(&mut self, path: FieldPath, name: &str, quantity: String) -> Edited {
        check::qualified_name(name).map_err(|error| invalid(&path, error))?;
        self.set_text(path, quantity, check::amount)
    }
}

impl HostContainer for Host {
    accessors! { Handle:
        text(image, set_image, "image", ImageReference::check);
        optional(image_pull_policy, set_image_pull_policy, "imagePullPolicy", one_of(PULL_POLICIES));
        texts(command, set_command, "command");
        texts(args, set_args, "args");
        optional(working_dir, set_working_dir, "workingDir", check::printable);
        json(env_from, set_env_from, "envFrom", Vec<EnvFromSource>);
        json(liveness_probe, set_liveness_probe, "livenessProbe", Probe);
        json(readiness_probe, set_readiness_probe, "readinessProbe", Probe);
        json(startup_probe, set_startup_probe, "startupProbe", Probe);
        json(lifecycle, set_lifecycle, "lifecycle", Lifecycle);
        json(security_context, set_security_context, "securityContext", SecurityContext);
    }

    fn name(&mut self, this: Handle) -> Result<String> {
        let path = self.path(&this)?;
        Ok(self.text(&path.key("name"))?.unwrap_or_default())
    }

    fn init(&mut self, this: Handle) -> Result<bool> {
        let init = Segment::Key("initContainers".into());
        Ok(self.path(&this)?.segments().first() == Some(&init))
    }

    fn env_names(&mut self, this: Handle) -> Result<Vec<String>> {
        let path = self.at(&this, "env")?;
        self.names(&path, "name")
    }

    fn env(&mut self, this: Handle, name: String) -> Result<Option<String>> {
        let path = self.at(&this, "env")?.then(name);
        Ok(self.session.read(&path)?.and_then(|variable| text_of(variable, "value")))
    }

    fn set_env(&mut self, this: Handle, name: String, value: String) -> Edited {
        let path = self.at(&this, "env")?.then(name.as_str());
        self.free(&path, &value)?;
        check::env_name(&name).map_err(|error| invalid(&path, error))?;
        // `json!` would copy both texts.
        let mut variable = Map::new();
        variable.insert("name".to_owned(), name.into());
        variable.insert("value".to_owned(), value.into());
        self.session.edit(path, Some(variable.into()))
    }

    fn env_source(&mut self, this: Handle, name: String) -> Result<Option<String>> {
        let path = self.at(&this, "env")?.then(name).then("valueFrom");
        self.json(&path)
    }

    fn set_env_source(&mut self, this: Handle, name: String, json: String) -> Edited {
        let path = self.at(&this, "env")?.then(name.as_str());
        self.short(&path, &json)?;
        check::env_name(&name).map_err(|error| invalid(&path, error))?;
        let source = native::parse::<EnvVarSource>(&path.key("valueFrom"), &json);
        let source = source.map_err(|error| invalid(&path, error))?;
        if source.as_object().map_or(0, Map::len) != 1 {
            return Err(invalid(&path, "a variable comes from exactly one source"));
        }
        self.session.edit(path, Some(json!({ "name": name, "valueFrom": source })))
    }

    fn remove_env(&mut self, this: Handle, name: String) -> Edited {
        let path = self.at(&this, "env")?.then(name);
        self.remove(path)
    }

    fn ports(&mut self, this: Handle) -> Result<Vec<ContainerPort>> {
        let path = self.at(&this, "ports")?;
        let port = |item: &Value| ContainerPort {
            number: number_of(item, "containerPort"),
            protocol: protocol_of(item),
            name: text_of(item, "name"),
        };
        Ok(self.read_items(&path)?.iter().map(port).collect())
    }

    fn set_port(&mut self, this: Handle, port: ContainerPort) -> Edited {
        let protocol = protocol_name(port.protocol);
        let path = self.at(&this, "ports")?.then(format!("{}/{protocol}", port.number));
        port_number(&path, port.number)?;
        // What the plugin cannot see, e.g. a host port, stays.
        let mut item = self.session.value(&path).cloned().unwrap_or_else(|| json!({}));
        item["containerPort"] = port.number.into();
        if port.protocol != Protocol::Tcp {
            item["protocol"] = protocol.into();
        }
        if let Some(name) = port.name {
            check::port_name(&name).map_err(|error| invalid(&path, error))?;
            item["name"] = name.into();
        }
        unused_port_name(&path, self.items(&self.at(&this, "ports")?), &item)?;
        self.session.edit(path, Some(item))
    }

    fn remove_port(&mut self, this: Handle, number: i32, protocol: Protocol) -> Edited {
        let key = format!("{number}/{}", protocol_name(protocol));
        let path = self.at(&this, "ports")?.then(key);
        self.remove(path)
    }

    fn requests(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let path = self.at(&this, "resources")?.then("requests");
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
        let path = self.at(&this, "resources")?.then("limits");
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
        let path = self.at(&this, "volumeMounts")?;
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
        check::mount_path(place).map_err(|error| invalid(&path, error))?;
        check::dns_label(&mount.volume).map_err(|error| invalid(&path, error))?;
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
            check::path_inside(&sub_path).map_err(|error| invalid(&path, error))?;
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

    fn drop(&mut self, this: Handle) -> Result<()> {
        self.release(&this);
        Ok(())
    }
}
