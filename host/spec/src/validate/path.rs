//! Rules of paths that start in a folder, and of the modes of files.

use super::refuse;
use crate::{FieldPath, Finding};

/// A path below the folder where it starts: not absolute, and without `..`.
pub(super) fn relative(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.starts_with('/') {
        let message = format!("`{}` is absolute: it starts in a folder", path.escape_debug());
        refuse(at, message, findings);
    }
    no_way_up(at, path, findings);
}

/// A path without `..`.
pub(super) fn no_way_up(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.split('/').any(|part| part == "..") {
        refuse(at, format!("`{}` leads up with `..`", path.escape_debug()), findings);
    }
}

/// A file in a volume that is written by the node, which keeps names with `..` in front for itself.
pub(super) fn file(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.is_empty() {
        refuse(at, "the path is empty", findings);
    }
    relative(at, path, findings);
    if path.starts_with("..") && !path.starts_with("../") && path != ".." {
        refuse(at, format!("`{}` starts with `..`", path.escape_debug()), findings);
    }
}

/// Permissions of a file, as in `chmod`.
pub(super) fn mode(at: &FieldPath, mode: Option<i32>, findings: &mut Vec<Finding>) {
    if let Some(mode) = mode.filter(|it| !(0..=0o777).contains(it)) {
        let message = format!("`{mode}` is not a mode of a file: 0 to 511, which is 777 in octal");
        refuse(at, message, findings);
    }
}
