//! Names of protocols, as Kubernetes writes them.

use serde_json::Value;

use crate::Protocol;

pub(super) fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

/// The protocol of a port, TCP where it names none.
pub(super) fn read(port: &Value) -> Protocol {
    match port.get("protocol").and_then(Value::as_str) {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}
