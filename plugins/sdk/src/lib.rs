//! Write Wellhead plugins in Rust.
//!
//! A Wellhead plugin is a WebAssembly component that edits a pipeline, the spec of a stateful
//! workload, before the host turns it into Kubernetes objects. This crate hides the component: a
//! plugin is a type, a trait and one macro.
//!
//! # The first plugin
//!
//! A crate of the type `cdylib` whose `Cargo.toml` has a name, a version and a description:
//!
//! ```toml
//! [package]
//! name = "team-label"
//! version = "0.1.0"
//! edition = "2024"
//! description = "Labels the pods with the team that owns them"
//!
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! schemars = { version = "1.2", default-features = false, features = ["derive"] }
//! serde = { version = "1", features = ["derive"] }
//! wellhead-plugin = "0.1"
//!
//! [dev-dependencies]
//! serde_json = "1"
//! ```
//!
//! and one file:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use wellhead_plugin::{Pipeline, Plugin, Rejection, Transformer};
//!
//! struct TeamLabel;
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     /// Name of the team.
//!     team: String,
//! }
//!
//! impl Plugin for TeamLabel {
//!     type Config = Config;
//!     const WRITES: &'static [&'static str] = &["podLabels.team"];
//! }
//!
//! impl Transformer for TeamLabel {
//!     fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
//!         if config.team.is_empty() {
//!             return Err(Rejection::new("the team has no name")
//!                 .at("config.team")
//!                 .hint("write the name of the team"));
//!         }
//!         pipeline.because("each pod names its team");
//!         pipeline.set_pod_label("team", &config.team)?;
//!         Ok(())
//!     }
//! }
//!
//! wellhead_plugin::export!(TeamLabel: Transformer);
//!
//! // In a `#[test]`, natively:
//! use serde_json::json;
//! use wellhead_plugin::testing;
//!
//! let pipeline = testing::pipeline(json!({}));
//! testing::transform::<TeamLabel>(&pipeline, &json!({ "team": "search" })).unwrap();
//! assert_eq!(testing::document(&pipeline)["spec"]["podLabels"]["team"], "search");
//!
//! let wrong = testing::transform::<TeamLabel>(&pipeline, &json!({ "tema": "search" }));
//! assert_eq!(wrong.unwrap_err().path.as_deref(), Some("config.tema"));
//! ```
//!
//! # Reading and editing
//!
//! [`Pipeline`] belongs to the host. Each getter reads it as the plugins before this one left it.
//! Each setter is one edit, which the host checks and records with the plugin's name and the reason
//! that [`Pipeline::because`] gave last. An edit that the host refuses is an [`EditError`] with the
//! field, what is wrong and what to do; `?` turns it into the plugin's own [`Rejection`]. After a
//! rejection nothing of what the plugin edited is kept.
//!
//! A plugin sees no clock, no files, no network and no randomness, so the same pipeline and config
//! always give the same result. Each call starts afresh: nothing in memory survives it.
//!
//! # Judging
//!
//! A [`Validator`] runs after all transformers, writes nothing, and returns a list of [`Finding`]s.
//! One plugin can be both: `export!(MyPlugin: Transformer + Validator)`.
//!
//! # Building
//!
//! `cargo build --release --target wasm32-unknown-unknown` makes a core module, and `wasm-tools
//! component new target/wasm32-unknown-unknown/release/team_label.wasm -o team-label.wasm` makes it
//! a component. These settings keep it small; a small stack makes each call cheaper, because the
//! host zeroes it every time:
//!
//! ```toml
//! # Cargo.toml
//! [profile.release]
//! opt-level = "s"
//! lto = true
//! codegen-units = 1
//! panic = "abort"
//! strip = true
//!
//! # .cargo/config.toml
//! [target.wasm32-unknown-unknown]
//! rustflags = ["-Clink-arg=-zstack-size=32768"]
//! ```

#[cfg(target_arch = "wasm32")]
mod allocator;
mod bindings;
mod config;
mod convenience;
mod error;
mod export;
pub mod log;
#[cfg(not(target_arch = "wasm32"))]
mod memory;
mod plugin;
mod select;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

// Listed one by one: the contract grows, and what plugins see of it is decided here.
pub use bindings::validate::exports::wellhead::plugin::validate::{Finding, Severity};
pub use bindings::wellhead::plugin::pipeline::{ContainerPort, Protocol, ServicePort, VolumeMount};
pub use bindings::wellhead::plugin::types::{EditError, EditFailure, Entry, Rejection};

// In a component the pipeline is the host's; natively it is in memory, for tests.
#[cfg(target_arch = "wasm32")]
pub use bindings::wellhead::plugin::pipeline::{Claim, Container, Pipeline, Service};
#[cfg(not(target_arch = "wasm32"))]
pub use memory::{Claim, Container, Pipeline, Service};

#[doc(hidden)]
pub use export::private as __private;
pub use plugin::{Plugin, Transformer, Validator};
pub use select::PipelineSelector;
