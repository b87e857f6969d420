//! What a namespace holds, and what of it must be the same after the same commands.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, ListParams};
use serde_json::{Value, json};

/// Uid and volume of each claim.
pub(crate) type Identity = BTreeMap<String, (String, String)>;

/// Every object that a pipeline may touch, by plural and name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<String, Value>,
    namespace: String,
}

impl State {
    pub(crate) async fn read(client: &kube::Client, namespace: &str) -> Self {
        let kinds = [
            ApiResource::erase::<Service>(&()),
            ApiResource::erase::<PersistentVolumeClaim>(&()),
            ApiResource::erase::<StatefulSet>(&()),
            ApiResource::erase::<Pod>(&()),
            ApiResource::erase::<Lease>(&()),
            ApiResource::erase::<ControllerRevision>(&()),
        ];
        let mut objects = BTreeMap::new();
        for kind in kinds {
            let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind);
            for found in api.list(&ListParams::default()).await.expect("a list") {
                let name =
                    format!("{}/{}", kind.plural, found.metadata.name.clone().unwrap_or_default());
                objects.insert(name, serde_json::to_value(found).expect("it is JSON"));
            }
        }
        Self { objects, namespace: namespace.to_owned() }
    }

    pub(crate) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.objects.iter().filter_map(move |(name, object)| {
            let name = name.strip_prefix(kind)?.strip_prefix('/')?;
            Some((name, object))
        })
    }

    /// Uid and volume of each claim.
    pub(crate) fn identity(&self) -> Identity {
        let one = |(name, claim): (&str, &Value)| {
            let volume = text(claim, "/spec/volumeName").to_owned();
            (name.to_owned(), (text(claim, "/metadata/uid").to_owned(), volume))
        };
        self.of("persistentvolumeclaims").map(one).collect()
    }

    pub(crate) fn uids(&self, kind: &str) -> BTreeMap<String, String> {
        let one =
            |(name, it): (&str, &Value)| (name.to_owned(), text(it, "/metadata/uid").to_owned());
        self.of(kind).map(one).collect()
    }

    /// Everything but what controllers write by themselves: any write shows, also one that changes nothing.
    pub(crate) fn trace(&self) -> BTreeMap<String, Value> {
        let ours = self.objects.iter().filter(|(name, _)| !name.starts_with("pods/"));
        ours.map(|(name, object)| {
            let mut trace = object.clone();
            if let Some(fields) = trace.as_object_mut() {
                fields.remove("status");
            }
            if let Some(metadata) = trace["metadata"].as_object_mut() {
                metadata.remove("resourceVersion");
                metadata.remove("generation");
            }
            if let Some(managers) = trace["metadata"]["managedFields"].as_array_mut() {
                managers.retain(|it| it.get("subresource").is_none());
            }
            (name.clone(), trace)
        })
        .collect()
    }

    /// What equal runs end in, whatever the server gave to each: uids, times, addresses, nodes. The revisions that a
    /// StatefulSet's controller keeps for itself go with the object and are left out.
    pub(crate) fn normalised(&self) -> BTreeMap<String, Value> {
        let one = |(name, object): (&String, &Value)| {
            let text = normalised(name, object).to_string();
            let text = text.replace(&self.namespace, "NAMESPACE");
            (name.clone(), serde_json::from_str(&text).expect("it is JSON still"))
        };
        let kept = self.objects.iter().filter(|(name, object)| {
            !name.starts_with("controllerrevisions/")
                || object.pointer("/metadata/labels/wellhead.dev~1pipeline").is_some()
        });
        kept.map(one).collect()
    }
}

pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn picked(object: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| ((*field).to_owned(), object[*field].clone())).collect()
}

/// Who sets replicas, and who sets the annotation [`NOTE`], of a shared StatefulSet.
pub(crate) const AUTOSCALER: &str = "autoscaler";
pub(crate) const PERSON: &str = "person";
pub(crate) const NOTE: &str = "note";

fn normalised(name: &str, object: &Value) -> Value {
    let metadata = &object["metadata"];
    let owners: Vec<_> = metadata["ownerReferences"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|owner| picked(owner, &["kind", "name", "controller"]))
        .collect();
    let (kind, _) = name.split_once('/').unwrap_or_default();
    let is_ours = |it: &Value| it["manager"] == "wellhead" && it.get("subresource").is_none();
    // Those of an operation whose object is shared.
    let is_others = |it: &Value| it["manager"] == AUTOSCALER || it["manager"] == PERSON;
    let managers = metadata["managedFields"].as_array().into_iter().flatten();
    let managers = managers.filter(|it| is_ours(it) || is_others(it));
    let mut managers: Vec<_> =
        managers.map(|it| picked(it, &["manager", "operation", "fieldsV1"])).collect();
    managers.sort_by_key(|it| text(it, "/manager").to_owned());
    let (spec, status) = match kind {
        "services" | "statefulsets" => (object["spec"].clone(), Value::Null),
        "persistentvolumeclaims" => {
            let mut spec = object["spec"].clone();
            spec["volumeName"] = (!text(object, "/spec/volumeName").is_empty()).into();
            (spec, picked(&object["status"], &["phase", "capacity"]))
        }
        "pods" => (images(object), readiness(object)),
        "leases" => (json!({"holder": text(object, "/spec/holderIdentity")}), Value::Null),
        // What they hold is compressed and has the time in it; how many there are, and their order, are the same.
        _ => (object["revision"].clone(), Value::Null),
    };
    let mut labels = metadata["labels"].clone();
    if let Some(labels) = labels.as_object_mut() {
        // Of the node that the scheduler chose.
        labels.remove("topology.kubernetes.io/zone");
    }
    let counts = ["replicas", "readyReplicas", "updatedReplicas", "currentReplicas"];
    let status = if kind == "statefulsets" { picked(&object["status"], &counts) } else { status };
    json!({
        "labels": labels,
        "finalizers": metadata["finalizers"],
        "note": metadata["annotations"][NOTE],
        "deleting": metadata.get("deletionTimestamp").is_some(),
        "owners": owners,
        "managers": managers,
        "spec": spec,
        "status": status,
    })
}

fn images(pod: &Value) -> Value {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    containers.map(|it| picked(it, &["name", "image", "env"])).collect()
}

fn readiness(pod: &Value) -> Value {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let ready = conditions.filter(|it| it["type"] == "Ready").map(|it| it["status"].clone());
    json!({"phase": pod["status"]["phase"], "ready": ready.collect::<Vec<_>>()})
}

/// The differences, an object each.
pub(crate) fn differences(
    wanted: &BTreeMap<String, Value>,
    found: &BTreeMap<String, Value>,
) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    let differ = names.into_iter().filter(|name| wanted.get(*name) != found.get(*name));
    let show = |it: Option<&Value>| it.map_or_else(|| "nothing".to_owned(), Value::to_string);
    differ
        .map(|name| format!("{name} is {}, want {}", show(found.get(name)), show(wanted.get(name))))
        .collect()
}
