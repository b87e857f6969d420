//! The JSON Schema of each kind, for editors and for the reader's list of violations.

use std::sync::LazyLock;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::model::pipeline::API_VERSION;
use crate::values::quantity;
use crate::{Customization, Facts, Lock, Pipeline, PluginCase, PluginProject, TrustPolicy};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// JSON Schema (draft 2020-12) of every kind, for editors.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut kinds = Vec::new();
    for (kind, mut schema) in [
        ("Pipeline", pipeline_schema()),
        ("Customization", customization_schema()),
        ("PluginProject", of_document::<PluginProject>("PluginProject")),
        ("PluginCase", of_document::<PluginCase>("PluginCase")),
        ("Lock", of_document::<Lock>("Lock")),
        ("TrustPolicy", of_document::<TrustPolicy>("TrustPolicy")),
        ("Facts", of_document::<Facts>("Facts")),
    ] {
        if let Some(Value::Object(more)) = schema.as_object_mut().and_then(|it| it.remove("$defs"))
        {
            definitions.extend(more);
        }
        if let Some(fields) = schema.as_object_mut() {
            fields.remove("$schema");
        }
        definitions.insert(kind.to_owned(), schema);
        kinds.push(json!({ "$ref": format!("#/$defs/{kind}") }));
    }
    json!({
        "$schema": DIALECT,
        "title": format!("Wellhead {API_VERSION}"),
        "oneOf": kinds,
        "$defs": definitions,
    })
}

/// JSON Schema (draft 2020-12) of a [`Pipeline`] document.
pub fn pipeline_schema() -> Value {
    of_document::<Pipeline>("Pipeline")
}

/// JSON Schema (draft 2020-12) of a [`Customization`] document.
pub fn customization_schema() -> Value {
    of_document::<Customization>("Customization")
}

/// The schema of a kind with what tells it from the others.
fn of_document<T: JsonSchema>(kind: &str) -> Value {
    let mut schema = of::<T>();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let api_version = "The version of the format.";
        properties.insert(
            "apiVersion".into(),
            json!({ "const": API_VERSION, "description": api_version }),
        );
        properties.insert(
            "kind".into(),
            json!({ "const": kind, "description": "The kind of document." }),
        );
    }
    if let Some(fields) = schema.as_object_mut() {
        let required = fields.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.splice(0..0, [json!("apiVersion"), json!("kind")]);
        }
    }
    schema
}

/// A schema and what checks values against it.
pub(crate) struct Checker {
    pub(crate) schema: Value,
    pub(crate) validator: Validator,
}

impl Checker {
    fn new(schema: Value) -> Self {
        let validator = jsonschema::draft202012::new(&schema)
            .expect("because the schema is made of our own types, and a test compiles it");
        Self { schema, validator }
    }
}

/// The checker of a pipeline without `apiVersion` and `kind`. Made once, when first needed.
pub(crate) fn pipeline_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<Pipeline>()));
    &CHECKER
}

/// The checker of a customization without `apiVersion` and `kind`.
pub(crate) fn customization_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<Customization>()));
    &CHECKER
}

/// The checker of a plugin's project without `apiVersion` and `kind`.
pub(crate) fn project_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<PluginProject>()));
    &CHECKER
}

/// The checker of a test case without `apiVersion` and `kind`.
pub(crate) fn case_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<PluginCase>()));
    &CHECKER
}

/// The checker of facts without `apiVersion` and `kind`.
pub(crate) fn facts_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<Facts>()));
    &CHECKER
}

/// The checker of a lock without `apiVersion` and `kind`.
pub(crate) fn lock_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<Lock>()));
    &CHECKER
}

/// The checker of a trust policy without `apiVersion` and `kind`.
pub(crate) fn trust_policy_checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(of::<TrustPolicy>()));
    &CHECKER
}

/// The schema of a type, as strict as the reader.
fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    RecursiveTransform(strict).transform(&mut schema);
    let mut schema = schema.to_value();
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (name, definition) in definitions {
            if name.ends_with(".Quantity") {
                *definition = json!({
                    "description": "An amount, e.g. `500m` or `10Gi`.",
                    "type": ["string", "number"],
                    "pattern": quantity::PATTERN,
                    "x-rule": quantity::RULE,
                });
            }
        }
    }
    schema
}

/// Says what the types say and their schemas leave open: no unknown fields, no null, the range of
/// an integer, the type of a port that is a number or a name.
fn strict(schema: &mut Schema) {
    let Some(fields) = schema.as_object_mut() else { return };
    no_null(fields);
    one_enum(fields);
    if fields.contains_key("properties") && !fields.contains_key("additionalProperties") {
        fields.insert("additionalProperties".into(), json!(false));
    }
    if fields.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
        fields.insert("type".into(), json!(["integer", "string"]));
        fields.insert("format".into(), json!("int32"));
    }
    let range = match fields.get("format").and_then(Value::as_str) {
        Some("int32") => Some((json!(i32::MIN), json!(i32::MAX))),
        Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
        _ => None,
    };
    if let Some((minimum, maximum)) = range {
        fields.entry("minimum").or_insert(minimum);
        fields.entry("maximum").or_insert(maximum);
    }
    if let Some(Value::String(description)) = fields.get_mut("description") {
        let end = description.find("\n\n").unwrap_or(description.len());
        // Links of rustdoc mean nothing to an editor.
        *description = description[..end].replace("[`", "`").replace("`]", "`");
    }
}

/// Null is not a value of any field, so a field that may be left out has no other type.
fn no_null(fields: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|it| it != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            fields.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(options)) = fields.get_mut("anyOf") {
        options.retain(|it| it.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = &options[..] {
            let only = only.clone();
            fields.remove("anyOf");
            for (key, value) in only {
                fields.entry(key).or_insert(value);
            }
        }
    }
    if fields.get("default") == Some(&Value::Null) {
        fields.remove("default");
    }
}

/// Alternatives that are one text each become one `enum`, which has better messages.
fn one_enum(fields: &mut Map<String, Value>) {
    let Some(Value::Array(options)) = fields.get("oneOf") else { return };
    let Some(texts) = options.iter().map(|it| it.get("const").cloned()).collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let described =
        options.iter().map(|it| it.get("description").and_then(Value::as_str).unwrap_or(""));
    let described: Vec<_> = described.map(str::to_owned).collect();
    fields.remove("oneOf");
    fields.insert("type".into(), json!("string"));
    fields.insert("enum".into(), Value::Array(texts));
    // Shown by VS Code and the YAML language server.
    fields.insert("markdownEnumDescriptions".into(), json!(described));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_schemas_are_valid_schemas() {
        for schema in [schema(), pipeline_schema(), customization_schema()] {
            assert_eq!(schema["$schema"], DIALECT);
            jsonschema::draft202012::meta::validate(&schema).unwrap();
            jsonschema::draft202012::new(&schema).unwrap();
        }
    }

    #[test]
    fn every_object_says_whether_it_takes_other_fields() {
        fn check(at: &str, value: &Value) {
            if let Value::Object(fields) = value {
                if fields.get("properties").is_some_and(Value::is_object)
                    && fields.get("type") == Some(&json!("object"))
                {
                    assert!(fields.contains_key("additionalProperties"), "{at}");
                }
                fields.iter().for_each(|(key, value)| check(&format!("{at}/{key}"), value));
            }
        }
        check("", &schema());
    }

    #[test]
    fn checkers_can_be_made() {
        assert!(pipeline_checker().validator.is_valid(&json!({
            "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}]}
        })));
        assert!(!customization_checker().validator.is_valid(&json!({})));
    }
}
