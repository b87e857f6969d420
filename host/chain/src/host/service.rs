//! `resource service`.

use serde_json::{Value, json};
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::FieldPath;

use super::ServiceHandle;
use super::accessors::{Fields, accessors};
use super::bindings::pipeline::{HostService, Protocol, ServicePort};
use super::fields::{
    number_of, port_number, protocol_name, protocol_of, text_of, unused_port_name,
};
use super::{Host, check};
use crate::session::fault::{EditFault, invalid};

type Edited = Result<(), EditFault>;
type Handle = Resource<ServiceHandle>;

fn field(name: &str) -> FieldPath {
    FieldPath::of(["service", name])
}

impl Fields<ServiceHandle> for Host {
    fn at(&self, _: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self::field(field))
    }
}

/// The target port of a Service's port, which is its own number where none is named.
fn target_of(port: &Value) -> String {
    match port.get("targetPort") {
        Some(Value::String(name)) => name.clone(),
        Some(number) => number.to_string(),
        None => number_of(port, "port").to_string(),
    }
}

impl HostService for Host {
    accessors! { Handle:
        flag(publish_not_ready_addresses, set_publish_not_ready_addresses, "publishNotReadyAddresses");
        labels(labels, set_label, remove_label, "labels");
        annotations(annotations, set_annotation, remove_annotation, "annotations");
    }

    fn name(&mut self, _: Handle) -> Result<String> {
        let named = self.text(&field("name"))?;
        let name = if named.is_some() { named } else { self.text(&FieldPath::of(["name"]))? };
        Ok(name.unwrap_or_default())
    }

    fn ports(&mut self, _: Handle) -> Result<Vec<ServicePort>> {
        let port = |item: &Value| ServicePort {
            number: number_of(item, "port"),
            protocol: protocol_of(item),
            name: text_of(item, "name"),
            target: target_of(item),
        };
        Ok(self.read_items(&field("ports"))?.iter().map(port).collect())
    }

    fn set_port(&mut self, _: Handle, port: ServicePort) -> Edited {
        let protocol = protocol_name(port.protocol);
        let path = field("ports").key(format!("{}/{protocol}", port.number));
        port_number(&path, port.number)?;
        // What the plugin cannot see, e.g. an application protocol, stays.
        let mut item = self.session.value(&path).cloned().unwrap_or_else(|| json!({}));
        item["port"] = port.number.into();
        if port.protocol != Protocol::Tcp {
            item["protocol"] = protocol.into();
        }
        if let Some(name) = port.name {
            check::dns_label(&name).map_err(|error| invalid(&path, error))?;
            item["name"] = name.into();
        }
        item["targetPort"] = if let Ok(number) = port.target.parse::<i32>() {
            port_number(&path, number)?;
            number.into()
        } else {
            check::port_name(&port.target).map_err(|error| invalid(&path, error))?;
            port.target.into()
        };
        unused_port_name(&path, self.items(&field("ports")), &item)?;
        self.session.edit(path, Some(item))
    }

    fn remove_port(&mut self, _: Handle, number: i32, protocol: Protocol) -> Edited {
        self.remove(field("ports").key(format!("{number}/{}", protocol_name(protocol))))
    }

    fn drop(&mut self, _: Handle) -> Result<()> {
        Ok(())
    }
}
