//! All that a plugin can depend on, as names with their definitions.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{FunctionKind, InterfaceId, Resolve, TypeDefKind, TypeId, WorldItem, WorldKey};

use super::package::Package;
use super::wit::{Writer, own_name};

/// What a package has.
#[derive(Default)]
pub(super) struct Surface {
    /// Types and functions of all interfaces, by names like `pipeline.container.image`.
    pub(super) items: BTreeMap<String, Item>,
    /// Names of the interfaces.
    pub(super) interfaces: BTreeSet<String>,
    /// Those that a world exports, so that a plugin implements them.
    pub(super) exported: BTreeSet<String>,
    /// What each world imports and exports, as `imports NAME` and `exports NAME`.
    pub(super) worlds: BTreeMap<String, BTreeSet<String>>,
    /// Imports and exports of worlds that are in no interface of the package.
    pub(super) unversioned: Vec<String>,
}

/// A type or a function.
pub(super) struct Item {
    pub(super) interface: String,
    /// What it is, on one line, without documentation.
    pub(super) definition: String,
}

impl Surface {
    pub(super) fn of(package: &Package) -> Self {
        let mut surface = Self::default();
        let resolve = &package.resolve;
        let package = &resolve.packages[package.id];
        for (name, id) in &package.interfaces {
            surface.add_interface(resolve, name, *id);
        }
        for (name, id) in &package.worlds {
            let world = &resolve.worlds[*id];
            for (key, item) in &world.imports {
                surface.add_to_world(resolve, name, "imports", (key, item));
            }
            for (key, item) in &world.exports {
                surface.add_to_world(resolve, name, "exports", (key, item));
            }
        }
        surface
    }

    fn add_interface(&mut self, resolve: &Resolve, name: &str, id: InterfaceId) {
        let interface = &resolve.interfaces[id];
        let writer = Writer { resolve, name: full_name };
        self.interfaces.insert(name.to_owned());
        let mut add = |item: &str, definition: String| {
            let item_name = format!("{name}.{item}");
            self.items.insert(item_name, Item { interface: name.to_owned(), definition });
        };
        for (name, id) in &interface.types {
            add(name, writer.definition(&resolve.types[*id].kind));
        }
        for function in interface.functions.values() {
            let signature = format!("{}{}", kind(&function.kind), writer.signature(function));
            add(&item_name(resolve, function), signature);
        }
    }

    fn add_to_world(
        &mut self,
        resolve: &Resolve,
        world: &str,
        verb: &str,
        (key, item): (&WorldKey, &WorldItem),
    ) {
        let name = resolve.name_world_key(key);
        let named = match (key, item) {
            (WorldKey::Interface(id), WorldItem::Interface { .. }) => {
                resolve.interfaces[*id].name.clone()
            }
            _ => None,
        };
        let Some(interface) = named else {
            self.unversioned.push(format!("world `{world}` {verb} `{name}`"));
            return;
        };
        self.worlds.entry(world.to_owned()).or_default().insert(format!("{verb} {interface}"));
        if verb == "exports" {
            self.exported.insert(interface);
        }
    }
}

/// A function's name, with its resource's: `container.set-image`.
pub(super) fn item_name(resolve: &Resolve, function: &wit_parser::Function) -> String {
    let resource = function.kind.resource().and_then(|id| resolve.types[id].name.clone());
    match (resource, &function.kind) {
        (Some(resource), FunctionKind::Constructor(_)) => format!("{resource}.constructor"),
        (Some(resource), _) => format!("{resource}.{}", function.item_name()),
        (None, _) => function.item_name().to_owned(),
    }
}

fn kind(kind: &FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Freestanding | FunctionKind::Method(_) => "func",
        FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) => "async func",
        FunctionKind::Static(_) => "static func",
        FunctionKind::AsyncStatic(_) => "static async func",
        FunctionKind::Constructor(_) => "constructor",
    }
}

/// A type's name with its interface's, so that types of the same name differ. A name for a type that
/// needs none, e.g. a tuple, is written out.
fn full_name(resolve: &Resolve, id: TypeId) -> Option<String> {
    let nominal = matches!(
        resolve.types[id].kind,
        TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource
    );
    let (interface, name) = own_name(resolve, id).filter(|_| nominal)?;
    Some(format!("{interface}.{name}"))
}
