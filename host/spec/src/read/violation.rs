//! The thorough way: every violation of the schema, in words.

use std::collections::HashSet;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;
use wellhead_diagnostics::Code;

use super::number::Meant;
use super::{canonical, number};
use crate::schema::Checker;
use crate::text::Escaped as _;
use crate::values::quantity::RULE;
use crate::{Finding, Segment, suggest};

/// Something in a value that its schema does not allow.
pub(super) struct Violation {
    code: Code,
    /// Field names and list positions from the document down.
    pub(super) path: Vec<Segment>,
    message: String,
    hint: Option<String>,
}

impl Violation {
    pub(super) fn new(code: Code, path: Vec<Segment>, message: String) -> Self {
        Self { code, path, message, hint: None }
    }

    fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    pub(super) fn finding(self, document: &Value) -> Finding {
        let mut finding = Finding::error(self.code, canonical(document, &self.path), self.message);
        finding.hint = self.hint;
        finding
    }
}

/// Every violation, in the order of the paths; one of each kind for a field.
pub(super) fn all(checker: &Checker, document: &Value) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    let mut known = HashSet::new();
    // To a schema, `3.0` is an integer; to the types it is not.
    let strict = with_fractions(document);
    for error in checker.validator.iter_errors(&strict) {
        for violation in violations(&error, &checker.schema, document) {
            if known.insert((violation.path.clone(), violation.code)) {
                found.push(violation);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The same document, in which no float is a whole number.
fn with_fractions(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_fractions).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), with_fractions(value))).collect()
        }
        Value::Number(number) if number::whole(value).is_some() => {
            number.as_f64().map_or(Value::Null, |it| (it + 0.5).into())
        }
        other => other.clone(),
    }
}

/// The value at a path of a document.
fn value_at<'d>(document: &'d Value, path: &[Segment]) -> Option<&'d Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get(key.as_str()),
        Segment::Index(index) => value.get(index),
    })
}

/// What one error of the validator says: more than one thing when it is about several fields.
fn violations(error: &ValidationError<'_>, schema: &Value, document: &Value) -> Vec<Violation> {
    let path = path_of(error);
    let instance = value_at(document, &path).unwrap_or(error.instance());
    let rules = rules_of(error, schema);
    let one =
        |code, message: String, hint| vec![Violation::new(code, path.clone(), message).hint(hint)];
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = fields_of(rules);
            let below = |field: &String| with(&path, field);
            unexpected.iter().map(|field| unknown_field(below(field), &known)).collect()
        }
        ValidationErrorKind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            let about = rules.pointer(&format!("/properties/{field}/description"));
            let hint = about
                .and_then(Value::as_str)
                .map(|about| format!("add it: {}", first_sentence(about)));
            vec![
                Violation::new(
                    Code::MissingField,
                    with(&path, field),
                    format!("`{field}` is missing"),
                )
                .hint(hint),
            ]
        }
        ValidationErrorKind::Type { kind } => {
            let expected = expected(kind);
            let message = format!("found {}, expected {expected}", found(instance));
            let hint = suggest::nested_selector(&path, instance).map(str::to_owned);
            one(Code::WrongType, message, hint.or_else(|| type_hint(kind, instance, &path)))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let message = format!("{} is not one of {}", shown(instance), list(&options));
            let closest = instance.as_str().and_then(|text| suggest::closest(text, &options));
            one(Code::InvalidValue, message, closest.map(|it| format!("did you mean `{it}`?")))
        }
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::MaxLength { .. } => {
            match rules.get("x-rule").and_then(Value::as_str) {
                Some(rule) if rule == RULE => {
                    let reason = crate::Quantity::new(instance.as_str().unwrap_or_default());
                    let message =
                        reason.map_or_else(|error| error.to_string(), |_| rule.to_owned());
                    one(Code::InvalidQuantity, message, None)
                }
                Some(rule) => {
                    let message = format!("{} is not {rule}", shown(instance));
                    let name = instance.as_str().and_then(|text| suggest::name(text, rules));
                    one(Code::InvalidName, message, name.map(|name| format!("e.g. `{name}`")))
                }
                None => one(Code::InvalidValue, error.masked().to_string(), None),
            }
        }
        ValidationErrorKind::Minimum { limit } => {
            one(Code::InvalidValue, format!("{instance} is too small, the least is {limit}"), None)
        }
        ValidationErrorKind::Maximum { limit } => {
            one(Code::InvalidValue, format!("{instance} is too large, the most is {limit}"), None)
        }
        // The value is not shown: it may be a whole map, with secrets in it.
        _ => one(Code::InvalidValue, error.masked().to_string(), None),
    }
}

/// An unknown field; `known` are the fields that may stand in its place.
pub(super) fn unknown_field(path: Vec<Segment>, known: &[&str]) -> Violation {
    let field = path.last().map(|it| match it {
        Segment::Key(key) => key.to_string(),
        Segment::Index(index) => index.to_string(),
    });
    let field = field.unwrap_or_default();
    let hint = suggest::kubernetes_field(&path)
        .map(str::to_owned)
        .or_else(|| suggest::closest(&field, known).map(|it| format!("did you mean `{it}`?")))
        .or_else(|| (1..=16).contains(&known.len()).then(|| format!("there are {}", list(known))));
    Violation::new(Code::UnknownField, path, format!("unknown field `{}`", field.escaped()))
        .hint(hint)
}

/// Whether a field holds the permissions of a file.
fn is_mode(path: &[Segment]) -> bool {
    matches!(path.last(), Some(Segment::Key(key)) if key == "mode" || key == "defaultMode")
}

fn path_of(error: &ValidationError<'_>) -> Vec<Segment> {
    let segments = error.instance_path().segments();
    segments
        .map(|segment| match segment {
            LocationSegment::Property(key) => Segment::Key(key.into()),
            LocationSegment::Index(index) => Segment::Index(index),
        })
        .collect()
}

fn with(path: &[Segment], field: &str) -> Vec<Segment> {
    path.iter().cloned().chain([Segment::Key(field.into())]).collect()
}

/// The schema whose keyword was violated.
fn rules_of<'s>(error: &ValidationError<'_>, schema: &'s Value) -> &'s Value {
    let keyword = error.schema_path().as_str();
    let pointer = keyword.rsplit_once('/').map_or("", |(above, _)| above);
    schema.pointer(pointer).unwrap_or(&Value::Null)
}

fn fields_of(rules: &Value) -> Vec<&str> {
    let properties = rules.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(|it| it.keys()).map(String::as_str).collect()
}

fn first_sentence(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    let end = line.find(". ").unwrap_or(line.len());
    line[..end].trim_end_matches('.')
}

fn list(options: &[&str]) -> String {
    let quoted: Vec<_> = options.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

/// A scalar as it stands in the file; of anything else only what it is.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    match value {
        Value::String(text) if text.chars().count() <= LONGEST => {
            format!("`{}`", text.escaped())
        }
        Value::String(text) => {
            let head: String = text.chars().take(LONGEST).collect();
            format!("`{}...`", head.escaped())
        }
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        other => found(other).to_owned(),
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "no value",
        Value::Bool(_) => "a boolean",
        Value::Number(_) if number::whole(value).is_some() => "a floating-point number",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(only) => vec![*only],
        TypeKind::Multiple(several) => several.iter().collect(),
    }
}

fn expected(kind: &TypeKind) -> String {
    let names = types(kind).into_iter().map(|it| match it {
        JsonType::Array => "a list",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "an integer",
        JsonType::Null => "nothing",
        JsonType::Number => "a number",
        JsonType::Object => "a mapping",
        JsonType::String => "a string",
    });
    names.collect::<Vec<_>>().join(" or ")
}

fn type_hint(kind: &TypeKind, instance: &Value, path: &[Segment]) -> Option<String> {
    let expects = |it: JsonType| types(kind).contains(&it);
    let hint = match instance {
        Value::String(text) if expects(JsonType::Integer) => {
            Meant::by(text)?.hint(text, is_mode(path))
        }
        Value::Number(_) if expects(JsonType::Integer) => {
            format!("write `{}`", number::whole(instance)?)
        }
        Value::String(text) if expects(JsonType::Boolean) => match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "on" => "write `true`, without quotes".to_owned(),
            "false" | "no" | "n" | "off" => "write `false`, without quotes".to_owned(),
            _ => return None,
        },
        Value::Number(_) | Value::Bool(_)
            if expects(JsonType::String) && !expects(JsonType::Number) =>
        {
            "put it in quotes".to_owned()
        }
        Value::Object(_) if expects(JsonType::Array) => {
            "write a list: each item starts with `- `".to_owned()
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) if expects(JsonType::Array) => {
            "write a list, even for one item: `[...]`".to_owned()
        }
        Value::Array(_) if expects(JsonType::Object) => {
            "write `key: value`, without `- `".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}
