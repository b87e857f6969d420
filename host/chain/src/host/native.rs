//! Parts that are Kubernetes' own: checked against its types and its syntax, passed on as they are.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::text::{in_code, sanitize};

/// Most characters of a field that a type does not have.
const FIELD_CHARACTERS: usize = 200;

/// Reads JSON as a Kubernetes type, strictly: a field that the type does not have is an error.
pub(super) fn parse<T: Serialize + DeserializeOwned>(json: &str) -> Result<Value, String> {
    let mut unknown = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let typed: T =
        serde_ignored::deserialize(&mut deserializer, |path| unknown.push(path.to_string()))
            .map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    if !unknown.is_empty() {
        return Err(self::unknown(&unknown));
    }
    let part = serde_json::to_value(typed).map_err(|error| error.to_string())?;
    super::syntax::check(&part)?;
    Ok(part)
}

/// What is told of fields that a type does not have.
pub(super) fn unknown(fields: &[impl ToString]) -> String {
    let names: Vec<_> =
        fields.iter().map(|it| in_code(&it.to_string(), FIELD_CHARACTERS)).collect();
    format!("there is no field {}", names.join(", "))
}

/// What is told of a value of another type, at a place inside of a part.
pub(super) fn wrong_type(at: &FieldPath, message: &str) -> String {
    let message = sanitize(message, FIELD_CHARACTERS);
    if at.segments().is_empty() { message } else { format!("`{at}`: {message}") }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Probe, Toleration};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_known_field_is_kept() {
        assert_eq!(parse::<Probe>(r#"{"periodSeconds":5}"#), Ok(json!({"periodSeconds": 5})));
    }

    #[test]
    fn every_unknown_field_is_named() {
        let error = parse::<Vec<Toleration>>(r#"[{"kye":"a"},{"oops":1}]"#).unwrap_err();
        assert_eq!(error, "there is no field `0.kye`, `1.oops`");
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert!(parse::<Probe>("{} {}").is_err());
    }
}
