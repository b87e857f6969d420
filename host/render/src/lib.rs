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

mod immutable;
mod leaf;
mod left_out;
mod object;
mod objects;
mod origins;
mod ownership;
mod set;
mod yaml;

use wellhead_spec::Pipeline;

pub use immutable::{Frozen, Kept, Named, Previous, Refused, keep_immutable};
pub use leaf::{item_name, object_leaves, replace_leaves};
pub use left_out::objects_for_others;
pub use object::{Object, objects, to_json_list, to_yaml, value_to_yaml};
pub use origins::{Alike, ObjectOrigins, Origin, OriginSource, fields_of, object_names, origins};
pub use ownership::{FieldsOf, names_any};
pub use set::{OwnedField, ResourceSet, TakenFields};

/// The objects of a pipeline.
pub fn render(pipeline: &Pipeline) -> ResourceSet {
    tracing::trace!("a pipeline is rendered");
    let mut set = ResourceSet {
        service: objects::service::service(pipeline),
        claims: objects::claim::claims(pipeline),
        stateful_set: objects::stateful_set::stateful_set(pipeline),
        ownership: Vec::new(),
        volume_migration: pipeline.spec.volume_migration.clone(),
        take: Vec::new(),
    };
    set.ownership = ownership::owned_fields(pipeline);
    set
}
