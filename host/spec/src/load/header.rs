//! The `apiVersion` and `kind` of a document.

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::foreign;
use super::source::File;
use crate::model::pipeline::API_VERSION;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, suggest};

/// The kinds that Wellhead reads.
pub(super) enum KindName {
    Pipeline,
    Customization,
}

/// What kind of document it is; takes `apiVersion` and `kind` out of the value.
pub(super) fn take_kind(value: &mut Value, file: &File) -> Result<KindName, Vec<Finding>> {
    let Value::Object(fields) = value else {
        let message = "a document is a mapping with `apiVersion`, `kind`, `metadata` and `spec`";
        return Err(vec![Finding::error(Code::UnknownKind, FieldPath::root(), message)]);
    };
    let mut findings = Vec::new();
    let version = fields.remove("apiVersion");
    let kind = fields.remove("kind");
    let [version_text, kind_text] = [&version, &kind].map(|it| it.as_ref().and_then(Value::as_str));
    if let Some(finding) = foreign::finding(fields, version_text, kind_text, file) {
        return Err(vec![finding]);
    }
    if version.as_ref().and_then(Value::as_str) != Some(API_VERSION) {
        findings.push(wrong_header("apiVersion", version.as_ref(), &[API_VERSION]));
    }
    let kind_name = match kind.as_ref().and_then(Value::as_str) {
        Some("Pipeline") => Some(KindName::Pipeline),
        Some("Customization") => Some(KindName::Customization),
        _ => {
            findings.push(wrong_header("kind", kind.as_ref(), &["Pipeline", "Customization"]));
            None
        }
    };
    kind_name.filter(|_| findings.is_empty()).ok_or(findings)
}

/// Why a document has another `apiVersion` or `kind` than one of those that are known.
pub(super) fn wrong_header(field: &'static str, value: Option<&Value>, known: &[&str]) -> Finding {
    let path = FieldPath::of([field]);
    let options =
        known.iter().map(|it| format!("`{field}: {it}`")).collect::<Vec<_>>().join(" or ");
    match value.and_then(Value::as_str) {
        Some(text) => {
            let message = format!("unknown {field} `{}`", text.escaped());
            let hint = suggest::closest(text, known);
            let hint = hint
                .map_or_else(|| format!("write {options}"), |it| format!("did you mean `{it}`?"));
            Finding::error(Code::UnknownKind, path, message).hint(hint)
        }
        None => Finding::error(Code::UnknownKind, path, format!("`{field}` is missing"))
            .hint(format!("write {options}")),
    }
}
