//! Values that may be secrets are not shown.
//!
//! What a person asks to see ([`mask`]: `explain`, the record of provenance) hides the values of
//! variables and annotations whose name looks like that of a secret. What nobody asked for (messages,
//! [`unasked`]: they land in the logs of a CI) hides the values of all variables, as any of them may
//! hold one.

use serde_json::Value;
use wellhead_spec::{FieldPath, Segment};

/// What stands for a value that is not shown.
const MASK: &str = "(masked)";
/// Words that no name of an ordinary setting has.
const ANYWHERE: [&str; 4] = ["password", "passwd", "secret", "token"];
/// Words that are secret when they stand alone between separators.
const WHOLE: [&str; 8] =
    ["key", "apikey", "pass", "pwd", "credential", "credentials", "auth", "dsn"];

/// A value as it may be shown to who asks for it.
pub fn mask(path: &FieldPath, value: &Value) -> Value {
    if is_secret_path(path) && !value.is_null() {
        return MASK.into();
    }
    let mut shown = value.clone();
    mask_below(&mut shown);
    shown
}

/// A value as a message may show it, as text.
pub(crate) fn unasked(path: &FieldPath, value: &Value) -> String {
    let is_env = |segment: &Segment| matches!(segment, Segment::Key(key) if key == "env");
    if is_secret_path(path) || path.segments().iter().any(is_env) {
        return "a value (not shown)".to_owned();
    }
    let mut shown = value.clone();
    mask_variables(&mut shown);
    mask_below(&mut shown);
    match shown {
        Value::String(text) => text,
        shown => shown.to_string(),
    }
}

/// Hides every list of variables inside a larger value.
fn mask_variables(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_variables),
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "env" { *value = MASK.into() } else { mask_variables(value) }
            }
        }
        _ => {}
    }
}

/// Whether a path is the value of a variable or annotation with such a name.
fn is_secret_path(path: &FieldPath) -> bool {
    let keys: Vec<&str> = path
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.as_str(),
            Segment::Index(_) => "",
        })
        .collect();
    let of_variable = keys.windows(3).any(|it| it[0] == "env" && it[2] == "value" && names(it[1]));
    let annotations = |key: &str| key == "annotations" || key == "podAnnotations";
    of_variable || keys.windows(2).any(|it| annotations(it[0]) && names(it[1]))
}

/// Hides the values of variables inside a larger value.
fn mask_below(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_below),
        Value::Object(fields) => {
            let secret = fields.get("name").and_then(Value::as_str).is_some_and(names);
            match fields.get_mut("value") {
                Some(value) if secret && value.is_string() => *value = MASK.into(),
                _ => fields.values_mut().for_each(mask_below),
            }
        }
        Value::String(text) if has_password(text) => *value = MASK.into(),
        _ => {}
    }
}

/// Whether a text is an address with a password: `scheme://user:password@host`.
fn has_password(text: &str) -> bool {
    let authority = text.split_once("://").map(|it| it.1.split('/').next().unwrap_or_default());
    let user = authority.and_then(|it| it.rsplit_once('@')).map(|it| it.0);
    user.is_some_and(|user| user.split_once(':').is_some_and(|it| !it.1.is_empty()))
}

/// Whether a name is that of a secret.
fn names(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    ANYWHERE.iter().any(|word| name.contains(word)) || words.any(|word| WHOLE.contains(&word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(path: &str, value: &Value) -> Value {
        mask(&path.parse().unwrap(), value)
    }

    #[test]
    fn variables_with_secret_names_are_masked() {
        for name in ["DB_PASSWORD", "GITHUB_TOKEN", "clientSecret", "AWS_ACCESS_KEY_ID", "key"] {
            let path = format!("containers.app.env.{name}.value");
            assert_eq!(shown(&path, &json!("x")), "(masked)", "{name}");
        }
    }

    #[test]
    fn ordinary_variables_and_references_are_shown() {
        for path in [
            "containers.app.env.LOG_LEVEL.value",
            "containers.app.env.KEYCLOAK_URL.value",
            "containers.app.env.DB_PASSWORD.valueFrom.secretKeyRef.name",
            "containers.app.image",
        ] {
            assert_eq!(shown(path, &json!("x")), "x", "{path}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_masked_whatever_its_name() {
        let path = "containers.app.env.DATABASE_URL.value";
        assert_eq!(shown(path, &json!("postgres://app:hunter2@db/app")), "(masked)");
        for address in ["postgres://app@db/app", "http://db:80/a:b@c", "https://db"] {
            assert_eq!(shown(path, &json!(address)), address);
        }
    }

    #[test]
    fn a_message_shows_no_variable_at_all() {
        let at = |path: &str, value: Value| unasked(&path.parse().unwrap(), &value);
        assert_eq!(at("containers.app.env.LEVEL.value", json!("x")), "a value (not shown)");
        assert_eq!(at("annotations[\"ci-token\"]", json!("x")), "a value (not shown)");
        let container = json!({"image": "a:1", "env": [{"name": "LEVEL", "value": "x"}]});
        assert_eq!(at("containers.app", container), r#"{"env":"(masked)","image":"a:1"}"#);
        assert_eq!(at("replicas", json!(3)), "3");
    }

    #[test]
    fn variables_inside_a_larger_value_are_masked() {
        let container = json!({"name": "app", "env": [{"name": "API_TOKEN", "value": "x"}]});
        let expected = json!({"name": "app", "env": [{"name": "API_TOKEN", "value": "(masked)"}]});
        assert_eq!(shown("containers.app", &container), expected);
    }
}
