//! Objects without the fields that are left to others.
//!
//! Whoever applies rendered objects knows no policy of `ownership`: a field that stands in them is set at every sync,
//! against the autoscaler that it was left to. So a field with the policy `yield` is not rendered for others. Until
//! somebody sets it, an object has the server's default there.
//!
//! Some fields stay, because an object without them is refused, or is another one: names and keys, images, what
//! Kubernetes fixes at creation, and what guards data, nodes and credentials: nobody else may ever set that.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wellhead_spec::kubernetes::KEY_FIELDS;
use wellhead_spec::{FieldPath, OwnershipPolicy, PathPattern, Pipeline, Segment, keeps};

use crate::objects::labels;
use crate::set::ResourceSet;
use crate::{Object, item_name, object_leaves, objects, render};

/// Fields of every object that stay.
const OF_ALL: [&str; 4] = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/// Fields of a Service that stay.
const OF_SERVICE: [&str; 4] =
    ["spec.clusterIP", "spec.selector.**", "spec.ipFamilies.**", "spec.ipFamilyPolicy"];

/// Fields of a StatefulSet that stay. A probe or hook without what it does is refused, and a volume without a source.
const OF_STATEFUL_SET: [&str; 21] = [
    "spec.serviceName",
    "spec.selector.**",
    "spec.podManagementPolicy",
    "spec.ordinals.**",
    "spec.template.spec.*.*.image",
    "spec.template.spec.volumes.**",
    "spec.template.spec.*.*.**.exec.**",
    "spec.template.spec.*.*.**.httpGet.**",
    "spec.template.spec.*.*.**.tcpSocket.**",
    "spec.template.spec.*.*.**.grpc.**",
    "spec.template.spec.*.*.lifecycle.**",
    "spec.persistentVolumeClaimRetentionPolicy.**",
    "spec.template.spec.*.*.volumeMounts.**",
    "spec.template.spec.*.*.volumeDevices.**",
    "spec.template.spec.**.securityContext.**",
    "spec.template.spec.serviceAccountName",
    "spec.template.spec.automountServiceAccountToken",
    "spec.template.spec.hostNetwork",
    "spec.template.spec.hostPID",
    "spec.template.spec.hostIPC",
    "spec.template.spec.hostUsers",
];

/// Fields of a claim that may go. All others of its spec are fixed or required.
const OF_CLAIM: &str = "volumeAttributesClassName";

/// What [`ResourceSet::objects_for_others`] has, each object rendered when it is asked for, unless the pipeline leaves fields
/// to others.
pub fn objects_for_others(pipeline: &Pipeline) -> impl Iterator<Item = Object> {
    let leaves = !pipeline.spec.ownership_policies().is_empty();
    let all = leaves.then(|| render(pipeline).objects_for_others());
    let each = (!leaves).then(|| objects(pipeline));
    all.into_iter().flatten().chain(each.into_iter().flatten())
}

impl ResourceSet {
    /// The objects for others to apply: without the fields that the pipeline leaves to others.
    pub fn objects_for_others(&self) -> Vec<Object> {
        let mut objects = self.objects();
        // The last policy that names a field decides.
        let mut yields: BTreeMap<(&str, &str), BTreeMap<&FieldPath, bool>> = BTreeMap::new();
        for field in &self.ownership {
            let of = yields.entry((&field.kind, &field.name)).or_default();
            of.insert(&field.path, field.policy == OwnershipPolicy::Yield);
        }
        let selector = self.stateful_set.spec.as_ref().map(|it| &it.selector);
        let labels = selector.and_then(|it| it.match_labels.as_ref()).into_iter();
        let selected: Vec<&str> = labels.flat_map(BTreeMap::keys).map(String::as_str).collect();
        for object in &mut objects {
            let Some(of) = yields.get(&(object.kind.as_str(), object.name.as_str())) else {
                continue;
            };
            let stays = Stays::of(object, &selected);
            let paths = of.iter().filter(|(path, yields)| **yields && !stays.holds(path));
            let paths: BTreeSet<&FieldPath> = paths.map(|(path, _)| *path).collect();
            if !paths.is_empty() {
                leave_out(object, &paths);
            }
        }
        objects
    }
}

/// What stays of one object.
struct Stays<'s> {
    patterns: Vec<PathPattern>,
    /// The labels by which the StatefulSet knows its pods.
    selected: &'s [&'s str],
    is_claim: bool,
}

impl<'s> Stays<'s> {
    fn of(object: &Object, selected: &'s [&'s str]) -> Self {
        let own = match object.kind.as_str() {
            "Service" => &OF_SERVICE[..],
            "StatefulSet" => &OF_STATEFUL_SET[..],
            _ => &[],
        };
        let parse = |it: &&str| it.parse().expect("because a test parses each");
        Self {
            patterns: OF_ALL.iter().chain(own).map(parse).collect(),
            selected,
            is_claim: object.kind == "PersistentVolumeClaim",
        }
    }

    fn holds(&self, path: &FieldPath) -> bool {
        let steps: Vec<&str> = path
            .segments()
            .iter()
            .map(|step| match step {
                Segment::Key(key) => key.as_str(),
                Segment::Index(_) => "",
            })
            .collect();
        match steps[..] {
            ["metadata", "annotations", key] if self.is_claim => keeps(key),
            ["spec", field, ..] if self.is_claim => field != OF_CLAIM,
            ["metadata", "labels", key] => {
                labels::is_recommended(key) || self.selected.contains(&key)
            }
            ["spec", "template", "metadata", "labels", key] => self.selected.contains(&key),
            _ => self.patterns.iter().any(|pattern| pattern.matches(path)),
        }
    }
}

/// Removes leaves, and maps and items of which nothing is left. What the object cannot be without comes back.
fn leave_out(object: &mut Object, paths: &BTreeSet<&FieldPath>) {
    let whole = object.value.clone();
    strip(&mut object.value, &FieldPath::root(), paths);
    let required = match object.kind.as_str() {
        "Service" => filled::<Service>(&object.value),
        "StatefulSet" => filled::<StatefulSet>(&object.value),
        _ => filled::<PersistentVolumeClaim>(&object.value),
    };
    let present: BTreeSet<FieldPath> =
        object_leaves(&object.value).into_iter().map(|(path, _)| path).collect();
    let missing: Vec<FieldPath> = object_leaves(&required)
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !present.contains(path))
        .collect();
    for (path, value) in object_leaves(&whole) {
        if missing.iter().any(|it| it.contains(&path)) {
            put(&mut object.value, &path, value);
        }
    }
}

/// Whether nothing is left of a value.
fn strip(value: &mut Value, at: &FieldPath, paths: &BTreeSet<&FieldPath>) -> bool {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.retain(|key, value| !strip(value, &at.key(key), paths));
            fields.is_empty()
        }
        Value::Array(items) if !items.is_empty() => {
            let names: Vec<Segment> =
                items.iter().enumerate().map(|(index, item)| item_name(at, item, index)).collect();
            let mut names = names.into_iter();
            items.retain_mut(|item| {
                let keys = keys(item);
                let Some(name) = names.next() else { return true };
                let gone = strip(item, &at.with(name), paths);
                if let (false, Some(fields)) = (gone, item.as_object_mut()) {
                    fields.extend(keys);
                }
                !gone
            });
            items.is_empty()
        }
        _ => paths.contains(at),
    }
}

/// The fields by which an item of a list is known.
fn keys(item: &Value) -> Map<String, Value> {
    let fields = item.as_object().into_iter().flatten();
    let keys =
        fields.filter(|(key, value)| KEY_FIELDS.contains(&key.as_str()) && !value.is_object());
    keys.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A value with every field that its type requires.
fn filled<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let typed = serde_json::from_value::<T>(value.clone());
    typed.and_then(serde_json::to_value).unwrap_or_default()
}

/// Puts a leaf where it was, with the maps around it.
fn put(value: &mut Value, path: &FieldPath, leaf: &Value) {
    let mut at = FieldPath::root();
    let mut open = value;
    for step in path.segments() {
        let next = match (open, step) {
            (Value::Object(fields), Segment::Key(key)) => {
                Some(fields.entry(key.as_str()).or_insert_with(|| Value::Object(Map::new())))
            }
            (Value::Array(items), step) => {
                let named = |(index, item): (usize, &Value)| item_name(&at, item, index) == *step;
                let index = items.iter().enumerate().position(named);
                index.and_then(|index| items.get_mut(index))
            }
            _ => None,
        };
        let Some(next) = next else { return };
        open = next;
        at = at.with(step.clone());
    }
    *open = leaf.clone();
}

#[cfg(test)]
mod tests {
    use wellhead_spec::Pipeline;

    use super::*;
    use crate::render;

    fn rendered(ownership: &str) -> BTreeMap<String, Value> {
        let text = format!(
            "{{\"metadata\": {{\"name\": \"db\"}}, \"spec\": {{
                \"replicas\": 3, \"selector\": {{\"app\": \"db\"}}, \"podLabels\": {{\"tier\": \"a\"}},
                \"claims\": [{{\"name\": \"data\", \"size\": \"1Gi\", \"storageClass\": \"fast\", \"mountPath\": \"/data\",
                    \"annotations\": {{\"a\": \"b\"}}}}],
                \"containers\": [{{\"name\": \"db\", \"image\": \"db:1\",
                    \"env\": [{{\"name\": \"A\", \"value\": \"1\"}}, {{\"name\": \"B\", \"value\": \"2\"}}],
                    \"readinessProbe\": {{\"httpGet\": {{\"port\": 80}}, \"periodSeconds\": 5}},
                    \"resources\": {{\"limits\": {{\"cpu\": \"1\", \"memory\": \"1Gi\"}}}}}}],
                \"ownership\": {ownership}}}}}"
        );
        let pipeline: Pipeline = serde_json::from_str(&text).unwrap();
        let objects = render(&pipeline).objects_for_others();
        objects.into_iter().map(|it| (it.kind, it.value)).collect()
    }

    fn yielding(field: &str) -> BTreeMap<String, Value> {
        rendered(&format!("[{{\"field\": \"{field}\", \"policy\": \"yield\"}}]"))
    }

    #[test]
    fn every_pattern_can_be_read() {
        for pattern in OF_ALL.iter().chain(&OF_SERVICE).chain(&OF_STATEFUL_SET) {
            assert!(pattern.parse::<PathPattern>().is_ok(), "{pattern}");
        }
    }

    #[test]
    fn what_is_left_to_others_is_not_rendered() {
        assert_eq!(yielding("replicas")["StatefulSet"]["spec"]["replicas"], Value::Null);
        let objects = yielding("containers.*.resources");
        let container = &objects["StatefulSet"]["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["resources"], Value::Null);
        assert_eq!(container["image"], "db:1");
        let objects = yielding("containers.db.resources.limits.cpu");
        let container = &objects["StatefulSet"]["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["resources"], serde_json::json!({"limits": {"memory": "1Gi"}}));
        let objects = yielding("containers.db.env.A");
        let container = &objects["StatefulSet"]["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["env"], serde_json::json!([{"name": "B", "value": "2"}]));
        let annotations =
            &yielding("claims.*.annotations")["PersistentVolumeClaim"]["metadata"]["annotations"];
        assert_eq!((&annotations["a"], annotations.as_object().unwrap().len()), (&Value::Null, 5));
    }

    #[test]
    fn other_policies_leave_nothing_out_and_the_last_one_decides() {
        let all = rendered("[]");
        assert_eq!(rendered(r#"[{"field": "replicas", "policy": "share"}]"#), all);
        let over = r#"[{"field": "**", "policy": "yield"}, {"field": "**", "policy": "take"}]"#;
        assert_eq!(rendered(over), all);
    }

    #[test]
    fn what_an_object_cannot_be_without_stays() {
        for field in [
            "containers.*.image",
            "selector",
            "claims.*.size",
            "claims.*.storageClass",
            "service.name",
        ] {
            assert_eq!(yielding(field), rendered("[]"), "{field}");
        }
        let objects = yielding("**");
        let set = &objects["StatefulSet"]["spec"];
        assert_eq!(set["template"]["metadata"]["labels"], serde_json::json!({"app": "db"}));
        let container = &set["template"]["spec"]["containers"][0];
        assert_eq!(container["readinessProbe"], serde_json::json!({"httpGet": {"port": 80}}));
        assert_eq!(container["volumeMounts"][0]["mountPath"], "/data");
        assert_eq!((&container["name"], &container["image"]), (&"db".into(), &"db:1".into()));
        assert_eq!(
            set["volumeClaimTemplates"],
            rendered("[]")["StatefulSet"]["spec"]["volumeClaimTemplates"]
        );
    }
}
