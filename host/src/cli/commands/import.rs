//! `wellhead import`: StatefulSets that exist to pipelines.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use wellhead::import::{self, Import as Imported, ImportFinding};
use wellhead::{Pipeline, Severity, Source, load_manifests};
use wellhead_diagnostics::Code;
use wellhead_spec::ObjectName;

use crate::cli::args::files;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::file::{check_folder, replace};

/// Generate pipelines from existing StatefulSets
///
/// From a cluster, or from manifests: files, folders, `-`, e.g. `helm template db chart | wellhead import -f
/// -`. A pipeline covers the StatefulSet, the headless Service that it names and the claims of its replicas,
/// including differing sizes and classes. Fields that the server generates or defaults are omitted. Fields
/// and objects that a pipeline cannot express are reported. Nothing is written to the cluster; `wellhead plan
/// --adopt` previews how `wellhead apply --adopt` would adopt the objects.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// StatefulSets of the cluster: NAME, sts/NAME or statefulset/NAME
    #[arg(value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    #[arg(value_parser = stateful_set)]
    names: Vec<ObjectName>,
    /// Manifests: a file, a folder, or `-` for standard input
    #[arg(short, long, value_name = "MANIFEST", num_args = 1..)]
    file: Vec<PathBuf>,
    /// Output format: YAML documents with comments, or one JSON document with all findings
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", value_parser = format)]
    output: Format,
    /// Write one file for each pipeline, DIR/NAMESPACE/PIPELINE.yaml, instead of printing
    ///
    /// NAMESPACE is `_` if none is set. A file is written only if it differs.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    output_dir: Option<PathBuf>,
}

/// How pipelines are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Documents that `-f` takes.
    Yaml,
    /// One document with the findings.
    Json,
}

/// A format. Earlier versions took a folder here.
fn format(text: &str) -> Result<Format, String> {
    match text {
        "yaml" => Ok(Format::Yaml),
        "json" => Ok(Format::Json),
        _ => Err("a format is `yaml` or `json`; `--output-dir` names a folder".to_owned()),
    }
}

/// What was imported, as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImportResult {
    pipelines: Vec<Value>,
}

impl Import {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let (imported, findings) = if self.file.is_empty() {
            let imported = cluster::block_on(self.live(context))?;
            let findings = imported.findings.iter().map(|it| of_finding(it, |_| None)).collect();
            (imported, findings)
        } else {
            self.manifests(context)?
        };
        let (errors, warnings): (Vec<Diagnostic>, Vec<_>) =
            findings.into_iter().partition(|it| it.severity == Severity::Error);
        let exit = if errors.is_empty() { Exit::Done } else { Exit::Error };
        // A printer shows the first few of a kind, and here each one matters.
        for warning in &warnings {
            context.printer.warnings(std::slice::from_ref(warning));
        }
        for error in &errors {
            context.printer.print(std::slice::from_ref(error));
        }
        match (&self.output_dir, self.output) {
            (Some(directory), _) => write(directory, &imported, context)?,
            (None, Format::Yaml) => context.printer.text(&text(&imported))?,
            (None, Format::Json) => {
                let pipelines = imported.pipelines.iter().map(Pipeline::to_document).collect();
                let diagnostics = errors.into_iter().chain(warnings).collect();
                let result = ImportResult { pipelines };
                context.printer.json(&Envelope::new("ImportResult", result, diagnostics))?;
            }
        }
        Ok(exit)
    }

    async fn live(&self, context: &Context) -> Result<Imported, Failure> {
        let cluster = cluster::connect(context).await?;
        let namespace = cluster::namespace(context, &cluster);
        let (mut workloads, mut missing) = (Vec::new(), Vec::new());
        for name in &self.names {
            match cluster.workload(&namespace, name.as_str()).await? {
                Some(workload) => workloads.push(workload),
                None => missing.push(format!("statefulset/{name}")),
            }
        }
        if missing.is_empty() {
            return Ok(import::from_cluster(&workloads));
        }
        let what = format!("there is no {} in namespace {namespace}", missing.join(", "));
        let hint = "`-n` names the namespace, `--context` the cluster";
        Err(Failure::not_found(Diagnostic::error(Code::NotFound, what).hint(hint)))
    }

    fn manifests(&self, context: &Context) -> Result<(Imported, Vec<Diagnostic>), Failure> {
        files::check_terminal(&self.file)?;
        let sources: Vec<_> = self.file.iter().cloned().map(Source::from).collect();
        let manifests = load_manifests(&sources);
        let texts = |file: &Path| manifests.text(file);
        let mut findings = Diagnostic::of_findings(&manifests.findings, texts);
        let mut imported = import::from_manifests(&manifests.objects);
        // What could not be read may be the StatefulSet.
        if !manifests.findings.is_empty() {
            imported.findings.retain(|it| it.code != Code::NoStatefulSet);
        }
        if let Some(namespace) = &context.global.namespace {
            for pipeline in &mut imported.pipelines {
                let metadata = &mut pipeline.metadata;
                let theirs = metadata.namespace.get_or_insert_with(|| namespace.clone());
                if theirs != namespace {
                    let what = format!("statefulset/{} is in namespace {theirs}", metadata.name);
                    let hint = format!("leave `-n {namespace}` out, or change the manifest");
                    findings.push(Diagnostic::error(Code::NamespaceMismatch, what).hint(hint));
                }
            }
        }
        findings.extend(imported.findings.iter().map(|it| of_finding(it, texts)));
        Ok((imported, findings))
    }
}

/// A StatefulSet as kubectl names it.
fn stateful_set(text: &str) -> Result<ObjectName, String> {
    let name = match text.split_once('/') {
        Some(("sts" | "statefulset" | "statefulsets" | "statefulset.apps", name)) => name,
        Some((kind, _)) => {
            return Err(format!("`{kind}` is not a StatefulSet: write sts/NAME"));
        }
        None => text,
    };
    ObjectName::new(name).map_err(|error| error.to_string())
}

fn of_finding<'t>(finding: &ImportFinding, texts: impl Fn(&Path) -> Option<&'t str>) -> Diagnostic {
    let base = match finding.severity {
        Severity::Error => Diagnostic::error(finding.code, said(finding)),
        Severity::Warning => Diagnostic::warning(finding.code, said(finding)),
        Severity::Note => Diagnostic::note(finding.code, said(finding)),
    };
    let mut one = Diagnostic {
        object: Some(finding.object.clone()).filter(|it| !it.is_empty()),
        field: finding.field.as_ref().map(ToString::to_string),
        ..base
    };
    one = finding.reason.iter().fold(one, Diagnostic::fact);
    one = finding.hint.iter().fold(one, Diagnostic::hint);
    match &finding.location {
        // Where a document begins, there is nothing to see.
        Some(location) if finding.field.is_some() => one.at(location, texts(&location.file)),
        Some(location) => one.at(location, None),
        None => one,
    }
}

fn said(finding: &ImportFinding) -> String {
    if finding.object.is_empty() {
        finding.message.clone()
    } else {
        format!("{}: {}", finding.object, finding.message)
    }
}

fn text(imported: &Imported) -> String {
    let documents = (0..imported.pipelines.len()).map(|it| imported.to_yaml(it));
    documents.collect::<Vec<_>>().join("---\n")
}

fn write(directory: &Path, imported: &Imported, context: &Context) -> Result<(), Failure> {
    let (mut written, mut unchanged) = (0, 0);
    for (index, pipeline) in imported.pipelines.iter().enumerate() {
        let metadata = &pipeline.metadata;
        let namespace = metadata.namespace.as_ref().map_or("_", |it| it.as_str());
        let folder = directory.join(namespace);
        check_folder(directory, &folder)
            .and_then(|()| fs::create_dir_all(&folder))
            .map_err(|error| Failure::unwritable(&folder, &error))?;
        let path = folder.join(format!("{}.yaml", metadata.name));
        let changed = replace(&path, &imported.to_yaml(index))
            .map_err(|error| Failure::unwritable(&path, &error))?;
        *(if changed { &mut written } else { &mut unchanged }) += 1;
    }
    let place = directory.display();
    context.printer.line(&format!("{place}: {written} written, {unchanged} unchanged"));
    Ok(())
}
