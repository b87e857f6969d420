//! Values of fields that look like secrets are not shown.

use serde_json::Value;
use wellhead::FieldPath;
use wellhead_spec::Segment;

/// What stands for a value that is not shown.
const MASK: &str = "(masked)";
/// Words that no name of an ordinary setting has.
const ANYWHERE: [&str; 4] = ["password", "passwd", "secret", "token"];
/// Words that are secret when they stand alone between separators.
const WHOLE: [&str; 8] =
    ["key", "apikey", "pass", "pwd", "credential", "credentials", "auth", "dsn"];

/// A value as it may be shown.
pub(super) fn mask(path: &FieldPath, value: &Value) -> Value {
    if is_secret_path(path) && !value.is_null() {
        return MASK.into();
    }
    let mut shown = value.clone();
    mask_below(&mut shown);
    shown
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
        _ => {}
    }
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
    fn variables_inside_a_larger_value_are_masked() {
        let container = json!({"name": "app", "env": [{"name": "API_TOKEN", "value": "x"}]});
        let expected = json!({"name": "app", "env": [{"name": "API_TOKEN", "value": "(masked)"}]});
        assert_eq!(shown("containers.app", &container), expected);
    }
}
