//! Wraps a core module into a component, and checks what it imports.

use wit_component::{ComponentEncoder, DecodedWasm};

/// Package of the interfaces that a guest may import. There is no WASI in the host.
const CONTRACT: &str = "wellhead:plugin/";

/// Why a core module is no guest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// It cannot be wrapped into a component. wit-component's chain of causes is one text.
    #[error("it does not become a component: {0}")]
    Component(String),
    /// It needs something that the host does not offer.
    #[error("it imports {}", .0.join(", "))]
    Imports(Vec<String>),
}

impl EncodeError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Component(_) => "call `wellhead_plugin::export!` once in the crate",
            Self::Imports(_) => {
                "remove what needs files, clocks, randomness or the network; plugins import \
                 wellhead:plugin only"
            }
        }
    }
}

/// Encodes a core module, and validates the component.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| EncodeError::Component(format!("{error:#}")))?;
    let foreign: Vec<String> =
        imports(&component)?.into_iter().filter(|name| !name.starts_with(CONTRACT)).collect();
    if foreign.is_empty() { Ok(component) } else { Err(EncodeError::Imports(foreign)) }
}

/// Names of the imports of a component, e.g. `wellhead:plugin/pipeline@0.1.0`.
fn imports(component: &[u8]) -> Result<Vec<String>, EncodeError> {
    let decoded = wit_component::decode(component)
        .map_err(|error| EncodeError::Component(format!("{error:#}")))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(EncodeError::Component("the encoder made a WIT package".to_owned()));
    };
    Ok(resolve.worlds[world].imports.keys().map(|key| resolve.name_world_key(key)).collect())
}
