//! `--take`.

use clap::Args;
use wellhead::PathPattern;
use wellhead_spec::UnknownField;

/// Fields to take over.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Take {
    /// Take ownership of these fields from other field managers in this run, e.g. `replicas` or
    /// `containers.*.resources`. Values below these fields that the pipelines do not set are removed.
    /// Conflicts of other fields are still refused
    #[arg(long, value_name = "FIELD", alias = "force-conflicts", value_parser = pattern)]
    pub(crate) take: Vec<PathPattern>,
}

/// A pattern of fields that pipelines have.
fn pattern(text: &str) -> Result<PathPattern, String> {
    let pattern: PathPattern = text.parse().map_err(|error| format!("{error}"))?;
    if let Some(list) = pattern.added_to() {
        return Err(format!("`[+]` names items that a plugin adds; write `{list}`"));
    }
    let Some(UnknownField { name, meant }) = pattern.unknown_field() else { return Ok(pattern) };
    let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    Err(format!("no pipeline has the field `{name}`{meant}"))
}
