//! Budgets of a plugin, as an operator sets them in a chain entry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Quantity;

/// Budgets of one plugin for one call. Those that are left out have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginLimits {
    /// Units of fuel; about one for each WebAssembly instruction. Default: 500000000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000_000_i64))]
    pub fuel: Option<u64>,
    /// Sum of its memories and tables, e.g. `128Mi`. Default: 64Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Quantity>,
    /// Elements of its tables together. Default: 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub table_elements: Option<u64>,
    /// Bytes that cross between the plugin and the host in one call of either side. Default: 4Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Quantity>,
    /// Bytes between the plugin and the host's functions in all of its calls of them together, and 64 for
    /// each call. Default: 64Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Quantity>,
    /// Bytes of one text that it sets. Default: 256Ki.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Quantity>,
    /// Edits. Default: 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub edits: Option<u64>,
    /// Bytes of all edited values together. Default: 1Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_bytes: Option<Quantity>,
    /// Handles of containers, claims and services at the same time. Default: 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub handles: Option<u64>,
    /// Messages that are kept; later ones are counted. Default: 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub log_lines: Option<u64>,
    /// Characters of one message that are kept. Default: 2048.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_048_576))]
    pub log_line: Option<u64>,
    /// Bytes of all messages together, those that are not kept included. Default: 1Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_bytes: Option<Quantity>,
    /// What the plugin may be made of. More than the defaults can take long to compile.
    #[serde(default, skip_serializing_if = "StructureLimits::is_default")]
    pub structure: StructureLimits,
}

/// What a plugin may be made of, counted before it is compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StructureLimits {
    /// Bytes of the file, e.g. `64Mi`. Default: 32Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<Quantity>,
    /// Depth to which components nest in components. Default: 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000))]
    pub nesting: Option<u64>,
    /// Components and core modules. Default: 128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000))]
    pub modules: Option<u64>,
    /// Functions. Default: 50000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub functions: Option<u64>,
    /// Types. Default: 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub types: Option<u64>,
    /// Parameters, fields or cases of one type. Default: 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub type_members: Option<u64>,
    /// Depth to which the types of components and instances nest. Default: 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub type_nesting: Option<u64>,
    /// Parts of one type, when everything that it refers to is written out. Default: 50000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub type_size: Option<u64>,
    /// Times that types are compared, times the parts of the largest. Default: 5000000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub comparisons: Option<u64>,
    /// Imports of all modules. Default: 20000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub imports: Option<u64>,
    /// Exports of all modules. Default: 20000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub exports: Option<u64>,
    /// Globals of all modules. Default: 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub globals: Option<u64>,
    /// Data and element segments of all modules. Default: 120000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub segments: Option<u64>,
    /// Bytes of one function, e.g. `2Mi`. Default: 1Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<Quantity>,
    /// Depth of blocks in one function. Default: 4000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub block_depth: Option<u64>,
    /// Blocks in one function. Default: 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub blocks: Option<u64>,
    /// Targets of branch tables in one function. Default: 50000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub branch_targets: Option<u64>,
    /// Local variables of one function. Default: 2000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50_000))]
    pub locals: Option<u64>,
    /// Local variables times calls in one function. Default: 4000000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub pressure: Option<u64>,
    /// Core instances that are created for one call. Default: 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub core_instances: Option<u64>,
    /// Component instances that are created for one call. Default: 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub component_instances: Option<u64>,
    /// Memories that are created for one call. Default: 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub memories: Option<u64>,
    /// Tables that are created for one call. Default: 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub tables: Option<u64>,
    /// Aliases, adapters and instances that are created for one call. Default: 50000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub definitions: Option<u64>,
    /// Imports, functions, globals, segments with their elements, and KiB of data, of all core instances
    /// that are created for one call. Default: 400000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub instance_parts: Option<u64>,
}

/// A budget in bytes: its name, its value if it is set, and the most that it may be.
pub(crate) type ByteLimit<'a> = (&'static str, &'a Option<Quantity>, i128);

impl PluginLimits {
    /// Whether nothing differs from the defaults.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The budgets in bytes. The most is what 32-bit WebAssembly can address, or what makes no sense.
    pub(crate) fn bytes(&self) -> [ByteLimit<'_>; 6] {
        [
            ("memory", &self.memory, 4_294_967_296),
            ("transfer", &self.transfer, 1_073_741_824),
            ("traffic", &self.traffic, 1_099_511_627_776),
            ("text", &self.text, 1_073_741_824),
            ("editedBytes", &self.edited_bytes, 1_073_741_824),
            ("logBytes", &self.log_bytes, 1_073_741_824),
        ]
    }
}

impl StructureLimits {
    /// Whether nothing differs from the defaults.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The budgets in bytes. The most is what wasmtime reads at all.
    pub(crate) fn bytes(&self) -> [ByteLimit<'_>; 2] {
        [("fileBytes", &self.file_bytes, 1_073_741_824), ("bodyBytes", &self.body_bytes, 7_654_321)]
    }
}
