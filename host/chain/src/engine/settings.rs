//! How code is compiled and run: the same on every machine.

use wasmparser::WasmFeatures;
use wasmtime::{Config, OperatorCost, VariableOperatorCost, WasmBacktraceDetails};

/// Stack of a plugin's code, in bytes. A main thread has 8 MiB.
pub(crate) const WASM_STACK: usize = 512 << 10;

/// All of WebAssembly that a plugin may use: version 2.0 without references to host objects, and what
/// toolchains for components emit. The pre-check validates with the same features.
///
/// What is left out would make results differ between machines (relaxed SIMD, threads), could not be
/// summed or metered (several memories, 64-bit memories, exceptions, garbage collection), or is used
/// by no toolchain of plugins.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .difference(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::COMPONENT_MODEL);

/// What the engine itself uses between two components that are plugged together: it copies from the memory
/// of one to that of the other. A plugin that brings it is refused before it is compiled.
const GENERATED: WasmFeatures = WasmFeatures::MULTI_MEMORY;

/// Address space of a memory: the default budget, so that growth within it moves nothing.
const RESERVATION: u64 = 64 << 20;

/// An engine that compiles for those of [`Engine::new`](super::Engine::new), or of [`Engine::with_places`](super::Engine::with_places), and runs nothing.
pub(crate) fn for_compiling(places: bool) -> wasmtime::Result<wasmtime::Engine> {
    wasmtime::Engine::new(&if places { config_with_places() } else { base_config() })
}

/// The same engine, whose machine code knows where in the component it comes from.
pub(super) fn config_with_places() -> Config {
    let mut config = base_config();
    config.generate_address_map(true);
    config
}

/// What is the same for every allocation, so that compiled plugins are, too.
pub(super) fn base_config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(costs())
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        // Without it, the bits of a NaN differ between machines.
        .cranelift_nan_canonicalization(true)
        // Explicit bounds checks instead of guard pages: no signal handler in the process, and no
        // `mprotect` for each instance, whose lock makes a second thread slower than one.
        .signals_based_traps(false)
        .memory_reservation(RESERVATION)
        .memory_guard_size(0)
        .memory_reservation_for_growth(1 << 20)
        // Backtraces name functions, which needs no map of addresses: it is a tenth of the artefact.
        .generate_address_map(false)
        // Nor does a stranger's debug information get a parser in this process, whatever the environment
        // says.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // Wasmtime walks the stack by frame pointers; only debuggers would read these tables.
        .native_unwind_info(false)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(FEATURES.union(GENERATED), true);
    config
}

/// Bulk instructions cost what they do. Growth is a call of the host and costs like one, even when it
/// grows by nothing or fails.
fn costs() -> OperatorCost {
    let variable = VariableOperatorCost {
        memory_copy_per_byte: 1,
        memory_fill_per_byte: 1,
        memory_init_per_byte: 1,
        memory_grow_per_page: u8::MAX,
        table_copy_per_element: 1,
        table_fill_per_element: 1,
        table_init_per_element: 1,
        table_grow_per_element: 1,
        ..VariableOperatorCost::new()
    };
    OperatorCost { MemoryGrow: u8::MAX, TableGrow: u8::MAX, variable, ..OperatorCost::new() }
}
