//! `wellhead plugin verify`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::{VerifiedPlugin, verify_plugin};
use wellhead_registry::PublicKey;
use wellhead_spec::{Digest, read_file};

use super::reference;
use super::sign::MAX_KEY;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Show which signatures a plugin in a registry has, and whether they are the right ones
///
/// Exits with 4 if one is missing. A render needs none of this: it verifies what the trust policy requires.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// `oci://HOST/REPOSITORY:VERSION`
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The public key of a signer (PEM) [default: the keys of the trust policy's rule]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Report {
    source: String,
    manifest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    signed: bool,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    name: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize)]
struct Signature {
    digest: Digest,
    /// Why it is not one of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

impl Verify {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = reference(&self.source, "")?;
        let distribution = context.global.sourcing.distribution()?;
        let verified = verify_plugin(&distribution, &source, self.key()?)?;
        if verified.keys.is_empty() {
            let what = format!("nothing says who must have signed {source}");
            let hint = "pass `--key FILE`, or a trust policy whose rule for it requires a key";
            return Err(Failure::usage(what, hint));
        }
        let exit = if verified.is_signed() { Exit::Done } else { Exit::Refused };
        let report = report(source.to_string(), verified);
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginVerified", report, Vec::new()))?;
        } else {
            context.printer.text(&text(&report))?;
        }
        Ok(exit)
    }

    fn key(&self) -> Result<Option<(String, PublicKey)>, Failure> {
        let Some(file) = &self.key else { return Ok(None) };
        let shown = file.display().to_string();
        let pem = read_file(file, MAX_KEY).map_err(|error| {
            Failure::usage(
                format!("the key {shown} cannot be read: {error}"),
                "name a file with `--key`",
            )
        })?;
        let key = PublicKey::from_pem(&pem).map_err(|why| {
            Failure::usage(
                format!("the key {shown} cannot be used: {why}"),
                "name a public key in PEM",
            )
        })?;
        Ok(Some((shown, key)))
    }
}

fn report(source: String, verified: VerifiedPlugin) -> Report {
    let signed = verified.is_signed();
    let keys = verified.keys.into_iter().map(|key| Key {
        name: key.name,
        signatures: key
            .signatures
            .into_iter()
            .map(|(digest, problem)| Signature { digest, problem })
            .collect(),
    });
    Report {
        source,
        manifest: verified.manifest,
        rule: verified.rule,
        signed,
        keys: keys.collect(),
    }
}

fn text(report: &Report) -> String {
    let mut text = format!("{}\nmanifest   {}\n", report.source, report.manifest);
    if let Some(rule) = &report.rule {
        let _ = writeln!(text, "rule       {rule}");
    }
    for key in &report.keys {
        let signed = key.signatures.iter().any(|it| it.problem.is_none());
        let _ = writeln!(text, "{}  {}", if signed { "signed by" } else { "NOT by   " }, key.name);
        for Signature { digest, problem } in &key.signatures {
            let _ = writeln!(text, "  {digest}: {}", problem.unwrap_or("a signature of this key"));
        }
    }
    text
}
