//! Any schema against any config.

use serde_json::{Deserializer, Value, json};
use wellhead_chain::fuzzed::check_light_config;

/// Keywords and references of a schema.
pub(crate) const WORDS: &[&str] = &[
    "\"$ref\": \"#\"",
    "\"$ref\": \"#/$defs/a\"",
    "\"$ref\": \"#/$defs/b\"",
    "\"$ref\": \"#/%24defs/%61\"",
    "%",
    "%23",
    "%2",
    "\"$id\": \"a\"",
    "\"$dynamicRef\": \"#a\"",
    "\"allOf\": [",
    "\"oneOf\": [",
    "\"not\": {",
    "\"if\": {",
    "\"contains\": {",
    "\"pattern\": \"(a{99}){99}\"",
    "\"patternProperties\": {\"^a\": {}}",
    "\"unevaluatedProperties\": false",
    "\"uniqueItems\": true",
    "\"multipleOf\": 1e-300",
    "\"enum\": [[]]",
    "{}",
    "[]",
    ", ",
    "1e400",
];

/// Most that a process may hold of what it says of one config, in bytes.
const SAID: usize = 1 << 20;

/// What is checked without a child ends, says little, and says nothing that moves a cursor.
pub(crate) fn run(data: &[u8]) {
    let mut values = Deserializer::from_slice(data).into_iter::<Value>();
    let (Some(Ok(schema)), Some(Ok(config))) = (values.next(), values.next()) else { return };
    let Some(violations) = check_light_config(&schema, &config) else { return };
    let said: usize = violations.iter().map(|(place, what)| place.len() + what.len()).sum();
    assert!(said <= SAID, "{said} bytes");
    for (place, what) in &violations {
        assert!(!place.contains(char::is_control) && !what.contains(char::is_control), "{what:?}");
    }
}

/// Schemas, each with a config that fits and one that does not.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let item = json!({"$ref": "#/$defs/a"});
    let schemas = [
        json!({"type": "object", "required": ["a"], "properties": {"a": {"pattern": "^a+$"}}}),
        json!({"properties": {"a": {"items": item, "uniqueItems": true}}, "$defs": {"a": {"enum": [1, "a"]}}}),
        json!({"anyOf": [item, {"type": "null"}], "$defs": {"a": {"minProperties": 1}, "b": {"not": {}}}}),
        json!({"patternProperties": {"^a": {"multipleOf": 0.1}}, "additionalProperties": false}),
        json!({"if": {"contains": {"const": 1}}, "then": {"maxItems": 3}, "else": {"$ref": "#"}}),
    ];
    let configs =
        [json!({"a": "aaa"}), json!({"a": [1, "a", 1]}), json!([1, 2, 3, 4]), json!(null)];
    let pairs = schemas.iter().flat_map(|schema| configs.iter().map(move |it| (schema, it)));
    pairs.map(|(schema, config)| format!("{schema}\n{config}").into_bytes()).collect()
}
