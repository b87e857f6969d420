//! What a component is made of, as wit-component arranges it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{
    CanonicalFunction, ComponentAlias, Export, ExternalKind, Instance, InstantiationArg, Parser,
    Payload,
};

use super::TABLE;

/// A core module of the component, which is instantiated once.
pub(super) struct Part {
    pub(super) module: u32,
    pub(super) instance: u32,
    /// Bytes of the component.
    pub(super) range: Range<usize>,
}

/// Where the parts stand in the component.
pub(super) struct Layout<'c> {
    pub(super) shim: Part,
    pub(super) caller: Part,
    pub(super) fixup: Part,
    /// Core functions of the component that are the shim's.
    pub(super) functions: BTreeSet<u32>,
    /// Places in the shim's table, by module and name of the caller's import.
    pub(super) imports: BTreeMap<(&'c str, &'c str), u32>,
}

/// What a component defines at its top, each list in the order of its indices.
#[derive(Default)]
struct Definitions<'c> {
    modules: Vec<Range<usize>>,
    instances: Vec<Instance<'c>>,
    /// The instance and the export that a core function is an alias of.
    functions: Vec<Option<(u32, &'c str)>>,
    tables: Vec<(u32, &'c str)>,
}

impl<'c> Definitions<'c> {
    fn read(component: &'c [u8]) -> Option<Self> {
        let mut it = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.ok()? {
                Payload::ModuleSection { unchecked_range, .. } => {
                    if depth == 0 {
                        it.modules.push(unchecked_range);
                    }
                    depth += 1;
                }
                Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                Payload::InstanceSection(section) => {
                    for instance in section {
                        it.instances.push(instance.ok()?);
                    }
                }
                Payload::ComponentCanonicalSection(section) => {
                    for function in section {
                        if !matches!(function.ok()?, CanonicalFunction::Lift { .. }) {
                            it.functions.push(None);
                        }
                    }
                }
                Payload::ComponentAliasSection(section) => {
                    for alias in section {
                        it.alias(&alias.ok()?);
                    }
                }
                _ => {}
            }
        }
        Some(it)
    }

    fn alias(&mut self, alias: &ComponentAlias<'c>) {
        let ComponentAlias::CoreInstanceExport { kind, instance_index, name } = *alias else {
            return;
        };
        match kind {
            ExternalKind::Func => self.functions.push(Some((instance_index, name))),
            ExternalKind::Table => self.tables.push((instance_index, name)),
            _ => {}
        }
    }

    /// The module of an instance, if it has no other.
    fn part(&self, instance: u32) -> Option<Part> {
        let module_of = |it: &Instance<'_>| match it {
            Instance::Instantiate { module_index, .. } => Some(*module_index),
            Instance::FromExports(_) => None,
        };
        let module = module_of(self.instances.get(instance as usize)?)?;
        let range = self.modules.get(module as usize)?.clone();
        let count = self.instances.iter().filter(|it| module_of(it) == Some(module)).count();
        (count == 1).then_some(Part { module, instance, range })
    }

    /// What each instance gets: its index, the name that it imports from, and the export.
    fn arguments(&self) -> impl Iterator<Item = (u32, &'c str, Export<'c>)> {
        (0..).zip(&self.instances).flat_map(|(instance, it)| {
            let Instance::Instantiate { args, .. } = it else { return Vec::new() };
            let exports = |arg: &InstantiationArg<'c>| match self.instances.get(arg.index as usize)
            {
                Some(Instance::FromExports(exports)) => {
                    exports.iter().map(|it| (instance, arg.name, *it)).collect()
                }
                _ => Vec::new(),
            };
            args.iter().flat_map(exports).collect()
        })
    }
}

impl<'c> Layout<'c> {
    /// `None` when the component is not made of one shim, one module that calls it, and one that fills
    /// its table.
    pub(super) fn read(component: &'c [u8]) -> Option<Self> {
        let it = Definitions::read(component)?;
        let table = it.tables.iter().position(|(_, name)| *name == TABLE)?;
        let (shim, _) = it.tables[table];
        let of_shim = |function: u32| {
            let alias = it.functions.get(function as usize).copied().flatten();
            alias.filter(|(instance, _)| *instance == shim)
        };
        let all = 0..u32::try_from(it.functions.len()).ok()?;
        let functions: BTreeSet<u32> =
            all.filter(|function| of_shim(*function).is_some()).collect();

        let (mut callers, mut fixups) = (BTreeSet::new(), BTreeSet::new());
        let mut imports = BTreeMap::new();
        for (instance, module, export) in it.arguments() {
            match export.kind {
                ExternalKind::Func => {
                    if let Some((_, slot)) = of_shim(export.index) {
                        imports.insert((module, export.name), slot.parse().ok()?);
                        callers.insert(instance);
                    }
                }
                ExternalKind::Table if export.index as usize == table => {
                    fixups.insert(instance);
                }
                _ => {}
            }
        }
        let one = |instances: BTreeSet<u32>| {
            let mut instances = instances.into_iter();
            instances.next().filter(|_| instances.next().is_none())
        };
        let (caller, fixup) = (it.part(one(callers)?)?, it.part(one(fixups)?)?);
        Some(Self { shim: it.part(shim)?, caller, fixup, functions, imports })
    }

    /// Whether an export is a function of the shim.
    pub(super) fn is_of_shim(&self, export: &Export<'_>) -> bool {
        export.kind == ExternalKind::Func && self.functions.contains(&export.index)
    }
}
