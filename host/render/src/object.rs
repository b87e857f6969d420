//! The objects of a set as data, in the order in which they are applied, and as text.

use std::borrow::Borrow;
use std::iter;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource};
use serde::Serialize;
use serde_json::{Value, json};
use wellhead_spec::Pipeline;

use crate::objects::{claim, service, stateful_set};
use crate::set::ResourceSet;
use crate::yaml;

/// One Kubernetes object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// E.g. `apps/v1`.
    pub api_version: String,
    /// E.g. `StatefulSet`.
    pub kind: String,
    /// The namespace, when the pipeline or the command line names one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// The whole object, `apiVersion` and `kind` included.
    pub value: Value,
}

impl ResourceSet {
    /// The objects in the order in which they are applied: the Service, so that the first pod has
    /// its DNS name, the claims, so that the controller adopts them, and the StatefulSet.
    pub fn objects(&self) -> Vec<Object> {
        let mut objects = Vec::with_capacity(self.claims.len() + 2);
        objects.extend(self.service.iter().map(object));
        objects.extend(self.claims.iter().map(object));
        objects.push(object(&self.stateful_set));
        objects
    }
}

/// The objects of a pipeline as [`ResourceSet::objects`] has them, each rendered when it is asked for: one of ten thousand
/// claims is in memory at a time.
pub fn objects(pipeline: &Pipeline) -> impl Iterator<Item = Object> {
    tracing::trace!("a pipeline is rendered");
    let service = service::service(pipeline).map(|it| object(&it));
    let claims = claim::of_replicas(pipeline);
    let claims =
        claims.map(|(claim, ordinal)| object(&claim::of_replica(pipeline, claim, ordinal)));
    let set = iter::once_with(|| object(&stateful_set::stateful_set(pipeline)));
    service.into_iter().chain(claims).chain(set)
}

pub(crate) fn object<T: Resource + Metadata<Ty = ObjectMeta> + Serialize>(typed: &T) -> Object {
    let metadata = typed.metadata();
    Object {
        api_version: T::API_VERSION.to_owned(),
        kind: T::KIND.to_owned(),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone().unwrap_or_default(),
        value: serde_json::to_value(typed)
            .expect("because the keys of Kubernetes' own types are texts"),
    }
}

/// Objects as YAML, one document each, as kubectl and GitOps tools read it.
pub fn to_yaml(objects: impl IntoIterator<Item = impl Borrow<Object>>) -> String {
    let mut text = String::new();
    for (at, object) in objects.into_iter().enumerate() {
        if at > 0 {
            text.push_str("---\n");
        }
        yaml::write(&object.borrow().value, &mut text);
    }
    text
}

/// One value as YAML, with a line feed at the end.
pub fn value_to_yaml(value: &Value) -> String {
    let mut text = String::new();
    yaml::write(value, &mut text);
    text
}

/// Objects as JSON: one `v1` `List`, indented, with a line feed at the end.
pub fn to_json_list(objects: &[Object]) -> String {
    let items: Vec<&Value> = objects.iter().map(|object| &object.value).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
    format!("{list:#}\n")
}
