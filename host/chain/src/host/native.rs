//! Parts that are Kubernetes' own: checked against its types and its syntax, passed on as they are.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::text::{in_code, sanitize};

/// Most characters of a field that a type does not have.
const FIELD_CHARACTERS: usize = 200;

/// Reads JSON as a Kubernetes type, strictly: a field that the type does not have is an error. `at` is the field of the
/// pipeline that has it.
pub(super) fn parse<T: Serialize + DeserializeOwned>(
    at: &FieldPath,
    json: &str,
) -> Result<Value, String> {
    let mut unknown = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let typed: T =
        serde_ignored::deserialize(&mut deserializer, |path| unknown.push(field_path(&path)))
            .map_err(|error| in_words(&error))?;
    deserializer.end().map_err(|error| in_words(&error))?;
    if !unknown.is_empty() {
        return Err(self::unknown(at, &unknown));
    }
    let part = serde_json::to_value(typed).map_err(|error| error.to_string())?;
    super::syntax::check(&part)?;
    Ok(part)
}

/// A place in JSON as a path.
fn field_path(path: &serde_ignored::Path<'_>) -> FieldPath {
    use serde_ignored::Path;
    match path {
        Path::Root => FieldPath::root(),
        Path::Seq { parent, index } => field_path(parent).index(*index),
        Path::Map { parent, key } => field_path(parent).key(key.as_str()),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => field_path(parent),
    }
}

/// Why JSON is not of a type, without the words that its parser has for Rust's types.
fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (what, place) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
    if !error.is_data() {
        let column = place.rsplit_once("column ").map_or("", |it| it.1);
        return format!("it is not JSON: {what} at character {column}");
    }
    type_words(what)
}

/// What serde says of a value of another type, in the words of JSON.
fn type_words(what: &str) -> String {
    let Some(types) = what.strip_prefix("invalid type: ") else { return what.to_owned() };
    let (found, expected) = types.split_once(", expected ").unwrap_or((types, "another type"));
    let word = |text: &str| match text.strip_prefix("a ").unwrap_or(text) {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        // A type of Kubernetes.
        other if other.starts_with(char::is_uppercase) || other.starts_with("struct ") => {
            "an object".to_owned()
        }
        "null" | "unit" => "null".to_owned(),
        "i32" | "i64" => "an integer".to_owned(),
        _ => text.to_owned(),
    };
    format!("found {}, expected {}", word(found), word(expected))
}

/// Fields of one value for which another one is suggested.
const SUGGESTED: usize = 10;

/// What is told of fields that a type does not have, each by its place in the value of the field `at`.
pub(super) fn unknown(at: &FieldPath, fields: &[FieldPath]) -> String {
    let name = |(number, field): (usize, &FieldPath)| {
        let name = in_code(&field.to_string(), FIELD_CHARACTERS);
        let whole = field.segments().iter().fold(at.clone(), |path, it| path.with(it.clone()));
        let unknown = (number < SUGGESTED).then(|| whole.unknown_field()).flatten();
        match unknown.and_then(|it| it.meant) {
            Some(meant) => format!("{name} (did you mean `{meant}`?)"),
            None => name,
        }
    };
    let names: Vec<_> = fields.iter().enumerate().map(name).collect();
    format!("there is no field {}", names.join(", "))
}

/// What is told of a value of another type, at a place inside of a part.
pub(super) fn wrong_type(at: &FieldPath, message: &str) -> String {
    let message = sanitize(&type_words(message), FIELD_CHARACTERS);
    if at.segments().is_empty() { message } else { format!("`{at}`: {message}") }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Probe, Toleration};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_known_field_is_kept() {
        let at = FieldPath::root();
        assert_eq!(parse::<Probe>(&at, r#"{"periodSeconds":5}"#), Ok(json!({"periodSeconds": 5})));
    }

    #[test]
    fn every_unknown_field_is_named() {
        let at = FieldPath::of(["tolerations"]);
        let error = parse::<Vec<Toleration>>(&at, r#"[{"kye":"a"},{"x y":1}]"#).unwrap_err();
        assert_eq!(error, r#"there is no field `[0].kye` (did you mean `key`?), `[1]["x y"]`"#);
    }

    #[test]
    fn json_of_another_type_is_told_in_its_own_words() {
        let told = |json| parse::<Vec<Toleration>>(&FieldPath::root(), json).unwrap_err();
        assert_eq!(told(r#"{"key": "a"}"#), "found an object, expected a list");
        assert_eq!(told(r#"[{"key": 7}]"#), "found integer `7`, expected a string");
        assert_eq!(told("[7]"), "found integer `7`, expected an object");
        let no_key = parse::<Toleration>(&FieldPath::root(), "{1: 2}").unwrap_err();
        assert_eq!(no_key, "it is not JSON: key must be a string at character 2");
        assert!(told("[").starts_with("it is not JSON: EOF while parsing a list"));
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert!(parse::<Probe>(&FieldPath::root(), "{} {}").is_err());
    }
}
