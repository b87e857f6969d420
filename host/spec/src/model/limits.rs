//! Budgets of a plugin: the table from which comes all that an operator, the host and the schema know of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Quantity;

/// A budget in bytes: its name, its value if it is set, and the most that it may be.
pub(crate) type ByteLimit<'a> = (&'static str, &'a Option<Quantity>, i128);

/// A budget that is set.
trait Amount {
    /// Its value.
    fn amount(&self) -> u64;
}

impl Amount for u64 {
    fn amount(&self) -> u64 {
        *self
    }
}

impl Amount for Quantity {
    fn amount(&self) -> u64 {
        u64::try_from(self.whole()).unwrap_or(u64::MAX)
    }
}

/// A default as the documentation has it: digits, and perhaps `Ki` or `Mi`.
const fn amount(text: &str) -> u64 {
    let (text, mut at, mut amount) = (text.as_bytes(), 0, 0);
    while at < text.len() {
        match text[at] {
            digit @ b'0'..=b'9' => amount = amount * 10 + (digit - b'0') as u64,
            b'K' => amount <<= 10,
            b'M' => amount <<= 20,
            other => assert!(other == b'i', "a default has digits and a suffix"),
        }
        at += 1;
    }
    amount
}

/// Makes the type that a chain entry has, and that of the values, from rows: documentation, the names of a budget in code
/// and in documents, its type there, its default, and the most that it may be: in bytes, what 32-bit WebAssembly can
/// address, what wasmtime reads at all, or what makes no sense. The comment over a row says where its
/// default comes from.
macro_rules! budgets {
    (
        $(#[$about:meta])*
        $limits:ident, $budgets:ident {
            $(
                $(#[$meta:meta])*
                $field:ident $name:literal: $type:ty = $default:literal
                    $(, number up to $most:literal)? $(, bytes up to $most_bytes:literal)?;
            )*
        }
        $($(#[$more_meta:meta])* $more:ident: $more_type:ty)?
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $limits {
            $(
                $(#[$meta])*
                #[doc = concat!("Default: ", $default, ".")]
                #[serde(rename = $name, default, skip_serializing_if = "Option::is_none")]
                $(#[schemars(range(min = 1, max = $most))])?
                pub $field: Option<$type>,
            )*
            $($(#[$more_meta])* pub $more: $more_type,)?
        }

        impl $limits {
            /// Whether nothing differs from the defaults.
            pub fn is_default(&self) -> bool {
                *self == Self::default()
            }

            /// Every value: the one that is set, or the default.
            pub fn budgets(&self) -> $budgets {
                $budgets {
                    $($field: self.$field.as_ref().map_or($budgets::DEFAULT.$field, Amount::amount),)*
                }
            }

            /// Every value with its name in documents: the one that is set, or the default.
            pub(crate) fn named(&self) -> Vec<(&'static str, u64)> {
                let all = self.budgets();
                vec![$(($name, all.$field),)*]
            }

            /// The budgets in bytes.
            pub(crate) fn bytes(&self) -> Vec<ByteLimit<'_>> {
                vec![$($(($name, &self.$field, $most_bytes),)?)*]
            }
        }

        #[doc = concat!("The values of [`", stringify!($limits), "`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $budgets {
            $($(#[$meta])* pub $field: u64,)*
        }

        impl $budgets {
            /// The values where none is set.
            pub const DEFAULT: Self = Self { $($field: amount($default),)* };
        }
    };
}

budgets! {
    /// Budgets of one plugin for one call. Those that are left out have their defaults.
    PluginLimits, PluginBudgets {
        // The costliest toolchain that was measured (JavaScript) needs 2.4 million.
        /// Units of fuel; about one for each WebAssembly instruction.
        fuel "fuel": u64 = "500000000", number up to 1_000_000_000_000_i64;
        // The largest that was measured (Python) is 13 MiB.
        /// Sum of its memories and tables, e.g. `128Mi`.
        memory "memory": Quantity = "64Mi", bytes up to 4_294_967_296;
        /// Elements of its tables together.
        table_elements "tableElements": u64 = "10000", number up to 10_000_000;
        /// Bytes that cross between the plugin and the host in one call of either side.
        transfer "transfer": Quantity = "4Mi", bytes up to 1_073_741_824;
        /// Bytes between the plugin and the host's functions in all of its calls of them together, and 64 for
        /// each call.
        traffic "traffic": Quantity = "64Mi", bytes up to 1_099_511_627_776;
        /// Bytes of one text that it sets.
        text "text": Quantity = "256Ki", bytes up to 1_073_741_824;
        /// Edits.
        edits "edits": u64 = "10000", number up to 1_000_000;
        /// Bytes of all edited values together.
        edited_bytes "editedBytes": Quantity = "1Mi", bytes up to 1_073_741_824;
        /// Handles of containers, claims and services at the same time.
        handles "handles": u64 = "1000", number up to 1_000_000;
        /// Messages that are kept; later ones are counted.
        log_lines "logLines": u64 = "200", number up to 100_000;
        /// Characters of one message that are kept.
        log_line "logLine": u64 = "2048", number up to 1_048_576;
        /// Bytes of all messages together, those that are not kept included.
        log_bytes "logBytes": Quantity = "1Mi", bytes up to 1_073_741_824;
    }
    /// What the plugin may be made of. More than the defaults can take long to compile.
    #[serde(default, skip_serializing_if = "StructureLimits::is_default")]
    structure: StructureLimits
}

budgets! {
    /// What a plugin may be made of, counted before it is compiled.
    StructureLimits, StructureBudgets {
        // JavaScript and Python carry their interpreter: 17 and 18.6 MB. The rest is room for libraries.
        /// Bytes of the file, e.g. `64Mi`.
        file_bytes "fileBytes": Quantity = "32Mi", bytes up to 1_073_741_824;
        // Every toolchain makes 2 levels, and composition adds one for each step. 1,000 levels take wasmtime
        // 31 MiB and 20,000 take 7.8 GiB: quadratic, so that 16 are nothing.
        /// Depth to which components nest in components.
        nesting "nesting": u64 = "16", number up to 1_000;
        // Python has 42, most of them native libraries; Rust and JavaScript have 6.
        /// Components and core modules.
        modules "modules": u64 = "128", number up to 1_000;
        // Python has 13,700. 200,000 empty functions take wasmtime 29 s and 1.2 GiB: 0.15 ms and 6 KiB each.
        /// Functions.
        functions "functions": u64 = "50000", number up to 1_000_000;
        // Python has 1,700. The validator keeps all of them.
        /// Types.
        types "types": u64 = "10000", number up to 1_000_000;
        // Python has 19, and the error code of WASI 38.
        /// Parameters, fields or cases of one type.
        type_members "typeMembers": u64 = "256", number up to 10_000;
        // Every toolchain has 1. Wasmtime's parser recurses over these levels, and some hundred kilobytes of
        // them overflow its stack (<https://github.com/bytecodealliance/wasm-tools/issues/2570>).
        /// Depth to which the types of components and instances nest.
        type_nesting "typeNesting": u64 = "16", number up to 100;
        // Python and JavaScript have 3,900: the interfaces of the contract. Wasmtime ends at a million.
        /// Parts of one type, when everything that it refers to is written out.
        type_size "typeSize": u64 = "50000", number up to 1_000_000;
        // Python has 470,000. The validator takes 17 ns for each, so that 2 KB that instantiate one component
        // 250 times take it 4.5 s, and this takes 0.1 s.
        /// Times that types are compared, times the parts of the largest.
        comparisons "comparisons": u64 = "5000000", number up to 1_000_000_000;
        // Of all modules together. Python has 2,700: its libraries import each other's functions by name.
        /// Imports of all modules.
        imports "imports": u64 = "20000", number up to 1_000_000;
        // Of all modules together. Python has 4,600.
        /// Exports of all modules.
        exports "exports": u64 = "20000", number up to 1_000_000;
        // Python has 870. Each is memory of each instance.
        /// Globals of all modules.
        globals "globals": u64 = "10000", number up to 1_000_000;
        // Of all modules together. Go has 40,500, and its linker ends at 100,000, which is also the most that
        // wasmtime reads in one module.
        /// Data and element segments of all modules.
        segments "segments": u64 = "120000", number up to 1_000_000;
        // Python has 427 KB, JavaScript 172 KB: tables as code and the loop of an interpreter.
        /// Bytes of one function, e.g. `2Mi`.
        body_bytes "bodyBytes": Quantity = "1Mi", bytes up to 7_654_321;
        // Python has 781. 10,000 levels take wasmtime 0.3 s.
        /// Depth of blocks in one function.
        block_depth "blockDepth": u64 = "4000", number up to 100_000;
        // JavaScript has 4,200. 15,000 take wasmtime 3.8 s, and twice as many four times as long, so that
        // 10,000 take 1.7 s.
        /// Blocks in one function.
        blocks "blocks": u64 = "10000", number up to 1_000_000;
        // Python has 15,800. Each is an edge of the graph that the compiler works on.
        /// Targets of branch tables in one function.
        branch_targets "branchTargets": u64 = "50000", number up to 1_000_000;
        // Python has 270: compilers keep most data in memory.
        /// Local variables of one function.
        locals "locals": u64 = "2000", number up to 50_000;
        // What the register allocator keeps track of. JavaScript has 70,000; 2,000 locals that live across
        // 20,000 calls are 40 million and take wasmtime 13.7 s, so that 4 million take 1.4 s.
        /// Local variables times calls in one function.
        pressure "pressure": u64 = "4000000", number up to 1_000_000_000;
        // Python has 38. Each is allocated for each call of the plugin.
        /// Core instances that are created for one call.
        core_instances "coreInstances": u64 = "256", number up to 100_000;
        // Python has 3. Wasmtime takes 1 KiB and 10 µs for each.
        /// Component instances that are created for one call.
        component_instances "componentInstances": u64 = "256", number up to 100_000;
        // Every toolchain has 1.
        /// Memories that are created for one call.
        memories "memories": u64 = "16", number up to 10_000;
        // Every toolchain has 2.
        /// Tables that are created for one call.
        tables "tables": u64 = "16", number up to 10_000;
        // Python has 3,800. Wasmtime does each as often as its component is instantiated, keeps what comes of
        // it, and compiles some to functions.
        /// Aliases, adapters and instances that are created for one call.
        definitions "definitions": u64 = "50000", number up to 10_000_000;
        // Go has 50,145, JavaScript 46,600, Python 43,077, Rust 392. The host goes through them before the first
        // instruction of a plugin runs, and takes 0.6 µs and 84 bytes for an import: 245 instances with 19,000 each
        // took it 2.9 s and 386 MiB.
        /// Imports, functions, globals, segments with their elements, and KiB of data, of all core instances
        /// that are created for one call.
        instance_parts "instanceParts": u64 = "400000", number up to 100_000_000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_the_number_that_its_text_says() {
        for text in ["1", "500000000", "256Ki", "64Mi"] {
            let quantity = Quantity::new(text).unwrap();
            assert_eq!(amount(text), quantity.amount(), "{text}");
        }
        assert_eq!(PluginLimits::default().budgets(), PluginBudgets::DEFAULT);
    }
}
