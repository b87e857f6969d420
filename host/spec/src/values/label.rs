//! Labels and annotations: which keys and values an object takes.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>

use std::collections::BTreeMap;

use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::{FieldPath, Finding, ObjectName};

/// Longest name of a key, and longest value of a label.
const NAME_MAX: usize = 63;
/// Most bytes of all annotations of an object, keys and values.
/// <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/validation/objectmeta.go>
pub const ANNOTATIONS_MAX: usize = 256 << 10;

/// Why a key or a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLabel(&'static str);

/// Checks the key of a label or an annotation: a name, optionally after a DNS name and `/`.
pub fn check_key(key: &str) -> Result<(), InvalidLabel> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(it, name)| (Some(it), name));
    if prefix.is_some_and(|prefix| ObjectName::check(prefix).is_err()) {
        return Err(InvalidLabel(
            "the part before `/` must be a DNS name of at most 253 characters",
        ));
    }
    if name.is_empty() {
        return Err(InvalidLabel("the name is empty"));
    }
    check_characters(name)
}

/// Checks the value of a label. It may be empty.
pub fn check_value(value: &str) -> Result<(), InvalidLabel> {
    if value.is_empty() { Ok(()) } else { check_characters(value) }
}

fn check_characters(text: &str) -> Result<(), InvalidLabel> {
    let bytes = text.as_bytes();
    let ends = bytes.first().into_iter().chain(bytes.last());
    if text.len() > NAME_MAX {
        return Err(InvalidLabel("it has more than 63 characters"));
    }
    if !bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err(InvalidLabel("it has other characters than letters, digits, `-`, `_` and `.`"));
    }
    if !ends.into_iter().all(u8::is_ascii_alphanumeric) {
        return Err(InvalidLabel("it must start and end with a letter or digit"));
    }
    Ok(())
}

/// Findings about labels.
pub(crate) fn labels(
    at: &FieldPath,
    labels: &BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) {
    for (key, value) in labels {
        check(at, key, "a label", check_key(key), findings);
        if let Err(reason) = check_value(value) {
            let message = format!("`{}` is not a label value: {reason}", value.escaped());
            findings.push(Finding::error(Code::InvalidLabel, at.key(key), message));
        }
    }
}

/// Findings about annotations.
pub(crate) fn annotations(
    at: &FieldPath,
    annotations: &BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) {
    for key in annotations.keys() {
        // As the API server: an annotation's key may have capitals before the `/`.
        check(at, key, "an annotation", check_key(&key.to_ascii_lowercase()), findings);
    }
    let total: usize = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    if total > ANNOTATIONS_MAX {
        let message =
            format!("the annotations have {total} bytes together, at most 262144 are allowed");
        findings.push(Finding::error(Code::InvalidLabel, at.clone(), message));
    }
}

fn check(
    at: &FieldPath,
    key: &str,
    what: &str,
    checked: Result<(), InvalidLabel>,
    findings: &mut Vec<Finding>,
) {
    if let Err(reason) = checked {
        let message = format!("`{}` is not the key of {what}: {reason}", key.escaped());
        findings.push(Finding::error(Code::InvalidLabel, at.key(key), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_name_and_maybe_a_prefix() {
        let long = "a".repeat(63);
        for key in ["app", "app.kubernetes.io/name", "A_b.c", "x/1", &long] {
            assert_eq!(check_key(key), Ok(()), "{key}");
        }
        for key in ["", "/a", "a/", "a/b/c", "-a", "a b", "UPPER.io/a", &"a".repeat(64)] {
            assert!(check_key(key).is_err(), "{key}");
        }
    }

    #[test]
    fn values_may_be_empty_and_have_at_most_63_characters() {
        for value in ["", "v1.2_3-x", &"a".repeat(63)] {
            assert_eq!(check_value(value), Ok(()), "{value}");
        }
        for value in ["-a", "a.", "a/b", "ä", " ", &"a".repeat(64)] {
            assert!(check_value(value).is_err(), "{value}");
        }
    }
}
