//! The headless Service in memory.

use serde_json::{Value, json};

use super::node::{Key, Node, set_some};
use super::protocol;
use crate::{EditError, Entry, Protocol, ServicePort};

/// The headless Service.
#[derive(Clone, Debug)]
pub struct Service(pub(super) Node, pub(super) String);

impl Service {
    /// Name of the Service.
    pub fn name(&self) -> String {
        self.0.text("name").unwrap_or_else(|| self.1.clone())
    }

    /// The ports, in order.
    pub fn ports(&self) -> Vec<ServicePort> {
        self.0.list("ports").iter().filter_map(read_port).collect()
    }

    /// Adds a port, or changes the one with the same number and protocol.
    /// Path: `service.ports.NUMBER/PROTOCOL`.
    pub fn set_port(&self, port: &ServicePort) -> Result<(), EditError> {
        let protocol = protocol::name(port.protocol);
        // A number in digits is a number in a Service.
        let target = port.target.parse::<i32>().map_or_else(|_| json!(port.target), Value::from);
        let mut item = json!({ "port": port.number, "protocol": protocol, "targetPort": target });
        set_some(&mut item, "name", port.name.as_deref());
        let key = Key::port("port", port.number, protocol);
        self.0.child("ports").item(&key).replace(Some(item))
    }

    /// Removes a port.
    pub fn remove_port(&self, number: i32, protocol: Protocol) -> Result<(), EditError> {
        let key = Key::port("port", number, protocol::name(protocol));
        self.0.child("ports").item(&key).delete()
    }

    /// Whether DNS lists pods that are not ready.
    pub fn publish_not_ready_addresses(&self) -> bool {
        self.0.flag("publishNotReadyAddresses")
    }

    /// Path: `service.publishNotReadyAddresses`.
    pub fn set_publish_not_ready_addresses(&self, value: bool) -> Result<(), EditError> {
        self.0.set("publishNotReadyAddresses", value)
    }

    /// Labels of the Service.
    pub fn labels(&self) -> Vec<Entry> {
        self.0.entries("labels")
    }

    /// Sets one label. Path: `service.labels.KEY`.
    pub fn set_label(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.0.child("labels").set(key, value)
    }

    /// Removes one label.
    pub fn remove_label(&self, key: &str) -> Result<(), EditError> {
        self.0.child("labels").remove(key)
    }

    /// Annotations of the Service.
    pub fn annotations(&self) -> Vec<Entry> {
        self.0.entries("annotations")
    }

    /// Sets one annotation.
    pub fn set_annotation(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.0.child("annotations").set(key, value)
    }

    /// Removes one annotation.
    pub fn remove_annotation(&self, key: &str) -> Result<(), EditError> {
        self.0.child("annotations").remove(key)
    }
}

fn read_port(item: &Value) -> Option<ServicePort> {
    let number = i32::try_from(item.get("port")?.as_i64()?).ok()?;
    let target = match item.get("targetPort") {
        Some(Value::String(name)) => name.clone(),
        Some(number) => number.to_string(),
        None => number.to_string(),
    };
    let name = item.get("name").and_then(Value::as_str).map(str::to_owned);
    Some(ServicePort { number, protocol: protocol::read(item), name, target })
}
