//! What to do about fields that another field manager owns, in the words of the pipeline.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use wellhead::Run;
use wellhead_cluster::Problem;
use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, yaml_item};

use crate::cli::program::quoted;

/// Says of each field that somebody else owns how the pipeline leaves it to them, and of all together how `apply` takes
/// them; and so of everything that is left behind.
pub(crate) fn explain<'p>(
    problems: impl IntoIterator<Item = &'p mut Problem>,
    run: &Run,
    apply: &str,
) {
    let (mut conflicts, mut left) = (Vec::new(), Vec::new());
    for problem in problems {
        match problem.code {
            Code::FieldConflict => conflicts.push(problem),
            _ if problem.take.is_some() => left.push(problem),
            _ => {}
        }
    }
    of_conflicts(conflicts, run, apply);
    of_leftovers(left, apply);
}

/// How what is left behind is kept, and how all of it together is removed.
fn of_leftovers(mut left: Vec<&mut Problem>, apply: &str) {
    let fields: BTreeSet<_> = left.iter().filter_map(|it| it.take.clone()).collect();
    let adopt = left.iter().all(|it| it.adopt) && !apply.contains(" --adopt");
    for problem in &mut left {
        let field = problem.take.as_ref().map(ToString::to_string).unwrap_or_default();
        let keep = format!("keep it: set `{field}` in the pipeline");
        problem.hint = (problem.code == Code::Leftover).then_some(keep);
    }
    // Errors are printed behind warnings.
    let last =
        left.iter().rposition(|it| it.code != Code::Leftover).unwrap_or(left.len().max(1) - 1);
    if let Some(problem) = left.get_mut(last) {
        let them = if fields.len() == 1 { "it" } else { "them" };
        let mut ways: Vec<_> = problem.hint.take().into_iter().collect();
        ways.push(format!("remove {them}: {}", command(apply, &fields)));
        if adopt {
            ways.push(format!(
                "remove {them}, and every field that earlier appliers still own: {apply} --adopt"
            ));
        }
        problem.hint = Some(ways.join("\n"));
    }
}

fn of_conflicts(conflicts: Vec<&mut Problem>, run: &Run, apply: &str) {
    if conflicts.is_empty() {
        return;
    }
    let mut of_run = run.fields_of();
    let (mut fields, mut known) = (Vec::new(), HashSet::new());
    let mut last = None;
    for problem in conflicts {
        let mut of_pipeline =
            |problem: &Problem| of_run.field(problem.object.as_ref()?, problem.path.as_ref()?);
        let Some(field) = of_pipeline(problem) else {
            let manager = problem.manager.as_deref().unwrap_or("its owner");
            problem.hint = Some(format!(
                "Wellhead sets it for every pipeline: stop \"{manager}\" from setting it"
            ));
            continue;
        };
        problem.hint = Some(leave(&field));
        if known.insert(field.clone()) {
            fields.push(field);
        }
        last = Some(problem);
    }
    if let Some(Problem { hint: Some(hint), .. }) = last {
        let them = if fields.len() == 1 { "it" } else { "them" };
        let _ = write!(hint, "\ntake {them}: {}", command(apply, &fields));
    }
}

/// How a pipeline leaves a field to others.
fn leave(field: &FieldPath) -> String {
    let text = field.to_string();
    let field = yaml_item(&text);
    format!("leave it: add `{{field: {field}, policy: yield}}` to `ownership` of the pipeline")
}

/// The command that takes fields over.
pub(crate) fn command<'f>(apply: &str, fields: impl IntoIterator<Item = &'f FieldPath>) -> String {
    fields.into_iter().fold(apply.to_owned(), |line, field| {
        format!("{line} --take {}", quoted(&field.to_string()))
    })
}
