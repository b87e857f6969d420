//! Whether a component is made for this host: everything that does not fit, at once.

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::text::{NAME_CHARACTERS, sanitize_name};

/// The contract's package.
const PACKAGE: &str = "wellhead:plugin/";
/// Interfaces that the host offers.
const OFFERED: [&str; 3] = ["pipeline", "log", "types"];
/// The contract's version that the host implements.
pub const CONTRACT_VERSION: &str = "0.1.0";

/// What a component imports and exports that a plugin may not, and what it lacks.
pub(crate) fn mismatches(engine: &wasmtime::Engine, component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let imports = ty.imports(engine).filter_map(|(name, item)| import_mismatch(name, &item.ty));
    let mut mismatches: Vec<String> = imports.collect();
    let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
    let has = |interface: &str| exports.iter().any(|name| interface_of(name) == Some(interface));
    if !has("describe") {
        mismatches.push(format!("it does not export {PACKAGE}describe@{CONTRACT_VERSION}"));
    }
    if !has("transform") && !has("validate") {
        mismatches.push(format!(
            "it exports neither {PACKAGE}transform@{CONTRACT_VERSION} nor \
             {PACKAGE}validate@{CONTRACT_VERSION}"
        ));
    }
    mismatches.extend(exports.iter().filter_map(|name| other_version(name, "exports")));
    mismatches
}

/// Version of the contract that a component was built against, as it exports it.
pub(crate) fn contract_version(engine: &wasmtime::Engine, component: &Component) -> String {
    let version = |name: &str| {
        let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
        (interface == "describe").then(|| sanitize_name(version, NAME_CHARACTERS))
    };
    let found = component.component_type().exports(engine).find_map(|(name, _)| version(name));
    found.unwrap_or_default()
}

fn import_mismatch(name: &str, item: &ComponentItem) -> Option<String> {
    if let Some(mismatch) = other_version(name, "imports") {
        return Some(mismatch);
    }
    let offered = interface_of(name).is_some_and(|interface| OFFERED.contains(&interface));
    if offered && matches!(item, ComponentItem::ComponentInstance(_)) {
        return None;
    }
    let name = sanitize_name(name, NAME_CHARACTERS);
    Some(format!("it imports {name}, which no plugin gets"))
}

/// The interface of a name of our package in a version that the host implements.
fn interface_of(name: &str) -> Option<&str> {
    let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    is_compatible(version).then_some(interface)
}

/// Versions of one `0.x` track differ only by additions, which wasmtime resolves by itself.
fn is_compatible(version: &str) -> bool {
    version.strip_prefix("0.1.").is_some_and(|patch| patch.parse::<u32>().is_ok())
}

fn other_version(name: &str, what: &str) -> Option<String> {
    let (_, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    (!is_compatible(version)).then(|| {
        let name = sanitize_name(name, NAME_CHARACTERS);
        format!("it {what} {name}, and this host has version {CONTRACT_VERSION}")
    })
}
