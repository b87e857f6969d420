//! The WebAssembly engine, set up so that a plugin can do nothing but compute.

pub(crate) mod artefact;
mod linker;
pub(crate) mod settings;

use std::sync::{Arc, Mutex, Once, OnceLock};
use std::thread;

use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::Limits;
use crate::cache::fingerprint;
use crate::compile::Compiler;
use crate::error::{EngineError, Fault};
use crate::host::Host;
use crate::limits::clock::TICK;
use settings::{base_config, config_with_places};

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
        let linker = linker::of_contract(&inner).map_err(EngineError)?.into();
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
        self.fingerprint.get_or_init(|| fingerprint::fingerprint(&self.inner))
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
