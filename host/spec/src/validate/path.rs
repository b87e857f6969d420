//! Rules of paths that start in a folder, and of the modes of files.

use std::ops::RangeInclusive;

use wellhead_diagnostics::Code;

use super::rule::refuse;
use crate::read::number;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding};

/// All permissions that a volume gives to files.
const MODES: RangeInclusive<i32> = 0..=0o777;
/// Modes that let nobody but the owner write, with their octal digits read as decimal ones.
const SLIPS: [i32; 4] = [400, 440, 444, 500];

/// A path below the folder where it starts: not absolute, and without `..`.
pub(super) fn relative(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.starts_with('/') {
        let message = format!("`{}` is absolute: it starts in a folder", path.escaped());
        refuse(at, message, findings);
    }
    no_way_up(at, path, findings);
}

/// A path without `..`.
pub(super) fn no_way_up(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.split('/').any(|part| part == "..") {
        refuse(at, format!("`{}` leads up with `..`", path.escaped()), findings);
    }
}

/// A file in a volume that is written by the node, which keeps names with `..` in front for itself.
pub(super) fn file(at: &FieldPath, path: &str, findings: &mut Vec<Finding>) {
    if path.is_empty() {
        refuse(at, "the path is empty", findings);
    }
    relative(at, path, findings);
    if path.starts_with("..") && !path.starts_with("../") && path != ".." {
        refuse(at, format!("`{}` starts with `..`", path.escaped()), findings);
    }
}

/// Permissions of a file, as in `chmod`.
pub(super) fn mode(at: &FieldPath, mode: Option<i32>, findings: &mut Vec<Finding>) {
    let Some(mode) = mode else { return };
    // The mode that was meant by somebody who wrote `644`.
    let meant = i32::from_str_radix(&mode.to_string(), 8).ok().filter(|it| MODES.contains(it));
    let octal = meant.map(|it| number::octal_text(it.into()));
    if !MODES.contains(&mode) {
        let message = format!("`{mode}` is not a mode of a file: 0 to 511, which is 0o777");
        let finding = Finding::error(Code::InvalidValue, at.clone(), message);
        findings.push(match (meant, octal) {
            (Some(meant), Some(octal)) => finding.hint(format!("write `{octal}` or `{meant}`")),
            _ => finding.hint("e.g. `0o644`, which is `420`"),
        });
    } else if SLIPS.contains(&mode)
        && let Some(octal) = octal
    {
        let is = number::octal_text(mode.into());
        let message = format!("`{mode}` is the mode {is}, which lets a group write");
        let finding = Finding::warning(Code::UnlikelyAmount, at.clone(), message);
        findings.push(finding.hint(format!("did you mean `{octal}`? Then write it so")));
    }
}
