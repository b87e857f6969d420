//! What a component is made of, in numbers, and the most that it may be made of.

use std::collections::BTreeMap;

use wellhead_spec::{StructureBudgets, StructureLimits};

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

/// Makes the numbers from rows: what each counts, its names in code and in a chain entry, and its words. Their budgets
/// are those of [`StructureLimits`].
macro_rules! structure {
    ($(#[$about:meta])* { $($(#[$meta:meta])* $field:ident $name:literal $what:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct Structure {
            $($(#[$meta])* pub $field: u64,)*
        }

        pub(crate) const FIELDS: &[Field] = &[
            $(Field { name: $name, what: $what, get: |structure| structure.$field },)*
        ];

        impl Structure {
            /// The most that a plugin may be made of, unless the operator says otherwise.
            pub const BUDGETS: Self = Self { $($field: StructureBudgets::DEFAULT.$field,)* };
        }

        impl From<&StructureLimits> for Structure {
            fn from(limits: &StructureLimits) -> Self {
                let budgets = limits.budgets();
                Self { $($field: budgets.$field,)* }
            }
        }
    };
}

structure! {
    /// What a component is made of: one number for each thing that costs time or memory to compile.
    ///
    /// The same numbers, as limits, are the structural budgets; [`Structure::BUDGETS`] are the defaults.
    /// They admit what the toolchains of Rust, C, Go, JavaScript and Python make, with room for growth, and
    /// refuse what is none of that and takes wasmtime long or much memory.
    {
        /// Bytes of the file, custom sections included.
        file_bytes "fileBytes" "bytes of the file";
        /// Depth to which components nest in components. The outermost alone has 1.
        nesting "nesting" "levels of components in components";
        /// Components and core modules, the outermost included.
        modules "modules" "components and core modules";
        /// Functions with a body.
        functions "functions" "functions";
        /// Types, those inside of types included.
        types "types" "types";
        /// Parameters, results, fields, cases or flags of the largest type.
        type_members "typeMembers" "members of one type";
        /// Depth to which the types of components and instances nest in each other.
        type_nesting "typeNesting" "levels of types in types";
        /// Parts of the largest type, when everything that it refers to is written out.
        type_size "typeSize" "parts of one type";
        /// Times that two types are compared, times [`type_size`](Self::type_size).
        comparisons "comparisons" "parts of types to compare";
        /// Imports.
        imports "imports" "imports";
        /// Exports.
        exports "exports" "exports";
        /// Globals that are defined.
        globals "globals" "globals";
        /// Data and element segments.
        segments "segments" "data and element segments";
        /// Bytes of the largest function.
        body_bytes "bodyBytes" "bytes of one function";
        /// Depth of blocks in the function where it is greatest.
        block_depth "blockDepth" "levels of blocks in one function";
        /// Blocks, loops and conditions of the function that has most.
        blocks "blocks" "blocks in one function";
        /// Targets of branch tables of the function that has most.
        branch_targets "branchTargets" "targets of branch tables in one function";
        /// Local variables of the function that has most, without its parameters.
        locals "locals" "locals of one function";
        /// Local variables times calls, of the function where that is most.
        pressure "pressure" "locals times calls in one function";
        /// Core instances that one instance of the component creates.
        core_instances "coreInstances" "core instances when all components are instantiated";
        /// Component instances that one instance of the component creates inside of itself.
        component_instances "componentInstances" "component instances when all components are instantiated";
        /// Memories that one instance of the component creates.
        memories "memories" "memories when all components are instantiated";
        /// Tables that one instance of the component creates.
        tables "tables" "tables when all components are instantiated";
        /// Aliases, canonical functions, instances and their parts, as often as each is created.
        definitions "definitions" "definitions when all components are instantiated";
        /// Imports, functions, globals, segments with their elements, and KiB of data, of all core instances
        /// that one instance of the component creates.
        instance_parts "instanceParts" "parts of core instances when all components are instantiated";
    }
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
