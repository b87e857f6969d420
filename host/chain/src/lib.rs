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

mod bindings;
mod cache;
mod chain;
#[cfg(test)]
mod compatibility;
mod compile;
mod digest;
mod engine;
mod error;
#[cfg(test)]
mod every_field;
mod facts;
#[doc(hidden)]
pub mod fuzzed;
mod host;
mod limits;
mod mask;
mod pinned;
mod plugin;
mod precheck;
mod provenance;
#[cfg(test)]
mod same_by_path;
mod session;
mod text;
mod words;

pub use cache::{Cache, CacheEntry};
pub use chain::audit::{Audit, WouldBeEdit, WouldBeFault};
pub use chain::warning::PluginWarning;
pub use chain::{Chain, Draft, Entry, Failure, Outcome, Run};
pub use compile::{CompileLimit, CompileLimits, Compiler, serve_compilation};
pub use digest::digest;
pub use engine::{Allocation, Engine};
pub use error::{EngineError, Fault, PluginError, Work};
pub use facts::Facts;
pub use limits::Limits;
pub use limits::budget::{Budget, UsedUp};
pub use mask::{LineOf, MASKED, has_secret, is_secret_line, mask, mask_alone, shown_beside};
pub use plugin::crash::Frame;
pub use plugin::description::Description;
pub use plugin::load::LoadOptions;
pub use plugin::world::CONTRACT_VERSION;
pub use plugin::{Plugin, Usage};
pub use precheck::{Excess, Structure};
pub use provenance::history::{History, Step};
pub use provenance::log::{Level, LogLine};
pub use provenance::trace::{EditOutcome, Refusal, Trace, TraceStep};
pub use provenance::{Provenance, Write, Writer};
pub use session::violation::Violation;
pub use wellhead_spec::{quote, quote_unless_word, sanitize, sanitize_name};
pub use words::{Details, Words};
