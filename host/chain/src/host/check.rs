//! The form of single values, checked at the edit: what is wrong here can never reach a manifest.

use wellhead_spec::{ClaimName, Quantity, label};

/// A DNS label: names of containers, volumes and Service ports.
pub(super) fn dns_label(text: &str) -> Result<(), String> {
    // A claim's name has the same form and limit as every other label.
    ClaimName::check(text).map_err(|_| {
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
    let nanos = Quantity::nanos_of(text).map_err(|error| error.to_string())?;
    if nanos < 0 { Err(format!("`{text}` is less than 0")) } else { Ok(()) }
}

/// The size of a volume.
pub(super) fn size(text: &str) -> Result<(), String> {
    let nanos = Quantity::nanos_of(text).map_err(|error| error.to_string())?;
    if nanos <= 0 {
        return Err(format!("`{text}` is not a size of a volume: it must be above zero"));
    }
    Ok(())
}

/// A text that has no syntax: everything but NUL, which ends a text in the container.
pub(super) fn free_text(text: &str) -> Result<(), &'static str> {
    if text.contains('\0') { Err("it has a NUL character") } else { Ok(()) }
}

/// A text without control characters, e.g. a path.
pub(super) fn printable(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("it is empty or has a control character");
    }
    Ok(())
}

/// Where something is mounted in a container.
pub(super) fn mount_path(text: &str) -> Result<(), &'static str> {
    printable(text)?;
    match text {
        "/" => Err("it would hide the whole image"),
        _ if !text.starts_with('/') => Err("an absolute path begins with `/`"),
        _ if text.contains(':') => Err("a mount path has no `:`"),
        _ if !wellhead_spec::mount_path::is_normal(text) => {
            Err("a mount path has one spelling: single `/`, none at the end, no `.` and no `..`")
        }
        _ => Ok(()),
    }
}

/// A path that stays below the folder that it starts from.
pub(super) fn path_inside(text: &str) -> Result<(), &'static str> {
    printable(text)?;
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("it leads out of the volume");
    }
    Ok(())
}

/// A key of a ConfigMap or Secret.
/// <https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object>
pub(super) fn config_key(text: &str) -> Result<(), &'static str> {
    let form = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let dots = text == "." || text.starts_with("..");
    if !text.is_empty() && text.len() <= 253 && text.bytes().all(form) && !dots {
        return Ok(());
    }
    Err("a key has at most 253 letters, digits, `-`, `_` and `.`")
}

/// A StorageClass; the empty text asks for a volume without one.
pub(super) fn storage_class(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    wellhead_spec::ObjectName::check(text).map_err(|error| error.to_string())
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
