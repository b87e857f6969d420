//! A plugin's config against the plugin's schema. The schema comes from a stranger.
//!
//! Five kilobytes of references make a schema of 2^40 parts, and the library counts none of them. So a
//! schema is [weighed](weight) first: what is light for a config is checked here, as every schema of an
//! honest plugin is, and all else by a child process within its limits
//! ([`Compiler`](crate::Compiler)).

mod weight;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;
use wellhead_spec::{FieldPath, closest};

use crate::error::{Fault, TOLD};
use crate::text::{SHOWN_CHARACTERS, in_code, quote, sanitize, sanitize_name};

pub(crate) use weight::{is_light, weight};

/// Most characters of what is wrong with a schema.
const SCHEMA_REASON: usize = 400;
/// Most characters of a place in a config.
const PATH_CHARACTERS: usize = 200;
/// Fields for which another one is suggested, and among how many of how many bytes: their number and length are the
/// plugin's and the operator's choice.
const SUGGESTED: usize = 10;
const KNOWN: usize = 100;
const NAME: usize = 64;

/// Compiles a schema. Patterns run on an engine that takes linear time, and nothing is fetched.
pub(crate) fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20).dfa_size_limit(1 << 20))
        .offline()
        .build(schema)
        .map_err(|error| sanitize(&error.to_string(), SHOWN_CHARACTERS))
}

/// The fault of a plugin with a schema against which no config can be checked.
pub(crate) fn bad_schema(reason: &str) -> Fault {
    // The library's sentence repeats the schema.
    Fault::BadDescription { reason: format!("its config schema: {}", quote(reason, SCHEMA_REASON)) }
}

/// The first hundred violations of a config: its place, e.g. `config.rules[0]`, and what is wrong. `schema` is what the
/// validator was made of.
pub(crate) fn violations(
    validator: &Validator,
    schema: &Value,
    config: &Value,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for error in validator.iter_errors(config) {
        tell(&error, schema, &mut found);
        if found.len() >= TOLD {
            found.truncate(TOLD);
            break;
        }
    }
    found
}

fn tell(error: &ValidationError<'_>, schema: &Value, found: &mut Vec<(String, String)>) {
    let branches = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.as_slice()
        }
        _ => &[],
    };
    // Of several forms that a value may have, the one that it has begun to take says most: its
    // errors are below the value. `null` and other types are errors of the value itself.
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().len();
    let own = depth(error);
    let meant = |branch: &&Vec<ValidationError<'_>>| {
        branch
            .iter()
            .all(|it| depth(it) > own || !matches!(it.kind(), ValidationErrorKind::Type { .. }))
    };
    match branches.iter().filter(meant).min_by_key(|branch| branch.len()) {
        Some(branch) => branch.iter().for_each(|it| tell(it, schema, found)),
        None => tell_one(error, schema, found),
    }
}

/// Tells an error that has no others in it. Of fields that the schema does not have, each has a place of its own.
fn tell_one(error: &ValidationError<'_>, schema: &Value, found: &mut Vec<(String, String)>) {
    let at = place(error.instance_path().as_str());
    let shown = |path: &FieldPath| sanitize_name(&path.to_string(), PATH_CHARACTERS);
    let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
        return found.push((shown(&at), sanitize(&error.to_string(), SHOWN_CHARACTERS)));
    };
    let known = properties(error, schema);
    for (number, field) in unexpected.iter().take(TOLD).enumerate() {
        let known = if number < SUGGESTED && field.len() <= NAME { &known[..] } else { &[] };
        let meant = closest(field, known).map(|it| in_code(it, PATH_CHARACTERS));
        let meant = meant.map(|it| format!(", did you mean {it}?")).unwrap_or_default();
        found.push((shown(&at.key(field.as_str())), format!("there is no such field{meant}")));
    }
}

/// The fields that a schema names beside the one that admits no others.
fn properties<'s>(error: &ValidationError<'_>, schema: &'s Value) -> Vec<&'s str> {
    let rules = error.schema_path().as_str();
    let rules = rules.rsplit_once('/').and_then(|(object, _)| schema.pointer(object));
    let properties = rules.and_then(|it| it["properties"].as_object());
    let names = properties.into_iter().flat_map(|it| it.keys().map(String::as_str));
    names.filter(|it| it.len() <= NAME).take(KNOWN).collect()
}

/// A JSON pointer as a path: `/rules/0/name` becomes `config.rules[0].name`.
fn place(pointer: &str) -> FieldPath {
    pointer.split('/').skip(1).fold(FieldPath::of(["config"]), |path, step| match step.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step.replace("~1", "/").replace("~0", "~")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value, config: &Value) -> Vec<(String, String)> {
        violations(&compile(schema).unwrap(), schema, config)
    }

    #[test]
    fn an_optional_object_is_told_by_what_is_wrong_in_it() {
        let schema = json!({"properties": {"scale": {"anyOf": [
            {"type": "object", "properties": {"min": {}}, "additionalProperties": false},
            {"type": "null"},
        ]}}});
        let told = told(&schema, &json!({"scale": {"mni": 1}}));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "config.scale.mni");
        assert_eq!(told[0].1, "there is no such field, did you mean `min`?");
    }

    #[test]
    fn each_field_that_the_schema_does_not_have_has_its_own_place() {
        let schema = json!({"properties": {"max size": {}}, "additionalProperties": false});
        let told = told(&schema, &json!({"maxsize": 1, "a.b\n": 2}));
        let told: Vec<_> = told.iter().map(|it| format!("{}: {}", it.0, it.1)).collect();
        let first = "config.maxsize: there is no such field, did you mean `max size`?";
        assert!(told.contains(&first.to_owned()), "{told:?}");
        assert!(
            told.contains(&r#"config["a.b\n"]: there is no such field"#.to_owned()),
            "{told:?}"
        );
    }

    #[test]
    fn a_place_in_a_list_has_its_index() {
        let schema = json!({"properties": {"rules": {"items": {"type": "object"}}}});
        assert_eq!(told(&schema, &json!({"rules": [{}, 7]}))[0].0, "config.rules[1]");
    }

    #[test]
    fn a_reference_to_itself_and_to_the_network_is_refused_or_harmless() {
        assert!(compile(&json!({"$ref": "https://example.com/schema.json"})).is_err());
        let looping = json!({"$ref": "#"});
        if let Ok(schema) = compile(&looping) {
            let _ = violations(&schema, &looping, &json!({}));
        }
    }
}
