//! What changed since an earlier version, and whether the version tells it.

use std::path::Path;

use wellhead::authoring::{Comparison, Part, Project, TestRequest, compare, test};
use wellhead_chain::sanitize;
use wellhead_diagnostics::Code;

use super::report::Report;
use crate::cli::commands::plugin::info::Subject;
use crate::cli::commands::plugin::test::loading;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;

/// Compares a plugin with an earlier version of it. In a project, the old one runs the cases of the new one, too.
pub(super) fn check(
    plugin: &Path,
    new: &Subject,
    old: &Path,
    context: &Context,
    report: &mut Report,
) -> Result<(), Failure> {
    let name = old.file_stem().unwrap_or_default().to_string_lossy();
    let before = Subject::load(&name, old, context)?;
    let cases = if plugin.is_dir() && Project::open(plugin)?.cases.is_dir() {
        let (folder, component) = (plugin.to_owned(), Some(old.to_owned()));
        let loading = loading(context);
        Some(test(&TestRequest { folder, component, loading, ..TestRequest::default() })?)
    } else {
        None
    };
    let compared = compare(&before.plugin, &new.plugin, cases.as_ref());
    let detail = format!("{} after {}", compared.new, compared.old);
    report.find_apart("version", finding(&compared, old).into_iter().collect(), detail);
    report.compared = Some(compared);
    Ok(())
}

fn finding(compared: &Comparison, old: &Path) -> Option<Diagnostic> {
    if compared.rises {
        return None;
    }
    let Comparison { new, least, .. } = compared;
    let what = format!("the version must be {least} or higher: it is {new}");
    let old = sanitize(&old.display().to_string(), 400);
    let part = compared.differences.first().map_or(Part::Patch, |it| it.part);
    let why = match part {
        Part::Major => "what changed asks something of those who use it",
        Part::Minor => "there is more than in it",
        Part::Patch => "it is another file",
    };
    let found = Diagnostic::error(Code::VersionTooLow, what);
    Some(found.fact(format!("{old} has version {}; {why}", compared.old)).hint(format!(
        "write version {least} into the project, and what changed into its CHANGELOG.md"
    )))
}
