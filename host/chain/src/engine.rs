//! The WebAssembly engine, set up so that a plugin can do nothing but compute.

use std::sync::{Arc, Mutex, Once, OnceLock};
use std::thread;
use std::time::Duration;

use wasmparser::WasmFeatures;
use wasmtime::component::Linker;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
    VariableOperatorCost, WasmBacktraceDetails,
};

use crate::Limits;
use crate::cache;
use crate::compile::Compiler;
use crate::error::{EngineError, Fault};
use crate::host::{self, Host};

/// How instances get their memory. Results and fuel do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// From the system for each instance: cheapest to start, for a single run.
    OnDemand,
    /// From slots that are kept: fastest for each instance, for many calls.
    Pool {
        /// Instances that may live at the same time.
        slots: u32,
    },
}

/// Time between two epochs.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Stack of a plugin's code, in bytes. A main thread has 8 MiB.
pub(crate) const WASM_STACK: usize = 512 << 10;
/// Memory of a slot that stays resident between instances, in bytes; more than what a Rust plugin
/// uses, so that a fresh instance needs no system call.
const KEEP_RESIDENT: usize = 2 << 20;

/// The engine. Cheap to clone; one serves the whole process.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    linker: Arc<Linker<Host>>,
    ticking: Arc<Once>,
    allocation: Allocation,
    compiler: Compiler,
    fingerprint: Arc<OnceLock<String>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts an engine whose plugins are compiled by `compiler`. Fails when the machine is not
    /// supported or the pool does not fit.
    pub fn new(allocation: Allocation, compiler: Compiler) -> Result<Self, EngineError> {
        let mut config = base_config();
        if let Allocation::Pool { slots } = allocation {
            config.allocation_strategy(pool(slots));
        }
        Self::start(&config, allocation, compiler)
    }

    /// Starts an engine that compiles in this process and does not optimize: sooner ready, and slower.
    /// Edits and fuel are the same. For plugins that are trusted, such as one's own while it is written.
    pub fn unoptimized() -> Result<Self, EngineError> {
        let mut config = base_config();
        config.cranelift_opt_level(OptLevel::None);
        Self::start(&config, Allocation::OnDemand, Compiler::in_process())
    }

    /// Starts an engine that tells where in the component a crash was, for
    /// [`Plugin::find_lines`](crate::Plugin::find_lines). Its compiled plugins are larger: for one's own.
    pub fn with_places(compiler: Compiler) -> Result<Self, EngineError> {
        Self::start(&config_with_places(), Allocation::OnDemand, compiler.with_places())
    }

    fn start(
        config: &Config,
        allocation: Allocation,
        compiler: Compiler,
    ) -> Result<Self, EngineError> {
        let inner = wasmtime::Engine::new(config).map_err(EngineError)?;
        let linker = host::linker(&inner).map_err(EngineError)?.into();
        Ok(Self {
            inner,
            linker,
            ticking: Arc::new(Once::new()),
            allocation,
            compiler,
            fingerprint: Arc::default(),
        })
    }

    /// Whether a plugin can use all of its budgets. The slots of a pool are as large as the defaults.
    pub(crate) fn admit(&self, limits: &Limits) -> Result<(), Fault> {
        if self.allocation == Allocation::OnDemand { Ok(()) } else { Self::fit(limits) }
    }

    /// Whether a plugin can use all of these budgets in a slot of a pool.
    pub fn fits_a_slot(limits: &Limits) -> bool {
        Self::fit(limits).is_ok()
    }

    fn fit(limits: &Limits) -> Result<(), Fault> {
        let slot = Limits::default();
        let sizes = |of: &Limits| {
            [
                ("memory", of.memory as u64),
                ("tableElements", of.table_elements as u64),
                ("structure.coreInstances", of.structure.core_instances),
                ("structure.memories", of.structure.memories),
                ("structure.tables", of.structure.tables),
            ]
        };
        let over = sizes(limits).into_iter().zip(sizes(&slot)).find(|(wants, has)| wants.1 > has.1);
        over.map_or(Ok(()), |((budget, limit), (_, slot))| {
            Err(Fault::OverPool { budget, limit, slot })
        })
    }

    pub(crate) fn linker(&self) -> &Linker<Host> {
        &self.linker
    }

    pub(crate) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    pub(crate) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// What the [`Cache`](crate::Cache) calls compiled code that this engine can run.
    pub(crate) fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| cache::fingerprint(&self.inner))
    }

    /// Makes epochs pass. One thread serves all engines of the process and never ends: it holds an
    /// engine only weakly.
    pub(crate) fn start_ticking(&self) {
        self.ticking.call_once(|| tick(self.inner.weak()));
    }
}

/// Adds an engine to those whose epochs pass.
fn tick(engine: wasmtime::EngineWeak) {
    static ENGINES: OnceLock<Mutex<Vec<wasmtime::EngineWeak>>> = OnceLock::new();
    let engines = ENGINES.get_or_init(|| {
        thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(|| {
                loop {
                    thread::sleep(TICK);
                    let Some(engines) = ENGINES.get() else { continue };
                    lock(engines).retain(|engine| {
                        engine.upgrade().inspect(wasmtime::Engine::increment_epoch).is_some()
                    });
                }
            })
            .map_or_else(|error| tracing::warn!(%error, "no backstop of time"), drop);
        Mutex::default()
    });
    lock(engines).push(engine);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

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

/// An engine that compiles for those of [`Engine::new`], or of [`Engine::with_places`], and runs nothing.
pub(crate) fn for_compiling(places: bool) -> wasmtime::Result<wasmtime::Engine> {
    wasmtime::Engine::new(&if places { config_with_places() } else { base_config() })
}

/// The same engine, whose machine code knows where in the component it comes from.
fn config_with_places() -> Config {
    let mut config = base_config();
    config.generate_address_map(true);
    config
}

/// What is the same for every allocation, so that compiled plugins are, too.
fn base_config() -> Config {
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

fn pool(slots: u32) -> InstanceAllocationStrategy {
    let limits = Limits::default();
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let (instances, memories, tables) = (
        number(limits.structure.core_instances),
        number(limits.structure.memories),
        number(limits.structure.tables),
    );
    // The engine adds an instance of its own where components call each other.
    let instances = instances.saturating_add(number(limits.structure.component_instances));
    // Whatever runs at the same time, each has all that it may be made of.
    let of_all = |parts: u32| parts.saturating_mul(slots);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(of_all(instances))
        .total_memories(of_all(memories))
        .total_tables(of_all(tables))
        .max_core_instances_per_component(instances)
        .max_memories_per_component(memories)
        .max_tables_per_component(tables)
        .max_memory_size(limits.memory)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(limits.table_elements * size_of::<usize>())
        .pagemap_scan(Enabled::No);
    InstanceAllocationStrategy::Pooling(pool)
}
