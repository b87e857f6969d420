//! Budgets of a plugin for one call, and what enforces those of memory.

pub(crate) mod budget;
pub(crate) mod clock;

use wasmtime::{Error, ResourceLimiter, Result};
use wellhead_spec::PluginLimits;

use crate::Structure;
use budget::{Budget, UsedUp};

/// Bytes that a message counts as at least.
pub(crate) const LOG_LINE_BYTES: usize = 32;
/// Bytes of traffic that a call of one of the host's functions counts as besides those of its texts. It
/// takes up to 1 µs, so that a loop of calls ends by the budget before it does by the clock.
pub(crate) const CALL_BYTES: usize = 64;

/// A budget as the host counts it.
trait Count {
    fn of(number: u64) -> Self;
}

impl Count for u64 {
    fn of(number: u64) -> Self {
        number
    }
}

impl Count for usize {
    fn of(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
}

/// Makes [`Limits`] from rows; their values are those of [`PluginLimits`].
macro_rules! limits {
    ($($(#[$meta:meta])* $field:ident: $type:ty,)*) => {
        /// Budgets of a plugin for one call. Each has its own error, which names the budget and its value.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$meta])* pub $field: $type,)*
            /// What the plugin may be made of.
            pub structure: Structure,
        }

        impl From<&PluginLimits> for Limits {
            /// The defaults, with what the operator sets.
            fn from(entry: &PluginLimits) -> Self {
                let budgets = entry.budgets();
                Self {
                    $($field: Count::of(budgets.$field),)*
                    structure: Structure::from(&entry.structure),
                }
            }
        }
    };
}

limits! {
    /// Units of fuel: about one for each WebAssembly instruction, more for bulk work. The same on
    /// every machine.
    fuel: u64,
    /// Bytes of all memories and tables together.
    memory: usize,
    /// Elements of all tables together.
    table_elements: usize,
    /// Bytes that may cross from the plugin to the host in one call of either side.
    transfer: usize,
    /// Bytes between the plugin and the host's functions in all calls of them together, and 64 for each
    /// call. Fuel counts what the plugin does, and this what it lets the host do.
    traffic: usize,
    /// Bytes of one text.
    text: usize,
    /// Edits.
    edits: usize,
    /// Bytes of all edited values together.
    edited_bytes: usize,
    /// Handles of containers, claims and services.
    handles: usize,
    /// Messages that are kept; later ones are counted and dropped.
    log_lines: usize,
    /// Characters of one message that are kept.
    log_line: usize,
    /// Bytes of all messages together, those that are dropped included. Each counts as at least
    /// 32, so that empty ones have an end, too.
    log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&PluginLimits::default())
    }
}

/// Bytes that one table element occupies in the host.
const TABLE_ELEMENT_BYTES: usize = size_of::<usize>();

/// Sums the memories and tables of a store. Wasmtime's own `StoreLimits` counts each memory alone:
/// 90 memories under a limit of 64 MiB used 2.9 GiB
/// (<https://github.com/spinframework/spin/issues/3705>).
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    memory: usize,
    table_elements: usize,
    instances: usize,
    tables: usize,
    memories: usize,
    used_bytes: usize,
    used_elements: usize,
    refused: Option<UsedUp>,
}

impl MemoryLimiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory: limits.memory,
            table_elements: limits.table_elements,
            // The engine adds an instance of its own where components call each other.
            instances: Count::of(
                limits
                    .structure
                    .core_instances
                    .saturating_add(limits.structure.component_instances),
            ),
            tables: Count::of(limits.structure.tables),
            memories: Count::of(limits.structure.memories),
            used_bytes: 0,
            used_elements: 0,
            refused: None,
        }
    }

    /// Bytes in use, tables included.
    pub(crate) fn used(&self) -> usize {
        self.used_bytes + self.used_elements * TABLE_ELEMENT_BYTES
    }

    /// The last time that the plugin asked for more than its budget.
    pub(crate) fn refused(&self) -> Option<UsedUp> {
        self.refused
    }

    fn admit(&mut self, bytes: usize, elements: usize) -> bool {
        let total = elements.saturating_mul(TABLE_ELEMENT_BYTES).saturating_add(bytes);
        if elements > self.table_elements {
            self.refused = Some(UsedUp::new(Budget::TableElements, self.table_elements, elements));
        } else if total > self.memory {
            self.refused = Some(UsedUp::new(Budget::Memory, self.memory, total));
        } else {
            (self.used_bytes, self.used_elements) = (bytes, elements);
            return true;
        }
        false
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let bytes = self.used_bytes.saturating_add(desired.saturating_sub(current));
        Ok(self.admit(bytes, self.used_elements))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let elements = self.used_elements.saturating_add(desired.saturating_sub(current));
        Ok(self.admit(self.used_bytes, elements))
    }

    fn memory_grow_failed(&mut self, _: Error) -> Result<()> {
        Ok(())
    }

    fn table_grow_failed(&mut self, _: Error) -> Result<()> {
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wellhead_spec::Quantity;

    use super::*;

    fn limiter() -> MemoryLimiter {
        MemoryLimiter::new(&Limits { memory: 1_000, table_elements: 10, ..Limits::default() })
    }

    #[test]
    fn memories_are_summed() {
        let mut limiter = limiter();
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(!limiter.memory_growing(0, 600, None).unwrap(), "a second memory of the same size");
        assert_eq!(limiter.refused(), Some(UsedUp::new(Budget::Memory, 1_000, 1_200)));
        assert_eq!(limiter.used(), 600);
    }

    #[test]
    fn a_refused_growth_costs_nothing() {
        let mut limiter = limiter();
        assert!(!limiter.memory_growing(0, 2_000, None).unwrap());
        assert!(limiter.memory_growing(0, 1_000, None).unwrap());
    }

    #[test]
    fn tables_count_as_memory_and_by_element() {
        let mut limiter = limiter();
        assert!(limiter.table_growing(0, 10, None).unwrap());
        assert!(!limiter.table_growing(10, 11, None).unwrap());
        assert_eq!(limiter.refused(), Some(UsedUp::new(Budget::TableElements, 10, 11)));
        assert!(!limiter.memory_growing(0, 1_000, None).unwrap(), "tables use part of the budget");
        assert!(limiter.memory_growing(0, 900, None).unwrap());
        assert_eq!(limiter.used(), 900 + 10 * size_of::<usize>());
    }

    #[test]
    fn a_store_holds_as_many_parts_as_the_plugin_may_be_made_of() {
        let structure = Structure {
            core_instances: 5,
            component_instances: 3,
            tables: 6,
            memories: 7,
            ..Structure::BUDGETS
        };
        let limiter = MemoryLimiter::new(&Limits { structure, ..Limits::default() });
        assert_eq!((limiter.instances(), limiter.tables(), limiter.memories()), (8, 6, 7));
    }

    /// The defaults that the schema of a customization tells, by the names of the budgets.
    fn documented(definition: &str) -> BTreeMap<String, u64> {
        let schema = wellhead_spec::customization_schema();
        let fields = schema["$defs"][definition]["properties"].as_object().unwrap();
        let default = |text: &str| {
            let text = text.split_once("Default: ").unwrap().1.trim_end_matches('.');
            let quantity: Quantity = serde_json::from_value(text.into()).unwrap();
            u64::try_from(quantity.whole()).unwrap()
        };
        let described = fields.iter().filter(|it| it.0 != "structure");
        described
            .map(|(name, field)| (name.clone(), default(field["description"].as_str().unwrap())))
            .collect()
    }

    #[test]
    fn the_schema_tells_the_defaults() {
        let limits = Limits::default();
        let defaults = [
            ("fuel", limits.fuel),
            ("memory", limits.memory as u64),
            ("tableElements", limits.table_elements as u64),
            ("transfer", limits.transfer as u64),
            ("traffic", limits.traffic as u64),
            ("text", limits.text as u64),
            ("edits", limits.edits as u64),
            ("editedBytes", limits.edited_bytes as u64),
            ("handles", limits.handles as u64),
            ("logLines", limits.log_lines as u64),
            ("logLine", limits.log_line as u64),
            ("logBytes", limits.log_bytes as u64),
        ];
        let defaults = defaults.map(|(name, value)| (name.to_owned(), value)).into();
        assert_eq!(documented("PluginLimits"), defaults);
        assert_eq!(documented("StructureLimits"), limits.structure.by_name());
    }

    #[test]
    fn the_page_has_every_budget_as_the_schema_does() {
        let page = include_str!("../../../../docs/reference/plugin-limits.md");
        let schema = wellhead_spec::customization_schema();
        let of = |definition: &str| schema["$defs"][definition]["properties"].clone();
        let fields = [of("PluginLimits"), of("StructureLimits")];
        let fields = fields.iter().flat_map(|it| it.as_object().unwrap());
        for (name, field) in fields.filter(|it| it.0 != "structure") {
            let text = field["description"].as_str().unwrap().replace('\n', " ");
            let (what, default) = text.split_once(" Default: ").unwrap();
            let row = format!("| `{name}` | {} | {what} |\n", default.trim_end_matches('.'));
            assert!(page.contains(&row), "not in the page:\n{row}");
        }
    }

    #[test]
    fn every_budget_of_an_entry_is_taken_over() {
        let mut entry = serde_json::Map::new();
        let mut structure = serde_json::Map::new();
        // Another number for each, so that none is mistaken for another.
        for (number, name) in documented("PluginLimits").keys().enumerate() {
            entry.insert(name.clone(), (number + 1).into());
        }
        for (number, name) in documented("StructureLimits").keys().enumerate() {
            structure.insert(name.clone(), (number + 1).into());
        }
        let numbers: BTreeMap<String, u64> =
            (1..).zip(structure.keys()).map(|(number, name)| (name.clone(), number)).collect();
        entry.insert("structure".to_owned(), structure.into());
        let limits = Limits::from(&serde_json::from_value::<PluginLimits>(entry.into()).unwrap());
        assert_eq!(limits.structure.by_name(), numbers);
        let given = [
            limits.edited_bytes,
            limits.edits,
            usize::try_from(limits.fuel).unwrap(),
            limits.handles,
            limits.log_bytes,
            limits.log_line,
            limits.log_lines,
            limits.memory,
            limits.table_elements,
            limits.text,
            limits.traffic,
            limits.transfer,
        ];
        assert_eq!(given.to_vec(), (1..=12).collect::<Vec<_>>());
    }
}
