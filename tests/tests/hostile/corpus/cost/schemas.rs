//! Schemas, and configs that they are compared with.

use serde_json::{Map, Value, json};
use wellhead_tests::guest::Guest;

use super::{Shape, hold};

/// A guest with a schema, and configs for it.
fn with_schema(what: &str, schema: &Value, configs: &[String]) -> Vec<Shape> {
    let text = schema.to_string();
    let length = i64::try_from(text.len()).unwrap();
    let guest = Guest::new().memory("20").data(100_000, &text).describes_with(3, 100_000, length);
    let plugin = guest.build();
    let shape = |config: &String| Shape {
        what: what.to_owned(),
        plugin: plugin.clone(),
        config: config.clone(),
    };
    configs.iter().map(shape).collect()
}

#[test]
fn the_host_spends_little_on_any_schema_and_config() {
    let mut shapes = Vec::new();
    let keys = (0..10_000).map(|at| format!("\"k{at}\":{at}")).collect::<Vec<_>>().join(",");
    let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    let configs = [
        format!("[{}]", vec!["{\"a\":\"b\"}"; 20_000].join(",")),
        format!("{{\"a\":{deep},\"b\":\"{}\",{keys}}}", "a".repeat(200_000)),
    ];
    for (what, schema) in of_texts_and_references().into_iter().chain(of_values()) {
        shapes.extend(with_schema(what, &schema, &configs));
    }
    hold(shapes.into_iter());
}

fn wide(value: &Value, count: usize) -> Value {
    vec![value.clone(); count].into()
}

fn named(value: &Value, count: usize) -> Value {
    let named = (0..count).map(|at| (format!("k{at}"), value.clone()));
    named.collect::<Map<_, _>>().into()
}

fn nest(count: usize, level: fn(Value) -> Value) -> Value {
    (0..count).fold(json!({}), |inner, _| level(inner))
}

/// Patterns, references, and what asks which part of a value was looked at.
fn of_texts_and_references() -> Vec<(&'static str, Value)> {
    let recursive = json!({"$ref": "#"});
    vec![
        ("patterns", json!({"properties": named(&json!({"pattern": "^(a|b)*c{1,50}$"}), 900)})),
        (
            "repeated classes",
            json!({"pattern": "(\\p{L}{1,200}){1,10}", "items": {"pattern": "[\\w-]{1,900}x"}}),
        ),
        ("look-around", json!({"pattern": "^(?=(a+)+$)(?!b)(a+)+$"})),
        ("back references", json!({"pattern": "^(a*)*\\1b$"})),
        (
            "patterns of properties",
            json!({"patternProperties": named(&json!({"minimum": 3}), 900)}),
        ),
        (
            "unevaluatedProperties",
            json!({"unevaluatedProperties": false, "allOf": wide(&json!({"properties": {"a": {}}}), 2_000)}),
        ),
        (
            "unevaluatedProperties in each other",
            nest(
                50,
                |it| json!({"allOf": [it, {"properties": {"a": true}}], "unevaluatedProperties": {"type": "object"}}),
            ),
        ),
        (
            "unevaluatedItems",
            json!({"unevaluatedItems": false, "anyOf": wide(&json!({"contains": {"const": 1}}), 2_000)}),
        ),
        (
            "dynamic references",
            json!({"$dynamicAnchor": "n", "additionalProperties": {"$dynamicRef": "#n"}, "items": {"$dynamicRef": "#n"}}),
        ),
        (
            "dynamic references that double",
            json!({"$dynamicAnchor": "n", "allOf": [{"properties": {"a": {"$dynamicRef": "#n"}}}, {"properties": {"a": {"$dynamicRef": "#n"}}}]}),
        ),
        ("references to itself", json!({"allOf": [recursive, recursive]})),
        (
            "references that double by a property",
            json!({"allOf": [{"properties": {"a": recursive}}, {"properties": {"a": recursive}}]}),
        ),
    ]
}

/// Keywords of lists, objects and numbers.
fn of_values() -> Vec<(&'static str, Value)> {
    let formats =
        ["date-time", "email", "idn-hostname", "ipv6", "iri", "uri-template", "uuid", "duration"];
    let formats = formats.map(|it| json!({"format": it}));
    let identified =
        |at| (format!("d{at}"), json!({"$id": format!("http://x/{at}"), "$anchor": "a"}));
    let identified: Map<_, _> = (0..2_000).map(identified).collect();
    vec![
        ("uniqueItems", json!({"uniqueItems": true, "items": {"uniqueItems": true}})),
        (
            "contains",
            json!({"contains": {"contains": {"const": 1}}, "minContains": 100_000, "maxContains": 0}),
        ),
        ("large enumerations", json!({"enum": wide(&json!({"a": [1, 2, 3]}), 8_000)})),
        (
            "formats",
            json!({"items": {"additionalProperties": {"format": "idn-email"}}, "format": "regex"}),
        ),
        ("each format", json!({"allOf": formats})),
        (
            "names of properties",
            json!({"propertyNames": {"pattern": "^(k|a)+[0-9]{1,9}$", "anyOf": wide(&json!({"maxLength": 1}), 500)}}),
        ),
        (
            "dependencies",
            json!({"dependentSchemas": named(&json!({"required": ["a", "b"]}), 4_000), "dependentRequired": named(&json!(["x", "y"]), 4_000)}),
        ),
        (
            "numbers",
            json!({"additionalProperties": {"multipleOf": 1e-308, "maximum": 1e308, "exclusiveMinimum": -1e308}}),
        ),
        ("schemas in schemas", nest(60, |it| json!({"not": {"items": it}, "if": {}, "then": {}}))),
        ("identifiers", json!({"$defs": identified})),
        (
            "an older draft",
            json!({"$schema": "http://json-schema.org/draft-04/schema#", "dependencies": named(&json!({"extends": {}}), 3_000)}),
        ),
        ("one of many", json!({"oneOf": wide(&json!({"required": ["a"]}), 3_000)})),
        (
            "items that all fail",
            json!({"items": {"allOf": wide(&json!({"minProperties": 5}), 300)}}),
        ),
    ]
}
