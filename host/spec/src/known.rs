//! Whether a pattern can name a field at all. Grants and what plugins ask for are only texts, so that
//! a misspelt one would quietly mean nothing.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::draft::METADATA;
use crate::path::pattern::Step;
use crate::{FieldPath, PathPattern, Segment, closest, pipeline_schema};

/// A step of a pattern that no pipeline has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// The step, e.g. `podLabel`.
    pub name: String,
    /// The field that was probably meant.
    pub meant: Option<String>,
}

/// The schema of a draft, in which paths begin, and the definitions that it refers to.
static DRAFT: LazyLock<(Value, Map<String, Value>)> = LazyLock::new(|| {
    let mut schema = pipeline_schema();
    let definitions = match schema["$defs"].take() {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    };
    let mut draft = Map::new();
    for part in ["metadata", "spec"] {
        let fields = resolve(&schema["properties"][part], &definitions)["properties"].as_object();
        for (name, field) in fields.into_iter().flatten() {
            if METADATA.contains(&name.as_str()) == (part == "metadata") {
                draft.insert(name.clone(), field.clone());
            }
        }
    }
    (json!({ "properties": draft }), definitions)
});

/// What is below a step.
enum Below<'s> {
    /// This.
    Schema(&'s Value),
    /// Nothing that the schema describes.
    Anything,
    /// Nothing: these would be there.
    Nothing(Vec<&'s str>),
}

impl PathPattern {
    /// The first step that no pipeline has, whatever its containers, claims and labels are called.
    pub fn unknown_field(&self) -> Option<UnknownField> {
        unknown_of(self.steps().iter())
    }
}

impl PathPattern {
    /// The field to which the pattern adds items, where no pipeline has a list there.
    pub fn adds_to_no_list(&self) -> Option<Self> {
        let field = self.added_to()?;
        let (draft, definitions) = &*DRAFT;
        let mut schema = draft;
        for step in field.steps() {
            match below(schema, step) {
                Below::Schema(next) => schema = resolve(next, definitions),
                // What no pipeline has at all is told of the field.
                Below::Anything | Below::Nothing(_) => return None,
            }
        }
        schema.get("items").is_none().then_some(field)
    }
}

impl FieldPath {
    /// The same of a path.
    pub fn unknown_field(&self) -> Option<UnknownField> {
        let steps: Vec<_> = self.segments().iter().cloned().map(Step::Exactly).collect();
        unknown_of(steps.iter())
    }
}

fn unknown_of<'s>(steps: impl Iterator<Item = &'s Step>) -> Option<UnknownField> {
    let (draft, definitions) = &*DRAFT;
    let mut schema = draft;
    for step in steps {
        match below(schema, step) {
            Below::Schema(next) => schema = resolve(next, definitions),
            Below::Anything => return None,
            Below::Nothing(fields) => {
                let Step::Exactly(Segment::Key(name)) = step else { return None };
                let meant = closest(name, &fields).map(str::to_owned);
                return Some(UnknownField { name: name.to_string(), meant });
            }
        }
    }
    None
}

fn below<'s>(schema: &'s Value, step: &Step) -> Below<'s> {
    if let Some(items) = schema.get("items") {
        return if *step == Step::Many { Below::Anything } else { Below::Schema(items) };
    }
    let fields = schema.get("properties").and_then(Value::as_object);
    match (fields, schema.get("additionalProperties"), step) {
        (Some(fields), _, Step::Exactly(Segment::Key(key))) if fields.contains_key(&**key) => {
            Below::Schema(&fields[&**key])
        }
        (_, _, Step::Many) => Below::Anything,
        (_, Some(values @ Value::Object(_)), _) => Below::Schema(values),
        (Some(fields), None | Some(Value::Bool(false)), Step::Exactly(_)) => {
            Below::Nothing(fields.keys().map(String::as_str).collect())
        }
        (None, None, Step::Exactly(_)) if is_scalar(schema) => Below::Nothing(Vec::new()),
        _ => Below::Anything,
    }
}

/// Whether a value of this schema has nothing inside.
fn is_scalar(schema: &Value) -> bool {
    let scalar = |name: &Value| {
        matches!(name.as_str(), Some("string" | "integer" | "number" | "boolean" | "null"))
    };
    match &schema["type"] {
        Value::Array(types) => types.iter().all(scalar),
        one => scalar(one),
    }
}

/// A schema instead of a reference to it, and the other one of a value that may be `null`.
fn resolve<'s>(schema: &'s Value, definitions: &'s Map<String, Value>) -> &'s Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.trim_start_matches("#/$defs/");
        return definitions.get(name).map_or(schema, |it| resolve(it, definitions));
    }
    let forms = ["anyOf", "oneOf"].into_iter().find_map(|it| schema.get(it)?.as_array());
    let forms: Vec<_> = forms.into_iter().flatten().filter(|it| it["type"] != "null").collect();
    match forms[..] {
        [one] => resolve(one, definitions),
        _ => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protected::PROTECTED;

    fn unknown(pattern: &str) -> Option<UnknownField> {
        pattern.parse::<PathPattern>().unwrap().unknown_field()
    }

    #[test]
    fn fields_that_pipelines_have_are_known() {
        for pattern in [
            "**",
            "*",
            "replicas",
            "name",
            "podLabels.team",
            "labels[\"example.com/team\"]",
            "containers.*.image",
            "containers.*.resources.limits.cpu",
            "containers.*.ports.80/TCP.name",
            "containers.nginx.volumeMounts[\"/data\"].readOnly",
            "containers.*.env.A.valueFrom.secretKeyRef.name",
            "claims.data.storageClass",
            "service.ports.80/TCP.targetPort",
            "affinity.**",
            "affinity.nodeAffinity",
            "tolerations[0].key",
            "volumes.cache.emptyDir.sizeLimit",
        ] {
            assert_eq!(unknown(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn items_are_added_to_lists_alone() {
        for (pattern, field) in [
            ("tolerations[+]", None),
            ("containers[+]", None),
            ("containers.*.args[+]", None),
            ("affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[+]", None),
            ("**[+]", None),
            ("nothing[+]", None),
            ("replicas[+]", Some("replicas")),
            ("labels[+]", Some("labels")),
            ("containers.db[+]", Some("containers.db")),
        ] {
            let pattern: PathPattern = pattern.parse().unwrap();
            let found = pattern.adds_to_no_list().map(|it| it.to_string());
            assert_eq!(found.as_deref(), field, "{pattern}");
        }
    }

    #[test]
    fn protected_fields_are_known() {
        for field in PROTECTED.iter().flat_map(|row| row.fields) {
            let step = |step: &str| if step.starts_with('{') { "*" } else { step }.to_owned();
            let pattern = field.split('.').map(step).collect::<Vec<_>>().join(".");
            assert_eq!(unknown(&pattern), None, "{pattern}");
        }
    }

    #[test]
    fn misspelt_fields_are_told_with_what_was_meant() {
        for (pattern, name, meant) in [
            ("replica", "replica", Some("replicas")),
            ("podLabel.team", "podLabel", Some("podLabels")),
            ("containers.*.imgae", "imgae", Some("image")),
            ("claims.data.storageClassName", "storageClassName", Some("storageClass")),
            ("spec.replicas", "spec", None),
            ("replicas.count", "count", None),
        ] {
            let found = unknown(pattern);
            let expected = UnknownField { name: name.into(), meant: meant.map(str::to_owned) };
            assert_eq!(found, Some(expected), "{pattern}");
        }
    }
}
