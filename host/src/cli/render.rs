//! `wellhead render`: files to objects, without a cluster.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use wellhead::{Object, Request, Run, to_yaml};

use super::exit::Exit;
use super::failure::Failure;
use super::input::Files;
use super::{Context, output_dir, provenance, warnings};

/// Print the objects of pipelines, without a cluster
///
/// Reads base specs and customizations, lets the plugins edit, and prints the Service, the claims
/// and the StatefulSet of each pipeline, in the order of the files. Nothing is printed when one
/// pipeline fails.
#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    files: Files,
    /// Format: YAML documents, or one JSON `List`
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: Format,
    /// Write a tree for GitOps, one file for each object, instead of printing
    ///
    /// Files are DIR/NAMESPACE/PIPELINE/KIND-NAME.yaml, with `_` for NAMESPACE where none is named.
    /// A file is replaced as a whole, and only when it differs. In the folders of the rendered
    /// pipelines, files of objects that are no longer rendered are removed; whatever is not
    /// Wellhead's stays, and so do the folders of other pipelines.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    output_dir: Option<PathBuf>,
    /// Also write where every field of every object comes from, as JSON
    ///
    /// For each leaf, the field of the spec and everyone who gave it a value, with plugin, digest and
    /// reason. `wellhead explain --from FILE` shows it without plugins. The file is replaced as a
    /// whole, and only when it differs.
    #[arg(long, value_name = "FILE")]
    provenance: Option<PathBuf>,
    /// Also print what each plugin reads and edits, and what became of it, to standard error
    ///
    /// In their order, with the field, the value and, of an edit that is refused, why. Values that look
    /// like secrets are masked. Of a pipeline that fails, it ends where it failed.
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
        let run = wellhead::run(&Request { trace: self.trace, ..request });
        let run = run.inspect_err(|error| warnings::print_logs_of(error, &context.printer))?;
        let said = warnings::of_run(&run);
        context.printer.warnings(&said);
        warnings::print_logs(&run, &context.printer);
        if let Some(path) = &self.provenance {
            provenance::write(path, &run.provenance(), &said)?;
        }
        match (&self.output_dir, self.output) {
            (Some(directory), _) => output_dir::write(directory, &run, &context.printer)?,
            (None, Format::Yaml) => print_yaml(&run, context)?,
            (None, Format::Json) => context.printer.json(&List(&run))?,
        }
        // The process ends here, and the system takes all memory at once.
        std::mem::forget(run);
        Ok(Exit::Done)
    }
}

fn print_yaml(run: &Run, context: &Context) -> Result<(), Failure> {
    let mut out = context.printer.result();
    for (index, set) in run.sets().enumerate() {
        if index > 0 {
            out.write_all(b"---\n")?;
        }
        out.write_all(to_yaml(&set.objects()).as_bytes())?;
    }
    Ok(out.flush()?)
}

/// The `v1` `List` of all objects, of which only one pipeline's are in memory at a time.
struct List<'r>(&'r Run);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_struct("List", 3)?;
        list.serialize_field("apiVersion", "v1")?;
        list.serialize_field("kind", "List")?;
        list.serialize_field("items", &Items(self.0))?;
        list.end()
    }
}

struct Items<'r>(&'r Run);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let objects = self.0.sets().flat_map(|set| set.objects());
        serializer.collect_seq(objects.map(|Object { value, .. }| value))
    }
}
