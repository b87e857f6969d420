//! `wellhead plugin push`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use wellhead::push_plugin;
use wellhead_diagnostics::Code;
use wellhead_registry::{Artifact, Claims, Pushed, RegistryError};
use wellhead_spec::{Digest, MAX_COMPONENT, PluginReference, in_code, read_file};

use super::super::info::{Subject, component};
use super::reference;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Most characters of a version in a message.
const VERSION: usize = 100;

/// Put a plugin into a registry
///
/// Checks the component first. The version is the plugin's own, and stays what it is: pushing the same component again writes nothing,
/// and another component needs another version. Credentials are those of docker and podman.
#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The component, or the folder of its project
    plugin: PathBuf,
    /// `oci://HOST/REPOSITORY`, with the plugin's version or without one
    #[arg(value_name = "TARGET")]
    target: String,
    /// Adds an annotation to the manifest
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    annotation: Vec<(String, String)>,
    /// Replace a version that is another plugin
    #[arg(long, value_name = "KIND")]
    accept: Option<Accept>,
    /// Ask the registry nothing, and show what would be pushed
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Accept {
    /// Other content under the same version.
    Republished,
}

fn annotation(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|it| !it.0.is_empty());
    let (key, value) = parts.ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'r> {
    source: String,
    manifest: &'r Digest,
    component: &'r Digest,
    outcome: &'static str,
}

impl Push {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let file = component(&self.plugin)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let subject = Subject::load(&name, &file, context)?;
        let version = subject.plugin.description().version.clone();
        // A tag has no `+`.
        let tag = version.replace('+', "_");
        let target = reference(&self.target, &tag)?;
        check_version(&target, &tag, &version)?;
        let bytes = read_file(&file, MAX_COMPONENT)
            .map_err(|error| Failure::unwritable(&file, &std::io::Error::other(error)))?;
        let artifact = Artifact::new(bytes, &self.claims(&subject)?);
        let distribution = context.global.sourcing.distribution()?;
        let outcome = if self.dry_run {
            "not pushed"
        } else {
            let may_replace = self.accept.is_some();
            match push_plugin(&distribution, &target, &artifact, may_replace)? {
                Pushed::New => "pushed",
                Pushed::AlreadyThere => "already there",
                Pushed::Replaced => "replaced",
            }
        };
        let report = Report {
            source: target.to_string(),
            manifest: &artifact.digest,
            component: &artifact.component_digest,
            outcome,
        };
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginPushed", report, Vec::new()))?;
        } else {
            context.printer.text(&format!(
                "{}: {outcome}\nmanifest   {}\ncomponent  {}\n",
                report.source, report.manifest, report.component
            ))?;
        }
        Ok(Exit::Done)
    }

    /// What the plugin says of itself, for those who look at the registry. Nothing of it depends on when or where it is pushed.
    fn claims(&self, subject: &Subject) -> Result<Claims, Failure> {
        let about = subject.plugin.description();
        let known = [
            ("title", Some(&about.name)),
            ("version", Some(&about.version)),
            ("description", Some(&about.description).filter(|it| !it.is_empty())),
            ("licenses", about.license.as_ref()),
            ("url", about.homepage.as_ref()),
        ];
        let known = known.into_iter().filter_map(|(key, value)| {
            Some((format!("org.opencontainers.image.{key}"), value?.clone()))
        });
        let mut annotations: BTreeMap<_, _> = known.collect();
        annotations.extend(self.annotation.iter().cloned());
        let mut imports = subject.plugin.imports();
        imports.sort();
        imports.dedup();
        Ok(Claims {
            created: created()?,
            file: format!("{}.wasm", about.name),
            exports: subject.exports().into_iter().map(str::to_owned).collect(),
            imports,
            annotations,
        })
    }
}

/// The version that is typed, if any, is the plugin's own.
fn check_version(target: &PluginReference, tag: &str, version: &str) -> Result<(), Failure> {
    if target.tag() == Some(tag) && target.digest().is_none() {
        return Ok(());
    }
    let version = in_code(version, VERSION);
    let message = format!("{target} does not name version {version} of the plugin");
    let hint = Some(format!("write oci://{}:{tag}, or leave the version out", target.name()));
    Err(RegistryError { code: Code::OtherVersion, message, hint }.into())
}

/// The time that the config names: `SOURCE_DATE_EPOCH`, else the first second of 1970, so that the same component has one
/// digest. <https://reproducible-builds.org/specs/source-date-epoch/>
fn created() -> Result<String, Failure> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok("1970-01-01T00:00:00Z".to_owned());
    };
    let seconds = text.to_str().and_then(|it| it.parse().ok());
    let time = seconds.and_then(|it| Timestamp::from_second(it).ok());
    time.map(|it| it.to_string()).ok_or_else(|| {
        Failure::usage(
            "SOURCE_DATE_EPOCH is not a time",
            "set it to seconds since 1970, or unset it",
        )
    })
}
