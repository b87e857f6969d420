//! `wellhead import`: StatefulSets that exist to pipelines.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use wellhead::import::{self, Import as Imported, ImportFinding};
use wellhead::{Pipeline, Severity, Source, load_manifests};
use wellhead_spec::ObjectName;

use super::cluster;
use super::diagnostic::Diagnostic;
use super::exit::Exit;
use super::failure::Failure;
use super::input;
use super::output_dir::{failed, replace};
use super::{Context, codes};

/// Write pipelines that render to StatefulSets which exist already
///
/// From a cluster, or from manifests: files, folders, `-`, e.g. `helm template db chart | wellhead import -f -`. A
/// pipeline takes the StatefulSet, the headless Service that it names and the claims of its replicas, with sizes and
/// classes that differ. What a server makes or fills in is left out. Everything that a pipeline does not say is told,
/// and so is every object that is left out. Nothing is written to the cluster; `wellhead plan --adopt` shows what
/// `wellhead apply --adopt` would do to take the objects over.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// StatefulSets of the cluster: NAME, sts/NAME or statefulset/NAME
    #[arg(value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    #[arg(value_parser = stateful_set)]
    names: Vec<ObjectName>,
    /// Manifests: a file, a folder, or `-` for standard input
    #[arg(short, long, value_name = "MANIFEST", num_args = 1..)]
    file: Vec<PathBuf>,
    /// Write one file for each pipeline, DIR/NAMESPACE/PIPELINE.yaml, instead of printing
    ///
    /// `_` stands for NAMESPACE where none is named. A file is replaced as a whole, and only when it differs.
    #[arg(short, long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
}

impl Import {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let mut findings = Vec::new();
        let imported = if self.file.is_empty() {
            cluster::block_on(self.live(context))?
        } else {
            self.manifests(context, &mut findings)?
        };
        findings.extend(imported.findings.iter().map(of_finding));
        let failed = findings.iter().any(|it| it.severity == Severity::Error);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| it.severity == Severity::Error);
        // A printer shows the first few of a kind, and here each one matters.
        for warning in &warnings {
            context.printer.warnings(std::slice::from_ref(warning));
        }
        for error in &errors {
            context.printer.print(std::slice::from_ref(error));
        }
        match &self.output_dir {
            Some(directory) => write(directory, &imported.pipelines, context)?,
            None => context.printer.text(&text(&imported.pipelines))?,
        }
        Ok(if failed { Exit::Error } else { Exit::Done })
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
        Err(Failure::not_found(Diagnostic::error(codes::NOT_FOUND, what).hint(hint)))
    }

    fn manifests(
        &self,
        context: &Context,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Imported, Failure> {
        input::check_terminal(&self.file)?;
        let sources: Vec<_> = self.file.iter().cloned().map(Source::from).collect();
        let manifests = load_manifests(&sources);
        let texts = |file: &Path| manifests.text(file);
        findings.extend(manifests.findings.iter().map(|it| Diagnostic::of_finding(it, texts)));
        let mut imported = import::from_manifests(&manifests.objects);
        if let Some(namespace) = &context.global.namespace {
            for pipeline in &mut imported.pipelines {
                let metadata = &mut pipeline.metadata;
                let theirs = metadata.namespace.get_or_insert_with(|| namespace.clone());
                if theirs != namespace {
                    let what = format!("statefulset/{} is in namespace {theirs}", metadata.name);
                    let hint = format!("leave `-n {namespace}` out, or change the manifest");
                    findings.push(Diagnostic::error(wellhead::codes::NAMESPACE, what).hint(hint));
                }
            }
        }
        Ok(imported)
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

fn of_finding(finding: &ImportFinding) -> Diagnostic {
    let base = match finding.severity {
        Severity::Error => Diagnostic::error(finding.code, said(finding)),
        Severity::Warning => Diagnostic::warning(finding.code, said(finding)),
    };
    let mut one = Diagnostic {
        object: Some(finding.object.clone()).filter(|it| !it.is_empty()),
        field: finding.field.as_ref().map(ToString::to_string),
        ..base
    };
    one = finding.reason.iter().fold(one, super::diagnostic::Diagnostic::fact);
    one = finding.hint.iter().fold(one, super::diagnostic::Diagnostic::hint);
    match &finding.location {
        Some(location) => one.at(location, None),
        None => one,
    }
}

fn said(finding: &ImportFinding) -> String {
    // A kind that is left out names its objects.
    if finding.object.is_empty() || finding.code == import::codes::LEFT_OUT {
        finding.message.clone()
    } else {
        format!("{}: {}", finding.object, finding.message)
    }
}

fn text(pipelines: &[Pipeline]) -> String {
    pipelines.iter().map(Pipeline::to_yaml).collect::<Vec<_>>().join("---\n")
}

fn write(directory: &Path, pipelines: &[Pipeline], context: &Context) -> Result<(), Failure> {
    let (mut written, mut unchanged) = (0, 0);
    for pipeline in pipelines {
        let metadata = &pipeline.metadata;
        let namespace = metadata.namespace.as_ref().map_or("_", |it| it.as_str());
        let folder = directory.join(namespace);
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        let path = folder.join(format!("{}.yaml", metadata.name));
        let changed = replace(&path, &pipeline.to_yaml()).map_err(|error| failed(&path, &error))?;
        *(if changed { &mut written } else { &mut unchanged }) += 1;
    }
    let place = directory.display();
    context.printer.line(&format!("{place}: {written} written, {unchanged} unchanged"));
    Ok(())
}
