//! Patterns of fields whose owner is decided beforehand.

use wellhead_diagnostics::Code;

use super::rule::field;
use crate::path::pattern::Step;
use crate::{FieldPath, Finding, PathPattern, PipelineSpec, Segment, UnknownField};

/// What nobody owns: an object goes by the first two, and the others are no part of an object.
const UNOWNED: [&str; 4] = ["name", "namespace", "ownership", "volumeMigration"];

pub(super) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    for (index, entry) in spec.ownership.iter().enumerate() {
        let at = field("ownership").index(index).key("field");
        match entry.field.parse::<PathPattern>() {
            Err(error) => {
                findings.push(Finding::error(Code::InvalidFieldPattern, at, error.to_string()));
            }
            Ok(pattern) => findings.extend(check_pattern(&at, &pattern)),
        }
    }
}

fn check_pattern(at: &FieldPath, pattern: &PathPattern) -> Option<Finding> {
    if let Some(list) = pattern.added_to() {
        let message = format!("`{pattern}` means nothing: `[+]` names items that a plugin adds");
        let hint = format!("write `{list}`");
        return Some(Finding::error(Code::UnusedOwnershipPolicy, at.clone(), message).hint(hint));
    }
    if let Some(UnknownField { name, meant }) = pattern.unknown_field() {
        let message = format!("`{pattern}` means nothing: no pipeline has the field `{name}`");
        let hint = meant.map_or_else(
            || "`wellhead schema` prints the fields of a pipeline".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Some(Finding::error(Code::UnusedOwnershipPolicy, at.clone(), message).hint(hint));
    }
    let [Step::Exactly(Segment::Key(first)), ..] = pattern.steps() else { return None };
    if !UNOWNED.contains(&first.as_str()) {
        return None;
    }
    let message = format!("`{pattern}` means nothing: no field manager owns it");
    Some(Finding::error(Code::UnusedOwnershipPolicy, at.clone(), message).hint("remove the entry"))
}
