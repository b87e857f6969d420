//! Wraps a core module into a component, and checks what it imports.

mod interfaces;
pub(crate) mod shim;
pub(crate) mod world;

pub(crate) use interfaces::{Interfaces, names};

use wit_component::ComponentEncoder;

/// Package of the interfaces that a plugin may import. There is no WASI in the host.
pub(crate) const CONTRACT: &str = "wellhead:plugin/";
/// What interfaces of an operating system begin with.
const SYSTEM: &str = "wasi:";

/// Why what the tools made is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It cannot be wrapped into a component. wit-component's chain of causes is one text.
    #[error("it does not become a component: {0}")]
    Component(String),
    /// It needs something that the host does not offer.
    #[error("it imports {}", names(.0))]
    Imports(Vec<String>),
}

impl EncodeError {
    /// What to do about it.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Component(_) => {
                vec!["a plugin exports the contract's interfaces by its SDK, once".to_owned()]
            }
            Self::Imports(names) => {
                let (system, others): (Vec<_>, Vec<_>) =
                    names.iter().partition(|it| it.starts_with(SYSTEM));
                let system = (!system.is_empty()).then(|| {
                    "remove what needs files, clocks, randomness or the network: a plugin imports \
                     wellhead:plugin only"
                        .to_owned()
                });
                let library = (!others.is_empty()).then(|| {
                    "plug in the library that exports it: `wellhead plugin build --plug FILE`, or \
                     `plugs: [FILE]` in plugin.yaml"
                        .to_owned()
                });
                system.into_iter().chain(library).collect()
            }
        }
    }
}

/// Wraps a core module, whose custom sections describe its world, into a component; validates the
/// component and checks that it imports nothing but the contract.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let component = wrap(module)?;
    check(&component)?;
    Ok(component)
}

/// The same for a component that may import what a library exports.
pub(crate) fn wrap(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| EncodeError::Component(format!("{error:#}")))?;
    Ok(finish(component))
}

/// Joins what wit-component made with its shim.
pub(crate) fn finish(component: Vec<u8>) -> Vec<u8> {
    shim::join(&component).unwrap_or(component)
}

/// Checks that a component imports nothing but the contract.
pub(crate) fn check(component: &[u8]) -> Result<(), EncodeError> {
    let mut foreign = Interfaces::of(component)?.imports;
    foreign.retain(|name| !name.starts_with(CONTRACT));
    if foreign.is_empty() { Ok(()) } else { Err(EncodeError::Imports(foreign)) }
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
        assert_eq!(error.to_string(), "it imports `wasi:clocks/clock@0.2.0`");
    }
}
