//! How a container says that it has started, is alive, is ready.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Kubernetes' `Probe`. Fields that are `None` have the default that Kubernetes gives them, and fields
/// that have no name here stay in `rest`.
///
/// ```
/// use wellhead_plugin::Probe;
///
/// let probe = Probe { period_seconds: Some(10), ..Probe::http_get("/healthz", 8080) };
/// assert_eq!(
///     serde_json::to_string(&probe)?,
///     r#"{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":10}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// A command in the container; 0 is success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    /// An HTTP request; 200 to 399 is success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HttpGet>,
    /// A connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_socket: Option<TcpSocket>,
    /// A call of the gRPC health service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<Grpc>,
    /// Seconds from the container's start to the first probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<i32>,
    /// Seconds that an answer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i32>,
    /// Seconds from one probe to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i32>,
    /// Successes in a row after a failure that are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<i32>,
    /// Failures in a row that are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i32>,
    /// Seconds that the container has to stop, when the probe stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Exec {
    /// The program and its arguments; no shell reads them.
    #[serde(default)]
    pub command: Vec<String>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpGet {
    /// The path, `/` where it is `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Number or name of the port.
    pub port: Port,
    /// The host, the pod where it is `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `HTTP` or `HTTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Headers of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http_headers: Vec<HttpHeader>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct HttpHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TcpSocket {
    /// Number or name of the port.
    pub port: Port,
    /// The host, the pod where it is `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A call of the gRPC health service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Grpc {
    /// Number of the port.
    pub port: i32,
    /// Name that the service is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A port of the container: its number or its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Port {
    /// Its number.
    Number(i32),
    /// Its name.
    Name(String),
}

impl Probe {
    /// Probes by a command in the container.
    pub fn exec<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        let exec = Exec { command, rest: Map::new() };
        Self { exec: Some(exec), ..Self::default() }
    }

    /// Probes by a GET request to the pod.
    pub fn http_get(path: impl Into<String>, port: impl Into<Port>) -> Self {
        let (path, port) = (Some(path.into()), port.into());
        let (http_headers, rest) = (Vec::new(), Map::new());
        let http_get = HttpGet { path, port, host: None, scheme: None, http_headers, rest };
        Self { http_get: Some(http_get), ..Self::default() }
    }

    /// Probes by a connection to the pod.
    pub fn tcp_socket(port: impl Into<Port>) -> Self {
        let tcp_socket = TcpSocket { port: port.into(), host: None, rest: Map::new() };
        Self { tcp_socket: Some(tcp_socket), ..Self::default() }
    }

    /// Probes by the gRPC health service of the pod.
    pub fn grpc(port: i32) -> Self {
        let grpc = Grpc { port, service: None, rest: Map::new() };
        Self { grpc: Some(grpc), ..Self::default() }
    }
}

impl From<i32> for Port {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Port {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}
