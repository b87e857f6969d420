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

use crate::error::{Fault, TOLD};
use crate::text::{SHOWN_CHARACTERS, quote, sanitize};

pub(crate) use weight::{is_light, weight};

/// Most characters of what is wrong with a schema.
const SCHEMA_REASON: usize = 400;

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

/// The first hundred violations of a config: its place, e.g. `config.rules[0]`, and what is wrong.
pub(crate) fn violations(schema: &Validator, config: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for error in schema.iter_errors(config) {
        tell(&error, &mut found);
        if found.len() >= TOLD {
            found.truncate(TOLD);
            break;
        }
    }
    found
}

fn tell(error: &ValidationError<'_>, found: &mut Vec<(String, String)>) {
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
        Some(branch) => branch.iter().for_each(|it| tell(it, found)),
        None => found.push((
            sanitize(&place(error.instance_path().as_str()), 200),
            sanitize(&error.to_string(), SHOWN_CHARACTERS),
        )),
    }
}

/// A JSON pointer as a path: `/rules/0/name` becomes `config.rules[0].name`.
fn place(pointer: &str) -> String {
    pointer.split('/').skip(1).fold("config".to_owned(), |path, step| {
        let key = step.replace("~1", "/").replace("~0", "~");
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{path}[{key}]")
        } else {
            format!("{path}.{key}")
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value, config: &Value) -> Vec<(String, String)> {
        violations(&compile(schema).unwrap(), config)
    }

    #[test]
    fn an_optional_object_is_told_by_what_is_wrong_in_it() {
        let schema = json!({"properties": {"scale": {"anyOf": [
            {"type": "object", "properties": {"min": {}}, "additionalProperties": false},
            {"type": "null"},
        ]}}});
        let told = told(&schema, &json!({"scale": {"mni": 1}}));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "config.scale");
        assert!(told[0].1.contains("'mni'"), "{told:?}");
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
            let _ = violations(&schema, &json!({}));
        }
    }
}
