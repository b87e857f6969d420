//! What one instance of a component creates, when every component in it is instantiated as often as
//! it is named: "billion laughs" of 1.4 KB create a million instances.

/// What instantiating creates. Counts saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Created {
    pub(super) core_instances: u64,
    pub(super) component_instances: u64,
    pub(super) memories: u64,
    pub(super) tables: u64,
    pub(super) definitions: u64,
    pub(super) parts: u64,
}

/// Something that is instantiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This one, by its position in the file.
    Known(usize),
    /// A parameter, or an export of an instance: any of the file.
    Unknown,
}

/// A component, as it ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Component {
    /// What it creates itself, without what is created in those that it instantiates.
    own: Created,
    /// The components that it instantiates, each with how often in a row.
    instantiates: Vec<(usize, u64)>,
    /// Instantiations of components that are not known.
    unknown_components: u64,
    /// Instantiations of modules that are not known.
    unknown_modules: u64,
    /// Its imports and exports.
    pub(super) members: u64,
}

/// A core module: what one instance of it creates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Module {
    pub(super) memories: u64,
    pub(super) tables: u64,
    /// What the host goes through for each instance: imports, functions, globals, segments with their
    /// elements, and kilobytes of data.
    pub(super) parts: u64,
}

impl Created {
    fn add(&mut self, other: Self, times: u64) {
        let sum = |a: &mut u64, b: u64| *a = a.saturating_add(b.saturating_mul(times));
        sum(&mut self.core_instances, other.core_instances);
        sum(&mut self.component_instances, other.component_instances);
        sum(&mut self.memories, other.memories);
        sum(&mut self.tables, other.tables);
        sum(&mut self.definitions, other.definitions);
        sum(&mut self.parts, other.parts);
    }

    fn max(self, other: Self) -> Self {
        Self {
            core_instances: self.core_instances.max(other.core_instances),
            component_instances: self.component_instances.max(other.component_instances),
            memories: self.memories.max(other.memories),
            tables: self.tables.max(other.tables),
            definitions: self.definitions.max(other.definitions),
            parts: self.parts.max(other.parts),
        }
    }

    const UNBOUNDED: Self = Self {
        core_instances: u64::MAX,
        component_instances: u64::MAX,
        memories: u64::MAX,
        tables: u64::MAX,
        definitions: u64::MAX,
        parts: u64::MAX,
    };
}

impl Component {
    /// Notes definitions: what is done once for each instance of the component.
    pub(super) fn define(&mut self, count: usize) {
        self.own.definitions = self.own.definitions.saturating_add(count as u64);
    }

    /// Notes that a core module is instantiated.
    pub(super) fn instantiate_module(&mut self, target: Target, modules: &[Module]) {
        self.own.core_instances += 1;
        match target {
            Target::Known(at) => {
                let Module { memories, tables, parts } =
                    modules.get(at).copied().unwrap_or_default();
                self.own.add(Created { memories, tables, parts, ..Created::default() }, 1);
            }
            Target::Unknown => self.unknown_modules += 1,
        }
    }

    /// Notes that a component is instantiated.
    pub(super) fn instantiate(&mut self, target: Target) {
        self.own.component_instances += 1;
        match (target, self.instantiates.last_mut()) {
            (Target::Unknown, _) => self.unknown_components += 1,
            (Target::Known(at), Some((last, times))) if *last == at => *times += 1,
            (Target::Known(at), _) => self.instantiates.push((at, 1)),
        }
    }
}

/// What the last component creates. A component comes after all that it instantiates, as in a file.
///
/// A component that is not known counts as the costliest of the file. Where it could be one that
/// itself instantiates one that is not known, there is no bound; no toolchain makes such components.
pub(super) fn flatten(components: &[Component], modules: &[Module]) -> Created {
    let any_module = Created {
        memories: modules.iter().map(|it| it.memories).max().unwrap_or(0),
        tables: modules.iter().map(|it| it.tables).max().unwrap_or(0),
        parts: modules.iter().map(|it| it.parts).max().unwrap_or(0),
        ..Created::default()
    };
    let last = components.len().saturating_sub(1);
    let mut costs: Vec<Created> = Vec::with_capacity(components.len());
    let mut any_component = Created::default();
    for (at, component) in components.iter().enumerate() {
        let mut cost = component.own;
        cost.add(any_module, component.unknown_modules);
        for &(child, times) in &component.instantiates {
            cost.add(costs.get(child).copied().unwrap_or(Created::UNBOUNDED), times);
        }
        if component.unknown_components > 0 {
            let any = if at == last { any_component } else { Created::UNBOUNDED };
            cost.add(any, component.unknown_components);
        }
        any_component = any_component.max(cost);
        costs.push(cost);
    }
    costs.last().copied().unwrap_or_default()
}
