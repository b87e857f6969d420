//! `wellhead render`: files to objects, without a cluster.

pub(crate) mod before;
pub(crate) mod flux;
pub(crate) mod messages;
pub(crate) mod tree;

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use wellhead::{Object, Outcome, Previous, Request, Run, objects_for_others, to_yaml};

use crate::cli::args::files::Files;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::plugins::report::{PluginReport, StoredReport};
use crate::cli::output::plugins::{diagnostics, logs};
use crate::cli::provenance;
use flux::{FluxSource, Layout};
use tree::{Plan, Tree};

/// Print the objects of pipelines, without a cluster
///
/// Reads pipelines and customizations, runs the plugins, and prints the Service, the claims and the
/// StatefulSet of each pipeline, in the order of the files. If one pipeline fails, nothing is printed.
#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    files: Files,
    /// Format: YAML documents, or one JSON `List`
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: Format,
    /// Write a tree for GitOps, one file for each object, instead of printing
    ///
    /// Files are DIR/NAMESPACE/PIPELINE/KIND-NAME.yaml, with `_` as NAMESPACE if none is set. A file is
    /// written only if it differs. In the folders of the rendered pipelines, files of objects that are no
    /// longer rendered are removed; other files and the folders of other pipelines are kept. Immutable fields
    /// keep the value in the existing file, with a warning. So does a claim whose file is removed: it stays
    /// in the cluster. See docs/guides/gitops.md.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    output_dir: Option<PathBuf>,
    /// Layout of the tree
    #[arg(long, value_name = "LAYOUT", default_value = "flat", requires = "output_dir")]
    layout: Layout,
    /// Flux source that contains the tree, KIND/NAME or KIND/NAMESPACE/NAME
    #[arg(
        long,
        value_name = "SOURCE",
        default_value = "GitRepository/flux-system",
        requires = "output_dir"
    )]
    flux_source: FluxSource,
    /// Path of DIR in that source [default: its path in the Git repository]
    #[arg(long, value_name = "PATH", requires = "output_dir")]
    flux_path: Option<String>,
    /// Keep the immutable fields of what was rendered before: a file or a folder
    ///
    /// `--output-dir` does not need it: it reads the existing files.
    #[arg(long, value_name = "BEFORE", conflicts_with = "output_dir")]
    immutable_from: Option<PathBuf>,
    /// Also write where every field of every object comes from, as JSON
    ///
    /// For each leaf, the field of the spec and everything that set it, with plugin, digest and reason.
    /// `wellhead explain --from FILE` shows it without running plugins. The file is written only if it
    /// differs.
    #[arg(long, value_name = "FILE")]
    provenance: Option<PathBuf>,
    /// Also print what each plugin reads and edits, with the results, to standard error
    ///
    /// In order, with the field, the value and, for a refused edit, the reason. Values that look like secrets
    /// are masked. The trace of a pipeline that fails ends at the failure.
    #[arg(long)]
    trace: bool,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Documents as kubectl reads them.
    Yaml,
    /// One `v1` `List`.
    Json,
}

impl Render {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let to_stdout = self.provenance.as_ref().is_some_and(|it| it.as_os_str() == "-");
        if to_stdout {
            return Err(Failure::usage(
                "`--provenance` takes a file: standard output has the objects",
                "`wellhead explain -o json` with the same files prints the same document",
            ));
        }
        let request = self.files.request(context, None)?;
        let request = Request { trace: self.trace, ..request };
        let is_plain = self.output_dir.is_none() && self.immutable_from.is_none();
        if is_plain && self.provenance.is_none() && self.output == Format::Yaml {
            return print_each(&request, context);
        }
        let run = wellhead::run(&request);
        let run = run.inspect_err(|error| logs::print_logs_of(error, &context.printer))?;
        let mut said = diagnostics::of_run(&run);
        let tree = self.tree();
        let plan = match (&tree, &self.immutable_from) {
            (Some(tree), _) => tree.plan(&run)?,
            (None, Some(path)) => Plan::over(&run, path)?,
            (None, None) => Plan::default(),
        };
        said.extend(plan.said.iter().cloned());
        context.printer.warnings(&said);
        logs::print_logs(run.outcomes.iter().map(Into::into), &context.printer);
        if let Some(path) = &self.provenance {
            let mut record = run.provenance();
            for pipeline in 0..run.outcomes.len() {
                plan.hold(&mut record, &run, pipeline);
            }
            provenance::write(path, &record, &said)?;
        }
        match (&tree, self.output) {
            (Some(tree), _) => tree.write(&run, &plan, &context.printer)?,
            (None, Format::Yaml) => print_yaml(&run, &plan, context)?,
            (None, Format::Json) => context.printer.json(&List(&run, &plan))?,
        }
        // The process ends here, and the system takes all memory at once.
        std::mem::forget(run);
        Ok(Exit::Done)
    }

    fn tree(&self) -> Option<Tree<'_>> {
        let directory = self.output_dir.as_deref()?;
        let (layout, source, path) = (self.layout, &self.flux_source, self.flux_path.as_deref());
        Some(Tree { directory, layout, source, path })
    }
}

/// Prints what nothing else is to become of: each pipeline is rendered by who transformed it, and nothing but its text
/// is kept until all of them are known to be good.
fn print_each(request: &Request, context: &Context) -> Result<Exit, Failure> {
    let render = |outcome: Outcome| {
        let text = to_yaml(objects_for_others(&outcome.pipeline));
        (text.into_boxed_str(), StoredReport::of(outcome))
    };
    let each = wellhead::run_each(request, render);
    let each = each.inspect_err(|error| logs::print_logs_of(error, &context.printer))?;
    let reports = || each.results.iter().filter_map(|it| it.1.as_deref()).map(PluginReport::from);
    // Warnings of thousands take longer to word than their pipelines take to render.
    if !context.printer.is_quiet() {
        context.printer.warnings(&diagnostics::of_each(&each.warnings, &each.texts, reports()));
    }
    logs::print_logs(reports(), &context.printer);
    let mut out = context.printer.result();
    for (at, (text, _)) in each.results.iter().enumerate() {
        if at > 0 {
            out.write_all(b"---\n")?;
        }
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    // The process ends here, and the system takes all memory at once.
    std::mem::forget(each);
    Ok(Exit::Done)
}

fn print_yaml(run: &Run, plan: &Plan, context: &Context) -> Result<(), Failure> {
    let mut out = context.printer.result();
    for pipeline in 0..run.outcomes.len() {
        if pipeline > 0 {
            out.write_all(b"---\n")?;
        }
        if plan.keeps(pipeline) {
            let frozen = plan.frozen(run, pipeline);
            out.write_all(to_yaml(&frozen.objects).as_bytes())?;
            out.write_all(Previous::note(&frozen.gone).as_bytes())?;
        } else {
            out.write_all(to_yaml(run.objects_for_others(pipeline)).as_bytes())?;
        }
    }
    Ok(out.flush()?)
}

/// The `v1` `List` of all objects, of which only one pipeline's are in memory at a time.
struct List<'r>(&'r Run, &'r Plan);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_struct("List", 3)?;
        list.serialize_field("apiVersion", "v1")?;
        list.serialize_field("kind", "List")?;
        list.serialize_field("items", &Items(self.0, self.1))?;
        list.end()
    }
}

struct Items<'r>(&'r Run, &'r Plan);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pipelines = 0..self.0.outcomes.len();
        let objects = pipelines.flat_map(|pipeline| self.1.objects(self.0, pipeline));
        serializer.collect_seq(objects.map(|Object { value, .. }| value))
    }
}
