//! Objects without what says nothing: what a server makes, and what it fills in where nothing is said.
//!
//! The defaults are those of the API server, which fills them into every object before it stores it:
//! `pkg/apis/core/v1/defaults.go` and `pkg/apis/apps/v1/defaults.go` of
//! <https://github.com/kubernetes/kubernetes/tree/v1.36.3>. Zeros of fields that it does not store are left out, too.

mod nothing;

use serde_json::{Map, Value, json};
use wellhead_spec::kubernetes::USER_MAPS;
use wellhead_spec::{ImageReference, Quantity};

use nothing::is_nothing;

/// Annotations that the server or a client keeps for itself.
const OWN_ANNOTATIONS: [&str; 1] = ["kubectl.kubernetes.io/last-applied-configuration"];
/// What the server makes of an object's metadata.
pub(super) const SERVERS: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];
/// What a pod template may say and no controller reads: pods have names of their own.
const UNREAD: [&str; 3] = ["generateName", "name", "namespace"];

/// Maps that server-side apply compares as wholes, with a field that the server fills in: it is said, because the
/// map would be another one without it. The value is JSON.
const WHOLES: [(&str, &str, &str); 3] = [
    ("fieldRef", "apiVersion", "\"v1\""),
    ("resourceFieldRef", "divisor", "\"0\""),
    ("serviceAccountToken", "expirationSeconds", "3600"),
];

/// Leaves out of an object what a server would fill in or not store.
pub(super) fn plain(object: &mut Value) {
    let chosen = chose_families(object);
    walk("", object);
    metadata(object);
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    match object["kind"].as_str() {
        Some("StatefulSet") => stateful_set(&mut object["spec"]),
        Some("Service") => service(&mut object["spec"], chosen),
        Some("PersistentVolumeClaim") => claim(&mut object["spec"]),
        _ => {}
    }
}

fn walk(holder: &str, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(holder, item)),
        Value::Object(fields) if holder == "selector" || USER_MAPS.contains(&holder) => {
            fields.retain(|_, value| !value.is_null());
        }
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                walk(field, value);
            }
            fields.retain(|field, value| !is_nothing(holder, field, value));
            if let Some((_, field, value)) = WHOLES.iter().find(|it| it.0 == holder) {
                let value = serde_json::from_str(value).unwrap_or_default();
                fields.entry(*field).or_insert(value);
            }
        }
        _ => {}
    }
}

/// Writes the quantities of an object as the server does.
pub(super) fn canonical(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(canonical),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                match (field.as_str(), &mut *value) {
                    ("limits" | "requests", Value::Object(amounts)) => {
                        amounts.values_mut().for_each(quantity);
                    }
                    ("sizeLimit" | "divisor", value) => quantity(value),
                    ("labels" | "annotations", _) => {}
                    _ => canonical(value),
                }
            }
        }
        _ => {}
    }
}

/// A quantity as the server writes it. One that is none stays, and is found later.
fn quantity(value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            // JSON, which kubectl makes of YAML, writes whole numbers without a point.
            #[expect(clippy::cast_possible_truncation, reason = "it is small and has no fraction")]
            Some(it) if number.is_f64() && it.fract() == 0.0 && it.abs() < 1e15 => {
                (it as i64).to_string()
            }
            _ => number.to_string(),
        },
        _ => return,
    };
    *value = Quantity::new(text.as_str()).map_or(text, |it| it.canonical()).into();
}

fn metadata(object: &mut Value) {
    let Some(Value::Object(fields)) = object.get_mut("metadata") else { return };
    fields.retain(|field, _| !SERVERS.contains(&field.as_str()));
    if let Some(Value::Object(annotations)) = fields.get_mut("annotations") {
        annotations.retain(|key, _| !OWN_ANNOTATIONS.contains(&key.as_str()));
        if annotations.is_empty() {
            fields.remove("annotations");
        }
    }
}

/// Removes a field that has this value.
fn drop_if(fields: &mut Value, field: &str, value: &Value) {
    if fields.get(field) == Some(value)
        && let Some(fields) = fields.as_object_mut()
    {
        fields.remove(field);
    }
}

fn stateful_set(spec: &mut Value) {
    if !spec.is_object() {
        return;
    }
    drop_if(spec, "podManagementPolicy", &json!("OrderedReady"));
    drop_if(spec, "revisionHistoryLimit", &json!(10));
    if let Some(strategy) = spec.get_mut("updateStrategy") {
        if let Some(rolling) = strategy.get_mut("rollingUpdate") {
            drop_if(rolling, "partition", &json!(0));
            drop_if(rolling, "maxUnavailable", &json!(1));
        }
        drop_if(strategy, "rollingUpdate", &json!({}));
        drop_if(strategy, "type", &json!("RollingUpdate"));
    }
    drop_if(spec, "updateStrategy", &json!({}));
    if let Some(policy) = spec.get_mut("persistentVolumeClaimRetentionPolicy") {
        drop_if(policy, "whenDeleted", &json!("Retain"));
        drop_if(policy, "whenScaled", &json!("Retain"));
    }
    drop_if(spec, "persistentVolumeClaimRetentionPolicy", &json!({}));
    for template in
        spec.get_mut("volumeClaimTemplates").and_then(Value::as_array_mut).into_iter().flatten()
    {
        if let Some(fields) = template.as_object_mut() {
            fields.retain(|field, _| ["metadata", "spec"].contains(&field.as_str()));
        }
        metadata(template);
        // Claims are made in the namespace of their StatefulSet.
        if let Some(Value::Object(fields)) = template.get_mut("metadata") {
            fields.remove("namespace");
        }
        claim(&mut template["spec"]);
    }
    if let Some(template) = spec.get_mut("template") {
        if let Some(Value::Object(fields)) = template.get_mut("metadata") {
            let nothing = |field: &str| SERVERS.contains(&field) || UNREAD.contains(&field);
            fields.retain(|field, _| !nothing(field));
        }
        if let Some(pod) = template.get_mut("spec") {
            self::pod(pod);
        }
    }
}

fn claim(spec: &mut Value) {
    drop_if(spec, "volumeMode", &json!("Filesystem"));
}

fn pod(spec: &mut Value) {
    drop_if(spec, "restartPolicy", &json!("Always"));
    drop_if(spec, "dnsPolicy", &json!("ClusterFirst"));
    drop_if(spec, "schedulerName", &json!("default-scheduler"));
    drop_if(spec, "terminationGracePeriodSeconds", &json!(30));
    drop_if(spec, "securityContext", &json!({}));
    let Some(fields) = spec.as_object_mut() else { return };
    // An older name of the same field.
    if let Some(account) = fields.remove("serviceAccount") {
        fields.entry("serviceAccountName").or_insert(account);
    }
    let list = |fields: &mut Map<String, Value>, name: &str, each: fn(&mut Value)| {
        fields.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(each);
    };
    for name in ["containers", "initContainers"] {
        list(fields, name, |container| {
            drop_if(container, "resources", &json!({}));
            pull_policy(container, "image", "imagePullPolicy");
        });
    }
    list(fields, "volumes", |volume| {
        if let Some(fields) = volume.as_object_mut()
            && fields.keys().all(|key| key == "name")
        {
            fields.insert("emptyDir".to_owned(), json!({}));
        }
        if let Some(image) = volume.get_mut("image") {
            pull_policy(image, "reference", "pullPolicy");
        }
        if let Some(template) = volume.pointer_mut("/ephemeral/volumeClaimTemplate") {
            if let Some(Value::Object(fields)) = template.get_mut("metadata") {
                fields.remove("creationTimestamp");
            }
            drop_if(template, "metadata", &json!({}));
            claim(&mut template["spec"]);
        }
    });
}

/// <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
fn pull_policy(holder: &mut Value, image: &str, policy: &str) {
    let image = holder.get(image).and_then(Value::as_str).unwrap_or_default();
    let latest = ImageReference::new(image).is_ok_and(|it| match it.tag() {
        Some(tag) => tag == "latest",
        None => it.digest().is_none(),
    });
    drop_if(holder, policy, &json!(if latest { "Always" } else { "IfNotPresent" }));
}

/// Whether the address families of a Service were chosen: it is one of a file, or a field manager owns them. A server
/// fills in the family of its cluster, which no field manager owns, and which differs from cluster to cluster.
fn chose_families(object: &Value) -> bool {
    let managers = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    managers
        .is_none_or(|it| it.iter().any(|it| it.pointer("/fieldsV1/f:spec/f:ipFamilies").is_some()))
}

fn service(spec: &mut Value, chose_families: bool) {
    drop_if(spec, "type", &json!("ClusterIP"));
    drop_if(spec, "clusterIPs", &json!(["None"]));
    drop_if(spec, "internalTrafficPolicy", &json!("Cluster"));
    drop_if(spec, "sessionAffinity", &json!("None"));
    drop_if(spec, "sessionAffinityConfig", &json!({"clientIP": {"timeoutSeconds": 10_800}}));
    drop_if(spec, "ipFamilyPolicy", &json!("SingleStack"));
    if !chose_families {
        for family in ["IPv4", "IPv6"] {
            drop_if(spec, "ipFamilies", &json!([family]));
        }
    }
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten() {
        let number = port["port"].clone();
        drop_if(port, "targetPort", &number);
    }
}
