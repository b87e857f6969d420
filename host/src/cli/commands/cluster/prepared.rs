//! The pipelines of a command: transformed for a cluster, and compared with it.

use wellhead::{Cluster, ClusterError, Namespace, Request, Run};

use crate::cli::args::allow::Allow;
use crate::cli::args::files::Files;
use crate::cli::args::take::Take;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::plugins::{diagnostics, logs};
use crate::cli::output::printer::Printer;
use crate::cli::output::progress::Reporter;
use crate::cli::program;
use crate::cli::signals::Signals;

/// Lets the plugins edit the pipelines for this cluster, and tells what they say and where it goes.
/// The diagnostics are those that were printed.
pub(crate) fn transformed(
    files: &Files,
    take: &Take,
    context: &Context,
    cluster: &Cluster,
) -> Result<(Run, Vec<Diagnostic>), Failure> {
    let default = Namespace::new(cluster.default_namespace()).ok();
    let request = files.request(context, default)?;
    let run = wellhead::run(&Request { take: take.take.clone(), ..request })?;
    let printer = &context.printer;
    let said = diagnostics::of_run(&run);
    printer.warnings(&said);
    logs::print_logs(run.outcomes.iter().map(Into::into), printer);
    printer.line(&target(&run, cluster));
    Ok((run, said))
}

/// Where the pipelines of a run go, in one line.
pub(crate) fn target(run: &Run, cluster: &Cluster) -> String {
    let pipelines = run.outcomes.iter().map(|it| &it.pipeline.metadata);
    let mut namespaces: Vec<_> =
        pipelines.filter_map(|it| it.namespace.as_ref()).map(Namespace::as_str).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let (context, server) = (cluster.context_name(), cluster.server_url());
    let acting = cluster.acting_as().map(|user| format!(" as {user}")).unwrap_or_default();
    format!("context {context} ({server}){acting}, namespace {}", namespaces.join(", "))
}

/// Pipelines, and what an apply of them would do now.
pub(crate) struct Planned {
    pub(crate) run: Run,
    pub(crate) plan: wellhead::Plan,
    /// What was said about the run so far, for the envelope.
    pub(crate) said: Vec<Diagnostic>,
    /// The command that applies them.
    pub(crate) apply: String,
}

/// Runs the plugins and asks the cluster what an apply would do.
pub(crate) async fn planned(
    files: &Files,
    take: &Take,
    allow: &Allow,
    context: &Context,
    cluster: &Cluster,
) -> Result<Planned, Failure> {
    let (run, said) = transformed(files, take, context, cluster)?;
    let printer = &context.printer;
    let signals = Signals::listen(printer)?;
    let options = allow.plan(&signals.stop);
    let plan = async |reporter: &Reporter| run.plan(cluster, &options, reporter).await;
    let plan = reported(plan, &signals, printer).await?;
    let apply = files.command("apply", context) + &allow.flags();
    Ok(Planned { run, plan, said, apply })
}

/// Plans, and shows progress meanwhile.
pub(crate) async fn reported<P>(
    plan: impl AsyncFnOnce(&Reporter) -> Result<P, ClusterError>,
    signals: &Signals,
    printer: &Printer,
) -> Result<P, Failure> {
    let reporter = Reporter::start(printer);
    let planned = plan(&reporter).await;
    reporter.finish();
    planned.map_err(|error| signals.failure(error, &program::this_command()))
}

/// Prints what a plan warns of.
pub(crate) fn warn(plan: &wellhead::Plan, printer: &Printer) {
    let warnings = plan.pipelines.iter().flat_map(|it| &it.warnings);
    printer.warnings(&Diagnostic::warnings(warnings));
}
