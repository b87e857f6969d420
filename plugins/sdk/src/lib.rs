//! Write Wellhead plugins in Rust.
//!
//! A Wellhead plugin is a WebAssembly component that edits a pipeline, the spec of a stateful
//! workload, before the host turns it into Kubernetes objects. This crate hides the component: a
//! plugin is a type, a trait and one macro.
//!
//! # The first plugin
//!
//! `wellhead plugin new team-label --lang rust` makes a project; this is its `src/lib.rs`:
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
//! The rest of this page takes that apart.
//!
//! # Reading
//!
//! [`Pipeline`] belongs to the host. Each getter reads it as the plugins before this one left it. What
//! a pipeline has several of, it has by name: [`containers`](Pipeline::container),
//! [`claims`](Pipeline::claim), [volumes](Pipeline::volume). What is Kubernetes' own and Wellhead only
//! passes on (affinity, probes, security contexts) is JSON in the form that Kubernetes has.
//!
//! ```
//! # use serde_json::json;
//! # use wellhead_plugin::{Container, testing};
//! let pipeline = testing::pipeline(json!({
//!     "metadata": { "name": "search", "labels": { "tier": "gold" } },
//!     "spec": {
//!         "containers": [{ "name": "index", "image": "index:1.4.0" }],
//!         "claims": [{ "name": "data", "size": "1Gi" }],
//!     },
//! }));
//!
//! assert_eq!(pipeline.name(), "search");
//! let images: Vec<_> = pipeline.all_containers().iter().map(Container::image).collect();
//! assert_eq!(images, ["index:1.4.0"]);
//! assert!(pipeline.claim("data").is_some() && pipeline.claim("logs").is_none());
//! ```
//!
//! # Editing
//!
//! Each setter is one edit, which the host checks and records with the plugin's name and the reason
//! that [`Pipeline::because`] gave last; `wellhead explain` shows it to whoever wonders. An edit that
//! the host refuses is an [`EditError`] with the field, what is wrong and what to do, and `?` turns it
//! into the plugin's own [`Rejection`]. After a rejection nothing of what the plugin edited is kept.
//!
//! ```
//! # use serde_json::json;
//! # use wellhead_plugin::{Pipeline, Rejection, testing};
//! fn mirror(pipeline: &Pipeline) -> Result<(), Rejection> {
//!     pipeline.because("images come from our mirror");
//!     for container in pipeline.all_containers() {
//!         container.set_image(&format!("mirror.example.com/{}", container.image()))?;
//!     }
//!     Ok(())
//! }
//!
//! let pipeline = testing::pipeline(json!({
//!     "spec": { "containers": [{ "name": "index", "image": "index:1.4.0" }] },
//! }));
//! mirror(&pipeline).unwrap();
//!
//! let edit = &testing::edits(&pipeline)[0];
//! assert_eq!(edit.path, "containers.index.image");
//! assert_eq!(edit.reason.as_deref(), Some("images come from our mirror"));
//! ```
//!
//! What has no function of its own goes by its path and as JSON: [`Pipeline::get`], [`set`](Pipeline::set),
//! [`remove`](Pipeline::remove), [`append`](Pipeline::append) and [`insert`](Pipeline::insert), and the same
//! with types that serde knows ([`Pipeline::get_as`], ...). Two plugins may append to one list.
//!
//! ```
//! # use serde_json::json;
//! # use wellhead_plugin::{Toleration, testing};
//! let pipeline = testing::pipeline(json!({ "spec": { "tolerations": [{ "key": "gpu" }] } }));
//! let spot = Toleration::exists("spot").effect("NoSchedule");
//! assert_eq!(pipeline.append_as("tolerations", &spot)?, "tolerations[1]");
//! pipeline.set("containers.main.stdin", "true")?;
//! # Ok::<(), wellhead_plugin::EditError>(())
//! ```
//!
//! Which fields a plugin may write is the operator's decision, in `grants` of a chain entry.
//! [`Plugin::WRITES`] says what it asks for; `wellhead plugin inspect` prints it in that form. An
//! edit without a grant ends the run, whatever the plugin does with the error.
//!
//! # Config
//!
//! [`Plugin::Config`] is any type that serde reads. Its JSON Schema, in which doc comments become
//! descriptions, is part of the plugin, and the host checks each config against it before the plugin
//! runs. What a schema cannot say, the plugin rejects: see [`Rejection::at`] and [`Rejection::hint`].
//! [`PipelineSelector`] is a ready part of a config, for rules about some pipelines.
//!
//! # Judging
//!
//! A [`Validator`] runs after all transformers, writes nothing, and returns a list of [`Finding`]s:
//! all that it has to say, not the first.
//!
//! ```
//! # use schemars::JsonSchema;
//! # use serde::Deserialize;
//! # use serde_json::json;
//! # use wellhead_plugin::testing;
//! use wellhead_plugin::{Finding, Pipeline, Plugin, Rejection, Validator};
//!
//! struct Tags;
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {}
//!
//! impl Plugin for Tags {
//!     type Config = Config;
//! }
//!
//! impl Validator for Tags {
//!     fn validate(_: &Config, pipeline: &Pipeline) -> Result<Vec<Finding>, Rejection> {
//!         let latest = pipeline.all_containers().into_iter();
//!         let latest = latest.filter(|container| container.image().ends_with(":latest"));
//!         Ok(latest
//!             .map(|container| {
//!                 Finding::error("the image is another one tomorrow")
//!                     .at(format!("{}.image", container.path()))
//!                     .hint("write a version as its tag")
//!             })
//!             .collect())
//!     }
//! }
//!
//! let pipeline = testing::pipeline(json!({
//!     "spec": { "containers": [{ "name": "web", "image": "nginx:latest" }] },
//! }));
//! let findings = testing::validate::<Tags>(&pipeline, &json!({})).unwrap();
//! assert_eq!(findings[0].path.as_deref(), Some("containers.web.image"));
//! ```
//!
//! One plugin can be both: `export!(MyPlugin: Transformer + Validator)`.
//!
//! # Testing
//!
//! [`testing`] runs the logic natively, against a pipeline in memory: fast, and with a debugger. What
//! the host does with edits (grants, conflicts, limits, values) shows when `wellhead plugin test` runs
//! the component in the real sandbox: each folder in `cases` has a pipeline, a config and what must
//! come out.
//!
//! # What there is not
//!
//! A plugin sees no clock, no files, no network and no randomness, so the same pipeline and config
//! always give the same result. Each call starts afresh: nothing in memory survives it. [`log`] speaks
//! to the person who runs the host. A panic ends the plugin, and its message is part of the error.
//!
//! # Building
//!
//! `wellhead plugin build` makes the component. What it runs is `cargo build --release --target
//! wasm32-unknown-unknown`, which makes a core module, and then the encoder, as `wasm-tools component
//! new MODULE -o COMPONENT` does it. A plugin is a crate of the type `cdylib` with a name, a version and a
//! description; these settings, which a new project has, keep it small and its calls cheap, because
//! the host zeroes a stack every time:
//!
//! ```toml
//! # Cargo.toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [profile.release]
//! opt-level = "s"
//! lto = true
//! codegen-units = 1
//! panic = "abort"
//! strip = "debuginfo"
//!
//! # .cargo/config.toml
//! [target.wasm32-unknown-unknown]
//! rustflags = ["-Clink-arg=-zstack-size=32768"]
//! ```

#[cfg(target_arch = "wasm32")]
mod allocator;
mod bindings;
mod config;
pub mod context;
mod convenience;
mod error;
mod export;
pub mod facts;
mod kubernetes;
pub mod log;
#[cfg(not(target_arch = "wasm32"))]
mod memory;
mod plugin;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

// Listed one by one: the contract grows, and what plugins see of it is decided here.
pub use bindings::validate::exports::wellhead::plugin::validate::{Finding, Severity};
pub use bindings::wellhead::plugin::pipeline::{
    ContainerPort, Place, Protocol, ServicePort, VolumeMount,
};
pub use bindings::wellhead::plugin::types::{
    EditError, EditFailure, Entry, Rejection as RejectionRecord,
};

// In a component the pipeline is the host's; natively it is in memory, for tests.
#[cfg(target_arch = "wasm32")]
pub use bindings::wellhead::plugin::pipeline::{Claim, Container, Pipeline, Service};
#[cfg(not(target_arch = "wasm32"))]
pub use memory::{Claim, Container, Pipeline, Service};

pub use error::Rejection;
#[doc(hidden)]
pub use export::private as __private;
pub use kubernetes::{
    Exec, Grpc, HttpGet, HttpHeader, InvalidQuantity, LabelRequirement, LabelSelector, Operator,
    PipelineSelector, Port, Probe, Quantity, TcpSocket, Toleration,
};
pub use plugin::{Plugin, Transformer, Validator};
