//! Whether the engine supports all of a component, and in words what not.

use wasmparser::{Validator, WasmFeatures};

use crate::Fault;
use crate::engine::settings::FEATURES;
use crate::text::{SHOWN_CHARACTERS, sanitize};

/// Features that are off, by the names that their proposals have.
const OFF: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::THREADS, "threads and shared memory"),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "threads and shared memory"),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD, whose results differ between machines"),
    (WasmFeatures::MULTI_MEMORY, "several memories in one module"),
    (WasmFeatures::MEMORY64, "64-bit memories"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "exceptions"),
    (WasmFeatures::GC, "garbage collection"),
    (WasmFeatures::GC_TYPES, "garbage collection"),
    (WasmFeatures::FUNCTION_REFERENCES, "typed function references"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
    (WasmFeatures::COMPACT_IMPORTS, "compact imports"),
    (WasmFeatures::CM_ASYNC, "asynchronous components"),
    (WasmFeatures::CM_ASYNC_STACKFUL, "asynchronous components"),
    (WasmFeatures::CM_MORE_ASYNC_BUILTINS, "asynchronous components"),
    (WasmFeatures::CM_THREADING, "threads of components"),
    (WasmFeatures::CM_ERROR_CONTEXT, "error contexts of components"),
    (WasmFeatures::CM_VALUES, "values of components"),
    (WasmFeatures::CM_NESTED_NAMES, "nested names of components"),
    (WasmFeatures::CM_FIXED_LENGTH_LISTS, "lists of a fixed length"),
    (WasmFeatures::CM_GC, "garbage collection in components"),
    (WasmFeatures::CM_MAP, "maps in components"),
    (WasmFeatures::CM64, "64-bit components"),
    (WasmFeatures::CM_IMPLEMENTS, "`implements` in components"),
    (WasmFeatures::CM_CANON_NAMES, "canonical names in components"),
];

/// Features that the validator only tells by its words.
const UNTAGGED: &[(&str, &str)] = &[("multiple memories", "several memories in one module")];

/// Validates a component as the engine does.
pub(crate) fn validate(bytes: &[u8]) -> Result<(), Fault> {
    match Validator::new_with_features(FEATURES).validate_all(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(refusal(&error)),
    }
}

/// The fault of a feature that is off, by its words.
pub(crate) fn unsupported(feature: &str, cause: &str) -> Fault {
    let words = OFF.iter().map(|it| it.1).chain(UNTAGGED.iter().map(|it| it.1));
    let cause = sanitize(cause, SHOWN_CHARACTERS);
    match { words }.find(|it| *it == feature) {
        Some(feature) => Fault::Unsupported { feature, cause },
        None => Fault::Malformed { cause },
    }
}

/// What is wrong, as a feature that is off if it is one.
fn refusal(error: &wasmparser::Error) -> Fault {
    let missing = error.missing_wasm_feature().unwrap_or(WasmFeatures::empty());
    let tagged = OFF.iter().find(|(feature, _)| missing.contains(*feature));
    let untagged = || UNTAGGED.iter().find(|(message, _)| error.message().contains(message));
    match tagged.map(|it| it.1).or_else(|| untagged().map(|it| it.1)) {
        Some(feature) => Fault::Unsupported { feature, cause: shown(error) },
        None => malformed(error),
    }
}

/// The fault of bytes that are not a component.
pub(super) fn malformed(error: &wasmparser::Error) -> Fault {
    Fault::Malformed { cause: shown(error) }
}

fn shown(error: &wasmparser::Error) -> String {
    sanitize(&error.to_string(), SHOWN_CHARACTERS)
}
