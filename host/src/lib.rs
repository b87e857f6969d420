//! A WebAssembly plugin host for stateful pipelines on Kubernetes.
//!
//! A *pipeline* is a base spec. *Plugins*, sandboxed WebAssembly components that a *customization*
//! lists, edit it. The result is one headless Service, one StatefulSet and its claims.
//!
//! This crate joins the others to that flow, for the `wellhead` command and for programs that embed
//! it:
//!
//! 1. A [`Request`] names the files.
//! 2. [`run`] reads them, loads the plugins and lets them edit: a [`Run`], or an [`Error`] that says
//!    everything that is wrong.
//! 3. [`Run::sets`] renders the objects of each pipeline, and [`Run::outcomes`] tells who set what;
//!    [`Run::provenance`] tells it for every field of every object.
//! 4. [`Run::plan`] says what that would change in a [`Cluster`], and [`Run::apply`] makes it so.
//!
//! [`pipeline`] shows these steps on one page. A program that loads plugins calls
//! [`serve_compilation`] first in its `main`: they are compiled by a child process, which is the same
//! program.
//!
//! ```
//! use wellhead::{Request, Source, run, to_yaml};
//!
//! let text = "\
//! apiVersion: wellhead.dev/v1alpha1
//! kind: Pipeline
//! metadata: {name: db}
//! spec:
//!   containers: [{name: nginx, image: 'nginx:1.14.2'}]
//! ";
//! let file = Source::Text { name: "db.yaml".into(), text: text.to_owned() };
//! let request = Request { pipelines: vec![file], ..Request::default() };
//!
//! let run = run(&request)?;
//! for set in run.sets() {
//!     assert!(to_yaml(set.objects()).contains("image: nginx:1.14.2"));
//! }
//! # Ok::<(), wellhead::Error>(())
//! ```

pub mod authoring;
mod cache;
mod chains;
mod distribution;
mod error;
pub mod impact;
pub mod import;
mod inputs;
pub mod pipeline;
pub mod provenance;
mod request;
mod saved_plan;
mod taking;

pub use cache::{cache_directory, store_directory, user_cache};
pub use chains::PluginFile;
pub use distribution::{
    Distribution, EditedFile, LoadedPlugin, LockDraft, Outdated, OutdatedNote, OutdatedPlugin,
    PulledPlugin, SignedPlugin, SourceEdit, UpgradeDraft, UpgradeTarget, VerifiedKey,
    VerifiedPlugin, WantedPlugin, check_trust_keys, draft_locks, draft_upgrade, load_plugins,
    locked_plugins, outdated_plugins, pack_plugins, plugin_versions, pull_plugin, push_plugin,
    sign_plugin, verify_plugin,
};
pub use error::{Error, InvalidInput, PluginFailure, Texts};
pub use inputs::Inputs;
pub use pipeline::{Each, Run, load, run, run_each};
pub use provenance::ProvenanceRecord;
pub use request::Request;
pub use saved_plan::{FilesSince, NotAPlan, SavedFile, SavedPlan};
pub use taking::FieldsOf;

pub use wellhead_chain::{
    Allocation, Audit, Cache, CacheEntry, CompileLimit, CompileLimits, Compiler, Engine,
    EngineError, Excess, Fault, Level, Limits, LoadOptions, Outcome, Plugin, PluginError,
    PluginWarning, Provenance, Structure, Work, serve_compilation,
};
pub use wellhead_cluster::{
    About, ApplyOptions, ApplyReport, CheckedPlan, Cluster, ClusterError, ConnectOptions, Drift,
    DriftState, DriftedObject, Event, Impersonate, PipelineRef, Plan, PlanOptions, Progress,
    Revision, Rollback, Silent, StopSignal, StoredRevision, WaitOptions, Workload,
};
pub use wellhead_diagnostics::Code;
pub use wellhead_render::{
    Frozen, Kept, Named, Object, Previous, Refused, ResourceSet, keep_immutable,
    objects_for_others, render, to_json_list, to_yaml, value_to_yaml,
};
pub use wellhead_spec::{
    Customization, FieldPath, Finding, Located, Location, Manifest, Manifests, Namespace,
    PathPattern, Pipeline, Severity, Source, load_manifests,
};
