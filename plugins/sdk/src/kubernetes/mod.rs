//! Values of Kubernetes that plugins read and make.

mod label_selector;
mod pipeline_selector;
mod probe;
mod quantity;
mod toleration;

pub use label_selector::{LabelRequirement, LabelSelector, Operator};
pub use pipeline_selector::PipelineSelector;
pub use probe::{Exec, Grpc, HttpGet, HttpHeader, Port, Probe, TcpSocket};
pub use quantity::{InvalidQuantity, Quantity};
pub use toleration::Toleration;
