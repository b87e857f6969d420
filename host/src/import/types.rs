//! Every field of the types that an import reads, with a value that no server fills in: what is left out of a plain
//! object without a word is known by name.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::plain::{SERVERS, plain};

/// One field with a value: its JSON pointer, and the value in all that holds it.
type Field = (String, Value);

/// Every leaf of a type.
fn fields<T: JsonSchema>() -> Vec<Field> {
    let mut generator = SchemaGenerator::default();
    let root = generator.subschema_for::<T>().to_value();
    let definitions = generator.take_definitions(false);
    below(&root, &definitions)
}

fn below(schema: &Value, definitions: &Map<String, Value>) -> Vec<Field> {
    let inside =
        |key: &str, (pointer, value): Field| (format!("/{key}{pointer}"), json!({ key: value }));
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return below(&definitions[name], definitions);
    }
    if let Some(fields) = schema["properties"].as_object() {
        let each = fields.iter();
        return each
            .flat_map(|(key, schema)| {
                below(schema, definitions).into_iter().map(move |field| inside(key, field))
            })
            .collect();
    }
    let some = |value: Value| vec![(String::new(), value)];
    match schema["type"].as_str() {
        Some("array") => {
            let items = below(&schema["items"], definitions).into_iter();
            items.map(|(pointer, value)| (format!("/0{pointer}"), json!([value]))).collect()
        }
        Some("object") if schema["additionalProperties"].is_object() => {
            let values = below(&schema["additionalProperties"], definitions).into_iter();
            values.map(|field| inside("odd", field)).collect()
        }
        Some("object") => some(json!({"odd": 1})),
        Some("integer" | "number") => some(json!(7777)),
        Some("boolean") => some(json!(true)),
        _ => some(json!("odd")),
    }
}

/// The fields of a type that a plain object does not have any more.
fn silent<T: JsonSchema>(version: &str, kind: &str) -> Vec<String> {
    let fields = fields::<T>();
    assert!(fields.len() > 50, "the schema has fields");
    let gone = fields.into_iter().filter(|(pointer, value)| {
        let mut object = value.clone();
        if pointer != "/kind" && pointer != "/apiVersion" {
            (object["apiVersion"], object["kind"]) = (version.into(), kind.into());
        }
        plain(&mut object);
        object.pointer(pointer) != value.pointer(pointer)
    });
    gone.map(|it| it.0).collect()
}

/// What only the server writes.
fn is_servers(pointer: &str) -> bool {
    let field = pointer.rsplit_once("/metadata/").map_or("", |it| it.1);
    let field = field.split('/').next().unwrap_or_default();
    pointer.starts_with("/status/") || SERVERS.contains(&field)
}

#[test]
fn nothing_of_the_types_is_left_out_in_silence_but_what_means_nothing() {
    let mut left_out = silent::<StatefulSet>("apps/v1", "StatefulSet");
    left_out
        .retain(|it| !is_servers(it) && !it.starts_with("/spec/volumeClaimTemplates/0/status/"));
    let expected = [
        // Pods have names of their own, and live in the namespace of their StatefulSet, as claims do.
        "/spec/template/metadata/generateName",
        "/spec/template/metadata/name",
        "/spec/template/metadata/namespace",
        // The older name of a field.
        "/spec/template/spec/serviceAccount",
        // What a claim template is.
        "/spec/volumeClaimTemplates/0/apiVersion",
        "/spec/volumeClaimTemplates/0/kind",
        "/spec/volumeClaimTemplates/0/metadata/namespace",
    ];
    assert_eq!(left_out, expected);

    let mut left_out = silent::<Service>("v1", "Service");
    left_out.extend(silent::<PersistentVolumeClaim>("v1", "PersistentVolumeClaim"));
    left_out.retain(|it| !is_servers(it));
    assert_eq!(left_out, [""; 0]);
}
