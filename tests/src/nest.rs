//! Components with more inside than they need.

use wasm_encoder::{ComponentInstanceSection, Encode as _};
use wasmparser::{Encoding, Parser, Payload};

/// A component that holds another one and has one instance of it.
pub fn nested(outer: &[u8], inner: &[u8]) -> Vec<u8> {
    nested_times(outer, inner, 1)
}

/// A component that holds another one and has several instances of it. What it exports stays.
///
/// # Panics
/// When the outer bytes are no component.
pub fn nested_times(outer: &[u8], inner: &[u8], instances: usize) -> Vec<u8> {
    let index = components(outer);
    let mut bytes = outer.to_vec();
    bytes.push(wasm_encoder::ComponentSectionId::Component.into());
    inner.encode(&mut bytes);
    let mut section = ComponentInstanceSection::new();
    for _ in 0..instances {
        section.instantiate(index, std::iter::empty::<(&str, _, _)>());
    }
    bytes.push(wasm_encoder::ComponentSectionId::Instance.into());
    section.encode(&mut bytes);
    bytes
}

/// Number of the components in the index space of a component.
fn components(bytes: &[u8]) -> u32 {
    let mut count = 0;
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.expect("the outer bytes are a component") {
            Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentSection { .. } if depth == 1 => count += 1,
            _ => {}
        }
    }
    count
}
