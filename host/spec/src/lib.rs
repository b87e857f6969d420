//! What was asked: the types of a pipeline and of a team's customization, how they are read from
//! files, and every rule that can be checked without a plugin or a cluster.
//!
//! One set of types serves the files and the custom resources. Parts that are Kubernetes' own use
//! the `k8s-openapi` types, so nothing is modelled twice.
//!
//! Reading is two steps: [`load`] turns files into documents and reports *every* finding with file,
//! line and column; [`Pipeline`] and [`Customization`] are what remains when there is none.

mod claim;
mod customization;
pub mod draft;
mod file;
mod finding;
mod form;
mod image;
mod keep;
mod known;
pub mod label;
mod limits;
mod load;
pub mod mount_path;
mod name;
mod ownership;
pub mod parallel;
mod path;
mod path_map;
mod pattern;
mod pattern_set;
mod pipeline;
mod project;
pub mod protected;
mod quantity;
mod read;
mod scalar;
mod schema;
mod service;
mod suggest;
mod text;
mod validate;
mod write;

pub use claim::{AccessMode, Claim, OrdinalClaim, VolumeMode};
pub use customization::{
    Customization, CustomizationMetadata, CustomizationSpec, PipelineSelector, PluginEntry,
};
pub use file::{MAX_COMPONENT, MAX_FILE, open_file, read_file, read_text_file};
pub use finding::{Finding, Location, Severity};
pub use form::{Form, Packed};
pub use image::{ImageReference, InvalidImage};
pub use keep::{keep, keeps};
pub use known::UnknownField;
pub use limits::{PluginLimits, StructureLimits};
pub use load::{
    Loaded, Located, Manifest, Manifests, Places, Source, load, load_case, load_config,
    load_manifests, load_on, load_project,
};
pub use name::{
    ClaimName, InvalidName, Namespace, ObjectName, PipelineName, PluginName, ServiceName,
};
pub use ownership::{Ownership, OwnershipPolicy};
pub use path::{FieldPath, ParsePathError, Segment};
pub use path_map::PathMap;
pub use pattern::PathPattern;
pub use pattern_set::PatternSet;
pub use pipeline::{
    DEFAULT_REPLICAS, DEFAULT_SELECTOR_LABEL, Metadata, Pipeline, PipelineSpec, PodManagementPolicy,
};
pub use project::{PluginBudget, PluginCase, PluginProject};
pub use quantity::{InvalidQuantity, Quantity};
pub use read::number::with_whole_numbers;
pub use scalar::yaml_item;
pub use schema::{customization_schema, pipeline_schema, schema};
pub use service::ServiceSettings;
pub use suggest::closest;
pub use text::{in_code, quote, quote_unless_word, sanitize, sanitize_name};
pub use validate::{MAX_CLAIM_BYTES, MAX_CLAIMS, MAX_REPLICAS, validate, validate_customization};

/// The `apiVersion` of every kind in this crate.
pub const API_VERSION: &str = "wellhead.dev/v1alpha1";
