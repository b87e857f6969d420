//! The objects of a set as data, in the order in which they are applied, and as text.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource};
use serde::Serialize;
use serde_json::{Value, json};

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

fn object<T: Resource + Metadata<Ty = ObjectMeta> + Serialize>(typed: &T) -> Object {
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
pub fn to_yaml(objects: &[Object]) -> String {
    let mut text = String::new();
    for (at, object) in objects.iter().enumerate() {
        if at > 0 {
            text.push_str("---\n");
        }
        yaml::write(&object.value, &mut text);
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
