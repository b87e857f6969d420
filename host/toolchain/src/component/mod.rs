//! Wraps a core module into a component, and checks what it imports.

pub(crate) mod shim;
pub(crate) mod world;

use wit_component::{ComponentEncoder, DecodedWasm};

/// Package of the interfaces that a plugin may import. There is no WASI in the host.
const CONTRACT: &str = "wellhead:plugin/";

/// Why what the tools made is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It cannot be wrapped into a component. wit-component's chain of causes is one text.
    #[error("it does not become a component: {0}")]
    Component(String),
    /// It needs something that the host does not offer.
    #[error("it imports {}", .0.join(", "))]
    Imports(Vec<String>),
}

impl EncodeError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Component(_) => "a plugin exports the contract's interfaces by its SDK, once",
            Self::Imports(_) => {
                "remove what needs files, clocks, randomness or the network: a plugin imports \
                 wellhead:plugin only"
            }
        }
    }
}

/// Wraps a core module, whose custom sections describe its world, into a component; validates the
/// component and checks that it imports nothing but the contract.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| EncodeError::Component(format!("{error:#}")))?;
    finish(component)
}

/// Makes a plugin of what wit-component made: checks that it imports nothing but the contract, and
/// joins it with its shim.
pub(crate) fn finish(component: Vec<u8>) -> Result<Vec<u8>, EncodeError> {
    check(&component)?;
    Ok(shim::join(&component).unwrap_or(component))
}

/// Checks that a component imports nothing but the contract.
pub(crate) fn check(component: &[u8]) -> Result<(), EncodeError> {
    let foreign: Vec<String> =
        imports(component)?.into_iter().filter(|name| !name.starts_with(CONTRACT)).collect();
    if foreign.is_empty() { Ok(()) } else { Err(EncodeError::Imports(foreign)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_exports_nothing_of_the_contract_is_a_component_without_imports() {
        assert!(encode(&wat::parse_str("(module)").unwrap()).is_ok());
    }

    #[test]
    fn a_module_with_an_unknown_import_is_refused() {
        let module = r#"(module (import "env" "now" (func (result i32))))"#;
        let error = encode(&wat::parse_str(module).unwrap()).unwrap_err();
        assert!(matches!(error, EncodeError::Component(_)), "{error}");
    }

    #[test]
    fn a_component_that_imports_wasi_is_refused_with_the_import() {
        let mut resolve = wit_parser::Resolve::default();
        let wit = "package wasi:clocks@0.2.0;
            interface clock { now: func() -> u64; }
            world guest { import clock; }";
        let package = resolve.push_str("clocks.wit", wit).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        let module = r#"(module (import "wasi:clocks/clock@0.2.0" "now" (func (result i64))))"#;
        let mut module = wat::parse_str(module).unwrap();
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
        let error = encode(&module).unwrap_err();
        assert_eq!(error.to_string(), "it imports wasi:clocks/clock@0.2.0");
    }
}
