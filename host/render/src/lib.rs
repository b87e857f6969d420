//! Pipeline spec to Kubernetes objects: pure, total, deterministic.
//!
//! [`render`] turns a pipeline into its [`ResourceSet`]; the same pipeline always gives the same
//! bytes. Nothing here reads a file, a clock or a cluster, and nothing here can fail: what a server
//! would refuse is found by the validation of the spec, before.
//!
//! An object holds what the user asked for and nothing else, with four exceptions:
//!
//! - what the API requires (a selector, an access mode, the name of the Service),
//! - the [recommended labels](https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/),
//!   on the objects themselves, never on pods or claim templates, and never over a user's own key,
//! - [annotations that keep claims](wellhead_spec::keep) where a tool prunes, on claims alone,
//! - policies whose default must not be left to the server: the number of replicas, and what
//!   happens to claims when the StatefulSet goes or shrinks.
//!
//! [`origins`] tells for every leaf of every object which field of the spec it comes from. By it, the
//! policies of `ownership`, which name fields of the spec, are made those of objects' fields.

mod claim;
mod immutable;
mod labels;
mod leaf;
mod left_out;
mod object;
mod origin;
mod ownership;
mod pod;
mod rule;
mod service;
mod source;
mod stateful_set;
mod yaml;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use serde::{Deserialize, Serialize};
use wellhead_spec::Pipeline;

pub use immutable::{Frozen, Kept, Named, Previous, Refused, keep_immutable};
pub use leaf::{item_name, object_leaves, replace_leaves};
pub use object::{Object, to_json_list, to_yaml, value_to_yaml};
pub use origin::{Origin, OriginSource, fields_of, origins};
pub use ownership::{FieldsOf, OwnedField, TakenFields, names_any};

/// The objects of one pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceSet {
    /// The headless Service, unless it is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// One claim for each claim of the spec and each replica, by claim and then by ordinal.
    pub claims: Vec<PersistentVolumeClaim>,
    /// The StatefulSet.
    pub stateful_set: StatefulSet,
    /// The fields of these objects of which the pipeline says whose value stands when somebody else
    /// sets them, too. No object has it; who applies the objects goes by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ownership: Vec<OwnedField>,
    /// What one run takes over from whoever else sets it, fields that objects keep included. No history keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<TakenFields>,
}

/// The objects of a pipeline.
pub fn render(pipeline: &Pipeline) -> ResourceSet {
    tracing::trace!("a pipeline is rendered");
    let mut set = ResourceSet {
        service: service::service(pipeline),
        claims: claim::claims(pipeline),
        stateful_set: stateful_set::stateful_set(pipeline),
        ownership: Vec::new(),
        take: Vec::new(),
    };
    set.ownership = ownership::owned_fields(pipeline, &set);
    set
}
