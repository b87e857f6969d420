//! What was asked: the types of a pipeline and of a team's customization, how they are read from
//! files, and every rule that can be checked without a plugin or a cluster.
//!
//! One set of types serves the files and the custom resources. Parts that are Kubernetes' own use
//! the `k8s-openapi` types, so nothing is modelled twice.
//!
//! Reading is two steps: [`load`] turns files into documents and reports *every* finding with file,
//! line and column; [`Pipeline`] and [`Customization`] are what remains when there is none.

mod distribution;
pub mod draft;
mod file;
mod finding;
mod form;
mod keep;
mod known;
pub mod kubernetes;
mod load;
mod model;
pub mod parallel;
mod path;
pub mod protected;
mod read;
mod schema;
mod suggest;
mod text;
mod validate;
mod values;
mod write;

pub use distribution::check::is_loopback;
pub use distribution::conflict::conflict_sides;
pub use distribution::digest::{Digest, InvalidDigest};
pub use distribution::growth::{Growth, GrowthKind, growth_of_plugin, growth_of_rights};
pub use distribution::lock::{Consent, Lock, LockedPlugin, canonical_patterns};
pub use distribution::reference::{InvalidReference, PluginReference, closest_repository, is_tag};
pub use distribution::repository::RepositoryPattern;
pub use distribution::trust::{
    Ceiling, DefaultRule, DeniedPlugin, Identity, LocalFiles, PublicKey, RegistrySettings,
    Requirement, Signer, SourceRule, TrustPolicy, TrustRules, Unsigned, Verdict,
};
pub use file::json::{JsonBounds, OBJECT_PART, PartBounds};
pub use file::private::PrivateFolder;
pub use file::{MAX_COMPONENT, MAX_FILE, check_replaceable, open_file, read_file, read_text_file};
pub use finding::{Finding, Location, Severity};
pub use form::{Form, Packed};
pub use keep::{keep, keeps};
pub use known::UnknownField;
pub use load::{
    Loaded, Located, Manifest, Manifests, Places, Source, load, load_case, load_config, load_facts,
    load_lock, load_manifests, load_on, load_project, load_trust_policy,
};
pub use model::claim::{AccessMode, Claim, OrdinalClaim, VolumeMode};
pub use model::customization::{
    Customization, CustomizationMetadata, CustomizationSpec, PipelineSelector, PluginEntry,
};
pub use model::facts::{FACT_NAME_MAX, Facts, is_fact_name};
pub use model::fields::{FieldOwner, SpecField};
pub use model::limits::{PluginBudgets, PluginLimits, StructureBudgets, StructureLimits};
pub use model::ownership::{Ownership, OwnershipPolicy};
pub use model::pipeline::{
    API_VERSION, DEFAULT_REPLICAS, DEFAULT_SELECTOR_LABEL, Metadata, Pipeline, PipelineSpec,
    PodManagementPolicy,
};
pub use model::project::{PluginAbout, PluginBudget, PluginCase, PluginProject};
pub use model::service::ServiceSettings;
pub use model::volume_migration::{
    DEFAULT_MIGRATION_TIMEOUT, MigrationMethod, MigrationOrder, VolumeMigration,
};
pub use path::map::PathMap;
pub use path::pattern::PathPattern;
pub use path::pattern_set::PatternSet;
pub use path::{FieldPath, ParsePathError, Segment};
pub use read::number::with_whole_numbers;
pub use schema::{customization_schema, pipeline_schema, schema};
pub use suggest::closest;
pub use text::{from_difference, in_code, quote, quote_unless_word, sanitize, sanitize_name};
pub use validate::{MAX_CLAIM_BYTES, MAX_CLAIMS, MAX_REPLICAS, validate, validate_customization};
pub use values::finding_code::{FINDING_CODE_MAX, is_finding_code};
pub use values::image::{ImageReference, InvalidImage};
pub use values::name::{
    ClaimName, InvalidName, Namespace, ObjectName, PipelineName, PluginName, ServiceName,
};
pub use values::quantity::{InvalidQuantity, Quantity};
pub use values::scalar::yaml_item;
pub use values::{label, mount_path};
