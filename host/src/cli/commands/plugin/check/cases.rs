//! The cases of a project: whether the plugin does what they say, twice, within its budgets.

use std::path::Path;

use wellhead::authoring::{Project, TestRequest, test};

use super::report::Report;
use crate::cli::commands::plugin::test::{failures, loading};
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Runs the cases of the project in a folder; a component alone has none.
pub(super) fn check(plugin: &Path, context: &Context, report: &mut Report) -> Result<(), Failure> {
    if !plugin.is_dir() {
        report.skip("cases", "a component alone has none, so determinism is not checked");
        return Ok(());
    }
    if !Project::open(plugin)?.cases.is_dir() {
        report.skip("cases", "the project has none, so determinism is not checked");
        return Ok(());
    }
    let folder = plugin.to_owned();
    let request = TestRequest { folder, loading: loading(context), ..TestRequest::default() };
    let tested = test(&request)?;
    let detail = format!("{} pass, each twice with the same result", tested.cases.len());
    report.find("cases", failures(&tested, context.printer.is_verbose()), detail);
    Ok(())
}
