//! `wellhead plan`: what an apply would do, and what that means.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wellhead::{Cluster, Run, SavedPlan};

use super::plan_file;
use super::prepared::{Planned, planned};
use crate::cli::args::allow::Allow;
use crate::cli::args::files::Files;
use crate::cli::args::format::Text;
use crate::cli::args::take::Take;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::plan::text;
use crate::cli::output::plan::view::{SetBy, View};
use crate::cli::output::remedies;
use crate::cli::program::repeated;

/// Preview the changes an apply would make
///
/// Performs every step of an apply up to the first write: each change is a server-side dry run, and nothing
/// is written. Shows the fields that Wellhead owns or would own, as the server would store them, what set
/// each of them, and what the change means: which pods restart, in which order, whether volumes are expanded,
/// whether data is at risk. Preflight checks cover RBAC, quotas, nodes, volumes and the objects that pods
/// refer to. Values that look like secrets are masked. `-v` shows new objects in full. If an apply would be
/// refused, the exit code is 4.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    take: Take,
    /// Exit with 0 if there are no changes, with 2 if there are changes
    #[arg(long, alias = "detailed-exitcode")]
    exit_code: bool,
    #[command(flatten)]
    allow: Allow,
    /// Save the plan to a file, for `wellhead apply FILE`. The file contains all values, including secrets in
    /// variables
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

/// The file of a plan that was kept.
#[derive(Serialize)]
struct Kept {
    file: PathBuf,
    digest: String,
}

/// A plan, and where it is kept.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    plan: View<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a Kept>,
}

/// Writes a plan that an apply would not refuse.
fn keep(
    path: &Path,
    run: &Run,
    plan: &wellhead::Plan,
    cluster: &Cluster,
) -> Result<Option<Kept>, Failure> {
    let Some(saved) = SavedPlan::new(run, plan, cluster) else { return Ok(None) };
    plan_file::write(path, &saved)?;
    Ok(Some(Kept { file: path.to_owned(), digest: saved.digest() }))
}

/// What became of the file of a plan.
fn said_of(path: &Path, kept: Option<&Kept>) -> String {
    let file = path.display();
    match kept {
        Some(Kept { digest, .. }) => {
            let command = repeated(&format!("wellhead apply {file} --digest {digest}"));
            format!("saved to {file}; apply it with: {command}")
        }
        None => format!("not saved to {file}: an apply would be refused"),
    }
}

impl Plan {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        cluster::block_on(async {
            let cluster = cluster::connect(context).await?;
            self.plan(context, &cluster).await
        })
    }

    async fn plan(&self, context: &Context, cluster: &Cluster) -> Result<Exit, Failure> {
        let Planned { run, plan, mut said, apply } =
            planned(&self.files, &self.take, &self.allow, context, cluster).await?;
        let printer = &context.printer;
        let warnings = plan.pipelines.iter().flat_map(|it| &it.warnings);
        let mut problems = remedies::diagnostics(plan.problems.iter().chain(warnings), &apply);
        let warnings = problems.split_off(plan.problems.len()).into_iter();
        let warnings: Vec<_> = warnings.map(Diagnostic::into_warning).collect();
        printer.warnings(&warnings);
        let kept = self.out.as_ref().map(|file| keep(file, &run, &plan, cluster)).transpose()?;
        let kept = kept.flatten();
        let provenance = run.provenance();
        let view = View::new(&plan, SetBy::Run(&provenance));
        if self.is_json() {
            said.extend(warnings);
            said.extend(problems.clone());
            printer.print(&problems);
            printer.json(&Envelope::new(
                "Plan",
                Shown { plan: view, kept: kept.as_ref() },
                said,
            ))?;
        } else {
            printer.styled(&text::text(&view, printer.is_verbose()))?;
            printer.print(&problems);
        }
        if let Some(file) = &self.out {
            printer.line(&said_of(file, kept.as_ref()));
        }
        Ok(match (problems.is_empty(), plan.is_empty()) {
            (false, _) => Exit::Refused,
            (true, false) if self.exit_code => Exit::Changes,
            (true, _) => Exit::Done,
        })
    }
}
