//! Values that may be secrets are not shown.
//!
//! One rule decides, wherever a value is shown: by the name of what has it (a variable, a header, an annotation, the
//! option of a driver: `name`), by the argument before it (`--password x`), or by its looks (`shape`). What a person asks
//! to see follows it ([`mask`]: `explain`, `plan`, `history`, traces, the record of provenance). What nobody asked for
//! (messages, [`unasked`]: they land in the logs of a CI) hides the values of all variables, too, as any of them may hold
//! a secret. References to objects, such as `secretName`, are no secrets.

mod address;
mod line;
mod name;
mod shape;

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};
use wellhead_spec::draft::leaves;
use wellhead_spec::{FieldPath, Segment};

pub use line::{LineOf, is_secret_line};

use crate::text::{from_difference, quote_unless_word, sanitize};

/// What stands for a value that is not shown.
pub const MASKED: &str = "(masked)";
/// The same in a message that nobody asked for.
const NOT_SHOWN: &str = "a value (not shown)";
/// Maps whose keys are names of values that may be secrets.
const NAMED: [&str; 4] = ["annotations", "options", "podAnnotations", "volumeAttributes"];
/// The field of a chain's entry with the config of its plugin.
const CONFIG: &str = "config";
/// Lists of which one item says what another one is.
const TOGETHER: [&str; 3] = ["args", "command", "httpHeaders"];

/// A value as it may be shown to who asks for it. Of an item of a list only its own looks are known: mask the list, or
/// the whole object.
pub fn mask(path: &FieldPath, value: &Value) -> Value {
    let mut shown = value.clone();
    match name_of(path) {
        Some(name) => hide_named(name, &mut shown),
        None => hide_field(key(path.segments().last()), &mut shown),
    }
    shown
}

/// [`mask`], where nothing else of the object is known: an argument may be what the flag before it says.
pub fn mask_alone(path: &FieldPath, value: &Value) -> Value {
    if has_neighbours(path) { MASKED.into() } else { mask(path, value) }
}

/// Whether a path leads through an item of a list of which one says what another one is.
fn has_neighbours(path: &FieldPath) -> bool {
    let mut pairs = path.segments().windows(2);
    pairs.any(|it| TOGETHER.contains(&key(Some(&it[0]))) && matches!(it[1], Segment::Index(_)))
}

/// Whether a text has a secret in it by its looks, e.g. a line of a file.
pub fn has_secret(text: &str) -> bool {
    shape::is_secret(text)
}

/// The leaves at and below a path that [`mask`] hides.
pub(crate) fn hidden(at: &FieldPath, value: &Value) -> HashSet<FieldPath> {
    let shown = mask(at, value);
    if shown == *value {
        return HashSet::new();
    }
    let shown = leaves(&shown, at);
    let pairs = leaves(value, at).into_iter().zip(&shown);
    pairs.filter(|(leaf, shown)| leaf.1 != shown.1).map(|(leaf, _)| leaf.0).collect()
}

/// Two values that are set against each other, as a message may show them: each as text of at most so many characters,
/// from before their first difference. What is `None` is told by the word for it.
pub(crate) fn unasked(
    path: &FieldPath,
    values: [Option<&Value>; 2],
    absent: [&str; 2],
    limit: usize,
) -> [String; 2] {
    let shown = values.map(|value| value.map(|value| hidden_unasked(path, value)));
    shown_beside([shown[0].as_ref(), shown[1].as_ref()], absent, limit)
}

/// The same of values that may be shown as they are.
pub fn shown_beside(values: [Option<&Value>; 2], absent: [&str; 2], limit: usize) -> [String; 2] {
    let texts = values.map(|value| value.map(as_text));
    let text = |at: usize| {
        let (Some(text), Some(value)) = (&texts[at], values[at]) else {
            return absent[at].to_owned();
        };
        let text = match &texts[1 - at] {
            Some(other) => from_difference(text, other, limit),
            None => Cow::Borrowed(&**text),
        };
        match value {
            Value::String(text) if text == MASKED || text == NOT_SHOWN => text.clone(),
            Value::String(_) => quote_unless_word(&text, limit),
            _ => sanitize(&text, limit),
        }
    };
    [text(0), text(1)]
}

fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

/// A value without what a message that nobody asked for may not show.
fn hidden_unasked(path: &FieldPath, value: &Value) -> Value {
    let mut keys = path.segments().iter().map(|it| key(Some(it)));
    let mut shown = mask(path, value);
    if has_neighbours(path) || keys.any(|it| it == "env") || shown == MASKED {
        return NOT_SHOWN.into();
    }
    hide_variables(&mut shown);
    shown
}

/// Hides every list of variables inside a larger value.
fn hide_variables(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_variables),
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "env" { *value = MASKED.into() } else { hide_variables(value) }
            }
        }
        _ => {}
    }
}

fn key(segment: Option<&Segment>) -> &str {
    match segment {
        Some(Segment::Key(key)) => key,
        _ => "",
    }
}

/// The name of a value that is a variable's, or stands in one of [`NAMED`].
fn name_of(path: &FieldPath) -> Option<&str> {
    match path.segments() {
        [.., env, name, value] if key(Some(env)) == "env" && key(Some(value)) == "value" => {
            Some(key(Some(name)))
        }
        [.., map, name] if NAMED.contains(&key(Some(map))) => Some(key(Some(name))),
        _ => None,
    }
}

/// Hides what a field has.
fn hide_field(field: &str, value: &mut Value) {
    match value {
        Value::Object(fields) if NAMED.contains(&field) => {
            fields.iter_mut().for_each(|(name, value)| hide_named(name, value));
        }
        Value::Object(_) | Value::Array(_) if field == CONFIG => hide_config("", value),
        Value::Object(fields) => hide_fields(fields),
        Value::Array(items) => {
            let has_user = items.iter().filter_map(Value::as_str).any(shape::names_user);
            let mut before: Option<String> = None;
            for item in items {
                let text = item.as_str().map(str::to_owned);
                match (&before, &text) {
                    (Some(flag), Some(text)) if shape::is_flag_of(flag, text) => {
                        *item = MASKED.into();
                    }
                    (_, Some(text)) if has_user && shape::is_attached(text) => {
                        *item = MASKED.into();
                    }
                    _ => hide_field(field, item),
                }
                before = text;
            }
        }
        Value::String(text) if shape::is_secret(text) => *value = MASKED.into(),
        _ => {}
    }
}

/// Hides what a plugin's config has: each value has the name of the field that it is in.
fn hide_config(name: &str, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            hide_fields(fields);
            fields.iter_mut().for_each(|(name, value)| hide_config(name, value));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| hide_config(name, it)),
        _ => hide_named(name, value),
    }
}

/// Hides what a map has, of which one field may be the name of another one.
fn hide_fields(fields: &mut Map<String, Value>) {
    let name = fields.get("name").and_then(Value::as_str).map(str::to_owned);
    for (field, value) in fields {
        match &name {
            Some(name) if field == "value" => hide_named(name, value),
            _ => hide_field(field, value),
        }
    }
}

/// Hides a value with a name.
fn hide_named(name: &str, value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.clone(),
        Value::Number(_) => value.to_string(),
        _ => return hide_field("", value),
    };
    if shape::names_secret(name, &text) || shape::is_secret(&text) {
        *value = MASKED.into();
    }
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
            assert_eq!(shown(&path, &json!("x")), MASKED, "{name}");
        }
        assert_eq!(shown("annotations[\"a.b/api-token\"]", &json!("x")), MASKED);
        let options = json!({"password": "x", "user": "y"});
        assert_eq!(
            shown("volumes.a.flexVolume.options", &options),
            json!({"password": MASKED, "user": "y"})
        );
    }

    #[test]
    fn ordinary_variables_and_references_are_shown() {
        for path in [
            "containers.app.env.LOG_LEVEL.value",
            "containers.app.env.KEYCLOAK_URL.value",
            "containers.app.env.DB_PASSWORD.valueFrom.secretKeyRef.name",
            "containers.app.image",
            "volumes.a.secret.secretName",
            "imagePullSecrets.token.name",
        ] {
            assert_eq!(shown(path, &json!("x")), "x", "{path}");
        }
        let object = json!({"name": "token", "secret": {"secretName": "db-password"}, "serviceAccountToken":
            {"expirationSeconds": 3600, "path": "token"}, "secretKeyRef": {"name": "a", "key": "password"},
            "env": [{"name": "DB_PASSWORD_FILE", "value": "/run/secrets/db"}, {"name": "TOKEN", "value": "$(OTHER)"}]});
        assert_eq!(shown("volumes.token", &object), object);
    }

    #[test]
    fn values_of_a_config_are_masked_by_the_fields_that_they_are_in() {
        let entry = json!({"name": "p", "source": "p.wasm", "config": {
            "dbPassword": "x", "tier": "gold", "tokens": ["x", 1], "users": [{"name": "a", "password": 5}],
            "headers": [{"name": "X-Api-Key", "value": "x"}], "tokenTtl": "1h", "args": ["--password", "x"]}});
        let expected = json!({"name": "p", "source": "p.wasm", "config": {
            "dbPassword": MASKED, "tier": "gold", "tokens": [MASKED, MASKED], "users": [{"name": "a", "password": MASKED}],
            "headers": [{"name": "X-Api-Key", "value": MASKED}], "tokenTtl": "1h", "args": ["--password", MASKED]}});
        assert_eq!(mask(&FieldPath::root(), &entry), expected);
    }

    #[test]
    fn a_password_attached_to_its_flag_is_masked_beside_a_user() {
        let arguments = json!(["mysqladmin", "-uroot", "-phunter2", "-P3306", "ping"]);
        assert_eq!(
            shown("containers.app.args", &arguments),
            json!(["mysqladmin", "-uroot", MASKED, "-P3306", "ping"])
        );
        let no_user = json!(["serve", "-path", "/data", "-profile"]);
        assert_eq!(shown("containers.app.args", &no_user), no_user);
    }

    #[test]
    fn an_argument_alone_may_be_what_the_flag_before_it_says() {
        let at = |path: &str| mask_alone(&path.parse().unwrap(), &json!("x"));
        assert_eq!(at("spec.template.spec.containers.app.args[1]"), MASKED);
        assert_eq!(at("containers.app.livenessProbe.httpGet.httpHeaders[0].value"), MASKED);
        assert_eq!(at("containers.app.image"), "x");
        let list = mask_alone(&"containers.app.args".parse().unwrap(), &json!(["--password", "x"]));
        assert_eq!(list, json!(["--password", MASKED]));
    }

    #[test]
    fn a_message_shows_no_variable_at_all() {
        let at = |path: &str, value: Value| {
            let [shown, _] = unasked(&path.parse().unwrap(), [Some(&value), None], [""; 2], 80);
            shown
        };
        assert_eq!(at("containers.app.env.LEVEL.value", json!("x")), "a value (not shown)");
        assert_eq!(at("annotations[\"ci-token\"]", json!("x")), "a value (not shown)");
        assert_eq!(at("containers.app.args[1]", json!("x")), "a value (not shown)");
        let container = json!({"image": "a:1", "env": [{"name": "LEVEL", "value": "x"}]});
        assert_eq!(at("containers.app", container), r#"{"env":"(masked)","image":"a:1"}"#);
        assert_eq!(
            at("containers.app.args", json!(["--password=x", "-v"])),
            r#"["(masked)","-v"]"#
        );
        assert_eq!(at("replicas", json!(3)), "3");
    }

    #[test]
    fn what_names_and_neighbours_say_holds_inside_a_larger_value() {
        let container = json!({"name": "app", "args": ["-v", "--password", "x", "--api-key", "--user", "u"],
            "env": [{"name": "API_TOKEN", "value": "x"}, {"name": "LEVEL", "value": "x"}],
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "X-Api-Key", "value": "x"}, {"name": "Accept", "value": "x"}]}}});
        let expected = json!({"name": "app", "args": ["-v", "--password", MASKED, "--api-key", "--user", "u"],
            "env": [{"name": "API_TOKEN", "value": MASKED}, {"name": "LEVEL", "value": "x"}],
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "X-Api-Key", "value": MASKED}, {"name": "Accept", "value": "x"}]}}});
        assert_eq!(shown("containers.app", &container), expected);
        let at = "containers.app".parse().unwrap();
        let hidden: Vec<_> = hidden(&at, &container).iter().map(ToString::to_string).collect();
        assert_eq!(hidden.len(), 3, "{hidden:?}");
        assert!(hidden.iter().any(|it| it == "containers.app.args[2]"), "{hidden:?}");
    }
}
