//! Plugins transform a pipeline, and can do nothing else.
//!
//! 1. An [`Engine`] is started once. It offers a plugin the contract of `wit/` and nothing more: no
//!    WASI, no clock, no network.
//! 2. A [`Plugin`] is loaded once: read, checked, compiled by a [`Compiler`] in a process of its own
//!    (or found compiled in the [`Cache`]), and asked for its [`Description`].
//! 3. An [`Entry`] joins a plugin with the config and the grants of a customization.
//! 4. A [`Chain`] of entries [runs](Chain::run) over a pipeline. Each plugin gets a fresh instance
//!    and its own budgets ([`Limits`]), and changes the pipeline only through checked edits.
//! 5. The [`Outcome`] is the new pipeline and its [`Provenance`]: who set what, and why. A
//!    [`PluginError`] is why there is none.

mod artefact;
mod audit;
mod bindings;
mod budget;
mod cache;
mod chain;
mod checked;
mod clock;
#[cfg(test)]
mod compatibility;
mod compile;
mod config;
mod crash;
mod description;
mod determinism;
mod draft;
mod engine;
mod error;
mod foreign;
#[doc(hidden)]
pub mod fuzzed;
mod history;
mod host;
mod limits;
mod load;
mod log;
mod mask;
mod plugin;
mod precheck;
mod provenance;
mod session;
mod text;
mod trace;
mod words;
mod world;

pub use audit::{Audit, WouldBeEdit, WouldBeFault};
pub use budget::Budget;
pub use cache::{Cache, CacheEntry};
pub use chain::{Chain, Draft, Entry, Failure, Outcome, PluginWarning, Run};
pub use compile::{CompileLimit, CompileLimits, Compiler, serve_compilation};
pub use crash::Frame;
pub use description::Description;
pub use engine::{Allocation, Engine};
pub use error::{EngineError, Fault, PluginError, Work};
pub use history::{History, Step};
pub use limits::Limits;
pub use load::LoadOptions;
pub use log::{Level, LogLine};
pub use mask::{MASKED, has_secret, mask, mask_alone};
pub use plugin::{Plugin, Usage, digest};
pub use precheck::{Excess, Structure};
pub use provenance::{Provenance, Write, Writer};
pub use session::Violation;
pub use trace::{EditOutcome, Refusal, Trace, TraceStep};
pub use wellhead_spec::{quote, quote_unless_word, sanitize, sanitize_name};
pub use words::Words;
pub use world::CONTRACT_VERSION;
