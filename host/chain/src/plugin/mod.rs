//! A plugin: loaded once, instantiated afresh for every call.

pub(crate) mod config;
pub(crate) mod crash;
pub(crate) mod description;
mod exports;
pub(crate) mod foreign;
pub(crate) mod load;
pub(crate) mod world;

use std::path::Path;
use std::sync::OnceLock;
use std::time::SystemTime;

use jsonschema::Validator;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, Instance, InstancePre};
use wasmtime::{Store, Trap};

use crate::bindings::{types, validate};
use crate::cache::Cached;
use crate::compile::fault::not_compiled;
use crate::digest;
use crate::engine::artefact;
use crate::engine::settings::WASM_STACK;
use crate::error::{Fault, HOST_VERSION, PluginError, Work};
use crate::host::Host;
use crate::limits::budget::{Budget, UsedUp};
use crate::limits::clock::Waited;
use crate::session::{Rights, Session};
use crate::text::{NAME_CHARACTERS, SHOWN_CHARACTERS, sanitize, sanitize_name};
use crate::{Cache, Details, Engine, Limits, LoadOptions, Provenance, Words, cache, precheck};
use description::Description;
use exports::Exports;

/// Fuel of a plugin that describes itself; ten times what the costliest toolchain needs for edits.
const DESCRIBE_FUEL: u64 = 25_000_000;
/// The part of an entry's fuel that is the same, so that an operator who raises one raises both.
const DESCRIBE_SHARE: u64 = 20;

/// A plugin, ready to be called.
pub struct Plugin {
    engine: Engine,
    digest: String,
    pre: InstancePre<Host>,
    exports: Exports,
    reads_context: bool,
    description: Description,
    /// What is known of its config schema.
    schema_weight: OnceLock<Option<u64>>,
    schema: OnceLock<Result<Validator, String>>,
    /// Where it is noted which configs fit the schema.
    cache: Option<Cache>,
}

/// What one call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Units of fuel.
    pub fuel: u64,
    /// Bytes of memories and tables.
    pub memory: usize,
    /// Edits.
    pub edits: usize,
}

/// A call that is over: its result, and what the host kept during it.
pub(crate) struct Call<R> {
    pub(crate) result: Result<R, Fault>,
    pub(crate) host: Host,
    pub(crate) usage: Usage,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Plugin {
    /// Reads, checks and compiles the component at a path. `name` is what messages call it.
    pub fn load(
        engine: &Engine,
        name: &str,
        path: &Path,
        options: &LoadOptions<'_>,
    ) -> Result<Self, PluginError> {
        let bytes = load::read(path, &options.limits.structure).map_err(|fault| fault.of(name))?;
        Self::from_bytes(engine, name, &bytes, options)
    }

    /// The plugin at a path, when neither its file nor its compiled form in the cache changed since an
    /// earlier run compared their digests: neither is read. Everything else is left to
    /// [`Plugin::load_cached`].
    pub fn recall(engine: &Engine, path: &Path, options: &LoadOptions<'_>) -> Option<Self> {
        engine.admit(&options.limits).ok()?;
        let file = load::inspect(path, &options.limits.structure).ok()?;
        let (hex, cached) = options.cache?.recall(engine, &file, &options.budgets())?;
        Self::from_cached(engine, cached, &hex, options)
    }

    /// The plugin at a path, when the cache has it compiled. Everything else is left to
    /// [`Plugin::load`], errors included.
    pub fn load_cached(engine: &Engine, path: &Path, options: &LoadOptions<'_>) -> Option<Self> {
        let cache = options.cache?;
        engine.admit(&options.limits).ok()?;
        let since = SystemTime::now();
        let mut file = load::open(path, &options.limits.structure).ok()?;
        let found = file.get_ref().metadata().ok()?;
        let mut sha256 = Sha256::new();
        cache::hash(&mut file, |bytes| sha256.update(bytes)).ok()?;
        let digest = digest::of(sha256);
        let hex = digest.hex();
        let cached = cache.get(engine, &options.cache_key(hex))?;
        cache.note(engine, &found, &options.budgets(), (since, hex, &cached));
        Self::from_cached(engine, cached, hex, options)
    }

    /// Checks and compiles a component. `name` is what messages call it.
    pub fn from_bytes(
        engine: &Engine,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions<'_>,
    ) -> Result<Self, PluginError> {
        engine.admit(&options.limits).map_err(|fault| fault.of(name))?;
        let digest = digest::of(Sha256::new_with_prefix(bytes));
        let hex = digest.hex();
        let cached = options.cache.and_then(|cache| cache.get(engine, &options.cache_key(hex)));
        let linked = cached.and_then(|cached| Self::from_cached(engine, cached, hex, options));
        if let Some(plugin) = linked {
            return Ok(plugin);
        }
        Self::compile(engine, bytes, hex, options).map_err(|fault| fault.of(name))
    }

    fn from_cached(
        engine: &Engine,
        cached: Cached,
        hex: &str,
        options: &LoadOptions<'_>,
    ) -> Option<Self> {
        let Cached { component, description, .. } = cached;
        Some(Self { description, ..Self::link(engine, &component, hex, options).ok()? })
    }

    fn compile(
        engine: &Engine,
        bytes: &[u8],
        hex: &str,
        options: &LoadOptions<'_>,
    ) -> Result<Self, Fault> {
        load::recognize(bytes)?;
        precheck::check(bytes, &options.limits.structure)?;
        let code = engine.compiler().compile(engine.inner(), bytes)?;
        let component = artefact::load(engine.inner(), &code).map_err(|error| {
            larger_than_a_slot(&error).unwrap_or_else(|| not_compiled(&format!("{error:#}")))
        })?;
        let mut plugin = Self::link(engine, &component, hex, options)?;
        plugin.description = plugin.ask(&options.limits)?;
        if let Some(cache) = options.cache {
            let key = options.cache_key(hex);
            cache.put(engine, &key, &code, &plugin.description);
        }
        Ok(plugin)
    }

    /// Joins a component with the host's functions. It has no description yet.
    fn link(
        engine: &Engine,
        component: &Component,
        hex: &str,
        options: &LoadOptions<'_>,
    ) -> Result<Self, Fault> {
        let wrong = |mismatches| Fault::WrongWorld { mismatches };
        let track = world::track(engine.inner(), component).map_err(wrong)?;
        let exported = (
            world::exports(component, "transform", track),
            world::exports(component, "validate", track),
        );
        let linked = engine.linker().instantiate_pre(component).and_then(|pre| {
            let exports = Exports::of(&pre, track, exported)?;
            Ok((pre, exports))
        });
        let (pre, exports) = linked.map_err(|error| wrong(vec![mismatch(&error)]))?;
        engine.start_ticking();
        Ok(Self {
            engine: engine.clone(),
            digest: format!("sha256:{hex}"),
            reads_context: world::imports(engine.inner(), component, "context"),
            exports,
            pre,
            description: Description::empty(),
            schema_weight: OnceLock::new(),
            schema: OnceLock::new(),
            cache: options.cache.cloned(),
        })
    }

    /// SHA-256 of the component: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What the plugin says about itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Names of what the component imports.
    pub fn imports(&self) -> Vec<String> {
        let component = self.pre.component();
        let ty = component.component_type();
        ty.imports(component.engine())
            .map(|(name, _)| sanitize_name(name, NAME_CHARACTERS))
            .collect()
    }

    /// Whether it can ask what the pipeline was before any plugin ran.
    pub(crate) fn reads_context(&self) -> bool {
        self.reads_context
    }

    /// Version of the contract that the component was built against.
    pub fn contract_version(&self) -> String {
        world::contract_version(self.pre.engine(), self.pre.component())
    }

    /// Whether this host is as new as the plugin needs it.
    pub(crate) fn check_host(&self) -> Result<(), Fault> {
        let Some(needs) = &self.description.min_host else { return Ok(()) };
        let version = |text: &str| semver::Version::parse(text).ok();
        // What has not the form of a version is refused with the description.
        if version(HOST_VERSION) < version(needs) {
            return Err(Fault::OldHost { needs: needs.clone() });
        }
        Ok(())
    }

    /// Tells whether this host is too old for the plugin.
    pub fn check_min_host(&self) -> Result<(), PluginError> {
        self.check_host().map_err(|fault| fault.of(&self.description.name))
    }

    /// Whether the engine has room for these budgets.
    pub(crate) fn admit(&self, limits: &Limits) -> Result<(), Fault> {
        self.engine.admit(limits)
    }

    /// Checks a config against the plugin's schema; every violation at once.
    pub(crate) fn check_config(&self, config: &Value) -> Result<(), Fault> {
        let text = config.to_string();
        if self.cache.as_ref().is_some_and(|cache| cache.accepted(&self.digest, &text)) {
            return Ok(());
        }
        let violations = self.violations(config)?;
        if !violations.is_empty() {
            return Err(Fault::BadConfig { violations });
        }
        if let Some(cache) = &self.cache {
            cache.accept(&self.digest, &text);
        }
        Ok(())
    }

    fn violations(&self, config: &Value) -> Result<Vec<(String, String)>, Fault> {
        let schema = &self.description.config_schema;
        let weight = *self.schema_weight.get_or_init(|| config::weight(schema));
        if !config::is_light(weight, config) {
            return self.engine.compiler().check_config(schema, config);
        }
        let compiled = self.schema.get_or_init(|| config::compile(schema));
        let compiled = compiled.as_ref().map_err(|reason| config::bad_schema(reason))?;
        Ok(config::violations(compiled, schema, config))
    }

    /// Checks that configs can be checked against the plugin's schema. What is wrong with an empty one
    /// is none of its errors.
    pub fn check_schema(&self) -> Result<(), PluginError> {
        let empty = Value::Object(serde_json::Map::new());
        self.violations(&empty).map(drop).map_err(|fault| fault.of(&self.description.name))
    }

    /// Tells a crash, or where a budget was used up, with source lines, where the component, the bytes that the plugin was loaded from, has
    /// them and its engine knows places.
    pub fn find_lines(&self, component: &[u8], fault: &mut Fault) {
        let Some(backtrace) = fault.backtrace_mut() else { return };
        let places: Vec<_> = backtrace.iter().map(|frame| frame.place).collect();
        if let Ok(lines) = self.engine.compiler().find_lines(component, &places) {
            *backtrace = crash::with_lines(backtrace, &lines);
        }
    }

    /// Asks the plugin about itself, and checks the form of every export on the way.
    fn ask(&self, limits: &Limits) -> Result<Description, Fault> {
        let fuel = DESCRIBE_FUEL.max(limits.fuel / DESCRIBE_SHARE);
        let limits = Limits { fuel, ..limits.clone() };
        let session =
            Session::new(Value::Null, Provenance::default(), Rights::read_only().into(), limits);
        let call = self.call(session, |store, instance| {
            let mismatches = self.exports.mismatches(store, instance);
            if mismatches.is_empty() {
                self.exports.describe(store, instance).map(Ok)
            } else {
                Ok(Err(mismatches))
            }
        });
        let info = call.result?.map_err(|mismatches| Fault::WrongWorld { mismatches })?;
        Description::new(&info, self.exports.transforms(), self.exports.validates())
    }

    /// Lets the plugin edit. `None` when it does not.
    pub(crate) fn transform(&self, session: Session, config: &str) -> Option<Call<()>> {
        self.exports.transforms().then(|| {
            self.call_with_verdict(session, |store, instance| {
                self.exports.transform(store, instance, config)
            })
        })
    }

    /// Lets the plugin judge. `None` when it does not.
    pub(crate) fn validate(
        &self,
        session: Session,
        config: &str,
    ) -> Option<Call<Vec<validate::Finding>>> {
        self.exports.validates().then(|| {
            self.call_with_verdict(session, |store, instance| {
                self.exports.validate(store, instance, config)
            })
        })
    }

    fn call_with_verdict<R>(
        &self,
        session: Session,
        run: impl FnOnce(&mut Store<Host>, &Instance) -> wasmtime::Result<Result<R, types::Rejection>>,
    ) -> Call<R> {
        let Call { result, host, usage } = self.call(session, run);
        let denied = || host.memory.refused().map(Box::new);
        let result = result.and_then(|verdict| verdict.map_err(|it| rejected(it, denied())));
        Call { result, host, usage }
    }

    /// Runs one export in a fresh store and instance, with every budget in force.
    fn call<R>(
        &self,
        session: Session,
        run: impl FnOnce(&mut Store<Host>, &Instance) -> wasmtime::Result<R>,
    ) -> Call<R> {
        let (fuel, transfer) = (session.limits().fuel, session.limits().transfer);
        let mut store = Store::new(self.pre.engine(), Host::new(session));
        store.limiter(|host| &mut host.memory);
        store.epoch_deadline_callback(|mut store| store.data_mut().clock.check());
        store.set_epoch_deadline(1);
        store.set_hostcall_fuel(transfer);
        let result = store.set_fuel(fuel).and_then(|()| {
            let instance = self.pre.instantiate(&mut store)?;
            run(&mut store, &instance)
        });
        let fuel = fuel - store.get_fuel().unwrap_or(0);
        let host = store.into_data();
        let usage = Usage { fuel, memory: host.memory.used(), edits: host.session.edits() };
        let result = result.map_err(|error| fault_of(&error, &host));
        Call { result, host, usage }
    }
}

fn rejected(rejection: types::Rejection, denied: Option<Box<UsedUp>>) -> Fault {
    let types::Rejection { code, message, arguments, path, hint, link, extra: _ } = rejection;
    let Words { path, message, hint, .. } = Words::of(&message, path.as_deref(), hint.as_deref());
    let details = Details::of(code.as_deref(), &arguments, link.as_deref()).into();
    Fault::Rejected { message, path, hint: hint.map(Into::into), denied, details }
}

/// The fault of a plugin that declares more than a slot of a pool has, which is as much as the default
/// budgets. Without a pool, instantiating it ends in the same fault.
fn larger_than_a_slot(error: &wasmtime::Error) -> Option<Fault> {
    let slot = Limits::default();
    let text = format!("{error:#}");
    // Wasmtime has no type for these errors.
    let does_not_fit = |what| text.contains(&format!("module {what} does not fit in pooling"));
    let (budget, limit) = match () {
        () if does_not_fit("memory") => (Budget::Memory, slot.memory as u64),
        () if does_not_fit("table") => (Budget::TableElements, slot.table_elements as u64),
        () => return None,
    };
    Some(Fault::OverBudget { budget, limit, used: limit, backtrace: Vec::new() })
}

/// What the engine says of a type that does not fit.
fn mismatch(error: &wasmtime::Error) -> String {
    sanitize(&format!("{error:#}"), SHOWN_CHARACTERS)
}

/// What a failed call means.
fn fault_of(error: &wasmtime::Error, host: &Host) -> Fault {
    let limits = host.session.limits();
    let over = |UsedUp { budget, limit, used }| Fault::OverBudget {
        budget,
        limit,
        used,
        backtrace: crash::backtrace(error),
    };
    let all_of = |budget, limit| over(UsedUp { budget, limit, used: limit });
    let trap = error.downcast_ref::<Trap>();
    match trap {
        Some(Trap::OutOfFuel) => return all_of(Budget::Fuel, limits.fuel),
        Some(Trap::StackOverflow) => return all_of(Budget::Stack, WASM_STACK as u64),
        _ => {}
    }
    if let Some(used_up) = error.downcast_ref::<UsedUp>() {
        return over(*used_up);
    }
    if let Some(&Waited { processor, clock }) = error.downcast_ref::<Waited>() {
        return Fault::Busy { work: Work::Calling, processor, clock };
    }
    // A plugin that gets no memory gives up, or was not instantiated at all.
    if let (Some(refused), None | Some(Trap::UnreachableCodeReached)) =
        (host.memory.refused(), trap)
    {
        return over(refused);
    }
    let cause = error.root_cause().to_string();
    // Wasmtime has no type for this trap.
    if cause.contains("fuel allocated for hostcalls has been exhausted") {
        return all_of(Budget::Transfer, limits.transfer as u64);
    }
    let warning = host.log.lines.iter().rfind(|line| line.level == crate::Level::Warn);
    Fault::Trap {
        cause: crash::cause(error),
        backtrace: crash::backtrace(error),
        said: warning.map(|line| line.message.as_str().into()),
        denied: host.memory.refused().map(Box::new),
    }
}
