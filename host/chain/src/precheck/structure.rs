//! What a component is made of, in numbers, and the most that it may be made of.

use std::collections::BTreeMap;

/// What a component is made of: one number for each thing that costs time or memory to compile.
///
/// The same numbers, as limits, are the structural budgets; [`Structure::BUDGETS`] are the defaults.
/// They admit what the toolchains of Rust, C, Go, JavaScript and Python make, with room for growth, and
/// refuse what is none of that and takes wasmtime long or much memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Structure {
    /// Bytes of the file, custom sections included.
    pub file_bytes: u64,
    /// Depth to which components nest in components. The outermost alone has 1.
    pub nesting: u64,
    /// Components and core modules, the outermost included.
    pub modules: u64,
    /// Functions with a body.
    pub functions: u64,
    /// Types, those inside of types included.
    pub types: u64,
    /// Parameters, results, fields, cases or flags of the largest type.
    pub type_members: u64,
    /// Depth to which the types of components and instances nest in each other.
    pub type_nesting: u64,
    /// Parts of the largest type, when everything that it refers to is written out.
    pub type_size: u64,
    /// Times that two types are compared, times [`type_size`](Self::type_size).
    pub comparisons: u64,
    /// Imports.
    pub imports: u64,
    /// Exports.
    pub exports: u64,
    /// Globals that are defined.
    pub globals: u64,
    /// Data and element segments.
    pub segments: u64,
    /// Bytes of the largest function.
    pub body_bytes: u64,
    /// Depth of blocks in the function where it is greatest.
    pub block_depth: u64,
    /// Blocks, loops and conditions of the function that has most.
    pub blocks: u64,
    /// Targets of branch tables of the function that has most.
    pub branch_targets: u64,
    /// Local variables of the function that has most, without its parameters.
    pub locals: u64,
    /// Local variables times calls, of the function where that is most.
    pub pressure: u64,
    /// Core instances that one instance of the component creates.
    pub core_instances: u64,
    /// Component instances that one instance of the component creates inside of itself.
    pub component_instances: u64,
    /// Memories that one instance of the component creates.
    pub memories: u64,
    /// Tables that one instance of the component creates.
    pub tables: u64,
    /// Aliases, canonical functions, instances and their parts, as often as each is created.
    pub definitions: u64,
    /// Imports, functions, globals, segments with their elements, and KiB of data, of all core instances
    /// that one instance of the component creates.
    pub instance_parts: u64,
}

/// JavaScript and Python carry their interpreter: 17 and 18.6 MB. The rest is room for libraries.
const FILE_BYTES: u64 = 32 << 20;
/// Every toolchain makes 2 levels, and composition adds one for each step. 1,000 levels take wasmtime
/// 31 MiB and 20,000 take 7.8 GiB: quadratic, so that 16 are nothing.
const NESTING: u64 = 16;
/// Python has 42, most of them native libraries; Rust and JavaScript have 6.
const MODULES: u64 = 128;
/// Python has 13,700. 200,000 empty functions take wasmtime 29 s and 1.2 GiB: 0.15 ms and 6 KiB each.
const FUNCTIONS: u64 = 50_000;
/// Python has 1,700. The validator keeps all of them.
const TYPES: u64 = 10_000;
/// Python has 19, and the error code of WASI 38.
const TYPE_MEMBERS: u64 = 256;
/// Every toolchain has 1. Wasmtime's parser recurses over these levels, and some hundred kilobytes of
/// them overflow its stack (<https://github.com/bytecodealliance/wasm-tools/issues/2570>).
const TYPE_NESTING: u64 = 16;
/// Python and JavaScript have 3,900: the interfaces of the contract. Wasmtime ends at a million.
const TYPE_SIZE: u64 = 50_000;
/// Python has 470,000. The validator takes 17 ns for each, so that 2 KB that instantiate one component
/// 250 times take it 4.5 s, and this takes 0.1 s.
const COMPARISONS: u64 = 5_000_000;
/// Of all modules together. Python has 2,700: its libraries import each other's functions by name.
const IMPORTS: u64 = 20_000;
/// Of all modules together. Python has 4,600.
const EXPORTS: u64 = 20_000;
/// Python has 870. Each is memory of each instance.
const GLOBALS: u64 = 10_000;
/// Of all modules together. Go has 40,500, and its linker ends at 100,000, which is also the most that
/// wasmtime reads in one module.
const SEGMENTS: u64 = 120_000;
/// Python has 427 KB, JavaScript 172 KB: tables as code and the loop of an interpreter.
const BODY_BYTES: u64 = 1 << 20;
/// Python has 781. 10,000 levels take wasmtime 0.3 s.
const BLOCK_DEPTH: u64 = 4_000;
/// JavaScript has 4,200. 15,000 take wasmtime 3.8 s, and twice as many four times as long, so that
/// 10,000 take 1.7 s.
const BLOCKS: u64 = 10_000;
/// Python has 15,800. Each is an edge of the graph that the compiler works on.
const BRANCH_TARGETS: u64 = 50_000;
/// Python has 270: compilers keep most data in memory.
const LOCALS: u64 = 2_000;
/// What the register allocator keeps track of. JavaScript has 70,000; 2,000 locals that live across
/// 20,000 calls are 40 million and take wasmtime 13.7 s, so that 4 million take 1.4 s.
const PRESSURE: u64 = 4_000_000;
/// Python has 38. Each is allocated for each call of the plugin.
const CORE_INSTANCES: u64 = 256;
/// Python has 3. Wasmtime takes 1 KiB and 10 µs for each.
const COMPONENT_INSTANCES: u64 = 256;
/// Every toolchain has 1.
const MEMORIES: u64 = 16;
/// Every toolchain has 2.
const TABLES: u64 = 16;
/// Python has 3,800. Wasmtime does each as often as its component is instantiated, keeps what comes of
/// it, and compiles some to functions.
const DEFINITIONS: u64 = 50_000;
/// Go has 50,145, JavaScript 46,600, Python 43,077, Rust 392. The host goes through them before the first instruction of a plugin
/// runs, and takes 0.6 µs and 84 bytes for an import: 245 instances with 19,000 each took it 2.9 s and
/// 386 MiB.
const INSTANCE_PARTS: u64 = 400_000;

/// One number of a [`Structure`].
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Its name in a chain entry.
    pub(crate) name: &'static str,
    /// What it counts, as the end of a sentence that begins with the number.
    pub(crate) what: &'static str,
    /// Reads it.
    pub(crate) get: fn(&Structure) -> u64,
}

/// Lists the fields once, with their words.
macro_rules! fields {
    ($($field:ident, $name:literal, $what:literal;)*) => {
        pub(crate) const FIELDS: &[Field] = &[
            $(Field { name: $name, what: $what, get: |structure| structure.$field },)*
        ];
    };
}

fields! {
    file_bytes, "fileBytes", "bytes of the file";
    nesting, "nesting", "levels of components in components";
    modules, "modules", "components and core modules";
    functions, "functions", "functions";
    types, "types", "types";
    type_members, "typeMembers", "members of one type";
    type_nesting, "typeNesting", "levels of types in types";
    type_size, "typeSize", "parts of one type";
    comparisons, "comparisons", "parts of types to compare";
    imports, "imports", "imports";
    exports, "exports", "exports";
    globals, "globals", "globals";
    segments, "segments", "data and element segments";
    body_bytes, "bodyBytes", "bytes of one function";
    block_depth, "blockDepth", "levels of blocks in one function";
    blocks, "blocks", "blocks in one function";
    branch_targets, "branchTargets", "targets of branch tables in one function";
    locals, "locals", "locals of one function";
    pressure, "pressure", "locals times calls in one function";
    core_instances, "coreInstances", "core instances when all components are instantiated";
    component_instances, "componentInstances", "component instances when all components are instantiated";
    memories, "memories", "memories when all components are instantiated";
    tables, "tables", "tables when all components are instantiated";
    definitions, "definitions", "definitions when all components are instantiated";
    instance_parts, "instanceParts", "parts of core instances when all components are instantiated";
}

/// A number over its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Name of the budget in `limits.structure` of a chain entry.
    pub budget: &'static str,
    /// Its value.
    pub limit: u64,
    /// What the component has.
    pub found: u64,
    /// Whether it has more: counting ended here.
    pub at_least: bool,
    /// Where in the file, in bytes from its start, if at one place.
    pub offset: Option<u64>,
    what: &'static str,
}

impl Structure {
    /// The most that a plugin may be made of, unless the operator says otherwise.
    pub const BUDGETS: Self = Self {
        file_bytes: FILE_BYTES,
        nesting: NESTING,
        modules: MODULES,
        functions: FUNCTIONS,
        types: TYPES,
        type_members: TYPE_MEMBERS,
        type_nesting: TYPE_NESTING,
        type_size: TYPE_SIZE,
        comparisons: COMPARISONS,
        imports: IMPORTS,
        exports: EXPORTS,
        globals: GLOBALS,
        segments: SEGMENTS,
        body_bytes: BODY_BYTES,
        block_depth: BLOCK_DEPTH,
        blocks: BLOCKS,
        branch_targets: BRANCH_TARGETS,
        locals: LOCALS,
        pressure: PRESSURE,
        core_instances: CORE_INSTANCES,
        component_instances: COMPONENT_INSTANCES,
        memories: MEMORIES,
        tables: TABLES,
        definitions: DEFINITIONS,
        instance_parts: INSTANCE_PARTS,
    };

    /// The numbers by their names in a chain entry.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        FIELDS.iter().map(|field| (field.name.to_owned(), (field.get)(self))).collect()
    }

    /// Every number that is over its budget.
    pub(crate) fn excesses(&self, budgets: &Self) -> Vec<Excess> {
        let over = |field: &Field| {
            let (found, limit) = ((field.get)(self), (field.get)(budgets));
            (found > limit).then_some(Excess {
                budget: field.name,
                limit,
                found,
                // Counts saturate.
                at_least: found == u64::MAX,
                offset: None,
                what: field.what,
            })
        };
        FIELDS.iter().filter_map(over).collect()
    }
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { budget, limit, found, what, .. } = self;
        match *found {
            u64::MAX => write!(f, "more {what} than can be counted")?,
            _ if self.at_least => write!(f, "{found} {what} and more")?,
            _ => write!(f, "{found} {what}")?,
        }
        if let Some(offset) = self.offset {
            write!(f, ", at byte {offset:#x}")?;
        }
        write!(f, "; the budget `{budget}` is {limit}")
    }
}
