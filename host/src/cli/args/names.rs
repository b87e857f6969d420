//! Which pipelines of the cluster a command is about: by name, or by their files.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use wellhead::{Cluster, Namespace};
use wellhead_cluster::PipelineRef;
use wellhead_spec::PipelineName;

use super::files;
use crate::cli::cluster;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Pipelines in the cluster.
#[derive(Clone, Debug, Args)]
pub(crate) struct Names {
    /// Names of pipelines
    #[arg(value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    #[arg(value_parser = name)]
    names: Vec<PipelineName>,
    /// The pipelines of these base specs: files, folders, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE", num_args = 1..)]
    file: Vec<PathBuf>,
}

/// All namespaces, or one.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Everywhere {
    /// Pipelines of all namespaces; overrides `-n`
    #[arg(short = 'A', long = "all-namespaces")]
    pub(crate) all: bool,
}

impl Everywhere {
    /// The namespace; `None` for all.
    pub(crate) fn namespace(self, context: &Context, cluster: &Cluster) -> Option<String> {
        (!self.all).then(|| cluster::namespace(context, cluster))
    }

    /// Says that there is nothing, which is no error.
    pub(crate) fn tell_empty(context: &Context, namespace: Option<&str>) {
        context.printer.line(&match namespace {
            Some(namespace) => {
                format!("no pipelines in namespace {namespace}; `-A` looks in all of them")
            }
            None => "no pipelines in any namespace".to_owned(),
        });
    }
}

/// Pipelines in the cluster, or every one that there is.
#[derive(Clone, Debug, Args)]
pub(crate) struct NamesOrAll {
    /// Names of pipelines [default: all of the namespace]
    #[arg(value_name = "NAME", value_parser = name, conflicts_with_all = ["file", "all"])]
    names: Vec<PipelineName>,
    /// The pipelines of these base specs: files, folders, or `-` for standard input
    #[arg(short, long, value_name = "PIPELINE", num_args = 1.., conflicts_with = "all")]
    file: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
}

impl NamesOrAll {
    /// The pipelines that are named; `None` for all.
    pub(crate) fn resolve(
        &self,
        context: &Context,
        cluster: &Cluster,
    ) -> Result<Option<Vec<PipelineRef>>, Failure> {
        let names = Names { names: self.names.clone(), file: self.file.clone() };
        let none = names.names.is_empty() && names.file.is_empty();
        if none { Ok(None) } else { names.resolve(context, cluster).map(Some) }
    }
}

impl Names {
    /// The pipelines, each once, in the order given.
    pub(crate) fn resolve(
        &self,
        context: &Context,
        cluster: &Cluster,
    ) -> Result<Vec<PipelineRef>, Failure> {
        let namespace = cluster::namespace(context, cluster);
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        let mut add = |one: PipelineRef| {
            if known.insert(one.clone()) {
                found.push(one);
            }
        };
        for name in &self.names {
            add(PipelineRef { namespace: namespace.clone(), name: name.to_string() });
        }
        if !self.file.is_empty() {
            let default = Namespace::new(&*namespace).ok();
            // Plugins cannot rename a pipeline, so they need not run.
            let inputs =
                wellhead::load(&files::request([&self.file, &[], &[]], context, default)?)?;
            for pipeline in &inputs.pipelines {
                let metadata = &pipeline.metadata;
                let theirs = metadata.namespace.as_ref().map_or(&*namespace, |it| it.as_str());
                add(PipelineRef { namespace: theirs.to_owned(), name: metadata.name.to_string() });
            }
        }
        Ok(found)
    }
}

/// Reads the name of a pipeline.
pub(crate) fn name(text: &str) -> Result<PipelineName, String> {
    PipelineName::new(text).map_err(|error| error.to_string())
}
