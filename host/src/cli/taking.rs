//! `--take`, and what to do about fields that somebody else owns, in the words of the pipeline.

use std::fmt::Write as _;

use clap::Args;
use wellhead::{PathPattern, Run};
use wellhead_cluster::Problem;
use wellhead_spec::{FieldPath, UnknownField, yaml_item};

use super::cluster::quoted;
use super::failure::Failure;

/// The code of a field that somebody else owns.
const CONFLICT: &str = "WH0401";

/// Fields to take over.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Take {
    /// Take these fields over from whoever else sets them, in this run, e.g. `replicas` or
    /// `containers.*.resources`; every other conflict is still refused
    #[arg(long, value_name = "FIELD", alias = "force-conflicts", value_parser = pattern)]
    pub(crate) take: Vec<PathPattern>,
}

/// A pattern of fields that pipelines have.
fn pattern(text: &str) -> Result<PathPattern, String> {
    let pattern: PathPattern = text.parse().map_err(|error| format!("{error}"))?;
    let Some(UnknownField { name, meant }) = pattern.unknown_field() else { return Ok(pattern) };
    let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    Err(format!("no pipeline has the field `{name}`{meant}"))
}

/// Refuses to take what the pipelines of the run do not set.
pub(crate) fn check(run: &Run) -> Result<(), Failure> {
    let nothing: Vec<_> = run.taking_nothing().iter().map(|it| format!("`{it}`")).collect();
    if nothing.is_empty() {
        return Ok(());
    }
    let what = format!("`--take` names what these pipelines do not set: {}", nothing.join(", "));
    Err(Failure::usage(what, "`wellhead explain -f FILE` shows every field and who set it"))
}

/// Says of each conflict how the pipeline leaves the field to its owner, and of all together how `apply` takes them.
pub(crate) fn explain<'p>(
    problems: impl IntoIterator<Item = &'p mut Problem>,
    run: &Run,
    apply: &str,
) {
    let conflicts: Vec<_> = problems.into_iter().filter(|it| it.code == CONFLICT).collect();
    let mut fields = Vec::new();
    let mut last = None;
    for problem in conflicts {
        let of_pipeline =
            |problem: &Problem| run.field_of(problem.object.as_ref()?, problem.path.as_ref()?);
        let Some(field) = of_pipeline(problem) else {
            let manager = problem.manager.as_deref().unwrap_or("its owner");
            problem.hint =
                Some(format!("Wellhead sets it for every pipeline: make \"{manager}\" give it up"));
            continue;
        };
        problem.hint = Some(leave(&field));
        if !fields.contains(&field) {
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
