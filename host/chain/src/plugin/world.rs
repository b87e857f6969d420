//! Whether a component is made for this host: everything that does not fit, at once.

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::text::{NAME_CHARACTERS, sanitize_name};

/// The contract's package.
const PACKAGE: &str = "wellhead:plugin/";
/// The contract's version that the host implements.
pub const CONTRACT_VERSION: &str = "0.2.0";

/// A track of the contract: versions that differ only by additions, which wasmtime resolves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Track {
    /// 0.1, for plugins that exist.
    V0_1,
    /// 0.2.
    V0_2,
}

impl Track {
    /// The track of a version, when the host has it.
    fn of(version: &str) -> Option<Self> {
        [Self::V0_1, Self::V0_2].into_iter().find(|track| {
            let patch = version.strip_prefix(track.number()).and_then(|it| it.strip_prefix('.'));
            patch.is_some_and(|patch| patch.parse::<u32>().is_ok())
        })
    }

    /// The part of a version that all versions of the track share.
    fn number(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1",
            Self::V0_2 => "0.2",
        }
    }

    /// Interfaces that the host offers.
    fn offers(self) -> &'static [&'static str] {
        match self {
            Self::V0_1 => &["pipeline", "log", "types"],
            Self::V0_2 => &["pipeline", "log", "types", "facts", "context"],
        }
    }
}

/// The track of a component, or what it imports and exports that a plugin may not, and what it lacks.
pub(crate) fn track(
    engine: &wasmtime::Engine,
    component: &Component,
) -> Result<Track, Vec<String>> {
    let ty = component.component_type();
    let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
    let described = |name: &&str| match name.strip_prefix(PACKAGE)?.split_once('@')? {
        ("describe", version) => Track::of(version),
        _ => None,
    };
    let track = exports.iter().find_map(described).unwrap_or(Track::V0_2);
    let imports = ty.imports(engine).filter_map(|(name, it)| import_mismatch(name, &it.ty, track));
    let mut mismatches: Vec<String> = imports.collect();
    let has = |interface| exports.iter().any(|it| interface_of(it, track) == Some(interface));
    if !has("describe") {
        mismatches.push(format!("it does not export {PACKAGE}describe@{CONTRACT_VERSION}"));
    }
    if !has("transform") && !has("validate") {
        let version = if track == Track::V0_2 { CONTRACT_VERSION } else { "0.1.0" };
        mismatches.push(format!(
            "it exports neither {PACKAGE}transform@{version} nor {PACKAGE}validate@{version}"
        ));
    }
    mismatches.extend(exports.iter().filter_map(|name| other_version(name, "exports", track)));
    if mismatches.is_empty() { Ok(track) } else { Err(mismatches) }
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

/// Whether a component exports an interface of the contract.
pub(super) fn exports(component: &Component, interface: &str, track: Track) -> bool {
    let name = format!("{PACKAGE}{interface}@{}.0", track.number());
    component.get_export_index(None, &name).is_some()
}

/// Whether a component imports an interface of the contract.
pub(super) fn imports(engine: &wasmtime::Engine, component: &Component, interface: &str) -> bool {
    let name = |name: &str| name.strip_prefix(PACKAGE).is_some_and(|it| it.starts_with(interface));
    component.component_type().imports(engine).any(|(it, _)| name(it))
}

fn import_mismatch(name: &str, item: &ComponentItem, track: Track) -> Option<String> {
    if let Some(mismatch) = other_version(name, "imports", track) {
        return Some(mismatch);
    }
    let offered = interface_of(name, track).is_some_and(|it| track.offers().contains(&it));
    if offered && matches!(item, ComponentItem::ComponentInstance(_)) {
        return None;
    }
    let name = sanitize_name(name, NAME_CHARACTERS);
    Some(format!("it imports {name}, which no plugin gets"))
}

/// The interface of a name of our package in a version of the track.
fn interface_of(name: &str, track: Track) -> Option<&str> {
    let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    (Track::of(version) == Some(track)).then_some(interface)
}

fn other_version(name: &str, what: &str, track: Track) -> Option<String> {
    let (_, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    let shown = sanitize_name(name, NAME_CHARACTERS);
    match Track::of(version) {
        Some(other) if other == track => None,
        Some(_) => Some(format!(
            "it {what} {shown}, and exports describe of {}: a plugin is of one version",
            track.number()
        )),
        None => Some(format!("it {what} {shown}, and this host has version {CONTRACT_VERSION}")),
    }
}
