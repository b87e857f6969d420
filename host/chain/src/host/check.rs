//! The form of single values, checked at the edit: what is wrong here can never reach a manifest.

use wellhead_spec::{ClaimName, Quantity, label};

/// A DNS label: names of containers, volumes and Service ports.
pub(super) fn dns_label(text: &str) -> Result<(), String> {
    // A claim's name has the same form and limit as every other label.
    ClaimName::new(text).map(drop).map_err(|_| {
        "it has lowercase letters, digits and `-`, no `-` at either end, at most 63 characters"
            .to_owned()
    })
}

/// The key of a label, annotation or node selector.
pub(super) fn label_key(text: &str) -> Result<(), String> {
    label::check_key(text).map_err(|error| error.to_string())
}

/// The value of a label or node selector.
pub(super) fn label_value(text: &str) -> Result<(), String> {
    label::check_value(text).map_err(|error| error.to_string())
}

/// The name of a resource, e.g. `cpu` or `nvidia.com/gpu`.
pub(super) fn qualified_name(text: &str) -> Result<(), String> {
    label_key(text)
}

/// A quantity that is not negative.
pub(super) fn amount(text: &str) -> Result<(), String> {
    let quantity = Quantity::new(text).map_err(|error| error.to_string())?;
    if quantity.is_negative() { Err(format!("`{text}` is less than 0")) } else { Ok(()) }
}

/// A StorageClass; the empty text asks for a volume without one.
pub(super) fn storage_class(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    wellhead_spec::ObjectName::new(text).map(drop).map_err(|error| error.to_string())
}

/// An environment variable's name: any printable ASCII without `=`.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/>
pub(super) fn env_name(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'=') {
        return Ok(());
    }
    Err("a variable's name has printable ASCII characters other than `=` and blanks")
}

/// A port's name (IANA service name). <https://www.rfc-editor.org/rfc/rfc6335#section-5.1>
pub(super) fn port_name(text: &str) -> Result<(), &'static str> {
    let form = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let letter = text.bytes().any(|byte| byte.is_ascii_lowercase());
    let ends = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
    if form && letter && ends && text.len() <= 15 {
        return Ok(());
    }
    Err(
        "a port's name has at most 15 lowercase letters, digits and single `-`, one letter at least",
    )
}
