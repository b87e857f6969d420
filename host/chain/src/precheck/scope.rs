//! A component that has begun: what it instantiates, and the two of its index spaces that tell what.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, Instance,
};

use super::flatten::{Component, Module, Target};

/// A component that has begun.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) component: Component,
    modules: Vec<Target>,
    components: Vec<Target>,
}

/// Something that can be instantiated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Module(Target),
    Component(Target),
}

impl Scope {
    /// Adds an item to its index space.
    pub(super) fn add(&mut self, item: Item) {
        match item {
            Item::Module(target) => self.modules.push(target),
            Item::Component(target) => self.components.push(target),
        }
    }

    /// Adds something that comes from outside: a parameter, or an export of an instance.
    pub(super) fn unknown(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Module => self.modules.push(Target::Unknown),
            ComponentExternalKind::Component => self.components.push(Target::Unknown),
            _ => {}
        }
    }

    /// An export gives what it exports a second index.
    pub(super) fn export(&mut self, kind: ComponentExternalKind, index: u32) {
        match kind {
            ComponentExternalKind::Module => self.modules.push(of(&self.modules, index)),
            ComponentExternalKind::Component => self.components.push(of(&self.components, index)),
            _ => {}
        }
    }

    pub(super) fn core_instance(&mut self, instance: &Instance<'_>, modules: &[Module]) {
        match instance {
            Instance::Instantiate { module_index, args } => {
                self.component.define(args.len());
                self.component.instantiate_module(of(&self.modules, *module_index), modules);
            }
            Instance::FromExports(exports) => self.component.define(exports.len()),
        }
    }

    /// Returns how many of its parts have a type that is compared or made anew.
    pub(super) fn component_instance(
        &mut self,
        instance: &ComponentInstance<'_>,
        components: &[Component],
    ) -> u64 {
        let (parts, target) = match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                (args.len(), Some(of(&self.components, *component_index)))
            }
            ComponentInstance::FromExports(exports) => (exports.len(), None),
        };
        self.component.define(parts);
        let members = target.map_or(0, |target| {
            self.component.instantiate(target);
            members(target, components)
        });
        members + parts as u64
    }
}

/// What an alias names: from these components, of which the last is the innermost.
pub(super) fn resolve(open: &[Scope], alias: &ComponentAlias<'_>) -> Option<Item> {
    let outer = |count: u32| open.len().checked_sub(1)?.checked_sub(count as usize);
    match *alias {
        ComponentAlias::InstanceExport { kind, .. } => match kind {
            ComponentExternalKind::Module => Some(Item::Module(Target::Unknown)),
            ComponentExternalKind::Component => Some(Item::Component(Target::Unknown)),
            _ => None,
        },
        ComponentAlias::CoreInstanceExport { .. } => None,
        ComponentAlias::Outer { kind, count, index } => {
            let scope = outer(count).and_then(|at| open.get(at));
            match kind {
                ComponentOuterAliasKind::CoreModule => {
                    Some(Item::Module(scope.map_or(Target::Unknown, |it| of(&it.modules, index))))
                }
                ComponentOuterAliasKind::Component => Some(Item::Component(
                    scope.map_or(Target::Unknown, |it| of(&it.components, index)),
                )),
                _ => None,
            }
        }
    }
}

/// Imports and exports of a component; of one that is not known, the most that one has.
fn members(target: Target, components: &[Component]) -> u64 {
    match target {
        Target::Known(at) => components.get(at).map_or(0, |it| it.members),
        Target::Unknown => components.iter().map(|it| it.members).max().unwrap_or(0),
    }
}

fn of(space: &[Target], index: u32) -> Target {
    space.get(index as usize).copied().unwrap_or(Target::Unknown)
}
