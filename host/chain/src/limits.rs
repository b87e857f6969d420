//! Budgets of a plugin for one call, and what enforces those of memory.

use wasmtime::{Error, ResourceLimiter, Result};

use crate::Structure;

/// Budgets of a plugin for one call. Each has its own error, which names the budget and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Units of fuel: about one for each WebAssembly instruction, more for bulk work. The same on
    /// every machine. The costliest toolchain that was measured (JavaScript) needs 2.4 million.
    pub fuel: u64,
    /// Bytes of all memories and tables together. The largest that was measured (Python) is 13 MiB.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Bytes that may cross from the plugin to the host in one call of either side.
    pub transfer: usize,
    /// Bytes of one text.
    pub text: usize,
    /// Edits.
    pub edits: usize,
    /// Bytes of all edited values together.
    pub edited_bytes: usize,
    /// Handles of containers, claims and services.
    pub handles: usize,
    /// Messages that are kept; later ones are counted and dropped.
    pub log_lines: usize,
    /// Bytes of one message.
    pub log_line: usize,
    /// What the plugin may be made of.
    pub structure: Structure,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 500_000_000,
            memory: 64 << 20,
            table_elements: 10_000,
            transfer: 4 << 20,
            text: 256 << 10,
            edits: 10_000,
            edited_bytes: 1 << 20,
            handles: 1_000,
            log_lines: 200,
            log_line: 2 << 10,
            structure: Structure::BUDGETS,
        }
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
    structure: Structure,
    used_bytes: usize,
    used_elements: usize,
    refused: bool,
}

impl MemoryLimiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory: limits.memory,
            table_elements: limits.table_elements,
            structure: limits.structure,
            used_bytes: 0,
            used_elements: 0,
            refused: false,
        }
    }

    /// Bytes in use, tables included.
    pub(crate) fn used(&self) -> usize {
        self.used_bytes + self.used_elements * TABLE_ELEMENT_BYTES
    }

    /// Whether the plugin ever asked for more than its budget.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    fn admit(&mut self, bytes: usize, elements: usize) -> bool {
        let total = elements.saturating_mul(TABLE_ELEMENT_BYTES).saturating_add(bytes);
        let fits = total <= self.memory && elements <= self.table_elements;
        if fits {
            self.used_bytes = bytes;
            self.used_elements = elements;
        } else {
            self.refused = true;
        }
        fits
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
        count(self.structure.core_instances)
    }

    fn tables(&self) -> usize {
        count(self.structure.tables)
    }

    fn memories(&self) -> usize {
        count(self.structure.memories)
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> MemoryLimiter {
        MemoryLimiter::new(&Limits { memory: 1_000, table_elements: 10, ..Limits::default() })
    }

    #[test]
    fn memories_are_summed() {
        let mut limiter = limiter();
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(!limiter.memory_growing(0, 600, None).unwrap(), "a second memory of the same size");
        assert!(limiter.refused());
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
        assert!(!limiter.memory_growing(0, 1_000, None).unwrap(), "tables use part of the budget");
    }
}
