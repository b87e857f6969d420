//! What to do about several problems at once: the command that takes every field that another field manager owns.

use std::collections::{BTreeSet, HashSet};

use wellhead_cluster::{Problem, Remedy};
use wellhead_diagnostics::Code;
use wellhead_spec::FieldPath;

use super::diagnostic::Diagnostic;
use crate::cli::program::quoted;

/// Problems that are shown together, warnings last. Of fields that other managers own, the last says how `apply` takes all
/// of them; and so of everything that is left behind.
pub(crate) fn diagnostics<'p>(
    problems: impl IntoIterator<Item = &'p Problem>,
    apply: &str,
) -> Vec<Diagnostic> {
    let problems: Vec<_> = problems.into_iter().collect();
    let mut hints: Vec<_> = problems.iter().map(|it| it.ways_out()).collect();
    of_conflicts(&problems, &mut hints, apply);
    of_leftovers(&problems, &mut hints, apply);
    let shown = problems.into_iter().zip(hints);
    shown.map(|(problem, hints)| Diagnostic { hints, ..Diagnostic::of_problem(problem) }).collect()
}

/// How all conflicts together are taken.
fn of_conflicts(problems: &[&Problem], hints: &mut [Vec<String>], apply: &str) {
    let conflicts = problems.iter().enumerate().filter_map(|(at, problem)| match &problem.remedy {
        Some(Remedy::SetPolicy { field: Some(field), .. }) => Some((at, field)),
        _ => None,
    });
    let (mut fields, mut known, mut last) = (Vec::new(), HashSet::new(), None);
    for (at, field) in conflicts {
        if known.insert(field) {
            fields.push(field);
        }
        last = Some(at);
    }
    let Some(last) = last else { return };
    let them = if fields.len() == 1 { "it" } else { "them" };
    hints[last].push(format!("take {them}: {}", command(apply, fields)));
}

/// How what is left behind is kept, and how all of it together is removed.
fn of_leftovers(problems: &[&Problem], hints: &mut [Vec<String>], apply: &str) {
    let left = problems.iter().enumerate().filter_map(|(at, problem)| match &problem.remedy {
        Some(Remedy::SetOrTake { field, adopt }) => Some((at, problem.code, field, *adopt)),
        _ => None,
    });
    let left: Vec<_> = left.collect();
    for (at, code, field, _) in &left {
        let keep = format!("keep it: set `{field}` in the pipeline");
        hints[*at] = if *code == Code::Leftover { vec![keep] } else { Vec::new() };
    }
    // Errors are printed behind warnings.
    let last = left.iter().rfind(|(_, code, ..)| *code != Code::Leftover).or(left.last());
    let Some((last, ..)) = last else { return };
    let fields: BTreeSet<_> = left.iter().map(|(_, _, field, _)| *field).collect();
    let them = if fields.len() == 1 { "it" } else { "them" };
    hints[*last].push(format!("remove {them}: {}", command(apply, fields)));
    if left.iter().all(|(.., adopt)| *adopt) && !apply.contains(" --adopt") {
        hints[*last].push(format!(
            "remove {them}, and every field that earlier appliers still own: {apply} --adopt"
        ));
    }
}

/// The command that takes fields over.
pub(crate) fn command<'f>(apply: &str, fields: impl IntoIterator<Item = &'f FieldPath>) -> String {
    fields.into_iter().fold(apply.to_owned(), |line, field| {
        format!("{line} --take {}", quoted(&field.to_string()))
    })
}
